"""Occurrences: each time an event is shown, found from any moment on without walking there."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from heapq import merge
from itertools import groupby
from operator import attrgetter
from typing import Final

from .clock import moment_of, wall_of, zone_named
from .events import Event, Override
from .rules import Rule

_DAY: Final = timedelta(days=1)
_starts_at: Final = attrgetter("starts_at")

type IsOff = Callable[[Event, datetime], bool]
"""Whether an event is left out on the day of a time on its wall."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Occurrence:
    """One showing of an event."""

    event: Event
    """The event as it is this time."""
    original: datetime
    """When the series has it begin, on the wall, whatever became of it since: its name for good."""
    starts_at: datetime
    ends_at: datetime
    rule: Rule | None
    """The rule of its series."""

    @property
    def event_id(self) -> int:
        """Return whose occurrence it is."""
        return self.event.event_id

    @property
    def start(self) -> datetime:
        """Return when it begins, on the wall."""
        return wall_of(self.starts_at, zone_named(self.event.time_zone))

    @property
    def end(self) -> datetime:
        """Return when it ends, on the wall."""
        return wall_of(self.ends_at, zone_named(self.event.time_zone))

    def called(self) -> str:
        """Return the original start as it is told: with its offset, a date when all-day."""
        if self.event.all_day:
            return self.original.date().isoformat()
        zone = zone_named(self.event.time_zone)
        return moment_of(self.original, zone).astimezone(zone).isoformat()


def never_off(_event: Event, _wall: datetime) -> bool:
    """Tell of no day off."""
    return False


def occurrences(event: Event, since: datetime, is_off: IsOff = never_off) -> Iterator[Occurrence]:
    """Yield the occurrences that are not over at a moment, by their start."""
    for occurrence in _all(event, since):
        wall = occurrence.start if occurrence.event is not event else occurrence.original
        if since < occurrence.ends_at and not is_off(occurrence.event, wall):
            yield occurrence


def between(event: Event, begin: datetime, end: datetime, is_off: IsOff = never_off) -> Iterator[Occurrence]:
    """Yield the occurrences that are on at some time between two moments."""
    for occurrence in occurrences(event, begin, is_off):
        if occurrence.starts_at >= end:
            return
        yield occurrence


@dataclass(frozen=True, kw_only=True, slots=True)
class Outlook:
    """What of an event is on at a moment, and when that changes."""

    active: tuple[Occurrence, ...]
    upcoming: Occurrence | None
    """The next to begin."""
    changes_at: datetime | None


def outlook(event: Event, now: datetime, is_off: IsOff = never_off) -> Outlook:
    """Look at an event from a moment."""
    active: list[Occurrence] = []
    upcoming = None
    for occurrence in occurrences(event, now, is_off):
        if occurrence.starts_at > now:
            upcoming = occurrence
            break
        active.append(occurrence)
    changes = [each.ends_at for each in active]
    if upcoming is not None:
        changes.append(upcoming.starts_at)
    return Outlook(active=tuple(active), upcoming=upcoming, changes_at=min(changes, default=None))


def _all(event: Event, since: datetime) -> Iterator[Occurrence]:
    """Yield all occurrences from some time before a moment on."""
    if event.rule is None:
        return iter(_lasting([_occurrence(event, event.start)]))
    begin = wall_of(since, zone_named(event.time_zone)) - (event.end - event.start) - _DAY
    starts = (start for start in event.rule.walk(begin) if start not in event.apart)
    regular = _regular(event, starts)
    if not event.overrides:
        return regular
    moved = _lasting([_overridden(event, override) for override in event.overrides])
    return merge(regular, sorted(moved, key=_starts_at), key=_starts_at)


def _regular(event: Event, starts: Iterator[datetime]) -> Iterator[Occurrence]:
    """Yield the occurrences that are like the others.

    Within the day on which clocks change, the order of moments may not be that of the wall.
    """
    for _, day in groupby(starts, key=datetime.date):
        yield from sorted(_lasting([_occurrence(event, start) for start in day]), key=_starts_at)


def _occurrence(event: Event, start: datetime) -> Occurrence:
    """Return the occurrence that begins at a time on the wall, in which its end is the wall's too."""
    zone = zone_named(event.time_zone)
    return Occurrence(
        event=event,
        original=start,
        starts_at=moment_of(start, zone),
        ends_at=moment_of(start + (event.end - event.start), zone),
        rule=event.rule,
    )


def _overridden(event: Event, override: Override) -> Occurrence:
    """Return an occurrence that is not like the others."""
    single = event.single(override.occurrence, override.changes)
    return Occurrence(
        event=single,
        original=override.occurrence,
        starts_at=single.starts_at,
        ends_at=single.ends_at,
        rule=event.rule,
    )


def _lasting(occurrences: list[Occurrence]) -> list[Occurrence]:
    """Leave out what is over before it begins: it was to end within an hour that daylight saving skips."""
    return [each for each in occurrences if each.starts_at < each.ends_at]
