"""Screens that crashed or fell silent are recovered, step by step, or a person is asked."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from homeassistant.components.repairs import DOMAIN as REPAIRS
from homeassistant.config_entries import ConfigSubentry
from homeassistant.core import Event, HomeAssistant
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers.translation import async_load_integrations
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator, WebSocketGenerator

from custom_components.infoscreen.logbook import async_describe_events

from .conftest import UUID, Look, PassTime, Press, acknowledge
from .plug import Plug, add_plugs, hardware
from .wire import Said, Wire

ISSUE = f"manual_intervention_{UUID}"
CRASHED = {"process_status": "crashed"}
RUNNING = {"process_status": "running"}
ON = {"crash_recovery_enabled": True}


@pytest.fixture
def options() -> dict[str, Any]:
    """Return options with which screens are recovered."""
    return ON


@pytest.fixture
async def plug(hass: HomeAssistant, fleet: MockConfigEntry) -> Plug:
    """Let the screen hang on a plug."""
    (plug,) = await add_plugs(hass, "foyer")
    given = hardware(UUID, plug="switch.foyer")
    hass.config_entries.async_add_subentry(
        fleet,
        ConfigSubentry(
            data=MappingProxyType(given["data"]),
            subentry_type=given["subentry_type"],
            title=given["title"],
            unique_id=given["unique_id"],
        ),
    )
    await hass.async_block_till_done()
    return plug


def sent(wire: Wire, uuid: str = UUID) -> list[tuple[str, str]]:
    """Return which commands went out to a screen, and why; the rest is forgotten."""
    return [
        (said.json["action"], said.json["reason"])
        for said in wire.rest()
        if said.topic == f"infoscreen/{uuid}/commands"
    ]


def command(wire: Wire) -> Said:
    """Return the command that went out."""
    said = wire.said(f"infoscreen/{UUID}/commands")
    wire.rest()
    return said


def asks(hass: HomeAssistant) -> bool:
    """Tell whether a person is asked."""
    return ir.async_get(hass).async_get_issue("infoscreen", ISSUE) is not None


def alerts(look: Look, fleet: MockConfigEntry) -> list[str]:
    """Return what somebody has to know of."""
    listed = look.attributes("sensor", f"{fleet.entry_id}_alerts")["alerts"]
    return [alert["kind"] for alert in listed]


@pytest.fixture
def steps(hass: HomeAssistant) -> list[tuple[str, str | None]]:
    """Return the steps that are told, as they come."""
    told: list[tuple[str, str | None]] = []
    hass.bus.async_listen(
        "infoscreen_recovery", lambda event: told.append((event.data["step"], event.data["reason"]))
    )
    return told


@pytest.fixture
def speaks(wire: Wire, pass_time: PassTime) -> Callable[..., Any]:
    """Return what lets time pass while a screen says the same again and again."""

    async def says(seconds: int, heartbeat: dict[str, str], *uuids: str) -> None:
        for _ in range(0, seconds, 30):
            for uuid in uuids or (UUID,):
                await wire.hears(f"infoscreen/{uuid}/heartbeat", heartbeat)
            await pass_time(30)

    return says


type Speaks = Callable[..., Any]


async def test_a_crashed_app_is_restarted_and_the_climb_is_over_when_it_is_well(
    hass: HomeAssistant, screen: str, wire: Wire, speaks: Speaks, steps: list[Any]
) -> None:
    """After the grace; a minute of health later it is told."""
    await speaks(150, CRASHED)
    assert sent(wire) == []
    await speaks(60, CRASHED)
    restart = command(wire)
    assert (restart.json["action"], restart.json["reason"]) == ("restart_app", "process_crashed")
    await acknowledge(wire, screen, restart, "accepted", "execution_started", "completed")
    await speaks(120, RUNNING)
    assert sent(wire) == []
    assert steps == [("restart_app", "process_crashed"), ("recovered", None)]
    assert not asks(hass)


async def test_a_silent_screen_climbs_to_its_plug_and_then_to_a_person(
    hass: HomeAssistant,
    fleet: MockConfigEntry,
    screen: str,
    wire: Wire,
    look: Look,
    plug: Plug,
    pass_time: PassTime,
    steps: list[Any],
) -> None:
    """It does not speak, so its app is not restarted; each step has its time."""
    await pass_time(171)
    await pass_time(179)
    assert sent(wire) == []
    await pass_time(2)
    assert sent(wire) == [("reboot_host", "heartbeat_stale")]
    await pass_time(241)
    assert look.state("sensor", f"{screen}_last_command") == "expired"
    await pass_time(59)
    assert plug.told == []
    await pass_time(2)
    assert plug.told == [False]
    await pass_time(11)
    assert plug.told == [False, True]
    await pass_time(149)
    assert not asks(hass)
    await pass_time(2)
    assert asks(hass)
    assert look.state("sensor", f"{screen}_status") == "critical"
    assert look.attributes("sensor", f"{screen}_status")["reasons"] == ["manual_intervention_required"]
    assert alerts(look, fleet) == ["manual_intervention_required", "offline"]
    assert steps == [
        ("reboot_host", "heartbeat_stale"),
        ("power_cycle", "heartbeat_stale"),
        ("manual_intervention", "heartbeat_stale"),
    ]


async def test_a_person_who_is_asked_is_not_asked_for_more(
    hass: HomeAssistant,
    fleet: MockConfigEntry,
    screen: str,
    wire: Wire,
    look: Look,
    asked: None,
    pass_time: PassTime,
) -> None:
    """The ladder rests at its top; a screen that comes back clears it all within a minute."""
    for _hour in range(3):
        await pass_time(3600)
    assert sent(wire) == []
    await wire.hears(f"infoscreen/{screen}/heartbeat", RUNNING)
    assert alerts(look, fleet) == ["manual_intervention_required"]
    await pass_time(61)
    assert not asks(hass)
    assert alerts(look, fleet) == []
    assert look.state("sensor", f"{screen}_status") == "healthy"


async def test_a_reboot_of_ours_that_never_returns_is_followed_by_the_plug(
    hass: HomeAssistant, screen: str, wire: Wire, look: Look, plug: Plug, speaks: Speaks, pass_time: PassTime
) -> None:
    """Contract, "Lifecycle": a minute after it timed out, the next rung instead of a person."""
    await speaks(210, CRASHED)
    await wire.hears(
        f"infoscreen/{screen}/commands/ack",
        {
            "command_id": command(wire).json["command_id"],
            "status": "failed",
            "error_code": "execution_failed",
        },
    )
    await speaks(60, CRASHED)
    await pass_time(1)
    reboot = command(wire)
    assert reboot.json["action"] == "reboot_host"
    await acknowledge(wire, screen, reboot, "accepted", "execution_started")
    await pass_time(11)
    await pass_time(151)
    assert look.state("sensor", f"{screen}_last_command") == "timed_out"
    await pass_time(50)
    assert plug.told == []
    for _ in range(2):
        await pass_time(20)
    assert look.state("sensor", f"{screen}_last_command") == "timed_out"
    assert plug.told == [False, True]
    assert not asks(hass)


async def test_a_plug_that_refuses_is_a_step_that_failed(
    hass: HomeAssistant, screen: str, wire: Wire, plug: Plug, pass_time: PassTime
) -> None:
    """Then a person is asked."""
    plug.become(available=False)
    for seconds in (171, 181, 241, 61, 151):
        await pass_time(seconds)
    assert sent(wire) == [("reboot_host", "heartbeat_stale")]
    assert plug.told == []
    assert asks(hass)


async def test_a_service_that_failed_is_a_reason_until_a_step_has_mended_it(
    screen: str, wire: Wire, speaks: Speaks
) -> None:
    """Its failure stands for ten minutes of running; that is no reason to go on climbing."""
    failure = {"event": "service_failed", "unit": "infoscreen.service", "client_uuid": screen}
    await wire.hears(f"infoscreen/{screen}/service_failed", failure, retain=True)
    await speaks(210, {"process_status": "stopped"})
    restart = command(wire)
    assert (restart.json["action"], restart.json["reason"]) == ("restart_app", "service_failed")
    await acknowledge(wire, screen, restart, "accepted", "execution_started", "completed")
    await speaks(300, RUNNING)
    assert sent(wire) == []


async def test_a_service_that_only_the_plug_could_mend_is_mended(
    hass: HomeAssistant, screen: str, wire: Wire, plug: Plug, speaks: Speaks
) -> None:
    """The screen is back before anybody missed it; nothing but the plug tells that it was gone."""
    failure = {"event": "service_failed", "unit": "infoscreen.service", "client_uuid": screen}
    await wire.hears(f"infoscreen/{screen}/service_failed", failure, retain=True)
    with wire.refuses():
        await speaks(360, RUNNING)
    assert plug.told == [False, True]
    await speaks(180, RUNNING)
    assert not asks(hass)


async def test_a_command_that_cannot_be_sent_is_a_step_that_failed(
    screen: str, wire: Wire, speaks: Speaks
) -> None:
    """The next follows after the cooldown."""
    with wire.refuses():
        await speaks(210, CRASHED)
    await speaks(90, CRASHED)
    assert sent(wire) == [("reboot_host", "process_crashed")]


@pytest.mark.parametrize("options", [{}], ids=["as it comes"])
async def test_nothing_is_recovered_unless_somebody_wants_it(screen: str, wire: Wire, speaks: Speaks) -> None:
    """Product, "Recovery": off by default."""
    await speaks(600, CRASHED)
    assert sent(wire) == []


async def test_switched_on_it_begins_and_switched_off_it_ends(
    hass: HomeAssistant, fleet: MockConfigEntry, screen: str, wire: Wire, look: Look, speaks: Speaks
) -> None:
    """Without a reload; and a screen may be left out."""
    left_out = {**ON, "crash_recovery_left_out": [look.device(fleet, screen).id, "gone"]}
    await speaks(90, CRASHED)
    hass.config_entries.async_update_entry(fleet, options=left_out)
    await speaks(210, CRASHED)
    assert sent(wire) == []
    hass.config_entries.async_update_entry(fleet, options=ON)
    await speaks(30, CRASHED)
    assert sent(wire) == [("restart_app", "process_crashed")]
    hass.config_entries.async_update_entry(fleet, options={})
    await speaks(900, CRASHED)
    assert sent(wire) == []


async def test_while_the_broker_is_out_nothing_is_done(screen: str, wire: Wire, pass_time: PassTime) -> None:
    """And after it every screen has its fresh grace, and then the ladder's."""
    await pass_time(171)
    await wire.breaks()
    await pass_time(600)
    await wire.mends()
    wire.rest()
    await pass_time(171)
    await pass_time(170)
    assert sent(wire) == []
    await pass_time(11)
    assert sent(wire) == [("reboot_host", "heartbeat_stale")]


