"""A second in which all of a large fleet's groups change."""

import asyncio
from datetime import UTC, datetime, timedelta
import json
from pathlib import Path
import time
from typing import Any, Final

from rig.storage import write_store
from rig.tap import Tap
from rig.waiting import until

from .floor import Floor
from .floor_component import CHANGE
from .ours import Ours
from .process import calm
from .publisher import packet

GROUPS: Final = 500
_LISTS: Final = "infoscreen/events/+"
_ROUND: Final = timedelta(seconds=8)
_STARTS_IN: Final = timedelta(seconds=75)  # long enough for a Home Assistant to start and come to rest


class Groups(Ours):
    """The integration with many groups, each of which shows something new every few seconds."""

    name = "groups"
    per_screen = 0

    async def plan(self, rounds: int) -> list[datetime]:
        """Write groups and events to the disk, while Home Assistant does not run; return when all change."""
        self._write_groups()
        first = datetime.now(UTC).replace(microsecond=0) + _STARTS_IN
        moments = [first + number * _ROUND for number in range(rounds)]
        events = [
            _event(number * GROUPS + group_id, group_id, moment)
            for number, moment in enumerate(moments)
            for group_id in range(1, GROUPS + 1)
        ]
        planned = {"events": events, "last_event_id": len(events)}
        write_store(self.hass.config, f"infoscreen.{self._entry_id}.schedule", planned, version=1)
        return moments

    def _write_groups(self) -> None:
        """Add the groups to the fleet's entry: through its forms they would take minutes."""
        path: Path = self.hass.config / ".storage" / "core.config_entries"
        content = json.loads(path.read_text())
        (entry,) = (each for each in content["data"]["entries"] if each["entry_id"] == self._entry_id)
        entry["subentries"] = [
            {
                "data": {"name": f"Group {group_id}", "group_id": group_id},
                "subentry_id": f"{group_id:026}",
                "subentry_type": "group",
                "title": f"Group {group_id}",
                "unique_id": str(group_id),
            }
            for group_id in range(1, GROUPS + 1)
        ]
        path.write_text(json.dumps(content))


def _event(event_id: int, group_id: int, start: datetime) -> dict[str, Any]:
    """Return an event as it is stored; it ends when the next one begins, so that a round is one change."""
    return {
        "event_id": event_id,
        "group_id": group_id,
        "title": f"Event {event_id}",
        "start": start.replace(tzinfo=None).isoformat(),
        "end": (start + _ROUND).replace(tzinfo=None).isoformat(),
        "time_zone": "UTC",
        "event_type": "website",
        "url": "https://school.example/timetable",
    }


async def changes(folder: Path, rounds: int) -> dict[str, list[float]]:
    """Milliseconds until 99 of 100 lists are with a subscriber, of each round, by contender.

    Ours: from the second in which 500 groups change, in a Home Assistant otherwise idle. Nobody asks it for
    anything: the events begin by the clock. The floor, in turn with ours: from a message that asks for as
    many lists, through Home Assistant's own publish alone: what its connection and the broker take, with
    twenty messages in flight, if nobody had to find out what they say.
    """
    groups, floor = Groups(folder), Floor(folder / "alone")
    found: dict[str, list[float]] = {floor.name: [], Ours.name: []}
    try:
        await asyncio.gather(groups.set_up(), floor.set_up())
        await floor.hass.start()
        moments = await groups.plan(rounds)
        await groups.hass.start()
        await calm(groups.pid, within=20)
        async with Tap(groups.broker, _LISTS) as ours, Tap(floor.broker, _LISTS) as alone:
            for number, moment in enumerate(moments):
                found[Ours.name].append(await _round(ours, moment))
                mark, began = alone.mark(), time.time()
                payload = json.dumps([_event(number, 1, datetime.now(UTC))]).encode()
                await floor.publisher.send(packet((f"{CHANGE}/{GROUPS}", payload)))
                found[floor.name].append(await _late(alone, mark, began))
    finally:
        await asyncio.gather(groups.close(), floor.close())
    return found


async def _round(tap: Tap, moment: datetime) -> float:
    """Return how late the lists of a round were."""
    before = (moment - datetime.now(UTC)).total_seconds() - 0.5
    if before < 0:
        raise TimeoutError("Home Assistant took too long to start")
    await asyncio.sleep(before)
    return await _late(tap, tap.mark(), moment.timestamp())


async def _late(tap: Tap, mark: int, since: float) -> float:
    """Return how late 99 of 100 lists were at most."""

    async def all_heard() -> bool:
        return len(tap.messages) - mark >= GROUPS

    await until(all_heard, f"the lists of {GROUPS} groups", within=_ROUND.total_seconds() / 2)
    late = sorted((message.at - since) * 1000 for message in tap.messages[mark : mark + GROUPS])
    return late[GROUPS * 99 // 100 - 1]
