"""The fleet: which screens and groups there are, and who belongs to whom."""

from collections import deque
from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import datetime

from homeassistant.config_entries import ConfigEntry, ConfigSubentry
from homeassistant.const import CONF_NAME
from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.dispatcher import async_dispatcher_send
from homeassistant.util.signal_type import SignalType

from .addresses import Addresses
from .census import Census
from .const import (
    CONF_GROUP_ID,
    CONF_HOLIDAY_CALENDAR,
    CONF_LAG,
    CONF_LEAD,
    CONF_POWER_ENABLED,
    CONF_TV_ENTITIES,
    DOMAIN,
    LOGGER,
    SUBENTRY_GROUP,
)
from .coordinator import ScreenCoordinator
from .devices import Devices
from .issues import async_forget_issues
from .model.fleet import MAX_NEW_SCREENS, Group, Screen, free_group_id, too_many
from .model.messages import Message
from .model.topics import Kind, Topics
from .retained import Retained
from .store import FleetStore


class Fleet:
    """All screens behind one broker and topic prefix, and the groups they are in."""

    def __init__(
        self, hass: HomeAssistant, entry: ConfigEntry, topics: Topics, retained: Retained, store: FleetStore
    ) -> None:
        self.hass = hass
        self._entry = entry
        self._retained = retained
        self._store = store
        self._devices = Devices(hass, entry)
        self._newcomers: deque[datetime] = deque(maxlen=MAX_NEW_SCREENS)
        self._intended: dict[int, Collection[str]] = {}  # the screens of groups that are about to be made
        self.topics = topics
        self.addresses = Addresses(hass, entry, store)
        self.moving: set[str] = set()  # screens that are about to take another's place, or to give theirs
        self.census = Census(hass, entry)
        self.listening_since: datetime | None = None
        self.screens: dict[str, ScreenCoordinator] = {}
        self.groups: dict[int, Group] = {}
        self.screen_added = SignalType[ScreenCoordinator](f"{DOMAIN}_{entry.entry_id}_screen_added")
        self.members_changed = SignalType[()](f"{DOMAIN}_{entry.entry_id}_members_changed")
        self.screen_removed = SignalType[str](f"{DOMAIN}_{entry.entry_id}_screen_removed")
        self.outage_changed = SignalType[()](f"{DOMAIN}_{entry.entry_id}_outage")
        self.group_added = SignalType[Group](f"{DOMAIN}_{entry.entry_id}_group_added")
        self.group_removed = SignalType[str](f"{DOMAIN}_{entry.entry_id}_group_removed")

    async def async_start(self) -> None:
        """Take up what was known before: the groups as configured, the screens as stored."""
        await self.async_read_groups()
        for screen in self._store.screens.values():
            self._add(screen)
            self._register(screen)
            self._hold_group_id(screen)

    @property
    def identifier(self) -> str:
        """Return what identifies the fleet's own device."""
        return self._entry.entry_id

    # Screens

    @callback
    def async_find(self, uuid: str) -> ScreenCoordinator | None:
        """Return the screen with this UUID, however it is spelled."""
        return self.screens.get(uuid.lower())

    @callback
    def async_is_forgotten(self, uuid: str) -> bool:
        """Tell whether a screen was deleted; it returns only by announcing itself."""
        return uuid.lower() in self._store.forgotten

    @callback
    def async_has_room(self, now: datetime) -> bool:
        """Tell whether one more screen may become known now."""
        return not too_many(self._newcomers, len(self.screens), now)

    @callback
    def async_welcome(self, uuid: str, kind: Kind, message: Message, now: datetime) -> ScreenCoordinator:
        """Make a screen known by the first thing it says; its device and entities follow."""
        self._newcomers.append(now)
        LOGGER.info("New screen %s", uuid)
        coordinator = self._add(Screen(uuid=uuid))
        coordinator.async_hear(kind, message, now)
        self._let_in(coordinator)
        return coordinator

    @callback
    def async_admit(self, screen: Screen) -> ScreenCoordinator:
        """Make a screen known that a person has let in; it was not heard yet."""
        LOGGER.info("Screen %s was let in", screen.uuid)
        coordinator = self._add(screen)
        self._let_in(coordinator)
        return coordinator

    def _let_in(self, coordinator: ScreenCoordinator) -> None:
        """Store a new screen and give it its device and entities."""
        self._store.forgotten.discard(coordinator.screen.key)
        self._store.replaced.pop(coordinator.screen.key, None)  # it is back, as a screen of its own
        self.async_keep(coordinator)
        self.async_tell_of(coordinator)

    async def async_succeed(self, old: str, screen: Screen) -> ScreenCoordinator:
        """Let a screen, already stored and registered, be where another one was."""
        await self.screens.pop(old).async_leave()
        self.addresses.async_release(old)
        for key in {old} | ({screen.key} & self.screens.keys()):  # what follows them begins anew
            async_dispatcher_send(self.hass, self.screen_removed, key)
        async_forget_issues(self.hass, self._entry.entry_id, old)
        if (coordinator := self.screens.get(screen.key)) is None:
            coordinator = self._add(screen)
        coordinator.async_show(screen=coordinator.screen.in_place_of(screen))
        self._register(screen)
        self._hold_group_id(screen)
        async_dispatcher_send(self.hass, self.members_changed)
        return coordinator

    @callback
    def async_spell(self, coordinator: ScreenCoordinator, uuid: str) -> None:
        """Take over how a screen spells its UUID, which a person gave before it spoke."""
        otherwise = self.topics.standing_of(coordinator.screen.uuid)
        coordinator.async_show(screen=replace(coordinator.screen, uuid=uuid))
        async_dispatcher_send(self.hass, self.members_changed)
        self.async_keep(coordinator)
        self._hold_group_id(coordinator.screen)
        self._entry.async_create_task(self.hass, self._retained.async_empty(otherwise), "clear a spelling")

    @callback
    def async_tell_of(self, coordinator: ScreenCoordinator) -> None:
        """Give a screen its entities."""
        async_dispatcher_send(self.hass, self.screen_added, coordinator)

    @callback
    def async_keep(self, coordinator: ScreenCoordinator) -> None:
        """Remember what a screen newly says of itself; where it belongs is not the screen's to say."""
        screen = coordinator.screen
        known = self._store.screens.get(screen.key)
        if known is not None:
            screen = replace(screen, group_id=known.group_id)
        if known is None or known.as_stored() != screen.as_stored():
            self._store.screens[screen.key] = screen
            self._store.async_save_soon()
            self._register(screen)

    async def async_forget(self, key: str) -> None:
        """Let a screen go: it stays unheard until it announces itself again."""
        if (coordinator := self.screens.pop(key, None)) is None:
            return
        async_dispatcher_send(self.hass, self.screen_removed, key)
        await coordinator.async_leave()
        self._store.screens.pop(key, None)
        self._store.commands = {
            command_id: command
            for command_id, command in self._store.commands.items()
            if command.uuid.lower() != key
        }
        self._store.forgotten.add(key)
        self._store.kept_apart.discard(key)
        async_forget_issues(self.hass, self._entry.entry_id, key)
        if heir := self.addresses.async_release(key):
            self._register(heir)
        async_dispatcher_send(self.hass, self.members_changed)
        await self._retained.async_empty(self.topics.standing_of(coordinator.screen.uuid))

    def _add(self, screen: Screen) -> ScreenCoordinator:
        coordinator = self.screens[screen.key] = ScreenCoordinator(
            self.hass, self._entry, self.census, screen
        )
        coordinator.async_listen_from(self.listening_since)
        async_dispatcher_send(self.hass, self.members_changed)
        return coordinator

    def _register(self, screen: Screen) -> None:
        """Register a screen's device; an address that another screen holds tells nobody apart."""
        self._devices.async_register_screen(screen, self.addresses.async_hold(screen))

    # Groups

    async def async_read_groups(self) -> None:
        """Take over the groups as they are configured now: new ones, new names, those that are gone."""
        before = self.groups
        groups = map(_configured, self._entry.get_subentries_of_type(SUBENTRY_GROUP))
        self.groups = {group.group_id: group for group in groups}
        for group_id, group in self.groups.items():
            if group != before.get(group_id):
                self._devices.async_register_group(group)
            if group_id not in before:
                async_dispatcher_send(self.hass, self.group_added, group)
        if before != self.groups:
            for coordinator in self.screens.values():
                coordinator.async_update_listeners()
        await self._drop_groups(self._store.group_ids - self.groups.keys())
        for group_id in self._intended.keys() & self.groups.keys():
            await self.async_fill(group_id, self._intended.pop(group_id))

    async def _drop_groups(self, gone: set[int]) -> None:
        """Clear up behind groups that are no more, and remember which there are."""
        if self._store.group_ids == self.groups.keys():
            return
        orphans = [key for key, screen in self._store.screens.items() if screen.group_id in gone]
        self._put(orphans, None)
        self._store.retired_group_ids |= gone
        self._store.group_ids = set(self.groups)
        if gone:
            await self._store.async_drop_events_of(gone)
        self._tell(orphans)
        for group_id in gone:
            async_dispatcher_send(self.hass, self.group_removed, f"{self._entry.entry_id}_group_{group_id}")
        await self._retained.async_empty(self.topics.events(group_id) for group_id in gone)

    @property
    def next_group_id(self) -> int:
        """Return an id that no group of this fleet ever had."""
        return free_group_id(self._used_group_ids)

    @property
    def _used_group_ids(self) -> set[int]:
        return self._store.group_ids | self._store.retired_group_ids | self.groups.keys()

    def async_was_group(self, group_id: int) -> bool:
        """Tell whether an id is or was a group's; it is never given again."""
        return group_id in self._used_group_ids

    @callback
    def async_screens_of(self, group_id: int) -> dict[str, ScreenCoordinator]:
        """Return the screens of a group."""
        return {
            key: coordinator
            for key, coordinator in self.screens.items()
            if coordinator.screen.group_id == group_id
        }

    @callback
    def async_group_named(self, wanted: str) -> Group | None:
        """Return the group with this name, or else with this id."""
        by_name = {group.name.casefold(): group for group in self.groups.values()}
        by_id = {str(group_id): group for group_id, group in self.groups.items()}
        return by_name.get(wanted.strip().casefold()) or by_id.get(wanted.strip())

    @callback
    def async_group_of(self, identifier: str) -> Group | None:
        """Return the group that a device of this fleet is or is in."""
        if coordinator := self.screens.get(identifier):
            return self.groups.get(coordinator.screen.group_id or 0)
        prefix, _, group_id = identifier.rpartition("_group_")
        return self.groups.get(int(group_id)) if prefix == self._entry.entry_id else None

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
        come = [coordinator for key in keys if (coordinator := self.screens.get(key)) and key not in inside]
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
            self._hold_group_id(screen)
            if coordinator := self.screens.get(key):
                coordinator.async_show(screen=replace(coordinator.screen, group_id=screen.group_id))
        async_dispatcher_send(self.hass, self.members_changed)

    def _hold_group_id(self, screen: Screen) -> None:
        """Let a screen's group stand on the broker, where the screen looks for it."""
        payload = b"" if screen.group_id is None else str(screen.group_id).encode()
        self._retained.async_hold(self.topics.group_id(screen.uuid), payload)

    @callback
    def async_repeat_group_id(self, coordinator: ScreenCoordinator) -> None:
        """Publish a screen's group once more, for one that has just announced itself."""
        self._hold_group_id(coordinator.screen)

    @callback
    def async_went_off(self, coordinator: ScreenCoordinator, moment: datetime) -> None:
        """Expect a screen to be silent: a command has shut it down."""
        coordinator.async_show(screen=replace(coordinator.screen, off_since=moment))
        self.async_keep(coordinator)


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
