"""What a group is to show."""

from collections.abc import Mapping
from typing import Any, Final, override

from homeassistant.components.sensor import SensorEntity, SensorEntityDescription
from homeassistant.helpers.dispatcher import async_dispatcher_connect

from ..entity import GroupEntity
from ..model.events import Event
from ..model.fleet import Group
from ..runtime import InfoscreenConfigEntry

CURRENT_EVENT: Final = SensorEntityDescription(key="current_event")


class GroupCurrentEvent(GroupEntity, SensorEntity):
    """The event that a group is to show now."""

    def __init__(self, entry: InfoscreenConfigEntry, group: Group) -> None:
        super().__init__(entry, group, CURRENT_EVENT)

    @override
    async def async_added_to_hass(self) -> None:
        signal = self._entry.runtime_data.scheduler.shown_changed(self._group_id)
        self.async_on_remove(async_dispatcher_connect(self.hass, signal, self.async_write_ha_state))

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
