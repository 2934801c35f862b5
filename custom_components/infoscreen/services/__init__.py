"""The integration's actions."""

from homeassistant.core import HomeAssistant, callback

from . import events, exchange, holidays, periods, schedule, screens


@callback
def async_register_actions(hass: HomeAssistant) -> None:
    """Register all actions."""
    screens.async_register(hass)
    events.async_register(hass)
    schedule.async_register(hass)
    exchange.async_register(hass)
    periods.async_register(hass)
    holidays.async_register(hass)
