"""Series are planned, changed, asked for and explained by actions."""

import asyncio
from typing import Any
from unittest.mock import patch

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError, Unauthorized
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers.storage import Store
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, MockUser
import voluptuous as vol

from .conftest import UUID, Ask, At, Look, choose
from .wire import Wire

pytestmark = pytest.mark.usefixtures("monday_morning")

MORNINGS = {
    "title": "Timetable",
    "event_type": "website",
    "url": "https://school.example/timetable",
    "start": "2026-11-23 08:00:00",
    "end": "2026-11-23 16:00:00",
    "rrule": "FREQ=DAILY;COUNT=5",
}
DRILL = {
    "title": "Fire drill",
    "event_type": "message",
    "text": "Please leave the house.",
    "start": "2026-11-23T06:00:00+00:00",
    "end": "2026-11-23T09:00:00+00:00",
}


async def planned(ask: Ask, end: str = "2026-12-07") -> list[Any]:
    """Return what is planned from Monday on, for two weeks."""
    return list((await ask("get_events", start="2026-11-23", end=end))["12"])


async def days(ask: Ask) -> list[str]:
    """Return on which days something is planned, and when in UTC."""
    return [f"{each['start'][8:16]} {each['title']}" for each in await planned(ask)]


async def test_a_series_is_published_day_by_day(ask: Ask, at: At, wire: Wire) -> None:
    """Contract, "events": start and end are those of the active occurrence."""
    assert await ask("add_event", **MORNINGS) == {"12": {"event_id": 1}}
    for day in (23, 24):
        await at(f"2026-11-{day} 07:00:00")
        (shown,) = wire.said("infoscreen/events/12").json
        assert (shown["start"], shown["end"]) == (f"2026-11-{day}T07:00:00Z", f"2026-11-{day}T15:00:00Z")
        assert (shown["recurrence_rule"], shown["recurrence_end"]) == ("FREQ=DAILY;COUNT=5", None)
        await at(f"2026-11-{day} 15:00:00")
        assert wire.said("infoscreen/events/12").payload == b"[]"


async def test_what_is_planned_is_told_occurrence_by_occurrence(ask: Ask) -> None:
    """Product, "Actions": times in UTC, all-day as dates, and by what name each can be changed."""
    await ask("add_event", **MORNINGS | {"rrule": "FREQ=WEEKLY"})
    await ask(
        "add_event",
        **DRILL | {"start": "2026-11-25", "end": "2026-11-26", "all_day": True, "priority": "important"},
    )
    first, whole_day, second = await planned(ask)
    assert first == {
        "event_id": 1,
        "title": "Timetable",
        "start": "2026-11-23T07:00:00Z",
        "end": "2026-11-23T15:00:00Z",
        "event_type": "website",
        "priority": "normal",
        "occurrence": "2026-11-23T08:00:00+01:00",
    }
    assert whole_day == {
        "event_id": 2,
        "title": "Fire drill",
        "start": "2026-11-25",
        "end": "2026-11-26",
        "event_type": "message",
        "priority": "important",
        "occurrence": "2026-11-25",
    }
    assert second["start"] == "2026-11-30T07:00:00Z"


@pytest.mark.parametrize(
    ("end", "key"),
    [("2026-11-23", "range_invalid"), ("2126-11-23", "range_invalid"), ("never", "time_not_understood")],
)
async def test_a_time_that_is_none_is_refused(ask: Ask, end: str, key: str) -> None:
    """An answer of a hundred years would be none."""
    with pytest.raises(ServiceValidationError) as refused:
        await planned(ask, end)
    assert refused.value.translation_key == key


