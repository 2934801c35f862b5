"""What all entities share, how they come and go with their screens and groups, and how refusals are told."""

from abc import abstractmethod
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, override

from homeassistant.const import Platform
from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.device_registry import DeviceInfo
from homeassistant.helpers.dispatcher import async_dispatcher_connect
from homeassistant.helpers.entity import Entity, EntityDescription
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.helpers.update_coordinator import CoordinatorEntity, DataUpdateCoordinator
from homeassistant.util.signal_type import SignalType

from .const import DOMAIN
from .coordinator import ScreenCoordinator
from .devices import Identifier, fleet_identifier, group_identifier, link, screen_identifier
from .model.errors import Refused
from .model.fleet import Group
from .runtime import InfoscreenConfigEntry


class ShowingEntity[Coordinator: DataUpdateCoordinator[Any]](CoordinatorEntity[Coordinator]):
    """Something of a coordinator; it writes its state when what it shows has changed, and only then."""

    _attr_has_entity_name = True
    _last_shown: object = None

    @override
    async def async_added_to_hass(self) -> None:
        await super().async_added_to_hass()
        self._last_shown = self.available, self._shown()

    @abstractmethod
    def _shown(self) -> object:
        """Return what a write is worth: equal values are the same state."""

    @callback
    @override
    def _handle_coordinator_update(self) -> None:
        shown = self.available, self._shown()
        if shown != self._last_shown:
            self._last_shown = shown
            self.async_write_ha_state()


class ScreenEntity(ShowingEntity[ScreenCoordinator]):
    """Something of one screen."""

    def __init__(self, coordinator: ScreenCoordinator, description: EntityDescription) -> None:
        super().__init__(coordinator)
        screen = coordinator.screen
        self.entity_description = description
        self._attr_unique_id = f"{screen.key}_{description.key}"
        self._attr_translation_key = description.key

    @property
    @override
    def device_info(self) -> DeviceInfo:
        """Say where the entity belongs: asked once, when it is added, and so kept by none of thousands."""
        return link(screen_identifier(self.coordinator.screen))


class SignalledEntity(Entity):
    """Something of a fleet or a group; on a signal it writes its state, if what it shows has changed."""

    _attr_has_entity_name = True
    _attr_should_poll = False

    def __init__(
        self, entry: InfoscreenConfigEntry, owner: str, identifier: Identifier, description: EntityDescription
    ) -> None:
        self.entity_description = description
        self._entry = entry
        self._attr_unique_id = f"{owner}_{description.key}"
        self._attr_translation_key = description.key
        self._attr_device_info = link(identifier)
        self._last_shown: object = None

    @property
    def _signal(self) -> SignalType[()] | None:
        """Return what says that there may be something new to show."""
        return None

    def _shown(self) -> object:
        """Return what a write is worth: equal values are the same state."""
        return None

    @override
    async def async_added_to_hass(self) -> None:
        self._last_shown = self._shown()
        if self._signal is not None:
            self.async_on_remove(async_dispatcher_connect(self.hass, self._signal, self._handle_signal))

    @callback
    def _handle_signal(self) -> None:
        shown = self._shown()
        if shown != self._last_shown:
            self._last_shown = shown
            self.async_write_ha_state()


class FleetEntity(SignalledEntity):
    """Something of a whole fleet."""

    def __init__(self, entry: InfoscreenConfigEntry, description: EntityDescription) -> None:
        super().__init__(entry, entry.entry_id, fleet_identifier(entry), description)


class GroupEntity(SignalledEntity):
    """Something of one group."""

    def __init__(self, entry: InfoscreenConfigEntry, group: Group, description: EntityDescription) -> None:
        owner = f"{entry.entry_id}_group_{group.group_id}"
        super().__init__(entry, owner, group_identifier(entry, group.group_id), description)
        self._group_id = group.group_id


class GroupPowerEntity(GroupEntity):
    """Something of what a group's TVs are told; it hears of each change."""

    @property
    @override
    def _signal(self) -> SignalType[()]:
        return self._entry.runtime_data.power.changed(self._group_id)


@callback
def async_add_for_screens(
    hass: HomeAssistant,
    entry: InfoscreenConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
    make: Callable[[ScreenCoordinator], Iterable[Entity]],
) -> None:
    """Add the entities of every screen: of the known ones now, of others whenever they come or return."""
    fleet = entry.runtime_data.fleet
    async_add_entities([entity for coordinator in fleet.screens.values() for entity in make(coordinator)])

    @callback
    def added(coordinator: ScreenCoordinator) -> None:
        async_add_entities(make(coordinator))

    entry.async_on_unload(async_dispatcher_connect(hass, fleet.screen_added, added))


@callback
def async_add_for_groups(
    hass: HomeAssistant,
    entry: InfoscreenConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
    make: Callable[[Group], Iterable[Entity]],
) -> None:
    """Add the entities of every group: of those there are now, and of those made later."""
    fleet = entry.runtime_data.fleet

    @callback
    def added(group: Group) -> None:
        async_add_entities(make(group), config_subentry_id=group.subentry_id)

    for group in fleet.groups.values():
        added(group)
    entry.async_on_unload(async_dispatcher_connect(hass, fleet.groups.added, added))


class HardwareEntities:
    """Gives each screen an entity of one kind where its hardware allows for one, and takes it away again.

    A device is of one subentry at most, and screens are of none: so these entities are of the fleet's entry,
    and go when what they are about does.
    """

    def __init__(
        self,
        entry: InfoscreenConfigEntry,
        async_add_entities: AddConfigEntryEntitiesCallback,
        platform: Platform,
        key: str,
        make: Callable[[ScreenCoordinator], Entity | None],
    ) -> None:
        self._entry = entry
        self._fleet = entry.runtime_data.fleet
        self._async_add_entities = async_add_entities
        self._platform = platform
        self._key = key
        self._make = make
        self._there: set[str] = set()

    @callback
    def async_follow(self, changed: SignalType[()]) -> None:
        """Look now, and whenever hardware is configured anew or a screen comes."""
        hass, unload = self._fleet.hass, self._entry.async_on_unload
        self._look_at_all()
        unload(async_dispatcher_connect(hass, changed, self._look_at_all))
        unload(async_dispatcher_connect(hass, self._fleet.screen_added, self._look_at_new))

    @callback
    def _look_at_all(self) -> None:
        fleet = self._fleet
        for screen_key in sorted(fleet.screens.keys() - fleet.moving):  # those are looked at in their place
            self._look_at(fleet.screens[screen_key])

    @callback
    def _look_at_new(self, coordinator: ScreenCoordinator) -> None:
        self._there.discard(coordinator.screen.key)  # it may be back, and its entities went with it
        self._look_at(coordinator)

    def _look_at(self, coordinator: ScreenCoordinator) -> None:
        screen_key = coordinator.screen.key
        if (entity := self._make(coordinator)) is None:
            self._there.discard(screen_key)
            registry, unique_id = er.async_get(self._fleet.hass), f"{screen_key}_{self._key}"
            if entity_id := registry.async_get_entity_id(self._platform, DOMAIN, unique_id):
                registry.async_remove(entity_id)
        elif screen_key not in self._there:
            self._there.add(screen_key)
            self._async_add_entities([entity])


@contextmanager
def refusals_told() -> Iterator[None]:
    """Tell a refusal of the model in the words of the person who asked."""
    try:
        yield
    except Refused as err:
        raise ServiceValidationError(
            translation_domain=DOMAIN, translation_key=err.key, translation_placeholders=err.placeholders
        ) from err
