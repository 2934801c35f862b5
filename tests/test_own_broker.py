"""A connection of our own to a real broker: what it says, hears, loses and finds again."""

import asyncio
from datetime import timedelta
from typing import Any
from unittest.mock import patch

from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import EVENT_HOMEASSISTANT_STOP
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.components.diagnostics import get_diagnostics_for_config_entry
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from rig.broker import Mosquitto
from rig.ports import free_port
from rig.tap import Tap
from rig.waiting import until

from .conftest import UUID, Look
from .disks import slow_disk
from .fake_broker import FakeBroker, Fault
from .own import connection, own_entry


@pytest.fixture
def entry(hass: HomeAssistant, mosquitto: Mosquitto) -> MockConfigEntry:
    """Return a fleet with a connection of its own, not yet set up."""
    entry = own_entry(connection(mosquitto.port))
    entry.add_to_hass(hass)
    return entry


@pytest.fixture
async def fleet(hass: HomeAssistant, entry: MockConfigEntry, tap: Tap) -> MockConfigEntry:
    """Set the fleet up, and wait until it is connected."""
    assert await hass.config_entries.async_setup(entry.entry_id)
    await tap.wait("infoscreen/events/12")
    return entry


@pytest.fixture
async def screen(fleet: MockConfigEntry, tap: Tap) -> str:
    """Let one screen announce itself; return its UUID."""
    await tap.publish("infoscreen/discovery", {"uuid": UUID, "hostname": "foyer-1"})
    await tap.wait(f"infoscreen/{UUID}/discovery_ack")
    return UUID


async def restart_app(hass: HomeAssistant, look: Look) -> None:
    """Press the button."""
    button = {"entity_id": look.entity_id("button", f"{UUID}_restart_app")}
    await hass.services.async_call("button", "press", button, blocking=True)


async def shows(look: Look, domain: str, key: str, wanted: str) -> None:
    """Wait until the screen's entity shows something."""

    async def shown() -> bool:
        return look.state(domain, f"{UUID}_{key}") == wanted

    await until(shown, f"{key} {wanted}", within=8)


async def test_a_screen_is_heard_and_answered(screen: str, tap: Tap, look: Look) -> None:
    """As over Home Assistant's own connection."""
    ack = tap.find(f"infoscreen/{screen}/discovery_ack")[0]
    assert (ack.json["status"], ack.qos, ack.retain) == ("ok", 1, False)
    assert look.state("binary_sensor", f"{screen}_connectivity") == "on"


async def test_a_command_is_followed(hass: HomeAssistant, screen: str, tap: Tap, look: Look) -> None:
    """It has been taken by the broker when the button lets go."""
    await restart_app(hass, look)
    assert look.state("sensor", f"{screen}_last_command") == "published"
    command = await tap.wait(f"infoscreen/{screen}/commands")
    for status in ("accepted", "execution_started", "completed"):
        ack = {"command_id": command.json["command_id"], "status": status}
        await tap.publish(f"infoscreen/{screen}/commands/ack", ack)
    await shows(look, "sensor", "last_command", "completed")


async def test_a_connection_that_is_lost_comes_back(
    hass: HomeAssistant, screen: str, mosquitto: Mosquitto, look: Look
) -> None:
    """What must stand is published again, screens are heard again, and nothing was queued meanwhile."""
    await mosquitto.stop()
    await shows(look, "binary_sensor", "connectivity", "unknown")
    with pytest.raises(HomeAssistantError) as told:
        await restart_app(hass, look)
    assert told.value.translation_key == "command_not_published"
    await asyncio.sleep(1.2)  # it is tried in vain once
    await mosquitto.start()
    async with Tap(mosquitto) as tap:
        await tap.wait("infoscreen/events/12")
        await tap.publish(f"infoscreen/{screen}/heartbeat")
        await shows(look, "binary_sensor", "connectivity", "on")
        assert tap.find(f"infoscreen/{screen}/commands") == []


async def test_what_screens_acknowledge_during_a_reload_is_heard(
    hass: HomeAssistant, fleet: MockConfigEntry, screen: str, tap: Tap, look: Look
) -> None:
    """The broker keeps the session; heartbeats are not kept, they would be a lie."""
    await restart_app(hass, look)
    command = await tap.wait(f"infoscreen/{screen}/commands")
    assert await hass.config_entries.async_unload(fleet.entry_id)
    ack = {"command_id": command.json["command_id"], "status": "completed"}
    await tap.publish(f"infoscreen/{screen}/commands/ack", ack)
    await tap.publish(f"infoscreen/{screen}/heartbeat", qos=0)
    assert await hass.config_entries.async_setup(fleet.entry_id)
    await shows(look, "sensor", "last_command", "completed")