async def test_a_screen_that_was_shut_down_is_left_in_peace(
    screen: str, wire: Wire, press: Press, pass_time: PassTime
) -> None:
    """Product, "Recovery": never when the screen was meant to be off."""
    await press("shutdown")
    await acknowledge(wire, screen, command(wire), "accepted", "execution_started", "completed")
    await pass_time(3600)
    assert sent(wire) == []


async def test_a_persons_command_comes_first(
    screen: str, wire: Wire, press: Press, speaks: Speaks, pass_time: PassTime
) -> None:
    """While it is under way, and for a minute after."""
    await speaks(150, CRASHED)
    await press("restart_app")
    restart = command(wire)
    await speaks(120, CRASHED)
    await acknowledge(wire, screen, restart, "accepted", "execution_started", "completed")
    await pass_time(58)
    assert sent(wire) == []
    await pass_time(3)
    assert sent(wire) == [("restart_app", "process_crashed")]


async def test_a_climb_goes_on_after_a_restart_where_it_was(
    hass: HomeAssistant,
    fleet: MockConfigEntry,
    screen: str,
    wire: Wire,
    plug: Plug,
    speaks: Speaks,
    pass_time: PassTime,
) -> None:
    """The step under way is still followed, and the plug comes after the reboot."""
    await speaks(210, CRASHED)
    restart = command(wire)
    assert await hass.config_entries.async_reload(fleet.entry_id)
    await wire.settle()
    wire.rest()
    await wire.hears(
        f"infoscreen/{screen}/commands/ack", {"command_id": restart.json["command_id"], "status": "failed"}
    )
    await speaks(90, CRASHED)
    reboot = command(wire)
    assert reboot.json["action"] == "reboot_host"
    assert await hass.config_entries.async_reload(fleet.entry_id)
    await wire.settle()
    wire.rest()
    await speaks(330, CRASHED)
    assert plug.told == [False, True]


