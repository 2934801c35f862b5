"""What a fleet keeps of what a person plans: events, periods and holidays."""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from ..const import LOGGER
from ..model.errors import Refused
from ..model.schedule.events import Event
from ..model.schedule.holidays import Holiday
from ..model.schedule.periods import Held, Period
from .stored import Stored, by


@dataclass(kw_only=True)
class ScheduleFile:
    """What a person plans."""

    events: dict[int, Event] = field(default_factory=dict)
    # Kept as they are for a version that can read them
    unreadable_events: list[Stored] = field(default_factory=list)
    last_event_id: int = 0
    periods: dict[int, Period] = field(default_factory=dict)
    last_period_id: int = 0
    last_holiday_id: int = 0
    held_period: Held | None = None
    holidays: dict[int, Holiday] = field(default_factory=dict)
    # Held from reading the schedule until it is changed
    planning: asyncio.Lock = field(default_factory=asyncio.Lock)

    def read_schedule(self, schedule: Stored) -> None:
        """Take over what was stored, the events apart."""
        self.last_event_id = schedule.get("last_event_id", 0)
        self.periods = by("period_id", map(Period.from_stored, schedule.get("periods", [])))
        self.last_period_id = schedule.get("last_period_id", 0)
        held = schedule.get("held_period")
        self.held_period = Held.from_stored(held) if held else None
        self.holidays = by("holiday_id", map(Holiday.from_stored, schedule.get("holidays", [])))
        self.last_holiday_id = schedule.get("last_holiday_id", 0)


#: What the schedule's file holds, and how its things are written.
_THINGS: Final[Mapping[str, Callable[[Any], Any]]] = {
    "events": lambda events: [event.as_stored() for event in events.values()],
    "unreadable_events": list,
    "periods": lambda periods: [period.as_stored() for period in periods.values()],
    "held_period": lambda held: held.as_stored() if held else None,
    "holidays": lambda holidays: [holiday.as_stored() for holiday in holidays.values()],
}
_NUMBERS: Final = ("last_event_id", "last_period_id", "last_holiday_id")
NAMES: Final = (*_THINGS, *_NUMBERS)


def written(schedule: Mapping[str, Any]) -> Stored:
    """Return the schedule as JSON."""
    return {name: _THINGS[name](value) if name in _THINGS else value for name, value in schedule.items()}


def read_events(stored: Iterable[Stored]) -> tuple[dict[int, Event], list[Stored]]:
    """Read events back; those that this version cannot read are kept as they are."""
    events, unreadable = {}, []
    for each in stored:
        try:
            event = Event.from_stored(each)
        except (KeyError, TypeError, ValueError, Refused) as err:
            LOGGER.warning("An event in the schedule cannot be read and is not shown: %r", err)
            unreadable.append(each)
        else:
            events[event.event_id] = event
    return events, unreadable
