"""Commands by action: several at once, with their response, locked out, and taken back."""

import asyncio
from datetime import timedelta
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError, Unauthorized
from homeassistant.helpers import device_registry as dr, entity_registry as er
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    MockUser,
    async_capture_events,
)

from .conftest import OTHER, UUID, Look, PassTime, Press, acknowledge, choose
from .wire import Wire


@pytest.fixture
async def screens(fleet: MockConfigEntry, wire: Wire) -> list[str]:
    """Let two screens announce themselves."""
    for uuid, hostname in ((UUID, "foyer-1"), (OTHER, "aula-1")):
        await wire.hears("infoscreen/discovery", {"uuid": uuid, "hostname": hostname})
    wire.rest()
    return [UUID, OTHER]


@pytest.fixture
def act(hass: HomeAssistant, fleet: MockConfigEntry, look: Look) -> Any:
    """Return what performs an action on screens and returns its response."""

    async def acts(
        action: str, *uuids: str, user_id: str | None = None, silent: bool = False, **data: Any
    ) -> Any:
        target = {"device_id": [look.device(fleet, uuid).id for uuid in uuids]} if uuids else {}
        return await hass.services.async_call(
            "infoscreen",
            action,
            {**target, **data},
            blocking=True,
            return_response=not silent,
            context=Context(user_id=user_id),
        )

    return acts


def commanded(wire: Wire) -> dict[str, tuple[str, str | None]]:
    """Return, and forget, what screens were told on the contract's topic: action and reason by UUID."""
    return {
        said.topic.split("/")[1]: (said.json["action"], said.json["reason"])
        for said in wire.rest()
        if said.topic.endswith("/commands")
    }


@pytest.mark.parametrize(
    ("action", "wanted"),
    [("reboot", "reboot_host"), ("shutdown", "shutdown_host"), ("restart_app", "restart_app")],
)
async def test_an_action_commands_several_screens_and_tells_of_each(
    screens: list[str], wire: Wire, look: Look, act: Any, action: str, wanted: str
) -> None:
    """Product, "Actions": side by side, with one reason and a response per screen."""
    response = await act(action, *screens, reason="new cables")
    assert commanded(wire) == dict.fromkeys(screens, (wanted, "new cables"))
    for uuid in screens:
        command_id = look.attributes("sensor", f"{uuid}_last_command")["command_id"]
        assert response[uuid] == {"command_id": command_id, "status": "published", "error": None}


async def test_without_a_reason_a_command_has_none(screens: list[str], wire: Wire, act: Any) -> None:
    """Contract, "Lifecycle": an action without a reason sends null."""
    await act("restart_app", UUID, silent=True)
    assert commanded(wire) == {UUID: ("restart_app", None)}


@pytest.mark.parametrize(
    ("reason", "key"), [(None, "reason_missing"), ("x" * 2001, "reason_too_long")], ids=["none", "too long"]
)
@pytest.mark.parametrize("silent", [True, False], ids=["no response", "response"])
async def test_several_screens_need_a_reason_that_can_be_sent(
    screens: list[str], wire: Wire, act: Any, reason: str | None, key: str, silent: bool
) -> None:
    """Contract, "Lifecycle"; bad input is refused before anything is sent, response or not."""
    data = {"reason": reason} if reason else {}
    with pytest.raises(ServiceValidationError) as refused:
        await act("reboot", *screens, silent=silent, **data)
    assert refused.value.translation_key == key
    assert wire.rest() == []


async def test_two_targets_that_are_one_screen_are_one_screen(
    hass: HomeAssistant, fleet: MockConfigEntry, screens: list[str], wire: Wire, look: Look, act: Any
) -> None:
    """Fine points, "Commands": no reason needed, one command; a group stands for the screens in it."""
    await choose(hass, look, UUID, "Foyer")
    wire.rest()
    group = look.device(fleet, f"{fleet.entry_id}_group_12")
    response = await act(
        "restart_app",
        device_id=[look.device(fleet, UUID).id, group.id],
        entity_id=look.entity_id("sensor", f"{UUID}_status"),
    )
    assert list(response) == [UUID]
    assert len([said for said in wire.rest() if said.topic.endswith("/commands")]) == 1


