"""Recurrence rules of RFC 5545 as python-dateutil reads them, walked from where somebody looks."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from functools import lru_cache
from itertools import islice, takewhile
import re
from typing import Any, Final
from zoneinfo import ZoneInfo

from dateutil import rrule as dateutil_rule

from ..errors import Refused
from .clock import LAST, wall_of
from .rule_text import DAYS, TIMES, By, Frequency, sketch_of, with_part

_UNTIL: Final = re.compile(r"[0-9]{8}(T[0-9]{6}Z?)?")

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
            return with_part(self.text, "COUNT", f"{self.count_before(wall)}")
        if all_day:
            return with_part(self.text, "UNTIL", f"{wall - timedelta(days=1):%Y%m%d}")
        return with_part(self.text, "UNTIL", f"{wall - timedelta(seconds=1):%Y%m%dT%H%M%S}")

    def going_on_from(self, wall: datetime) -> str:
        """Return the rule for the rest of a series: of those counted, what remains."""
        if self.count is None:
            return self.text
        return with_part(self.text, "COUNT", f"{self.count - self.count_before(wall)}")

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


def read_rule(text: str, start: datetime, zone: ZoneInfo, *, all_day: bool = False) -> Rule:
    """Read a rule, or refuse what is none or would never end to be looked at."""
    sketch = sketch_of(text)
    if all_day and sketch.names & TIMES:
        raise Refused("rule_invalid", rule=text)
    times = {"byhour": (start.hour,), "byminute": (start.minute,), "bysecond": (start.second,)}
    by: dict[str, Any] = {**times, **sketch.by}
    if not sketch.names & DAYS:
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


def _implied(frequency: Frequency, start: datetime) -> dict[str, Any]:
    """Return the days that a rule that names none takes from its start (RFC 5545, 3.3.10)."""
    return {
        dateutil_rule.YEARLY: {"bymonth": (start.month,), "bymonthday": (start.day,)},
        dateutil_rule.MONTHLY: {"bymonthday": (start.day,)},
        dateutil_rule.WEEKLY: {"byweekday": (start.weekday(),)},
        dateutil_rule.DAILY: {},
    }[frequency]


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
