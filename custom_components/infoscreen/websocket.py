"""What cards and programs follow over the websocket."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from homeassistant.components import websocket_api
from homeassistant.components.websocket_api import ActiveConnection
from homeassistant.config_entries import SIGNAL_CONFIG_ENTRY_CHANGED, ConfigEntry, ConfigEntryChange
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.dispatcher import async_dispatcher_connect
import voluptuous as vol

from .alerts import Alerts
from .const import DOMAIN
from .model.alerts import Change, Turn
from .rights import async_alerts_for
from .texts import language_for


@callback
def async_register_commands(hass: HomeAssistant) -> None:
    """Register the commands, which are there whether or not a fleet is loaded."""
    websocket_api.async_register_command(hass, _subscribe_alerts)


@callback
@websocket_api.websocket_command(
    {
        vol.Required("type"): f"{DOMAIN}/alerts/subscribe",
        vol.Optional("entry_id"): cv.string,
        vol.Optional("language"): cv.string,
    }
)
def _subscribe_alerts(hass: HomeAssistant, connection: ActiveConnection, message: dict[str, Any]) -> None:
    """Send all alerts that stand, and from then on what becomes of them."""
    entry_id = message.get("entry_id")
    entry = hass.config_entries.async_get_entry(entry_id) if entry_id else None
    if entry_id and (entry is None or entry.domain != DOMAIN):
        connection.send_error(
            message["id"],
            websocket_api.ERR_NOT_FOUND,
            f"There is no entry of {DOMAIN} with the id {entry_id}",
        )
        return
    subscription = _Subscription(hass, connection, message)
    connection.subscriptions[message["id"]] = subscription.async_end
    connection.send_result(message["id"])
    subscription.async_start()


class _Subscription:
    """One listener's view of the alerts, over whatever fleets come and go meanwhile."""

    def __init__(self, hass: HomeAssistant, connection: ActiveConnection, message: dict[str, Any]) -> None:
        self._hass = hass
        self._connection = connection
        self._id: int = message["id"]
        self._entry_id: str | None = message.get("entry_id")
        self._language = language_for(hass, message.get("language"))
        self._followed: dict[Alerts, CALLBACK_TYPE] = {}
        self._disconnect = async_dispatcher_connect(hass, SIGNAL_CONFIG_ENTRY_CHANGED, self._handle_entry)

    @callback
    def async_start(self) -> None:
        """Follow the fleets that are loaded now."""
        for alerts in async_alerts_for(self._hass, self._connection.user, self._entry_id):
            self._followed[alerts] = async_dispatcher_connect(
                self._hass, alerts.turned, partial(self._handle_change, alerts)
            )
        standing = [(alert, alerts) for alerts in self._followed for alert in alerts.standing]
        standing.sort(key=lambda each: each[0].rank)
        self._send(
            "snapshot", {"alerts": [alerts.async_told(alert, self._language) for alert, alerts in standing]}
        )

    @callback
    def async_end(self) -> None:
        """Follow nothing any more."""
        self._disconnect()
        self._let_go()

    def _let_go(self) -> None:
        for disconnect in self._followed.values():
            disconnect()
        self._followed.clear()

    @callback
    def _handle_entry(self, _change: ConfigEntryChange, _entry: ConfigEntry) -> None:
        """Begin anew when a fleet came or went: what is not followed any more is not over by that."""
        if set(async_alerts_for(self._hass, self._connection.user, self._entry_id)) != self._followed.keys():
            self._let_go()
            self.async_start()

    @callback
    def _handle_change(self, alerts: Alerts, change: Change) -> None:
        """Send what became of one alert."""
        told = alerts.async_told(change.alert, self._language)
        if change.turn is Turn.CLEARED:
            downtime = change.downtime
            told = {**told, "downtime": None if downtime is None else round(downtime.total_seconds())}
        self._send(change.turn, told)

    def _send(self, what: str, fields: Mapping[str, Any]) -> None:
        """Send one event."""
        self._connection.send_event(self._id, {"type": what, **fields})
