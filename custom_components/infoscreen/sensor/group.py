"""What a group is to show."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, override

from homeassistant.components.sensor import SensorDeviceClass, SensorEntity, SensorEntityDescription
from homeassistant.util.signal_type import SignalType

from ..entity import GroupEntity, GroupPowerEntity
from ..model.fleet import Group
from ..model.power import PowerReason
from ..model.schedule.events import Event
from ..model.schedule.series import Occurrence
from ..runtime import InfoscreenConfigEntry

CURRENT_EVENT: Final = SensorEntityDescription(key="current_event")
NEXT_EVENT: Final = SensorEntityDescription(key="next_event", device_class=SensorDeviceClass.TIMESTAMP)

POWER_REASON: Final = SensorEntityDescription(
    key="power_reason", device_class=SensorDeviceClass.ENUM, options=[reason.value for reason in PowerReason]
)


class GroupCurrentEvent(GroupEntity, SensorEntity):
    """The event that a group is to show now."""

    def __init__(self, entry: InfoscreenConfigEntry, group: Group) -> None:
        super().__init__(entry, group, CURRENT_EVENT)

    @property
    @override
    def _signal(self) -> SignalType[()]:
        return self._entry.runtime_data.scheduler.shown_changed(self._group_id)

    @override
    def _shown(self) -> Event | None:
        shown = self._entry.runtime_data.scheduler.shown.get(self._group_id)
        return shown[0].event if shown else None

    @property
    @override
    def native_value(self) -> str | None:
        event = self._shown()
        return event.headline if event else None

    @property
    @override
    def extra_state_attributes(self) -> Mapping[str, Any]:
        event = self._shown()
        return {"event_id": event.event_id} if event else {}


class GroupNextEvent(GroupEntity, SensorEntity):
    """When the next event of a group begins."""

    def __init__(self, entry: InfoscreenConfigEntry, group: Group) -> None:
        super().__init__(entry, group, NEXT_EVENT)

    @property
    @override
    def _signal(self) -> SignalType[()]:
        return self._entry.runtime_data.scheduler.shown_changed(self._group_id)

    @override
    def _shown(self) -> Occurrence | None:
        return self._entry.runtime_data.scheduler.upcoming(self._group_id)

    @property
    @override
    def native_value(self) -> datetime | None:
        upcoming = self._shown()
        return upcoming.starts_at if upcoming else None

    @property
    @override
    def extra_state_attributes(self) -> Mapping[str, Any]:
        upcoming = self._shown()
        return {"event_id": upcoming.event_id, "title": upcoming.event.title} if upcoming else {}


class GroupPowerReason(GroupPowerEntity, SensorEntity):
    """Why the TVs of a group should be on or off; unknown where nobody tells them."""

    def __init__(self, entry: InfoscreenConfigEntry, group: Group) -> None:
        super().__init__(entry, group, POWER_REASON)

    @property
    @override
    def native_value(self) -> str | None:
        power = self._entry.runtime_data.power.async_power_of(self._group_id)
        return power.reason.value if power else None

    @override
    def _shown(self) -> str | None:
        return self.native_value
