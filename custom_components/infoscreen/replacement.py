"""Lets one screen take another's place: with its device, its entities, its group and its history.

The wish is on disk before anything is done. What follows is done at once in memory, and again after a crash:
each step finds nothing to do where it was done before.
"""

import asyncio
from collections.abc import Sequence
from typing import Protocol

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import device_registry as dr, entity_registry as er
from homeassistant.helpers.entity_platform import async_get_platforms
from homeassistant.util import dt as dt_util

from .admission import Admission
from .const import DOMAIN
from .coordinator import ScreenCoordinator
from .devices import device_elsewhere, device_name
from .fleet import Fleet
from .model.errors import Refused
from .model.fleet import Screen
from .model.replacement import Successor
from .retained import Retained
from .store import FleetStore


class Keeper(Protocol):
    """Somebody who keeps things of screens."""

    async def async_move(self, old: str, new: str, /) -> None:
        """Move what is kept of a screen from one key to another; doing it twice is doing it once."""


class Replacement:
    """The replacements of one fleet's screens."""

    def __init__(
        self,
        entry: ConfigEntry,
        retained: Retained,
        fleet: Fleet,
        store: FleetStore,
        admission: Admission,
        keepers: Sequence[Keeper],
    ) -> None:
        self._hass = fleet.hass
        self._entry = entry
        self._retained = retained
        self._fleet = fleet
        self._store = store
        self._admission = admission
        self._keepers = keepers
        self._lock = asyncio.Lock()

    async def async_start(self) -> None:
        """Finish, before there are entities, what a crash may have interrupted."""
        now = dt_util.utcnow()
        for old, successor in list(self._store.replaced.items()):
            predecessor = self._store.screens.get(old)
            if predecessor is not None:
                self._take_over(predecessor, successor)
                await self._retained.async_empty(self._fleet.topics.standing_of(predecessor.uuid))
            self._move_in_registries(old, successor.key)
            for keeper in self._keepers:
                await keeper.async_move(old, successor.key)
            if successor.is_settled(now):
                del self._store.replaced[old]
                self._store.async_save_soon()

    async def async_replace(self, old_uuid: str, uuid: str) -> None:
        """Let a screen, known or not, take the place of a known one; on disk when this returns."""
        async with self._lock:
            old = self._checked(old_uuid, uuid)
            keys = {old.screen.key, uuid.lower()}
            successor = await self._wish(old.screen.key, uuid)
            self._fleet.moving |= keys
            try:
                await self._remove_entities(keys)
                await self._do(old, successor)
            finally:
                self._fleet.moving -= keys

    def _checked(self, old_uuid: str, uuid: str) -> ScreenCoordinator:
        """Return the screen whose place is taken, or refuse it."""
        old = self._fleet.async_find(old_uuid)
        if old is None:
            raise Refused("screen_unknown", uuid=old_uuid)
        if uuid.lower() == old.screen.key:
            raise Refused("replaced_by_itself", screen=old.screen.name)
        if device := device_elsewhere(self._hass, self._entry, uuid):
            raise Refused("screen_elsewhere", screen=device_name(device, uuid))
        return old

    async def _wish(self, old: str, uuid: str) -> Successor:
        """Put on disk what is wanted; from here on a crash does not undo it."""
        replaced, before = self._store.replaced, dict(self._store.replaced)
        successor = Successor(uuid=uuid, since=dt_util.utcnow())
        replaced.pop(successor.key, None)
        replaced[old] = successor
        try:
            await self._store.async_save()
        except HomeAssistantError:
            self._store.replaced = before
            raise
        return successor

    async def _remove_entities(self, keys: set[str]) -> None:
        """Take the entities of screens away for a moment; their places in the registry stay."""
        begins = tuple(f"{key}_" for key in keys)
        for platform in async_get_platforms(self._hass, DOMAIN):
            for entity_id, entity in list(platform.entities.items()):
                if platform.config_entry is self._entry and (entity.unique_id or "").startswith(begins):
                    await platform.async_remove_entity(entity_id)

    async def _do(self, old: ScreenCoordinator, successor: Successor) -> None:
        """Let a screen take over, and follow with all that is kept elsewhere."""
        predecessor = old.screen
        screen = self._take_over(predecessor, successor)
        self._move_in_registries(predecessor.key, successor.key)
        coordinator = await self._fleet.async_succeed(predecessor.key, screen)
        for keeper in self._keepers:
            await keeper.async_move(predecessor.key, successor.key)
        self._fleet.async_tell_of(coordinator)
        self._admission.async_let_in(coordinator, dt_util.utcnow())
        self._admission.async_raise()
        await self._retained.async_empty(self._fleet.topics.standing_of(predecessor.uuid))

    def _take_over(self, predecessor: Screen, successor: Successor) -> Screen:
        """Store one screen in another's place, and what is to be cleared behind that."""
        store, key = self._store, successor.key
        known = store.screens.get(key) or store.waiting.get(key) or Screen(uuid=successor.uuid)
        store.screens.pop(predecessor.key)
        screen = store.screens[key] = known.in_place_of(predecessor)
        store.waiting.pop(key, None)
        store.blocked.pop(key, None)
        store.kept_apart -= {predecessor.key, key}
        store.forgotten = store.forgotten - {key} | {predecessor.key}
        self._retained.async_let_go(self._fleet.topics.standing_of(predecessor.uuid))
        return screen

    @callback
    def _move_in_registries(self, old: str, new: str) -> None:
        """Give a device and its entities to another screen; what that one had by itself gives way."""
        devices, entities = dr.async_get(self._hass), er.async_get(self._hass)
        stays = devices.async_get_device_by_identifier((DOMAIN, old), self._entry.entry_id)
        if stays is None:
            return
        if goes := devices.async_get_device_by_identifier((DOMAIN, new), self._entry.entry_id):
            for entity in self._entities_of(goes, new):
                entities.async_remove(entity.entity_id)
            devices.async_remove_device(goes.id)
        for entity in self._entities_of(stays, old):
            unique_id = f"{new}{entity.unique_id.removeprefix(old)}"
            entities.async_update_entity(entity.entity_id, new_unique_id=unique_id)
        devices.async_update_device(stays.id, new_identifiers={(DOMAIN, new)}, new_connections=set())

    def _entities_of(self, device: dr.DeviceEntry, key: str) -> list[er.RegistryEntry]:
        """Return our entities of a screen, the disabled ones too."""
        registered = er.async_entries_for_device(
            er.async_get(self._hass), device.id, include_disabled_entities=True
        )
        return [
            entity
            for entity in registered
            if entity.platform == DOMAIN and entity.unique_id.startswith(f"{key}_")
        ]
