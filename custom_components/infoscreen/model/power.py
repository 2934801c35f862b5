"""Power: what the TVs of a group should be at a moment, why, and when that changes."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from heapq import merge
from itertools import takewhile
from typing import Any, Final, Self

from .hours import Window
from .schedule.events import RANK, Event, Priority
from .schedule.series import IsOff, Occurrence, occurrences

# A chain that has no beginning or no end in so many days is told to have it there.
_DAYS_BACK: Final = (1, 4, 32)
_DAYS_AHEAD: Final = 32


type Target = int | str
"""Whose TVs: those of a group, by its id, or those of one screen, by its key."""


class PowerMode(StrEnum):
    """Who decides: the schedule, or a person."""

    AUTO = "auto"
    ON = "on"
    OFF = "off"


class PowerReason(StrEnum):
    """What decided; the first two are the contract's."""

    ACTIVE_EVENT = "active_event"
    NO_ACTIVE_EVENT = "no_active_event"
    MANUAL_OVERRIDE = "manual_override"
    TAKEOVER = "takeover"
    UPS_ON_BATTERY = "ups_on_battery"
    UPS_LOW_BATTERY = "ups_low_battery"


@dataclass(frozen=True, kw_only=True, slots=True)
class Hold:
    """TVs kept on or off by hand, until a moment or until a person lets go."""

    mode: PowerMode
    until: datetime | None = None
    under: Self | None = None
    """What holds again after this one."""

    def standing(self, now: datetime) -> Self | None:
        """Return what holds at a moment: this one, what is under it, or nothing."""
        if self.until is None or now < self.until:
            return self
        return self.under.standing(now) if self.under else None

    def passing(self, mode: PowerMode, until: datetime) -> Self:
        """Return a short hold over the one that a person chose to last."""
        return type(self)(mode=mode, until=until, under=self.under or self)

    def as_stored(self) -> dict[str, Any]:
        """Return it as JSON."""
        return {
            "mode": self.mode.value,
            "until": self.until and self.until.isoformat(),
            "under": self.under and self.under.as_stored(),
        }

    @classmethod
    def from_stored(cls, stored: dict[str, Any]) -> Self:
        """Read it back."""
        until, under = stored["until"], stored.get("under")
        return cls(
            mode=PowerMode(stored["mode"]),
            until=datetime.fromisoformat(until) if until else None,
            under=cls.from_stored(under) if under else None,
        )


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


@dataclass(frozen=True, kw_only=True, slots=True)
class Power:
    """What TVs should be, and why."""

    on: bool
    reason: PowerReason
    event_ids: tuple[int, ...] = ()
    window: Window | None = None
    next_change: datetime | None = None
    """When something of this may change by itself."""
    turns_at: datetime | None = None
    """When the schedule turns them on or off next, whoever decides now."""

    @property
    def state(self) -> str:
        """Return what they should be in a word."""
        return "on" if self.on else "off"

    @property
    def told(self) -> tuple[object, ...]:
        """Return what screens hear of it: where this is equal there is nothing new to tell."""
        return self.on, self.reason, self.event_ids, self.window


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


def power_at(
    now: datetime,
    shows_from: ShowsFrom,
    margins: Margins,
    hold: Hold | None = None,
    blackout: PowerReason | None = None,
) -> Power:
    """Tell what TVs should be: a takeover turns them on, a UPS off, then a person decides, then the schedule.

    `blackout` is why TVs are to be off to spare a UPS, None while none has to be spared.
    """
    chain = _chain_at(now, shows_from, margins)
    held = hold.standing(now) if hold else None
    inside = chain if chain is not None and chain.start <= now else None
    shows = inside.shows if inside else ()
    active = _active(shows, now)
    takeovers = [each for each in active if each.event.priority is Priority.TAKEOVER]
    on, reason = _decided(blackout, held, takeover=bool(takeovers), planned=inside is not None)
    if takeovers:
        active = [max(takeovers, key=lambda each: (each.starts_at, each.event_id))]
    elif reason is PowerReason.ACTIVE_EVENT:
        active = active or _beside(shows, now, margins.lead)
    changes = list(_changes(chain, margins)) if chain else []
    if held and held.until:
        changes.append(held.until)
    return Power(
        on=on,
        reason=reason,
        event_ids=tuple(dict.fromkeys(each.event_id for each in active)),
        window=(inside.start, inside.end) if inside and active else None,
        next_change=min((moment for moment in changes if moment > now), default=None),
        turns_at=(inside.end if inside else chain.start) if chain else None,
    )


def _decided(
    blackout: PowerReason | None, held: Hold | None, *, takeover: bool, planned: bool
) -> tuple[bool, PowerReason]:
    """Tell whether TVs should be on, and who says so: the first of those who have a say."""
    if takeover:
        return True, PowerReason.TAKEOVER
    if blackout:
        return False, blackout
    if held:
        return held.mode is PowerMode.ON, PowerReason.MANUAL_OVERRIDE
    return planned, PowerReason.ACTIVE_EVENT if planned else PowerReason.NO_ACTIVE_EVENT


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


def _chain_at(now: datetime, shows_from: ShowsFrom, margins: Margins) -> Chain | None:
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


def _active(shows: Iterable[Occurrence], now: datetime) -> list[Occurrence]:
    """Return what is on, in the order in which it is published."""
    active = (each for each in shows if each.starts_at <= now < each.ends_at)
    return sorted(active, key=lambda each: (RANK[each.event.priority], each.starts_at, each.event_id))


def _beside(shows: Iterable[Occurrence], now: datetime, lead: timedelta) -> list[Occurrence]:
    """Return what TVs are on for while nothing is: what is about to begin, or else what was the last."""
    coming = [each for each in shows if now < each.starts_at]
    over = [each for each in shows if each.ends_at <= now]
    next_start = min((each.starts_at for each in coming), default=None)
    if next_start is not None and (not over or next_start - lead <= now):
        return [each for each in coming if each.starts_at == next_start]
    last_end = max(each.ends_at for each in over)
    return [each for each in over if each.ends_at == last_end]


def _changes(chain: Chain, margins: Margins) -> Iterator[datetime]:
    """Yield the moments at which something of a chain is told differently."""
    yield from (chain.start, chain.end)
    for show in chain.shows:
        yield from (show.starts_at - margins.lead, show.starts_at, show.ends_at)
