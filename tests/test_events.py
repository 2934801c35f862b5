"""Events are published when they begin and withdrawn when they end."""

from collections.abc import Callable
import json
from pathlib import Path
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError, Unauthorized, UnknownUser
from homeassistant.helpers import (
    area_registry as ar,
    device_registry as dr,
    entity_registry as er,
    label_registry as lr,
)
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, MockUser, async_fire_time_changed

from .conftest import At, Look, choose
from .disks import full_disk
from .wire import Wire

pytestmark = pytest.mark.usefixtures("monday_morning")

GOLDEN = json.loads((Path(__file__).parent / "golden" / "events.json").read_text(encoding="utf-8"))
WEBSITE = {
    "title": "Timetable",
    "event_type": "website",
    "url": "https://school.example/timetable",
    "start": "2026-11-23 08:00:00",
    "end": "2026-11-23 16:00:00",
}

type Add = Callable[..., Any]


@pytest.fixture
def add(hass: HomeAssistant, fleet: MockConfigEntry, look: Look) -> Add:
    """Return what adds an event to the Foyer, or to another target."""
    foyer = {"device_id": look.device(fleet, f"{fleet.entry_id}_group_12").id}

    async def adds(target: dict[str, Any] | None = None, user_id: str | None = None, **changes: Any) -> Any:
        return await hass.services.async_call(
            "infoscreen",
            "add_event",
            WEBSITE | changes,
            target=foyer if target is None else target,
            blocking=True,
            return_response=True,
            context=Context(user_id=user_id),
        )

    return adds


async def test_an_event_stands_on_the_broker_from_its_start_to_its_end(
    fleet: MockConfigEntry, add: Add, at: At, wire: Wire, look: Look
) -> None:
    """Contract, "events": retained, published when it changes, the times of the wall in UTC."""
    assert await add() == {"12": {"event_id": 1}}
    await wire.settle()
    assert wire.rest() == []

    await at("2026-11-23 07:00:00")
    begun = wire.said("infoscreen/events/12")
    assert (begun.json, begun.qos, begun.retain) == (GOLDEN, 1, True)
    assert look.state("sensor", f"{fleet.entry_id}_group_12_current_event") == "Timetable"
    assert look.attributes("sensor", f"{fleet.entry_id}_group_12_current_event")["event_id"] == 1

    await at("2026-11-23 14:59:59")
    assert wire.rest() == []
    await at("2026-11-23 15:00:00")
    assert wire.said("infoscreen/events/12").payload == b"[]"
    assert look.state("sensor", f"{fleet.entry_id}_group_12_current_event") == "unknown"


