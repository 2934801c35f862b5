"""An emergency takes over groups: at once, over everything, until it ends, is stopped or is survived."""

import asyncio
from datetime import UTC, datetime
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError, Unauthorized
from homeassistant.helpers import (
    area_registry as ar,
    device_registry as dr,
    floor_registry as fr,
    label_registry as lr,
)
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, MockUser

from .conftest import OTHER, UUID, Ask, Look, PassTime, choose, group
from .disks import full_disk
from .test_events import WEBSITE
from .wire import Wire

FOYER, AULA = "infoscreen/events/12", "infoscreen/events/13"
NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
FIRE = {"title": "Evacuation", "text": "Leave the building."}


@pytest.fixture
def options() -> dict[str, Any]:
    """Tell the TVs when to be on."""
    return {"power_intent_enabled": True}


@pytest.fixture(autouse=True)
async def monday_morning(hass: HomeAssistant, freezer: FrozenDateTimeFactory) -> None:
    """Begin during school, in Vienna."""
    freezer.move_to(NOW)
    await hass.config.async_set_time_zone("Europe/Vienna")


def shown(wire: Wire, topic: str = FOYER) -> list[list[str]]:
    """Return the titles of each list that a group was told, forgetting the rest."""
    return [[each["title"] for each in said.json] for said in wire.rest() if said.topic == topic]


def takeover(look: Look, fleet: MockConfigEntry, group_id: int = 12) -> str:
    """Return whether a group is taken over."""
    return look.state("binary_sensor", f"{fleet.entry_id}_group_{group_id}_takeover")


async def test_a_takeover_is_shown_instead_of_everything_and_ends_by_itself(
    fleet: MockConfigEntry, ask: Ask, wire: Wire, look: Look, pass_time: PassTime
) -> None:
    """Product, "Schedule": it replaces the list until it ends, then the schedule returns."""
    await ask("add_event", **WEBSITE, priority="important")
    wire.rest()
    started = await ask("start_takeover", **FIRE, duration={"minutes": 10})
    said = wire.said(FOYER)
    assert (said.qos, said.retain) == (1, True)
    assert said.json == [
        {
            "id": 2,
            "group_id": 12,
            "title": "Evacuation",
            "start": "2026-11-23T09:30:00Z",
            "end": "2026-11-23T09:40:00Z",
            "event_type": "message",
            "recurrence_rule": None,
            "recurrence_end": None,
            "message": {"text": "Leave the building.", "title": "Evacuation", "severity": "critical"},
        }
    ]
    assert takeover(look, fleet) == "on"
    attributes = look.attributes("binary_sensor", f"{fleet.entry_id}_group_12_takeover")
    assert {name: attributes[name] for name in ("takeover_id", "title", "until", "drill")} == {
        "takeover_id": started["takeover_id"],
        "title": "Evacuation",
        "until": "2026-11-23T09:40:00Z",
        "drill": False,
    }
    wire.rest()

    await pass_time(599)
    assert shown(wire) == []
    await pass_time(1)
    assert shown(wire) == [["Timetable"]]
    assert takeover(look, fleet) == "off"
    attributes = look.attributes("binary_sensor", f"{fleet.entry_id}_group_12_takeover")
    assert (attributes["takeover_id"], attributes["drill"]) == (None, None)


async def test_a_takeover_turns_tvs_on_whoever_holds_them_off(
    fleet: MockConfigEntry, ask: Ask, wire: Wire, look: Look, pass_time: PassTime
) -> None:
    """Product, "Power": takeover on goes before a hand, which has the TVs again afterwards."""
    await ask("set_power", power_mode="off")
    wire.rest()
    await ask("start_takeover", **FIRE)
    (intent,) = (said.json for said in wire.rest() if said.topic == "infoscreen/groups/12/power/intent")
    assert (intent["desired_state"], intent["reason"], intent["active_event_ids"]) == ("on", "takeover", [1])
    assert look.state("sensor", f"{fleet.entry_id}_group_12_power_reason") == "takeover"
    await pass_time(3600)
    wire.rest()
    assert look.state("sensor", f"{fleet.entry_id}_group_12_power_reason") == "manual_override"


