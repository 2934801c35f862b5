"""The logbook tells of commands: who asked, why, and how it ended."""

from typing import Any

from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import device_registry as dr, translation
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, MockUser
from pytest_homeassistant_custom_component.components.recorder.common import async_wait_recording_done
from pytest_homeassistant_custom_component.typing import WebSocketGenerator

from .conftest import Look, Press, acknowledge
from .wire import Wire

# Asked for first: it must be there before Home Assistant is.
pytestmark = pytest.mark.usefixtures("recorder_mock")


@pytest.fixture
async def book(
    hass: HomeAssistant,
    hass_ws_client: WebSocketGenerator,
    screen: str,
    fleet: MockConfigEntry,
    look: Look,
) -> Any:
    """Return what reads our entries on the page of the screen's device, or on the logbook's own."""
    hass.config.components.add("frontend")  # which is not installed here
    assert await async_setup_component(hass, "logbook", {})
    start = dt_util.utcnow()

    device = {"device_ids": [look.device(fleet, screen).id]}

    async def reads(*, everywhere: bool = False) -> list[dict[str, Any]]:
        await async_wait_recording_done(hass)
        client = await hass_ws_client()
        await client.send_json_auto_id(
            {"type": "logbook/get_events", "start_time": start.isoformat()} | ({} if everywhere else device)
        )
        entries = (await client.receive_json())["result"]
        return [entry for entry in entries if entry.get("domain") == "infoscreen"]

    return reads


@pytest.fixture
def act(hass: HomeAssistant, fleet: MockConfigEntry, screen: str, look: Look) -> Any:
    """Return what performs an action on the screen."""

    async def acts(action: str, user: MockUser | None = None, **data: Any) -> None:
        await hass.services.async_call(
            "infoscreen",
            action,
            {"device_id": look.device(fleet, screen).id, **data},
            blocking=True,
            context=Context(user_id=user.id if user else None),
        )

    return acts


async def test_who_asked_why_and_how_it_ended(
    hass: HomeAssistant,
    fleet: MockConfigEntry,
    screen: str,
    hass_admin_user: MockUser,
    wire: Wire,
    look: Look,
    act: Any,
    book: Any,
) -> None:
    """An entry when a command is asked for and one at its end, each with the user who asked."""
    device = look.device(fleet, screen)
    dr.async_get(hass).async_update_device(device.id, name_by_user="Foyer left")
    await act("restart_app", hass_admin_user, reason="frozen since eight")
    command = wire.said(f"infoscreen/{screen}/commands")
    wire.rest()
    await acknowledge(wire, screen, command, "accepted", "execution_started", "completed")
    entries = await book()
    assert [(entry["name"], entry["message"]) for entry in entries] == [
        ("Foyer left", "Restart of the app requested by Mock User, reason: frozen since eight"),
        ("Foyer left", "Restart of the app requested by Mock User, reason: frozen since eight: Completed"),
    ]
    assert {entry["context_user_id"] for entry in entries} == {hass_admin_user.id}
    assert {entry["entity_id"] for entry in entries} == {look.entity_id("sensor", f"{screen}_last_command")}


async def test_entries_are_in_the_language_of_home_assistant(
    hass: HomeAssistant, screen: str, wire: Wire, press: Press, book: Any
) -> None:
    """Our own reasons are words too; a command that nobody asked for names nobody."""
    translation.async_setup(hass)
    await hass.config.async_update(language="de")
    await wire.settle()
    for _ in range(3):
        await press("reboot")
    with pytest.raises(HomeAssistantError):
        await press("reboot")
    wire.rest()
    asked = "Neustart angefordert, Grund: Tastendruck"
    assert [entry["message"] for entry in await book()] == [asked] * 3 + [f"{asked}: Zur Sicherheit gesperrt"]


async def test_a_canceled_command_that_ran_is_in_the_logbook(
    hass: HomeAssistant, screen: str, wire: Wire, act: Any, book: Any
) -> None:
    """Contract, "Cancel"."""
    await act("shutdown")
    command = wire.said(f"infoscreen/{screen}/commands")
    wire.rest()
    await hass.services.async_call(
        "infoscreen", "cancel_command", {"command_id": command.json["command_id"]}, blocking=True
    )
    await acknowledge(wire, screen, command, "execution_started")
    assert [entry["message"] for entry in await book()] == [
        "Shutdown requested",
        "Shutdown requested: Canceled",
        "Shutdown requested: canceled, and carried out all the same",
    ]


async def test_a_screen_that_was_deleted_keeps_its_entries(
    hass: HomeAssistant, fleet: MockConfigEntry, screen: str, wire: Wire, look: Look, act: Any, book: Any
) -> None:
    """Without a name: it went with the device."""
    await act("restart_app")
    assert [entry["name"] for entry in await book()] == ["foyer-1"]
    dr.async_get(hass).async_remove_device(look.device(fleet, screen).id)
    await wire.settle()
    wire.rest()
    assert [entry["name"] for entry in await book(everywhere=True)] == ["Infoscreen"]


async def test_an_outage_is_in_the_logbook(hass: HomeAssistant, screen: str, book: Any) -> None:
    """With the UPS, in numbers."""
    step = {"device_id": "rack", "name": "Rack", "ups": "Rack", "reason": None}
    hass.bus.async_fire("infoscreen_outage", {**step, "step": "outage", "tier": None, "screens": 0})
    hass.bus.async_fire("infoscreen_outage", {**step, "step": "shut_down", "tier": 3, "screens": 12})
    told = [(entry["name"], entry["message"]) for entry in await book(everywhere=True)]
    assert told[-2:] == [
        ("Rack", "the mains have failed"),
        ("Rack", "the battery is low: shuts down screens of tier 3, 12 in number"),
    ]