async def test_a_screen_that_cannot_be_reached_stops_no_other(
    hass: HomeAssistant, fleet: MockConfigEntry, screens: list[str], wire: Wire, look: Look, act: Any
) -> None:
    """Product, "Actions": asked for a response it does not raise; asked for none it names who failed."""
    for _ in range(3):
        await act("restart_app", OTHER)
    wire.rest()
    response = await act("restart_app", *screens, reason="frozen")
    assert {uuid: told["status"] for uuid, told in response.items()} == {
        UUID: "published",
        OTHER: "blocked_safety",
    }
    assert response[OTHER]["error"] == "lockout_threshold"
    assert commanded(wire) == {UUID: ("restart_app", "frozen")}
    dr.async_get(hass).async_update_device(look.device(fleet, OTHER).id, name_by_user="Aula links")
    with pytest.raises(HomeAssistantError) as told:
        await act("restart_app", *screens, reason="frozen", silent=True)
    assert told.value.translation_key == "command_locked_out"
    assert told.value.translation_placeholders is not None
    assert told.value.translation_placeholders["screens"] == "Aula links"
    assert commanded(wire) == {UUID: ("restart_app", "frozen")}
    with wire.refuses(), pytest.raises(HomeAssistantError) as told:
        await act("restart_app", *screens, reason="frozen", silent=True)
    assert told.value.translation_key == "commands_failed"
    assert told.value.translation_placeholders is not None
    assert told.value.translation_placeholders["unsent"] == "foyer-1"
    assert told.value.translation_placeholders["locked"] == "Aula links"


async def test_without_a_connection_an_action_tells_it_of_each(
    screens: list[str], wire: Wire, act: Any
) -> None:
    """Nothing is queued for later."""
    await wire.breaks()
    response = await act("reboot", *screens, reason="new cables")
    assert {(told["status"], told["error"]) for told in response.values()} == {
        ("failed", "mqtt_publish_failed")
    }
    await wire.mends()
    assert commanded(wire) == {}


async def test_what_the_primary_topic_did_not_take_reaches_no_older_client(
    screens: list[str], wire: Wire, press: Press
) -> None:
    """It counts as never published, so it must not happen."""
    with wire.refuses() as refused, pytest.raises(HomeAssistantError):
        await press("reboot")
    assert [call.args[0] for call in refused.call_args_list] == [f"infoscreen/{UUID}/commands"]


# The lockout


async def test_a_fourth_restart_within_a_quarter_of_an_hour_is_refused(
    hass: HomeAssistant,
    fleet: MockConfigEntry,
    screen: str,
    wire: Wire,
    look: Look,
    press: Press,
    act: Any,
    pass_time: PassTime,
) -> None:
    """Contract, "Safety lockout": by button or action, reboot or restart; it survives a restart."""
    await hass.config.async_set_time_zone("Europe/Vienna")
    first = dt_util.utcnow()
    await press("reboot")
    await acknowledge(wire, screen, wire.said(f"infoscreen/{screen}/commands"), "completed")
    await pass_time(60)
    wire.rest()
    await press("restart_app")
    await acknowledge(wire, screen, wire.said(f"infoscreen/{screen}/commands"), "completed")
    await act("restart_app", screen)
    wire.rest()
    assert await hass.config_entries.async_reload(fleet.entry_id)
    await wire.settle()
    wire.rest()
    with pytest.raises(HomeAssistantError) as refused:
        await press("reboot")
    until = first + timedelta(minutes=15)
    assert refused.value.translation_key == "command_locked_out"
    assert refused.value.translation_placeholders == {
        "screens": "foyer-1",
        "until": dt_util.as_local(until).strftime("%H:%M:%S"),
    }
    assert look.state("sensor", f"{screen}_last_command") == "blocked_safety"
    assert wire.rest() == []
    await pass_time(15 * 60 - 60)
    await press("reboot")
    assert commanded(wire) == {screen: ("reboot_host", "operator_request")}


async def test_a_screen_that_is_locked_can_be_shut_down(
    screen: str, wire: Wire, look: Look, press: Press, act: Any
) -> None:
    """Contract, "Safety lockout": it is about restarts."""
    for _ in range(4):
        await act("reboot", screen)
    wire.rest()
    assert look.attributes("sensor", f"{screen}_last_command")["error_code"] == "lockout_threshold"
    await press("shutdown")
    assert commanded(wire) == {screen: ("shutdown_host", "operator_request")}


async def test_what_never_went_out_does_not_count(screen: str, wire: Wire, press: Press, look: Look) -> None:
    """Contract, "Safety lockout": nor does what was blocked."""
    with wire.refuses():
        for _ in range(3):
            with pytest.raises(HomeAssistantError):
                await press("reboot")
    for _ in range(3):
        await press("reboot")
    assert look.state("sensor", f"{screen}_last_command") == "published"
    wire.rest()


async def test_a_repeated_press_is_another_command(screen: str, wire: Wire, act: Any, look: Look) -> None:
    """Fine points, "Commands": the lockout is the only brake, also for presses at the same moment."""
    responses = await asyncio.gather(*(act("restart_app", screen) for _ in range(4)))
    assert sorted(response[screen]["status"] for response in responses) == [
        "blocked_safety",
        "published",
        "published",
        "published",
    ]
    ids = {said.json["command_id"] for said in wire.rest() if said.topic.endswith("/commands")}
    assert len(ids) == 3


