"""The hardware of screens, as it was described in subentries: one each, unique by the screen's key."""

from collections.abc import Mapping
from typing import Any

from homeassistant.config_entries import ConfigEntry, ConfigSubentry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import device_registry as dr

from .const import CONF_PLUG, CONF_SCREEN, DOMAIN, SUBENTRY_HARDWARE


def hardware_of(entry: ConfigEntry, key: str) -> ConfigSubentry | None:
    """Return the hardware of a screen, None if nobody described it."""
    described = entry.get_subentries_of_type(SUBENTRY_HARDWARE)
    return next((hardware for hardware in described if hardware.unique_id == key), None)


def plugs_of(entry: ConfigEntry) -> dict[str, str]:
    """Return the plugs of a fleet, by the keys of their screens."""
    return {
        hardware.unique_id: hardware.data[CONF_PLUG]
        for hardware in entry.get_subentries_of_type(SUBENTRY_HARDWARE)
        if hardware.unique_id and CONF_PLUG in hardware.data
    }


def described_hardware(entry: ConfigEntry) -> dict[str, Mapping[str, Any]]:
    """Return what is described of the hardware of a fleet, by the keys of its screens."""
    return {
        hardware.unique_id: hardware.data
        for hardware in entry.get_subentries_of_type(SUBENTRY_HARDWARE)
        if hardware.unique_id
    }


@callback
def async_move_hardware(hass: HomeAssistant, entry: ConfigEntry, old: str, new: str) -> None:
    """Give a screen's hardware to the one that has its device now; what that had itself gives way."""
    theirs, ours = hardware_of(entry, old), hardware_of(entry, new)
    device = dr.async_get(hass).async_get_device_by_identifier((DOMAIN, new), entry.entry_id)
    if theirs is not None and ours is not None:
        hass.config_entries.async_remove_subentry(entry, ours.subentry_id)
    if device is not None and (moved := theirs or ours) is not None:
        data = {**moved.data, CONF_SCREEN: device.id}
        hass.config_entries.async_update_subentry(entry, moved, data=data, unique_id=new)


@callback
def async_forget_hardware(hass: HomeAssistant, entry: ConfigEntry, key: str) -> None:
    """Forget the hardware of a screen that is no more."""
    if (hardware := hardware_of(entry, key)) is not None:
        hass.config_entries.async_remove_subentry(entry, hardware.subentry_id)
