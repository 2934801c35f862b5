"""Plugs are turned off, and on again come what may."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import EVENT_HOMEASSISTANT_STOP
from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError, Unauthorized
from homeassistant.helpers import entity_registry as er, issue_registry as ir
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, MockUser

from custom_components.infoscreen import switching

from .conftest import OTHER, UUID, Look, PassTime, choose
from .plug import Plug, add_plugs, hardware
from .wire import Wire

type Cycle = Callable[..., Awaitable[dict[str, Any]]]
type Refusal = Callable[..., Awaitable[HomeAssistantError]]


@pytest.fixture
def plugs_of() -> dict[str, str]:
    """Return which screen hangs on which plug; tests that want others override this."""
    return {UUID: "switch.foyer"}


@pytest.fixture
async def entry(hass: HomeAssistant, entry: MockConfigEntry, plugs_of: dict[str, str]) -> MockConfigEntry:
    """Return a fleet of screens with plugs, not yet set up."""
    kept = [subentry.as_dict() for subentry in entry.subentries.values()]
    return MockConfigEntry(
        domain="infoscreen",
        title=entry.title,
        unique_id=entry.unique_id,
        data=dict(entry.data),
        options=dict(entry.options),
        subentries_data=[*kept, *(hardware(uuid, plug=plug) for uuid, plug in plugs_of.items())],
    )


@pytest.fixture
async def plug(hass: HomeAssistant, fleet: MockConfigEntry) -> Plug:
    """Put the plug into Home Assistant."""
    (plug,) = await add_plugs(hass, "foyer")
    return plug


@pytest.fixture
def cycle(hass: HomeAssistant, fleet: MockConfigEntry, look: Look) -> Cycle:
    """Return what performs the action on screens, and tells its response."""

    async def cycles(*uuids: str, response: bool = True, **how: Any) -> dict[str, Any]:
        told = await hass.services.async_call(
            "infoscreen",
            "power_cycle",
            {"reason": how.pop("reason")} if "reason" in how else {},
            target={"device_id": [look.device(fleet, uuid).id for uuid in uuids]},
            blocking=True,
            return_response=response,
            **how,
        )
        return dict(told or {})

    return cycles


@pytest.fixture
def refusal(cycle: Cycle) -> Refusal:
    """Return what tells the error of an action that asks for no response."""

    async def tells(*uuids: str) -> HomeAssistantError:
        with pytest.raises(HomeAssistantError) as told:
            await cycle(*uuids, response=False, reason="why not")
        return told.value

    return tells


async def test_a_plug_is_off_for_ten_seconds_and_on_again(
    hass: HomeAssistant, screen: str, plug: Plug, pass_time: PassTime, cycle: Cycle
) -> None:
    """The action returns once it is off."""
    steps = []
    hass.bus.async_listen("infoscreen_recovery", lambda event: steps.append(event.data))
    response = await cycle(screen, reason="it hangs")
    assert response == {screen: {"command_id": None, "status": "execution_started", "error": None}}
    assert plug.told == [False]
    await pass_time(9)
    assert plug.told == [False]
    await pass_time(2)
    assert plug.told == [False, True]
    (step,) = steps
    assert (step["uuid"], step["step"], step["reason"]) == (screen, "power_cycle", "it hangs")


async def test_a_plug_is_found_whatever_people_call_it(
    hass: HomeAssistant, screen: str, plug: Plug, pass_time: PassTime, cycle: Cycle
) -> None:
    """Renamed in Home Assistant, it is the same plug."""
    er.async_get(hass).async_update_entity("switch.foyer", new_entity_id="switch.window")
    await hass.async_block_till_done()
    await cycle(screen)
    await pass_time(11)
    assert plug.told == [False, True]


async def test_the_button_does_the_same(
    hass: HomeAssistant,
    fleet: MockConfigEntry,
    screen: str,
    wire: Wire,
    plug: Plug,
    look: Look,
    pass_time: PassTime,
    cycle: Cycle,
) -> None:
    """For administrators, also where all users may command screens."""
    button = look.entity_id("button", f"{screen}_power_cycle")
    er.async_get(hass).async_update_entity(button, disabled_by=None)
    hass.config_entries.async_update_entry(fleet, options={"commands_for_all_users": True})
    assert await hass.config_entries.async_reload(fleet.entry_id)
    await wire.settle()
    wire.rest()
    user = MockUser(groups=[]).add_to_hass(hass)
    user.mock_policy({"entities": True})
    act = hass.services.async_call
    with pytest.raises(Unauthorized):
        await act("button", "press", {"entity_id": button}, blocking=True, context=Context(user_id=user.id))
    with pytest.raises(Unauthorized):
        await cycle(screen, context=Context(user_id=user.id))
    assert plug.told == []
    await act("button", "press", {"entity_id": button}, blocking=True)
    await pass_time(11)
    assert plug.told == [False, True]


async def test_a_plug_that_is_away_is_refused(
    screen: str, plug: Plug, cycle: Cycle, refusal: Refusal
) -> None:
    """Nobody would turn it on again."""
    plug.become(available=False)
    assert (await refusal(screen)).translation_key == "plug_unavailable"
    response = await cycle(screen)
    assert response[screen]["status"] == "failed"
    assert "switch.foyer" in response[screen]["error"]
    assert plug.told == []


@pytest.mark.parametrize("plugs_of", [{}], ids=["none"])
async def test_a_screen_without_a_plug_is_refused(screen: str, refusal: Refusal) -> None:
    """It says what to do about it."""
    assert (await refusal(screen)).translation_key == "no_plug"


async def test_several_screens_need_a_reason_and_each_gets_its_answer(
    screen: str, wire: Wire, plug: Plug, cycle: Cycle, refusal: Refusal
) -> None:
    """Contract: acting on several screens at once needs a reason; one that fails stops no other."""
    await wire.hears(f"infoscreen/{OTHER}/heartbeat")
    third = "22222222-2222-4222-8222-222222222222"
    await wire.hears(f"infoscreen/{third}/heartbeat")
    for how in ({}, {"reason": None}, {"reason": " "}):
        with pytest.raises(ServiceValidationError) as told:
            await cycle(screen, OTHER, **how)
        assert told.value.translation_key == "reason_missing"
    with pytest.raises(ServiceValidationError) as told:
        await cycle(screen, reason="x" * 2001)
    assert told.value.translation_key == "reason_too_long"
    assert plug.told == []
    response = await cycle(screen, OTHER, reason="why not")
    assert {uuid: end["status"] for uuid, end in response.items()} == {
        screen: "execution_started",
        OTHER: "failed",
    }
    error = await refusal(OTHER, third)
    assert error.translation_key == "power_cycles_failed"
    assert error.translation_placeholders == {"screens": "Screen 11111111, Screen 22222222"}


async def test_a_screen_answers_as_it_spells_itself(
    wire: Wire, plug: Plug, pass_time: PassTime, cycle: Cycle
) -> None:
    """As commands do."""
    await wire.hears(f"infoscreen/{UUID.upper()}/heartbeat")
    assert list(await cycle(UUID)) == [UUID.upper()]
    await pass_time(11)


@pytest.mark.parametrize(
    "plugs_of", [{UUID: "switch.foyer", OTHER: "switch.foyer"}], ids=["two screens on one plug"]
)
async def test_a_plug_that_feeds_a_screen_that_is_well_is_left_on(
    screen: str, wire: Wire, plug: Plug, pass_time: PassTime, cycle: Cycle, refusal: Refusal
) -> None:
    """Once both are in trouble one restart is for both; a second in the middle of it is refused."""
    await wire.hears(f"infoscreen/{OTHER}/heartbeat", {"process_status": "running"})
    assert (await refusal(screen)).translation_key == "plug_shared"
    assert plug.told == []
    await wire.hears(f"infoscreen/{OTHER}/heartbeat", {"process_status": "crashed"})
    await cycle(screen)
    assert (await refusal(OTHER)).translation_key == "plug_busy"
    await pass_time(11)
    assert plug.told == [False, True]


async def test_a_plug_shared_with_another_fleet_is_shared_all_the_same(
    hass: HomeAssistant, screen: str, wire: Wire, plug: Plug, refusal: Refusal
) -> None:
    """Power knows nothing of topic prefixes; a screen that was never heard is no reason."""
    site = MockConfigEntry(
        domain="infoscreen",
        unique_id="mqtt/site1",
        data={"transport": "mqtt", "topic_prefix": "site1"},
        subentries_data=[hardware(OTHER, plug="switch.foyer"), hardware("never heard", plug="switch.foyer")],
    )
    site.add_to_hass(hass)
    assert await hass.config_entries.async_setup(site.entry_id)
    await wire.hears(f"site1/{OTHER}/heartbeat", {"process_status": "running"})
    assert (await refusal(screen)).translation_key == "plug_shared"


async def test_a_plug_that_does_not_turn_off_is_told_and_turned_on_for_certain(
    screen: str, wire: Wire, plug: Plug, monkeypatch: pytest.MonkeyPatch, refusal: Refusal
) -> None:
    """It may have heard half of it."""
    monkeypatch.setattr(switching, "SWITCH_READ_BACK", timedelta(milliseconds=30))
    plug.deaf = True
    assert (await refusal(screen)).translation_key == "plug_not_off"
    await wire.settle()
    assert plug.told == [False, True]


@pytest.mark.parametrize(
    "fault", [HomeAssistantError("no answer"), OSError("no route")], ids=["refused", "broken integration"]
)
async def test_a_plug_that_stays_off_is_tried_again_and_then_told(
    hass: HomeAssistant, screen: str, plug: Plug, pass_time: PassTime, cycle: Cycle, fault: Exception
) -> None:
    """Three calls in all, whatever its integration raises; a person's hand clears the repair."""
    issue = "plug_stays_off_switch.foyer"
    await cycle(screen)
    plug.broken, plug.fault = True, fault
    for seconds, told in ((11, 2), (21, 3)):
        await pass_time(seconds)
        assert len(plug.told) == told
    assert ir.async_get(hass).async_get_issue("infoscreen", issue) is None
    await pass_time(21)
    assert plug.told == [False, True, True, True]
    assert ir.async_get(hass).async_get_issue("infoscreen", issue) is not None
    plug.broken = False
    await plug.turn(on=False)
    await hass.async_block_till_done()
    assert ir.async_get(hass).async_get_issue("infoscreen", issue) is not None
    await plug.turn(on=True)
    await hass.async_block_till_done()
    assert ir.async_get(hass).async_get_issue("infoscreen", issue) is None
    await pass_time(600)
    assert len(plug.told) == 6


