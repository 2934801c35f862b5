"""What the policy for outages looks at: which UPS feeds what, how screens are, and who tells of changes."""

from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import datetime

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import CALLBACK_TYPE, Event, HomeAssistant, callback
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers.dispatcher import async_dispatcher_connect
from homeassistant.helpers.event import async_track_device_registry_updated_event

from .commander import Commander
from .coordinator import ScreenCoordinator
from .feeds import Feeds
from .fleet import Fleet
from .model.commands import Command
from .model.health import SHUTDOWN_QUIET
from .model.lifecycle import Action
from .model.policy.world import Feed, Seen, World
from .model.power import Target
from .model.ups.device import Ups
from .nut.coordinator import asked
from .nut.devices import find_ups
from .plugs import Plugs


class Surroundings:
    """The surroundings of one fleet."""

    def __init__(
        self, hass: HomeAssistant, entry: ConfigEntry, fleet: Fleet, commander: Commander, plugs: Plugs
    ) -> None:
        self._hass = hass
        self._entry = entry
        self._fleet = fleet
        self._commander = commander
        self._plugs = plugs
        self._look: Callable[[], None] = lambda: None
        self._stop: CALLBACK_TYPE = lambda: None
        self._servers: dict[str, CALLBACK_TYPE] = {}
        self._watched: dict[str, CALLBACK_TYPE] = {}
        self.feeds = Feeds.of(hass, entry)

    @callback
    def async_start(self, look: Callable[[], None]) -> None:
        """Call somebody whenever anything may have changed."""
        self._look = look
        for signal in (
            self._commander.changed,
            self._fleet.outage_changed,
            self._fleet.groups.members_changed,
        ):
            self._entry.async_on_unload(async_dispatcher_connect(self._hass, signal, look))
        self._entry.async_on_unload(self._leave_all)
        self.async_read()

    @callback
    def async_read(self) -> None:
        """Take over what is configured now, and follow the servers of the UPSes in it."""
        self.feeds = Feeds.of(self._hass, self._entry)
        self._stop()
        self._stop = async_track_device_registry_updated_event(
            self._hass, self.feeds.named, self._ups_changed
        )
        devices = dr.async_get(self._hass)
        used = {device.config_entry_id for ups in self.feeds.upses if (device := devices.async_get(ups))}
        for entry_id in self._servers.keys() - used:
            self._servers.pop(entry_id)()
        for entry_id in used - self._servers.keys():
            self._servers[entry_id] = async_dispatcher_connect(self._hass, asked(entry_id), self._look)

    @callback
    def _ups_changed(self, event: Event[dr.EventDeviceRegistryUpdatedData]) -> None:
        """Let go of what a UPS feeds that was deleted, and mind it again when that is back under its id."""
        if event.data["action"] != "update":
            self.async_read()
            self._look()

    @callback
    def async_watch(self, keys: Collection[str]) -> None:
        """Follow these screens and no other."""
        for key in self._watched.keys() - keys:
            self._watched.pop(key)()
        for key in keys - self._watched.keys():
            self._watched[key] = self._fleet.screens[key].async_add_listener(self._look)

    def ups(self, device_id: str) -> Ups | None:
        """Return a UPS, None while nothing is known of it."""
        found = find_ups(self._hass, device_id)
        if found is None:
            return None
        entry, key = found
        ups: Ups | None = entry.runtime_data.coordinator.data.get(key)
        return ups

    @property
    def commands(self) -> Mapping[str, list[Command]]:
        """Return what is remembered of the commands to each screen."""
        return self._commander.ledger.async_by_screen()

    def world(self) -> World:
        """Return how everything is now."""
        return World(
            tvs=dict(self._tvs()),
            screens={key: self._seen(coordinator) for key, coordinator in self._fleet.screens.items()},
            ready=self._fleet.listening_since is not None,
        )

    def _tvs(self) -> Iterator[tuple[Target, Feed]]:
        """Yield the TVs that a UPS feeds: of groups, and of screens on another one than their group."""
        for group_id in self._fleet.groups:
            if feed := self.feeds.of_group(group_id):
                yield group_id, feed
        for key, coordinator in self._fleet.screens.items():
            theirs = coordinator.screen.group_id
            if self.feeds.is_apart(key, theirs) and (feed := self.feeds.of_screen(key, theirs)):
                yield key, feed

    def _seen(self, coordinator: ScreenCoordinator) -> Seen:
        screen = coordinator.screen
        shutdowns = [
            command
            for command in self._commander.ledger.async_open(screen.key)
            if command.action is Action.SHUTDOWN_HOST and not command.settled
        ]
        off_since: datetime | None = screen.off_since
        return Seen(
            key=screen.key,
            feed=self.feeds.of_screen(screen.key, screen.group_id) if screen.heard else None,
            there=coordinator.data.connected,
            off=off_since is not None,
            going=bool(shutdowns),
            counts=any(not command.late for command in shutdowns),
            quiet_from=off_since + SHUTDOWN_QUIET if off_since else None,
            plug=self._plugs.plug_of(screen.key),
        )

    @callback
    def _leave_all(self) -> None:
        self._stop()
        for unfollow in [*self._servers.values(), *self._watched.values()]:
            unfollow()
