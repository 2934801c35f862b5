"""Tells the steps of recovery on the event bus, where the logbook and automations hear of them."""

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import ATTR_DEVICE_ID, ATTR_NAME
from homeassistant.core import Context, HomeAssistant, callback

from .const import EVENT_RECOVERY
from .devices import screen_device, screen_name
from .model.fleet import Screen


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
    device = screen_device(hass, entry, screen)
    data = {
        ATTR_DEVICE_ID: device.id if device else None,
        ATTR_NAME: screen_name(hass, entry, screen),
        "uuid": screen.uuid,
        "step": step,
        "reason": reason,
    }
    hass.bus.async_fire(EVENT_RECOVERY, data, context=context)
