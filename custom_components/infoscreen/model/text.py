"""Text from outside: what nothing can store or show is replaced, and none of it is longer than allowed."""

from collections.abc import Mapping
import json
import re
from typing import Any, Final
from unicodedata import category

import orjson

from .wire import as_json

#: Deeper values are kept as text: what shows JSON to people bounds how deep it goes.
MAX_DEPTH: Final = 20

_UNSTORABLE = re.compile("[\0\ud800-\udfff]")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
# Letters of some scripts, and emoji, are spelled with them.
_JOINERS: Final = "\N{ZERO WIDTH JOINER}\N{ZERO WIDTH NON-JOINER}"


class _TooDeepError(Exception):
    """A value is nested deeper than anybody wants to read."""


def clean(text: str) -> str:
    """Return a text without NUL and halves of characters."""
    return _UNSTORABLE.sub("\N{REPLACEMENT CHARACTER}", text)


def printable(text: str) -> str:
    """Return a text without control characters but line ends and tabs; as JSON it is not twice as long."""
    return _CONTROL.sub("\N{REPLACEMENT CHARACTER}", text)


def is_legible(text: str) -> bool:
    """Tell whether all of a text is to be seen in one line, as a space of whatever width is."""
    return all(each.isprintable() or each in _JOINERS or category(each) == "Zs" for each in text)


def cut(text: str, size: int) -> str:
    """Return as much of a clean text as fits into so many bytes, never half a character."""
    return text.encode()[:size].decode(errors="ignore")


def bounded_text(text: str, size: int) -> str:
    """Return a text, cleaned and cut."""
    return cut(clean(text[:size]), size)


def bounded_object(value: Mapping[str, Any], size: int) -> dict[str, Any] | str:
    """Return an object of JSON, cleaned; as cut text if it is too large, too deep or cannot be written."""
    try:
        cleaned: dict[str, Any] = _cleaned(value, MAX_DEPTH)
        if len(as_json(cleaned)) <= size:
            return cleaned
    except _TooDeepError, orjson.JSONEncodeError:
        pass
    return bounded_text(json.dumps(value, ensure_ascii=False), size)


def _cleaned(value: Any, depth: int) -> Any:
    """Return a value of JSON with all texts in it clean."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, Mapping | list) and not depth:
        raise _TooDeepError
    if isinstance(value, Mapping):
        return {clean(key): _cleaned(each, depth - 1) for key, each in value.items()}
    return [_cleaned(each, depth - 1) for each in value] if isinstance(value, list) else value
