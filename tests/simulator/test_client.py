"""Test screens over a real broker."""

import asyncio
from base64 import b64decode
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
import signal
import sys
from typing import Any
from uuid import uuid4

from PIL import Image
import pytest

from simulator import Fault, Fleet, Power, SimulatedScreen, State
from simulator.wire import stamp

from .conftest import Broker
from .lab import IDENTITY, UUID, ack, command, event

MINE = f"infoscreen/{UUID}"
SPEED = 50


def screen_at(broker: Broker, **options: Any) -> SimulatedScreen:
    """Return a screen that lives fast."""
    return SimulatedScreen(IDENTITY, port=broker.port, speed=SPEED, **options)


def fresh(action: str) -> dict[str, Any]:
    """Word a command that is given now."""
    now = datetime.now(UTC)
    times = {"issued_at": stamp(now), "expires_at": stamp(now + timedelta(minutes=4))}
    return command(action, command_id=str(uuid4()), **times)


def connected(state: State) -> bool:
    """Tell whether a screen has its connection."""
    return state.connected


async def test_a_screen_is_discovered_and_follows_its_group(broker: Broker) -> None:
    """The first minute of every screen's life."""
    async with broker.controller("infoscreen/#") as controller, screen_at(broker) as screen:
        assert (await controller.hears("discovery"))["uuid"] == UUID
        await controller.says("infoscreen/events/12", [event(42)], retain=True)
        await controller.says(f"{MINE}/group_id", "12", retain=True)
        await controller.says(f"{MINE}/discovery_ack", ack(12))
        await screen.until(lambda state: state.acknowledged and state.shown)
        while (await controller.hears("heartbeat"))["current_event_id"] != 42:
            pass
        assert (screen.shown, screen.complaints) == ([42], [])


async def test_a_dashboard_carries_a_picture(broker: Broker) -> None:
    """People judge a screen by what they see."""
    async with broker.controller("infoscreen/#") as controller, screen_at(broker):
        screenshot = (await controller.hears("dashboard"))["content"]["screenshot"]
    data = b64decode(screenshot["data"])
    with Image.open(BytesIO(data)) as picture:
        assert (picture.format, picture.size, screenshot["size"]) == ("JPEG", (640, 360), len(data))


async def test_a_reboot_is_heard_as_a_silence_between_two_connections(broker: Broker) -> None:
    """Controllers recognise the return by what they hear, so the connection must really be gone."""
    reboot = fresh("reboot_host")
    async with (
        broker.controller(f"{MINE}/#", "infoscreen/discovery") as controller,
        screen_at(broker) as screen,
    ):
        await screen.until(connected)
        await controller.says(f"{MINE}/commands", reboot)
        await controller.says(f"{MINE}/command", reboot)
        stages = [(await controller.hears("commands/ack"))["status"] for _ in range(2)]
        state = await screen.until(lambda state: state.power is Power.REBOOTING)
        assert (state.connected, stages) == (False, ["accepted", "execution_started"])
        await controller.hears("discovery")
        assert (await controller.hears("commands/ack"))["status"] == "completed"
        assert screen.executed == [reboot["command_id"]]


async def test_a_shut_down_screen_stays_away_until_it_is_switched_on(broker: Broker) -> None:
    """All acks arrive before the connection ends."""
    async with (
        broker.controller(f"{MINE}/#", "infoscreen/discovery") as controller,
        screen_at(broker) as screen,
    ):
        await screen.until(connected)
        await controller.says(f"{MINE}/commands", fresh("shutdown_host"))
        stages = [(await controller.hears("command/ack"))["status"] for _ in range(3)]
        assert stages == ["accepted", "execution_started", "completed"]
        await asyncio.sleep(0.2)
        assert screen.state.power is Power.OFF
        screen.power_on()
        await controller.hears("discovery")


async def test_a_command_runs_once_across_restarts_of_the_client(broker: Broker, tmp_path: Path) -> None:
    """What a screen has run it has written down before it answers."""
    restart = fresh("restart_app")
    async with broker.controller(f"{MINE}/#") as controller:
        async with screen_at(broker, state_dir=tmp_path / "screens") as screen:
            await screen.until(connected)
            await controller.says(f"{MINE}/commands", restart)
            await screen.until(lambda state: state.executed)
        async with screen_at(broker, state_dir=tmp_path / "screens") as screen:
            await screen.until(connected)
            await controller.says(f"{MINE}/commands", restart)
            other = fresh("restart_app")
            await controller.says(f"{MINE}/commands", other)
            await screen.until(lambda state: state.executed)
            assert screen.executed == [other["command_id"]]


async def test_an_unreadable_memory_is_an_empty_one(broker: Broker, tmp_path: Path) -> None:
    """A card pulled while it was written must not keep a screen dark."""
    (tmp_path / f"{UUID}.json").write_text('{"taken": [1', encoding="utf-8")
    async with screen_at(broker, state_dir=tmp_path) as screen:
        await screen.until(connected)
        assert screen.state.memory.taken == ()


