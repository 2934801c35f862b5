"""The figures. Each function's docstring is its figure's definition."""

import asyncio
import random
import sqlite3
import time

from rig.waiting import until

from .contender import Contender
from .eye import states_in
from .messages import HEALTH_EVERY
from .process import cpu_seconds, resident_kib
from .publisher import packet, packets

# The recorder commits every five seconds.
_COMMITTED = 7.0


async def burst(contender: Contender, size: int) -> float:
    """CPU seconds of the hass process per 1,000 messages of a burst.

    User and system time of the whole process, recorder included, from just before the burst is sent until
    the marker behind it is seen on the websocket. The messages are written beforehand and published with
    QoS 0 as fast as the broker takes them.
    """
    await contender.look()
    ready = packets(contender.voices.burst(size)) + contender.next_marker()
    before = cpu_seconds(contender.pid)
    await contender.publisher.send(ready)
    await contender.seen()
    return (cpu_seconds(contender.pid) - before) / size * 1000


async def latencies(contender: Contender, count: int) -> list[float]:
    """Milliseconds from publish to state change on the websocket, of a health message that changes one value.

    One message at a time, 5 to 25 ms after the last was seen, to a Home Assistant otherwise idle.
    """
    await contender.look()
    found = []
    for _ in range(count):
        await asyncio.sleep(random.uniform(0.005, 0.025))
        ready = contender.next_marker()
        sent = time.perf_counter()
        await contender.publisher.send(ready)
        found.append((await contender.seen() - sent) * 1000)
    return found


def memory(contender: Contender) -> float:
    """KiB of the hass process's memory that are resident, after a start with every screen heard once.

    The table shows the difference to a start with an empty fleet, per screen. The floor is as many entities
    as ours, enabled and disabled, that do nothing.
    """
    return float(resident_kib(contender.pid))


async def rows(contender: Contender, stretch: int) -> float:
    """Rows of the recorder's states table per screen-hour at rest.

    What the fleet says in a stretch in which nothing happens is published at once; the rows that its
    entities, but the marker, have gained when the recorder has committed are extrapolated to an hour.
    """
    before = await _count_rows(contender)
    for message in contender.voices.stretch(stretch):
        await contender.publisher.send(packet(message))
    await contender.look()
    await contender.mark()
    gained = await _count_rows(contender) - before
    return gained / (len(contender.voices.uuids) - 1) * 3600 / stretch


async def restart(contender: Contender) -> float:
    """Seconds from the start of the hass process until all of the fleet's entities are available.

    The fleet was known and heard before and speaks on all the while, at the field's own rate. Available is
    what has a state other than unavailable, and a value where health feeds it.
    """
    wanted = await contender.entities()
    await contender.stop()
    speaking = asyncio.create_task(_speak(contender))
    try:
        began = time.perf_counter()
        await contender.hass.start()
        events = await contender.hass.api.subscribe("subscribe_entities")
        states: dict[str, str] = {}

        async def available() -> bool:
            while events:
                states.update(states_in(events.pop(0)))
            return all(
                states.get(entity_id, "unavailable") not in {"unavailable", *(("unknown",) if fed else ())}
                for entity_id, fed in wanted.items()
            )

        await until(available, f"{contender.name}'s entities available", within=120, every=0.05)
        took = time.perf_counter() - began
    finally:
        speaking.cancel()
        await asyncio.wait([speaking])
    await contender.hear_everybody()
    return took


async def _speak(contender: Contender) -> None:
    """Let every screen say every five seconds how it is."""
    uuids = contender.voices.uuids
    while True:
        for uuid in uuids:
            await contender.publisher.send(packet(contender.voices.health(uuid)))
            await asyncio.sleep(HEALTH_EVERY / len(uuids))


async def _count_rows(contender: Contender) -> int:
    """Count what the recorder holds of the fleet's entities, when it has committed."""
    await asyncio.sleep(_COMMITTED)
    mine = (await contender.entities()).keys() - {await contender.marker_entity()}
    database = sqlite3.connect(f"file:{contender.hass.config}/home-assistant_v2.db?mode=ro", uri=True)
    try:
        counted = database.execute(
            "SELECT m.entity_id, COUNT(*) FROM states JOIN states_meta m USING (metadata_id) GROUP BY 1"
        )
        return sum(count for entity_id, count in counted if entity_id in mine)
    finally:
        database.close()
