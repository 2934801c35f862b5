"""Tells people that the disk is full, as long as it is."""

from datetime import datetime, timedelta
from typing import Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir
from homeassistant.util import dt as dt_util

from ..alarm import Alarm
from ..const import DOMAIN, LOGGER
from ..issues import async_raise_issue
from .files import DiskLowError, ScreenshotFiles

# Somebody who makes room looks whether it helped.
_EVERY: Final = timedelta(minutes=1)


class DiskWatch:
    """The repair of one fleet whose screenshots find no room; it goes by itself."""

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry, files: ScreenshotFiles) -> None:
        self._hass = hass
        self._entry = entry
        self._files = files
        self._issue_id = f"disk_low_{entry.entry_id}"
        self._is_low = False
        self._alarm = Alarm(hass, entry, "the disk may have room again", self._look)
        entry.async_on_unload(self.async_found_room)

    @callback
    def async_found_low(self) -> None:
        """Say that there is no room."""
        if self._is_low:
            return
        self._is_low = True
        LOGGER.warning("The disk is nearly full: no screenshots of %s are kept", self._entry.title)
        self._alarm.async_set(dt_util.utcnow() + _EVERY)
        async_raise_issue(
            self._hass,
            self._entry,
            self._issue_id,
            translation_key="disk_low",
            translation_placeholders={"fleet": self._entry.title},
        )

    @callback
    def async_found_room(self) -> None:
        """Take it back."""
        if self._is_low:
            self._is_low = False
            self._alarm.async_set(None)
            ir.async_delete_issue(self._hass, DOMAIN, self._issue_id)

    @callback
    def _look(self, now: datetime) -> None:
        self._alarm.async_set(now + _EVERY)
        self._entry.async_create_background_task(self._hass, self._check(), "look for room on the disk")

    async def _check(self) -> None:
        try:
            await self._hass.async_add_executor_job(self._files.check_disk)
        except DiskLowError:
            return
        self.async_found_room()
