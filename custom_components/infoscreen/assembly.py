"""The parts of a fleet, started in the order in which they need each other; and what they let go together."""

from homeassistant.core import HomeAssistant

from .command_alerts import CommandAlerts
from .deserted import Deserted
from .limits import Limits
from .model.messages import Log, ServiceCleared, ServiceFailed
from .renames import async_follow_renames
from .runtime import FleetRuntime, InfoscreenConfigEntry
from .screen_alerts import ScreenAlerts


async def async_take_up(runtime: FleetRuntime) -> None:
    """Take up what was known before; entities come next, and nothing is heard yet."""
    runtime.listener.async_hand(Log, runtime.logs.async_heard)
    runtime.listener.async_hand(ServiceFailed, runtime.failures.async_heard)
    runtime.listener.async_hand(ServiceCleared, runtime.failures.async_heard)
    await runtime.screenshots.async_load()
    await runtime.replacement.async_start()
    await runtime.fleet.async_start()
    runtime.history.async_start()
    runtime.commander.async_start()
    runtime.failures.async_start()
    runtime.plugs.async_start()
    runtime.recovery.async_start()
    runtime.admission.async_raise()
    await runtime.logs.async_start()
    await runtime.screenshots.async_start(runtime.listener, runtime.store.forgotten)
    runtime.access.async_start()
    await runtime.converter.async_start()
    await runtime.scheduler.async_start()
    runtime.outages.async_take_up()
    await runtime.power.async_start()
    runtime.tvs.async_start()
    runtime.mismatches.async_start()
    runtime.concerns.async_start()


async def async_begin(hass: HomeAssistant, entry: InfoscreenConfigEntry, runtime: FleetRuntime) -> None:
    """Watch, and listen to what comes over the wire."""
    Limits(hass, entry, runtime.fleet).async_start()
    Deserted(hass, entry, runtime.fleet, runtime.store, runtime.scheduler).async_start()
    runtime.watch.async_start()
    ScreenAlerts(hass, entry, runtime.broker, runtime.fleet, runtime.power, runtime.alerts).async_start()
    CommandAlerts(hass, entry, runtime.fleet, runtime.commander, runtime.alerts).async_start()
    runtime.outages.async_start()
    async_follow_renames(hass, entry)
    await runtime.listener.async_start()


async def async_forget_screen(runtime: FleetRuntime, key: str) -> None:
    """Let a screen go, with all that is kept of it; what it says meanwhile is not heard."""
    runtime.fleet.moving.add(key)
    try:
        runtime.recovery.async_forget(key)
        await runtime.fleet.async_forget(key)
        runtime.power.async_forget(key)
        runtime.plugs.async_forget(key)
        await runtime.logs.async_forget(key)
        await runtime.screenshots.async_forget(key)
        await runtime.commander.async_forget(key)
    finally:
        runtime.fleet.moving.discard(key)
