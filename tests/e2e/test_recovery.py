"""Screens that go wrong come back by themselves, seen from Home Assistant."""

from collections.abc import AsyncGenerator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import pytest_asyncio

from rig.api import Api
from rig.broker import Mosquitto
from rig.hass import Hass
from rig.waiting import until
from simulator import Fault, Pace, SimulatedScreen, identities

PACE = replace(
    Pace(), health=timedelta(seconds=0.5), heartbeat=timedelta(seconds=1), stage=timedelta(seconds=0.2)
)
#: The shortest that the form takes, and some seconds for everything else.
GRACE = 30
SOON = 15


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def recovering(home: Hass, fleet: str) -> str:
    """Let the fleet recover its screens; return the id of its entry."""
    form = (await home.api.configure(fleet)).expect("form")
    answers: dict[str, Any] = {section["name"]: {} for section in form.step["data_schema"]}
    answers["recovery"] = {"crash_recovery_enabled": True, "crash_recovery_grace_seconds": GRACE}
    (await form.submit(answers)).expect("create_entry")
    return fleet


@pytest_asyncio.fixture(loop_scope="module")
async def screens(home: Hass, recovering: str, broker: Mosquitto) -> AsyncGenerator[list[SimulatedScreen]]:
    """Run two screens."""
    one, two = identities(2)
    async with (
        SimulatedScreen(one, port=broker.port, pace=PACE) as first,
        SimulatedScreen(two, port=broker.port, pace=PACE) as second,
    ):
        for screen in (first, second):
            await home.api.wait_state(await entity(home, screen, "status"), "healthy")
        yield [first, second]


async def entity(home: Hass, screen: SimulatedScreen, key: str) -> str:
    """Return the id of one of a screen's sensors."""
    return await home.api.entity("sensor", f"{screen.identity.uuid}_{key}")


async def device(home: Hass, fleet: str, screen: SimulatedScreen) -> str:
    """Return the id of a screen's device."""
    wanted = ["infoscreen", screen.identity.uuid.lower()]
    (found,) = [row["id"] for row in await home.api.devices(fleet) if wanted in row["identifiers"]]
    return str(found)


async def add_plug(api: Api) -> str:
    """Make a switch of Home Assistant's own; return its entity id."""
    menu = (await api.add_integration("template")).expect("menu")
    form = (await menu.choose("switch")).expect("form")
    (await form.submit({"name": "Plug", "turn_on": [], "turn_off": []})).expect("create_entry")
    await api.wait_state("switch.plug", lambda _state: True)
    return "switch.plug"


@pytest.mark.timeout(360)
async def test_one_is_restarted_and_another_climbs_up_to_its_plug(
    home: Hass, recovering: str, screens: list[SimulatedScreen]
) -> None:
    """A restart of the app helps the one; the other refuses every command, and only power helps it."""
    began = datetime.now(UTC).isoformat()
    crashed, stuck = screens
    plug = await add_plug(home.api)
    form = (await home.api.add_subentry(recovering, "hardware")).expect("form")
    answers = {"screen": await device(home, recovering, stuck), "plug": plug}
    (await form.submit(answers)).expect("create_entry")
    crashed.fault(Fault.CRASHED)
    stuck.fault(Fault.CRASHED)
    stuck.fault(Fault.FAILED)

    async def restarted() -> bool:
        return bool(crashed.executed)

    await until(restarted, "the app restarts", within=GRACE + SOON)
    crashed.clear()
    done = await home.api.wait_state(await entity(home, crashed, "last_command"), "completed")
    assert (done["attributes"]["action"], done["attributes"]["reason"]) == ("restart_app", "process_crashed")

    await home.api.wait_state(plug, "off", within=2 * 60 + GRACE + SOON)
    stuck.clear()
    await home.api.wait_state(plug, "on", within=SOON)
    for screen in screens:
        await home.api.wait_state(await entity(home, screen, "status"), "healthy")
    steps = await home.api.command(
        "logbook/get_events", start_time=began, device_ids=[await device(home, recovering, stuck)]
    )
    assert [step["message"] for step in steps if step.get("domain") == "infoscreen"] == [
        "recovery restarts the app (its app crashed)",
        "recovery reboots it (its app crashed)",
        "its plug is turned off and on (its app crashed)",
    ]
    assert await home.api.issues() == []
