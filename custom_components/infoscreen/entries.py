"""Our two kinds of config entries: fleets of screens, and servers that watch over UPSes."""

from collections.abc import Mapping
from typing import Any

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback

from .const import CONF_TRANSPORT, DOMAIN


def is_ups_server(data: Mapping[str, Any]) -> bool:
    """Tell whether an entry's data are of a NUT server; a fleet's say how its broker is reached."""
    return CONF_TRANSPORT not in data


@callback
def loaded_fleets(hass: HomeAssistant) -> list[ConfigEntry[Any]]:
    """Return the entries of the fleets that run."""
    return [each for each in hass.config_entries.async_loaded_entries(DOMAIN) if not is_ups_server(each.data)]


@callback
def loaded_ups_servers(hass: HomeAssistant) -> list[ConfigEntry[Any]]:
    """Return the entries of the NUT servers that are followed."""
    return [each for each in hass.config_entries.async_loaded_entries(DOMAIN) if is_ups_server(each.data)]