async def test_explaining_the_schedule_names_the_takeover(ask: Ask, wire: Wire) -> None:
    """Product, "Actions": what was to be shown is told too, with the reason why it is not."""
    await ask("add_event", **WEBSITE)
    await ask("start_takeover", **FIRE)
    wire.rest()
    told = (await ask("explain_schedule"))["12"]
    assert (told["reason"], told["power"]) == ("takeover", "on")
    assert told["showing"] == [{"event_id": 2, "title": "Evacuation", "reason": "takeover"}]
    assert [each["reason"] for each in told["candidates"]] == ["takeover", "takeover"]


async def test_the_newest_takeover_is_shown_and_the_older_returns(
    ask: Ask, wire: Wire, pass_time: PassTime
) -> None:
    """Edges, "Content"; also of two within one second."""
    await ask("start_takeover", **FIRE)
    wire.rest()
    newer = await ask("start_takeover", title="All clear", duration=60)
    assert shown(wire) == [["All clear"]]
    await pass_time(60)
    assert shown(wire) == [["Evacuation"]]
    newer = await ask("start_takeover", title="All clear")
    wire.rest()
    await ask("stop_takeover", takeover_id=newer["takeover_id"])
    assert shown(wire) == [["Evacuation"]]


async def test_everything_is_taken_over_by_the_fleets_own_device(
    fleet: MockConfigEntry, ask: Ask, wire: Wire, look: Look, whole: dict[str, Any]
) -> None:
    """Product: groups, areas, floors, labels or everything; one takeover, stopped as one."""
    started = await ask("start_takeover", whole, **FIRE)
    said = {said.topic: said.json for said in wire.rest()}
    assert [said[topic][0]["id"] for topic in (FOYER, AULA)] == [1, 2], "an id is never used twice"
    assert {takeover(look, fleet, group_id) for group_id in (12, 13)} == {"on"}
    await ask("stop_takeover", {}, takeover_id=started["takeover_id"])
    said = {said.topic: said.payload for said in wire.rest() if "events" in said.topic}
    assert said == {FOYER: b"[]", AULA: b"[]"}


@pytest.mark.parametrize("kind", ["area_id", "floor_id", "label_id"])
async def test_a_place_reaches_the_groups_that_have_a_screen_there(
    hass: HomeAssistant, ask: Ask, screen: str, wire: Wire, look: Look, fleet: MockConfigEntry, kind: str
) -> None:
    """Edges, "Content": a group is the unit that shows. The fleet's own device there is not everything."""
    await choose(hass, look, screen, "Aula")
    floor = fr.async_get(hass).async_create("Ground floor")
    area = ar.async_get(hass).async_create("Hall", floor_id=floor.floor_id)
    label = lr.async_get(hass).async_create("Public")
    for identifier in (screen, fleet.entry_id):
        dr.async_get(hass).async_update_device(
            look.device(fleet, identifier).id, area_id=area.id, labels={label.label_id}
        )
    await wire.settle()
    wire.rest()
    place = {"area_id": area.id, "floor_id": floor.floor_id, "label_id": label.label_id}[kind]
    started = await ask("start_takeover", {kind: place}, **FIRE)
    assert (started["alive"], started["silent"]) == ([screen], [])
    assert [said.topic for said in wire.rest() if "events" in said.topic] == [AULA]


async def test_the_answer_says_who_is_there_to_hear_of_it(
    hass: HomeAssistant, ask: Ask, screen: str, wire: Wire, look: Look, pass_time: PassTime
) -> None:
    """Product, "Actions": alive and silent; screens of other groups are not asked about."""
    await wire.hears("infoscreen/discovery", {"uuid": OTHER})
    await wire.hears(f"infoscreen/{'3' * 8}-2222-4333-8444-555555555555/heartbeat")
    await choose(hass, look, UUID, "Foyer")
    await choose(hass, look, OTHER, "Foyer")
    await pass_time(170)
    await wire.hears(f"infoscreen/{OTHER}/heartbeat")
    started = await ask("start_takeover", **FIRE)
    assert (started["alive"], started["silent"]) == ([OTHER], [UUID])
    wire.rest()