@pytest.fixture
async def told_of(screen: str, plug: Plug, pass_time: PassTime, cycle: Cycle) -> Plug:
    """Give a plug that stayed off, of which people were told; it would obey again."""
    await cycle(screen)
    plug.broken = True
    for _try in range(3):
        await pass_time(21)
    plug.broken = False
    return plug


async def test_a_plug_that_returns_dark_is_turned_on(
    hass: HomeAssistant, told_of: Plug, pass_time: PassTime
) -> None:
    """It was told of, and nobody has to come for it any more."""
    told_of.become(available=False)
    told_of.become(available=True)
    await pass_time(1)
    assert told_of.is_on
    assert ir.async_get(hass).async_get_issue("infoscreen", "plug_stays_off_switch.foyer") is None


@pytest.mark.parametrize("by_hand", [True, False], ids=["turned on by hand", "back, and turned on"])
async def test_a_plug_that_was_told_of_and_is_on_again_is_no_obstacle_to_a_reload(
    hass: HomeAssistant,
    fleet: MockConfigEntry,
    told_of: Plug,
    pass_time: PassTime,
    wire: Wire,
    *,
    by_hand: bool,
) -> None:
    """Core's listeners raise when they are taken away twice, and the entry would stay as it is for good."""
    if by_hand:
        await told_of.turn(on=True)
    else:
        told_of.become(available=False)
        told_of.become(available=True)
    await pass_time(1)
    assert await hass.config_entries.async_reload(fleet.entry_id)
    assert fleet.state is ConfigEntryState.LOADED
    await wire.settle()
    wire.rest()


