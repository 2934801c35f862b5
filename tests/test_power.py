"""The TVs of a group hear in time when to be on and off, and people decide otherwise."""

import asyncio
from datetime import datetime, timedelta
from typing import Any
from unittest.mock import patch

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError, Unauthorized
from homeassistant.util.file import WriteError
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, MockUser, async_fire_time_changed

from .conftest import OTHER, UUID, Ask, At, Look, choose as assign
from .disks import full_disk
from .test_events import WEBSITE
from .wire import Said, Wire

pytestmark = pytest.mark.usefixtures("monday_morning")

FOYER, AULA = (f"infoscreen/groups/{group_id}/power/intent" for group_id in (12, 13))


@pytest.fixture
def options() -> dict[str, Any]:
    """Tell the TVs of the fleet when to be on."""
    return {"power_intent_enabled": True}


async def choose(hass: HomeAssistant, wire: Wire, look: Look, fleet: MockConfigEntry, mode: str) -> None:
    """Choose the power mode of the Foyer."""
    entity_id = look.entity_id("select", f"{fleet.entry_id}_group_12_power_mode")
    data = {"entity_id": entity_id, "option": mode}
    await hass.services.async_call("select", "select_option", data, blocking=True)
    await wire.settle()


async def reload(hass: HomeAssistant, fleet: MockConfigEntry, wire: Wire) -> None:
    """Take the fleet down and up again."""
    assert await hass.config_entries.async_reload(fleet.entry_id)
    await wire.settle()


def told(wire: Wire, topic: str = FOYER) -> list[Said]:
    """Return what a group heard of power, forgetting the rest."""
    return [said for said in wire.rest() if said.topic == topic]


def gist(said: Said) -> tuple[Any, ...]:
    """Return what matters of an intent."""
    intent = said.json
    return intent["desired_state"], intent["reason"], intent["active_event_ids"]


OFF: tuple[Any, ...] = ("off", "no_active_event", [])
SHOWN = ("on", "active_event", [1])
HELD = ("off", "manual_override", [1])


async def test_tvs_are_told_when_an_event_begins_and_when_it_ends(
    fleet: MockConfigEntry, ask: Ask, at: At, wire: Wire, look: Look
) -> None:
    """Contract, "power intent": retained, at once, each with an id of its own."""
    (first,) = told(wire)
    assert (gist(first), first.retain, first.qos) == (OFF, True, 1)
    assert (first.json["issued_at"], first.json["expires_at"]) == (
        "2026-11-23T06:00:00Z",
        "2026-11-23T06:01:30Z",
    )
    assert look.state("binary_sensor", f"{fleet.entry_id}_group_12_power_intent") == "off"
    await ask("add_event", **WEBSITE)
    assert told(wire) == []

    await at("06:59:59")
    wire.rest()
    await at("07:00:00")
    (begun,) = told(wire)
    assert gist(begun) == SHOWN
    assert begun.json["intent_id"] != first.json["intent_id"]
    assert (begun.json["event_window_start"], begun.json["event_window_end"]) == (
        "2026-11-23T07:00:00Z",
        "2026-11-23T15:00:00Z",
    )
    assert look.state("binary_sensor", f"{fleet.entry_id}_group_12_power_intent") == "on"
    assert look.state("sensor", f"{fleet.entry_id}_group_12_power_reason") == "active_event"

    await at("15:00:00")
    assert gist(told(wire)[-1]) == OFF


async def test_an_unchanged_intent_is_told_again_every_poll_interval(
    fleet: MockConfigEntry, at: At, wire: Wire
) -> None:
    """Contract, "power intent": a heartbeat keeps the id and renews the times."""
    (first,) = told(wire)
    await at("06:00:29")
    assert wire.rest() == []
    await at("06:00:30")
    (beat,) = told(wire)
    assert beat.json == first.json | {
        "issued_at": "2026-11-23T06:00:30Z",
        "expires_at": "2026-11-23T06:02:00Z",
    }


async def test_a_longer_window_is_told_at_once_under_the_same_id(
    fleet: MockConfigEntry, ask: Ask, at: At, wire: Wire
) -> None:
    """Contract, "power intent": only ids or window changed."""
    await ask("add_event", **WEBSITE)
    await at("07:00:00")
    begun = told(wire)[-1]
    await at("07:00:10")
    await ask("add_event", **WEBSITE | {"start": "2026-11-23 16:00:00", "end": "2026-11-23 17:00:00"})
    (longer,) = told(wire)
    assert (gist(longer), longer.json["intent_id"]) == (SHOWN, begun.json["intent_id"])
    assert longer.json["event_window_end"] == "2026-11-23T16:00:00Z"


