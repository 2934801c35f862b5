"""Somebody has to know of a screen that did what had been canceled."""

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import WebSocketGenerator

from .conftest import Delete, Look, PassTime, Press, acknowledge
from .feed import Feed
from .wire import Said, Wire

KIND = "canceled_command_ran"


@pytest.fixture
async def feed(fleet: MockConfigEntry, hass_ws_client: WebSocketGenerator) -> Feed:
    """Follow the alerts from the start of the test."""
    feed = await Feed.connect(hass_ws_client)
    assert await feed.subscribe() == []
    return feed


def listed(look: Look, fleet: ConfigEntry) -> list[tuple[str, str, str]]:
    """Return the alerts as the fleet's sensor has them."""
    alerts = look.attributes("sensor", f"{fleet.entry_id}_alerts")["alerts"]
    return [(alert["kind"], alert["level"], alert["text"]) for alert in alerts]


@pytest.fixture
async def canceled(hass: HomeAssistant, screen: str, wire: Wire, press: Press) -> Said:
    """Cancel a command of which the screen may have heard."""
    await press("restart_app")
    command = wire.said(f"infoscreen/{screen}/commands")
    wire.rest()
    given = {"command_id": command.json["command_id"]}
    await hass.services.async_call("infoscreen", "cancel_command", given, blocking=True)
    return command


async def test_a_canceled_command_that_ran_is_told_once_until_the_next(
    fleet: MockConfigEntry, screen: str, wire: Wire, look: Look, press: Press, feed: Feed, canceled: Said
) -> None:
    """Clients acknowledge twice; whoever commands the screen again has looked after it."""
    await acknowledge(wire, screen, canceled, "accepted")
    assert await feed.told() == []
    await acknowledge(wire, screen, canceled, "execution_started", "execution_started", "completed")
    assert listed(look, fleet) == [
        (
            KIND,
            "warning",
            "foyer-1 carried out a command that had been canceled. See whether it is as you want it.",
        )
    ]
    await press("restart_app")
    wire.rest()
    assert await feed.told() == [("raised", KIND), ("cleared", KIND)]


async def test_it_is_told_for_a_day(
    fleet: MockConfigEntry, screen: str, wire: Wire, look: Look, pass_time: PassTime, canceled: Said
) -> None:
    """Then it is in the logbook only."""
    await acknowledge(wire, screen, canceled, "completed")
    for hour in range(24):
        assert KIND in [kind for kind, _, _ in listed(look, fleet)], f"after {hour} hours"
        await pass_time(3600)
    assert KIND not in [kind for kind, _, _ in listed(look, fleet)]


async def test_it_goes_with_the_screen(
    fleet: MockConfigEntry,
    screen: str,
    wire: Wire,
    look: Look,
    delete_device: Delete,
    feed: Feed,
    canceled: Said,
) -> None:
    """There is nothing to look after."""
    await acknowledge(wire, screen, canceled, "completed")
    assert await delete_device(look.device(fleet, screen).id) is None
    wire.rest()
    assert await feed.told() == [("raised", KIND), ("cleared", KIND)]
