"""Commands go out by the contract and are followed to their end."""

import asyncio
import json
from pathlib import Path
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError, Unauthorized
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, MockUser

from .conftest import Look, PassTime, Press, acknowledge
from .disks import full_disk
from .wire import Said, Wire

GOLDEN = json.loads((Path(__file__).parent / "golden" / "commands.json").read_text(encoding="utf-8"))


def known(said: Said) -> dict[str, Any]:
    """Return a command with what differs each time written out of it."""
    assert (said.qos, said.retain, said.expiry) == (1, False, 240)
    return {**said.json, "command_id": "COMMAND", "issued_at": "ISSUED", "expires_at": "EXPIRES"}


@pytest.mark.parametrize("key", ["reboot", "shutdown", "restart_app"])
async def test_a_button_sends_the_contracts_command_and_nothing_else(
    screen: str, wire: Wire, press: Press, key: str
) -> None:
    """Contract, "command": these keys; the same on the older topic; a bare restart beside a reboot."""
    await press(key)
    primary = wire.said(f"infoscreen/{screen}/commands")
    assert known(primary) == GOLDEN[key]
    assert wire.said(f"infoscreen/{screen}/command").payload == primary.payload
    legacy = [(said.topic, said.json) for said in wire.rest()]
    assert legacy == [(f"clients/{screen}/restart", {"action": "restart"})] * (key == "reboot")


@pytest.mark.parametrize("options", [{"compatibility_topics": False}], ids=["off"])
async def test_one_option_turns_the_older_topics_off(screen: str, wire: Wire, press: Press) -> None:
    """Contract, "Topics"."""
    await press("reboot")
    wire.said(f"infoscreen/{screen}/commands")


async def test_a_screen_that_acked_on_the_new_topic_gets_no_legacy_restart(
    hass: HomeAssistant, fleet: MockConfigEntry, screen: str, wire: Wire, press: Press, pass_time: PassTime
) -> None:
    """It would reboot twice; remembered across a restart."""
    await press("restart_app")
    await acknowledge(wire, screen, wire.said(f"infoscreen/{screen}/commands"), "accepted")
    await pass_time(11)
    assert await hass.config_entries.async_reload(fleet.entry_id)
    await wire.settle()
    wire.rest()
    await press("reboot")
    assert {said.topic for said in wire.rest()} == {
        f"infoscreen/{screen}/commands",
        f"infoscreen/{screen}/command",
    }


async def test_a_reboot_is_followed_to_its_end(
    screen: str, wire: Wire, look: Look, press: Press, pass_time: PassTime
) -> None:
    """Contract, "Lifecycle": the gap between start and completion is no time-out."""
    seen = []

    def see() -> None:
        seen.append(look.state("sensor", f"{screen}_last_command"))

    await press("reboot")
    see()
    command = wire.said(f"infoscreen/{screen}/commands")
    wire.rest()
    await acknowledge(wire, screen, command, "accepted")
    see()
    await acknowledge(wire, screen, command, "execution_started")
    see()
    await pass_time(11)
    see()
    await pass_time(40)
    await wire.hears("infoscreen/discovery", {"uuid": screen})
    wire.rest()
    see()
    await acknowledge(wire, screen, command, "completed", "accepted")
    see()
    assert seen == [
        "published",
        "ack_received",
        "execution_started",
        "awaiting_reconnect",
        "recovered",
        "completed",
    ]
    attributes = look.attributes("sensor", f"{screen}_last_command")
    assert attributes["command_id"] == command.json["command_id"]
    assert (attributes["action"], attributes["reason"], attributes["late"]) == (
        "reboot_host",
        "operator_request",
        False,
    )


async def test_a_screen_returns_with_the_words_it_had_before(
    screen: str, wire: Wire, look: Look, press: Press, pass_time: PassTime
) -> None:
    """What repeats itself changes nothing, but where somebody waits for it."""
    await press("reboot")
    command = wire.said(f"infoscreen/{screen}/commands")
    wire.rest()
    await acknowledge(wire, screen, command, "accepted", "execution_started")
    await pass_time(11)
    for _again in range(2):
        await wire.hears(f"infoscreen/{screen}/heartbeat")
    assert look.state("sensor", f"{screen}_last_command") == "awaiting_reconnect"
    await pass_time(40)
    await wire.hears(f"infoscreen/{screen}/heartbeat")
    assert look.state("sensor", f"{screen}_last_command") == "recovered"


