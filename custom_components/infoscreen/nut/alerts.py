"""Tells of UPSes that somebody has to know of, through the one list of alerts."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import callback
from homeassistant.util import dt as dt_util

from ..alerts import Alerts
from ..model.alerts import Alert, Kind, Level
from ..model.ups.device import SHUTDOWN_TIMER, Ups
from ..model.ups.status import Reason, level_of
from ..model.ups.values import runtime_text
from .coordinator import UpsCoordinator
from .devices import ups_identifier

_ALARM: Final = "ups.alarm"
#: No more of what a device says is put into a sentence.
_LONGEST: Final = 200
_OF_BATTERY: Final = {
    Reason.ON_BATTERY,
    Reason.ON_BATTERY_LOW,
    Reason.LOW_BATTERY,
    Reason.LOW_BATTERY_ON_MAINS,
}


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
                self._alerts.async_raise(self._alert(ups, reason, _details(ups, reason, now)), now)

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


def _details(ups: Ups, reason: Reason, now: datetime) -> Mapping[str, str]:
    """Return what there is to add: how long the battery lasts, and the device's own words."""
    if reason in _OF_BATTERY:
        charge = None if ups.charge is None else f"{ups.charge:.0f} %"
        left = ", ".join(filter(None, (charge, runtime_text(ups.runtime)))) or "?"
        return {"left": left, "why": _aside(ups.text("input.transfer.reason"))}
    if reason is Reason.ALARM:
        return {"alarm": (ups.text(_ALARM) or "?")[:_LONGEST]}
    if reason is Reason.SHUTDOWN_TIMER:
        cut = now + timedelta(seconds=ups.value(SHUTDOWN_TIMER) or 0)
        return {"at": f"{dt_util.as_local(cut):%H:%M:%S}"}
    # Where the alarm is an alert of its own, its words are there.
    return {"alarm": "" if Reason.ALARM in ups.alertness.reasons else _aside(ups.text(_ALARM))}


def _aside(text: str | None) -> str:
    """Return what a device says as an aside to a sentence, nothing where it says nothing."""
    return f" ({text[:_LONGEST]})" if text else ""
