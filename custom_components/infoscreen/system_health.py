"""How the fleets are, on Home Assistant's own page for it."""

from typing import Any

from homeassistant.components.system_health import SystemHealthRegistration
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant, callback

from .const import DOMAIN
from .model.tally import Trait
from .runtime import InfoscreenConfigEntry


@callback
def async_register(_hass: HomeAssistant, register: SystemHealthRegistration) -> None:
    """Register what is told."""
    register.async_register_info(_async_info, "/config/integrations/integration/infoscreen")


async def _async_info(hass: HomeAssistant) -> dict[str, Any]:
    """Tell of all fleets that run."""
    entries: list[InfoscreenConfigEntry] = hass.config_entries.async_entries(DOMAIN)
    fleets = [entry.runtime_data for entry in entries if entry.state is ConfigEntryState.LOADED]
    tallies = [runtime.fleet.census.tally for runtime in fleets]
    heard = [
        coordinator.pulse.last_heard
        for runtime in fleets
        for coordinator in runtime.fleet.screens.values()
        if coordinator.pulse.last_heard
    ]
    return {
        "fleets": len(fleets),
        "fleets_connected": sum(runtime.broker.connected for runtime in fleets),
        "screens": sum(tally.count(Trait.SCREENS) for tally in tallies),
        "screens_online": sum(tally.count(Trait.ONLINE) for tally in tallies),
        "last_message": max(heard, default=None),
        "rejected_messages": sum(runtime.listener.rejected.total() for runtime in fleets),
    }