async def test_a_series_is_changed_in_each_of_three_ways(ask: Ask) -> None:
    """Product, "Actions": series, occurrence, following."""
    await ask("add_event", **MORNINGS)
    assert await ask("update_event", event_id=1, title="Plan") == {"event_id": 1}
    occurrence = (await planned(ask))[1]["occurrence"]
    moved = await ask(
        "update_event",
        event_id=1,
        scope="occurrence",
        occurrence=occurrence,
        start="2026-11-24 10:00",
        end="2026-11-24 11:00",
    )
    assert moved == {"event_id": 1}
    later = (await planned(ask))[3]["occurrence"]
    new = await ask("update_event", event_id=1, scope="following", occurrence=later, title="New")
    assert new == {"event_id": 2}
    assert await days(ask) == [
        "23T07:00 Plan",
        "24T09:00 Plan",
        "25T07:00 Plan",
        "26T07:00 New",
        "27T07:00 New",
    ]
    assert [each["occurrence"] for each in await planned(ask)][1] == occurrence


async def test_a_series_is_deleted_in_each_of_three_ways(ask: Ask) -> None:
    """And a deleted occurrence does not come back with an edit."""
    await ask("add_event", **MORNINGS)
    await ask("delete_event", event_id=1, scope="occurrence", occurrence="2026-11-24T08:00:00+01:00")
    await ask("delete_event", event_id=1, scope="following", occurrence="2026-11-26 08:00")
    await ask("update_event", event_id=1, start="2026-11-23 09:00", end="2026-11-23 10:00")
    assert await days(ask) == ["23T08:00 Timetable", "25T08:00 Timetable"]
    await ask("delete_event", event_id=1)
    assert await days(ask) == []


async def test_naming_an_occurrence_never_means_the_whole_series(ask: Ask) -> None:
    """A scope that was left out is no larger than what was named."""
    await ask("add_event", **MORNINGS)
    await ask("delete_event", event_id=1, occurrence="2026-11-24 08:00")
    assert len(await planned(ask)) == 4


async def test_an_occurrence_is_detached(ask: Ask) -> None:
    """Product, "Actions": it is an event of its own from then on."""
    await ask("add_event", **MORNINGS)
    assert await ask(
        "detach_occurrence", event_id=1, occurrence="2026-11-24T08:00:00+01:00", title="Fair"
    ) == {"event_id": 2}
    assert [(each["event_id"], each["title"]) for each in await planned(ask)][:3] == [
        (1, "Timetable"),
        (2, "Fair"),
        (1, "Timetable"),
    ]


async def test_a_change_of_what_is_on_air_is_published_at_once(ask: Ask, wire: Wire) -> None:
    """And one of what is not, is not."""
    await ask("add_event", **DRILL)
    assert wire.said("infoscreen/events/12").json[0]["message"]["text"] == "Please leave the house."
    await ask("update_event", event_id=1, text="Stay.")
    assert wire.said("infoscreen/events/12").json[0]["message"]["text"] == "Stay."
    await ask("update_event", event_id=1, slide_interval=30)
    assert wire.rest() == []
    await ask("delete_event", event_id=1)
    assert wire.said("infoscreen/events/12").payload == b"[]"


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ({"event_id": 9}, "event_unknown"),
        ({"event_id": "the first"}, "event_unknown"),
        ({"scope": "occurrence"}, "occurrence_missing"),
        ({"scope": "following", "occurrence": "2026-12-24"}, "occurrence_unknown"),
        ({"rrule": "FREQ=SECONDLY"}, "rule_too_often"),
        ({"title": ""}, "event_title_invalid"),
    ],
)
async def test_a_change_that_makes_no_sense_is_refused(ask: Ask, changes: dict[str, Any], key: str) -> None:
    """And changes nothing."""
    await ask("add_event", **MORNINGS)
    before = await planned(ask)
    with pytest.raises(ServiceValidationError) as refused:
        await ask("update_event", **{"event_id": 1} | changes)
    assert refused.value.translation_key == key
    assert await planned(ask) == before