async def test_a_command_nobody_acknowledges_is_late_and_then_expires(
    screen: str, wire: Wire, look: Look, press: Press, pass_time: PassTime
) -> None:
    """Contract, "Lifecycle": 20 s late, 240 s expired."""
    await press("restart_app")
    wire.rest()
    await pass_time(21)
    assert look.attributes("sensor", f"{screen}_last_command")["late"] is True
    await wire.hears(f"infoscreen/{screen}/heartbeat")
    assert look.state("sensor", f"{screen}_status") == "warning"
    await pass_time(220)
    assert look.state("sensor", f"{screen}_last_command") == "expired"
    assert look.attributes("sensor", f"{screen}_last_command")["error_code"] == "expired"


async def test_a_screens_refusal_is_told(screen: str, wire: Wire, look: Look, press: Press) -> None:
    """Code and message are the screen's."""
    await press("reboot")
    command = wire.said(f"infoscreen/{screen}/commands")
    wire.rest()
    await wire.hears(
        f"infoscreen/{screen}/command/ack",
        {
            "command_id": command.json["command_id"],
            "status": "failed",
            "error_code": "permission_denied_local",
            "error_message": "<b>no</b>",
        },
    )
    attributes = look.attributes("sensor", f"{screen}_last_command")
    assert look.state("sensor", f"{screen}_last_command") == "failed"
    assert (attributes["error_code"], attributes["error_message"]) == ("permission_denied_local", "<b>no</b>")


async def test_acks_of_another_screen_change_nothing(
    screen: str, wire: Wire, look: Look, press: Press
) -> None:
    """A command id is no secret on a broker."""
    other = "22222222-2222-4222-8222-222222222222"
    await wire.hears(f"infoscreen/{other}/heartbeat")
    await press("reboot")
    command = wire.said(f"infoscreen/{screen}/commands")
    wire.rest()
    await acknowledge(wire, other, command, "completed")
    assert look.state("sensor", f"{screen}_last_command") == "published"


async def test_an_ack_may_overtake_the_news_that_the_broker_took_the_command(
    screen: str, wire: Wire, look: Look, press: Press
) -> None:
    """Contract, "Lifecycle": accepted before published; never go backwards."""

    def accepts(topic: str, payload: bytes) -> tuple[str, dict[str, Any]] | None:
        if topic != f"infoscreen/{screen}/commands":
            return None
        ack = {"command_id": json.loads(payload)["command_id"], "status": "accepted"}
        return f"infoscreen/{screen}/commands/ack", ack

    with wire.answers_early(accepts):
        await press("restart_app")
        await wire.settle()
    assert look.state("sensor", f"{screen}_last_command") == "ack_received"


async def test_an_ack_that_stands_on_the_broker_is_none(
    screen: str, wire: Wire, look: Look, press: Press
) -> None:
    """Contract, "Topics": acks are not retained; whoever retains one did so at some time or other."""
    await press("restart_app")
    command = wire.said(f"infoscreen/{screen}/commands")
    wire.rest()
    ack = {"command_id": command.json["command_id"], "status": "completed"}
    await wire.hears(f"infoscreen/{screen}/commands/ack", ack, retain=True)
    assert look.state("sensor", f"{screen}_last_command") == "published"


async def test_without_a_connection_a_command_fails_at_once_and_never_reaches_the_wire(
    screen: str, wire: Wire, look: Look, press: Press
) -> None:
    """Nothing is handed to a transport that would deliver it after the reconnect."""
    await wire.breaks()
    with pytest.raises(HomeAssistantError) as refused:
        await press("reboot")
    assert refused.value.translation_key == "command_not_published"
    assert look.state("sensor", f"{screen}_last_command") == "failed"
    await wire.mends()
    assert not [said for said in wire.rest() if "command" in said.topic or "restart" in said.topic]


async def test_a_command_that_could_not_be_saved_is_not_sent(
    screen: str, wire: Wire, look: Look, press: Press
) -> None:
    """After a crash nobody would know of it."""
    with (
        full_disk(),
        pytest.raises(HomeAssistantError) as refused,
    ):
        await press("reboot")
    assert refused.value.translation_key == "not_saved"
    await wire.settle()
    assert wire.rest() == []
    assert look.state("sensor", f"{screen}_last_command") == "failed"


