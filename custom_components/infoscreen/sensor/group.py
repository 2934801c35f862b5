"""What a group is to show."""

from collections.abc import Mapping
from typing import Any, Final, override

from homeassistant.components.sensor import SensorEntity, SensorEntityDescription
from homeassistant.util.signal_type import SignalType

from ..entity import GroupEntity
from ..model.events import Event
from ..model.fleet import Group
from ..runtime import InfoscreenConfigEntry

CURRENT_EVENT: Final = SensorEntityDescription(key="current_event")


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
        return shown[0] if shown else None

    @property
    @override
    def native_value(self) -> str | None:
        event = self._shown()
        return event.title if event else None

    @property
    @override
    def extra_state_attributes(self) -> Mapping[str, Any]:
        event = self._shown()
        return {"event_id": event.event_id} if event else {}