async def test_a_takeover_survives_a_restart(
    hass: HomeAssistant, fleet: MockConfigEntry, ask: Ask, wire: Wire, look: Look, pass_time: PassTime
) -> None:
    """Product, "Schedule": with all that is known of it, until it ends."""
    started = await ask("start_takeover", **FIRE, drill=True, until="2026-11-23 11:00:00")
    wire.rest()
    assert await hass.config_entries.async_reload(fleet.entry_id)
    await wire.settle()
    assert shown(wire) == [["DRILL: Evacuation"]]
    attributes = look.attributes("binary_sensor", f"{fleet.entry_id}_group_12_takeover")
    assert (attributes["takeover_id"], attributes["drill"]) == (started["takeover_id"], True)
    await pass_time(1800)
    assert shown(wire) == [[]]


async def test_a_takeover_that_ended_while_nobody_was_there_stays_ended(
    hass: HomeAssistant, fleet: MockConfigEntry, ask: Ask, wire: Wire, freezer: FrozenDateTimeFactory
) -> None:
    """The clock does not stop with Home Assistant."""
    await ask("start_takeover", **FIRE)
    wire.rest()
    assert await hass.config_entries.async_unload(fleet.entry_id)
    freezer.tick(3600)
    assert await hass.config_entries.async_setup(fleet.entry_id)
    await wire.settle()
    assert shown(wire) == [[]]


@pytest.mark.parametrize(("language", "title"), [("en", "DRILL: Evacuation"), ("de", "ÜBUNG: Evacuation")])
async def test_a_drill_is_marked_as_one(
    hass: HomeAssistant,
    fleet: MockConfigEntry,
    ask: Ask,
    wire: Wire,
    look: Look,
    language: str,
    title: str,
) -> None:
    """On the screens in the words of the house, and for automations."""
    hass.config.language = language
    await ask("start_takeover", **FIRE, drill=True)
    (element,) = wire.said(FOYER).json
    assert (element["title"], element["message"]["title"]) == (title, title)
    assert look.attributes("binary_sensor", f"{fleet.entry_id}_group_12_takeover")["drill"] is True
    assert look.state("sensor", f"{fleet.entry_id}_group_12_current_event") == title
    wire.rest()


async def test_takeovers_are_stopped_in_the_groups_that_are_chosen(
    fleet: MockConfigEntry, ask: Ask, wire: Wire, look: Look, whole: dict[str, Any]
) -> None:
    """Product, "Actions": without an id all of them; with none on there is nothing to do."""
    await ask("start_takeover", whole, **FIRE)
    await ask("start_takeover", title="Also")
    wire.rest()
    await ask("stop_takeover")
    assert (takeover(look, fleet, 12), takeover(look, fleet, 13)) == ("off", "on")
    assert [said.topic for said in wire.rest() if "events" in said.topic] == [FOYER]
    await ask("stop_takeover")
    assert wire.rest() == []


async def test_a_takeover_is_not_stopped_where_it_is_not(
    fleet: MockConfigEntry, ask: Ask, wire: Wire, look: Look
) -> None:
    """Who names a takeover and the wrong group is told, rather than believing that it is over."""
    started = await ask("start_takeover", **FIRE)
    aula = {"device_id": look.device(fleet, f"{fleet.entry_id}_group_13").id}
    wire.rest()
    with pytest.raises(ServiceValidationError, match="in the groups that were chosen"):
        await ask("stop_takeover", aula, takeover_id=started["takeover_id"])
    assert takeover(look, fleet) == "on"


