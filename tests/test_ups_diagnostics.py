"""What is told of NUT servers to whoever looks for a fault, and how they stand beside fleets."""

from typing import Any

from homeassistant.components.system_health import DOMAIN as SYSTEM_HEALTH
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, get_system_health_info
from pytest_homeassistant_custom_component.components.diagnostics import (
    get_diagnostics_for_config_entry,
    get_diagnostics_for_device,
)
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from .conftest import Look, Poll
from .fake_nut import FakeNut
from .wire import Wire


class TestDiagnostics:
    """Of a server with a login."""

    @pytest.fixture
    def server_data(self) -> dict[str, Any]:
        """Give the server a login."""
        return {"username": "monitor", "password": "a secret"}

    async def test_all_but_secrets(
        self,
        hass: HomeAssistant,
        nut: FakeNut,
        server: MockConfigEntry,
        poll: Poll,
        hass_client: ClientSessionGenerator,
    ) -> None:
        """What came, what was not believed, what it can do, and whether the login is right."""
        nut.login = ("monitor", "a secret")
        nut.upses["rack"] |= {"ups.load": "562020", "ups.serial": "4711"}
        await poll()
        told: Any = await get_diagnostics_for_config_entry(hass, hass_client, server)
        assert "a secret" not in str(told)
        assert "4711" not in str(told)
        assert told["server"] == {"version": "Network UPS Tools upsd 2.8.0", "login": "verified"}
        assert told["upses"]["rack"]["variables"]["ups.load"] == "562020"
        assert told["upses"]["rack"]["rejected"] == {"ups.load: implausible": 1}
        await nut.stop()
        told = await get_diagnostics_for_config_entry(hass, hass_client, server)
        assert told["server"] == {"error": "CannotConnectError"}

    async def test_what_a_driver_was_given_may_be_a_secret(
        self,
        nut: FakeNut,
        hass: HomeAssistant,
        server: MockConfigEntry,
        poll: Poll,
        look: Look,
        hass_client: ClientSessionGenerator,
    ) -> None:
        """Upsd shows everybody the whole section of ups.conf; what is known to be none helps."""
        given = {
            "community": "hidden",
            "authPassword": "hidden",
            "login": "hidden",
            "port": "user:hidden@ups",
        }
        nut.upses["rack"] |= {f"driver.parameter.{name}": value for name, value in given.items()}
        nut.upses["rack"] |= {"driver.parameter.pollinterval": "2", "battery.serial": "hidden"}
        await poll()
        device = look.device(server, f"{server.entry_id}_rack")
        told: Any = await get_diagnostics_for_config_entry(hass, hass_client, server)
        of_device: Any = await get_diagnostics_for_device(hass, hass_client, server, device)
        for variables in (told["upses"]["rack"]["variables"], of_device["ups"][0]["variables"]):
            assert "hidden" not in str(variables)
            assert variables["driver.parameter.pollinterval"] == "2"

    async def test_of_one_ups(
        self, hass: HomeAssistant, server: MockConfigEntry, look: Look, hass_client: ClientSessionGenerator
    ) -> None:
        """By its device."""
        device = look.device(server, f"{server.entry_id}_rack")
        told: Any = await get_diagnostics_for_device(hass, hass_client, server, device)
        assert [ups["name"] for ups in told["ups"]] == ["rack"]


async def test_a_server_beside_a_fleet_is_no_fleet(
    hass: HomeAssistant,
    screen: str,
    fleet: MockConfigEntry,
    wire: Wire,
    server: MockConfigEntry,
    hass_client: ClientSessionGenerator,
) -> None:
    """Actions on all fleets, screenshots, backups, alerts and system health go by it."""
    assert await async_setup_component(hass, SYSTEM_HEALTH, {})
    await hass.async_block_till_done()
    health = await get_system_health_info(hass, "infoscreen")
    assert (health["fleets"], health["nut_servers"], health["upses"]) == (1, 1, 1)
    logs = await hass.services.async_call("infoscreen", "get_logs", {}, blocking=True, return_response=True)
    assert logs == {screen: []}
    client = await hass_client()
    assert (await client.get("/api/infoscreen/alerts")).status == 200
    assert (await client.get(f"/api/infoscreen/screenshots/{server.entry_id}/x/y")).status == 404
    assert await hass.config_entries.async_unload(server.entry_id)
    assert await hass.config_entries.async_unload(fleet.entry_id)


async def test_a_configuration_is_held_against_the_server_it_is_of(
    hass: HomeAssistant, server: MockConfigEntry
) -> None:
    """And against no other entry."""
    data = {"ups_conf": "[other]\ndriver = usbhid-ups\nport = auto\n", "config_entry_id": server.entry_id}
    call = hass.services.async_call
    told = await call("infoscreen", "validate_nut_config", data, blocking=True, return_response=True)
    assert told is not None
    assert told["compared"] is True
    findings: Any = told["findings"]
    assert [finding["code"] for finding in findings] == ["followed_ups_missing", "ups_not_served"]
    with pytest.raises(ServiceValidationError):
        await call(
            "infoscreen",
            "validate_nut_config",
            data | {"config_entry_id": "x"},
            blocking=True,
            return_response=True,
        )
