"""Power intents: what screens are told of power, under which id, and until when it holds."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Self

from .power import Power, PowerReason
from .wire import as_time

# Without heartbeats, and with nothing planned; it is renewed when half of it is over.
_UNPLANNED: Final = timedelta(hours=24)


@dataclass(frozen=True, kw_only=True, slots=True)
class Pace:
    """How often intents are repeated, and how long each holds."""

    poll: timedelta
    multiplier: int
    minimum: timedelta
    heartbeat: bool = True

    def expires_at(self, issued_at: datetime, next_change: datetime | None) -> datetime:
        """Return until when an intent holds: several heartbeats, or without them the next planned change."""
        if self.heartbeat:
            return issued_at + max(self.multiplier * self.poll, self.minimum)
        return issued_at + _UNPLANNED if next_change is None else next_change + self.minimum

    def due_at(self, now: datetime, next_change: datetime | None) -> datetime:
        """Return when to look at an intent again that is published now."""
        if not self.heartbeat:
            return next_change or now + _UNPLANNED / 2
        return min(now + self.poll, next_change or now + self.poll)

    def is_news(self, power: Power, before: Power | None) -> bool:
        """Tell whether something is to be said at once; without heartbeats, until when it holds is too."""
        if before is None or power.told != before.told:
            return True
        return not self.heartbeat and power.next_change != before.next_change


@dataclass(frozen=True, kw_only=True, slots=True)
class Transition:
    """What gives an intent its id: what TVs should be, and the reason."""

    intent_id: str
    on: bool
    reason: PowerReason

    def as_stored(self) -> dict[str, Any]:
        """Return it as JSON."""
        return asdict(self)

    @classmethod
    def from_stored(cls, stored: Mapping[str, Any]) -> Self:
        """Read it back."""
        return cls(intent_id=stored["intent_id"], on=stored["on"], reason=PowerReason(stored["reason"]))


def follow(before: Transition | None, power: Power, new_id: str) -> Transition:
    """Return the transition that stands: the same one, or one with the new id."""
    if before is not None and (before.on, before.reason) == (power.on, power.reason):
        return before
    return Transition(intent_id=new_id, on=power.on, reason=power.reason)


def intent_payload(
    whose: Mapping[str, int | str], transition: Transition, power: Power, issued_at: datetime, pace: Pace
) -> dict[str, Any]:
    """Return what the screens of a group hear, or one screen alone (contract, "power intent")."""
    start, end = power.window or (None, None)
    return {
        "schema_version": "1.0",
        "intent_id": transition.intent_id,
        **whose,
        "desired_state": power.state,
        "reason": power.reason.value,
        "issued_at": as_time(issued_at),
        "expires_at": as_time(pace.expires_at(issued_at, power.next_change)),
        "poll_interval_sec": int(pace.poll.total_seconds()),
        "active_event_ids": list(power.event_ids),
        "event_window_start": as_time(start) if start else None,
        "event_window_end": as_time(end) if end else None,
    }
