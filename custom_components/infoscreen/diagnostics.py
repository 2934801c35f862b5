"""What helps to find a fault: everything but secrets and what tells where a screen can be reached."""

from collections import Counter
from dataclasses import asdict, replace
from typing import Any, Final

from homeassistant.components.diagnostics import async_redact_data
from homeassistant.config_entries import ConfigEntry
from homeassistant.const import CONF_PASSWORD, CONF_USERNAME
from homeassistant.core import HomeAssistant
from homeassistant.helpers.device_registry import AnyDeviceEntry

from .const import CONF_CLIENT_KEY, CONF_TABLE_URL, DOMAIN
from .coordinator import ScreenCoordinator
from .entries import is_ups_server
from .model.album import Album
from .nut.devices import keys_of
from .nut.diagnostics import async_server_diagnostics, ups_diagnostics
from .runtime import FleetRuntime

# A website's address may carry a token.
TO_REDACT: Final = {
    "ip",
    "mac",
    "url",
    CONF_TABLE_URL,
    "user",
    CONF_USERNAME,
    CONF_PASSWORD,
    CONF_CLIENT_KEY,
}


async def async_get_config_entry_diagnostics(_hass: HomeAssistant, entry: ConfigEntry[Any]) -> dict[str, Any]:
    """Tell how a fleet is, or a NUT server."""
    if is_ups_server(entry.data):
        return async_redact_data(await async_server_diagnostics(entry), TO_REDACT)
    runtime: FleetRuntime = entry.runtime_data
    diagnostics = {
        "entry": {"data": dict(entry.data), "options": dict(entry.options)},
        "connected": runtime.broker.connected,
        "listening_since": runtime.fleet.listening_since,
        "rejected": dict(runtime.listener.rejected),
        "last_rejected": [asdict(rejected) for rejected in runtime.listener.last_rejected],
        "log_lines": {"waiting": runtime.journal.waiting, "dropped": runtime.journal.dropped},
        "screenshots": {
            "bytes": runtime.screenshots.size,
            "waiting_bytes": runtime.screenshots.waiting_bytes,
        },
        "conversions": [asdict(each) for each in runtime.converter.conversions.values()],
        "groups": [asdict(group) for group in runtime.fleet.groups.values()],
        "shown": {
            str(group_id): [occurrence.event.as_stored() for occurrence in occurrences]
            for group_id, occurrences in runtime.scheduler.shown.items()
        },
        "recovery": runtime.recovery.diagnostics,
        "outages": runtime.store.policy.as_stored(),
        "alerts": Counter(alert.kind for alert in runtime.alerts.standing),
        "waiting": [screen.as_stored() for screen in runtime.admission.waiting.values()],
        "blocked": [screen.as_stored() for screen in runtime.admission.blocked.values()],
        "screens": [_screen(coordinator) for coordinator in runtime.fleet.screens.values()],
    }
    return async_redact_data(diagnostics, TO_REDACT)


async def async_get_device_diagnostics(
    _hass: HomeAssistant, entry: ConfigEntry[Any], device: AnyDeviceEntry
) -> dict[str, Any]:
    """Tell how one screen or UPS is; a fleet's and a group's devices have their story in the entry's."""
    if is_ups_server(entry.data):
        known = entry.runtime_data.coordinator.data
        keys = (key for key in keys_of(entry, device) if key in known)
        return async_redact_data({"ups": [ups_diagnostics(entry, key) for key in keys]}, TO_REDACT)
    screens = entry.runtime_data.fleet.screens
    found = [screens[key] for domain, key in device.identifiers if domain == DOMAIN and key in screens]
    return async_redact_data({"screen": _screen(found[0]) if found else None}, TO_REDACT)


def _screen(coordinator: ScreenCoordinator) -> dict[str, Any]:
    state = coordinator.data
    album = state.album
    return asdict(replace(state, album=Album())) | {
        "album": {
            "screenshots": len(album.kept),
            "bytes": album.size,
            "latest": asdict(album.latest) if album.latest else None,
            "stale": album.stale,
            "priority_active": album.priority_active,
        },
        "status": state.status,
        "reasons": list(state.reasons),
        "last_seen": coordinator.pulse.last_seen,
        "last_heartbeat": coordinator.last_heartbeat,
    }
