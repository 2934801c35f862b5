"""Tells of groups for which something is planned that nobody can see: they have no screens."""

from datetime import datetime, timedelta
from functools import partial
from typing import Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers.dispatcher import async_dispatcher_connect
from homeassistant.util import dt as dt_util

from .alarm import Alarm
from .const import DOMAIN, GROUP_DESERTED_AFTER
from .fleet import Fleet
from .issues import async_raise_issue
from .model.fleet import Group
from .scheduler import Scheduler
from .store import FleetStore

DESERTED: Final = "group_deserted"
# Screens move in swarms: one look serves them all.
_SOON: Final = timedelta(minutes=1)


class Deserted:
    """Keeps since when each group has no screens, and lets a repair stand where that has been too long."""

    def __init__(
        self, hass: HomeAssistant, entry: ConfigEntry, fleet: Fleet, store: FleetStore, scheduler: Scheduler
    ) -> None:
        self._hass = hass
        self._entry = entry
        self._fleet = fleet
        self._store = store
        self._scheduler = scheduler
        self._soon = Alarm(hass, entry, "a group may have no screens", self._look)
        self._alarm = Alarm(hass, entry, "a group has had no screens for too long", self._look)

    @callback
    def async_start(self) -> None:
        """Look now, and whenever screens move or something is planned."""
        groups = self._fleet.groups
        for group in groups.values():
            self._follow(group)
        for signal in (groups.members_changed, groups.removed, groups.added):
            self._entry.async_on_unload(async_dispatcher_connect(self._hass, signal, self._look_soon))
        self._entry.async_on_unload(async_dispatcher_connect(self._hass, groups.added, self._follow))
        self._look(dt_util.utcnow())

    @callback
    def _follow(self, group: Group) -> None:
        """Hear of what is planned for a group."""
        planned = partial(self._tell, group.group_id)
        signal = self._scheduler.shown_changed(group.group_id)
        self._entry.async_on_unload(async_dispatcher_connect(self._hass, signal, planned))

    @callback
    def _look_soon(self, *_what: object) -> None:
        if not self._soon.is_set:
            self._soon.async_set(dt_util.utcnow() + _SOON)

    @callback
    def _look(self, now: datetime) -> None:
        """Note which groups have no screens, and wake when the next of them had none for too long."""
        before = self._store.empty_since
        full = {coordinator.screen.group_id for coordinator in self._fleet.screens.values()}
        empty = {group_id: before.get(group_id, now) for group_id in self._fleet.groups.keys() - full}
        if empty != before:
            self._store.empty_since = empty
            self._store.async_save_soon()
        for group_id in before.keys() | empty.keys():
            self._tell(group_id)
        due = (since + GROUP_DESERTED_AFTER for since in empty.values())
        self._alarm.async_set(min((moment for moment in due if moment > now), default=None))

    @callback
    def _tell(self, group_id: int) -> None:
        """Let the repair of a group stand, or take it back."""
        issue_id = f"{DESERTED}_{self._entry.entry_id}_{group_id}"
        since = self._store.empty_since.get(group_id)
        too_long = since is not None and since + GROUP_DESERTED_AFTER <= dt_util.utcnow()
        group = self._fleet.groups.get(group_id)
        if group is None or not too_long or not self._scheduler.has_plans(group_id):
            ir.async_delete_issue(self._hass, DOMAIN, issue_id)
            return
        async_raise_issue(
            self._hass,
            self._entry,
            issue_id,
            translation_key=DESERTED,
            translation_placeholders={"group": group.name, "fleet": self._entry.title},
        )
