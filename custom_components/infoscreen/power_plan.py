"""What is planned for a group's TVs, or those of one screen, and whether anybody tells them."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from functools import partial

from homeassistant.config_entries import ConfigEntry

from .const import CONF_POWER_INTENT_ENABLED
from .decisions import Decisions
from .fleet import Fleet
from .model.chains import Margins, ShowsFrom
from .model.fleet import Group
from .model.power import Power, Target, power_at
from .model.schedule.series import Occurrence
from .pacing import configured_margins
from .scheduler import Scheduler


class PowerPlan:
    """The plan of one fleet: the schedule, and who decides instead of it."""

    def __init__(self, entry: ConfigEntry, fleet: Fleet, scheduler: Scheduler, decisions: Decisions) -> None:
        self._entry = entry
        self._fleet = fleet
        self._scheduler = scheduler
        self._decisions = decisions

    def exists(self, target: Target) -> bool:
        """Tell whether there is anything to decide: a group is there, a screen is decided on apart."""
        if isinstance(target, int):
            return target in self._fleet.groups
        return target in self._fleet.screens and target in self._decisions

    def at(self, target: Target, at: datetime, *, decided: bool = False) -> Power:
        """Return what TVs should be at a moment, by the schedule alone or by all who decide."""
        group = self._group_of(target)
        shows: ShowsFrom
        if group is None:
            shows, margins = _nothing, Margins()
        else:
            shows = partial(self._scheduler.planned_from, group.group_id)
            margins = configured_margins(group, self._entry.options)
        if not decided:
            return power_at(at, shows, margins)
        spared = self._decisions.blackout_of(target, group.group_id if group else target)
        return power_at(at, shows, margins, self._decisions.hold_of(target), spared)

    def _group_of(self, target: Target) -> Group | None:
        """Return a group, or that of a screen."""
        if isinstance(target, int):
            return self._fleet.groups.get(target)
        return self._fleet.groups.get(self._fleet.screens[target].screen.group_id or 0)

    def is_told(self, target: Target) -> bool:
        """Tell whether anything goes out for a group or a screen; a screen in no group asks no group."""
        if not self.exists(target) or not self._entry.options.get(CONF_POWER_INTENT_ENABLED):
            return False
        group = self._group_of(target)
        return group is None or group.power_enabled

    def with_apart(self, target: Target) -> Iterator[Target]:
        """Go through a group, and those of its screens that somebody decides on apart; a screen is alone."""
        yield target
        for key in self._decisions.screens():
            coordinator = self._fleet.screens.get(key)
            if coordinator is not None and coordinator.screen.group_id == target:
                yield key


def _nothing(_since: datetime) -> Iterable[Occurrence]:
    """Return what is planned for a screen in no group."""
    return ()