async def test_an_event_is_changed_only_by_way_of_its_own_group(
    fleet: MockConfigEntry, ask: Ask, look: Look
) -> None:
    """Whoever may control one group has no say in another."""
    await ask("add_event", **MORNINGS)
    aula = {"device_id": look.device(fleet, f"{fleet.entry_id}_group_13").id}
    with pytest.raises(ServiceValidationError) as refused:
        await ask("delete_event", event_id=1, target=aula)
    assert refused.value.translation_key == "event_unknown"


@pytest.mark.parametrize(
    "changes", [{"volume": 2}, {"event_type": "opera"}, {"priority": "takeover"}, {"slide_interval": 0}]
)
async def test_enumerations_and_ranges_are_the_schemas_business(ask: Ask, changes: dict[str, Any]) -> None:
    """A takeover is started by its own action, not by a priority."""
    with pytest.raises(vol.Invalid):
        await ask("add_event", **MORNINGS | changes)


async def test_why_a_group_shows_what_it_shows(ask: Ask, wire: Wire) -> None:
    """Product, "Actions": now, and at any moment."""
    await ask("add_event", **DRILL)
    await ask("add_event", **DRILL | {"title": "Pictures", "priority": "filler"})
    await ask("add_event", **MORNINGS)
    wire.rest()
    now = (await ask("explain_schedule"))["12"]
    assert now == {
        "at": "2026-11-23T06:00:00Z",
        "showing": [{"event_id": 1, "title": "Fire drill", "reason": "active"}],
        "power": None,
        "reason": "active",
        "candidates": [
            {"event_id": 1, "title": "Fire drill", "reason": "active"},
            {"event_id": 2, "title": "Pictures", "reason": "priority"},
            {"event_id": 3, "title": "Timetable", "reason": "not_active"},
        ],
    }
    later = (await ask("explain_schedule", at="2026-11-23 09:00"))["12"]
    assert [each["event_id"] for each in later["showing"]] == [1, 3]


async def test_a_screen_without_a_group_shows_nothing_for_that_reason(
    fleet: MockConfigEntry, screen: str, ask: Ask, look: Look
) -> None:
    """Product, "Actions": unassigned is a reason too."""
    target = {"device_id": look.device(fleet, screen).id}
    answer = await ask("explain_schedule", target=target)
    assert (answer[screen]["showing"], answer[screen]["reason"]) == ([], "unassigned")


async def test_a_screen_is_called_as_it_spells_itself(
    fleet: MockConfigEntry, ask: Ask, look: Look, wire: Wire
) -> None:
    """As in the responses of commands and logs."""
    await wire.hears(f"infoscreen/{UUID.upper()}/heartbeat")
    target = {"device_id": look.device(fleet, UUID).id}
    assert list(await ask("explain_schedule", target=target)) == [UUID.upper()]


async def test_a_screen_is_explained_by_its_group(
    hass: HomeAssistant, fleet: MockConfigEntry, screen: str, ask: Ask, look: Look, wire: Wire
) -> None:
    """It stands for it; a lamp stands for nothing."""
    await choose(hass, look, screen, "Foyer")
    await wire.settle()
    wire.rest()
    target = {"device_id": look.device(fleet, screen).id}
    assert list(await ask("explain_schedule", target=target)) == ["12"]
    with pytest.raises(ServiceValidationError) as refused:
        await ask("explain_schedule", target={"device_id": look.device(fleet, fleet.entry_id).id})
    assert refused.value.translation_key == "no_group"


async def test_an_event_of_a_zone_is_on_its_own_wall(ask: Ask) -> None:
    """Product, "Actions": times without zone are local to `time_zone`."""
    await ask("add_event", **MORNINGS | {"time_zone": "America/New_York", "rrule": None})
    (only,) = await planned(ask)
    assert (only["start"], only["occurrence"]) == ("2026-11-23T13:00:00Z", "2026-11-23T08:00:00-05:00")


