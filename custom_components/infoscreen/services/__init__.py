"""The integration's actions."""

from homeassistant.core import HomeAssistant, callback

from . import (
    access,
    commands,
    events,
    exchange,
    holidays,
    logs,
    messages,
    nut,
    outages,
    periods,
    power,
    power_cycle,
    replacement,
    schedule,
    screens,
    takeovers,
    ups,
)


@callback
def async_register_actions(hass: HomeAssistant) -> None:
    """Register all actions."""
    commands.async_register(hass)
    screens.async_register(hass)
    power_cycle.async_register(hass)
    replacement.async_register(hass)
    events.async_register(hass)
    access.async_register(hass)
    logs.async_register(hass)
    nut.async_register(hass)
    outages.async_register(hass)
    schedule.async_register(hass)
    exchange.async_register(hass)
    power.async_register(hass)
    periods.async_register(hass)
    holidays.async_register(hass)
    messages.async_register(hass)
    takeovers.async_register(hass)
    ups.async_register(hass)
