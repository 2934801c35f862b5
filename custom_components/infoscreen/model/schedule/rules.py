"""Recurrence rules of RFC 5545 as python-dateutil reads them, walked from where somebody looks."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
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

# What leaves out days wherever they are looked at from, and what is another thing in a month than in a week.
_OF_THE_YEAR: Final = frozenset(["bymonth", "bymonthday", "byyearday"])
_WITHIN_A_SPAN: Final = frozenset(["bysetpos", "byweekno"])


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
        since, by_months = max(since, self.start), self._by_months
        for start in self._walk_months(since) if by_months else self._walk_spans(since):
            if start > self.last:
                return
            if start >= since and (not by_months or self._visits(start)):
                yield start

    def _walk_spans(self, since: datetime) -> Iterable[datetime]:
        """Return a walk from the span of a time, or the last one visited before."""
        return _shared_walk(self.frequency, self.interval, self.week_start, self.by, self._jump(since))

    def _walk_months(self, since: datetime) -> Iterable[datetime]:
        """Return a walk from the month of a time; it goes where the rule's interval may not."""
        month = datetime.combine(since.date().replace(day=1), time.min)
        by = tuple({**dict(self.by), "byweekday": self._weekdays}.items())
        return _shared_walk(dateutil_rule.MONTHLY, 1, self.week_start, by, max(month, self.start))

    @property
    def _by_months(self) -> bool:
        """Tell whether whole months are walked instead of days or weeks: nearly all may be left out."""
        names = {name for name, _ in self.by}
        often = self.frequency in {dateutil_rule.DAILY, dateutil_rule.WEEKLY}
        return often and bool(names & _OF_THE_YEAR) and not names & _WITHIN_A_SPAN

    @property
    def _weekdays(self) -> tuple[int, ...]:
        """Return on which days of the week it may begin; the first Monday of a day or week is any Monday."""
        return tuple(getattr(day, "weekday", day) for day in dict(self.by).get("byweekday", range(7)))

    def _visits(self, start: datetime) -> bool:
        """Tell whether the day or week of a time is one of those that the interval visits."""
        days = 7 if self.frequency == dateutil_rule.WEEKLY else 1
        return (start.date() - self._span(start)).days < days

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
        visited = self._span(wall)
        return self.start if visited <= self.start.date() else datetime.combine(visited, time.min)

    def _span(self, wall: datetime) -> date:
        """Return the first day of the last span (day, week, month, year) before a time that is visited."""
        start, steps = self.start.date(), self.interval
        day, one = wall.date(), timedelta(days=1)
        if self.frequency == dateutil_rule.DAILY:
            return start + (day - start).days // steps * steps * one
        if self.frequency == dateutil_rule.WEEKLY:
            week = start - (start.weekday() - self.week_start) % 7 * one
            return week + (day - week).days // (7 * steps) * 7 * steps * one
        if self.frequency == dateutil_rule.MONTHLY:
            months = (day.year - start.year) * 12 + day.month - start.month
            year, month = divmod(start.year * 12 + start.month - 1 + months // steps * steps, 12)
            return start.replace(year=year, month=month + 1, day=1)
        year = start.year + (day.year - start.year) // steps * steps
        return start.replace(year=year, month=1, day=1)


def _walk(
    frequency: Frequency, interval: int, week_start: int, by: By, begin: datetime, *, cache: bool = False
) -> dateutil_rule.rrule:
    """Return dateutil's walk through a rule."""
    return dateutil_rule.rrule(
        frequency, dtstart=begin, interval=interval, wkst=week_start, cache=cache, **dict(by)
    )


@lru_cache(maxsize=2048)  # a timetable has so many, of a few kilobytes each
def _shared_walk(
    frequency: Frequency, interval: int, week_start: int, by: By, begin: datetime
) -> dateutil_rule.rrule:
    """Return a walk that rules which say the same share, with what it has found.

    dateutil looks ten starts ahead to keep them; where it alone can walk, those may be centuries away.
    """
    kept = not _WITHIN_A_SPAN.intersection(name for name, _ in by)
    return _walk(frequency, interval, week_start, by, begin, cache=kept)


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
