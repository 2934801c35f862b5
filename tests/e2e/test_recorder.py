"""What a fleet at rest costs the recorder, counted in a real Home Assistant's database."""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator
from dataclasses import replace
from datetime import timedelta
import sqlite3

import pytest
import pytest_asyncio

from rig.broker import Mosquitto
from rig.hass import Hass
from rig.tap import Tap
from simulator import Fault, Fleet, Pace

# As much in ten seconds as a screen in the field says in five minutes; no pictures, which are news each time.
PACE = replace(
    Pace(), health=timedelta(seconds=0.15), heartbeat=timedelta(seconds=0.5), dashboard=timedelta(days=1)
)


@pytest.fixture(scope="module")
def yaml() -> str:
    """Let the recorder commit every second."""
    return "recorder:\n  commit_interval: 1"


@pytest_asyncio.fixture(loop_scope="module")
async def screens(home: Hass, fleet: str, broker: Mosquitto) -> AsyncGenerator[Fleet]:
    """Run six screens until all are healthy."""
    async with Fleet(6, port=broker.port, pace=PACE) as screens:
        for screen in screens:
            status = await home.api.entity("sensor", f"{screen.identity.uuid}_status")
            await home.api.wait_state(status, "healthy")
        yield screens


async def recorded(home: Hass) -> Counter[str]:
    """Count the rows of our entities' states, images apart, when the recorder has committed."""
    await asyncio.sleep(2.5)
    mine = {row["entity_id"] for row in await home.api.entities()}
    database = sqlite3.connect(f"file:{home.config}/home-assistant_v2.db?mode=ro", uri=True)
    try:
        rows = database.execute(
            "SELECT m.entity_id, COUNT(*) FROM states JOIN states_meta m USING (metadata_id) GROUP BY 1"
        )
        return Counter(
            {each: count for each, count in rows if each in mine and not each.startswith("image.")}
        )
    finally:
        database.close()


async def test_what_does_not_change_is_not_recorded(home: Hass, fleet: str, screens: Fleet, tap: Tap) -> None:
    """Hundreds of messages without news add no row; one with news adds one for each entity that tells it."""
    before = await recorded(home)
    assert before
    mark = tap.mark()
    await asyncio.sleep(10)
    assert len(tap.find("infoscreen/+/health", since=mark)) > 300
    assert len(tap.find("infoscreen/+/heartbeat", since=mark)) > 60
    assert await recorded(home) - before == Counter()

    changed = screens[0]
    changed.fault(Fault.FROZEN)
    uuid = changed.identity.uuid
    tells = [await home.api.entity("sensor", f"{uuid}_{key}") for key in ("status", "screen_health")]
    await home.api.wait_state(tells[0], "warning")
    gained = await recorded(home) - before
    assert {entity_id: gained[entity_id] for entity_id in tells} == dict.fromkeys(tells, 1)
    unique = {row["entity_id"]: row["unique_id"] for row in await home.api.entities()}
    assert [each for each in gained if not unique[each].startswith((uuid, fleet))] == []
