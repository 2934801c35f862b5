"""Raises the alerts of a fleet: of each screen as it changes, and one for all while nobody can know."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers.dispatcher import async_dispatcher_connect
from homeassistant.util import dt as dt_util

from .alerts import Alerts
from .broker import Broker
from .const import CONF_HEARTBEAT_GRACE, DEFAULT_HEARTBEAT_GRACE
from .coordinator import ScreenCoordinator
from .fleet import Fleet
from .model.alerts import Alert, Kind, Level, Patience
from .model.troubles import follow
from .power import PowerKeeper

# A connection takes a moment to come up; at a start that is no outage.
_AT_START: Final = Patience(delay=timedelta(seconds=10))


class ScreenAlerts:
    """Follows the screens of one fleet, and its connection."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry,
        broker: Broker,
        fleet: Fleet,
        power: PowerKeeper,
        alerts: Alerts,
    ) -> None:
        self._hass = hass
        self._entry = entry
        self._broker = broker
        self._fleet = fleet
        self._power = power
        self._alerts = alerts
        self._unfollow: dict[str, CALLBACK_TYPE] = {}

    @callback
    def async_start(self) -> None:
        """Look at how everything is, and follow it from now on."""
        self._look_at_connection(_AT_START)
        for coordinator in self._fleet.screens.values():
            self._follow(coordinator)
        connect: list[CALLBACK_TYPE] = [
            async_dispatcher_connect(self._hass, self._fleet.outage_changed, self._look_at_connection),
            async_dispatcher_connect(self._hass, self._fleet.screen_added, self._follow),
            async_dispatcher_connect(self._hass, self._fleet.screen_removed, self._leave),
            async_dispatcher_connect(self._hass, self._fleet.groups.removed, self._alerts.async_withdraw),
        ]
        for disconnect in connect:
            self._entry.async_on_unload(disconnect)
        self._entry.async_on_unload(self._leave_all)

    @callback
    def _follow(self, coordinator: ScreenCoordinator) -> None:
        """Look at a screen now and whenever it has changed."""
        look: Callable[[], None] = partial(self._look_at_screen, coordinator)
        self._unfollow[coordinator.screen.key] = coordinator.async_add_listener(look)
        look()

    @callback
    def _leave(self, key: str) -> None:
        """Drop a screen that is no more."""
        self._unfollow.pop(key)()
        self._alerts.async_withdraw(key)

    @callback
    def _leave_all(self) -> None:
        for unfollow in self._unfollow.values():
            unfollow()

    def _look_at_screen(self, coordinator: ScreenCoordinator) -> None:
        """Raise and clear what a screen gives rise to."""
        grace = self._entry.options.get(CONF_HEARTBEAT_GRACE, DEFAULT_HEARTBEAT_GRACE)
        self._alerts.async_do(
            partial(
                follow,
                state=coordinator.data,
                last_seen=coordinator.pulse.last_seen,
                hours=self._power.async_hours_of(coordinator),
                grace=timedelta(seconds=grace),
                now=dt_util.utcnow(),
            )
        )

    @callback
    def _look_at_connection(self, patience: Patience | None = None) -> None:
        """Raise or clear the one alert for all screens; silence begins with the last that was heard."""
        now = since = dt_util.utcnow()
        if self._broker.connected:
            heard = (coordinator.pulse.last_seen for coordinator in self._fleet.screens.values())
            since = max((moment for moment in heard if moment), default=now)
        outage = Alert(
            kind=Kind.BROKER_OUTAGE, level=Level.CRITICAL, subject=self._entry.entry_id, since=since
        )
        if self._fleet.listening_since is None:
            self._alerts.async_raise(outage, now, patience)
        else:
            self._alerts.async_clear(outage, now)
