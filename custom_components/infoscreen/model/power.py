"""Power: what the TVs of a group should be at a moment, why, and when that changes."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Self

from .chains import Margins, ShowsFrom, active_at, beside, chain_at, changes_of
from .hours import Window
from .schedule.events import Priority

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


def held_a_while(lasting: Hold | None, mode: PowerMode, until: datetime, turns_at: datetime | None) -> Hold:
    """Return a hold that ends by itself, at the latest when the schedule turns TVs on or off."""
    until = min(until, turns_at) if turns_at else until
    return lasting.passing(mode, until) if lasting else Hold(mode=mode, until=until)


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
    chain = chain_at(now, shows_from, margins)
    held = hold.standing(now) if hold else None
    inside = chain if chain is not None and chain.start <= now else None
    shows = inside.shows if inside else ()
    active = active_at(shows, now)
    takeovers = [each for each in active if each.event.priority is Priority.TAKEOVER]
    on, reason = _decided(blackout, held, takeover=bool(takeovers), planned=inside is not None)
    if takeovers:
        active = [max(takeovers, key=lambda each: (each.starts_at, each.event_id))]
    elif reason is PowerReason.ACTIVE_EVENT:
        active = active or beside(shows, now, margins.lead)
    changes = list(changes_of(chain, margins)) if chain else []
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