async def test_the_newest_command_is_the_one_shown(
    screen: str, wire: Wire, look: Look, press: Press, freezer: FrozenDateTimeFactory
) -> None:
    """Contract, "Lifecycle": commands may overlap, at one moment even."""
    await press("reboot")
    reboot = wire.said(f"infoscreen/{screen}/commands")
    await press("restart_app")
    wire.rest()
    await acknowledge(wire, screen, reboot, "accepted", "execution_started")
    assert look.state("sensor", f"{screen}_last_command") == "published"
    assert look.attributes("sensor", f"{screen}_last_command")["action"] == "restart_app"


# Taking back


async def test_a_command_without_an_ack_is_canceled_and_may_still_run(
    screen: str, wire: Wire, look: Look, press: Press, act: Any
) -> None:
    """Contract, "Cancel": there is no message that takes a command back."""
    await press("reboot")
    command = wire.said(f"infoscreen/{screen}/commands")
    wire.rest()
    response = await act("cancel_command", command_id=command.json["command_id"])
    assert response == {"status": "canceled", "may_still_run": True}
    await acknowledge(wire, screen, command, "accepted", "execution_started", "completed")
    assert look.state("sensor", f"{screen}_last_command") == "canceled"
    assert wire.rest() == []


async def test_a_command_is_canceled_on_the_screen_that_it_is_for(
    screens: list[str], wire: Wire, press: Press, act: Any
) -> None:
    """A target is not needed; one that is given names the fleet."""
    await press("reboot")
    command_id = wire.said(f"infoscreen/{UUID}/commands").json["command_id"]
    wire.rest()
    response = await act("cancel_command", UUID, command_id=command_id)
    assert response == {"status": "canceled", "may_still_run": True}


async def test_what_is_under_way_over_or_unknown_cannot_be_canceled(
    screen: str, wire: Wire, press: Press, act: Any
) -> None:
    """Contract, "Cancel": in queued, and in published without ack."""
    await press("restart_app")
    command = wire.said(f"infoscreen/{screen}/commands")
    wire.rest()

    async def refused(command_id: str) -> str | None:
        with pytest.raises(ServiceValidationError) as told:
            await act("cancel_command", command_id=command_id, silent=True)
        return told.value.translation_key

    command_id = command.json["command_id"]
    await acknowledge(wire, screen, command, "accepted")
    assert await refused(command_id) == "command_under_way"
    await acknowledge(wire, screen, command, "completed")
    assert await refused(command_id) == "command_over"
    assert await refused("5c0ffee5-1234-4abc-8def-0123456789ab") == "command_unknown"


async def test_a_screen_that_runs_a_canceled_command_is_told_of_once(
    hass: HomeAssistant, screen: str, wire: Wire, press: Press, act: Any
) -> None:
    """Contract, "Cancel"; clients acknowledge twice."""
    events = async_capture_events(hass, "infoscreen_command")
    await press("reboot")
    command = wire.said(f"infoscreen/{screen}/commands")
    wire.rest()
    await act("cancel_command", command_id=command.json["command_id"])
    await acknowledge(wire, screen, command, "accepted")
    assert [event.data["ran_canceled"] for event in events] == [False, False]
    await acknowledge(wire, screen, command, "execution_started", "execution_started", "completed")
    assert [event.data["ran_canceled"] for event in events] == [False, False, True]


# Who may


@pytest.fixture
def user(hass: HomeAssistant) -> MockUser:
    """Return somebody who may control everything, and is no administrator."""
    user = MockUser(groups=[]).add_to_hass(hass)
    user.mock_policy({"entities": True})
    return user


async def test_actions_are_for_administrators(
    screens: list[str], user: MockUser, hass_admin_user: MockUser, wire: Wire, act: Any
) -> None:
    """Product, "Who may what": refused with nothing done, by a script of the user's as well."""
    for action in ("reboot", "shutdown", "restart_app"):
        with pytest.raises(Unauthorized):
            await act(action, *screens, reason="fun", user_id=user.id)
    with pytest.raises(Unauthorized):
        await act("cancel_command", command_id="5c0ffee5", user_id=user.id)
    assert wire.rest() == []
    await act("shutdown", UUID, user_id=hass_admin_user.id)
    assert commanded(wire) == {UUID: ("shutdown_host", None)}


