"""A fleet is loaded, unloaded and removed."""

import asyncio
from typing import Any
from unittest.mock import patch

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, get_system_health_info
from pytest_homeassistant_custom_component.components.diagnostics import (
    get_diagnostics_for_config_entry,
    get_diagnostics_for_device,
)
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from .conftest import OTHER, UUID, Look, PassTime, choose
from .disks import full_disk, slow_disk
from .wire import Wire


async def test_without_mqtt_a_fleet_waits(
    hass: HomeAssistant, enable_custom_integrations: None, entry: MockConfigEntry
) -> None:
    """The broker may come later in the start."""
    entry.add_to_hass(hass)
    assert not await hass.config_entries.async_setup(entry.entry_id)
    assert entry.state is ConfigEntryState.SETUP_RETRY
    assert entry.error_reason_translation_key == "mqtt_not_ready"


async def test_a_fleet_whose_set_up_fails_late_is_tried_again(
    hass: HomeAssistant, entry: MockConfigEntry, wire: Wire, look: Look, pass_time: PassTime
) -> None:
    """Its entities are there by then, and would be in the way of those to come."""
    entry.add_to_hass(hass)
    with patch("homeassistant.components.mqtt.async_subscribe", side_effect=HomeAssistantError("gone")):
        assert not await hass.config_entries.async_setup(entry.entry_id)
    assert (entry.state, entry.reason) == (ConfigEntryState.SETUP_RETRY, "gone")
    await pass_time(10)
    await wire.hears("infoscreen/discovery", {"uuid": UUID})
    assert look.state("binary_sensor", f"{UUID}_connectivity") == "on"
    wire.rest()


async def test_a_fleet_that_finds_the_disk_full_is_tried_again(
    hass: HomeAssistant, entry: MockConfigEntry, wire: Wire, pass_time: PassTime
) -> None:
    """Nobody has to know that it must be reloaded once there is room."""
    entry.add_to_hass(hass)
    with full_disk():
        assert not await hass.config_entries.async_setup(entry.entry_id)
    assert entry.state.value == "setup_retry"
    assert entry.error_reason_translation_key == "not_saved"
    await pass_time(10)
    assert entry.state.value == "loaded"
    wire.rest()


async def test_a_fleet_whose_set_up_was_broken_off_can_be_set_up_again(
    hass: HomeAssistant, entry: MockConfigEntry, wire: Wire, look: Look
) -> None:
    """Home Assistant does that when a start takes too long."""
    entry.add_to_hass(hass)
    listening = asyncio.Event()

    async def listens(*_: Any, **__: Any) -> None:
        listening.set()
        await asyncio.Event().wait()

    with patch("homeassistant.components.mqtt.async_subscribe", listens):
        setting_up = hass.async_create_task(hass.config_entries.async_setup(entry.entry_id))
        await listening.wait()
        setting_up.cancel()
        await asyncio.wait([setting_up])
    assert entry.state is ConfigEntryState.SETUP_ERROR
    assert await hass.config_entries.async_reload(entry.entry_id)
    await wire.hears("infoscreen/discovery", {"uuid": UUID})
    assert look.state("binary_sensor", f"{UUID}_connectivity") == "on"
    wire.rest()


async def test_unloading_publishes_nothing_and_hears_nothing(
    hass: HomeAssistant, fleet: MockConfigEntry, screen: str, wire: Wire
) -> None:
    """What stands on the broker stays: the screens must not notice."""
    assert await hass.config_entries.async_unload(fleet.entry_id)
    await wire.hears("infoscreen/discovery", {"uuid": screen})
    assert wire.rest() == []
    assert all(state.state == "unavailable" for state in hass.states.async_all())


async def test_a_screen_that_comes_while_a_fleet_is_let_go_comes_with_its_next_word(
    hass: HomeAssistant, fleet: MockConfigEntry, screen: str, wire: Wire, look: Look
) -> None:
    """Its entities would be of a fleet that is no more, and in the way of those to come."""
    await wire.hears("infoscreen/discovery", {"uuid": screen, "hostname": "lobby-1"})  # to be saved soon
    wire.rest()
    with slow_disk(lambda: wire.brings("infoscreen/discovery", {"uuid": OTHER})):
        assert await hass.config_entries.async_reload(fleet.entry_id)
    await wire.settle()
    assert wire.rest()
    await wire.hears("infoscreen/discovery", {"uuid": OTHER})
    assert look.state("binary_sensor", f"{OTHER}_connectivity") == "on"
    assert wire.said(f"infoscreen/{OTHER}/discovery_ack")
    assert wire.said(f"infoscreen/{OTHER}/group_id")
    await wire.breaks()
    assert look.state("binary_sensor", f"{OTHER}_connectivity") == "unknown"


