"""What looking at a school's schedule costs, in this process and with nothing else going on."""

from collections import defaultdict
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from heapq import heapify, heappush
import random
import time
from typing import Final

from custom_components.infoscreen.model.schedule.events import Event, EventType
from custom_components.infoscreen.model.schedule.resolver import always, arrange, shown_of
from custom_components.infoscreen.model.schedule.rules import _shared_walk
from custom_components.infoscreen.model.schedule.series import Occurrence, Outlook, outlook

EVENTS: Final = 10_000
GROUPS: Final = 100
_NOW: Final = datetime(2026, 11, 23, 9, 17, tzinfo=UTC)
_YEARS: Final = 5 * 365
_RULES: Final = ("FREQ=DAILY", "FREQ=WEEKLY;BYDAY=MO,WE,FR", "FREQ=WEEKLY", "FREQ=WEEKLY;INTERVAL=2")


def events() -> list[Event]:
    """Return recurring events, begun up to five years ago, each with days on which it does not take place."""
    dice = random.Random(EVENTS)
    made = []
    for number in range(EVENTS):
        start = (_NOW - timedelta(days=dice.randrange(_YEARS))).replace(tzinfo=None, second=0)
        start = start.replace(hour=dice.randrange(6, 20), minute=dice.choice((0, 15, 30, 45)))
        made.append(
            Event(
                event_id=number,
                group_id=number % GROUPS,
                title=f"Lesson {number}",
                start=start,
                end=start + timedelta(minutes=dice.choice((45, 50, 100))),
                time_zone="Europe/Vienna",
                event_type=EventType.MESSAGE,
                text="Lesson",
                rrule=dice.choice(_RULES),
                exdates=frozenset(start + timedelta(weeks=dice.randrange(260)) for _ in range(3)),
            )
        )
    return made


class Schedule:
    """The outlook of every event, by group, and a heap of their next changes, as the scheduler keeps them."""

    def __init__(self, planned: list[Event]) -> None:
        self._looks: dict[int, dict[int, Outlook]] = defaultdict(dict)
        for event in planned:
            self._looks[event.group_id][event.event_id] = outlook(event, _NOW)
        looks = (look for group in self._looks.values() for look in group.values())
        self._changes = [look.changes_at for look in looks if look.changes_at is not None]
        heapify(self._changes)
        self.shown = {group_id: self._shown(group_id) for group_id in self._looks}

    def edit(self, event: Event) -> None:
        """Look at an event that has changed, and at what its group shows now."""
        look = self._looks[event.group_id][event.event_id] = outlook(event, _NOW)
        if look.changes_at is not None:
            heappush(self._changes, look.changes_at)
        self.shown[event.group_id] = self._shown(event.group_id)

    def _shown(self, group_id: int) -> list[Occurrence]:
        looks = self._looks[group_id].values()
        return shown_of(arrange((each for look in looks for each in look.active), always))


def cold(planned: list[Event]) -> float:
    """Seconds until it is known what each of 100 groups shows, and when that changes, of 10,000 events."""
    _shared_walk.cache_clear()
    began = time.perf_counter()
    Schedule(planned)
    return time.perf_counter() - began


def edits(planned: list[Event], count: int) -> list[float]:
    """Milliseconds until the same is known after one of these events was moved by an hour.

    Its rule is read anew. The file that is written before is not in it.
    """
    schedule, found = Schedule(planned), []
    for event in random.Random(0).sample(planned, count):
        began = time.perf_counter()
        hour = timedelta(hours=1)
        schedule.edit(replace(event, start=event.start + hour, end=event.end + hour))
        found.append((time.perf_counter() - began) * 1000)
    return found