async def test_a_reconnect_and_a_restart_tell_it_afresh_under_the_same_id(
    hass: HomeAssistant, fleet: MockConfigEntry, at: At, wire: Wire
) -> None:
    """Contract, "power intent": at once, and never one that has expired."""
    (first,) = told(wire)
    await wire.breaks()
    await at("06:10:00")
    assert wire.rest() == []
    await at("06:10:20")
    await wire.mends()
    (again,) = told(wire)
    assert (again.json["intent_id"], again.json["issued_at"]) == (
        first.json["intent_id"],
        "2026-11-23T06:10:20Z",
    )
    await reload(hass, fleet, wire)
    (restarted,) = told(wire)
    assert restarted.json["intent_id"] == first.json["intent_id"]


async def test_a_fault_of_ours_with_one_intent_keeps_nothing_else_from_the_broker(
    fleet: MockConfigEntry, wire: Wire, caplog: pytest.LogCaptureFixture
) -> None:
    """Screens whose own lists are sound get them, also from what is published later."""
    await wire.breaks()
    wire.rest()
    with (
        patch("custom_components.infoscreen.retained.PUBLISH_AT_ONCE", 1),
        patch("custom_components.infoscreen.intents.intent_payload", side_effect=[ZeroDivisionError, {}]),
    ):
        await wire.mends()
    lists = {f"infoscreen/events/{group_id}" for group_id in (12, 13)}
    assert {said.topic for said in wire.rest()} == lists | {AULA}
    assert f"What is to stand on {FOYER} could not be written" in caplog.text


async def test_a_connection_that_comes_before_the_alarm_tells_what_is_true_now(
    fleet: MockConfigEntry, ask: Ask, freezer: FrozenDateTimeFactory, wire: Wire
) -> None:
    """A host that slept wakes to both at once."""
    await ask("add_event", **WEBSITE)
    await wire.breaks()
    wire.rest()
    freezer.move_to("2026-11-23 07:30:00+00:00")
    await wire.mends()
    heard = told(wire)
    assert heard
    assert all(gist(said) == SHOWN for said in heard)


async def test_an_intent_is_never_older_than_the_last(
    fleet: MockConfigEntry, ask: Ask, freezer: FrozenDateTimeFactory, wire: Wire
) -> None:
    """A clock that was set back would make screens keep the older one."""
    wire.rest()
    freezer.move_to("2026-11-23 05:00:00+00:00")
    await ask("set_power", power_mode="on")
    (held,) = told(wire)
    assert held.json["issued_at"] == "2026-11-23T06:00:00Z"


@pytest.mark.parametrize("options", [{"power_intent_enabled": True, "power_intent_heartbeat": False}])
async def test_without_heartbeats_an_intent_holds_until_the_next_planned_change(
    hass: HomeAssistant,
    fleet: MockConfigEntry,
    ask: Ask,
    at: At,
    freezer: FrozenDateTimeFactory,
    wire: Wire,
) -> None:
    """Contract and edges; what is planned anew moves the end."""
    (unplanned,) = told(wire)
    assert unplanned.json["expires_at"] == "2026-11-24T06:00:00Z"
    await ask("add_event", **WEBSITE)
    (planned,) = told(wire)
    assert (gist(planned), planned.json["expires_at"]) == (OFF, "2026-11-23T07:01:30Z")
    await at("06:30:00")
    assert wire.rest() == []
    await at("07:00:00")
    assert gist(told(wire)[-1]) == SHOWN
    await at("15:00:00")
    wire.rest()
    freezer.move_to("2026-11-24 03:00:00+00:00")
    async_fire_time_changed(hass)
    await wire.settle()
    assert told(wire)[-1].json["expires_at"] == "2026-11-25T03:00:00Z"


async def test_lead_lag_and_gaps_belong_to_the_window(
    hass: HomeAssistant, fleet: MockConfigEntry, ask: Ask, at: At, wire: Wire
) -> None:
    """Product, "Power": a group's own minutes, changed in its form; other fields stay as they are."""
    subentry = next(each for each in fleet.subentries.values() if each.unique_id == "12")
    manager = hass.config_entries.subentries
    for given in ({"lead_minutes": 10, "lag_minutes": 5}, {"name": "Foyer"}):
        form = await manager.async_init(
            (fleet.entry_id, "group"),
            context={"source": "reconfigure", "subentry_id": subentry.subentry_id},
        )
        done = await manager.async_configure(form["flow_id"], {"name": "Foyer", **given})
        assert done["type"] is FlowResultType.ABORT
    await wire.settle()
    await ask("add_event", **WEBSITE)
    wire.rest()
    await at("06:50:00")
    lead = told(wire)[-1]
    assert gist(lead) == SHOWN
    assert lead.json["event_window_start"] == "2026-11-23T06:50:00Z"
    await at("15:04:59")
    assert gist(told(wire)[-1]) == SHOWN
    await at("15:05:00")
    assert gist(told(wire)[-1]) == OFF


