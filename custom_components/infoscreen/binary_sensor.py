"""Yes or no about the fleet, a screen or a group."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, override

from homeassistant.components.binary_sensor import (
    BinarySensorDeviceClass,
    BinarySensorEntity,
    BinarySensorEntityDescription,
)
from homeassistant.config_entries import ConfigEntry
from homeassistant.const import EntityCategory, Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.util.signal_type import SignalType

from .coordinator import ScreenCoordinator
from .entity import (
    FleetEntity,
    GroupEntity,
    GroupPowerEntity,
    ScreenEntity,
    async_add_for_groups,
    async_add_for_screens,
    async_add_where,
)
from .entries import is_ups_server
from .model.fleet import Group
from .model.health import ScreenState
from .model.tally import Trait
from .runtime import InfoscreenConfigEntry
from .ups.binary_sensor import binary_sensors
from .ups.entity import async_add_for_upses

PARALLEL_UPDATES = 0


@dataclass(frozen=True, kw_only=True)
class ScreenBinarySensorDescription(BinarySensorEntityDescription):
    """How to read a yes or no off a screen."""

    value_fn: Callable[[ScreenState], bool | None]
    attributes_fn: Callable[[ScreenState], Mapping[str, Any]] = lambda _state: {}


SCREEN = (
    ScreenBinarySensorDescription(
        key="connectivity",
        device_class=BinarySensorDeviceClass.CONNECTIVITY,
        entity_category=EntityCategory.DIAGNOSTIC,
        value_fn=lambda state: state.connected,
    ),
    ScreenBinarySensorDescription(
        key="service_failed",
        device_class=BinarySensorDeviceClass.PROBLEM,
        entity_category=EntityCategory.DIAGNOSTIC,
        value_fn=lambda state: state.screen.failure is not None,
        attributes_fn=lambda state: {
            "unit": state.screen.failure.unit if state.screen.failure else None,
            "failed_at": state.screen.failure.failed_at if state.screen.failure else None,
        },
    ),
)
POWER_MISMATCH = ScreenBinarySensorDescription(
    key="power_mismatch",
    device_class=BinarySensorDeviceClass.PROBLEM,
    entity_category=EntityCategory.DIAGNOSTIC,
    value_fn=lambda state: state.mismatch,
)
PROBLEM = BinarySensorEntityDescription(key="problem", device_class=BinarySensorDeviceClass.PROBLEM)
POWER_INTENT = BinarySensorEntityDescription(key="power_intent", device_class=BinarySensorDeviceClass.POWER)
BROKER_OUTAGE = BinarySensorEntityDescription(
    key="broker_outage",
    device_class=BinarySensorDeviceClass.PROBLEM,
    entity_category=EntityCategory.DIAGNOSTIC,
)


async def async_setup_entry(
    hass: HomeAssistant, entry: ConfigEntry[Any], async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Add the binary sensors of the fleet, its screens and its groups, or of UPSes."""
    if is_ups_server(entry.data):
        async_add_for_upses(entry, async_add_entities, partial(binary_sensors, entry))
        return

    def of_screen(coordinator: ScreenCoordinator) -> list[ScreenBinarySensor]:
        return [ScreenBinarySensor(coordinator, description) for description in SCREEN]

    mismatches = entry.runtime_data.mismatches

    def of_hardware(coordinator: ScreenCoordinator) -> ScreenBinarySensor | None:
        watched = mismatches.watches(coordinator.screen.key)
        return ScreenBinarySensor(coordinator, POWER_MISMATCH) if watched else None

    async_add_entities([BrokerOutage(entry)])
    async_add_where(
        entry,
        async_add_entities,
        mismatches.changed,
        Platform.BINARY_SENSOR,
        POWER_MISMATCH.key,
        of_hardware,
    )
    async_add_for_screens(hass, entry, async_add_entities, of_screen)
    async_add_for_groups(
        hass,
        entry,
        async_add_entities,
        lambda group: [GroupProblem(entry, group), GroupPowerIntent(entry, group)],
    )


class ScreenBinarySensor(ScreenEntity, BinarySensorEntity):
    """A yes or no about a screen."""

    entity_description: ScreenBinarySensorDescription

    @property
    @override
    def is_on(self) -> bool | None:
        return self.entity_description.value_fn(self.coordinator.data)

    @property
    @override
    def extra_state_attributes(self) -> Mapping[str, Any]:
        return self.entity_description.attributes_fn(self.coordinator.data)

    @override
    def _shown(self) -> object:
        return self.is_on, self.extra_state_attributes


class BrokerOutage(FleetEntity, BinarySensorEntity):
    """Whether nobody can know how any screen is: no connection, or all fell silent together."""

    def __init__(self, entry: InfoscreenConfigEntry) -> None:
        super().__init__(entry, BROKER_OUTAGE)

    @property
    @override
    def _signal(self) -> SignalType[()]:
        return self._entry.runtime_data.fleet.outage_changed

    @property
    @override
    def is_on(self) -> bool:
        return self._entry.runtime_data.fleet.listening_since is None

    @override
    def _shown(self) -> bool:
        return self.is_on


class GroupProblem(GroupEntity, BinarySensorEntity):
    """Whether a screen of the group is offline or critical; unknown while the broker is away."""

    def __init__(self, entry: InfoscreenConfigEntry, group: Group) -> None:
        super().__init__(entry, group, PROBLEM)

    @property
    @override
    def _signal(self) -> SignalType[()]:
        return self._entry.runtime_data.fleet.census.changed(self._group_id)

    @property
    @override
    def is_on(self) -> bool | None:
        fleet = self._entry.runtime_data.fleet
        tally = fleet.census.tally
        if fleet.listening_since is None and tally.count(Trait.SCREENS, self._group_id):
            return None
        return any(tally.count(trait, self._group_id) for trait in (Trait.OFFLINE, Trait.CRITICAL))

    @override
    def _shown(self) -> bool | None:
        return self.is_on


class GroupPowerIntent(GroupPowerEntity, BinarySensorEntity):
    """Whether the TVs of a group should be on; unknown where nobody tells them."""

    def __init__(self, entry: InfoscreenConfigEntry, group: Group) -> None:
        super().__init__(entry, group, POWER_INTENT)

    @property
    @override
    def is_on(self) -> bool | None:
        power = self._entry.runtime_data.power.async_power_of(self._group_id)
        return power.on if power else None

    @override
    def _shown(self) -> bool | None:
        return self.is_on