async def test_what_screens_acknowledge_while_a_fleet_is_let_go_is_heard(
    hass: HomeAssistant, fleet: MockConfigEntry, screen: str, tap: Tap, look: Look
) -> None:
    """Once its file is being written, it would be taken in and not stored any more."""
    await restart_app(hass, look)
    command = await tap.wait(f"infoscreen/{screen}/commands")
    ack = {"command_id": command.json["command_id"], "status": "completed"}
    await tap.publish("infoscreen/discovery", {"uuid": UUID, "hostname": "lobby-1"})  # to be saved soon
    await asyncio.sleep(0.2)
    acknowledging: list[asyncio.Task[None]] = []

    def acknowledge() -> None:
        publish = tap.publish(f"infoscreen/{screen}/commands/ack", ack)
        acknowledging.append(hass.async_create_task(publish))

    with slow_disk(acknowledge):
        assert await hass.config_entries.async_unload(fleet.entry_id)
    assert acknowledging
    assert await hass.config_entries.async_setup(fleet.entry_id)
    await shows(look, "sensor", "last_command", "completed")


async def test_heartbeats_do_not_wait_for_us(
    hass: HomeAssistant, fleet: MockConfigEntry, screen: str, tap: Tap, look: Look
) -> None:
    """A screen that died while nobody listened must not look alive."""
    assert await hass.config_entries.async_unload(fleet.entry_id)
    await tap.publish(f"infoscreen/{screen}/heartbeat")
    mark = tap.mark()
    assert await hass.config_entries.async_setup(fleet.entry_id)
    await tap.wait("infoscreen/events/12", since=mark)
    await asyncio.sleep(0.2)
    assert look.state("binary_sensor", f"{screen}_connectivity") == "unknown"


async def test_what_comes_after_the_stop_waits_for_the_next_start(
    hass: HomeAssistant, fleet: MockConfigEntry, screen: str, tap: Tap, look: Look
) -> None:
    """It would be taken in, and not stored any more."""
    await restart_app(hass, look)
    command = await tap.wait(f"infoscreen/{screen}/commands")
    hass.bus.async_fire(EVENT_HOMEASSISTANT_STOP)
    await hass.async_block_till_done()
    ack = {"command_id": command.json["command_id"], "status": "completed"}
    await tap.publish(f"infoscreen/{screen}/commands/ack", ack)
    await asyncio.sleep(0.2)
    assert look.state("sensor", f"{screen}_last_command") == "published"


