"""TVs that Home Assistant knows go on and off as planned, and a person's hand is respected."""

from typing import Any

from homeassistant.const import EVENT_HOMEASSISTANT_STARTED
from homeassistant.core import CoreState, HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import entity_registry as er
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_mock_service,
)

from .conftest import Ask, At, Look, choose as assign, group
from .disks import full_disk
from .plug import Plug, add_plugs
from .test_events import WEBSITE
from .test_hardware import add_hardware, change_hardware
from .test_power import choose
from .wire import Wire

pytestmark = pytest.mark.usefixtures("monday_morning")

TV = "switch.tv"
OWN = "switch.own"


@pytest.fixture
def options() -> dict[str, Any]:
    """Tell the TVs of the fleet when to be on."""
    return {"power_intent_enabled": True}


@pytest.fixture
async def tvs(hass: HomeAssistant) -> list[Plug]:
    """Put two TVs into Home Assistant, both off."""
    tvs = await add_plugs(hass, "tv", "own")
    for tv in tvs:
        await tv.turn(on=False)
        tv.told.clear()
    return tvs


@pytest.fixture
def entry(tvs: list[Plug], options: dict[str, Any]) -> MockConfigEntry:
    """Return a fleet with two groups, of which one has a TV."""
    foyer = group("Foyer", 12)
    foyer["data"] = {**foyer["data"], "tv_entities": [TV]}
    return MockConfigEntry(
        domain="infoscreen",
        title="Infoscreen",
        unique_id="mqtt/infoscreen",
        data={"transport": "mqtt", "topic_prefix": "infoscreen"},
        options=options,
        subentries_data=[foyer, group("Aula", 13)],
    )


@pytest.fixture
async def apart(hass: HomeAssistant, fleet: MockConfigEntry, screen: str, wire: Wire, look: Look) -> str:
    """Give a screen in the Foyer a TV of its own; return its UUID."""
    await assign(hass, look, screen, "Foyer")
    await add_hardware(hass, fleet, screen=look.device(fleet, screen).id, tv_entity=OWN)
    await wire.settle()
    wire.rest()
    return screen


@pytest.fixture(autouse=True)
async def nothing_left(wire: Wire) -> Any:
    """Forget what is on the wire: these tests are about TVs."""
    yield
    wire.rest()


def hold(look: Look, owner: str) -> tuple[str, str | None]:
    """Return how a group or a screen is held."""
    mode = f"{owner}_power_mode"
    return look.state("select", mode), look.attributes("select", mode)["until"]


async def test_tvs_go_on_and_off_with_their_group(
    fleet: MockConfigEntry, tvs: list[Plug], ask: Ask, at: At
) -> None:
    """Product, "Power": told once each, as they follow."""
    tv, own = tvs
    await ask("add_event", **WEBSITE)
    await at("06:59:59")
    assert tv.told == []
    await at("07:00:00")
    assert tv.told == [True]
    await at("07:00:20")
    await at("15:00:00")
    await at("15:00:20")
    assert (tv.told, own.told) == ([True, False], [])


async def test_the_tv_of_a_screen_goes_with_its_group_or_its_own_mode(
    hass: HomeAssistant, fleet: MockConfigEntry, apart: str, tvs: list[Plug], ask: Ask, at: At, look: Look
) -> None:
    """Product, "Power": also when it moves to another group."""
    tv, own = tvs
    await ask("set_power", power_mode="on")
    assert (tv.told, own.told) == ([True], [True])
    await assign(hass, look, apart, "Aula")
    await at("06:00:20")
    assert (tv.told, own.told) == ([True], [True, False])


async def test_tvs_follow_whatever_people_call_them(
    hass: HomeAssistant, fleet: MockConfigEntry, apart: str, tvs: list[Plug], ask: Ask
) -> None:
    """Renamed in Home Assistant, they are the same TVs; without a reload, and after it."""
    registry = er.async_get(hass)
    for tv, name in ((TV, "switch.foyer_tv"), (OWN, "switch.window_tv")):
        registry.async_update_entity(tv, new_entity_id=name)
    await hass.async_block_till_done()
    await ask("set_power", power_mode="on")
    assert [tv.told for tv in tvs] == [[True], [True]]
    assert await hass.config_entries.async_reload(fleet.entry_id)
    await ask("set_power", power_mode="off")
    assert [tv.told for tv in tvs] == [[True, False], [True, False]]


