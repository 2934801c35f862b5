"""Watches for silence: one timer for the whole fleet, set to the first screen that would be missed.

When nearly all fall silent together it is the broker that is missed, not they.
"""

from datetime import datetime, timedelta

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.dispatcher import async_dispatcher_send
from homeassistant.util import dt as dt_util

from .alarm import Alarm
from .broker import Broker
from .commander import Commander
from .const import CONF_HEARTBEAT_GRACE, DEFAULT_HEARTBEAT_GRACE, LOGGER
from .fleet import Fleet
from .model.outage import is_outage
from .retained import Retained


class Watch:
    """Knows since when we listen, and notices who has fallen silent since."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry,
        broker: Broker,
        retained: Retained,
        fleet: Fleet,
        commander: Commander,
    ) -> None:
        self._hass = hass
        self._entry = entry
        self._broker = broker
        self._retained = retained
        self._fleet = fleet
        self._commander = commander
        self._connected = False
        self._alarm = Alarm(hass, entry, "somebody may have fallen silent", self.async_look)

    @property
    def _grace(self) -> timedelta:
        return timedelta(seconds=self._entry.options.get(CONF_HEARTBEAT_GRACE, DEFAULT_HEARTBEAT_GRACE))

    @callback
    def async_start(self) -> None:
        """Follow the connection from now on."""
        self._entry.async_on_unload(self._broker.async_watch(self._handle_connection))
        if self._broker.connected:
            self._handle_connection(connected=True)

    @callback
    def _handle_connection(self, connected: bool) -> None:  # noqa: FBT001
        """Give every screen a fresh grace, and publish what must stand; or know nothing any more."""
        if connected is self._connected:
            return
        self._connected = connected
        LOGGER.info("Connected to the broker" if connected else "The connection to the broker is lost")
        self._listen_from(dt_util.utcnow() if connected else None)
        if connected:
            self._entry.async_create_background_task(
                self._hass, self._retained.async_publish_all(), "publish retained topics"
            )

    def _listen_from(self, moment: datetime | None) -> None:
        """Give every screen a fresh grace, or (None) know nothing of any."""
        self._fleet.listening_since = moment
        for coordinator in self._fleet.screens.values():
            coordinator.async_listen_from(moment)
        async_dispatcher_send(self._hass, self._fleet.outage_changed)
        self._set_alarm(self._grace)

    @callback
    def async_look(self, now: datetime) -> None:
        """See who has fallen silent, and wake again when the next one would."""
        grace, screens = self._grace, self._fleet.screens.values()
        silent = [coordinator for coordinator in screens if coordinator.async_check(grace, now)]
        there = sum(each.data.connected is True and each.data.due for each in screens)
        fallen = [coordinator.fallen_at for coordinator in screens if coordinator.fallen_at is not None]
        if is_outage(there, fallen, grace, now):
            LOGGER.warning("%s screens fell silent together: the broker may have lost them", len(fallen))
            self._listen_from(None)
            return
        for coordinator in silent:
            self._commander.async_fell_silent(coordinator, now)
        self._set_alarm(grace)

    @callback
    def async_heard(self, now: datetime) -> None:
        """Take in that a screen speaks: if all had been silent, the outage is over."""
        if self._connected and self._fleet.listening_since is None:
            LOGGER.info("Screens are heard again")
            self._listen_from(now)

    @callback
    def async_ensure(self) -> None:
        """Watch a screen that has just shown life; whoever is watched already is missed earlier."""
        if not self._alarm.is_set:
            self._set_alarm(self._grace)

    def _set_alarm(self, grace: timedelta) -> None:
        moments = (
            coordinator.pulse.silent_at(grace)
            for coordinator in self._fleet.screens.values()
            if coordinator.data.alive is not False
        )
        self._alarm.async_set(min((moment for moment in moments if moment is not None), default=None))
