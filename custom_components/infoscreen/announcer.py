"""Tells the rest of Home Assistant of commands: an event when one is asked for, and one at its end."""

from typing import Any, Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import ATTR_DEVICE_ID, ATTR_ENTITY_ID, Platform
from homeassistant.core import Context, HomeAssistant, callback
from homeassistant.helpers import entity_registry as er

from .const import DOMAIN
from .devices import screen_device
from .model.commands import Command
from .model.fleet import Screen

EVENT_COMMAND: Final = f"{DOMAIN}_command"


class Announcer:
    """Fires events in the name of who asked, for the logbook and for automations."""

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry) -> None:
        self._hass = hass
        self._entry = entry
        self._contexts: dict[str, Context] = {}  # by command id; one forgotten in a restart is made anew

    @callback
    def async_asked(self, screen: Screen, command: Command, context: Context | None) -> None:
        """Tell that somebody wants a screen to do something."""
        if context is not None:
            self._contexts[command.command_id] = context
        if not command.settled:
            self._fire(screen, command)

    @callback
    def async_ended(self, screen: Screen, command: Command) -> None:
        """Tell how it ended."""
        self._fire(screen, command)
        if command.over:
            self._contexts.pop(command.command_id, None)

    @callback
    def async_ran_canceled(self, screen: Screen, command: Command) -> None:
        """Tell that a screen did what had been canceled."""
        self._fire(screen, command, ran=True)

    def _fire(self, screen: Screen, command: Command, *, ran: bool = False) -> None:
        context = self._contexts.get(command.command_id) or Context(user_id=command.user)
        task = self._tell(screen, command, context, ran=ran)
        self._entry.async_create_task(self._hass, task, f"tell of a command to {screen.uuid}")

    async def _tell(self, screen: Screen, command: Command, context: Context, *, ran: bool) -> None:
        user = await self._hass.auth.async_get_user(command.user) if command.user else None
        device = screen_device(self._hass, self._entry, screen)
        entity_id = er.async_get(self._hass).async_get_entity_id(
            Platform.SENSOR, DOMAIN, f"{screen.key}_last_command"
        )
        data: dict[str, Any] = {
            ATTR_DEVICE_ID: device.id if device else None,
            ATTR_ENTITY_ID: entity_id,
            "command_id": command.command_id,
            "action": command.action,
            "reason": command.reason,
            "user": command.user,
            "user_name": user.name if user else None,
            "state": command.state,
            "error_code": command.error_code,
            "ran_canceled": ran,
        }
        self._hass.bus.async_fire(EVENT_COMMAND, data, context=context)
