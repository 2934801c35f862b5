"""The alerts of one config entry: kept by the model, told to whoever listens."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers.dispatcher import async_dispatcher_send
from homeassistant.util import dt as dt_util
from homeassistant.util.signal_type import SignalType

from .alarm import Alarm
from .const import DOMAIN
from .devices import device_name
from .model.alerts import Alert, Change, Patience, Registry
from .model.wire import as_time
from .settling import Settling
from .texts import LANGUAGES, async_text


class Alerts:
    """All alerts of one entry; whoever knows of trouble or its end takes it here."""

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry, settling: Settling) -> None:
        self._hass = hass
        self._entry_id = entry.entry_id
        self._settling = settling
        self._registry = Registry()
        self._alarm = Alarm(hass, entry, "an alert is due", self._pass_time)
        self._due: datetime | None = None
        self._standing: list[Alert] | None = None  # in order, until one of them changes
        self._told: dict[tuple[str, str], Mapping[str, Any]] = {}  # of those that stand, by id and language
        #: One alert was raised or cleared.
        self.turned = SignalType[Change](f"{DOMAIN}_{entry.entry_id}_alert_turned")
        #: The list is another one, by however many changes at a time.
        self.changed = SignalType[()](f"{DOMAIN}_{entry.entry_id}_alerts")
        entry.async_on_unload(hass.bus.async_listen(dr.EVENT_DEVICE_REGISTRY_UPDATED, self._rename))

    @property
    def standing(self) -> list[Alert]:
        """Return the alerts that stand, the most urgent first and the newest first among them."""
        if self._standing is None:
            self._standing = sorted(self._registry.standing.values(), key=lambda alert: alert.rank)
        return self._standing

    @callback
    def async_do(self, what: Callable[[Registry], Iterable[Change]]) -> None:
        """Let something be done with the registry, and tell what came of it."""
        for change in what(self._registry):
            self._standing = None
            for language in LANGUAGES:
                self._told.pop((change.alert.id, language), None)
            async_dispatcher_send(self._hass, self.turned, change)
            self._settling.async_soon(self._tell)
        if self._registry.due != self._due:
            self._due = self._registry.due
            self._alarm.async_set(self._due)

    @callback
    def async_raise(self, alert: Alert, now: datetime, patience: Patience | None = None) -> None:
        """Take in that there is trouble."""
        self.async_do(lambda registry: registry.raise_(alert, now, patience))

    @callback
    def async_clear(self, alert: Alert, now: datetime) -> None:
        """Take in that there is none any more."""
        self.async_do(lambda registry: registry.clear(alert.id, now))

    @callback
    def async_withdraw(self, subject: str) -> None:
        """Drop all alerts about something that is no more."""
        self.async_do(lambda registry: registry.withdraw(subject))

    @callback
    def async_told(self, alert: Alert, language: str) -> Mapping[str, Any]:
        """Return an alert as people, cards and programs are told of it."""
        alert_id = alert.id
        if self._registry.standing.get(alert_id) is not alert:
            return self._tell_of(alert, language)
        told = self._told.get((alert_id, language))
        if told is None:
            told = self._told[alert_id, language] = self._tell_of(alert, language)
        return told

    def _tell_of(self, alert: Alert, language: str) -> Mapping[str, Any]:
        """Put an alert into words."""
        device = dr.async_get(self._hass).async_get_device_by_identifier(
            (DOMAIN, alert.subject), self._entry_id
        )
        details = {"name": device_name(device, alert.subject), **alert.details}
        return {
            "id": alert.id,
            "kind": alert.kind,
            "level": alert.level,
            "device_id": device.id if device else None,
            "text": async_text(self._hass, language, f"alert_{alert.kind}", details),
            "since": as_time(alert.since),
        }

    @callback
    def _rename(self, _event: Event[dr.EventDeviceRegistryUpdatedData]) -> None:
        """Look for other words: a device may have another name, or be another one."""
        self._told.clear()

    @callback
    def _pass_time(self, _now: datetime) -> None:
        self._due = None
        now = dt_util.utcnow()
        self.async_do(lambda registry: registry.at(now))

    @callback
    def _tell(self) -> None:
        async_dispatcher_send(self._hass, self.changed)
