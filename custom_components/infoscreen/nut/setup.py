"""Take a NUT server up, and let it go."""

from typing import Any

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback

from ..alerts import Alerts
from ..issues import async_forget_issues
from .client import NutClient
from .coordinator import UpsCoordinator
from .register import Register
from .runtime import UpsRuntime


async def async_take_up_server(hass: HomeAssistant, entry: ConfigEntry[Any]) -> None:
    """Ask a server for its UPSes for the first time; their entities come next."""
    client = NutClient(entry.data)
    coordinator = UpsCoordinator(hass, entry, client)
    await coordinator.async_config_entry_first_refresh()
    entry.runtime_data = UpsRuntime(
        data=entry.data, client=client, coordinator=coordinator, alerts=Alerts(hass, entry)
    )
    Register(hass, entry, coordinator).async_start()


async def async_server_updated(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """Follow a change of the server or of its options; taking it up anew costs milliseconds."""
    hass.config_entries.async_schedule_reload(entry.entry_id)


@callback
def async_forget_server(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """Leave nothing behind."""
    async_forget_issues(hass, entry.entry_id)
