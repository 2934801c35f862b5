"""What screens and groups show and how they are."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, override

from homeassistant.components.sensor import SensorDeviceClass, SensorEntity, SensorEntityDescription
from homeassistant.const import EntityCategory
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.dispatcher import async_dispatcher_connect
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .coordinator import ScreenCoordinator
from .entity import GroupEntity, ScreenEntity, async_add_for_groups, async_add_for_screens
from .model.commands import State
from .model.events import Event
from .model.fleet import Group
from .model.health import ScreenState, Status
from .model.messages import NOTHING, ProcessStatus
from .runtime import InfoscreenConfigEntry

PARALLEL_UPDATES = 0


@dataclass(frozen=True, kw_only=True)
class ScreenSensorDescription(SensorEntityDescription):
    """How to read a value off a screen."""

    value_fn: Callable[[ScreenState], str | None]
    attributes_fn: Callable[[ScreenState], Mapping[str, Any]] = lambda _state: {}
    reported: bool = False  # by the screen itself, so not to be had while it is away


STATUS = ScreenSensorDescription(
    key="status",
    device_class=SensorDeviceClass.ENUM,
    options=list(Status),
    value_fn=lambda state: state.status,
    attributes_fn=lambda state: {"reasons": list(state.reasons)},
)
SCREEN = (
    ScreenSensorDescription(
        key="process_status",
        device_class=SensorDeviceClass.ENUM,
        entity_category=EntityCategory.DIAGNOSTIC,
        options=list(ProcessStatus),
        value_fn=lambda state: state.screen.process_status,
        reported=True,
    ),
    ScreenSensorDescription(
        key="screen_health",
        device_class=SensorDeviceClass.ENUM,
        entity_category=EntityCategory.DIAGNOSTIC,
        options=["ok", "black", "frozen"],
        value_fn=lambda state: state.screen.picture,
        attributes_fn=lambda state: {
            "screen_on": state.screen.screen_on,
            "last_frame_update": state.screen.last_frame_update,
        },
        reported=True,
    ),
    ScreenSensorDescription(
        key="last_command",
        device_class=SensorDeviceClass.ENUM,
        entity_category=EntityCategory.DIAGNOSTIC,
        options=list(State),
        value_fn=lambda state: state.command.state if state.command else None,
        attributes_fn=lambda state: state.command.told if state.command else {},
    ),
)
CURRENT_EVENT = SensorEntityDescription(key="current_event")


async def async_setup_entry(
    hass: HomeAssistant, entry: InfoscreenConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Add the sensors of screens and groups."""

    def of_screen(coordinator: ScreenCoordinator) -> list[ScreenEntity]:
        values = [ScreenSensor(coordinator, description) for description in SCREEN]
        return [ScreenStatus(coordinator, STATUS), *values, ScreenCurrentEvent(entry, coordinator)]

    def of_group(group: Group) -> list[GroupCurrentEvent]:
        return [GroupCurrentEvent(entry, group, CURRENT_EVENT)]

    async_add_for_screens(hass, entry, async_add_entities, of_screen)
    async_add_for_groups(hass, entry, async_add_entities, of_group)


class ScreenSensor(ScreenEntity, SensorEntity):
    """A value of a screen."""

    entity_description: ScreenSensorDescription

    @property
    @override
    def available(self) -> bool:
        return not self.entity_description.reported or self.coordinator.data.connected is True

    @property
    @override
    def native_value(self) -> str | None:
        return self.entity_description.value_fn(self.coordinator.data)

    @property
    @override
    def extra_state_attributes(self) -> Mapping[str, Any]:
        return self.entity_description.attributes_fn(self.coordinator.data)

    @override
    def _shown(self) -> object:
        return self.native_value, self.entity_description.attributes_fn(self.coordinator.data)


class ScreenStatus(ScreenSensor):
    """How a screen is doing; when it was last heard is written along, and is no change by itself."""

    @property
    @override
    def extra_state_attributes(self) -> Mapping[str, Any]:
        return {**super().extra_state_attributes, "last_seen": self.coordinator.pulse.last_seen}


class ScreenCurrentEvent(ScreenEntity, SensorEntity):
    """The event that a screen says it shows."""

    def __init__(self, entry: InfoscreenConfigEntry, coordinator: ScreenCoordinator) -> None:
        super().__init__(coordinator, CURRENT_EVENT)
        self._scheduler = entry.runtime_data.scheduler

    @property
    @override
    def available(self) -> bool:
        return self.coordinator.data.connected is True

    @property
    def _event_id(self) -> int | None:
        event_id = self.coordinator.screen.current_event
        return None if event_id is NOTHING else event_id

    @property
    @override
    def native_value(self) -> str | None:
        if (event_id := self._event_id) is None:
            return None
        event = self._scheduler.event(event_id)
        return event.title if event else str(event_id)

    @property
    @override
    def extra_state_attributes(self) -> Mapping[str, Any]:
        return {"event_id": self._event_id}

    @override
    def _shown(self) -> object:
        return self.native_value, self._event_id


class GroupCurrentEvent(GroupEntity, SensorEntity):
    """The event that a group is to show now."""

    @override
    async def async_added_to_hass(self) -> None:
        signal = self._entry.runtime_data.scheduler.shown_changed(self._group_id)
        self.async_on_remove(async_dispatcher_connect(self.hass, signal, self._handle_change))

    @callback
    def _handle_change(self) -> None:
        self.async_write_ha_state()

    @property
    def _event(self) -> Event | None:
        shown = self._entry.runtime_data.scheduler.shown.get(self._group_id)
        return shown[0] if shown else None

    @property
    @override
    def native_value(self) -> str | None:
        return self._event.title if self._event else None

    @property
    @override
    def extra_state_attributes(self) -> Mapping[str, Any]:
        return {"event_id": self._event.event_id} if self._event else {}
