"""A scripted outage over a real upsd, a real broker and twelve simulated screens."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
import time

import pytest
import pytest_asyncio

from rig.api import Api
from rig.broker import Mosquitto
from rig.fleet import add_group
from rig.hass import Hass
from rig.nut import Nut
from rig.ports import HOST
from rig.waiting import until
from simulator import Pace, SimulatedScreen, identities

from ..programs import need_nut

PACE = replace(
    Pace(),
    health=timedelta(seconds=1),
    heartbeat=timedelta(seconds=5),
    stage=timedelta(seconds=0.5),
    boot=timedelta(seconds=10),
)
FULL = {"battery__charge": "100"}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def nut(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Nut]:
    """Run an upsd with one UPS on mains."""
    need_nut()
    async with Nut(tmp_path_factory.mktemp("nut")) as nut:
        await nut.add("rack", ups__status="OL", **FULL)
        await nut.start()
        yield nut


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def rack(home: Hass, nut: Nut) -> str:
    """Follow the UPS; return its device."""
    menu = (await home.api.add_integration("infoscreen")).expect("menu")
    form = (await menu.choose("ups")).expect("form", step_id="ups")
    done = (await form.submit({"host": HOST, "port": nut.port})).expect("create_entry")
    await home.api.wait_entry(done.result["entry_id"])
    (device,) = await home.api.devices(done.result["entry_id"])
    return str(device["id"])


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def screens(
    home: Hass, fleet: str, rack: str, broker: Mosquitto
) -> AsyncGenerator[dict[str, SimulatedScreen]]:
    """Run twelve screens on plugs, the first half in a group that goes down last."""
    async with AsyncExitStack() as stack:
        found = [
            await stack.enter_async_context(SimulatedScreen(identity, port=broker.port, pace=PACE))
            for identity in identities(12)
        ]
        for screen in found:
            uuid = screen.identity.uuid
            await home.api.wait_state(await home.api.entity("binary_sensor", f"{uuid}_connectivity"), "on")
        keys = [screen.identity.uuid.lower() for screen in found]
        devices = {key: row["id"] for row in await home.api.devices(fleet) for _, key in row["identifiers"]}
        for name, tier, those in (("Foyer", 1, keys[:6]), ("Aula", 3, keys[6:])):
            await add_group(home.api, fleet, name, screens=those, ups=rack, shutdown_tier=tier)
        plugs = {}
        for number, screen in enumerate(found):
            plugs[await add_plug(home.api, number)] = screen
        for (plug, _), key in zip(plugs.items(), keys, strict=True):
            form = (await home.api.add_subentry(fleet, "hardware")).expect("form")
            (await form.submit({"screen": devices[key], "plug": plug})).expect("create_entry")
        yield plugs


async def add_plug(api: Api, number: int) -> str:
    """Make a switch of Home Assistant's own; return its entity id."""
    menu = (await api.add_integration("template")).expect("menu")
    form = (await menu.choose("switch")).expect("form")
    (await form.submit({"name": f"Plug {number}", "turn_on": [], "turn_off": []})).expect("create_entry")
    await api.act("switch.turn_on", entity_id=f"switch.plug_{number}")
    await api.wait_state(f"switch.plug_{number}", "on")
    return f"switch.plug_{number}"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def cut(home: Hass, screens: dict[str, SimulatedScreen]) -> AsyncGenerator[list[tuple[float, str]]]:
    """Let plugs feed their screens; return which were turned off, and when."""
    cut: list[tuple[float, str]] = []
    feeding = asyncio.create_task(feed(home.api, screens, cut))
    yield cut
    feeding.cancel()


async def feed(api: Api, plugs: dict[str, SimulatedScreen], cut: list[tuple[float, str]]) -> None:
    """Let plugs feed their screens, and note when each is turned off."""
    off: set[str] = set()
    while True:
        states = await api.states()
        for plug, screen in plugs.items():
            if states[plug]["state"] == "off" and plug not in off:
                off.add(plug)
                cut.append((time.monotonic(), plug))
                screen.power_off()
            elif states[plug]["state"] == "on" and plug in off:
                off.discard(plug)
                screen.power_on()
        await asyncio.sleep(0.5)


async def down(screens: list[SimulatedScreen], within: float) -> float:
    """Wait until screens have shut down; return when that was."""

    async def are_down() -> bool:
        return all(screen.executed for screen in screens)

    await until(are_down, "the screens go down", within=within)
    return time.monotonic()


async def test_a_flicker_of_two_seconds_does_nothing(
    nut: Nut, screens: dict[str, SimulatedScreen], cut: list[tuple[float, str]]
) -> None:
    """Whether it was seen at all."""
    nut.say("rack", ups__status="OB", **FULL)
    await asyncio.sleep(2)
    nut.say("rack", ups__status="OL", **FULL)
    await asyncio.sleep(20)
    assert not any(screen.executed for screen in screens.values())
    assert cut == []


@pytest.mark.timeout(500)
async def test_an_outage_takes_everybody_down_in_order_and_brings_all_back(
    home: Hass, nut: Nut, screens: dict[str, SimulatedScreen], cut: list[tuple[float, str]]
) -> None:
    """The Aula before the Foyer, each screen once; their plugs one after the other."""
    everybody = list(screens.values())
    foyer, aula = everybody[:6], everybody[6:]
    nut.say("rack", ups__status="OB DISCHRG", battery__charge="60")
    await asyncio.sleep(20)
    assert not any(screen.executed for screen in everybody)
    nut.say("rack", ups__status="OB DISCHRG LB", battery__charge="55")
    first = await down(aula, within=30)
    assert not any(screen.executed for screen in foyer)
    assert await down(foyer, within=90) - first > 50

    nut.say("rack", ups__status="OL CHRG", battery__charge="51")
    for screen in everybody:
        status = await home.api.entity("sensor", f"{screen.identity.uuid}_status")
        await home.api.wait_state(status, "healthy", within=180)
    assert [len(screen.executed) for screen in everybody] == [1] * 12
    assert len(cut) == 12
    assert all(later - earlier > 4 for (earlier, _), (later, _) in pairwise(cut))