async def test_a_tv_that_does_not_follow_is_told_three_times_and_once_more(
    hass: HomeAssistant, fleet: MockConfigEntry, tvs: list[Plug], ask: Ask, at: At, look: Look
) -> None:
    """Edges, "Power": three calls 20 s apart, and one when people are told of it."""
    tv, _ = tvs
    tv.broken = True
    await ask("set_power", power_mode="on")
    for time, told in (("06:00:19", 1), ("06:00:20", 2), ("06:00:40", 3), ("06:01:59", 3), ("06:02:00", 4)):
        await at(time)
        assert len(tv.told) == told
    assert look.state("sensor", f"{fleet.entry_id}_alerts") == "1"
    await at("06:10:00")
    assert tv.told == [True] * 4
    tv.broken = False
    await tv.turn(on=True)
    await hass.async_block_till_done()
    assert look.state("sensor", f"{fleet.entry_id}_alerts") == "0"
    assert hold(look, f"{fleet.entry_id}_group_12") == ("on", None)


async def test_a_hand_at_the_tv_of_a_group_holds_the_group_for_a_while(
    hass: HomeAssistant, fleet: MockConfigEntry, tvs: list[Plug], ask: Ask, at: At, look: Look
) -> None:
    """Product, "Power": for manual_hold_minutes, nobody fights with it; then the schedule decides."""
    tv, _ = tvs
    foyer = f"{fleet.entry_id}_group_12"
    await ask("add_event", **WEBSITE)
    await at("07:00:00")
    await at("07:10:00")
    await tv.turn(on=False)
    await hass.async_block_till_done()
    assert hold(look, foyer) == ("off", "2026-11-23T07:40:00Z")
    assert look.state("sensor", f"{foyer}_power_reason") == "manual_override"
    await at("07:39:59")
    assert tv.told == [True, False]
    await at("07:40:00")
    assert tv.told == [True, False, True]
    assert hold(look, foyer) == ("auto", None)


async def test_a_hand_is_not_held_beyond_the_next_planned_change(
    hass: HomeAssistant, fleet: MockConfigEntry, tvs: list[Plug], ask: Ask, at: At, look: Look
) -> None:
    """Product, "Power": a TV turned on for a moment before school goes off after it."""
    tv, _ = tvs
    await ask("add_event", **WEBSITE)
    await at("06:50:00")
    await tv.turn(on=True)
    await hass.async_block_till_done()
    assert hold(look, f"{fleet.entry_id}_group_12") == ("on", "2026-11-23T07:00:00Z")
    await at("07:00:00")
    assert look.state("sensor", f"{fleet.entry_id}_group_12_power_reason") == "active_event"
    assert tv.told == [True]


async def test_a_mode_that_was_chosen_holds_again_after_a_hand(
    hass: HomeAssistant, fleet: MockConfigEntry, tvs: list[Plug], ask: Ask, at: At, wire: Wire, look: Look
) -> None:
    """Product, "Power": until changed back; off for the holidays is not on for the rest of them."""
    tv, _ = tvs
    foyer = f"{fleet.entry_id}_group_12"
    await choose(hass, wire, look, fleet, "off")
    for minute, on in (("10", True), ("20", False), ("25", True)):
        await at(f"06:{minute}:00")
        await tv.turn(on=on)
        await hass.async_block_till_done()
    assert hold(look, foyer) == ("on", "2026-11-23T06:55:00Z")
    assert await hass.config_entries.async_reload(fleet.entry_id)
    await at("06:55:00")
    assert hold(look, foyer) == ("off", None)
    assert tv.told[-1] is False


