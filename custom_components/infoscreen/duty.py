"""Knows which screens are due: while their TV should be on, and round the clock where nobody tells it."""

from collections.abc import Callable, Iterable
from datetime import datetime

from homeassistant.core import callback

from .coordinator import ScreenCoordinator
from .fleet import Fleet
from .model.hours import NEVER, ROUND_THE_CLOCK, Hours, since
from .model.power import Power, Target


class Duty:
    """The screens of one fleet, and since when TVs should be on."""

    def __init__(self, fleet: Fleet, power_of: Callable[[Target], Power | None]) -> None:
        self._fleet = fleet
        self._power_of = power_of
        self._on_since: dict[Target, datetime] = {}  # of those that should be on

    def power_of(self, coordinator: ScreenCoordinator) -> Power | None:
        """Return what the TV of a screen should be: by its own intent, or else by its group's."""
        target = self._teller(coordinator)
        return None if target is None else self._power_of(target)

    def hours_of(self, coordinator: ScreenCoordinator) -> Hours:
        """Return when a screen is due."""
        if (target := self._teller(coordinator)) is None:
            return ROUND_THE_CLOCK
        on_since = self._on_since.get(target)
        return since(on_since) if on_since else NEVER

    @callback
    def async_follow(self, target: Target, now: datetime, *, on: bool, new: bool) -> None:
        """Take in what TVs should be; their screens are shown if that is news."""
        turned = on is not (target in self._on_since)
        if turned and on:
            self._on_since[target] = now
        elif turned:
            del self._on_since[target]
        if turned or new:
            self.async_show(target)

    @callback
    def async_leave(self, target: Target) -> None:
        """Forget TVs that nobody decides on any more."""
        self._on_since.pop(target, None)
        self.async_show(target)

    @callback
    def async_show(self, target: Target | None = None) -> None:
        """Let a screen, those of a group, or all know whether they are due."""
        for coordinator in self._screens_of(target):
            power = self.power_of(coordinator)
            if coordinator.data.due is not (due := power is None or power.on):
                coordinator.async_show(due=due)

    def _teller(self, coordinator: ScreenCoordinator) -> Target | None:
        """Return whose intent a screen goes by, None where nobody tells it."""
        targets: tuple[Target, ...] = (coordinator.screen.key, coordinator.screen.group_id or 0)
        return next((target for target in targets if self._power_of(target)), None)

    def _screens_of(self, target: Target | None) -> Iterable[ScreenCoordinator]:
        """Return a screen, those of a group, or all."""
        if target is None:
            return self._fleet.screens.values()
        if isinstance(target, int):
            return self._fleet.groups.async_screens_of(target).values()
        coordinator = self._fleet.screens.get(target)
        return [coordinator] if coordinator else []