async def test_everything_is_published_once_more_on_demand(
    hass: HomeAssistant, fleet: MockConfigEntry, ask: Ask, wire: Wire, look: Look
) -> None:
    """Product, "Actions": for what was targeted, and without a target for everything."""
    await ask("republish")
    assert [said.topic for said in wire.rest()] == ["infoscreen/events/12"]
    whole = ["infoscreen/events/12", "infoscreen/events/13"]
    for target in ({}, {"device_id": look.device(fleet, fleet.entry_id).id}):
        await ask("republish", target=target)
        assert sorted(said.topic for said in wire.rest()) == whole
    await hass.config_entries.async_unload(fleet.entry_id)
    await ask("republish", target={})


async def test_a_group_is_published_once_more_with_its_screens(
    hass: HomeAssistant, screen: str, ask: Ask, wire: Wire, look: Look
) -> None:
    """All that stands on the broker for it."""
    await choose(hass, look, screen, "Foyer")
    await wire.settle()
    wire.rest()
    await ask("republish")
    await wire.settle()
    assert {said.topic: said.payload for said in wire.rest()} == {
        "infoscreen/events/12": b"[]",
        f"infoscreen/{screen}/group_id": b"12",
    }


async def test_who_may_read_may_ask_and_only_administrators_may_republish(
    hass: HomeAssistant, ask: Ask, hass_read_only_user: MockUser
) -> None:
    """Product, "Who may what"."""
    stranger = MockUser(groups=[]).add_to_hass(hass)
    stranger.mock_policy({})
    assert await ask("get_events", start="2026-11-23", end="2026-11-24", user_id=hass_read_only_user.id) == {
        "12": []
    }
    for action in ("get_events", "explain_schedule"):
        times = {"start": "2026-11-23", "end": "2026-11-24"} if action == "get_events" else {}
        with pytest.raises(Unauthorized):
            await ask(action, user_id=stranger.id, **times)
    with pytest.raises(Unauthorized):
        await ask("republish", user_id=hass_read_only_user.id)
    with pytest.raises(Unauthorized):
        await ask("delete_event", event_id=1, user_id=hass_read_only_user.id)


@pytest.mark.parametrize("options", [{"refresh_seconds": 60}], ids=["every minute"])
async def test_unchanged_lists_are_repeated_if_wished(
    hass: HomeAssistant, fleet: MockConfigEntry, wire: Wire, at: At
) -> None:
    """Contract, "events": the option republishes; switched off it no longer does."""
    for minute in (1, 2):
        await at(f"2026-11-23 06:0{minute}:00")
        assert len(wire.rest()) == 2
    hass.config_entries.async_update_entry(fleet, options={})
    await wire.settle()
    await at("2026-11-23 06:05:00")
    assert wire.rest() == []


@pytest.mark.parametrize(
    "options",
    [{"supplement_table_enabled": True, "supplement_table_url": "https://untis.example/plan"}],
    ids=["with a table"],
)
async def test_the_table_is_read_when_it_is_published(
    hass: HomeAssistant, fleet: MockConfigEntry, ask: Ask, wire: Wire
) -> None:
    """Contract, "events": left out without an enabled address."""
    await ask("add_event", **DRILL | {"event_type": "webuntis"})
    (shown,) = wire.said("infoscreen/events/12").json
    assert shown["website"] == {"type": "browser", "url": "https://untis.example/plan"}
    hass.config_entries.async_update_entry(fleet, options={"supplement_table_enabled": False})
    await wire.settle()
    assert wire.said("infoscreen/events/12").payload == b"[]"
    assert (await ask("explain_schedule"))["12"]["reason"] == "not_ready"


