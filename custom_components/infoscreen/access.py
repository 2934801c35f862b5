"""The broker's access list: handed out, and watched, for a broker knows only what it was last given."""

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers.dispatcher import async_dispatcher_connect

from .const import CONF_COMPATIBILITY_TOPICS, DOMAIN
from .fleet import Fleet
from .issues import async_raise_issue
from .model.access import AccessList, access_list
from .store import FleetStore


def _issue_id(entry: ConfigEntry) -> str:
    return f"broker_acl_outdated_{entry.entry_id}"


class Access:
    """Remembers what list was handed out, and says so when it would be another one now."""

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry, fleet: Fleet, store: FleetStore) -> None:
        self._hass = hass
        self._entry = entry
        self._fleet = fleet
        self._store = store

    @callback
    def async_start(self) -> None:
        """Follow the fleet from now on."""
        self._entry.async_on_unload(
            async_dispatcher_connect(self._hass, self._fleet.groups.members_changed, self.async_look)
        )
        self.async_look()

    async def async_export(self) -> AccessList:
        """Hand out the list as it is now; from here on it is the one the broker has."""
        handed_out = self._list()
        before, self._store.handed_out_acl = self._store.handed_out_acl, handed_out.digest
        try:
            await self._store.async_save()
        except HomeAssistantError:
            self._store.handed_out_acl = before
            raise
        self.async_look()
        return handed_out

    @callback
    def async_look(self) -> None:
        """Raise the repair while the list that was handed out, if any was, is not what it would be now."""
        handed_out = self._store.handed_out_acl
        if handed_out is None or handed_out == self._list().digest:
            ir.async_delete_issue(self._hass, DOMAIN, _issue_id(self._entry))
            return
        async_raise_issue(
            self._hass,
            self._entry,
            _issue_id(self._entry),
            translation_key="broker_acl_outdated",
            translation_placeholders={"fleet": self._entry.title},
        )

    def _list(self) -> AccessList:
        return access_list(
            self._fleet.topics.prefix,
            [coordinator.screen for coordinator in self._fleet.screens.values()],
            compatibility=self._entry.options.get(CONF_COMPATIBILITY_TOPICS, True),
        )
