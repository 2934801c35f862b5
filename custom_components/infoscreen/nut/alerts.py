"""Tells of UPSes that somebody has to know of, through the one list of alerts."""

from collections.abc import Mapping

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import callback
from homeassistant.util import dt as dt_util

from ..alerts import Alerts
from ..model.alerts import Alert, Kind, Level
from ..model.ups.device import Ups
from ..model.ups.status import Reason, level_of
from ..model.ups.values import runtime_text
from .coordinator import UpsCoordinator
from .devices import ups_identifier


class UpsAlerts:
    """Raises an alert for each reason that a UPS gives, and clears it when the reason is gone."""

    def __init__(self, entry: ConfigEntry, coordinator: UpsCoordinator, alerts: Alerts) -> None:
        self._entry = entry
        self._coordinator = coordinator
        self._alerts = alerts
        self._told: dict[str, tuple[Reason, ...]] = {}

    @callback
    def async_start(self) -> None:
        """Look from now on."""
        self._look()
        self._entry.async_on_unload(self._coordinator.async_add_listener(self._look))

    @callback
    def _look(self) -> None:
        upses = self._coordinator.data
        for gone in self._told.keys() - upses.keys():
            del self._told[gone]
            self._alerts.async_withdraw(self._subject(gone))
        for key, ups in upses.items():
            # While nobody can know, what was told stands.
            if ups.alertness.known and ups.alertness.reasons != self._told.get(key, ()):
                self._tell(ups)

    def _tell(self, ups: Ups) -> None:
        now, before = dt_util.utcnow(), self._told.get(ups.key, ())
        self._told[ups.key] = reasons = ups.alertness.reasons
        for reason in before:
            if reason not in reasons:
                self._alerts.async_clear(self._alert(ups, reason, {}), now)
        for reason in reasons:
            if reason not in before:
                self._alerts.async_raise(self._alert(ups, reason, _details(ups, reason)), now)

    def _alert(self, ups: Ups, reason: Reason, details: Mapping[str, str]) -> Alert:
        return Alert(
            kind=Kind(f"ups_{reason}"),
            level=Level(level_of((reason,)).value),
            subject=self._subject(ups.key),
            since=dt_util.utcnow(),
            details=details,
        )

    def _subject(self, key: str) -> str:
        return ups_identifier(self._entry, key)[1]


def _details(ups: Ups, reason: Reason) -> Mapping[str, str]:
    """Return what there is to add: how long the battery lasts, and the device's own words."""
    charge = None if ups.charge is None else f"{ups.charge:.0f} %"
    left = ", ".join(filter(None, (charge, runtime_text(ups.runtime)))) or "?"
    if reason in {Reason.ON_BATTERY, Reason.ON_BATTERY_LOW, Reason.LOW_BATTERY, Reason.LOW_BATTERY_ON_MAINS}:
        return {"left": left}
    return {"alarm": (ups.text("ups.alarm") or "?")[:200]} if reason is Reason.ALARM else {}
