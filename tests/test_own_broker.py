"""A connection of our own to a real broker: what it says, hears, loses and finds again."""

from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from rig.broker import Mosquitto
from rig.process import find_program
from rig.tap import Tap
from rig.waiting import until

from .conftest import UUID, Look, group

pytestmark = pytest.mark.skipif(find_program("mosquitto") is None, reason="mosquitto is not installed")

LOGIN = ("infoscreen-server", "a long secret")


@pytest.fixture
async def broker(
    hass: HomeAssistant, tmp_path: Path, socket_enabled: None, enable_custom_integrations: None
) -> AsyncGenerator[Mosquitto]:
    """Run a Mosquitto that lets in only whom it knows."""
    async with Mosquitto(tmp_path, login=LOGIN) as broker:
        yield broker


@pytest.fixture
async def tap(broker: Mosquitto) -> AsyncGenerator[Tap]:
    """Hear everything, and speak for the screens."""
    async with Tap(broker) as tap:
        yield tap


@pytest.fixture
def entry(hass: HomeAssistant, broker: Mosquitto) -> MockConfigEntry:
    """Return a fleet with a connection of its own, not yet set up."""
    entry = MockConfigEntry(
        domain="infoscreen",
        title="Infoscreen",
        unique_id=f"127.0.0.1:{broker.port}/infoscreen",
        data=connection(broker),
        subentries_data=[group("Foyer", 12)],
    )
    entry.add_to_hass(hass)
    return entry


def connection(broker: Mosquitto, **changed: Any) -> dict[str, Any]:
    """Return an entry's data for a broker."""
    return {
        "transport": "broker",
        "topic_prefix": "infoscreen",
        "host": "127.0.0.1",
        "port": broker.port,
        "username": LOGIN[0],
        "password": LOGIN[1],
        "tls": False,
        "tls_insecure": False,
    } | changed


@pytest.fixture
async def fleet(hass: HomeAssistant, entry: MockConfigEntry, tap: Tap) -> MockConfigEntry:
    """Set the fleet up, and wait until it is connected."""
    assert await hass.config_entries.async_setup(entry.entry_id)
    await tap.wait("infoscreen/events/12")
    return entry


async def test_a_screen_is_heard_and_answered(fleet: MockConfigEntry, tap: Tap, look: Look) -> None:
    """As over Home Assistant's own connection."""
    await tap.publish("infoscreen/discovery", {"uuid": UUID, "hostname": "foyer-1"})
    ack = await tap.wait(f"infoscreen/{UUID}/discovery_ack")
    assert (ack.json["status"], ack.qos, ack.retain) == ("ok", 1, False)
    assert look.state("binary_sensor", f"{UUID}_connectivity") == "on"


async def test_a_connection_that_is_lost_comes_back(
    hass: HomeAssistant, fleet: MockConfigEntry, broker: Mosquitto, tap: Tap, look: Look
) -> None:
    """What must stand is published again, and screens are heard again."""
    await tap.publish("infoscreen/discovery", {"uuid": UUID, "hostname": "foyer-1"})
    await tap.wait(f"infoscreen/{UUID}/discovery_ack")
    await broker.stop()

    async def shows(wanted: str) -> bool:
        return look.state("binary_sensor", f"{UUID}_connectivity") == wanted

    await until(lambda: shows("unknown"), "unknown")
    await broker.start()
    async with Tap(broker) as anew:
        await anew.wait("infoscreen/events/12")
        await anew.publish(f"infoscreen/{UUID}/heartbeat")
        await until(lambda: shows("on"), "heard again")
    assert fleet.state is ConfigEntryState.LOADED