async def test_a_broker_that_does_not_know_us_asks_for_a_login(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    """Trying again would not help."""
    hass.config_entries.async_update_entry(entry, data={**entry.data, "password": "wrong"})
    assert not await hass.config_entries.async_setup(entry.entry_id)
    assert entry.state is ConfigEntryState.SETUP_ERROR
    assert entry.error_reason_translation_key == "broker_refuses_login"
    flow = next(iter(entry.async_get_active_flows(hass, {"reauth"})))
    assert flow["step_id"] == "reauth_confirm"


async def test_a_login_that_is_withdrawn_is_asked_for_anew(
    hass: HomeAssistant, fleet: MockConfigEntry, mosquitto: Mosquitto, look: Look
) -> None:
    """Wrong is told as wrong, right brings the fleet back."""
    await mosquitto.stop()
    mosquitto.login = ("infoscreen-server", "another secret")
    await mosquitto.start()

    async def asked() -> Any:
        return next(iter(fleet.async_get_active_flows(hass, {"reauth"})), None)

    flow = await until(asked, "a login is asked for", within=8)
    wrong = {"username": "infoscreen-server", "password": "guessed"}
    again = await hass.config_entries.flow.async_configure(flow["flow_id"], wrong)
    assert again["errors"] == {"base": "invalid_auth"}
    right = wrong | {"password": "another secret"}
    done = await hass.config_entries.flow.async_configure(flow["flow_id"], right)
    assert done["reason"] == "reauth_successful"
    assert fleet.data["password"] == right["password"]
    async with Tap(mosquitto) as tap:
        await tap.wait("infoscreen/events/12")
    assert fleet.state is ConfigEntryState.LOADED


async def test_an_unreachable_broker_is_waited_for(
    hass: HomeAssistant, socket_enabled: None, enable_custom_integrations: None
) -> None:
    """Home Assistant tries again by itself."""
    entry = own_entry(connection(free_port()))
    entry.add_to_hass(hass)
    assert not await hass.config_entries.async_setup(entry.entry_id)
    assert entry.state is ConfigEntryState.SETUP_RETRY
    assert entry.error_reason_translation_key == "broker_not_reached"


async def test_removing_a_fleet_leaves_nothing_on_its_broker(
    hass: HomeAssistant, fleet: MockConfigEntry, mosquitto: Mosquitto
) -> None:
    """Nobody is connected any more then: it is done in a short visit."""
    await hass.config_entries.async_remove(fleet.entry_id)
    async with Tap(mosquitto) as tap:
        await asyncio.sleep(0.2)
        assert [message.topic for message in tap.messages] == []


async def test_removing_a_fleet_whose_broker_is_away_says_what_stays(
    hass: HomeAssistant, fleet: MockConfigEntry, mosquitto: Mosquitto, caplog: pytest.LogCaptureFixture
) -> None:
    """Nobody is there any more to do it later."""
    await mosquitto.stop()
    await hass.config_entries.async_remove(fleet.entry_id)
    assert "what Infoscreen left standing below infoscreen stays there" in caplog.text


async def test_diagnostics_hold_no_login(
    hass: HomeAssistant, fleet: MockConfigEntry, hass_client: ClientSessionGenerator
) -> None:
    """They are sent to strangers."""
    told: Any = await get_diagnostics_for_config_entry(hass, hass_client, fleet)
    data = told["entry"]["data"]
    assert (data["username"], data["password"]) == ("**REDACTED**", "**REDACTED**")
    assert "a long secret" not in str(told)


async def test_a_broker_that_lets_nobody_listen_is_told_of(
    hass: HomeAssistant,
    socket_enabled: None,
    enable_custom_integrations: None,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Its access list changed; what may be published still is. What it does not confirm ends with us."""
    async with FakeBroker(Fault.REFUSES_TOPICS) as broker:
        entry = own_entry(connection(broker.port))
        entry.add_to_hass(hass)
        assert await hass.config_entries.async_setup(entry.entry_id)

        async def warned() -> bool:
            return "does not let us listen to infoscreen/discovery" in caplog.text

        await until(warned, "a warning")
        unconfirmed = hass.async_create_task(
            hass.services.async_call("infoscreen", "republish", {}, blocking=True)
        )
        await asyncio.sleep(0)
        assert await hass.config_entries.async_unload(entry.entry_id)
        async with asyncio.timeout(4):
            await unconfirmed


async def test_a_connection_that_ends_before_it_is_of_use_is_tried_again(
    hass: HomeAssistant, socket_enabled: None, enable_custom_integrations: None
) -> None:
    """And not a thousand times a second."""
    async with FakeBroker(Fault.LOSES_LISTENERS) as broker:
        entry = own_entry(connection(broker.port))
        entry.add_to_hass(hass)
        with patch("custom_components.infoscreen.broker.connection.TRY_TIMEOUT", timedelta(seconds=0.3)):
            assert await hass.config_entries.async_setup(entry.entry_id)
            await asyncio.sleep(2)
            assert broker.connections == 2
            await hass.config_entries.async_unload(entry.entry_id)


async def test_a_fault_of_ours_with_one_message_does_not_deafen_us(
    screen: str, tap: Tap, look: Look, caplog: pytest.LogCaptureFixture
) -> None:
    """As with Home Assistant's own connection."""
    with patch("custom_components.infoscreen.listener.parse", side_effect=ZeroDivisionError):
        await tap.publish(f"infoscreen/{screen}/health", {"timestamp": None})

        async def told() -> bool:
            return f"A message on infoscreen/{screen}/health could not be handled" in caplog.text

        await until(told, "the fault")
    caplog.clear()
    await tap.publish(f"infoscreen/{screen}/health", {"actual_state": {"status": "running"}})
    await shows(look, "sensor", "process_status", "running")


async def test_a_fleet_is_unloaded_while_a_broker_keeps_it_waiting(
    hass: HomeAssistant, fleet: MockConfigEntry, mosquitto: Mosquitto
) -> None:
    """A thread is in the middle of connecting then, and cannot be stopped."""
    with patch("custom_components.infoscreen.broker.connection.TRY_TIMEOUT", timedelta(seconds=0.8)):
        await mosquitto.stop()
        async with FakeBroker(Fault.SILENT, port=mosquitto.port) as silent:

            async def knocks() -> bool:
                return silent.connections > 0

            await until(knocks, "a connection", within=5)
            assert await hass.config_entries.async_unload(fleet.entry_id)
            await hass.async_block_till_done(wait_background_tasks=True)
