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


class Limits:
    """Looks at a fleet's size at the start, and soon after screens have come or gone."""

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry, fleet: Fleet) -> None:
        self._hass = hass
        self._entry = entry
        self._fleet = fleet
        self._issue_id = f"{NEARLY_FULL}_{entry.entry_id}"
        self._alarm = Alarm(hass, entry, "a fleet may be full", self._look)

    @callback
    def async_start(self) -> None:
        """Look now, and follow the screens from now on."""
        self._look(dt_util.utcnow())
        for signal in (self._fleet.screen_added, self._fleet.screen_removed):
            self._entry.async_on_unload(async_dispatcher_connect(self._hass, signal, self._look_soon))

    @callback
    def _look(self, _now: datetime) -> None:
        """Raise the repair, or take it back."""
        registry = er.async_get(self._hass)
        entities = registry.entities.get_enabled_count_for_config_entry_id(self._entry.entry_id)
        screens = len(self._fleet.screens)
        if not nearly_full(screens, entities):
            ir.async_delete_issue(self._hass, DOMAIN, self._issue_id)
            return
        async_raise_issue(
            self._hass,
            self._entry,
            self._issue_id,
            translation_key=NEARLY_FULL,
            translation_placeholders={
                "fleet": self._entry.title,
                "screens": str(screens),
                "max_screens": str(MAX_SCREENS),
                "entities": str(entities),
                "max_entities": str(MAX_ENTITIES),
            },
        )

    @callback
    def _look_soon(self, *_screen: object) -> None:
        if not self._alarm.is_set:
            self._alarm.async_set(dt_util.utcnow() + _SOON)
