"""Puts commands on the wire: the contract's topic first, and those of older clients once it was taken."""

import asyncio

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant

from .broker import Broker, NotPublishedError
from .const import CONF_COMPATIBILITY_TOPICS
from .model.commands import Command
from .model.fleet import Screen
from .model.lifecycle import Action
from .model.topics import Topics, legacy_restart
from .model.wire import as_json

_LEGACY_RESTART = as_json({"action": "restart"})


class Sender:
    """Publishes the commands of one fleet."""

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry, broker: Broker, topics: Topics) -> None:
        self._hass = hass
        self._entry = entry
        self._broker = broker
        self._topics = topics

    @property
    def ready(self) -> bool:
        """Tell whether a command can be handed over at all."""
        return self._broker.connected

    async def async_send(self, screen: Screen, command: Command) -> bool:
        """Publish a command and tell whether the broker took it.

        What it did not take must not reach an older client either: it counts as never published.
        """
        payload = as_json(command.payload())
        if not await self._is_taken(command, self._topics.commands(screen.uuid), payload):
            return False
        self._entry.async_create_task(
            self._hass, self._send_along(screen, command, payload), f"command {screen.uuid} on older topics"
        )
        return True

    async def _send_along(self, screen: Screen, command: Command, payload: bytes) -> None:
        """Publish the same where clients listen that are not migrated; nobody waits for it."""
        if not self._entry.options.get(CONF_COMPATIBILITY_TOPICS, True):
            return
        ways = {self._topics.compat_commands(screen.uuid): payload}
        if command.action is Action.REBOOT_HOST and not screen.migrated:
            ways[legacy_restart(screen.uuid)] = _LEGACY_RESTART
        await asyncio.gather(*(self._is_taken(command, topic, what) for topic, what in ways.items()))

    async def _is_taken(self, command: Command, topic: str, payload: bytes) -> bool:
        """Publish to one topic and tell whether the broker took it."""
        expiry = int((command.expires_at - command.issued_at).total_seconds())
        try:
            await self._broker.async_publish(topic, payload, expiry=expiry)
        except NotPublishedError:
            return False
        return True
