"""One screen's TV is kept on or off whatever its group's are."""

from types import MappingProxyType
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.config_entries import (
    SIGNAL_CONFIG_ENTRY_CHANGED,
    ConfigEntry,
    ConfigEntryChange,
    ConfigSubentry,
)
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.dispatcher import async_dispatcher_connect
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from .conftest import Delete, Look, PassTime, choose as assign
from .test_events import WEBSITE
from .wire import Said, Wire

pytestmark = pytest.mark.usefixtures("monday_morning")


@pytest.fixture
def options() -> dict[str, Any]:
    """Tell the TVs of the fleet when to be on."""
    return {"power_intent_enabled": True}


@pytest.fixture
async def apart(hass: HomeAssistant, fleet: MockConfigEntry, detailed: str, wire: Wire, look: Look) -> str:
    """Put a screen whose power mode can be chosen into the Foyer; return its UUID."""
    await assign(hass, look, detailed, "Foyer")
    wire.rest()
    return detailed


async def choose(hass: HomeAssistant, wire: Wire, look: Look, owner: str, mode: str) -> None:
    """Choose the power mode of a screen or a group."""
    data = {"entity_id": look.entity_id("select", f"{owner}_power_mode"), "option": mode}
    await hass.services.async_call("select", "select_option", data, blocking=True)
    await wire.settle()


def told(wire: Wire, uuid: str) -> list[Said]:
    """Return what a screen alone heard of power, forgetting the rest."""
    return [said for said in wire.rest() if said.topic == f"infoscreen/{uuid}/power/intent"]


def gist(said: Said) -> tuple[Any, ...]:
    """Return what matters of an intent."""
    intent = said.json
    return intent["desired_state"], intent["reason"], intent["active_event_ids"]


async def test_a_screens_own_mode_goes_before_its_groups(
    hass: HomeAssistant, apart: str, wire: Wire, look: Look, pass_time: PassTime
) -> None:
    """Contract, "power intent": by its UUID; an empty one gives it back to its group."""
    assert look.state("select", f"{apart}_power_mode") == "auto"
    await choose(hass, wire, look, apart, "on")
    (held,) = told(wire, apart)
    assert (gist(held), held.retain, held.qos) == (("on", "manual_override", []), True, 1)
    assert (held.json["client_uuid"], "group_id" in held.json) == (apart, False)
    assert look.state("select", f"{apart}_power_mode") == "on"
    await pass_time(30)
    (beat,) = told(wire, apart)
    assert (beat.json["intent_id"], beat.json["issued_at"]) == (
        held.json["intent_id"],
        "2026-11-23T06:01:01Z",
    )
    await choose(hass, wire, look, apart, "auto")
    assert [(said.payload, said.retain) for said in told(wire, apart)] == [(b"", True)]
    assert look.state("select", f"{apart}_power_mode") == "auto"
    await pass_time(30)
    assert told(wire, apart) == []


async def test_a_screen_held_off_says_what_its_group_shows(
    hass: HomeAssistant,
    fleet: MockConfigEntry,
    apart: str,
    wire: Wire,
    look: Look,
    freezer: FrozenDateTimeFactory,
    pass_time: PassTime,
) -> None:
    """Contract, "power intent": ids active now; it follows its group's plan, and a takeover turns it on."""
    foyer = look.device(fleet, f"{fleet.entry_id}_group_12").id
    await hass.services.async_call(
        "infoscreen", "add_event", {"device_id": foyer, **WEBSITE}, blocking=True, return_response=True
    )
    await choose(hass, wire, look, apart, "off")
    wire.rest()
    freezer.move_to("2026-11-23 07:00:00+00:00")
    await pass_time(0)
    assert gist(told(wire, apart)[-1]) == ("off", "manual_override", [1])