async def test_a_screen_finds_its_broker_again(broker: Broker) -> None:
    """A broker restarts; nobody walks from screen to screen."""
    async with screen_at(broker) as screen:
        await screen.until(connected)
        await broker.stop()
        await screen.until(lambda state: not state.connected)
        await broker.start()
        state = await screen.until(connected)
        assert (state.reconnects, state.last_disconnect is not None) == (1, True)


async def test_a_screen_waits_for_a_broker_that_is_not_there_yet(broker: Broker) -> None:
    """After a power cut the screens are up before the server."""
    await broker.stop()
    async with screen_at(broker) as screen:
        await asyncio.sleep(0.2)
        assert not screen.state.connected
        await broker.start()
        await screen.until(connected)


async def test_an_offline_screen_comes_back_when_cleared(broker: Broker) -> None:
    """Faults are set and cleared while the screen runs."""
    async with broker.controller("infoscreen/discovery") as controller, screen_at(broker) as screen:
        await controller.hears("discovery")
        screen.fault(Fault.OFFLINE)
        await screen.until(lambda state: not state.connected)
        await asyncio.sleep(0.2)
        assert not screen.state.connected
        screen.clear()
        await screen.until(connected)
        await controller.hears("discovery")


async def test_what_is_told_by_hand_is_heard(broker: Broker) -> None:
    """Tests make screens complain, also before they have a connection."""
    async with broker.controller(f"{MINE}/#") as controller, screen_at(broker) as screen:
        screen.log("error", "The film is torn", {"code": 7})
        screen.fail_service("infoscreen.service")
        assert (await controller.hears("logs/error"))["context"] == {"code": 7}
        await controller.hears("service_failed")
    async with broker.controller(f"{MINE}/#") as controller:  # who comes later hears what is retained
        assert (await controller.hears("service_failed"))["unit"] == "infoscreen.service"


async def test_a_screen_whose_clock_was_turned_does_what_is_due_when_it_is_woken(broker: Broker) -> None:
    """Whoever turns the clock need not wait for the hours between."""
    now = datetime(2026, 10, 22, 4, tzinfo=UTC)
    async with (
        broker.controller(f"{MINE}/heartbeat") as controller,
        SimulatedScreen(IDENTITY, port=broker.port, clock=lambda: now) as screen,
    ):
        assert (await controller.hears("heartbeat"))["timestamp"] == "2026-10-22T04:00:00Z"
        now += timedelta(hours=3)
        screen.wake()
        assert (await controller.hears("heartbeat"))["timestamp"] == "2026-10-22T07:00:00Z"


async def test_an_offline_screen_does_not_even_knock(broker: Broker) -> None:
    """A screen without a cable costs neither the broker nor the processor anything."""
    knocks: list[object] = []
    async with (
        await asyncio.start_server(lambda *knock: knocks.append(knock), "127.0.0.1") as server,
        screen_at(broker) as screen,
    ):
        await screen.until(connected)
        screen.port = server.sockets[0].getsockname()[1]
        screen.fault(Fault.OFFLINE)
        await asyncio.sleep(0.2)
        assert knocks == []


async def test_a_screen_stops_at_any_moment(broker: Broker) -> None:
    """Nothing is left behind, not even by a connection half made."""
    for turns, screen in enumerate(Fleet(60, port=broker.port)):
        async with screen:
            for _ in range(turns):
                await asyncio.sleep(0)
    await asyncio.sleep(0.1)
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_a_fleet_is_the_same_each_time(broker: Broker) -> None:
    """A demo started again finds its screens known; no two of them are alike."""
    async with Fleet(8, port=broker.port, speed=SPEED) as fleet:
        await asyncio.gather(*(screen.until(connected) for screen in fleet))
        identities = [screen.identity for screen in fleet]
    assert identities == [screen.identity for screen in Fleet(8)]
    for name in ("uuid", "hostname", "ip", "mac"):
        assert len({getattr(identity, name) for identity in identities}) == len(fleet)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["interrupted", "terminated"])
async def test_the_command_line_ends_at_once(broker: Broker, number: signal.Signals) -> None:
    """Whoever stops a demo does not want to wait for it."""
    options = ("--port", str(broker.port), "--screens", "3", "--speed", "50", "--fault", "crashed@2")
    async with broker.controller("infoscreen/#") as controller:
        process = await asyncio.create_subprocess_exec(sys.executable, "-m", "simulator", *options)
        while (await controller.hears("heartbeat"))["process_status"] != "crashed":
            pass
        process.send_signal(number)
        assert await asyncio.wait_for(process.wait(), 2) == 0


@pytest.mark.parametrize(
    "options",
    [("--fault", "tired@1"), ("--fault", "crashed@9"), ("--fault", "crashed"), ("--speed", "0")],
    ids=" ".join,
)
async def test_the_command_line_refuses_what_it_cannot_do(options: tuple[str, str]) -> None:
    """A typing error must not start a fleet without the fault."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "simulator", *options, stderr=asyncio.subprocess.PIPE
    )
    _, complaint = await process.communicate()
    assert (process.returncode, b"error: " in complaint) == (2, True)