async def test_a_mode_holds_until_it_is_changed_back(
    hass: HomeAssistant, fleet: MockConfigEntry, ask: Ask, at: At, wire: Wire, look: Look
) -> None:
    """Product, "Power": it outlives planned changes and a restart."""
    mode = f"{fleet.entry_id}_group_12_power_mode"
    await ask("add_event", **WEBSITE)
    assert look.state("select", mode) == "auto"
    wire.rest()
    await choose(hass, wire, look, fleet, "off")
    assert gist(told(wire)[-1]) == ("off", "manual_override", [])
    await at("07:00:00")
    assert gist(told(wire)[-1]) == HELD
    await reload(hass, fleet, wire)
    assert gist(told(wire)[-1]) == HELD
    assert look.state("select", mode) == "off"
    await choose(hass, wire, look, fleet, "auto")
    assert gist(told(wire)[-1]) == SHOWN
    assert look.state("select", mode) == "auto"


async def test_a_hold_with_an_end_ends_by_itself(
    fleet: MockConfigEntry, ask: Ask, at: At, wire: Wire, look: Look
) -> None:
    """Product, "Actions": its end is seen meanwhile."""
    mode = f"{fleet.entry_id}_group_12_power_mode"
    await ask("set_power", power_mode="on", until="2026-11-23 07:30")
    assert gist(told(wire)[-1]) == ("on", "manual_override", [])
    assert look.attributes("select", mode)["until"] == "2026-11-23T06:30:00Z"
    await at("06:30:00")
    assert gist(told(wire)[-1]) == OFF
    assert (look.state("select", mode), look.attributes("select", mode)["until"]) == ("auto", None)


async def test_a_hold_ends_in_the_second_of_two_equal_hours_if_that_is_meant(
    fleet: MockConfigEntry, ask: Ask, at: At, wire: Wire
) -> None:
    """An end with its offset, as automations make it, is a moment and no time of the wall."""
    await at("2027-10-31 00:20:00")
    await ask("set_power", power_mode="on", until="2027-10-31T02:30:00+01:00")
    await at("2027-10-31 00:30:00")
    assert gist(told(wire)[-1]) == ("on", "manual_override", [])
    await at("2027-10-31 01:30:00")
    assert gist(told(wire)[-1]) == OFF


async def test_an_end_that_is_past_is_refused(fleet: MockConfigEntry, ask: Ask, wire: Wire) -> None:
    """Nothing is held then."""
    wire.rest()
    for until, key in (("2026-11-23 06:59", "until_is_past"), ("soon", "time_not_understood")):
        with pytest.raises(ServiceValidationError) as refused:
            await ask("set_power", power_mode="on", until=until)
        assert refused.value.translation_key == key
    assert wire.rest() == []


async def test_who_may_not_control_the_group_may_not_hold_it(
    hass: HomeAssistant, fleet: MockConfigEntry, ask: Ask, wire: Wire
) -> None:
    """Product, "Who may what"."""
    wire.rest()
    user = MockUser(groups=[]).add_to_hass(hass)
    user.mock_policy({})
    with pytest.raises(Unauthorized):
        await ask("set_power", user_id=user.id, power_mode="on")
    assert wire.rest() == []


async def test_a_hold_that_could_not_be_saved_is_none(
    fleet: MockConfigEntry, ask: Ask, wire: Wire, look: Look
) -> None:
    """A restart would undo it."""
    wire.rest()
    with (
        full_disk(),
        pytest.raises(HomeAssistantError),
    ):
        await ask("set_power", power_mode="on")
    assert wire.rest() == []
    assert look.state("select", f"{fleet.entry_id}_group_12_power_mode") == "auto"