async def test_a_script_counts_as_its_starter(
    hass: HomeAssistant, screen: str, user: MockUser, wire: Wire, fleet: MockConfigEntry, look: Look
) -> None:
    """Product, "Who may what": and an automation, which nobody starts, may."""
    target = {"device_id": look.device(fleet, screen).id}
    step = {"action": "infoscreen.restart_app", "target": target}
    assert await async_setup_component(hass, "script", {"script": {"restart": {"sequence": [step]}}})
    with pytest.raises(Unauthorized):
        await hass.services.async_call("script", "restart", blocking=True, context=Context(user_id=user.id))
    assert wire.rest() == []
    await hass.services.async_call("script", "restart", blocking=True)
    assert commanded(wire) == {screen: ("restart_app", None)}


@pytest.mark.parametrize("options", [{"commands_for_all_users": True}], ids=["open"])
async def test_an_option_opens_the_actions_to_all_users(
    screen: str, user: MockUser, wire: Wire, act: Any
) -> None:
    """Product, "Who may what": everyone by option."""
    response = await act("restart_app", screen, user_id=user.id)
    wire.rest()
    command_id = response[screen]["command_id"]
    assert (await act("cancel_command", command_id=command_id, user_id=user.id))["status"] == "canceled"


# What the rest of Home Assistant hears


async def test_asking_and_the_end_are_told_in_the_name_of_who_asked(
    hass: HomeAssistant,
    fleet: MockConfigEntry,
    screen: str,
    hass_admin_user: MockUser,
    wire: Wire,
    look: Look,
    act: Any,
) -> None:
    """One event each; the device's page and the logbook find it."""
    events = async_capture_events(hass, "infoscreen_command")
    await act("restart_app", screen, reason="frozen", user_id=hass_admin_user.id)
    command = wire.said(f"infoscreen/{screen}/commands")
    wire.rest()
    await acknowledge(wire, screen, command, "accepted", "execution_started", "completed")
    common = {
        "device_id": look.device(fleet, screen).id,
        "entity_id": look.entity_id("sensor", f"{screen}_last_command"),
        "command_id": command.json["command_id"],
        "action": "restart_app",
        "reason": "frozen",
        "user": hass_admin_user.id,
        "user_name": "Mock User",
        "error_code": None,
        "ran_canceled": False,
    }
    assert [event.data for event in events] == [
        {**common, "state": "queued"},
        {**common, "state": "completed"},
    ]
    assert {event.context.user_id for event in events} == {hass_admin_user.id}
    assert len({event.context.id for event in events}) == 1


async def test_the_end_after_a_restart_is_still_in_the_name_of_who_asked(
    hass: HomeAssistant,
    fleet: MockConfigEntry,
    screen: str,
    hass_admin_user: MockUser,
    wire: Wire,
    press: Press,
) -> None:
    """What was under way then goes on."""
    await press("shutdown", hass_admin_user.id)
    command = wire.said(f"infoscreen/{screen}/commands")
    assert await hass.config_entries.async_reload(fleet.entry_id)
    await wire.settle()
    wire.rest()
    events = async_capture_events(hass, "infoscreen_command")
    await acknowledge(wire, screen, command, "accepted", "execution_started", "completed")
    assert [(event.data["state"], event.context.user_id) for event in events] == [
        ("completed", hass_admin_user.id)
    ]


async def test_a_blocked_command_is_told_once(
    hass: HomeAssistant, screen: str, wire: Wire, act: Any, freezer: FrozenDateTimeFactory
) -> None:
    """It ends as soon as it is asked for."""
    for _ in range(3):
        await act("reboot", screen)
    events = async_capture_events(hass, "infoscreen_command")
    await act("reboot", screen)
    assert [event.data["state"] for event in events] == ["blocked_safety"]
    wire.rest()


async def test_what_rests_where_it_timed_out_is_no_longer_pending(
    hass: HomeAssistant,
    fleet: MockConfigEntry,
    screen: str,
    wire: Wire,
    press: Press,
    pass_time: PassTime,
    look: Look,
) -> None:
    """Contract, "Lifecycle": nothing more is expected of a restart of the app that timed out."""
    pending = f"{fleet.entry_id}_pending_commands"
    er.async_get(hass).async_update_entity(look.entity_id("sensor", pending), disabled_by=None)
    assert await hass.config_entries.async_reload(fleet.entry_id)
    await wire.settle()
    events = async_capture_events(hass, "infoscreen_command")
    await press("restart_app")
    await acknowledge(wire, screen, wire.said(f"infoscreen/{screen}/commands"), "accepted")
    wire.rest()
    assert look.state("sensor", pending) == "1"
    await pass_time(16)
    assert look.state("sensor", pending) == "0"
    assert look.state("sensor", f"{screen}_last_command") == "timed_out"
    assert [event.data["state"] for event in events] == ["queued", "timed_out"]
