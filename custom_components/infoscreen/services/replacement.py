"""The action that lets one screen take another's place."""

from typing import Final

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant, ServiceCall, callback
from homeassistant.helpers import config_validation as cv, device_registry as dr
import voluptuous as vol

from ..const import DOMAIN
from ..entity import refusals_told
from ..errors import refusal
from ..model.errors import Refused
from ..model.replacement import checked_uuid
from ..rights import async_require_admin
from ..runtime import FleetRuntime
from ..targets import targeted_fleets_or_all

REPLACE_SCREEN: Final = "replace_screen"
_SCHEMA: Final = vol.Schema(
    {**cv.TARGET_SERVICE_FIELDS, vol.Required("old_uuid"): cv.string, vol.Required("new_uuid"): cv.string}
)


@callback
def async_register(hass: HomeAssistant) -> None:
    """Register it."""
    hass.services.async_register(DOMAIN, REPLACE_SCREEN, _async_replace_screen, _SCHEMA)


async def _async_replace_screen(call: ServiceCall) -> None:
    """Let a screen take another's place in its fleet; on disk when this returns."""
    await async_require_admin(call.hass, call.context)
    with refusals_told():
        old, new = checked_uuid(call.data["old_uuid"]), checked_uuid(call.data["new_uuid"])
        await _fleet_of(call, old).replacement.async_replace(old, new)


def _fleet_of(call: ServiceCall, uuid: str) -> FleetRuntime:
    """Return the fleet that has a screen."""
    hass = call.hass
    for entry in targeted_fleets_or_all(call):
        if entry.runtime_data.fleet.async_find(uuid):
            return entry.runtime_data
    devices = dr.async_get(hass).async_get_devices(identifiers={(DOMAIN, uuid.lower())})
    for resting in (hass.config_entries.async_get_entry(device.config_entry_id) for device in devices):
        if resting is not None and resting.state is not ConfigEntryState.LOADED:
            raise refusal("fleet_not_loaded", name=resting.title)
    raise Refused("screen_unknown", uuid=uuid)
