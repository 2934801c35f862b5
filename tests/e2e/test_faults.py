"""Screens with faults, as the simulator has them, seen from Home Assistant."""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import pytest_asyncio

from rig.broker import Mosquitto
from rig.fleet import add_fleet, add_own_fleet
from rig.hass import Hass
from rig.tap import Tap
from rig.waiting import until
from simulator import Fault, Pace, SimulatedScreen, identities

PACE = replace(
    Pace(),
    health=timedelta(seconds=0.5),
    heartbeat=timedelta(seconds=1),
    stage=timedelta(seconds=0.2),
    slow_ack=timedelta(seconds=3),
    boot=timedelta(seconds=1),
)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def fleets(home: Hass, broker: Mosquitto) -> dict[str, str]:
    """Set up a fleet over each transport, behind the same broker; return their entries by prefix."""
    return {
        "mqtt": await add_fleet(home.api, "mqtt"),
        "broker": await add_own_fleet(home.api, broker, "broker"),
    }


@pytest.fixture(params=["mqtt", "broker"])
def prefix(request: pytest.FixtureRequest) -> str:
    """Return the topic prefix of the fleet over a transport, named like it."""
    name: str = request.param
    return name


@pytest.fixture
def fleet(fleets: dict[str, str], prefix: str) -> str:
    """Return the entry of the fleet."""
    return fleets[prefix]


@pytest_asyncio.fixture(loop_scope="module")
async def screen(home: Hass, fleet: str, prefix: str, broker: Mosquitto) -> AsyncGenerator[SimulatedScreen]:
    """Run a screen that is healthy before each test."""
    (identity,) = identities(1, seed=prefix)
    async with SimulatedScreen(identity, port=broker.port, prefix=prefix, pace=PACE) as screen:
        await home.api.wait_state(await entity(home, screen, "status"), "healthy")
        yield screen


async def entity(home: Hass, screen: SimulatedScreen, key: str, domain: str = "sensor") -> str:
    """Return the id of one of a screen's entities."""
    return await home.api.entity(domain, f"{screen.identity.uuid}_{key}")


@pytest.mark.parametrize(
    ("fault", "status", "key", "value"),
    [
        (Fault.CRASHED, "critical", "process_status", "crashed"),
        (Fault.BLACK, "critical", "screen_health", "black"),
        (Fault.FROZEN, "warning", "screen_health", "frozen"),
    ],
)
async def test_what_is_wrong_with_a_screen_is_told(
    home: Hass, screen: SimulatedScreen, fault: Fault, status: str, key: str, value: str
) -> None:
    """And that it is over."""
    screen.fault(fault)
    await home.api.wait_state(await entity(home, screen, key), value)
    await home.api.wait_state(await entity(home, screen, "status"), status)
    screen.clear()
    await home.api.wait_state(await entity(home, screen, "status"), "healthy")


@pytest.mark.parametrize(
    ("fault", "button", "end"),
    [
        (Fault.DOUBLE_ACK, "restart_app", "completed"),
        (Fault.SLOW_ACK, "restart_app", "completed"),
        # A shutdown, as a fourth restart of the same screen would be locked out.
        (Fault.FAILED, "shutdown", "failed"),
    ],
)
async def test_a_command_ends_however_its_acks_come(
    home: Hass, screen: SimulatedScreen, fault: Fault, button: str, end: str
) -> None:
    """Twice, late, or as a refusal; it runs at most once."""
    screen.fault(fault)
    await home.api.act("button.press", entity_id=await entity(home, screen, button, "button"))
    done = await home.api.wait_state(await entity(home, screen, "last_command"), end, within=20)
    assert screen.executed.count(done["attributes"]["command_id"]) == (end == "completed")


@pytest.mark.parametrize("fault", [Fault.WRONG_UUID, Fault.GARBAGE])
async def test_what_a_broken_client_says_changes_nothing(
    home: Hass, fleet: str, screen: SimulatedScreen, fault: Fault
) -> None:
    """Dropped and counted; the diagnostics tell why, and never what."""

    async def diagnosed() -> dict[str, Any]:
        told: dict[str, Any] = (await home.api.diagnostics(fleet))["data"]
        return told

    before = sum((await diagnosed())["rejected"].values())
    screen.fault(fault)

    async def several_rejected() -> dict[str, Any] | None:
        told = await diagnosed()
        return told if sum(told["rejected"].values()) >= before + 3 else None

    told = await until(several_rejected, "what it says is rejected")
    assert [each["screen"]["hostname"] for each in told["screens"]] == [screen.identity.hostname]
    state = await home.api.state(await entity(home, screen, "process_status"))
    assert state is not None
    assert state["state"] == "running"


async def test_a_failed_service_stands_until_it_is_acknowledged(
    home: Hass, prefix: str, screen: SimulatedScreen, broker: Mosquitto
) -> None:
    """The topic on the broker is empty then, and the repair is gone."""
    screen.fail_service("infoscreen.service")
    failed = await entity(home, screen, "service_failed", "binary_sensor")
    await home.api.wait_state(failed, "on")
    assert [issue["translation_key"] for issue in await home.api.issues()] == ["service_failed"]
    topic = f"{prefix}/{screen.identity.uuid}/service_failed"
    async with Tap(broker, topic) as tap:
        assert (await tap.wait(topic)).retain
    acknowledge = await entity(home, screen, "acknowledge_service_failed", "button")
    await home.api.act("button.press", entity_id=acknowledge)
    await home.api.wait_state(failed, "off")
    assert await home.api.issues() == []
    async with Tap(broker, topic) as tap:
        await tap.never(topic, seconds=0.5)


async def test_a_reboot_that_never_returns_is_awaited_until_somebody_switches_the_screen_on(
    home: Hass, screen: SimulatedScreen
) -> None:
    """It went down as told; what it says once it is back ends the wait."""
    screen.fault(Fault.REBOOT_NEVER_RETURNS)
    await home.api.act("button.press", entity_id=await entity(home, screen, "reboot", "button"))
    last_command = await entity(home, screen, "last_command")
    await home.api.wait_state(last_command, "awaiting_reconnect", within=20)
    await asyncio.sleep(2)
    assert not screen.state.connected
    screen.clear()
    screen.power_on()
    done = await home.api.wait_state(last_command, "completed", within=30)
    assert screen.executed == [done["attributes"]["command_id"]]