async def test_a_step_that_was_cut_off_by_the_restart_counts_as_failed(
    hass: HomeAssistant, entry: MockConfigEntry, wire: Wire, hass_storage: dict[str, Any], speaks: Speaks
) -> None:
    """Nobody can tell whether it was begun; the next follows."""
    ladder = {"key": UUID, "rung": "restart_app", "since": "2026-01-01T00:00:00+00:00", "climbs": []}
    hass_storage[f"infoscreen.{entry.entry_id}.fleet"] = {
        "version": 1,
        "data": {"screens": [{"uuid": UUID, "heard": True}], "ladders": [ladder]},
    }
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await speaks(120, CRASHED)
    assert sent(wire) == [("reboot_host", "process_crashed")]


async def test_a_screen_climbs_three_times_a_day_and_then_needs_a_person(
    hass: HomeAssistant, screen: str, wire: Wire, look: Look, speaks: Speaks
) -> None:
    """It comes back each time, and does not last."""
    for _climb in range(3):
        await speaks(240, CRASHED)
        await acknowledge(wire, screen, command(wire), "accepted", "execution_started", "completed")
        await speaks(900, RUNNING)
    assert not asks(hass)
    await speaks(240, CRASHED)
    assert sent(wire) == []
    assert asks(hass)


RACK = [f"00000000-0000-4000-8000-00000000000{number}" for number in range(7)]


