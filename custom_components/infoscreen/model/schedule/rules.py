"""Recurrence rules of RFC 5545 as python-dateutil reads them, walked from where somebody looks."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from functools import lru_cache
from itertools import islice, takewhile
from math import prod
import re
from typing import Any, Final, Literal
from zoneinfo import ZoneInfo

from dateutil import rrule as dateutil_rule

from ..errors import Refused
from .clock import LAST, wall_of

# The length of a day plan: a rule that showed more would be one by the minute under another name.
MAX_TIMES_A_DAY: Final = 24
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
_UNTIL: Final = re.compile(r"[0-9]{8}(T[0-9]{6}Z?)?")
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
_TIMES: Final = {"BYHOUR", "BYMINUTE", "BYSECOND"}
_DAYS: Final = {"BYWEEKNO", "BYYEARDAY", "BYMONTHDAY", "BYDAY"}
_KNOWN: Final = {"FREQ", "INTERVAL", "COUNT", "UNTIL", "WKST", "BYDAY", *_LISTS}

# The calendar repeats itself, weekdays included, after this; dateutil walks to the year 9999 and no further.
_CYCLE: Final = timedelta(days=146_097)
_LAST_CYCLE: Final = 19 * _CYCLE


@dataclass(frozen=True, kw_only=True, slots=True)
class Rule:
    """When a series begins again: times on the wall of its zone."""

    text: str
    start: datetime
    frequency: Frequency
    interval: int = 1
    week_start: int = 0
    by: By
    count: int | None = None
    until: datetime | None = None

    last: datetime = field(init=False, repr=False, compare=False)
    """No start is later: UNTIL, the last that COUNT counts, or the end of all planning."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "last", self.until or LAST)
        if self.count is not None and self.ever_occurs():
            *_, last = islice(takewhile(lambda start: start <= LAST, self._from_start()), self.count)
            object.__setattr__(self, "last", last)

    def walk(self, since: datetime) -> Iterator[datetime]:
        """Yield the starts from a time on; what lies before costs nothing."""
        if since > self.last:
            return
        since = max(since, self.start)
        begin = self._jump(since)
        for start in _shared_walk(self.frequency, self.interval, self.week_start, self.by, begin):
            if start > self.last:
                return
            if start >= since:
                yield start

    def has(self, wall: datetime) -> bool:
        """Tell whether the series begins at a time."""
        return next(self.walk(wall), None) == wall

    def count_before(self, wall: datetime) -> int:
        """Return how many starts there are before a time."""
        return sum(1 for _ in takewhile(lambda start: start < wall, self._from_start()))

    def ever_occurs(self) -> bool:
        """Tell whether there is a start; found out in the calendar's last cycle, where the walk ends."""
        first = next(iter(self._from_start(_LAST_CYCLE)), None)
        return first is not None and first - _LAST_CYCLE <= self.last

    def _from_start(self, later: timedelta = timedelta()) -> Iterable[datetime]:
        """Return dateutil's walk from the beginning; it may be long and is not kept."""
        return _walk(self.frequency, self.interval, self.week_start, self.by, self.start + later)

    def ending_before(self, wall: datetime, *, all_day: bool) -> str:
        """Return the rule for what comes before one of the starts."""
        if self.count is not None:
            return _with(self.text, "COUNT", f"{self.count_before(wall)}")
        if all_day:
            return _with(self.text, "UNTIL", f"{wall - timedelta(days=1):%Y%m%d}")
        return _with(self.text, "UNTIL", f"{wall - timedelta(seconds=1):%Y%m%dT%H%M%S}")

    def going_on_from(self, wall: datetime) -> str:
        """Return the rule for the rest of a series: of those counted, what remains."""
        if self.count is None:
            return self.text
        return _with(self.text, "COUNT", f"{self.count - self.count_before(wall)}")

    def _jump(self, wall: datetime) -> datetime:
        """Return where a walk may begin: the start, or the first day of a later span that the rule visits."""
        start, steps = self.start.date(), self.interval
        day, one = wall.date(), timedelta(days=1)
        if self.frequency == dateutil_rule.DAILY:
            visited = start + (day - start).days // steps * steps * one
        elif self.frequency == dateutil_rule.WEEKLY:
            week = start - (start.weekday() - self.week_start) % 7 * one
            visited = week + (day - week).days // (7 * steps) * 7 * steps * one
        elif self.frequency == dateutil_rule.MONTHLY:
            months = (day.year - start.year) * 12 + day.month - start.month
            year, month = divmod(start.year * 12 + start.month - 1 + months // steps * steps, 12)
            visited = start.replace(year=year, month=month + 1, day=1)
        else:
            year = start.year + (day.year - start.year) // steps * steps
            visited = start.replace(year=year, month=1, day=1)
        return self.start if visited <= start else datetime.combine(visited, time.min)


def _walk(
    frequency: Frequency, interval: int, week_start: int, by: By, begin: datetime, *, cache: bool = False
) -> dateutil_rule.rrule:
    """Return dateutil's walk through a rule."""
    return dateutil_rule.rrule(
        frequency, dtstart=begin, interval=interval, wkst=week_start, cache=cache, **dict(by)
    )


@lru_cache(maxsize=256)
def _shared_walk(
    frequency: Frequency, interval: int, week_start: int, by: By, begin: datetime
) -> dateutil_rule.rrule:
    """Return a walk that rules which say the same share, with what it has found."""
    return _walk(frequency, interval, week_start, by, begin, cache=True)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Sketch:
    """A rule as it is written, whenever it starts."""

    names: frozenset[str]
    frequency: Frequency
    interval: int
    week_start: int
    by: Mapping[str, Any]
    count: int | None
    until: str | None


def read_rule(text: str, start: datetime, zone: ZoneInfo, *, all_day: bool = False) -> Rule:
    """Read a rule, or refuse what is none or would never end to be looked at."""
    sketch = _sketch(text)
    if all_day and sketch.names & _TIMES:
        raise Refused("rule_invalid", rule=text)
    times = {"byhour": (start.hour,), "byminute": (start.minute,), "bysecond": (start.second,)}
    by: dict[str, Any] = {**times, **sketch.by}
    if not sketch.names & _DAYS:
        by = _implied(sketch.frequency, start) | by
    return Rule(
        text=text,
        start=start,
        frequency=sketch.frequency,
        interval=sketch.interval,
        week_start=sketch.week_start,
        by=tuple(by.items()),
        count=sketch.count,
        until=_until(text, sketch.until, zone, all_day=all_day) if sketch.until else None,
    )


def normalised(text: str) -> str:
    """Return a rule as it is kept."""
    return text.strip().upper().rstrip(";")


def _with(text: str, name: str, value: str) -> str:
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
def _sketch(text: str) -> _Sketch:
    """Read what is written of a rule."""
    parts = _parts(text)
    by: dict[str, Any] = {name.lower(): _numbers(text, name, parts[name]) for name in _LISTS if name in parts}
    times = [len(by.get(name.lower(), [0])) for name in _TIMES]
    if parts.get("FREQ") in _TOO_OFTEN or prod(times) > MAX_TIMES_A_DAY:
        raise Refused("rule_too_often", rule=text)
    if parts.get("FREQ") not in _FREQUENCIES:
        raise Refused("rule_invalid", rule=text)
    if "BYDAY" in parts:
        by["byweekday"] = tuple(_weekday(text, each) for each in parts["BYDAY"].split(","))
    return _Sketch(
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


def _implied(frequency: Frequency, start: datetime) -> dict[str, Any]:
    """Return the days that a rule that names none takes from its start (RFC 5545, 3.3.10)."""
    return {
        dateutil_rule.YEARLY: {"bymonth": (start.month,), "bymonthday": (start.day,)},
        dateutil_rule.MONTHLY: {"bymonthday": (start.day,)},
        dateutil_rule.WEEKLY: {"byweekday": (start.weekday(),)},
        dateutil_rule.DAILY: {},
    }[frequency]


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


def _until(text: str, value: str, zone: ZoneInfo, *, all_day: bool) -> datetime:
    """Read until when: a day to its end, a time of the wall, or a moment in UTC."""
    try:
        until = datetime.fromisoformat(value if _UNTIL.fullmatch(value) else "")
    except ValueError as err:
        raise Refused("rule_invalid", rule=text) from err
    if until.tzinfo is not None:
        until = wall_of(until, zone)
    elif len(value) == len("YYYYMMDD") and not all_day:
        until += timedelta(days=1, seconds=-1)
    return min(until, LAST)
