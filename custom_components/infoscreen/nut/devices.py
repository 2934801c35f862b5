"""What identifies a UPS in Home Assistant: its server's entry and its name there."""

from collections.abc import Iterator
from typing import Any

from homeassistant.config_entries import ConfigEntry, ConfigEntryState
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import device_registry as dr

from ..const import DOMAIN
from ..entries import is_ups_server


def ups_identifier(entry: ConfigEntry, key: str) -> tuple[str, str]:
    """Return what identifies a UPS's device: never its serial number, for many have none, or the same."""
    return (DOMAIN, f"{entry.entry_id}_{key}")


@callback
def known_upses(hass: HomeAssistant, entry: ConfigEntry) -> list[str]:
    """Return the keys of the UPSes that an entry has devices for."""
    return [
        key
        for device in dr.async_entries_for_config_entry(dr.async_get(hass), entry.entry_id)
        for key in keys_of(entry, device)
    ]


@callback
def find_ups(hass: HomeAssistant, device_id: str) -> tuple[ConfigEntry[Any], str] | None:
    """Return the entry and key of a UPS by its device, None where it is none or its server does not run."""
    device = dr.async_get(hass).async_get(device_id)
    entry = hass.config_entries.async_get_entry(device.config_entry_id) if device else None
    if device is None or entry is None or entry.domain != DOMAIN or not is_ups_server(entry.data):
        return None
    if entry.state is not ConfigEntryState.LOADED:
        return None
    return next(((entry, key) for key in keys_of(entry, device)), None)


@callback
def remove_device(hass: HomeAssistant, entry: ConfigEntry, key: str) -> None:
    """Remove a UPS's device, if it has one, and all entities with it."""
    registry = dr.async_get(hass)
    if device := registry.async_get_device_by_identifier(ups_identifier(entry, key), entry.entry_id):
        registry.async_remove_device(device.id)


def keys_of(entry: ConfigEntry, device: dr.AnyDeviceEntry) -> Iterator[str]:
    """Return the keys of the UPSes that a device is."""
    prefix = f"{entry.entry_id}_"
    return (
        identifier.removeprefix(prefix)
        for domain, identifier in device.identifiers
        if domain == DOMAIN and identifier.startswith(prefix)
    )