async def test_an_event_that_cannot_be_read_is_kept_for_a_version_that_can(
    hass: HomeAssistant, fleet: MockConfigEntry, ask: Ask, hass_storage: dict[str, Any], wire: Wire
) -> None:
    """Nothing is lost by an upgrade, and the others are shown."""
    await ask("add_event", **DRILL)
    key = f"infoscreen.{fleet.entry_id}.schedule"
    stored = hass_storage[key]["data"]
    strange = [{"event_id": 7, "colour": "red"}, {**stored["events"][0], "event_id": 8, "rrule": "often"}]
    await hass.config_entries.async_unload(fleet.entry_id)
    hass_storage[key]["data"] = {**stored, "events": [*stored["events"], *strange]}
    wire.rest()
    await hass.config_entries.async_setup(fleet.entry_id)
    await wire.settle()
    assert [event["id"] for event in wire.said("infoscreen/events/12").json] == [1]
    wire.rest()
    issue = ir.async_get(hass).async_get_issue("infoscreen", f"events_unreadable_{fleet.entry_id}")
    assert issue is not None
    assert issue.translation_placeholders == {
        "fleet": "Infoscreen",
        "events": "None (7), Fire drill (8)",
    }
    for _ in range(2):
        await ask("update_event", event_id=1, title="Drill")
        assert hass_storage[key]["data"]["unreadable_events"] == strange
        await hass.config_entries.async_reload(fleet.entry_id)
        await wire.settle()
        wire.rest()


async def test_the_next_event_is_told_with_its_time(
    fleet: MockConfigEntry, ask: Ask, at: At, wire: Wire, look: Look
) -> None:
    """Product, "Entities": a timestamp."""
    sensor = ("sensor", f"{fleet.entry_id}_group_12_next_event")
    assert look.state(*sensor) == "unknown"
    await ask("add_event", **MORNINGS)
    assert look.state(*sensor) == "2026-11-23T07:00:00+00:00"
    assert look.attributes(*sensor)["title"] == "Timetable"
    await at("2026-11-23 07:00:00")
    wire.rest()
    assert look.state(*sensor) == "2026-11-24T07:00:00+00:00"


async def test_two_who_delete_at_once_delete_once(hass: HomeAssistant, ask: Ask) -> None:
    """The second, who comes while the first is being written, is told that there is nothing any more."""
    await ask("add_event", **MORNINGS)
    real, writing, second = Store._async_write_data, asyncio.Event(), list[asyncio.Task[Any]]()

    async def write(store: Store[Any], data: dict[str, Any]) -> None:
        second.append(hass.async_create_task(ask("delete_event", event_id=1)))
        writing.set()
        await real(store, data)

    with patch("homeassistant.helpers.storage.Store._async_write_data", write):
        first = hass.async_create_task(ask("delete_event", event_id=1))
        await writing.wait()
        with pytest.raises(ServiceValidationError) as refused:
            await second[0]
        await first
    assert refused.value.translation_key == "event_unknown"


async def test_a_moment_that_no_longer_means_anything_passes_in_silence(ask: Ask, at: At, wire: Wire) -> None:
    """The timer for a start that was moved away."""
    await ask("add_event", **MORNINGS)
    await ask("update_event", event_id=1, start="2026-11-23 09:00")
    await at("2026-11-23 07:00:00")
    assert wire.rest() == []
    await at("2026-11-23 08:00:00")
    assert len(wire.said("infoscreen/events/12").json) == 1


async def test_an_event_of_a_group_that_is_no_more_disturbs_nobody(
    hass: HomeAssistant, fleet: MockConfigEntry, ask: Ask, hass_storage: dict[str, Any], wire: Wire
) -> None:
    """A file may be put together by hand, or be from a backup."""
    await ask("add_event", **DRILL)
    key = f"infoscreen.{fleet.entry_id}.schedule"
    stored = hass_storage[key]["data"]
    lost = {**stored["events"][0], "event_id": 2, "group_id": 99}
    await hass.config_entries.async_unload(fleet.entry_id)
    hass_storage[key]["data"] = {**stored, "events": [lost, *stored["events"]], "last_event_id": 2}
    wire.rest()
    await hass.config_entries.async_setup(fleet.entry_id)
    await wire.settle()
    assert [event["id"] for event in wire.said("infoscreen/events/12").json] == [1]
    assert wire.said("infoscreen/events/13").payload == b"[]"
