"""Remembers, through reloads and restarts, that UPSes run on battery because somebody asked for a test."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.helpers.storage import Store

from ..const import DOMAIN
from ..model.ups.device import Ups

_VERSION: Final = 1


class BatteryTests:
    """The tests of one server's UPSes, and until when each may last."""

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry) -> None:
        self._store = Store[dict[str, str]](hass, _VERSION, f"{DOMAIN}.{entry.entry_id}.battery_tests")
        self._until: Mapping[str, datetime] = {}

    async def async_load(self) -> None:
        """Read what was kept; whether a test is over is for others to tell."""
        stored = await self._store.async_load() or {}
        self._until = {key: datetime.fromisoformat(until) for key, until in stored.items()}

    def until(self, key: str) -> datetime | None:
        """Return until when a test lasts that was asked for before the start."""
        return self._until.get(key)

    async def async_keep(self, upses: Iterable[Ups]) -> None:
        """Keep how it stands with all UPSes; on disk when this returns."""
        await self._store.async_save({ups.key: ups.test_until.isoformat() for ups in upses if ups.test_until})

    async def async_remove(self) -> None:
        """Delete what was kept for a server that is no more."""
        await self._store.async_remove()