async def test_a_plug_that_first_does_not_know_how_it_is_is_turned_on_too(
    hass: HomeAssistant, told_of: Plug, pass_time: PassTime
) -> None:
    """Many integrations say unknown before they have heard of a switch that is back."""
    told_of.become(available=False)
    told_of.forget()
    await pass_time(1)
    await told_of.turn(on=False)
    await pass_time(1)
    assert told_of.is_on
    assert ir.async_get(hass).async_get_issue("infoscreen", "plug_stays_off_switch.foyer") is None


async def test_a_plug_that_was_off_when_home_assistant_died_is_on_after_the_restart(
    hass: HomeAssistant, entry: MockConfigEntry, wire: Wire, hass_storage: dict[str, Any]
) -> None:
    """That it is to be on was on disk before it went off."""
    (plug,) = await add_plugs(hass, "foyer")
    await plug.turn(on=False)
    hass_storage[f"infoscreen.{entry.entry_id}.fleet"] = {
        "version": 1,
        "data": {"screens": [], "plugs_off": ["switch.foyer"]},
    }
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await wire.settle()
    wire.rest()
    assert plug.is_on
    assert hass_storage[f"infoscreen.{entry.entry_id}.fleet"]["data"]["plugs_off"] == []


async def test_a_plug_does_not_stay_off_while_home_assistant_is_down(
    hass: HomeAssistant, screen: str, plug: Plug, cycle: Cycle
) -> None:
    """Nobody knows for how long it stops; after a kill -9 the next start has to do."""
    await cycle(screen)
    hass.bus.async_fire(EVENT_HOMEASSISTANT_STOP)
    await hass.async_block_till_done()
    assert plug.told == [False, True]