async def test_a_screen_is_due_by_its_own_intent(
    hass: HomeAssistant, apart: str, wire: Wire, look: Look
) -> None:
    """Product, "Status": a black picture is critical while the intent is on, and only then."""
    black = {"screen_on": True, "health_metrics": {"screen_health_status": "BLACK"}}
    await wire.hears(f"infoscreen/{apart}/health", black)
    assert look.state("sensor", f"{apart}_status") == "healthy"
    await choose(hass, wire, look, apart, "on")
    assert look.state("sensor", f"{apart}_status") == "critical"
    await choose(hass, wire, look, apart, "off")
    assert look.state("sensor", f"{apart}_status") == "healthy"
    wire.rest()


async def test_a_screen_held_off_is_not_due_though_its_group_is(
    hass: HomeAssistant, fleet: MockConfigEntry, apart: str, wire: Wire, look: Look
) -> None:
    """From the moment on that it is held, and no longer."""
    await choose(hass, wire, look, f"{fleet.entry_id}_group_12", "on")
    black = {"health_metrics": {"screen_health_status": "BLACK"}}
    await wire.hears(f"infoscreen/{apart}/health", black)
    assert look.state("sensor", f"{apart}_status") == "critical"
    await choose(hass, wire, look, apart, "off")
    assert look.state("sensor", f"{apart}_status") == "healthy"
    await choose(hass, wire, look, apart, "auto")
    assert look.state("sensor", f"{apart}_status") == "critical"
    wire.rest()


async def test_a_screen_in_no_group_can_be_held_too(
    hass: HomeAssistant, apart: str, wire: Wire, look: Look
) -> None:
    """Nobody else tells it."""
    await assign(hass, look, apart, "unassigned")
    await choose(hass, wire, look, apart, "off")
    assert gist(told(wire, apart)[-1]) == ("off", "manual_override", [])
    await assign(hass, look, apart, "Foyer")
    wire.rest()


async def test_a_screens_own_mode_outlives_a_restart(
    hass: HomeAssistant, fleet: MockConfigEntry, apart: str, wire: Wire, look: Look
) -> None:
    """With the id that it had."""
    await choose(hass, wire, look, apart, "on")
    held = told(wire, apart)[-1]
    assert await hass.config_entries.async_reload(fleet.entry_id)
    await wire.settle()
    again = told(wire, apart)[-1]
    assert again.json["intent_id"] == held.json["intent_id"]
    assert look.state("select", f"{apart}_power_mode") == "on"


@pytest.mark.parametrize("how", ["the fleet", "its group"])
async def test_switching_off_takes_a_screens_intent_off_the_broker(
    hass: HomeAssistant, fleet: MockConfigEntry, apart: str, wire: Wire, look: Look, how: str
) -> None:
    """As its group's."""
    await choose(hass, wire, look, apart, "on")
    wire.rest()
    if how == "the fleet":
        hass.config_entries.async_update_entry(fleet, options={})
    else:
        subentry = next(each for each in fleet.subentries.values() if each.unique_id == "12")
        without = {**subentry.data, "power_enabled": False}
        hass.config_entries.async_update_subentry(fleet, subentry, data=without)
    await wire.settle()
    assert [said.payload for said in told(wire, apart)] == [b""]


async def test_a_screen_that_is_deleted_leaves_no_intent_behind(
    hass: HomeAssistant,
    fleet: MockConfigEntry,
    apart: str,
    wire: Wire,
    look: Look,
    delete_device: Delete,
    pass_time: PassTime,
) -> None:
    """Nor a mode, should it return."""
    await choose(hass, wire, look, apart, "on")
    wire.rest()
    assert await delete_device(look.device(fleet, apart).id) is None
    await wire.settle()
    assert {said.payload for said in told(wire, apart)} == {b""}
    await pass_time(30)
    assert told(wire, apart) == []
    await wire.hears("infoscreen/discovery", {"uuid": apart, "hostname": "foyer-1"})
    assert [said for said in told(wire, apart) if said.payload] == []
    await hass.config_entries.async_remove(fleet.entry_id)
    wire.rest()


