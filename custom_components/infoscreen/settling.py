"""Tells of what messages change: at once while they come one by one, together while they pour in.

Whatever writes a state wakes the recorder's thread, which then fights for the interpreter with the one that
reads messages. In a flood, telling of each change by itself costs more than all else.
"""

import asyncio
from typing import Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback

from .model.flood import Flood

# How often to tell in a flood: often enough for whoever looks.
_EVERY: Final = 0.1  # seconds


class Settling:
    """What is to be told of one entry, each once, when things have settled.

    They have when a turn of the event loop brought no message. Waiting for that is a task, so that whoever
    waits for Home Assistant's tasks waits for this, too; and it needs no clock that runs.
    """

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry) -> None:
        self._hass = hass
        self._entry = entry
        self._waiting: dict[CALLBACK_TYPE, None] = {}  # in order
        self._settling = False
        self.flood = Flood()
        """How messages come; whoever hears them counts them here."""

    @callback
    def async_tell(self, tell: CALLBACK_TYPE) -> None:
        """Tell at once, or together with all else if messages pour in."""
        if self.flood.pours(self._hass.loop.time()):
            self.async_soon(tell)
        else:
            tell()

    @callback
    def async_soon(self, tell: CALLBACK_TYPE) -> None:
        """Tell when things have settled, however often that is asked for until then."""
        self._waiting[tell] = None
        if not self._settling:
            self._settling = True
            self._entry.async_create_task(self._hass, self._settle(), "tell of changes")

    async def _settle(self) -> None:
        """Tell when a turn brings no message, or when it takes too long for one that does not."""
        until, heard = self._hass.loop.time() + _EVERY, -1
        await asyncio.sleep(0)  # a turn reads messages last
        while heard != self.flood.heard and self._hass.loop.time() < until:
            heard = self.flood.heard
            await asyncio.sleep(0)
        try:
            while self._waiting:  # one may lead to another
                tell = next(iter(self._waiting))
                del self._waiting[tell]
                tell()
        finally:
            self._settling = False
            for tell in tuple(self._waiting):  # one has failed, which is not the others' fault
                self.async_soon(tell)
