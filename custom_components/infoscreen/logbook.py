"""What the logbook says of our events, in Home Assistant's language."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final

from homeassistant.components.logbook import (
    LOGBOOK_ENTRY_ENTITY_ID,
    LOGBOOK_ENTRY_MESSAGE,
    LOGBOOK_ENTRY_NAME,
)
from homeassistant.const import ATTR_DEVICE_ID, ATTR_ENTITY_ID, ATTR_NAME, Platform
from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers.translation import (
    async_get_cached_translations,
    async_translate_state,
    async_translate_state_attr,
)

from .announcer import EVENT_COMMAND
from .const import DOMAIN, EVENT_OUTAGE, EVENT_RECOVERY
from .devices import device_name
from .model.lifecycle import State

_KEY = "last_command"


@callback
def async_describe_events(
    hass: HomeAssistant,
    async_describe_event: Callable[[str, str, Callable[[Event], dict[str, Any]]], None],
) -> None:
    """Describe our events."""
    for event_type, describe in _TOLD.items():
        async_describe_event(DOMAIN, event_type, partial(describe, hass))


@callback
def _command(hass: HomeAssistant, event: Event) -> dict[str, Any]:
    """Tell of a command: who asked, why, and how it ended."""
    device = dr.async_get(hass).async_get(event.data[ATTR_DEVICE_ID] or "")
    return {
        LOGBOOK_ENTRY_NAME: device_name(device, "Infoscreen"),
        LOGBOOK_ENTRY_MESSAGE: _message(hass, event.data),
        LOGBOOK_ENTRY_ENTITY_ID: event.data[ATTR_ENTITY_ID],
    }


@callback
def _recovery(hass: HomeAssistant, event: Event) -> dict[str, Any]:
    """Tell a step of the recovery ladder, and what it was for; people's own words are left as they are."""
    step, reason = event.data["step"], event.data["reason"]
    message = _sentence(hass, f"recovery_step_{step}", step)
    why = _sentence(hass, f"recovery_reason_{reason}", reason)
    return {
        LOGBOOK_ENTRY_NAME: event.data[ATTR_NAME],
        LOGBOOK_ENTRY_MESSAGE: f"{message} ({why})" if why else message,
    }


@callback
def _outage(hass: HomeAssistant, event: Event) -> dict[str, Any]:
    """Tell a step of an outage."""
    step, tier = event.data["step"], f"{event.data['tier']}"
    ups, screens = event.data["ups"], f"{event.data['screens']}"
    message = _sentence(hass, f"outage_step_{step}", step).format(ups=ups, tier=tier, screens=screens)
    return {LOGBOOK_ENTRY_NAME: event.data[ATTR_NAME], LOGBOOK_ENTRY_MESSAGE: message}


def _message(hass: HomeAssistant, command: Mapping[str, Any]) -> str:
    """Return what happened, in words."""
    action, user, reason = (
        _word(hass, "action", command),
        command["user_name"],
        _word(hass, "reason", command),
    )
    message = _say(hass, "command_asked", action=action)
    if user:
        message = _say(hass, "command_asked_by", action=action, user=user)
    if reason:
        message = _say(hass, "command_why", message=message, reason=reason)
    if command["ran_canceled"]:
        return _say(hass, "command_ran_canceled", message=message)
    if command["state"] == State.QUEUED:
        return message
    state = async_translate_state(hass, command["state"], Platform.SENSOR, DOMAIN, _KEY, None)
    return _say(hass, "command_ended", message=message, state=state)


def _word(hass: HomeAssistant, attribute: str, command: Mapping[str, Any]) -> str:
    """Return the word for what an attribute of the sensor says; people's own words are left as they are."""
    value = command[attribute] or ""
    return async_translate_state_attr(hass, value, Platform.SENSOR, DOMAIN, _KEY, None, attribute)


def _say(hass: HomeAssistant, key: str, **placeholders: str) -> str:
    """Return a sentence in Home Assistant's language, filled in."""
    return _sentence(hass, key, key).format(**placeholders)


def _sentence(hass: HomeAssistant, key: str, otherwise: str) -> str:
    """Return a sentence in Home Assistant's language; in English until that is loaded."""
    texts = async_get_cached_translations(hass, "en", "common", DOMAIN) | async_get_cached_translations(
        hass, hass.config.language, "common", DOMAIN
    )
    return texts.get(f"component.{DOMAIN}.common.{key}", otherwise)


_TOLD: Final[Mapping[str, Callable[[HomeAssistant, Event], dict[str, Any]]]] = {
    EVENT_COMMAND: _command,
    EVENT_RECOVERY: _recovery,
    EVENT_OUTAGE: _outage,
}
