"""Entities that do nothing, as many as a file below .storage asks for."""

from collections.abc import Iterator
from typing import TypedDict

from homeassistant.components.sensor import SensorEntity
from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.helpers.device_registry import DeviceInfo
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.helpers.storage import Store


class Wanted(TypedDict):
    """The screens, and how many entities each of them has."""

    screens: list[str]
    enabled: int
    disabled: int


class Idle(SensorEntity):
    """Says the same for ever."""

    _attr_has_entity_name = True
    _attr_should_poll = False
    _attr_native_value = "OK"

    def __init__(self, uuid: str, number: int, device: DeviceInfo, *, enabled: bool) -> None:
        self._attr_unique_id = f"{uuid}_{number}"
        self._attr_name = f"Idle {number}"
        self._attr_device_info = device
        self._attr_entity_registry_enabled_default = enabled


async def async_setup_entry(
    hass: HomeAssistant, _entry: ConfigEntry, add: AddConfigEntryEntitiesCallback
) -> None:
    """Add what is wanted; before the file is written, nothing is."""
    if wanted := await Store[Wanted](hass, 1, "floor").async_load():
        add(_idle(wanted))


def _idle(wanted: Wanted) -> Iterator[Idle]:
    """Yield every screen's entities, the enabled ones first."""
    for position, uuid in enumerate(wanted["screens"]):
        device = DeviceInfo(
            identifiers={("floor", uuid)},
            name=f"screen-{position}",
            manufacturer="Infoscreen",
            model="Raspberry Pi 4",
            sw_version="3.2.0",
        )
        for number in range(wanted["enabled"] + wanted["disabled"]):
            yield Idle(uuid, number, device, enabled=number < wanted["enabled"])
