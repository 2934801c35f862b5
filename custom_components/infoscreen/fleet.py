"""The fleet: which screens there are, and how they come and go."""

from collections import deque
from dataclasses import replace
from datetime import datetime

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.dispatcher import async_dispatcher_send
from homeassistant.util.signal_type import SignalType

from .addresses import Addresses
from .census import Census
from .const import DOMAIN, LOGGER
from .coordinator import ScreenCoordinator
from .devices import Devices
from .groups import Groups
from .issues import async_forget_issues
from .model.fleet import MAX_NEW_SCREENS, Screen, too_many
from .model.messages import Message
from .model.topics import Kind, Topics
from .retained import Retained
from .settling import Settling
from .store import FleetStore


class Fleet:
    """All screens behind one broker and topic prefix, and the groups they are in."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry,
        settling: Settling,
        topics: Topics,
        retained: Retained,
        store: FleetStore,
    ) -> None:
        self.hass = hass
        self._entry = entry
        self._retained = retained
        self._store = store
        self._devices = Devices(hass, entry)
        self._newcomers: deque[datetime] = deque(maxlen=MAX_NEW_SCREENS)
        self.topics = topics
        self.addresses = Addresses(hass, entry, store)
        # Screens that are about to take another's place, to give theirs, or to go
        self.moving: set[str] = set()
        self.settling = settling
        self.census = Census(hass, entry, settling)
        self.listening_since: datetime | None = None
        self.screens: dict[str, ScreenCoordinator] = {}
        self.groups = Groups(hass, entry, topics, retained, store, self.screens)
        self.screen_added = SignalType[ScreenCoordinator](f"{DOMAIN}_{entry.entry_id}_screen_added")
        self.screen_removed = SignalType[str](f"{DOMAIN}_{entry.entry_id}_screen_removed")
        self.outage_changed = SignalType[()](f"{DOMAIN}_{entry.entry_id}_outage")

    async def async_start(self) -> None:
        """Take up what was known before: the groups as configured, the screens as stored."""
        await self.async_read_groups()
        for screen in self._store.screens.values():
            self._add(screen)
            self._register(screen)
            self.groups.async_hold_id(screen)

    async def async_read_groups(self) -> None:
        """Take over the groups as they are configured now."""
        await self.groups.async_read(self._devices)

    @property
    def identifier(self) -> str:
        """Return what identifies the fleet's own device."""
        return self._entry.entry_id

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
        self.groups.async_hold_id(screen)
        async_dispatcher_send(self.hass, self.groups.members_changed)
        return coordinator

    @callback
    def async_spell(self, coordinator: ScreenCoordinator, uuid: str) -> None:
        """Take over how a screen spells its UUID, which a person gave before it spoke."""
        otherwise = self.topics.standing_of(coordinator.screen.uuid)
        coordinator.async_show(screen=replace(coordinator.screen, uuid=uuid))
        async_dispatcher_send(self.hass, self.groups.members_changed)
        self.async_keep(coordinator)
        self.groups.async_hold_id(coordinator.screen)
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

    @callback
    def async_went_off(self, coordinator: ScreenCoordinator, moment: datetime) -> None:
        """Expect a screen to be silent: a command has shut it down."""
        coordinator.async_show(screen=replace(coordinator.screen, off_since=moment))
        self.async_keep(coordinator)

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
        async_dispatcher_send(self.hass, self.groups.members_changed)
        await self._retained.async_empty(self.topics.standing_of(coordinator.screen.uuid))

    def _add(self, screen: Screen) -> ScreenCoordinator:
        coordinator = self.screens[screen.key] = ScreenCoordinator(
            self.hass, self._entry, self.settling, self.census, screen
        )
        coordinator.async_listen_from(self.listening_since)
        async_dispatcher_send(self.hass, self.groups.members_changed)
        return coordinator

    def _register(self, screen: Screen) -> None:
        """Register a screen's device; an address that another screen holds tells nobody apart."""
        self._devices.async_register_screen(screen, self.addresses.async_hold(screen))
