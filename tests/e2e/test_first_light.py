"""First light: simulated screens live in a real Home Assistant over a real broker."""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
import json
from pathlib import Path
from typing import Any

import pytest_asyncio

from rig.broker import Mosquitto
from rig.fleet import add_group, find_group
from rig.hass import Hass
from rig.tap import Message, Tap
from rig.waiting import until
from simulator import Fault, Fleet, Pace, SimulatedScreen

GOLDEN = json.loads((Path(__file__).parent / "golden" / "reboot.json").read_text(encoding="utf-8"))
# A host that is away for 20 s: longer than the 10 s after which a reboot is awaited, short for a test.
PACE = replace(
    Pace(), health=timedelta(seconds=1), heartbeat=timedelta(seconds=5), boot=timedelta(seconds=20)
)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def screens(home: Hass, fleet: str, broker: Mosquitto) -> AsyncGenerator[Fleet]:
    """Run three screens, the first two of them in the group Foyer."""
    await add_group(home.api, fleet, "Foyer", group_id=12)
    async with Fleet(3, port=broker.port, pace=PACE) as screens:
        for screen in screens:
            await home.api.wait_state(await shows(home, screen, "connectivity", "binary_sensor"), "on")
        for screen in (screens[0], screens[1]):
            select = await shows(home, screen, "group", "select")
            await home.api.act("select.select_option", {"option": "Foyer"}, entity_id=select)
        yield screens


async def shows(home: Hass, screen: SimulatedScreen, key: str, domain: str = "sensor") -> str:
    """Return the id of one of a screen's entities."""
    return await home.api.entity(domain, f"{screen.identity.uuid}_{key}")


def iso(moment: datetime) -> str:
    """Write a moment as an action takes it."""
    return moment.isoformat(timespec="milliseconds")


async def test_screens_appear_and_show_how_they_are(home: Hass, screens: Fleet) -> None:
    """Announced, acknowledged, alive."""
    for screen in screens:
        await home.api.wait_state(await shows(home, screen, "status"), "healthy")
        assert screen.complaints == []
    await screens[0].until(lambda state: state.group_id == 12)
    await screens[2].until(lambda state: state.group_id is None)


async def test_a_reboot_completes_with_every_message_as_the_contract_has_it(
    home: Hass, screens: Fleet, tap: Tap
) -> None:
    """The screen is away for twenty seconds, and executes the command once."""
    screen = screens[0]
    uuid = screen.identity.uuid
    last_command = await shows(home, screen, "last_command")
    await home.api.act("button.press", entity_id=await shows(home, screen, "reboot", "button"))
    await home.api.wait_state(last_command, "awaiting_reconnect", within=20)
    done = await home.api.wait_state(last_command, "completed", within=40)
    await tap.wait(f"infoscreen/{uuid}/command/ack", lambda ack: ack.json["status"] == "completed")

    told: dict[str, list[Any]] = {}
    for message in tap.find("#"):
        topic = message.topic.replace(uuid, "UUID")
        if topic in GOLDEN:
            told.setdefault(topic, []).append(as_golden(message, done["attributes"]["command_id"], uuid))
    assert told == GOLDEN
    assert screen.executed == [done["attributes"]["command_id"]]
    assert screen.complaints == []


def as_golden(message: Message, command_id: str, uuid: str) -> Any:
    """Return a message with what differs each time written out of it."""
    payload = message.json
    for key, word in (("issued_at", "ISSUED"), ("expires_at", "EXPIRES")):
        if key in payload:
            payload[key] = word
    text = json.dumps({"qos": message.qos, "retain": message.retain, "payload": payload})
    return json.loads(text.replace(command_id, "COMMAND").replace(uuid, "UUID"))