async def test_a_hold_that_could_not_be_saved_undoes_no_other(
    hass: HomeAssistant, fleet: MockConfigEntry, wire: Wire, look: Look
) -> None:
    """Two people decide in the same moment, and the disk takes the second again."""
    free, writes = asyncio.Event(), [WriteError("disk full")]

    async def fails_once(_data: Any) -> None:
        await free.wait()
        if writes:
            raise writes.pop()

    async def holds(group_id: int) -> None:
        device = look.device(fleet, f"{fleet.entry_id}_group_{group_id}").id
        data = {"device_id": device, "power_mode": "on"}
        await hass.services.async_call("infoscreen", "set_power", data, blocking=True)

    with patch("homeassistant.helpers.storage.Store._async_write_data", side_effect=fails_once):
        deciding = [hass.async_create_task(holds(group_id)) for group_id in (12, 13)]
        await asyncio.sleep(0)
        free.set()
        foyer, aula = await asyncio.gather(*deciding, return_exceptions=True)
    await wire.settle()
    assert (type(foyer), aula) == (HomeAssistantError, None)
    modes = [f"{fleet.entry_id}_group_{group_id}_power_mode" for group_id in (12, 13)]
    assert [look.state("select", mode) for mode in modes] == ["auto", "on"]
    assert gist(told(wire, AULA)[-1]) == ("on", "manual_override", [])


async def test_a_hold_that_waits_for_the_disk_while_the_fleet_is_unloaded_tells_nobody(
    hass: HomeAssistant, fleet: MockConfigEntry, wire: Wire, look: Look, at: At
) -> None:
    """Unloading publishes nothing; whoever takes the fleet up again finds the hold on disk."""
    wire.rest()
    free = asyncio.Event()

    async def waits(_data: Any) -> None:
        await free.wait()

    foyer = {"device_id": look.device(fleet, f"{fleet.entry_id}_group_12").id, "power_mode": "on"}
    with patch("homeassistant.helpers.storage.Store._async_write_data", side_effect=waits):
        action = hass.services.async_call("infoscreen", "set_power", foyer, blocking=True)
        holding = hass.async_create_task(action)
        await asyncio.sleep(0)
        assert await hass.config_entries.async_unload(fleet.entry_id)
        free.set()
        await holding
    await at("06:00:31")
    assert wire.rest() == []


@pytest.mark.parametrize("options", [{}])
async def test_nobody_is_told_by_default(
    fleet: MockConfigEntry, ask: Ask, at: At, wire: Wire, look: Look
) -> None:
    """Product, "Config entries"; holds are kept for the day it is enabled."""
    await ask("set_power", power_mode="on", until="2026-11-23 07:30")
    await ask("republish")
    wire.rest()
    assert look.state("binary_sensor", f"{fleet.entry_id}_group_12_power_intent") == "unknown"
    assert look.state("sensor", f"{fleet.entry_id}_group_12_power_reason") == "unknown"
    assert look.state("select", f"{fleet.entry_id}_group_12_power_mode") == "on"
    assert (await ask("explain_schedule"))["12"]["power"] is None
    await at("06:30:00")
    assert look.state("select", f"{fleet.entry_id}_group_12_power_mode") == "auto"
    assert wire.rest() == []


async def test_switching_off_takes_the_intents_off_the_broker(
    hass: HomeAssistant, fleet: MockConfigEntry, at: At, wire: Wire
) -> None:
    """Contract, "power intent": one empty retained payload, for the fleet or for a group."""
    wire.rest()
    subentry = next(each for each in fleet.subentries.values() if each.unique_id == "12")
    without = {**subentry.data, "power_enabled": False}
    hass.config_entries.async_update_subentry(fleet, subentry, data=without)
    await wire.settle()
    heard = wire.rest()
    assert [(said.topic, said.retain) for said in heard if not said.payload] == [(FOYER, True)]
    hass.config_entries.async_update_entry(fleet, options={})
    await wire.settle()
    assert [(said.topic, said.payload) for said in wire.rest()] == [(AULA, b"")]
    await at("07:00:00")
    assert wire.rest() == []


async def test_a_group_that_is_no_more_leaves_no_intent_behind(
    hass: HomeAssistant, fleet: MockConfigEntry, ask: Ask, at: At, wire: Wire
) -> None:
    """Neither on the broker nor in time."""
    await ask("set_power", power_mode="on", until="2026-11-23 07:30")
    wire.rest()
    subentry = next(each for each in fleet.subentries.values() if each.unique_id == "12")
    hass.config_entries.async_remove_subentry(fleet, subentry.subentry_id)
    await wire.settle()
    assert [said.payload for said in told(wire)] == [b""]
    await at("06:30:00")
    assert told(wire) == []


async def test_a_fleet_that_is_no_more_leaves_no_intent_behind(
    hass: HomeAssistant, fleet: MockConfigEntry, wire: Wire
) -> None:
    """Screens would obey it until it expires."""
    wire.rest()
    await hass.config_entries.async_remove(fleet.entry_id)
    await wire.settle()
    heard = wire.rest()
    assert {FOYER, AULA} <= {said.topic for said in heard if said.payload == b""}


