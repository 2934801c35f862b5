"""Says in time that a fleet is about to hold more than Home Assistant lets one entry have."""

from datetime import datetime, timedelta
from typing import Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import entity_registry as er, issue_registry as ir
from homeassistant.helpers.dispatcher import async_dispatcher_connect
from homeassistant.util import dt as dt_util

from .alarm import Alarm
from .const import DOMAIN
from .fleet import Fleet
from .issues import NEARLY_FULL, async_raise_issue
from .model.fleet import MAX_ENTITIES, MAX_SCREENS, nearly_full

# Screens come in swarms, and their entities a moment after them: one look serves them all.
_SOON: Final = timedelta(minutes=1)


@callback
def async_watch_limits(hass: HomeAssistant, entry: ConfigEntry, fleet: Fleet) -> None:
    """Look at a fleet's size now, and soon after screens have come or gone."""
    issue_id = f"{NEARLY_FULL}_{entry.entry_id}"

    @callback
    def look(_now: datetime) -> None:
        """Raise the repair, or take it back."""
        entities = er.async_get(hass).entities.get_enabled_count_for_config_entry_id(entry.entry_id)
        screens = len(fleet.screens)
        if not nearly_full(screens, entities):
            ir.async_delete_issue(hass, DOMAIN, issue_id)
            return
        async_raise_issue(
            hass,
            entry,
            issue_id,
            translation_key=NEARLY_FULL,
            translation_placeholders={
                "fleet": entry.title,
                "screens": str(screens),
                "max_screens": str(MAX_SCREENS),
                "entities": str(entities),
                "max_entities": str(MAX_ENTITIES),
            },
        )

    alarm = Alarm(hass, entry, "a fleet may be full", look)

    @callback
    def look_soon(*_screen: object) -> None:
        if not alarm.is_set:
            alarm.async_set(dt_util.utcnow() + _SOON)

    look(dt_util.utcnow())
    for signal in (fleet.screen_added, fleet.screen_removed):
        entry.async_on_unload(async_dispatcher_connect(hass, signal, look_soon))
