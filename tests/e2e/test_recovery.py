"""Screens that go wrong come back by themselves, seen from Home Assistant."""

from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack
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


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def screens(home: Hass, recovering: str, broker: Mosquitto) -> AsyncGenerator[list[SimulatedScreen]]:
    """Run three screens."""
    async with AsyncExitStack() as stack:
        screens = [
            await stack.enter_async_context(SimulatedScreen(identity, port=broker.port, pace=PACE))
            for identity in identities(3)
        ]
        for screen in screens:
            await home.api.wait_state(await entity(home, screen, "status"), "healthy")
        yield screens


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def lost(home: Hass, recovering: str, screens: list[SimulatedScreen]) -> SimulatedScreen:
    """Let a person reboot a screen that will not return; that takes its time, beside everything else."""
    screen = screens[2]
    screen.fault(Fault.REBOOT_NEVER_RETURNS)
    await home.api.ask("infoscreen.reboot", {}, device_id=await device(home, recovering, screen))
    return screen


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


@pytest.mark.timeout(400)
async def test_one_is_restarted_and_another_climbs_up_to_its_plug(
    home: Hass, recovering: str, screens: list[SimulatedScreen], lost: SimulatedScreen
) -> None:
    """A restart of the app helps the one; the other refuses every command, and only power helps it."""
    began = datetime.now(UTC).isoformat()
    crashed, stuck = screens[:2]
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
    for screen in (crashed, stuck):
        await home.api.wait_state(await entity(home, screen, "status"), "healthy")
    steps = await home.api.command(
        "logbook/get_events", start_time=began, device_ids=[await device(home, recovering, stuck)]
    )
    told = [step["message"] for step in steps if step.get("domain") == "infoscreen"]
    of_ladder = [
        "recovery restarts the app (its app crashed)",
        "recovery reboots it (its app crashed)",
        "its plug is turned off and on (its app crashed)",
    ]
    assert [message for message in told if message in of_ladder] == of_ladder
    assert "Restart of the app requested, reason: Process crashed" in told


@pytest.mark.timeout(400)
async def test_one_that_never_returns_asks_for_a_person(home: Hass, lost: SimulatedScreen) -> None:
    """Nothing can be done from here; the other screens ask for nobody."""
    last_command = await entity(home, lost, "last_command")
    await home.api.wait_state(last_command, "manual_intervention_required", within=240)
    await home.api.wait_state(await entity(home, lost, "status"), "critical")
    asked = [issue["issue_id"] for issue in await home.api.issues()]
    assert asked == [f"manual_intervention_{lost.identity.uuid.lower()}"]
