"""All that stands of the alerts that concern one fleet: its own, and those of the UPSes behind it."""

from typing import NamedTuple

from homeassistant.config_entries import SIGNAL_CONFIG_ENTRY_CHANGED, ConfigEntry, ConfigEntryChange
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers.dispatcher import async_dispatcher_connect, async_dispatcher_send
from homeassistant.util.signal_type import SignalType

from .alerts import Alerts
from .const import DOMAIN
from .entries import loaded_ups_servers
from .model.alerts import Alert
from .surroundings import Surroundings


class Concern(NamedTuple):
    """An alert, and whose list it is in."""

    alert: Alert
    alerts: Alerts


class Concerns:
    """The list of one fleet: the UPSes that feed something of it count, all where none is named."""

    def __init__(
        self, hass: HomeAssistant, entry: ConfigEntry, alerts: Alerts, surroundings: Surroundings
    ) -> None:
        self._hass = hass
        self._entry = entry
        self._alerts = alerts
        self._surroundings = surroundings
        self._followed: dict[Alerts, CALLBACK_TYPE] = {}
        self._standing: list[Concern] | None = None  # until one of the lists changes
        #: The list is another one.
        self.changed = SignalType[()](f"{DOMAIN}_{entry.entry_id}_concerns")

    @property
    def standing(self) -> list[Concern]:
        """Return what stands, the most urgent first and the newest first among them."""
        if self._standing is None:
            self._standing = [Concern(alert, self._alerts) for alert in self._alerts.standing]
            if of_upses := self._of_upses():
                self._standing = sorted([*self._standing, *of_upses], key=lambda each: each.alert.rank)
        return self._standing

    @callback
    def async_start(self) -> None:
        """Follow the fleet and the NUT servers, which come and go by themselves."""
        unload = self._entry.async_on_unload
        unload(async_dispatcher_connect(self._hass, self._alerts.changed, self.async_look))
        unload(async_dispatcher_connect(self._hass, SIGNAL_CONFIG_ENTRY_CHANGED, self._handle_entry))
        unload(self._let_go)
        self._follow()

    @callback
    def async_look(self) -> None:
        """Look anew, and say so."""
        self._standing = None
        async_dispatcher_send(self._hass, self.changed)

    def _of_upses(self) -> list[Concern]:
        if not self._followed:
            return []
        devices = dr.async_get(self._hass)
        subjects = {
            identifier
            for ups in self._surroundings.feeds.upses
            if (device := devices.async_get(ups))
            for _, identifier in device.identifiers
        }
        return [
            Concern(alert, alerts)
            for alerts in self._followed
            for alert in alerts.standing
            if not subjects or alert.subject in subjects
        ]

    @callback
    def _handle_entry(self, _change: ConfigEntryChange, _entry: ConfigEntry) -> None:
        """Follow the servers that there are now."""
        if {entry.runtime_data.alerts for entry in loaded_ups_servers(self._hass)} != self._followed.keys():
            self._let_go()
            self._follow()
            self.async_look()

    def _follow(self) -> None:
        for entry in loaded_ups_servers(self._hass):
            alerts: Alerts = entry.runtime_data.alerts
            self._followed[alerts] = async_dispatcher_connect(self._hass, alerts.changed, self.async_look)

    @callback
    def _let_go(self) -> None:
        for unfollow in self._followed.values():
            unfollow()
        self._followed.clear()
