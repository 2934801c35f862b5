"""The groups of a fleet: which there are, and who belongs to them."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import override

from homeassistant.config_entries import ConfigEntry, ConfigSubentry
from homeassistant.const import CONF_NAME
from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.dispatcher import async_dispatcher_send
from homeassistant.util.signal_type import SignalType

from .const import (
    CONF_GROUP_ID,
    CONF_HOLIDAY_CALENDAR,
    CONF_LAG,
    CONF_LEAD,
    CONF_POWER_ENABLED,
    CONF_TV_ENTITIES,
    DOMAIN,
    SUBENTRY_GROUP,
)
from .coordinator import ScreenCoordinator
from .devices import Devices
from .model.fleet import Group, Screen, free_group_id
from .model.topics import Topics
from .retained import Retained
from .store import FleetStore


class Groups(Mapping[int, Group]):
    """The groups as configured, by their ids, and what is noted and published of who is in them."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry,
        topics: Topics,
        retained: Retained,
        store: FleetStore,
        screens: Mapping[str, ScreenCoordinator],
    ) -> None:
        self._hass = hass
        self._entry = entry
        self._topics = topics
        self._retained = retained
        self._store = store
        self._screens = screens
        self._groups: dict[int, Group] = {}
        self._intended: dict[int, Collection[str]] = {}  # the screens of groups that are about to be made
        self.added = SignalType[Group](f"{DOMAIN}_{entry.entry_id}_group_added")
        self.removed = SignalType[str](f"{DOMAIN}_{entry.entry_id}_group_removed")
        self.members_changed = SignalType[()](f"{DOMAIN}_{entry.entry_id}_members_changed")

    @override
    def __getitem__(self, group_id: int) -> Group:
        return self._groups[group_id]

    @override
    def __iter__(self) -> Iterator[int]:
        return iter(self._groups)

    @override
    def __len__(self) -> int:
        return len(self._groups)

    # Which there are

    async def async_read(self, devices: Devices) -> None:
        """Take over the groups as they are configured now: new ones, new names, those that are gone."""
        before = self._groups
        groups = map(_configured, self._entry.get_subentries_of_type(SUBENTRY_GROUP))
        self._groups = {group.group_id: group for group in groups}
        for group_id, group in self.items():
            if group != before.get(group_id):
                devices.async_register_group(group)
            if group_id not in before:
                async_dispatcher_send(self._hass, self.added, group)
        if before != self._groups:
            for coordinator in self._screens.values():
                coordinator.async_update_listeners()
        await self._drop(self._store.group_ids - self.keys())
        for group_id in self._intended.keys() & self.keys():
            await self.async_fill(group_id, self._intended.pop(group_id))

    async def _drop(self, gone: set[int]) -> None:
        """Clear up behind groups that are no more, and remember which there are."""
        if self._store.group_ids == self.keys():
            return
        orphans = [key for key, screen in self._store.screens.items() if screen.group_id in gone]
        self._put(orphans, None)
        self._store.retired_group_ids |= gone
        self._store.group_ids = set(self)
        self._tell(orphans)
        for group_id in gone:
            async_dispatcher_send(self._hass, self.removed, f"{self._entry.entry_id}_group_{group_id}")
        try:
            if gone:
                await self._store.async_drop_events_of(gone)
            await self._retained.async_empty(self._topics.events(group_id) for group_id in gone)
        except HomeAssistantError:
            self._store.group_ids |= gone  # the next change, or start, clears up
            raise

    @property
    def next_id(self) -> int:
        """Return an id that no group of this fleet ever had."""
        return free_group_id(self._used_ids)

    @property
    def _used_ids(self) -> set[int]:
        return self._store.group_ids | self._store.retired_group_ids | self.keys()

    @callback
    def async_was_there(self, group_id: int) -> bool:
        """Tell whether an id is or was a group's; it is never given again."""
        return group_id in self._used_ids

    @callback
    def async_named(self, wanted: str) -> Group | None:
        """Return the group with this name, or else with this id."""
        by_name = {group.name.casefold(): group for group in self.values()}
        by_id = {str(group_id): group for group_id, group in self.items()}
        return by_name.get(wanted.strip().casefold()) or by_id.get(wanted.strip())

    @callback
    def async_of(self, identifier: str) -> Group | None:
        """Return the group that a device of this fleet is or is in."""
        if coordinator := self._screens.get(identifier):
            return self.get(coordinator.screen.group_id or 0)
        prefix, _, group_id = identifier.rpartition("_group_")
        return self.get(int(group_id)) if prefix == self._entry.entry_id else None

    # Who is in them

    @callback
    def async_screens_of(self, group_id: int) -> dict[str, ScreenCoordinator]:
        """Return the screens of a group."""
        return {
            key: coordinator
            for key, coordinator in self._screens.items()
            if coordinator.screen.group_id == group_id
        }

    async def async_assign(self, coordinators: Iterable[ScreenCoordinator], group_id: int | None) -> None:
        """Put screens into a group, or (None) into none; on disk and told to them when this returns."""
        keys = [coordinator.screen.key for coordinator in coordinators]
        before = {key: self._store.screens[key] for key in keys}
        self._put(keys, group_id)
        try:
            await self._store.async_save()
        except HomeAssistantError:
            self._store.screens |= before
            raise
        self._tell(keys)

    async def async_fill(self, group_id: int, keys: Collection[str]) -> None:
        """Put these screens into a group, and no other; on disk and told to them when this returns."""
        inside = self.async_screens_of(group_id)
        come = [coordinator for key in keys if (coordinator := self._screens.get(key)) and key not in inside]
        if come:
            await self.async_assign(come, group_id)
        if go := [coordinator for key, coordinator in inside.items() if key not in keys]:
            await self.async_assign(go, None)

    @callback
    def async_intend(self, group_id: int, keys: Collection[str]) -> None:
        """Remember which screens a group is for that is about to be made."""
        self._intended[group_id] = keys

    def _put(self, keys: Iterable[str], group_id: int | None) -> None:
        """Note where screens belong."""
        screens = self._store.screens
        screens.update({key: replace(screens[key], group_id=group_id) for key in keys})

    def _tell(self, keys: Iterable[str]) -> None:
        """Show and publish where screens belong."""
        for key in keys:
            screen = self._store.screens[key]
            self.async_hold_id(screen)
            if coordinator := self._screens.get(key):
                coordinator.async_show(screen=replace(coordinator.screen, group_id=screen.group_id))
        async_dispatcher_send(self._hass, self.members_changed)

    @callback
    def async_hold_id(self, screen: Screen) -> None:
        """Let a screen's group stand on the broker, where the screen looks for it."""
        payload = b"" if screen.group_id is None else str(screen.group_id).encode()
        self._retained.async_hold(self._topics.group_id(screen.uuid), payload)


def _configured(subentry: ConfigSubentry) -> Group:
    """Return a group as it is configured."""
    return Group(
        group_id=subentry.data[CONF_GROUP_ID],
        name=subentry.data[CONF_NAME],
        subentry_id=subentry.subentry_id,
        holiday_calendar=subentry.data.get(CONF_HOLIDAY_CALENDAR),
        power_enabled=subentry.data.get(CONF_POWER_ENABLED, True),
        lead_minutes=subentry.data.get(CONF_LEAD, 0),
        lag_minutes=subentry.data.get(CONF_LAG, 0),
        tv_entities=tuple(subentry.data.get(CONF_TV_ENTITIES, ())),
    )
