"""Plugs that screens hang on: real switches, with faults."""

from typing import Any, override

from homeassistant.components.switch import SwitchEntity
from homeassistant.config_entries import ConfigSubentryData
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import setup_test_component_platform


class Plug(SwitchEntity):
    """A smart plug."""

    _attr_should_poll = False

    def __init__(self, name: str) -> None:
        self.entity_id = f"switch.{name}"
        self._attr_unique_id = name
        self._attr_name = name
        self._attr_is_on = True
        self.deaf = False
        """Takes what it is told and does nothing."""
        self.broken = False
        """Refuses what it is told."""
        self.fault: Exception = HomeAssistantError("no answer")
        """How it says that."""
        self.told: list[bool] = []

    @override
    async def async_turn_on(self, **_how: Any) -> None:
        await self.turn(on=True)

    @override
    async def async_turn_off(self, **_how: Any) -> None:
        await self.turn(on=False)

    async def turn(self, *, on: bool) -> None:
        """Do what is told, be it over the radio or by hand."""
        self.told.append(on)
        if self.broken:
            raise self.fault
        if not self.deaf:
            self._attr_is_on = on
            self.async_write_ha_state()

    def become(self, *, available: bool) -> None:
        """Fall off the network, or come back."""
        self._attr_available = available
        self.async_write_ha_state()

    def forget(self) -> None:
        """Come back without knowing whether it is on."""
        self._attr_is_on = None
        self.become(available=True)


async def add_plugs(hass: HomeAssistant, *names: str) -> list[Plug]:
    """Put plugs into Home Assistant."""
    plugs = [Plug(name) for name in names]
    setup_test_component_platform(hass, "switch", plugs)
    assert await async_setup_component(hass, "switch", {"switch": {"platform": "test"}})
    await hass.async_block_till_done()
    return plugs


def hardware(uuid: str, **data: Any) -> ConfigSubentryData:
    """Return a screen's hardware as it is configured."""
    return ConfigSubentryData(
        data={"screen": "its device", **data}, subentry_type="hardware", title=uuid[:8], unique_id=uuid
    )
