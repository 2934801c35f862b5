"""Services that systemd gave up restarting: kept until acknowledged, or until the screen has recovered."""

from datetime import datetime
from typing import Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import issue_registry as ir

from .alarm import Alarm
from .broker import Broker
from .const import DOMAIN
from .coordinator import ScreenCoordinator
from .devices import screen_name
from .fleet import Fleet
from .issues import async_raise_issue
from .model.fleet import MAX_SCREENS, Screen
from .model.messages import ServiceCleared, ServiceFailed
from .retained import Retained

SERVICE_FAILED: Final = "service_failed"


class ClearedLaterError(HomeAssistantError):
    """Failures are cleared here, but the broker will hear of it only at the next connect."""

    def __init__(self, *screens: str) -> None:
        super().__init__(
            translation_domain=DOMAIN,
            translation_key="cleared_at_next_connect",
            translation_placeholders={"screen": ", ".join(sorted(screens))},
        )
        self.screens = screens


def issue_id(screen: Screen) -> str:
    """Return the id of the repair for a screen's failure."""
    return f"{SERVICE_FAILED}_{screen.key}"


class Failures:
    """The failures of one fleet's services, each a repair that acknowledges it."""

    def __init__(
        self, hass: HomeAssistant, entry: ConfigEntry, broker: Broker, retained: Retained, fleet: Fleet
    ) -> None:
        self._hass = hass
        self._entry = entry
        self._broker = broker
        self._retained = retained
        self._fleet = fleet
        self._unclaimed: dict[str, ServiceFailed] = {}  # of screens not known yet; told once a connection
        self._alarm = Alarm(hass, entry, "a screen may have recovered", self._look)

    @callback
    def async_start(self) -> None:
        """Take up the failures that were known before."""
        for coordinator in self._fleet.screens.values():
            self._raise(coordinator.screen)

    @callback
    def async_heard(
        self,
        uuid: str,
        coordinator: ScreenCoordinator | None,
        message: ServiceFailed | ServiceCleared,
        now: datetime,
    ) -> None:
        """Take in a failure, or its end, of a screen that may not be known yet."""
        if coordinator is None:
            self._unclaimed.pop(uuid.lower(), None)
            if isinstance(message, ServiceFailed) and len(self._unclaimed) < MAX_SCREENS:
                self._unclaimed[uuid.lower()] = message
        elif isinstance(message, ServiceCleared):
            self._show(coordinator, coordinator.screen.recovered())
        else:
            screen = coordinator.screen.failed(message, now)
            self._show(coordinator, screen)
            if screen.failure is None:  # it was cleared before, and the broker did not hear of it
                self._entry.async_create_task(self._hass, self._empty(screen), "clear an old failure")

    @callback
    def async_follow(self, coordinator: ScreenCoordinator, now: datetime) -> None:
        """Take in that a screen has come or changed: it may have failed before, or be running again."""
        if message := self._unclaimed.pop(coordinator.screen.key, None):
            self.async_heard(coordinator.screen.uuid, coordinator, message, now)
        if coordinator.screen.failure is not None:
            self._set_alarm()

    async def async_acknowledge(self, coordinator: ScreenCoordinator) -> None:
        """Clear a failure because a person has seen it; raise if the broker will hear of it only later."""
        screen = coordinator.screen
        if screen.failure is None:
            return
        self._show(coordinator, screen.recovered())
        await self._empty(screen)
        if not self._broker.connected:
            raise ClearedLaterError(screen_name(self._hass, self._entry, screen))

    async def _empty(self, screen: Screen) -> None:
        await self._retained.async_empty([self._fleet.topics.service_failed(screen.uuid)])

    def _show(self, coordinator: ScreenCoordinator, screen: Screen) -> None:
        """Show, keep and raise what became of a screen's failure."""
        coordinator.async_show(screen=screen)
        self._fleet.async_keep(coordinator)
        self._raise(screen)
        self._set_alarm()

    def _raise(self, screen: Screen) -> None:
        """Let the repair stand as long as the failure does."""
        if screen.failure is None:
            ir.async_delete_issue(self._hass, DOMAIN, issue_id(screen))
            return
        async_raise_issue(
            self._hass,
            self._entry,
            issue_id(screen),
            uuid=screen.uuid,
            is_fixable=True,
            translation_key=SERVICE_FAILED,
            translation_placeholders={"screen": screen.name, "unit": screen.failure.unit or "?"},
        )

    def _set_alarm(self) -> None:
        moments = (
            coordinator.screen.failure.over_at(coordinator.running_since)
            for coordinator in self._fleet.screens.values()
            if coordinator.screen.failure
        )
        self._alarm.async_set(min((moment for moment in moments if moment), default=None))

    @callback
    def _look(self, now: datetime) -> None:
        """Clear the failures of screens that have been running long enough."""
        for coordinator in self._fleet.screens.values():
            screen = coordinator.screen
            over_at = screen.failure.over_at(coordinator.running_since) if screen.failure else None
            if over_at is not None and over_at <= now:
                self._show(coordinator, screen.recovered())
                self._entry.async_create_task(self._hass, self._empty(screen), "clear a failure")
        self._set_alarm()