async def test_what_is_off_is_on_disk(
    hass: HomeAssistant,
    fleet: MockConfigEntry,
    screen: str,
    plug: Plug,
    hass_storage: dict[str, Any],
    cycle: Cycle,
) -> None:
    """A kill -9 in these ten seconds leaves nobody in the dark; neither does an unload."""
    await cycle(screen)
    assert hass_storage[f"infoscreen.{fleet.entry_id}.fleet"]["data"]["plugs_off"] == ["switch.foyer"]
    assert await hass.config_entries.async_unload(fleet.entry_id)
    await hass.async_block_till_done()
    assert plug.told == [False, True]


async def test_unresponsive_screens_with_a_plug_lose_power_for_a_moment(
    hass: HomeAssistant,
    fleet: MockConfigEntry,
    screen: str,
    wire: Wire,
    plug: Plug,
    look: Look,
    pass_time: PassTime,
) -> None:
    """Product: with a plug → power_cycle, without → reboot_host, still speaking → restart_app."""
    speaking = "22222222-2222-4222-8222-222222222222"
    for uuid in (OTHER, speaking):
        await wire.hears(f"infoscreen/{uuid}/heartbeat")
    for uuid in (screen, OTHER, speaking):
        await choose(hass, look, uuid, "Foyer")
    await pass_time(100)
    await wire.hears(f"infoscreen/{speaking}/heartbeat", {"process_status": "crashed"})
    await pass_time(100)
    wire.rest()
    button = look.entity_id("button", f"{fleet.entry_id}_group_12_restart_unresponsive")
    press = {"entity_id": button}
    await hass.services.async_call("button", "press", press, blocking=True)
    assert plug.told == [False]
    sent = {said.topic: said.json["action"] for said in wire.rest() if said.topic.endswith("/commands")}
    assert sent == {
        f"infoscreen/{OTHER}/commands": "reboot_host",
        f"infoscreen/{speaking}/commands": "restart_app",
    }
    with pytest.raises(HomeAssistantError) as told:
        await hass.services.async_call("button", "press", press, blocking=True)
    assert told.value.translation_key == "plug_busy"
    assert wire.rest() != []


@pytest.mark.parametrize("options", [{"commands_for_all_users": True}], ids=["open to all"])
async def test_power_is_not_cut_for_those_who_may_only_command(
    hass: HomeAssistant,
    fleet: MockConfigEntry,
    screen: str,
    wire: Wire,
    plug: Plug,
    look: Look,
    pass_time: PassTime,
) -> None:
    """Product, "Who may what": power_cycle is for administrators; the silent one is rebooted instead."""
    await choose(hass, look, screen, "Foyer")
    await pass_time(171)
    wire.rest()
    user = MockUser(groups=[]).add_to_hass(hass)
    user.mock_policy({"entities": True})
    button = look.entity_id("button", f"{fleet.entry_id}_group_12_restart_unresponsive")
    who = Context(user_id=user.id)
    await hass.services.async_call("button", "press", {"entity_id": button}, blocking=True, context=who)
    assert plug.told == []
    assert wire.said(f"infoscreen/{screen}/commands").json["action"] == "reboot_host"
    wire.rest()
