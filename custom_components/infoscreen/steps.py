"""Tells the steps of recovery on the event bus, where the logbook and automations hear of them."""

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import ATTR_DEVICE_ID, ATTR_NAME
from homeassistant.core import Context, HomeAssistant, callback
from homeassistant.helpers import device_registry as dr

from .const import EVENT_RECOVERY
from .devices import screen_identifier
from .model.fleet import Screen


@callback
def async_device_of(hass: HomeAssistant, entry: ConfigEntry, screen: Screen) -> dr.AnyDeviceEntry | None:
    """Return a screen's device."""
    return dr.async_get(hass).async_get_device_by_identifier(screen_identifier(screen), entry.entry_id)


@callback
def async_tell_step(
    hass: HomeAssistant,
    entry: ConfigEntry,
    screen: Screen,
    step: str,
    reason: str | None = None,
    *,
    context: Context | None = None,
) -> None:
    """Tell one step, and what it was taken for."""
    device = async_device_of(hass, entry, screen)
    data = {
        ATTR_DEVICE_ID: device.id if device else None,
        ATTR_NAME: (device.name_by_user or device.name if device else None) or screen.name,
        "uuid": screen.uuid,
        "step": step,
        "reason": reason,
    }
    hass.bus.async_fire(EVENT_RECOVERY, data, context=context)