async def test_a_fleet_that_is_no_more_leaves_no_screens_intent_behind(
    hass: HomeAssistant, fleet: MockConfigEntry, apart: str, wire: Wire, look: Look
) -> None:
    """The screen would obey it until it expires."""
    await choose(hass, wire, look, apart, "on")
    wire.rest()
    await hass.config_entries.async_remove(fleet.entry_id)
    await wire.settle()
    assert [said.payload for said in told(wire, apart)] == [b""]


async def test_a_screen_that_takes_anothers_place_is_held_as_that_was(
    hass: HomeAssistant, fleet: MockConfigEntry, apart: str, wire: Wire, look: Look
) -> None:
    """Product, "Config entries": the old one's topics are emptied."""
    await choose(hass, wire, look, apart, "on")
    wire.rest()
    new = "22222222-2222-4333-8444-555555555555"
    data = {"old_uuid": apart, "new_uuid": new}
    await hass.services.async_call("infoscreen", "replace_screen", data, blocking=True)
    await wire.settle()
    heard = [
        said for said in wire.rest() if said.topic.endswith("/power/intent") and "groups" not in said.topic
    ]
    assert {said.payload for said in heard if apart in said.topic} == {b""}
    (held,) = [said for said in heard if new in said.topic]
    assert (held.json["client_uuid"], gist(held)) == (new, ("on", "manual_override", []))


async def test_a_connection_that_returns_while_places_are_changed_finds_all_in_place(
    hass: HomeAssistant,
    fleet: MockConfigEntry,
    apart: str,
    wire: Wire,
    look: Look,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """What is kept elsewhere follows in a while; until then nobody asks what the old screen is told."""
    described = ConfigSubentry(
        data=MappingProxyType({"plug": "switch.a"}), subentry_type="hardware", title="A", unique_id=apart
    )
    hass.config_entries.async_add_subentry(fleet, described)
    await choose(hass, wire, look, apart, "on")
    await wire.breaks()
    wire.rest()

    @callback
    def mend(_change: ConfigEntryChange, _entry: ConfigEntry) -> None:
        stop()  # its hardware moves once it has moved itself
        hass.async_create_task(wire.mends())

    stop = async_dispatcher_connect(hass, SIGNAL_CONFIG_ENTRY_CHANGED, mend)
    new = "22222222-2222-4333-8444-555555555555"
    places = {"old_uuid": apart, "new_uuid": new}
    await hass.services.async_call("infoscreen", "replace_screen", places, blocking=True)
    await wire.settle()
    heard = wire.rest()
    assert {said.payload for said in heard if said.topic.startswith(f"infoscreen/{apart}/")} == {b""}
    assert f"infoscreen/{new}/power/intent" in {said.topic for said in heard}
    assert "could not be written" not in caplog.text


async def test_a_screen_that_spells_itself_otherwise_is_told_where_it_listens(
    hass: HomeAssistant, fleet: MockConfigEntry, apart: str, wire: Wire, look: Look
) -> None:
    """Topics know capitals; a person who gave the UUID before it spoke may not."""
    new = "abcdabcd-2222-4333-8444-555555555555"
    data = {"old_uuid": apart, "new_uuid": new}
    await hass.services.async_call("infoscreen", "replace_screen", data, blocking=True)
    await choose(hass, wire, look, new, "on")
    assert gist(told(wire, new)[-1]) == ("on", "manual_override", [])
    await wire.hears(f"infoscreen/{new.upper()}/heartbeat", {"timestamp": "2026-11-23T06:02:00Z"})
    heard = [
        said for said in wire.rest() if said.topic.endswith("/power/intent") and "groups" not in said.topic
    ]
    assert [said.payload for said in heard if new in said.topic] == [b""]
    (held,) = [said for said in heard if new.upper() in said.topic]
    assert (held.json["client_uuid"], gist(held)) == (new.upper(), ("on", "manual_override", []))
