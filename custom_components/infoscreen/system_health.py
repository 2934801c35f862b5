"""How the fleets are, on Home Assistant's own page for it."""

from typing import Any

from homeassistant.components.system_health import SystemHealthRegistration
from homeassistant.core import HomeAssistant, callback

from .entries import loaded_fleets, loaded_ups_servers
from .model.tally import Trait
from .nut.runtime import UpsRuntime
from .runtime import FleetRuntime


@callback
def async_register(_hass: HomeAssistant, register: SystemHealthRegistration) -> None:
    """Register what is told."""
    register.async_register_info(_async_info, "/config/integrations/integration/infoscreen")


async def _async_info(hass: HomeAssistant) -> dict[str, Any]:
    """Tell of all fleets and NUT servers that run."""
    fleets: list[FleetRuntime] = [entry.runtime_data for entry in loaded_fleets(hass)]
    servers: list[UpsRuntime] = [entry.runtime_data for entry in loaded_ups_servers(hass)]
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
        "nut_servers": len(servers),
        "upses": sum(len(server.coordinator.data) for server in servers),
        "rejected_messages": sum(runtime.listener.rejected.total() for runtime in fleets),
    }