def commanded(wire: Wire) -> list[str]:
    """Return which screens were commanded; the rest is forgotten."""
    return [said.topic[11:47] for said in wire.rest() if said.topic.endswith("/commands")]


async def test_five_climb_at_a_time_and_the_others_wait_for_a_place(
    fleet: MockConfigEntry, wire: Wire, speaks: Speaks
) -> None:
    """A rack that went down together comes up in turn."""
    await speaks(210, CRASHED, *RACK)
    first = commanded(wire)
    assert len(first) == len(set(first)) == 5
    await speaks(90, RUNNING, first[0])
    await speaks(30, CRASHED, *(uuid for uuid in RACK if uuid not in first))
    assert len(commanded(wire)) == 1


async def test_a_place_is_free_when_a_person_shuts_a_screen_down(
    hass: HomeAssistant, fleet: MockConfigEntry, wire: Wire, look: Look, speaks: Speaks, pass_time: PassTime
) -> None:
    """Nobody waits for a screen that is meant to be off."""
    await speaks(210, CRASHED, *RACK)
    off = commanded(wire)[0]
    button = look.entity_id("button", f"{off}_shutdown")
    await hass.services.async_call("button", "press", {"entity_id": button}, blocking=True)
    shutdown = wire.said(f"infoscreen/{off}/commands")
    wire.rest()
    await acknowledge(wire, off, shutdown, "accepted", "execution_started", "completed")
    await pass_time(1)
    assert len(commanded(wire)) == 1


async def test_a_reboot_by_hand_that_never_returns_asks_a_person_once(
    hass: HomeAssistant,
    fleet: MockConfigEntry,
    screen: str,
    wire: Wire,
    look: Look,
    press: Press,
    pass_time: PassTime,
) -> None:
    """Also where nothing is recovered by itself; again only for another command."""
    hass.config_entries.async_update_entry(fleet, options={})
    await press("reboot")
    await acknowledge(wire, screen, command(wire), "accepted", "execution_started")
    for seconds in (11, 151, 61):
        await pass_time(seconds)
    assert look.state("sensor", f"{screen}_last_command") == "manual_intervention_required"
    assert asks(hass)
    assert await hass.config_entries.async_reload(fleet.entry_id)
    await wire.settle()
    wire.rest()
    assert asks(hass)
    assert look.state("sensor", f"{screen}_status") == "critical"
    await wire.hears(f"infoscreen/{screen}/heartbeat")
    await pass_time(61)
    assert not asks(hass)
    assert look.state("sensor", f"{screen}_status") == "healthy"