@pytest.mark.parametrize(
    ("action", "target", "data", "message"),
    [
        ("start_takeover", {}, FIRE, "Nothing was chosen"),
        ("stop_takeover", {}, {}, "Nothing was chosen"),
        ("stop_takeover", {}, {"takeover_id": "7a3e"}, "There is no takeover 7a3e"),
        ("stop_takeover", None, {"takeover_id": "7a3e"}, "There is no takeover 7a3e"),
        ("start_takeover", None, {}, "There is nothing to show"),
        ("start_takeover", None, {"title": "x", "text": "y", "url": "https://z.example"}, "one thing"),
        ("start_takeover", None, {"title": "x", "duration": {"hours": 25}}, "at most 24 hours"),
        ("start_takeover", None, {"title": "x", "until": "2026-11-23 10:00:00"}, "is past"),
        ("start_takeover", None, {"title": "x", "until": "soon"}, "soon"),
        (
            "start_takeover",
            None,
            {"title": "x", "duration": 60, "until": "2026-11-23 12:00:00"},
            "Give one of them",
        ),
        ("start_takeover", None, {"title": "x", "url": "ftp://z.example"}, "no web address"),
    ],
)
async def test_bad_input_is_refused_with_nothing_done(
    fleet: MockConfigEntry,
    ask: Ask,
    wire: Wire,
    look: Look,
    action: str,
    target: dict[str, Any] | None,
    data: dict[str, Any],
    message: str,
) -> None:
    """Product, "Actions": thing, fact, way out; before anything is sent."""
    wire.rest()
    with pytest.raises(ServiceValidationError, match=message):
        await ask(action, target, **data)
    assert takeover(look, fleet) == "off"


@pytest.mark.parametrize("action", ["start_takeover", "stop_takeover"])
async def test_only_administrators_take_over(
    hass: HomeAssistant, fleet: MockConfigEntry, ask: Ask, wire: Wire, look: Look, action: str
) -> None:
    """Product, "Who may what": who may plan in a group may not start nor stop an emergency there."""
    user = MockUser().add_to_hass(hass)
    user.mock_policy({"entities": True})
    data: dict[str, Any] = {}
    if action == "stop_takeover":
        await ask("start_takeover", **FIRE)
    else:
        data = FIRE
    before = takeover(look, fleet)
    wire.rest()
    with pytest.raises(Unauthorized):
        await ask(action, user_id=user.id, **data)
    assert takeover(look, fleet) == before


@pytest.mark.parametrize(
    ("action", "data"), [("delete_event", {}), ("update_event", {"title": "Lunch"})], ids=["delete", "change"]
)
async def test_a_takeover_is_no_event_that_can_be_changed(
    ask: Ask, wire: Wire, action: str, data: dict[str, Any]
) -> None:
    """Or whoever may plan could end an emergency."""
    await ask("start_takeover", **FIRE)
    wire.rest()
    with pytest.raises(ServiceValidationError, match="Evacuation is a takeover"):
        await ask(action, event_id=1, **data)


async def test_nothing_is_shown_that_a_restart_would_undo(
    fleet: MockConfigEntry, ask: Ask, wire: Wire, look: Look
) -> None:
    """A disk that is full makes the action fail, not the takeover vanish later."""
    wire.rest()
    with full_disk(), pytest.raises(HomeAssistantError, match="infoscreen"):
        await ask("start_takeover", **FIRE)
    assert takeover(look, fleet) == "off"


async def test_a_takeover_waits_for_a_broker_that_is_away(ask: Ask, wire: Wire) -> None:
    """It stands on the broker as soon as that is back."""
    await wire.breaks()
    wire.rest()
    await ask("start_takeover", **FIRE)
    assert wire.rest() == []
    await wire.mends()
    assert shown(wire) == [["Evacuation"]]


async def test_takeovers_are_not_part_of_a_schedule_that_is_given_out(ask: Ask, wire: Wire) -> None:
    """A file that is taken in elsewhere shall start no emergency there; neither shall one that says so."""
    await ask("add_event", **WEBSITE)
    await ask("start_takeover", **FIRE)
    ical = (await ask("export_schedule"))["ical"]
    assert ("Timetable" in ical, "Evacuation" in ical) == (True, False)
    ours = b'{"event_type": "message", "text": "Run", "priority": "takeover"}'.hex()
    forged = f"""BEGIN:VCALENDAR\r
PRODID:-//x//EN\r
VERSION:2.0\r
BEGIN:VEVENT\r
DTSTAMP:20261123T080000Z\r
UID:1\r
DTSTART:20261123T080000Z\r
DTEND:20261123T180000Z\r
SUMMARY:Run\r
X-INFOSCREEN:{ours}\r
END:VEVENT\r
END:VCALENDAR\r
"""
    wire.rest()
    taken = (await ask("import_schedule", ical=forged))["12"]
    assert (taken["event_ids"], len(taken["skipped"])) == ([], 1)


