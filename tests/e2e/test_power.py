"""The TV of a group is on when it should be, through a power cut of the controller, in real time.

A day takes a minute and a half here, its windows seconds. Nights, weekends and holidays at their own length
go by in test_power_weeks.py, where the clock is turned.
"""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import pytest_asyncio

from rig.broker import Mosquitto
from rig.fleet import add_group, find_group
from rig.hass import Hass
from rig.tap import Message, Tap
from rig.waiting import until
from simulator import Pace, SimulatedScreen, identities

PACE = replace(Pace(), health=timedelta(seconds=1), heartbeat=timedelta(seconds=5))
INTENT = "infoscreen/groups/12/power/intent"
#: The clock ticks in seconds here, and the machine may be busy.
EXACT = timedelta(seconds=1.5)
TV = "switch.tv"
#: How long an intent holds: longer than Home Assistant needs to come back.
HOLDS = {"poll_interval_seconds": 5, "power_intent_expiry_multiplier": 10}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def powered(home: Hass, fleet: str) -> str:
    """Let the fleet and the group Foyer, which has a TV, be told when to be on; return the entry's id."""
    menu = (await home.api.add_integration("template")).expect("menu")
    form = (await menu.choose("switch")).expect("form")
    (await form.submit({"name": "TV", "turn_on": [], "turn_off": []})).expect("create_entry")
    form = (await home.api.configure(fleet)).expect("form")
    answers: dict[str, Any] = {section["name"]: {} for section in form.step["data_schema"]}
    answers["power"] = {"power_intent_enabled": True, "bridge_gap_minutes": 0, **HOLDS}
    (await form.submit(answers)).expect("create_entry")
    await add_group(home.api, fleet, "Foyer", group_id=12, tv_entities=[TV])
    return fleet


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def screen(home: Hass, powered: str, broker: Mosquitto) -> AsyncGenerator[SimulatedScreen]:
    """Run a screen in the Foyer, whose hardware is known."""
    (identity,) = identities(1)
    async with SimulatedScreen(identity, port=broker.port, pace=PACE) as screen:
        await home.api.wait_state(await entity(home, "sensor", screen, "status"), "healthy")
        wanted = ["infoscreen", identity.uuid.lower()]
        (device,) = [row["id"] for row in await home.api.devices(powered) if wanted in row["identifiers"]]
        await home.api.act("infoscreen.assign_group", {"group": "Foyer"}, device_id=device)
        form = (await home.api.add_subentry(powered, "hardware")).expect("form")
        (await form.submit({"screen": device})).expect("create_entry")
        yield screen


async def entity(home: Hass, domain: str, screen: SimulatedScreen, key: str) -> str:
    """Return the id of one of a screen's entities."""
    return await home.api.entity(domain, f"{screen.identity.uuid}_{key}")


def says_off(message: Message) -> bool:
    """Tell whether a group is told to be off."""
    return message.topic == INTENT and message.json["desired_state"] == "off"


async def add_lesson(home: Hass, foyer: str, start: datetime, end: datetime) -> None:
    """Plan something to show."""
    event = {
        "title": "Lesson",
        "event_type": "website",
        "url": "https://school.example/timetable",
        "start": start.isoformat(),
        "end": end.isoformat(),
    }
    await home.api.act("infoscreen.add_event", event, device_id=foyer)


async def nothing_is_wrong(home: Hass, powered: str, screen: SimulatedScreen) -> None:
    """See that the TV of the group followed, and that nobody was called or thought to have been there."""
    await home.api.wait_state(TV, "off")
    await home.api.wait_state(await home.api.entity("select", f"{powered}_group_12_power_mode"), "auto")
    await home.api.wait_state(await home.api.entity("sensor", f"{powered}_alerts"), "0")
    await home.api.wait_state(await entity(home, "binary_sensor", screen, "power_mismatch"), "off")
    await home.api.wait_state(await entity(home, "binary_sensor", screen, "connectivity"), "on")


@pytest.mark.timeout(400)
async def test_a_tv_is_on_in_its_windows_though_home_assistant_is_killed_in_one(
    home: Hass, powered: str, screen: SimulatedScreen, tap: Tap
) -> None:
    """Two windows that touch are one, a later one is its own; nobody is called, nobody's hand is seen."""

    async def is_off() -> bool:
        return bool(screen.turns) and not screen.turns[-1][1]

    await until(is_off, "the TV is off, as nothing is planned")
    foyer = await find_group(home.api, powered, "Foyer")
    begin = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=10)
    moments = [begin + timedelta(seconds=seconds) for seconds in (0, 8, 70, 85, 95)]
    for window in (moments[:2], moments[1:3], moments[3:]):
        await add_lesson(home, foyer, *window)
    assert datetime.now(UTC) < begin
    before = len(screen.turns)
    await asyncio.sleep((moments[1] - datetime.now(UTC)).total_seconds() + 3)
    await home.kill()
    await home.start()

    async def is_over() -> bool:
        return datetime.now(UTC) > moments[-1] + timedelta(seconds=3)

    await until(is_over, "the end of the last window", within=120)
    turns = screen.turns[before:]
    assert [on for _, on in turns] == [True, False, True, False]
    planned = [begin, moments[2], moments[3], moments[4]]
    assert [abs(turned - moment) < EXACT for (turned, _), moment in zip(turns, planned, strict=True)] == [
        True
    ] * 4
    assert screen.complaints == []
    issued = [datetime.fromisoformat(each.json["issued_at"]) for each in tap.messages if says_off(each)]
    assert [moment for moment in issued if begin <= moment < moments[2]] == []
    await nothing_is_wrong(home, powered, screen)
