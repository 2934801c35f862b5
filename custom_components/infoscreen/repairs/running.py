"""Repairs that need their fleet to run."""

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant

from ..runtime import FleetRuntime, InfoscreenConfigEntry


def running(hass: HomeAssistant, entry_id: str) -> FleetRuntime | None:
    """Return the fleet that a repair is about, None while it does not run."""
    entry: InfoscreenConfigEntry | None = hass.config_entries.async_get_entry(entry_id)
    return entry.runtime_data if entry and entry.state is ConfigEntryState.LOADED else None