async def test_a_hand_at_the_tv_of_a_screen_holds_that_screen_alone(
    hass: HomeAssistant, fleet: MockConfigEntry, apart: str, tvs: list[Plug], ask: Ask, at: At, wire: Wire
) -> None:
    """It hears so itself, and belongs to its group again afterwards."""
    tv, own = tvs
    await ask("set_power", power_mode="on")
    await at("06:01:00")
    wire.rest()
    await own.turn(on=False)
    await wire.settle()
    topic = f"infoscreen/{apart}/power/intent"
    (held,) = [said.json for said in wire.rest() if said.topic == topic]
    assert (held["desired_state"], held["reason"]) == ("off", "manual_override")
    await at("06:31:00")
    assert [said.payload for said in wire.rest() if said.topic == topic][-1] == b""
    assert (tv.told, own.told) == ([True], [True, False, True])


async def test_a_hand_that_cannot_be_saved_is_respected_all_the_same(
    hass: HomeAssistant, fleet: MockConfigEntry, tvs: list[Plug], ask: Ask, at: At, look: Look
) -> None:
    """Nobody turns it back; the rest is told as a TV that is wrong."""
    tv, _ = tvs
    await ask("set_power", power_mode="on")
    await at("06:01:00")
    with full_disk():
        await tv.turn(on=False)
        await hass.async_block_till_done()
    assert hold(look, f"{fleet.entry_id}_group_12") == ("on", None)
    await at("06:02:59")
    assert tv.told == [True, False]
    await at("06:03:00")
    assert tv.told == [True, False, True]


async def test_a_tv_that_was_away_is_set_right_when_it_returns(
    hass: HomeAssistant, fleet: MockConfigEntry, tvs: list[Plug], ask: Ask, at: At, look: Look
) -> None:
    """Edges, "Power": that is neither a mismatch nor a person's hand."""
    tv, _ = tvs
    tv.become(available=False)
    await ask("set_power", power_mode="on")
    await at("06:05:00")
    assert tv.told == []
    assert look.state("sensor", f"{fleet.entry_id}_alerts") == "0"
    tv.become(available=True)
    await hass.async_block_till_done()
    assert tv.told == [True]
    await at("06:10:00")
    tv.become(available=False)
    tv._attr_is_on = False
    tv.become(available=True)
    await hass.async_block_till_done()
    assert tv.told == [True, True]
    assert hold(look, f"{fleet.entry_id}_group_12") == ("on", None)


@pytest.mark.parametrize("options", [{}])
async def test_where_nobody_is_told_tvs_are_left_alone(
    hass: HomeAssistant, fleet: MockConfigEntry, apart: str, tvs: list[Plug], ask: Ask, at: At, look: Look
) -> None:
    """Power publishing is off by default; people do with them what they like."""
    tv, own = tvs
    await ask("set_power", power_mode="on")
    await at("06:01:00")
    assert (tv.told, own.told) == ([], [])
    await tv.turn(on=True)
    await tv.turn(on=False)
    await at("06:05:00")
    assert tv.told == [True, False]
    assert look.state("binary_sensor", f"{apart}_power_mismatch") == "unknown"


async def test_tvs_are_named_in_the_form_of_their_group(
    hass: HomeAssistant, fleet: MockConfigEntry, tvs: list[Plug], ask: Ask, wire: Wire
) -> None:
    """Those that are left out are left alone from then on."""
    tv, own = tvs
    subentry = next(each for each in fleet.subentries.values() if each.unique_id == "12")
    manager = hass.config_entries.subentries
    for given in ({"tv_entities": [OWN]}, {}):
        form = await fleet.start_subentry_reconfigure_flow(hass, subentry.subentry_id)
        done = await manager.async_configure(form["flow_id"], {"name": "Foyer", **given})
        assert done["type"] is FlowResultType.ABORT
        await wire.settle()
        assert fleet.subentries[subentry.subentry_id].data.get("tv_entities") == given.get("tv_entities")
        await ask("set_power", power_mode="on")
    assert (tv.told, own.told) == ([], [True])


