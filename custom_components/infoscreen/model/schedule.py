"""What is active at a moment, and when that changes next."""

from collections.abc import Iterable
from datetime import datetime

from .events import Event


def active_at(events: Iterable[Event], now: datetime) -> list[Event]:
    """Return the events that are on, in the order in which they are published."""
    on = [event for event in events if event.starts_at <= now < event.ends_at]
    return sorted(on, key=lambda event: (event.starts_at, event.event_id))


def next_change(events: Iterable[Event], now: datetime) -> datetime | None:
    """Return the first moment after now at which an event begins or ends."""
    return min(
        (moment for event in events for moment in (event.starts_at, event.ends_at) if moment > now),
        default=None,
    )
