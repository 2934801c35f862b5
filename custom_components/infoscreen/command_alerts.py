"""Raises an alert where a screen did what had been canceled."""

from datetime import datetime, timedelta
from functools import partial
from typing import Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import CALLBACK_TYPE, HassJob, HomeAssistant, callback
from homeassistant.helpers.dispatcher import async_dispatcher_connect
from homeassistant.helpers.event import async_call_later
from homeassistant.util import dt as dt_util

from .alerts import Alerts
from .commander import Commander
from .coordinator import ScreenCoordinator
from .fleet import Fleet
from .model.alerts import Alert, Kind, Level
from .model.commands import Command

# It is over when it is told. Whoever has not looked within a day learns of it from the logbook.
_STANDS: Final = timedelta(hours=24)


class CommandAlerts:
    """The alerts of one fleet that are about commands: each stands until its screen's next, or for a day."""

    def __init__(
        self, hass: HomeAssistant, entry: ConfigEntry, fleet: Fleet, commander: Commander, alerts: Alerts
    ) -> None:
        self._hass = hass
        self._entry = entry
        self._fleet = fleet
        self._commander = commander
        self._alerts = alerts
        self._stop: dict[str, list[CALLBACK_TYPE]] = {}  # by screen: what waits for the all-clear

    @callback
    def async_start(self) -> None:
        """Hear of what screens do from now on."""
        connect: list[CALLBACK_TYPE] = [
            async_dispatcher_connect(self._hass, self._commander.ran_canceled, self._raise),
            async_dispatcher_connect(self._hass, self._fleet.screen_removed, self._leave),
        ]
        for disconnect in connect:
            self._entry.async_on_unload(disconnect)
        self._entry.async_on_unload(self._leave_all)

    @callback
    def _raise(self, coordinator: ScreenCoordinator, _command: Command) -> None:
        """Tell of it, and wait for its end."""
        now, key = dt_util.utcnow(), coordinator.screen.key
        ran = Alert(kind=Kind.CANCELED_COMMAND_RAN, level=Level.WARNING, subject=key, since=now)
        self._leave(key)
        look = partial(self._look, coordinator, ran, _newest(coordinator))
        forget = HassJob(partial(self._clear, ran), cancel_on_shutdown=True)
        self._stop[key] = [
            coordinator.async_add_listener(look),
            async_call_later(self._hass, _STANDS, forget),
        ]
        self._alerts.async_raise(ran, now)

    @callback
    def _look(self, coordinator: ScreenCoordinator, ran: Alert, newest: str | None) -> None:
        """Look whether the screen has a newer command."""
        if _newest(coordinator) != newest:
            self._clear(ran, dt_util.utcnow())

    @callback
    def _clear(self, ran: Alert, now: datetime) -> None:
        """Tell of it no more."""
        self._leave(ran.subject)
        self._alerts.async_clear(ran, now)

    @callback
    def _leave(self, key: str) -> None:
        """Wait for nothing more; the alerts of a screen that is gone go by themselves."""
        for stop in self._stop.pop(key, ()):
            stop()

    @callback
    def _leave_all(self) -> None:
        for key in list(self._stop):
            self._leave(key)


def _newest(coordinator: ScreenCoordinator) -> str | None:
    """Return which command is a screen's newest."""
    return coordinator.data.command.command_id if coordinator.data.command else None
