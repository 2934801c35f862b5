"""Yes or no about a screen."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import override

from homeassistant.components.binary_sensor import (
    BinarySensorDeviceClass,
    BinarySensorEntity,
    BinarySensorEntityDescription,
)
from homeassistant.const import EntityCategory
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .coordinator import ScreenCoordinator
from .entity import ScreenEntity, async_add_for_screens
from .model.health import ScreenState
from .runtime import InfoscreenConfigEntry

PARALLEL_UPDATES = 0


@dataclass(frozen=True, kw_only=True)
class ScreenBinarySensorDescription(BinarySensorEntityDescription):
    """How to read a yes or no off a screen."""

    value_fn: Callable[[ScreenState], bool | None]


SCREEN = (
    ScreenBinarySensorDescription(
        key="connectivity",
        device_class=BinarySensorDeviceClass.CONNECTIVITY,
        entity_category=EntityCategory.DIAGNOSTIC,
        value_fn=lambda state: state.connected,
    ),
)


async def async_setup_entry(
    hass: HomeAssistant, entry: InfoscreenConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Add the binary sensors of screens."""

    def of_screen(coordinator: ScreenCoordinator) -> list[ScreenBinarySensor]:
        return [ScreenBinarySensor(coordinator, description) for description in SCREEN]

    async_add_for_screens(hass, entry, async_add_entities, of_screen)


class ScreenBinarySensor(ScreenEntity, BinarySensorEntity):
    """A yes or no about a screen."""

    entity_description: ScreenBinarySensorDescription

    @property
    @override
    def is_on(self) -> bool | None:
        return self.entity_description.value_fn(self.coordinator.data)

    @override
    def _shown(self) -> bool | None:
        return self.is_on