@pytest.mark.parametrize("tv", ["media_player.tv", "remote.tv", "light.tv", "input_boolean.tv"])
async def test_whatever_a_tv_is_it_is_turned_by_its_own_actions(
    hass: HomeAssistant, fleet: MockConfigEntry, tv: str, ask: Ask, wire: Wire
) -> None:
    """Product, "Power"; one of which nobody knows whether it is on is told as well."""
    calls = async_mock_service(hass, tv.partition(".")[0], "turn_on")
    hass.states.async_set(tv, "unknown")
    subentry = next(each for each in fleet.subentries.values() if each.unique_id == "12")
    data = {**subentry.data, "tv_entities": [tv]}
    hass.config_entries.async_update_subentry(fleet, subentry, data=data)
    async_mock_service(hass, tv.partition(".")[0], "turn_off")
    await wire.settle()
    await ask("set_power", power_mode="on")
    assert [each.data for each in calls] == [{"entity_id": tv}]


@pytest.mark.parametrize("state", ["playing", "idle", "paused", "on"])
async def test_a_media_player_is_on_while_it_is_not_off(
    hass: HomeAssistant, fleet: MockConfigEntry, ask: Ask, wire: Wire, state: str
) -> None:
    """A TV that plays or waits is on."""
    turned = async_mock_service(hass, "media_player", "turn_off")
    hass.states.async_set("media_player.tv", state)
    subentry = next(each for each in fleet.subentries.values() if each.unique_id == "12")
    data = {**subentry.data, "tv_entities": ["media_player.tv"]}
    hass.config_entries.async_update_subentry(fleet, subentry, data=data)
    await wire.settle()
    assert len(turned) == 1
    hass.states.async_set("media_player.tv", "standby")
    await ask("set_power", power_mode="off")
    assert len(turned) == 1


MISMATCH = "power_mismatch"


async def test_a_screen_with_hardware_shows_whether_its_tv_is_as_it_should_be(
    hass: HomeAssistant, fleet: MockConfigEntry, apart: str, tvs: list[Plug], ask: Ask, at: At, look: Look
) -> None:
    """Product, "Power": by its entity, for more than two minutes; with an alert and its all-clear."""
    own = tvs[1]
    alerts = f"{fleet.entry_id}_alerts"
    assert look.state("binary_sensor", f"{apart}_{MISMATCH}") == "off"
    own.deaf = True
    await ask("set_power", power_mode="on")
    await at("06:01:59")
    assert look.state("binary_sensor", f"{apart}_{MISMATCH}") == "off"
    assert look.state("sensor", alerts) == "0"
    await at("06:02:01")
    assert look.state("binary_sensor", f"{apart}_{MISMATCH}") == "on"
    assert look.state("sensor", alerts) == "1"
    await ask("set_power", power_mode="off")
    assert look.state("binary_sensor", f"{apart}_{MISMATCH}") == "off"
    assert look.state("sensor", alerts) == "0"


@pytest.mark.parametrize(
    ("drawn", "unit", "above", "wrong"),
    [
        ("0.6", "W", 20, "on"),
        ("19", "W", 20, "on"),
        ("21", "W", 20, "off"),
        ("0.08", "kW", 20, "off"),
        ("9", "W", None, "on"),
        ("11", "W", None, "off"),
        ("unavailable", "W", 20, "off"),
        ("nan", "W", 20, "off"),
        ("1", "bananas", 20, "off"),
    ],
)
async def test_a_tv_that_draws_nothing_is_not_on(
    hass: HomeAssistant,
    fleet: MockConfigEntry,
    apart: str,
    tvs: list[Plug],
    ask: Ask,
    at: At,
    look: Look,
    drawn: str,
    unit: str,
    above: float | None,
    wrong: str,
) -> None:
    """Product, "Config entries": power_on_above; its entity may say what it likes, and is told once more."""
    hass.states.async_set("sensor.drawn", drawn, {"device_class": "power", "unit_of_measurement": unit})
    given: dict[str, Any] = {"tv_entity": OWN, "power_sensor": "sensor.drawn"}
    await change_hardware(hass, fleet, **given, **({"power_on_above": above} if above else {}))
    await hass.async_block_till_done()
    await ask("set_power", power_mode="on")
    await at("06:02:00")
    assert look.state("binary_sensor", f"{apart}_{MISMATCH}") == wrong
    assert tvs[1].told == [True, *([True] if wrong == "on" else [])]