@pytest.mark.parametrize("silence", [60, 600], ids=["within the grace", "long"])
async def test_a_screen_shut_down_is_off_as_planned_until_it_shows_life(
    screen: str, wire: Wire, look: Look, press: Press, pass_time: PassTime, silence: int
) -> None:
    """Contract: what is heard within 30 s of a shutdown's end are last words."""
    await press("shutdown")
    command = wire.said(f"infoscreen/{screen}/commands")
    wire.rest()
    await acknowledge(wire, screen, command, "accepted", "execution_started", "completed")
    assert look.state("sensor", f"{screen}_status") == "planned_off"
    assert look.state("binary_sensor", f"{screen}_connectivity") == "off"
    await pass_time(20)
    for _again in range(2):
        await wire.hears(f"infoscreen/{screen}/heartbeat")
    assert look.state("sensor", f"{screen}_status") == "planned_off"
    await pass_time(silence)
    assert look.state("sensor", f"{screen}_status") == "planned_off"
    await wire.hears(f"infoscreen/{screen}/heartbeat")
    assert look.state("sensor", f"{screen}_status") == "healthy"


async def test_a_shutdown_without_a_last_word_ends_with_silence(
    screen: str, wire: Wire, look: Look, press: Press, pass_time: PassTime
) -> None:
    """Contract, "Lifecycle": silence beyond the grace completes it."""
    await press("shutdown")
    await acknowledge(
        wire, screen, wire.said(f"infoscreen/{screen}/commands"), "accepted", "execution_started"
    )
    wire.rest()
    await pass_time(171)
    assert look.state("sensor", f"{screen}_last_command") == "completed"
    assert look.state("sensor", f"{screen}_status") == "planned_off"


async def test_a_reboot_that_never_returns_asks_for_a_person(
    screen: str, wire: Wire, look: Look, press: Press, pass_time: PassTime
) -> None:
    """Contract, "Lifecycle": 150 s and another 60 s."""
    await press("reboot")
    await acknowledge(
        wire, screen, wire.said(f"infoscreen/{screen}/commands"), "accepted", "execution_started"
    )
    wire.rest()
    await pass_time(161)
    assert look.state("sensor", f"{screen}_last_command") == "timed_out"
    await pass_time(61)
    assert look.state("sensor", f"{screen}_last_command") == "manual_intervention_required"
    assert look.state("sensor", f"{screen}_status") == "critical"


async def test_a_command_under_way_goes_on_after_a_restart(
    hass: HomeAssistant, fleet: MockConfigEntry, screen: str, wire: Wire, look: Look, press: Press
) -> None:
    """The ack that comes after it still counts."""
    await press("restart_app")
    command = wire.said(f"infoscreen/{screen}/commands")
    assert await hass.config_entries.async_reload(fleet.entry_id)
    await wire.settle()
    wire.rest()
    assert look.state("sensor", f"{screen}_last_command") == "published"
    await acknowledge(wire, screen, command, "accepted", "execution_started", "completed")
    assert look.state("sensor", f"{screen}_last_command") == "completed"


async def test_a_command_that_the_broker_takes_after_the_fleet_was_unloaded_is_followed_no_more(
    hass: HomeAssistant, fleet: MockConfigEntry, screen: str, wire: Wire, look: Look, pass_time: PassTime
) -> None:
    """Whoever takes the fleet up again follows it; two would tell of two ends."""
    ended = []
    hass.bus.async_listen("infoscreen_command", lambda event: ended.append(event.data["state"]))
    free = asyncio.Event()
    with wire.answers_late([], free):
        target = {"device_id": look.device(fleet, screen).id}
        action = hass.services.async_call("infoscreen", "restart_app", target, blocking=True)
        asking = hass.async_create_background_task(action, "ask")
        await hass.async_block_till_done()
        assert await hass.config_entries.async_unload(fleet.entry_id)
        free.set()
        await asking
    told = len(ended)
    await pass_time(250)
    assert len(ended) == told


async def test_commands_are_for_administrators(
    hass: HomeAssistant, hass_admin_user: MockUser, wire: Wire, press: Any
) -> None:
    """Product, "Who may what": refused with nothing done."""
    user = MockUser(groups=[]).add_to_hass(hass)
    user.mock_policy({"entities": True})
    with pytest.raises(Unauthorized):
        await press("reboot", user.id)
    assert wire.rest() == []
    await press("reboot", hass_admin_user.id)
    assert wire.rest() != []


@pytest.mark.parametrize("options", [{"commands_for_all_users": True}], ids=["open"])
async def test_an_option_opens_commands_to_all_users(hass: HomeAssistant, wire: Wire, press: Any) -> None:
    """Product, "Who may what": everyone by option."""
    user = MockUser(groups=[]).add_to_hass(hass)
    user.mock_policy({"entities": True})
    await press("reboot", user.id)
    assert wire.rest() != []