async def test_a_full_disk_keeps_no_fleet_from_being_unloaded(
    hass: HomeAssistant, fleet: MockConfigEntry, screen: str, wire: Wire, look: Look
) -> None:
    """It could be neither reloaded nor removed before Home Assistant restarts."""
    await wire.hears("infoscreen/discovery", {"uuid": screen, "hostname": "lobby-1"})  # to be saved soon
    with full_disk():
        assert await hass.config_entries.async_reload(fleet.entry_id)
    await wire.settle()
    wire.rest()
    await wire.hears(f"infoscreen/{screen}/heartbeat")
    assert look.state("binary_sensor", f"{screen}_connectivity") == "on"


async def test_removing_a_fleet_leaves_nothing_on_the_broker_and_on_disk(
    hass: HomeAssistant,
    fleet: MockConfigEntry,
    screen: str,
    wire: Wire,
    look: Look,
    hass_storage: dict[str, Any],
) -> None:
    """Product, "Devices": our retained topics are emptied, what is stored is deleted."""
    await choose(hass, look, screen, "Aula")
    await wire.settle()
    wire.rest()
    await hass.config_entries.async_remove(fleet.entry_id)
    await wire.settle()
    said = wire.rest()
    assert {(one.topic, one.payload, one.retain) for one in said} == {
        ("infoscreen/events/12", b"", True),
        ("infoscreen/events/13", b"", True),
        (f"infoscreen/{screen}/group_id", b"", True),
    }
    assert not [key for key in hass_storage if fleet.entry_id in key]
    assert hass.states.async_all() == []


async def test_removing_a_fleet_without_its_broker_says_what_stays(
    hass: HomeAssistant, fleet: MockConfigEntry, wire: Wire, caplog: pytest.LogCaptureFixture
) -> None:
    """Nobody is there any more to do it later."""
    await wire.breaks()
    await hass.config_entries.async_remove(fleet.entry_id)
    assert "what Infoscreen left standing below infoscreen stays there" in caplog.text


async def test_a_fleet_that_never_ran_is_removed_without_mqtt(
    hass: HomeAssistant,
    enable_custom_integrations: None,
    entry: MockConfigEntry,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """There is no connection that could be asked."""
    entry.add_to_hass(hass)
    await hass.config_entries.async_remove(entry.entry_id)
    assert not hass.config_entries.async_entries("infoscreen")


async def test_system_health_tells_how_the_fleets_are(
    hass: HomeAssistant, fleet: MockConfigEntry, screen: str, wire: Wire
) -> None:
    """The page people are asked for first."""
    assert await async_setup_component(hass, "system_health", {})
    await wire.hears(f"infoscreen/{screen}/health", b"garbage")
    info = await get_system_health_info(hass, "infoscreen")
    assert info.pop("last_message") is not None
    assert info == {
        "fleets": 1,
        "fleets_connected": 1,
        "screens": 1,
        "screens_online": 1,
        "nut_servers": 0,
        "upses": 0,
        "rejected_messages": 1,
    }
    assert await hass.config_entries.async_unload(fleet.entry_id)
    assert (await get_system_health_info(hass, "infoscreen"))["fleets"] == 0


async def test_diagnostics_tell_everything_but_secrets(
    hass: HomeAssistant,
    fleet: MockConfigEntry,
    screen: str,
    wire: Wire,
    look: Look,
    hass_client: ClientSessionGenerator,
) -> None:
    """Addresses are blacked out, payloads never kept."""
    await wire.hears("infoscreen/discovery", {"uuid": screen, "ip": "192.0.2.7", "mac": "b8:27:eb:00:00:01"})
    wire.rest()
    await wire.hears(f"infoscreen/{screen}/health", b"hunter2")
    told: Any = await get_diagnostics_for_config_entry(hass, hass_client, fleet)
    assert told["connected"] is True
    assert told["rejected"] == {"invalid_json": 1}
    rejected = told["last_rejected"]
    assert [(one["reason"], one["topic"]) for one in rejected] == [
        ("invalid_json", f"infoscreen/{screen}/health")
    ]
    shown = told["screens"][0]
    assert (shown["status"], shown["screen"]["hostname"]) == ("healthy", "foyer-1")
    assert (shown["screen"]["ip"], shown["screen"]["mac"]) == ("**REDACTED**", "**REDACTED**")
    assert "hunter2" not in str(told)

    device: Any = await get_diagnostics_for_device(hass, hass_client, fleet, look.device(fleet, screen))
    assert device["screen"]["screen"]["uuid"] == screen
    service = look.device(fleet, fleet.entry_id)
    assert await get_diagnostics_for_device(hass, hass_client, fleet, service) == {"screen": None}


async def test_diagnostics_hold_no_address_of_a_website(
    hass: HomeAssistant, fleet: MockConfigEntry, hass_client: ClientSessionGenerator
) -> None:
    """One that comes from the options may carry a token as well as one of an event."""
    table = {"supplement_table_enabled": True, "supplement_table_url": "https://untis.example/?key=hunter2"}
    hass.config_entries.async_update_entry(fleet, options=table)
    await hass.async_block_till_done()
    told = await get_diagnostics_for_config_entry(hass, hass_client, fleet)
    assert "hunter2" not in str(told)
