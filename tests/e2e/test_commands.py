"""Commands over a real broker, to real screens' acknowledgements, through crashes of either side."""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import pytest_asyncio

from rig.broker import Mosquitto
from rig.hass import Hass
from rig.screens import wait_healthy
from rig.tap import Tap
from rig.waiting import until
from simulator import Fault, Fleet, Pace, SimulatedScreen

COUNT = 30
#: A reboot's stages, in the contract's order.
LIFE = (
    "queued",
    "publish_in_progress",
    "published",
    "ack_received",
    "execution_started",
    "awaiting_reconnect",
    "recovered",
    "completed",
)
#: Longer than the 10 s after which a reboot is awaited, and than Home Assistant's own start.
BOOT = timedelta(seconds=30)
PACE = replace(
    Pace(),
    health=timedelta(seconds=1),
    heartbeat=timedelta(seconds=5),
    stage=timedelta(seconds=0.3),
    boot=BOOT,
    slow_ack=timedelta(seconds=5),
)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def screens(home: Hass, fleet: str, broker: Mosquitto) -> AsyncGenerator[Fleet]:
    """Run screens that take a while to boot."""
    async with Fleet(COUNT, port=broker.port, pace=PACE) as screens:
        await wait_healthy(home.api, COUNT)
        yield screens


async def shows(home: Hass, screen: SimulatedScreen, key: str, domain: str = "sensor") -> str:
    """Return the id of one of a screen's entities."""
    return await home.api.entity(domain, f"{screen.identity.uuid}_{key}")


async def act(home: Hass, fleet: str, action: str, *screens: SimulatedScreen, **data: Any) -> dict[str, Any]:
    """Perform an action on screens and return its response."""
    devices = {
        identifier: device["id"]
        for device in await home.api.devices(fleet)
        for _, identifier in device["identifiers"]
    }
    target = [devices[screen.identity.uuid] for screen in screens]
    return await home.api.ask(f"infoscreen.{action}", data, device_id=target)


async def test_thirty_screens_rebooted_at_once_each_come_to_their_end(
    home: Hass, fleet: str, screens: Fleet
) -> None:
    """Each runs its command once, and the history tells every stage."""
    response = await act(home, fleet, "reboot", *screens, reason="new image")
    # A screen's ack may overtake the broker's.
    assert {told["status"] for told in response.values()} <= {
        "published",
        "ack_received",
        "execution_started",
    }
    for screen in screens:
        await home.api.wait_state(await shows(home, screen, "last_command"), "completed", within=100)
        assert screen.executed == [response[screen.identity.uuid]["command_id"]]
    history = await act(home, fleet, "get_commands", screens[0])
    (told,) = history[screens[0].identity.uuid]
    states = [stage["state"] for stage in told["history"] if not stage["heard"] and not stage["late"]]
    # Each stage once and in its order; where the screen's ack overtakes the broker's, without "published".
    assert states == [stage for stage in LIFE if stage in states]
    assert set(LIFE) - set(states) <= {"published", "ack_received"}


@pytest.mark.parametrize(
    "away", [0, BOOT.total_seconds() + 5], ids=["back before its screen", "back after its screen"]
)
async def test_a_reboot_goes_on_when_home_assistant_is_killed(
    home: Hass, fleet: str, screens: Fleet, away: float
) -> None:
    """Acks are lost with it; life after the reboot makes good for them, or the time that has passed."""
    screen = screens[1]
    last_command = await shows(home, screen, "last_command")
    before = len(screen.executed)
    response = await act(home, fleet, "reboot", screen)
    command_id = response[screen.identity.uuid]["command_id"]
    issued_at = (await home.api.wait_state(last_command, lambda _state: True))["attributes"]["issued_at"]
    await until(_async(lambda: len(screen.executed) > before), "the reboot to begin", within=10)
    await home.kill()
    await asyncio.sleep(away)
    await home.start()
    done = await home.api.wait_state(last_command, "completed", within=120)
    attributes = done["attributes"]
    assert (attributes["command_id"], attributes["issued_at"]) == (command_id, issued_at)
    assert screen.executed[before:] == [command_id]
    history = await act(home, fleet, "get_commands", screen)
    assert history[screen.identity.uuid][0]["state"] == "completed"


async def test_a_reboot_asked_for_while_the_broker_is_down_never_reaches_the_wire(
    home: Hass, fleet: str, screens: Fleet, broker: Mosquitto
) -> None:
    """Nothing is handed to a client library that would deliver it after the reconnect."""
    screen = screens[2]
    status = await shows(home, screen, "status")
    await broker.stop()
    await home.api.wait_state(status, "unknown")
    response = await act(home, fleet, "reboot", screen)
    told = response[screen.identity.uuid]
    assert (told["status"], told["error"]) == ("failed", "mqtt_publish_failed")
    await broker.start()
    async with Tap(broker) as tap:
        await home.api.wait_state(status, "healthy", within=40)
        await tap.never(f"infoscreen/{screen.identity.uuid}/commands", seconds=2)
    assert told["command_id"] not in screen.executed


async def test_a_broker_that_restarts_between_command_and_ack_loses_nothing(
    home: Hass, fleet: str, screens: Fleet, broker: Mosquitto
) -> None:
    """The screen acknowledges once it is connected again, and the command comes to its end."""
    screen = screens[3]
    screen.fault(Fault.SLOW_ACK)
    response = await act(home, fleet, "restart_app", screen)
    told = response[screen.identity.uuid]
    assert told["status"] == "published"
    await asyncio.sleep(1)  # the screen has it, and has not answered
    await broker.stop()
    await broker.start()
    last_command = await shows(home, screen, "last_command")
    done = await home.api.wait_state(last_command, "completed", within=60)
    assert done["attributes"]["command_id"] == told["command_id"]
    assert screen.executed[-1:] == [told["command_id"]]
    screen.clear()


def _async(question: Any) -> Any:
    """Return a question that can be awaited."""

    async def asks() -> bool:
        return bool(question())

    return asks
