"""Recurrence rules as they are written: taken apart, checked, and put together anew."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from math import prod
import re
from typing import Any, Final, Literal

from dateutil import rrule as dateutil_rule

from ..errors import Refused

# The length of a day plan: a rule that showed more would be one by the minute under another name.
MAXTIMES_A_DAY: Final = 24
# Thirty years of days. Such a rule has to be counted from its beginning.
MAX_COUNT: Final = 10_000
MAX_INTERVAL: Final = 1_000
MAX_RULE_LENGTH: Final = 500

type Frequency = Literal[0, 1, 2, 3]
type By = tuple[tuple[str, Any], ...]
"""What a rule expands and leaves out, in dateutil's words."""

_FREQUENCIES: Final[Mapping[str, Frequency]] = {
    "YEARLY": dateutil_rule.YEARLY,
    "MONTHLY": dateutil_rule.MONTHLY,
    "WEEKLY": dateutil_rule.WEEKLY,
    "DAILY": dateutil_rule.DAILY,
}
_TOO_OFTEN: Final = {"HOURLY", "MINUTELY", "SECONDLY"}
_WEEKDAYS: Final = {
    "MO": dateutil_rule.MO,
    "TU": dateutil_rule.TU,
    "WE": dateutil_rule.WE,
    "TH": dateutil_rule.TH,
    "FR": dateutil_rule.FR,
    "SA": dateutil_rule.SA,
    "SU": dateutil_rule.SU,
}
_WEEKDAY: Final = re.compile(r"([+-]?[1-9][0-9]?)?([A-Z]{2})")
#: Lists of whole numbers: from, to, and whether they also count from the end.
_LISTS: Final = {
    "BYMONTH": (1, 12, False),
    "BYMONTHDAY": (1, 31, True),
    "BYYEARDAY": (1, 366, True),
    "BYWEEKNO": (1, 53, True),
    "BYSETPOS": (1, 366, True),
    "BYHOUR": (0, 23, False),
    "BYMINUTE": (0, 59, False),
    "BYSECOND": (0, 59, False),
}
TIMES: Final = {"BYHOUR", "BYMINUTE", "BYSECOND"}
DAYS: Final = {"BYWEEKNO", "BYYEARDAY", "BYMONTHDAY", "BYDAY"}
_KNOWN: Final = {"FREQ", "INTERVAL", "COUNT", "UNTIL", "WKST", "BYDAY", *_LISTS}


@dataclass(frozen=True, kw_only=True, slots=True)
class Sketch:
    """A rule as it is written, whenever it starts."""

    names: frozenset[str]
    frequency: Frequency
    interval: int
    week_start: int
    by: Mapping[str, Any]
    count: int | None
    until: str | None


def normalised(text: str) -> str:
    """Return a rule as it is kept."""
    return text.strip().upper().rstrip(";")


def with_part(text: str, name: str, value: str) -> str:
    """Return a rule with another part."""
    return ";".join(f"{each}={part}" for each, part in (_parts(text) | {name: value}).items())


def _parts(text: str) -> dict[str, str]:
    """Take a rule apart; each part is there once."""
    pairs = [part.partition("=") for part in text.split(";")]
    parts = {name: value for name, _, value in pairs}
    sound = len(parts) == len(pairs) and len(text) <= MAX_RULE_LENGTH
    if not sound or parts.keys() - _KNOWN or {"COUNT", "UNTIL"} <= parts.keys():
        raise Refused("rule_invalid", rule=text[:MAX_RULE_LENGTH])
    return parts


@lru_cache(maxsize=1024)
def sketch_of(text: str) -> Sketch:
    """Read what is written of a rule."""
    parts = _parts(text)
    by: dict[str, Any] = {name.lower(): _numbers(text, name, parts[name]) for name in _LISTS if name in parts}
    times = [len(by.get(name.lower(), [0])) for name in TIMES]
    if parts.get("FREQ") in _TOO_OFTEN or prod(times) > MAXTIMES_A_DAY:
        raise Refused("rule_too_often", rule=text)
    if parts.get("FREQ") not in _FREQUENCIES:
        raise Refused("rule_invalid", rule=text)
    if "BYDAY" in parts:
        by["byweekday"] = tuple(_weekday(text, each) for each in parts["BYDAY"].split(","))
    return Sketch(
        names=frozenset(parts),
        frequency=_FREQUENCIES[parts["FREQ"]],
        interval=_number(text, parts.get("INTERVAL", "1"), 1, MAX_INTERVAL),
        week_start=_weekday(text, parts.get("WKST", "MO")).weekday,
        by=by,
        count=_number(text, parts["COUNT"], 1, MAX_COUNT) if "COUNT" in parts else None,
        until=parts.get("UNTIL"),
    )


def _numbers(text: str, name: str, value: str) -> tuple[int, ...]:
    """Read a list of whole numbers; some count from the end too."""
    lowest, highest, negative = _LISTS[name]
    numbers = {_number(text, each, -highest, highest) for each in value.split(",")}
    if not all(lowest <= (abs(number) if negative else number) for number in numbers):
        raise Refused("rule_invalid", rule=text)
    return tuple(sorted(numbers))


def _weekday(text: str, value: str) -> Any:
    """Read a day of the week, as in `MO` or `-1FR`."""
    match = _WEEKDAY.fullmatch(value)
    if match is None or match[2] not in _WEEKDAYS or abs(int(match[1] or 1)) > 53:
        raise Refused("rule_invalid", rule=text)
    return _WEEKDAYS[match[2]](int(match[1])) if match[1] else _WEEKDAYS[match[2]]


def _number(text: str, value: str, lowest: int, highest: int) -> int:
    """Read a whole number within bounds."""
    if not re.fullmatch(r"[+-]?[0-9]{1,5}", value) or not lowest <= int(value) <= highest:
        raise Refused("rule_invalid", rule=text)
    return int(value)
