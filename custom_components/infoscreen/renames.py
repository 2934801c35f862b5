"""Follows the entities of others when people rename them: plugs, TVs, sensors and calendars, by their ids.

Home Assistant changes an id in its own registry only; whoever remembers it looks for nothing.
"""

from collections.abc import Mapping
from typing import Any, Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.helpers import entity_registry as er

from .const import CONF_HOLIDAY_CALENDAR, CONF_PLUG, CONF_POWER_SENSOR, CONF_TV_ENTITIES, CONF_TV_ENTITY

_ONE: Final = (CONF_PLUG, CONF_TV_ENTITY, CONF_POWER_SENSOR, CONF_HOLIDAY_CALENDAR)


@callback
def async_follow_renames(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """Let groups and hardware name entities as they are called from now on, until the entry is unloaded."""

    @callback
    def renamed(event: Event[er.EventEntityRegistryUpdatedData]) -> None:
        if event.data["action"] != "update" or (old := event.data.get("old_entity_id")) is None:
            return
        new = event.data["entity_id"]
        for subentry in list(entry.subentries.values()):  # only what then differs is told of
            hass.config_entries.async_update_subentry(entry, subentry, data=_with(subentry.data, old, new))

    entry.async_on_unload(hass.bus.async_listen(er.EVENT_ENTITY_REGISTRY_UPDATED, renamed))


def _with(data: Mapping[str, Any], old: str, new: str) -> dict[str, Any]:
    """Return what is configured, with an entity by its new id."""
    changed = {**data, **{field: new for field in _ONE if data.get(field) == old}}
    if old in (tvs := data.get(CONF_TV_ENTITIES, ())):
        changed[CONF_TV_ENTITIES] = [new if tv == old else tv for tv in tvs]
    return changed
