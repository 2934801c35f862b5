"""Publishes what each group shows: wakes at the next change, and sleeps until then."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.dispatcher import async_dispatcher_send
from homeassistant.util import dt as dt_util
from homeassistant.util.signal_type import SignalType

from .alarm import Alarm
from .const import DOMAIN
from .fleet import Fleet
from .model.events import Event
from .model.schedule import active_at, next_change
from .model.wire import as_json
from .retained import Retained
from .store import FleetStore


class Scheduler:
    """The schedules of all groups of one fleet."""

    def __init__(
        self, hass: HomeAssistant, entry: ConfigEntry, retained: Retained, fleet: Fleet, store: FleetStore
    ) -> None:
        self._hass = hass
        self._entry = entry
        self._retained = retained
        self._fleet = fleet
        self._store = store
        self._alarm = Alarm(hass, entry, "what is shown changes", self.async_look)
        self.shown: dict[int, list[Event]] = {}

    def shown_changed(self, group_id: int) -> SignalType[()]:
        """Return the signal that what a group shows has changed."""
        return SignalType(f"{DOMAIN}_{self._entry.entry_id}_group_{group_id}_shown")

    def event(self, event_id: int) -> Event | None:
        """Return an event of this fleet."""
        return self._store.events.get(event_id)

    async def async_add(self, draft: Event, group_ids: Iterable[int]) -> dict[int, int]:
        """Add an event to each of some groups; return the new ids by group once all are on disk."""
        added = {}
        for group_id in group_ids:
            self._store.last_event_id += 1
            event = replace(draft, event_id=self._store.last_event_id, group_id=group_id)
            self._store.events[event.event_id] = event
            added[group_id] = event.event_id
        try:
            await self._store.async_save_schedule()
        except HomeAssistantError:
            for event_id in added.values():
                del self._store.events[event_id]
            raise
        self.async_look(dt_util.utcnow())
        return added

    @callback
    def async_look(self, now: datetime) -> None:
        """Publish the groups whose list has changed, and wake again at the next change."""
        before, self.shown = self.shown, {group_id: [] for group_id in self._fleet.groups}
        for event in active_at(self._store.events.values(), now):
            self.shown[event.group_id].append(event)
        for group_id, events in self.shown.items():
            if before.get(group_id) != events:
                payload = as_json([event.payload() for event in events])
                self._retained.async_hold(self._fleet.topics.events(group_id), payload)
                async_dispatcher_send(self._hass, self.shown_changed(group_id))
        self._alarm.async_set(next_change(self._store.events.values(), now))
