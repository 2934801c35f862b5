"""Take a NUT server up, and let it go."""

from typing import Any

from homeassistant.config_entries import ConfigEntry, ConfigEntryState
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.device_registry import AnyDeviceEntry

from ..alerts import Alerts
from ..issues import async_forget_issues
from ..model.ups.device import State
from ..settling import Settling
from .alerts import UpsAlerts
from .battery_tests import BatteryTests
from .client import NutClient
from .commands import async_forget_denied
from .coordinator import UpsCoordinator
from .devices import keys_of
from .register import Register
from .runtime import UpsRuntime
from .troubles import Troubles
from .watch import ConfigurationWatch


async def async_take_up_server(hass: HomeAssistant, entry: ConfigEntry[Any]) -> None:
    """Ask a server for its UPSes for the first time; their entities come next."""
    client, tests = NutClient(entry.data), BatteryTests(hass, entry)
    await tests.async_load()
    coordinator = UpsCoordinator(hass, entry, client, tests)
    try:
        await coordinator.async_config_entry_first_refresh()
    finally:  # also where the server does not answer: its configuration may be why
        await ConfigurationWatch(hass, entry, coordinator).async_start()
    alerts = Alerts(hass, entry, Settling(hass, entry))
    entry.runtime_data = UpsRuntime(client=client, coordinator=coordinator, alerts=alerts)
    async_forget_denied(hass, entry)
    Register(hass, entry, coordinator).async_start()
    Troubles(hass, entry, coordinator).async_start()
    UpsAlerts(entry, coordinator, alerts).async_start()


async def async_server_updated(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """Follow a change of the server or of its options; taking it up anew costs milliseconds."""
    hass.config_entries.async_schedule_reload(entry.entry_id)


@callback
def async_release(hass: HomeAssistant, entry: ConfigEntry[Any], device: AnyDeviceEntry) -> bool:
    """Let go of UPSes that the server does not have any more; tell whether that was so."""
    if entry.state is not ConfigEntryState.LOADED:
        return False
    coordinator: UpsCoordinator = entry.runtime_data.coordinator
    keys = [*keys_of(entry, device)]
    gone = [key for key in keys if (ups := coordinator.data.get(key)) and ups.state is State.NOT_FOUND]
    for key in gone:
        coordinator.async_forget(key)
        async_forget_denied(hass, entry, key)
    return len(gone) == len(keys)


async def async_forget_server(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """Leave nothing behind."""
    async_forget_issues(hass, entry.entry_id)
    await BatteryTests(hass, entry).async_remove()