async def test_what_is_explained_is_what_tvs_are_told(
    fleet: MockConfigEntry, ask: Ask, at: At, wire: Wire
) -> None:
    """By the same plan, for any moment; a hold is known from now on only."""
    await ask("add_event", **WEBSITE)

    async def power(**data: Any) -> str:
        explained = await ask("explain_schedule", **data)
        return str(explained["12"]["power"])

    assert await power() == "off"
    assert await power(at="2026-11-23 09:00") == "on"
    await ask("set_power", power_mode="on", until="2026-11-23 07:30")
    assert await power() == "on"
    assert await power(at="2026-11-23 07:30") == "off"
    assert await power(at="2026-11-23 06:00") == "off"
    wire.rest()


async def test_a_group_is_told_once_more_when_asked(
    hass: HomeAssistant, fleet: MockConfigEntry, ask: Ask, wire: Wire
) -> None:
    """The action Republish, for a broker that forgot."""
    (first,) = told(wire)
    await ask("republish")
    (again,) = told(wire)
    assert again.json == first.json


async def test_other_options_hold_at_once(hass: HomeAssistant, fleet: MockConfigEntry, wire: Wire) -> None:
    """The next heartbeat comes by them."""
    (first,) = told(wire)
    changed = {"power_intent_enabled": True, "poll_interval_seconds": 60, "power_intent_expiry_multiplier": 4}
    hass.config_entries.async_update_entry(fleet, options=changed)
    await wire.settle()
    (again,) = told(wire)
    assert (again.json["poll_interval_sec"], again.json["intent_id"]) == (60, first.json["intent_id"])
    lasts = datetime.fromisoformat(again.json["expires_at"]) - datetime.fromisoformat(again.json["issued_at"])
    assert lasts == timedelta(seconds=240)


BLACK = {"screen_on": True, "health_metrics": {"screen_health_status": "BLACK"}}


async def test_while_the_intent_is_off_black_and_silent_are_as_planned(
    hass: HomeAssistant, fleet: MockConfigEntry, screen: str, ask: Ask, at: At, wire: Wire, look: Look
) -> None:
    """Product, "Status"; told a grace after the hours have begun, if it is still so."""
    alerts = f"{fleet.entry_id}_alerts"
    await ask("add_event", **WEBSITE)
    await assign(hass, look, screen, "Foyer")
    await wire.hears(f"infoscreen/{screen}/health", BLACK)
    assert look.state("sensor", f"{screen}_status") == "healthy"
    await at("06:10:00")
    assert look.state("sensor", f"{screen}_status") == "planned_off"
    assert look.state("binary_sensor", f"{screen}_connectivity") == "off"
    assert look.state("sensor", alerts) == "0"

    await at("07:00:00")
    assert look.state("sensor", f"{screen}_status") == "offline"
    assert look.state("sensor", alerts) == "0"
    await at("07:02:51")
    assert look.state("sensor", alerts) == "1"
    await wire.hears(f"infoscreen/{screen}/health", BLACK)
    assert look.state("sensor", f"{screen}_status") == "critical"
    await at("15:00:00")
    assert look.state("sensor", f"{screen}_status") == "planned_off"
    wire.rest()


async def test_a_screen_is_due_by_the_group_it_is_in(
    hass: HomeAssistant, fleet: MockConfigEntry, screen: str, wire: Wire, look: Look
) -> None:
    """One in none is told nothing, so it is due round the clock."""
    await wire.hears(f"infoscreen/{screen}/health", BLACK)
    assert look.state("sensor", f"{screen}_status") == "critical"
    await assign(hass, look, screen, "Foyer")
    assert look.state("sensor", f"{screen}_status") == "healthy"
    await assign(hass, look, screen, "unassigned")
    assert look.state("sensor", f"{screen}_status") == "critical"
    await assign(hass, look, screen, "Foyer")
    hass.config_entries.async_update_entry(fleet, options={})
    await wire.settle()
    assert look.state("sensor", f"{screen}_status") == "critical"
    wire.rest()


async def test_screens_that_need_not_be_there_make_no_outage(
    hass: HomeAssistant, fleet: MockConfigEntry, ask: Ask, at: At, wire: Wire, look: Look
) -> None:
    """Product, "Status": of the screens due four fifths must fall silent together."""
    for uuid in (UUID, OTHER, UUID.replace("0b", "0c")):
        await wire.hears("infoscreen/discovery", {"uuid": uuid})
        await assign(hass, look, uuid, "Foyer")
    await at("06:10:00")
    assert look.state("binary_sensor", f"{fleet.entry_id}_broker_outage") == "off"
    assert look.state("sensor", f"{OTHER}_status") == "planned_off"
    wire.rest()