async def test_what_a_screen_reports_counts_while_it_is_there(
    hass: HomeAssistant,
    fleet: MockConfigEntry,
    apart: str,
    tvs: list[Plug],
    ask: Ask,
    at: At,
    wire: Wire,
    look: Look,
) -> None:
    """Product, "Power": its own screen_on."""
    await ask("set_power", power_mode="on")
    await wire.hears(f"infoscreen/{apart}/health", {"health_metrics": {"screen_on": False}})
    await at("06:01:30")
    await wire.hears(f"infoscreen/{apart}/health", {"health_metrics": {"screen_on": False}})
    await at("06:02:00")
    assert look.state("binary_sensor", f"{apart}_{MISMATCH}") == "on"
    await at("06:05:00")
    assert look.state("binary_sensor", f"{apart}_connectivity") == "off"
    assert look.state("binary_sensor", f"{apart}_{MISMATCH}") == "off"
    await wire.hears(f"infoscreen/{apart}/health", {"health_metrics": {"screen_on": True}})
    assert look.state("binary_sensor", f"{apart}_{MISMATCH}") == "off"


async def test_without_hardware_there_is_nothing_to_compare(
    hass: HomeAssistant, fleet: MockConfigEntry, apart: str, tvs: list[Plug], ask: Ask, at: At, look: Look
) -> None:
    """Product, "Entities": the sensor and the alert go with it, and its TV is left alone."""
    own = tvs[1]
    own.broken = True
    await ask("set_power", power_mode="on")
    await at("06:02:00")
    assert look.state("sensor", f"{fleet.entry_id}_alerts") == "1"
    (subentry,) = fleet.get_subentries_of_type("hardware")
    hass.config_entries.async_remove_subentry(fleet, subentry.subentry_id)
    await hass.async_block_till_done()
    assert look.state("sensor", f"{fleet.entry_id}_alerts") == "0"
    with pytest.raises(AssertionError):
        look.state("binary_sensor", f"{apart}_{MISMATCH}")
    told = len(own.told)
    await ask("set_power", power_mode="off")
    await ask("set_power", power_mode="on")
    assert len(own.told) == told


async def test_a_screen_that_returns_is_watched_again(
    hass: HomeAssistant,
    fleet: MockConfigEntry,
    apart: str,
    tvs: list[Plug],
    ask: Ask,
    at: At,
    wire: Wire,
    look: Look,
) -> None:
    """A restart in between looks at everything afresh."""
    assert await hass.config_entries.async_reload(fleet.entry_id)
    await wire.settle()
    await wire.hears(f"infoscreen/{apart}/health", {"health_metrics": {"screen_on": True}})
    await at("06:02:00")
    await wire.hears(f"infoscreen/{apart}/health", {"health_metrics": {"screen_on": True}})
    assert look.state("binary_sensor", f"{apart}_{MISMATCH}") == "on"


async def test_tvs_are_not_told_before_home_assistant_has_started(
    hass: HomeAssistant, fleet: MockConfigEntry, tvs: list[Plug], ask: Ask, at: At, wire: Wire
) -> None:
    """Their integrations may still be on their way, and what they show then is nobody's hand."""
    tv = tvs[0]
    await ask("set_power", power_mode="on")
    assert await hass.config_entries.async_unload(fleet.entry_id)
    hass.set_state(CoreState.starting)
    await tv.turn(on=False)
    assert await hass.config_entries.async_setup(fleet.entry_id)
    hass.config_entries.async_update_entry(fleet, options={**fleet.options, "bridge_gap_minutes": 6})
    await at("06:01:00")
    assert tv.told == [True, False]
    hass.set_state(CoreState.running)
    hass.bus.async_fire(EVENT_HOMEASSISTANT_STARTED)
    await wire.settle()
    assert tv.told == [True, False, True]