async def test_what_began_while_the_machine_slept_is_shown_within_a_minute(
    hass: HomeAssistant,
    add: Add,
    at: At,
    wire: Wire,
    freezer: FrozenDateTimeFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The loop's clock stands while a machine sleeps, and when the one on the wall is set at last."""
    await add()
    await wire.settle()
    wire.rest()
    awake = hass.loop.time()
    freezer.move_to("2026-11-23 07:30:00+00:00")  # it was to begin at seven
    monkeypatch.setattr(hass.loop, "time", lambda: awake + 60)
    async_fire_time_changed(hass)
    await wire.settle()
    assert [each["id"] for each in wire.said("infoscreen/events/12").json] == [1]


async def test_what_seemed_over_until_the_clock_was_set_back_is_shown_in_its_time(
    hass: HomeAssistant,
    add: Add,
    at: At,
    wire: Wire,
    freezer: FrozenDateTimeFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A virtual machine may start with the time of another zone; what is on then is no more."""
    await at("18:00:00")
    await add()
    await add(start="2026-11-23 19:00", end="2026-11-23 20:00")
    await wire.settle()
    assert [each["id"] for each in wire.said("infoscreen/events/12").json] == [2]
    started = hass.loop.time()
    freezer.move_to("2026-11-23 06:30:00+00:00")
    monkeypatch.setattr(hass.loop, "time", lambda: started + 60)
    async_fire_time_changed(hass)
    await wire.settle()
    assert wire.said("infoscreen/events/12").json == []
    monkeypatch.setattr(hass.loop, "time", lambda: started + 60 + 1800)
    freezer.move_to("2026-11-23 07:00:00+00:00")
    async_fire_time_changed(hass)
    await wire.settle()
    assert [each["id"] for each in wire.said("infoscreen/events/12").json] == [1]


async def test_an_event_that_is_on_already_is_published_at_once(
    fleet: MockConfigEntry, add: Add, wire: Wire
) -> None:
    """A person who adds it is looking at the screen."""
    await add(start="2026-11-23 06:00:00")
    await wire.settle()
    assert [event["id"] for event in wire.said("infoscreen/events/12").json] == [1]


async def test_events_side_by_side_are_ordered_by_start_and_id(add: Add, at: At, wire: Wire) -> None:
    """Product, "Schedule": earlier start, then lower id."""
    await add()
    await add(start="2026-11-23 07:30:00")
    await add()
    await at("2026-11-23 07:00:00")
    assert [event["id"] for event in wire.rest()[-1].json] == [2, 1, 3]


async def test_what_is_on_stands_again_after_a_reconnect_and_a_restart(
    hass: HomeAssistant, fleet: MockConfigEntry, add: Add, wire: Wire
) -> None:
    """The broker may have forgotten, or been another."""
    await add(start="2026-11-23 06:00:00")
    await wire.settle()
    before = wire.said("infoscreen/events/12").payload
    await wire.breaks()
    await wire.mends()
    assert wire.said("infoscreen/events/12").payload == before
    assert await hass.config_entries.async_reload(fleet.entry_id)
    await wire.settle()
    assert wire.said("infoscreen/events/13").payload == b"[]"
    assert wire.said("infoscreen/events/12").payload == before
    wire.rest()


async def test_what_begins_while_the_broker_is_away_is_published_fresh_at_the_next_connect(
    add: Add, at: At, wire: Wire
) -> None:
    """Contract: retained state is marked dirty, never queued."""
    await add()
    await wire.breaks()
    await at("2026-11-23 07:00:00")
    assert wire.rest() == []
    await wire.mends()
    assert wire.said("infoscreen/events/12").json == GOLDEN
    wire.rest()


async def test_an_event_is_on_disk_when_the_action_returns(
    fleet: MockConfigEntry, add: Add, hass_storage: dict[str, Any]
) -> None:
    """It survives a kill -9."""
    await add()
    stored = hass_storage[f"infoscreen.{fleet.entry_id}.schedule"]["data"]
    assert [(event["title"], event["start"]) for event in stored["events"]] == [
        ("Timetable", "2026-11-23T08:00:00")
    ]


async def test_an_event_that_could_not_be_saved_is_not_there(add: Add, at: At, wire: Wire) -> None:
    """Nobody is told of a success that a restart would undo."""
    with (
        full_disk(),
        pytest.raises(HomeAssistantError) as refused,
    ):
        await add()
    assert refused.value.translation_key == "not_saved"
    await at("2026-11-23 07:00:00")
    assert wire.rest() == []


async def test_a_screen_stands_for_its_group_and_a_group_is_meant_once(
    hass: HomeAssistant, fleet: MockConfigEntry, screen: str, add: Add, wire: Wire, look: Look
) -> None:
    """Product, "Actions": areas and labels reach whom they hold."""
    await choose(hass, look, screen, "Foyer")
    await wire.settle()
    wire.rest()
    area = ar.async_get(hass).async_create("Entrance")
    dr.async_get(hass).async_update_device(look.device(fleet, screen).id, area_id=area.id)
    target = {
        "area_id": area.id,
        "entity_id": look.entity_id("sensor", f"{fleet.entry_id}_group_12_current_event"),
        "device_id": [look.device(fleet, f"{fleet.entry_id}_group_13").id],
    }
    assert sorted(await add(target)) == ["12", "13"]


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ({"end": "2026-11-23 08:00:00"}, "event_ends_before_it_starts"),
        ({"url": "javascript:alert(1)"}, "url_invalid"),
        ({"url": "https://me:secret@school.example"}, "url_invalid"),
        ({"url": "https://[::1"}, "url_invalid"),
        ({"title": " "}, "event_title_invalid"),
        ({"time_zone": "Mars/Olympus"}, "time_zone_unknown"),
        ({"time_zone": "../../etc/passwd"}, "time_zone_unknown"),
        ({"start": "0001-01-01 00:00:00", "time_zone": "Asia/Tokyo"}, "time_out_of_range"),
    ],
    ids=[
        "no duration",
        "a script",
        "a password in the address",
        "a broken address",
        "no title",
        "no such zone",
        "a path for a zone",
        "before all time",
    ],
)
async def test_an_event_that_makes_no_sense_is_refused_with_a_reason(
    add: Add, hass_storage: dict[str, Any], changes: dict[str, Any], key: str
) -> None:
    """Refused before anything is kept."""
    with pytest.raises(ServiceValidationError) as refused:
        await add(**changes)
    assert refused.value.translation_key == key
    assert not [kept for kept in hass_storage if kept.endswith(".schedule")]


async def test_an_action_without_a_group_is_refused(
    hass: HomeAssistant, fleet: MockConfigEntry, screen: str, add: Add, look: Look
) -> None:
    """Never a larger action than asked, and never none without a word."""
    empty = ar.async_get(hass).async_create("Empty")
    targets = {
        "no_target": {},
        "no_group_in_target": {"area_id": empty.id},
        "no_group": {"device_id": look.device(fleet, screen).id},
        "not_of_a_fleet": {"entity_id": "sun.sun"},
    }
    for key, target in targets.items():
        with pytest.raises(ServiceValidationError) as refused:
            await add(target)
        assert refused.value.translation_key == key
    with pytest.raises(ServiceValidationError) as refused:
        await add({"device_id": "nobody"})
    assert refused.value.translation_key == "not_of_a_fleet"


async def test_an_area_reaches_its_groups_and_passes_over_what_is_not_ours(
    hass: HomeAssistant, fleet: MockConfigEntry, screen: str, add: Add, look: Look
) -> None:
    """A lamp beside the screen is no reason to refuse; a screen without a group is passed over."""
    area = ar.async_get(hass).async_create("Entrance")
    registry = dr.async_get(hass)
    lamps = MockConfigEntry(domain="lamp")
    lamps.add_to_hass(hass)
    lamp = registry.async_get_or_create(config_entry_id=lamps.entry_id, identifiers={("lamp", "1")})
    foyer = look.device(fleet, f"{fleet.entry_id}_group_12")
    for device in (lamp.id, foyer.id, look.device(fleet, screen).id):
        registry.async_update_device(device, area_id=area.id)
    assert await add({"area_id": area.id}) == {"12": {"event_id": 1}}
    with pytest.raises(ServiceValidationError) as refused:
        await add({"device_id": lamp.id})
    assert refused.value.translation_key == "not_of_a_fleet"
    with pytest.raises(ServiceValidationError) as refused:
        await add({"device_id": look.device(fleet, fleet.entry_id).id})
    assert refused.value.translation_key == "no_group"


async def test_a_label_on_an_entity_reaches_its_group(
    hass: HomeAssistant, fleet: MockConfigEntry, add: Add, look: Look
) -> None:
    """Product, "Actions": devices, entities, areas, floors, labels."""
    label = lr.async_get(hass).async_create("Open house")
    entity_id = look.entity_id("sensor", f"{fleet.entry_id}_group_13_current_event")
    er.async_get(hass).async_update_entity(entity_id, labels={label.label_id})
    assert await add({"label_id": label.label_id}) == {"13": {"event_id": 1}}


async def test_a_user_who_is_no_more_may_nothing(
    hass: HomeAssistant, add: Add, screen: str, look: Look
) -> None:
    """A deleted user's session may outlive them."""
    with pytest.raises(UnknownUser):
        await add(user_id="nobody")
    with pytest.raises(UnknownUser):
        await choose(hass, look, screen, "Foyer", "nobody")


async def test_an_action_on_a_fleet_that_does_not_run_says_so(
    hass: HomeAssistant, fleet: MockConfigEntry, add: Add
) -> None:
    """The actions are there all the same."""
    await hass.config_entries.async_unload(fleet.entry_id)
    with pytest.raises(ServiceValidationError) as refused:
        await add()
    assert refused.value.translation_key == "fleet_not_loaded"


async def test_who_may_not_control_the_group_may_not_change_its_schedule(
    hass: HomeAssistant, add: Add, hass_read_only_user: MockUser, hass_storage: dict[str, Any]
) -> None:
    """Product, "Who may what"."""
    with pytest.raises(Unauthorized):
        await add(user_id=hass_read_only_user.id)
    assert not [kept for kept in hass_storage if kept.endswith(".schedule")]