async def test_a_screen_that_is_deleted_is_asked_for_no_more(
    hass: HomeAssistant,
    fleet: MockConfigEntry,
    screen: str,
    wire: Wire,
    look: Look,
    pass_time: PassTime,
    hass_ws_client: WebSocketGenerator,
) -> None:
    """Its climb is forgotten with it."""
    for seconds in (171, 181, 241, 61):
        await pass_time(seconds)
    assert asks(hass)
    assert await async_setup_component(hass, "config", {})
    client = await hass_ws_client(hass)
    assert (await client.remove_device(look.device(fleet, screen).id))["success"]
    await wire.settle()
    assert not asks(hass)
    await wire.hears("infoscreen/discovery", {"uuid": screen})
    wire.rest()
    assert look.state("sensor", f"{screen}_status") == "healthy"


async def test_a_screen_that_is_left_out_stays_so_when_it_was_deleted_and_returns(
    hass: HomeAssistant,
    fleet: MockConfigEntry,
    screen: str,
    wire: Wire,
    look: Look,
    speaks: Speaks,
    hass_ws_client: WebSocketGenerator,
) -> None:
    """Its device has the id that it had, so the option names it still, whatever else changed meanwhile."""
    device = look.device(fleet, screen).id
    hass.config_entries.async_update_entry(fleet, options={**ON, "crash_recovery_left_out": [device]})
    assert await async_setup_component(hass, "config", {})
    client = await hass_ws_client(hass)
    assert (await client.remove_device(device))["success"]
    hass.config_entries.async_update_entry(fleet, title="Elsewhere")
    await wire.settle()
    await wire.hears("infoscreen/discovery", {"uuid": screen})
    assert look.device(fleet, screen).id == device
    wire.rest()
    await speaks(600, CRASHED)
    assert sent(wire) == []


# The repair

type Repair = Callable[..., Any]


@pytest.fixture
async def repair(hass: HomeAssistant, hass_client: ClientSessionGenerator) -> Repair:
    """Return what opens the repair, or makes a choice in it."""
    for integration in (REPAIRS, "config", "websocket_api"):
        assert await async_setup_component(hass, integration, {})
    client = await hass_client()
    issue = {"handler": "infoscreen", "issue_id": ISSUE}

    async def goes_on(form: Any = None, choice: str = "") -> Any:
        path = f"/{form['flow_id']}" if form else ""
        body = {"next_step_id": choice} if form else issue
        return await (await client.post(f"/api/repairs/issues/fix{path}", json=body)).json()

    return goes_on


@pytest.fixture
async def asked(hass: HomeAssistant, screen: str, wire: Wire, pass_time: PassTime) -> None:
    """Let the ladder come to its end."""
    for seconds in (171, 181, 241, 61):
        await pass_time(seconds)
    wire.rest()
    assert asks(hass)


async def test_a_person_may_say_that_it_is_handled(
    hass: HomeAssistant,
    fleet: MockConfigEntry,
    screen: str,
    wire: Wire,
    look: Look,
    asked: None,
    repair: Repair,
    pass_time: PassTime,
) -> None:
    """It is critical no more, and is left alone until it was well."""
    menu = await repair()
    assert (menu["type"], menu["menu_options"]) == ("menu", ["again", "handled"])
    link = f"/config/devices/device/{look.device(fleet, screen).id}"
    assert menu["description_placeholders"] == {"screen": "foyer-1", "link": link}
    assert (await repair(menu, "handled"))["type"] == "create_entry"
    assert not asks(hass)
    assert look.state("sensor", f"{screen}_status") == "offline"
    await pass_time(3600)
    assert await hass.config_entries.async_reload(fleet.entry_id)
    await wire.settle()
    wire.rest()
    await pass_time(3600)
    assert sent(wire) == []
    await wire.hears(f"infoscreen/{screen}/heartbeat", RUNNING)
    await pass_time(61)
    for seconds in (171, 181):
        await pass_time(seconds)
    assert sent(wire) == [("reboot_host", "heartbeat_stale")]


async def test_a_person_may_have_the_ladder_tried_again(
    hass: HomeAssistant, wire: Wire, asked: None, repair: Repair, pass_time: PassTime, steps: list[Any]
) -> None:
    """From the beginning, as soon as the pause between two climbs is over."""
    assert (await repair(await repair(), "again"))["type"] == "create_entry"
    assert not asks(hass)
    assert sent(wire) == []
    await pass_time(600)
    assert sent(wire) == [("reboot_host", "heartbeat_stale")]
    assert steps[-2:] == [("again", None), ("reboot_host", "heartbeat_stale")]


