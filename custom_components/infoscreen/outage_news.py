"""Tells what outages do: on the event bus, for the logbook and automations, and in the list of alerts."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import ATTR_DEVICE_ID, ATTR_NAME
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import device_registry as dr

from .alerts import Alerts
from .const import EVENT_OUTAGE
from .devices import device_name, group_identifier, screen_device, screen_name
from .fleet import Fleet
from .model.alerts import Alert, Kind, Level
from .model.policy.policy import Policy
from .model.policy.steps import Deed, Step
from .model.policy.world import Stage
from .model.power import PowerReason, Target


class OutageNews:
    """The news of one fleet."""

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry, fleet: Fleet, alerts: Alerts) -> None:
        self._hass = hass
        self._entry = entry
        self._fleet = fleet
        self._alerts = alerts
        self._raised: dict[str, Alert] = {}

    @callback
    def async_tell(self, steps: Iterable[Step]) -> None:
        """Tell steps: of TVs with the group or screen, of a screen in need with that, else with the UPS."""
        for step in steps:
            told = {
                "step": step.deed,
                "reason": step.reason,
                "ups": self._ups_name(step.ups),
                "tier": step.tier,
                "screens": len(step.screens),
            }
            for about in self._about(step):
                self._hass.bus.async_fire(EVENT_OUTAGE, about | told)

    def _about(self, step: Step) -> list[dict[str, Any]]:
        """Return the devices that a step is told with."""
        if step.tvs or step.deed is Deed.NEEDS_PERSON:
            return [self._device(target) for target in step.tvs or step.screens]
        if step.deed is Deed.POWER_CYCLE:
            return []  # told by whoever does it
        return [{ATTR_DEVICE_ID: step.ups, ATTR_NAME: self._ups_name(step.ups)}]

    def _device(self, target: Target) -> dict[str, Any]:
        """Return the device and name of a group or a screen."""
        if isinstance(target, int):
            device = dr.async_get(self._hass).async_get_device_by_identifier(
                group_identifier(self._entry, target), self._entry.entry_id
            )
        elif coordinator := self._fleet.screens.get(target):
            device = screen_device(self._hass, self._entry, coordinator.screen)
        else:
            device = None
        return {ATTR_DEVICE_ID: device.id if device else None, ATTR_NAME: self._name(target)}

    def _name(self, target: Target) -> str:
        """Return what people call a group or a screen."""
        if isinstance(target, int):
            group = self._fleet.groups.get(target)
            return group.name if group else str(target)
        coordinator = self._fleet.screens.get(target)
        return screen_name(self._hass, self._entry, coordinator.screen) if coordinator else target

    def _ups_name(self, ups: str) -> str:
        """Return what people call a UPS."""
        return device_name(dr.async_get(self._hass).async_get(ups), ups)

    @callback
    def async_show(self, policy: Policy, now: datetime) -> None:
        """Raise and clear the alerts for TVs that are off, and for screens that need a person."""
        alerts = {alert.id: alert for alert in self._alerts_of(policy, now)}
        for alert_id in self._raised.keys() - alerts.keys():
            self._alerts.async_clear(self._raised[alert_id], now)
        for alert_id, alert in alerts.items():
            if alert != self._raised.get(alert_id):
                self._alerts.async_raise(alert, now)
        self._raised = alerts

    def _alerts_of(self, policy: Policy, now: datetime) -> Iterable[Alert]:
        for target, dark in policy.dark.items():
            subject = group_identifier(self._entry, target)[1] if isinstance(target, int) else target
            low = dark.reason is PowerReason.UPS_LOW_BATTERY
            kind = Kind.SHUT_DOWN_ON_BATTERY if low else Kind.TVS_OFF_ON_BATTERY
            known = self._raised.get(f"{subject}_{kind}")
            yield Alert(
                kind=kind,
                level=Level.CRITICAL if low else Level.WARNING,
                subject=subject,
                since=known.since if known else policy.mains_of(dark.ups).failed_at or now,
                details=self._details(dark.ups),
            )
        for key, case in policy.cases.items():
            if case.stage is Stage.STRANDED:
                yield Alert(
                    kind=Kind.OFF_AFTER_OUTAGE,
                    level=Level.CRITICAL,
                    subject=key,
                    since=case.since,
                    details=self._details(case.ups),
                )

    def _details(self, ups: str) -> Mapping[str, str]:
        return {"ups": self._ups_name(ups)}
