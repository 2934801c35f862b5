"""Chains: what is planned, joined to the times in which TVs stay on."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from heapq import merge
from itertools import takewhile
from typing import Final

from .schedule.events import RANK, Event, Priority
from .schedule.series import IsOff, Occurrence, occurrences

# A chain that has no beginning or no end in so many days is told to have it there.
_DAYS_BACK: Final = (1, 4, 32)
_DAYS_AHEAD: Final = 32


@dataclass(frozen=True, kw_only=True, slots=True)
class Margins:
    """How long TVs are on before and after what is shown, and what gaps are bridged; each below a day."""

    lead: timedelta = timedelta()
    lag: timedelta = timedelta()
    bridge: timedelta = timedelta()


@dataclass(frozen=True, kw_only=True, slots=True)
class Chain:
    """Occurrences between which TVs stay on, and from when to when that is, lead and lag among it."""

    start: datetime
    end: datetime
    shows: tuple[Occurrence, ...]


def planned(events: Iterable[Event], since: datetime, is_off: IsOff) -> Iterator[Occurrence]:
    """Yield what is planned and not over at a moment, by its start; it may never end.

    A filler is looked at only if one of its occurrences is something else, and not for ever.
    """
    far = since + timedelta(days=2 * _DAYS_AHEAD)

    def of(event: Event) -> Iterator[Occurrence]:
        found = occurrences(event, since, is_off)
        if event.priority is not Priority.FILLER:
            return found
        if any("priority" in override.changes for override in event.overrides):
            return takewhile(lambda each: each.starts_at < far, found)
        return iter(())

    return merge(*map(of, events), key=lambda each: each.starts_at)


type ShowsFrom = Callable[[datetime], Iterable[Occurrence]]
"""What is planned and not over at a moment, by its start; it may never end."""


def chains(shows: Iterable[Occurrence], margins: Margins, until: datetime) -> Iterator[Chain]:
    """Join what touches, overlaps or has but a short gap; fillers open nothing.

    What begins after `until` is joined to nothing, or a chain might never end.
    """
    joined: list[Occurrence] = []
    start = end = until
    for show in shows:
        if show.event.priority is Priority.FILLER:
            continue
        begin, over = show.starts_at - margins.lead, show.ends_at + margins.lag
        if joined and begin <= end + margins.bridge and begin <= until:
            end = max(end, over)
        else:
            if joined:
                yield Chain(start=start, end=end, shows=tuple(joined))
            joined, start, end = [], begin, over
        joined.append(show)
    if joined:
        yield Chain(start=start, end=end, shows=tuple(joined))


def chain_at(now: datetime, shows_from: ShowsFrom, margins: Margins) -> Chain | None:
    """Return the chain that is on, or else the next one.

    Looked for from a little way back, and from further where it may have begun earlier still. From midnights,
    so that one without a beginning does not seem to begin at another time with each look.
    """
    midnight = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    until, found = midnight + timedelta(days=_DAYS_AHEAD), None
    for days in _DAYS_BACK:
        since = midnight - timedelta(days=days)
        ahead = chains(shows_from(since), margins, until)
        found = next((chain for chain in ahead if now < chain.end), None)
        if found is None or since < found.start - margins.lag - margins.bridge:
            break
    return found


def active_at(shows: Iterable[Occurrence], now: datetime) -> list[Occurrence]:
    """Return what is on, in the order in which it is published."""
    active = (each for each in shows if each.starts_at <= now < each.ends_at)
    return sorted(active, key=lambda each: (RANK[each.event.priority], each.starts_at, each.event_id))


def beside(shows: Iterable[Occurrence], now: datetime, lead: timedelta) -> list[Occurrence]:
    """Return what TVs are on for while nothing is: what is about to begin, or else what was the last."""
    coming = [each for each in shows if now < each.starts_at]
    over = [each for each in shows if each.ends_at <= now]
    next_start = min((each.starts_at for each in coming), default=None)
    if next_start is not None and (not over or next_start - lead <= now):
        return [each for each in coming if each.starts_at == next_start]
    last_end = max(each.ends_at for each in over)
    return [each for each in over if each.ends_at == last_end]


def changes_of(chain: Chain, margins: Margins) -> Iterator[datetime]:
    """Yield the moments at which something of a chain is told differently."""
    yield from (chain.start, chain.end)
    for show in chain.shows:
        yield from (show.starts_at - margins.lead, show.starts_at, show.ends_at)
