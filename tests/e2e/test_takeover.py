"""An emergency, from a person's press to the screens of an area, through a power cut, to its end on time."""

from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest_asyncio

from rig.broker import Mosquitto
from rig.fleet import add_group, find_group
from rig.hass import Hass
from rig.tap import Message, Tap
from simulator import Fleet

FOYER, AULA = "infoscreen/events/12", "infoscreen/events/13"
#: Longer than a start of Home Assistant takes on a machine that is busy.
LASTS = timedelta(seconds=60)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def screens(home: Hass, fleet: str, broker: Mosquitto) -> AsyncGenerator[Fleet]:
    """Run three screens: two in the group Foyer, of which one hangs in the north wing; one in the Aula."""
    await add_group(home.api, fleet, "Foyer", group_id=12)
    await add_group(home.api, fleet, "Aula", group_id=13)
    async with Fleet(3, port=broker.port) as screens:
        for screen, group in zip(screens, ("Foyer", "Foyer", "Aula"), strict=True):
            uuid = screen.identity.uuid
            await home.api.wait_state(await home.api.entity("binary_sensor", f"{uuid}_connectivity"), "on")
            select = await home.api.entity("select", f"{uuid}_group")
            await home.api.act("select.select_option", {"option": group}, entity_id=select)
        yield screens


async def north_wing(home: Hass, fleet: str, uuid: str) -> str:
    """Make an area in which one screen hangs."""
    area = await home.api.command("config/area_registry/create", name="North wing")
    (device,) = [
        row["id"]
        for row in await home.api.devices(fleet)
        if ["infoscreen", uuid.lower()] in row["identifiers"]
    ]
    await home.api.command("config/device_registry/update", device_id=device, area_id=area["area_id"])
    return str(area["area_id"])


def titles(message: Message) -> list[str]:
    """Return what a group is told to show."""
    return [event["title"] for event in message.json]


async def plan(home: Hass, fleet: str) -> None:
    """Plan lessons in the Foyer that are on now."""
    now = datetime.now(UTC)
    lessons: dict[str, Any] = {
        "title": "Lessons",
        "event_type": "message",
        "text": "1 2 3",
        "start": (now - timedelta(hours=1)).isoformat(),
        "end": (now + timedelta(hours=1)).isoformat(),
    }
    foyer = await find_group(home.api, fleet, "Foyer")
    await home.api.ask("infoscreen.add_event", lessons, device_id=foyer)


async def start_drill(home: Hass, area: str) -> dict[str, Any]:
    """Start a drill in an area, and kill Home Assistant as soon as the action has returned."""
    drill = {"title": "Evacuation", "text": "Leave the building.", "drill": True}
    duration = {"duration": LASTS.total_seconds()}
    started = await home.api.ask("infoscreen.start_takeover", drill | duration, area_id=area)
    await home.kill()
    return started


async def ends_on_time(home: Hass, fleet: str, tap: Tap, started: dict[str, Any], end: datetime) -> None:
    """See that the takeover is known for what it is until it ends, and that the schedule then returns."""
    sensor = await home.api.entity("binary_sensor", f"{fleet}_group_12_takeover")
    state = await home.api.wait_state(sensor, "on")
    assert state["attributes"]["takeover_id"] == started["takeover_id"]
    assert state["attributes"]["drill"] is True
    over = await tap.wait(FOYER, lambda told: titles(told) == ["Lessons"], within=LASTS.total_seconds())
    late = over.at - end.timestamp()
    assert 0 <= late < 2, f"{late} s late"
    await home.api.wait_state(sensor, "off")


async def test_a_drill_takes_over_an_area_through_a_power_cut_and_ends_on_time(
    home: Hass, fleet: str, screens: Fleet, broker: Mosquitto, tap: Tap
) -> None:
    """It is on the wire at once; Home Assistant is killed and the broker forgets all."""
    await plan(home, fleet)
    await tap.wait(FOYER, lambda told: titles(told) == ["Lessons"])
    area = await north_wing(home, fleet, screens[0].identity.uuid)
    await home.stored("core.config_entries", '"Foyer"', '"Aula"')

    mark = tap.mark()
    started = await start_drill(home, area)
    (element,) = (await tap.wait(FOYER, since=mark, within=1)).json
    assert (element["title"], element["message"]["title"]) == ("DRILL: Evacuation",) * 2
    assert sorted(started["alive"]) == sorted(screens[number].identity.uuid for number in (0, 1))
    assert (started["silent"], tap.find(AULA, since=mark)) == ([], [])
    for screen in (screens[0], screens[1]):
        await screen.until(lambda state: state.shown[-1:] == (element["id"],))

    await broker.stop()
    await broker.start()
    async with Tap(broker, "infoscreen/events/+") as after:
        await home.start()
        assert (await after.wait(FOYER, within=60)).json == [element]
        await ends_on_time(home, fleet, after, started, datetime.fromisoformat(element["end"]))
