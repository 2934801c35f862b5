"""The part of JSON Schema that the contract needs; a keyword it does not know is an error, not ignored."""

from collections.abc import Callable, Iterator
import json
from pathlib import Path
import re
from typing import Any, Final

_FOLDER: Final = Path(__file__).parent / "schemas"
_TYPES: Final[dict[str, tuple[type, ...]]] = {
    "object": (dict,),
    "string": (str,),
    "array": (list,),
    "integer": (int,),
    "null": (type(None),),
}
_HOLDS: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "type": lambda value, names: _is_of(value, [names] if isinstance(names, str) else names),
    "const": lambda value, wanted: bool(value == wanted),
    "enum": lambda value, words: value in words,
    "pattern": lambda value, pattern: not isinstance(value, str) or bool(re.search(pattern, value)),
    "maxLength": lambda value, limit: not isinstance(value, str) or len(value) <= limit,
    "minimum": lambda value, least: not isinstance(value, int) or value >= least,
}


def schema(name: str) -> dict[str, Any]:
    """Return one of the contract's schemas."""
    read: dict[str, Any] = json.loads((_FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    return read


def faults(value: Any, schema: dict[str, Any], where: str = "$") -> Iterator[str]:
    """Return what is wrong with a value."""
    rules = dict(schema)
    properties = rules.pop("properties", {})
    items = rules.pop("items", None)
    required, closed = rules.pop("required", []), rules.pop("additionalProperties", True) is False
    yield from (f"{where}: {keyword}" for keyword, rule in rules.items() if not _HOLDS[keyword](value, rule))
    if items is not None and isinstance(value, list):
        for number, each in enumerate(value):
            yield from faults(each, items, f"{where}[{number}]")
    if isinstance(value, dict):
        yield from (f"{where}: {name} is missing" for name in required if name not in value)
        yield from (f"{where}: {name} is unknown" for name in value if closed and name not in properties)
        for name, inner in properties.items():
            if name in value:
                yield from faults(value[name], inner, f"{where}.{name}")


def _is_of(value: Any, names: list[str]) -> bool:
    return not isinstance(value, bool) and any(isinstance(value, _TYPES[name]) for name in names)