async def test_an_event_is_on_the_broker_from_its_start_to_its_end(
    home: Hass, fleet: str, screens: Fleet, tap: Tap
) -> None:
    """Each within a second, and the group's screens show it."""
    foyer = await find_group(home.api, fleet, "Foyer")
    start = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=4)
    end = start + timedelta(seconds=4)
    added = await home.api.ask(
        "infoscreen.add_event",
        {
            "title": "Open day",
            "event_type": "website",
            "url": "https://school.example/open-day",
            "start": iso(start),
            "end": iso(end),
        },
        device_id=foyer,
    )
    event_id = added["12"]["event_id"]
    begun = await tap.wait("infoscreen/events/12", lambda message: not message.retain)
    assert 0 <= begun.at - start.timestamp() < 1
    assert [event["id"] for event in begun.json] == [event_id]
    await screens[1].until(lambda state: event_id in state.shown)
    ended = await tap.wait(
        "infoscreen/events/12", lambda message: message.payload == b"[]" and not message.retain
    )
    assert 0 <= ended.at - end.timestamp() < 1
    assert event_id not in screens[2].shown


async def standing(broker: Mosquitto) -> dict[str, bytes]:
    """Return what is retained on the broker, as somebody sees who has just come."""
    async with Tap(broker) as tap:
        await asyncio.sleep(0.5)
        return {message.topic: message.payload for message in tap.messages if message.retain}


async def test_what_stood_on_the_broker_is_back_after_a_restart_of_either_side(
    home: Hass, fleet: str, screens: Fleet, broker: Mosquitto
) -> None:
    """The broker forgets all, Home Assistant is killed: groups and events stand again."""
    now = datetime.now(UTC)
    await home.api.act(
        "infoscreen.add_event",
        {
            "title": "Timetable",
            "event_type": "website",
            "url": "https://school.example/timetable",
            "start": iso(now - timedelta(hours=1)),
            "end": iso(now + timedelta(hours=1)),
        },
        device_id=await find_group(home.api, fleet, "Foyer"),
    )

    async def all_stands() -> bool:
        stands = await standing(broker)
        return expected.items() <= stands.items()

    uuids = [screen.identity.uuid for screen in screens]
    wanted = {f"infoscreen/{uuids[0]}/group_id", f"infoscreen/{uuids[1]}/group_id", "infoscreen/events/12"}
    expected = {topic: payload for topic, payload in (await standing(broker)).items() if topic in wanted}
    assert expected.keys() == wanted
    assert [event["title"] for event in json.loads(expected["infoscreen/events/12"])] == ["Timetable"]

    await broker.stop()
    status = await shows(home, screens[0], "status")
    await home.api.wait_state(status, "unknown")
    await broker.start()
    assert await until(all_stands, "what stood before the broker's restart", within=30)
    await home.api.wait_state(status, "healthy", within=30)

    await home.kill()
    await broker.stop()
    await broker.start()
    assert not expected.keys() & (await standing(broker)).keys()
    await home.start()
    assert await until(all_stands, "what stood before Home Assistant was killed", within=30)
    for screen in screens:
        await home.api.wait_state(await shows(home, screen, "status"), "healthy", within=40)


async def test_screens_that_are_silenced_or_cut_off_go_offline_and_come_back(
    home: Hass, fleet: str, screens: Fleet
) -> None:
    """One still connected, one not: silent for longer than the grace, here the shortest there is."""
    options = (await home.api.configure(fleet)).expect("form")
    changed = await options.submit(
        {
            "screens": {"heartbeat_grace_seconds": 60, "compatibility_topics": True},
            "commands": {"command_expiry_seconds": 240, "commands_for_all_users": False},
            "logs": {"log_max_entries": 1000, "log_max_days": 14},
        }
    )
    changed.expect("create_entry")
    gone = screens[1], screens[2]
    for screen, fault in zip(gone, (Fault.SILENT, Fault.OFFLINE), strict=True):
        screen.fault(fault)
    for screen in gone:
        connectivity = await shows(home, screen, "connectivity", "binary_sensor")
        await home.api.wait_state(connectivity, "off", within=75)
    await home.api.wait_state(await shows(home, screens[0], "connectivity", "binary_sensor"), "on")
    for screen in gone:
        screen.clear()
    for screen in gone:
        connectivity = await shows(home, screen, "connectivity", "binary_sensor")
        await home.api.wait_state(connectivity, "on")
