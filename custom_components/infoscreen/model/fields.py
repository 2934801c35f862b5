"""One JSON object read field by field: what is of the wrong type is left out, and noticed."""

from collections.abc import Callable, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from .messages import NOTHING, EventId
from .text import bounded_object, bounded_text
from .wire import read_time

MAX_TEXT: Final = 255  # what a state in Home Assistant can hold
MAX_LOG_SIZE: Final = 4 * 1024  # bytes, of the message and of the context
MAX_WHOLE: Final = 2**63 - 1


class Fields:
    """One JSON object, read field by field; remembers whether one had the wrong type."""

    __slots__ = ("_values", "wrong")

    def __init__(self, values: Mapping[str, Any]) -> None:
        self._values = values
        self.wrong = False

    def _of[T](self, key: str, check: Callable[[Any], T | None]) -> T | None:
        value = self._values.get(key)
        if value is None:
            return None
        if (read := check(value)) is None:
            self.wrong = True
        return read

    def text(self, key: str, limit: int = MAX_TEXT) -> str | None:
        """Return a text without NUL and surrounding space, cut to what can be shown; an empty one is none."""
        value = self._of(key, lambda v: v if isinstance(v, str) else None) or ""
        # Cut twice: what is stripped is short, and what is left fits.
        clean = value[: limit * 2].replace("\0", "\N{REPLACEMENT CHARACTER}").strip()
        return clean[:limit].strip() or None

    def raw(self, key: str) -> str | None:
        """Return a text as it is."""
        return self._of(key, lambda v: v if isinstance(v, str) else None)

    def context(self, key: str) -> dict[str, Any] | str | None:
        """Return an object or a text, not larger than a line of a log may have."""
        value: Any = self._of(key, lambda v: v if isinstance(v, dict | str) else None)
        if isinstance(value, str):
            return bounded_text(value, MAX_LOG_SIZE)
        return None if value is None else bounded_object(value, MAX_LOG_SIZE)

    def whole(self, key: str) -> int | None:
        """Return a whole number, zero or more."""
        return self._of(key, lambda v: v if type(v) is int and 0 <= v <= MAX_WHOLE else None)

    def flag(self, key: str) -> bool | None:
        """Return a yes or no."""
        return self._of(key, lambda v: v if isinstance(v, bool) else None)

    def time(self, key: str) -> datetime | None:
        """Return a moment."""
        return self._of(key, lambda v: read_time(v) if isinstance(v, str) else None)

    def one_of[E: StrEnum](self, key: str, choices: type[E]) -> E | None:
        """Return one of a closed set of words."""
        return self._of(key, lambda v: choices(v) if isinstance(v, str) and v in choices else None)

    def event_id(self, key: str) -> EventId:
        """Return an event's id; `null` is known to be none."""
        if key in self._values and self._values[key] is None:
            return NOTHING
        return self.whole(key)

    def block(self, key: str) -> Fields:
        """Return a block of fields, an empty one where it is missing."""
        return Fields(self._of(key, lambda v: v if isinstance(v, dict) else None) or {})
