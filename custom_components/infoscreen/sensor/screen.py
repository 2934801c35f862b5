"""What a screen says of itself, and how it is."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, override

from homeassistant.components.sensor import (
    SensorDeviceClass,
    SensorEntity,
    SensorEntityDescription,
    SensorStateClass,
)
from homeassistant.const import EntityCategory

from ..coordinator import ScreenCoordinator
from ..entity import ScreenEntity
from ..model.fleet import Screen
from ..model.health import ScreenState, Status
from ..model.lifecycle import State
from ..model.messages import NOTHING, EventId, ProcessStatus
from ..runtime import InfoscreenConfigEntry


def _nothing(_state: ScreenState) -> Mapping[str, Any]:
    """Return no attributes."""
    return {}


@dataclass(frozen=True, kw_only=True)
class ScreenSensorDescription(SensorEntityDescription):
    """How to read a value off a screen."""

    value_fn: Callable[[ScreenState], str | int | datetime | None]
    attributes_fn: Callable[[ScreenState], Mapping[str, Any]] = _nothing
    along_fn: Callable[[ScreenState], Mapping[str, Any]] = _nothing  # written along, no change by themselves
    reported: bool = False  # by the screen itself, so not to be had while it is away


@dataclass(frozen=True, kw_only=True)
class ScreenEventDescription(SensorEntityDescription):
    """Which event's title is shown."""

    event_fn: Callable[[Screen], EventId]


def _detail(key: str, **how: Any) -> ScreenSensorDescription:
    """Return what only somebody who looks into a fault wants to see."""
    return ScreenSensorDescription(
        key=key,
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=False,
        **how,
    )


STATUS: Final = ScreenSensorDescription(
    key="status",
    device_class=SensorDeviceClass.ENUM,
    options=list(Status),
    value_fn=lambda state: state.status,
    attributes_fn=lambda state: {"reasons": list(state.reasons)},
)
SCREEN: Final = (
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
        attributes_fn=lambda state: {"screen_on": state.screen.screen_on},
        along_fn=lambda state: {"last_frame_update": state.screen.last_frame_update},
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
    ScreenSensorDescription(
        key="errors_24h",
        state_class=SensorStateClass.MEASUREMENT,
        entity_category=EntityCategory.DIAGNOSTIC,
        value_fn=lambda state: state.logs.errors,
    ),
    _detail(
        "warnings_24h",
        state_class=SensorStateClass.MEASUREMENT,
        value_fn=lambda state: state.logs.warnings,
    ),
    _detail(
        "last_screenshot",
        device_class=SensorDeviceClass.TIMESTAMP,
        value_fn=lambda state: state.album.latest.received_at if state.album.latest else None,
    ),
    _detail("current_process", value_fn=lambda state: state.screen.process, reported=True),
    _detail("process_pid", value_fn=lambda state: state.screen.pid, reported=True),
    _detail(
        "mqtt_reconnects",
        state_class=SensorStateClass.TOTAL_INCREASING,
        value_fn=lambda state: state.screen.mqtt_reconnects,
    ),
    _detail(
        "mqtt_last_disconnect",
        device_class=SensorDeviceClass.TIMESTAMP,
        value_fn=lambda state: state.screen.mqtt_last_disconnect,
    ),
    _detail("ip_address", value_fn=lambda state: state.screen.ip),
    _detail("software_version", value_fn=lambda state: state.screen.software_version),
)
LAST_HEARTBEAT: Final = SensorEntityDescription(
    key="last_heartbeat",
    device_class=SensorDeviceClass.TIMESTAMP,
    entity_category=EntityCategory.DIAGNOSTIC,
    entity_registry_enabled_default=False,
)
EVENTS: Final = (
    ScreenEventDescription(key="current_event", event_fn=lambda screen: screen.current_event),
    ScreenEventDescription(
        key="expected_event",
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=False,
        event_fn=lambda screen: screen.expected_event,
    ),
)


class ScreenSensor(ScreenEntity, SensorEntity):
    """A value of a screen."""

    _unrecorded_attributes = frozenset({"last_seen", "last_frame_update"})  # another value at each write
    entity_description: ScreenSensorDescription

    @property
    @override
    def available(self) -> bool:
        return not self.entity_description.reported or self.coordinator.data.connected is True

    @property
    @override
    def native_value(self) -> str | int | datetime | None:
        return self.entity_description.value_fn(self.coordinator.data)

    @property
    @override
    def extra_state_attributes(self) -> Mapping[str, Any]:
        state, description = self.coordinator.data, self.entity_description
        return {**description.attributes_fn(state), **description.along_fn(state)}

    @override
    def _shown(self) -> object:
        return self.native_value, self.entity_description.attributes_fn(self.coordinator.data)


class ScreenStatus(ScreenSensor):
    """How a screen is doing; when it was last heard is written along, and is no change by itself."""

    @property
    @override
    def extra_state_attributes(self) -> Mapping[str, Any]:
        return {**super().extra_state_attributes, "last_seen": self.coordinator.pulse.last_seen}


class LastHeartbeat(ScreenEntity, SensorEntity):
    """When a screen last sent a heartbeat: new with each, and so told to this entity alone."""

    def __init__(self, coordinator: ScreenCoordinator) -> None:
        super().__init__(coordinator, LAST_HEARTBEAT)

    @override
    async def async_added_to_hass(self) -> None:
        await super().async_added_to_hass()
        self.async_on_remove(self.coordinator.async_follow_heartbeats(self._handle_coordinator_update))

    @property
    @override
    def native_value(self) -> datetime | None:
        return self.coordinator.last_heartbeat

    @override
    def _shown(self) -> object:
        return self.native_value


class ScreenEvent(ScreenEntity, SensorEntity):
    """An event that a screen speaks of, by its title where we know it."""

    entity_description: ScreenEventDescription

    def __init__(
        self,
        entry: InfoscreenConfigEntry,
        coordinator: ScreenCoordinator,
        description: ScreenEventDescription,
    ) -> None:
        super().__init__(coordinator, description)
        self._scheduler = entry.runtime_data.scheduler

    @property
    @override
    def available(self) -> bool:
        return self.coordinator.data.connected is True

    @property
    def _event_id(self) -> int | None:
        event_id = self.entity_description.event_fn(self.coordinator.screen)
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