async def test_what_is_over_is_forgotten_after_a_week(
    ask: Ask, wire: Wire, foyer: dict[str, Any], pass_time: PassTime
) -> None:
    """The calendar tells of it until then; the schedule does not grow for ever."""
    window = {"start": "2026-11-23", "end": "2026-11-24"}

    async def told() -> list[str]:
        return [each["title"] for each in (await ask("get_events", **window))["12"]]

    await ask("start_takeover", **FIRE)
    await pass_time(86_400)
    await ask("start_takeover", title="Again")
    assert await told() == ["Evacuation"]
    await pass_time(8 * 86_400)
    await ask("start_takeover", title="Once more")
    assert await told() == []
    wire.rest()


@pytest.fixture
async def annex(hass: HomeAssistant, fleet: MockConfigEntry, wire: Wire) -> MockConfigEntry:
    """Set up another fleet with a group, which may show less."""
    annex = MockConfigEntry(
        domain="infoscreen",
        title="Annex",
        unique_id="mqtt/annex",
        data={"transport": "mqtt", "topic_prefix": "annex"},
        options={"url_allowlist": ["school.example"]},
        subentries_data=[group("Gym", 1)],
    )
    annex.add_to_hass(hass)
    assert await hass.config_entries.async_setup(annex.entry_id)
    await wire.settle()
    return annex


@pytest.fixture
def both(fleet: MockConfigEntry, annex: MockConfigEntry, look: Look, wire: Wire) -> dict[str, Any]:
    """Return both fleets as a target; what they said so far is forgotten."""
    wire.rest()
    return {"device_id": [look.device(entry, entry.entry_id).id for entry in (fleet, annex)]}


async def test_one_takeover_reaches_several_fleets(
    fleet: MockConfigEntry, annex: MockConfigEntry, ask: Ask, wire: Wire, look: Look, both: dict[str, Any]
) -> None:
    """It has one id in all of them, and is stopped in all by it."""
    started = await ask("start_takeover", both, **FIRE)
    heard = {said.topic for said in wire.rest() if "events" in said.topic}
    assert heard == {FOYER, AULA, "annex/events/1"}
    attributes = look.attributes("binary_sensor", f"{annex.entry_id}_group_1_takeover")
    assert attributes["takeover_id"] == started["takeover_id"]
    await ask("stop_takeover", {}, takeover_id=started["takeover_id"])
    stopped = {said.topic: said.payload for said in wire.rest() if "events" in said.topic}
    assert stopped == dict.fromkeys(heard, b"[]")


async def test_what_one_fleet_may_not_show_is_shown_in_none(
    fleet: MockConfigEntry, ask: Ask, wire: Wire, look: Look, both: dict[str, Any]
) -> None:
    """Product, "Actions": bad input raises before anything is sent."""
    with pytest.raises(ServiceValidationError, match="may not show"):
        await ask("start_takeover", both, title="Plan", url="https://elsewhere.example/")
    assert wire.rest() == []


async def test_a_fleet_that_fails_does_not_stop_the_other(
    annex: MockConfigEntry, ask: Ask, wire: Wire, both: dict[str, Any]
) -> None:
    """Product, "Actions": several targets run side by side; the failure is told afterwards."""
    with full_disk(annex.entry_id), pytest.raises(HomeAssistantError, match=annex.entry_id):
        await ask("start_takeover", both, **FIRE)
    await wire.settle()
    assert {said.topic for said in wire.rest() if "events" in said.topic} == {FOYER, AULA}


async def test_takeovers_side_by_side_lose_nothing(
    hass: HomeAssistant, fleet: MockConfigEntry, ask: Ask, wire: Wire, look: Look
) -> None:
    """Two people press at the same moment, for two places with content of their own."""
    aula = {"device_id": look.device(fleet, f"{fleet.entry_id}_group_13").id}
    first, second = await asyncio.gather(
        ask("start_takeover", title="North exit"), ask("start_takeover", aula, title="South exit")
    )
    assert first["takeover_id"] != second["takeover_id"]
    said = {said.topic: said.json[0]["title"] for said in wire.rest() if "events" in said.topic}
    assert said == {FOYER: "North exit", AULA: "South exit"}