@pytest.mark.parametrize("options", [{**ON, "crash_recovery_lockout_minutes": 5}], ids=["short pauses"])
async def test_the_ladder_is_not_tried_a_fourth_time(
    hass: HomeAssistant, wire: Wire, asked: None, repair: Repair, pass_time: PassTime
) -> None:
    """It says so, and goes on asking."""
    for _climb in range(2):
        await repair(await repair(), "again")
        for seconds in (1, 241, 61):
            await pass_time(seconds)
        assert sent(wire) == [("reboot_host", "heartbeat_stale")]
        assert asks(hass)
    refused = await repair(await repair(), "again")
    assert (refused["type"], refused["reason"]) == ("abort", "climbs_spent")
    assert asks(hass)


async def test_the_ladder_is_offered_only_where_it_may_be_climbed(
    hass: HomeAssistant, fleet: MockConfigEntry, asked: None, repair: Repair
) -> None:
    """The fleet's option holds for the repair too."""
    hass.config_entries.async_update_entry(fleet, options={})
    await hass.async_block_till_done()
    assert (await repair())["menu_options"] == ["handled"]


@pytest.mark.parametrize("choice", ["again", "handled"])
async def test_the_repair_of_a_fleet_that_does_not_run_waits(
    hass: HomeAssistant, fleet: MockConfigEntry, wire: Wire, asked: None, repair: Repair, choice: str
) -> None:
    """Be it when it is opened or when a choice is made."""
    menu = await repair()
    assert await hass.config_entries.async_unload(fleet.entry_id)
    assert (await repair(menu, choice))["reason"] == "fleet_not_loaded"
    assert (await repair())["reason"] == "fleet_not_loaded"


@pytest.mark.parametrize("choice", ["again", "handled"])
async def test_the_repair_of_a_screen_that_was_deleted_meanwhile_is_done(
    hass: HomeAssistant,
    fleet: MockConfigEntry,
    screen: str,
    wire: Wire,
    look: Look,
    asked: None,
    repair: Repair,
    hass_ws_client: WebSocketGenerator,
    choice: str,
) -> None:
    """Two people look after one fleet."""
    menu = await repair()
    client = await hass_ws_client(hass)
    assert (await client.remove_device(look.device(fleet, screen).id))["success"]
    await wire.settle()
    wire.rest()
    assert (await repair(menu, choice))["type"] == "create_entry"


async def test_diagnostics_tell_where_a_screen_stands(
    hass: HomeAssistant, fleet: MockConfigEntry, asked: None, hass_client: ClientSessionGenerator
) -> None:
    """And how often it climbed."""
    assert await async_setup_component(hass, "diagnostics", {})
    client = await hass_client()
    answer = await client.get(f"/api/diagnostics/config_entry/{fleet.entry_id}")
    (ladder,) = (await answer.json())["data"]["recovery"]
    assert (ladder["rung"], len(ladder["climbs"])) == ("manual_intervention", 1)


@pytest.mark.parametrize(
    ("language", "message"),
    [
        ("en", "recovery reboots it (it fell silent)"),
        ("de", "Wiederherstellung startet ihn neu (er ist verstummt)"),
    ],
)
async def test_every_step_is_in_the_logbook(
    hass: HomeAssistant, screen: str, wire: Wire, pass_time: PassTime, language: str, message: str
) -> None:
    """In Home Assistant's language, at the screen's device; a reason of a person's own stands as it is."""
    await hass.config.async_update(language=language)
    await async_load_integrations(hass, {"infoscreen"})
    events: list[Event] = []
    hass.bus.async_listen("infoscreen_recovery", events.append)
    for seconds in (171, 181):
        await pass_time(seconds)
    assert sent(wire) == [("reboot_host", "heartbeat_stale")]
    described: dict[str, Callable[[Event], Mapping[str, Any]]] = {}
    async_describe_events(hass, lambda _domain, kind, describe: described.__setitem__(kind, describe))
    (event,) = events
    assert described["infoscreen_recovery"](event) == {"name": "foyer-1", "message": message}
    step = {"name": "foyer-1", "step": "recovered", "reason": None}
    assert "(" not in described["infoscreen_recovery"](Event("infoscreen_recovery", step))["message"]
