"""Recovers screens that crashed or fell silent: asks the model what is due, has it done, sets a timer."""

from collections.abc import Collection
from dataclasses import asdict
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers.dispatcher import async_dispatcher_connect
from homeassistant.util import dt as dt_util

from .alarm import Alarm
from .climbs import Climbs
from .commander import Commander
from .const import (
    CONF_RECOVERY_ENABLED,
    CONF_RECOVERY_GRACE,
    CONF_RECOVERY_LEFT_OUT,
    CONF_RECOVERY_LOCKOUT,
    DEFAULT_RECOVERY_GRACE,
    DEFAULT_RECOVERY_LOCKOUT,
)
from .coordinator import ScreenCoordinator
from .fleet import Fleet
from .ladders import Ladders
from .model.lifecycle import State
from .model.recovery import Ladder, Rules, first_in_line, held_until
from .model.sight import Sight, sight
from .plugs import Plugs
from .steps import async_tell_step
from .store import FleetStore


class Recovery:
    """Follows the screens of one fleet, and climbs the ladder with those in trouble."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry,
        fleet: Fleet,
        store: FleetStore,
        commander: Commander,
        plugs: Plugs,
    ) -> None:
        self._hass = hass
        self._entry = entry
        self._fleet = fleet
        self._commander = commander
        self._ladders = Ladders(hass, entry, fleet, store)
        self._climbs = Climbs(hass, entry, commander, plugs, self._ladders, self._handle_change)
        self._sights: dict[str, Sight] = {}
        self._left_out: set[str] = set()
        self._spared: Collection[str] = ()  # screens in an outage, or not back from one
        self._unfollow: dict[str, CALLBACK_TYPE] = {}
        self._wake_at: datetime | None = None
        self._alarm = Alarm(hass, entry, "a screen may need recovery", self._look)

    @property
    def enabled(self) -> bool:
        """Tell whether screens of this fleet are recovered by themselves."""
        enabled: bool = self._entry.options.get(CONF_RECOVERY_ENABLED, False)
        return enabled

    @callback
    def async_start(self) -> None:
        """Take up the climbs that were under way, and follow every screen."""
        now = dt_util.utcnow()
        commands = self._commander.ledger.async_by_screen()
        for ladder in self._ladders:
            self._ladders.async_put(ladder.resumed(commands.get(ladder.key, ()), now))
        for coordinator in self._fleet.screens.values():
            self._follow(coordinator)
        connect: list[CALLBACK_TYPE] = [
            async_dispatcher_connect(self._hass, self._fleet.screen_added, self._welcome),
            async_dispatcher_connect(self._hass, self._fleet.screen_removed, self._leave),
        ]
        for disconnect in connect:
            self._entry.async_on_unload(disconnect)
        self._entry.async_on_unload(self._leave_all)
        self.async_look_again()

    @callback
    def async_look_again(self) -> None:
        """Take over options that may have changed."""
        self._read_left_out()
        for ladder in self._ladders:
            if not self._rules(ladder.key).enabled:
                self._ladders.async_put(ladder.left())
        self._look(dt_util.utcnow())

    @callback
    def async_forget(self, key: str) -> None:
        """Let go of a screen that is no more; another may have its place on the ladder."""
        self._ladders.async_forget(key)
        self._look(dt_util.utcnow())

    async def async_move(self, old: str, new: str) -> None:
        """Give what is remembered of a screen to the one that takes its place."""
        self._ladders.async_move(old, new)
        self._read_left_out()
        self._wake_by(dt_util.utcnow())

    @callback
    def async_handled(self, coordinator: ScreenCoordinator) -> None:
        """Leave a screen to a person, who has seen to it."""
        self._ladders.async_put(self._ladders.get(coordinator.screen.key).handled())
        async_tell_step(self._hass, self._entry, coordinator.screen, "handled")
        self._look(dt_util.utcnow())

    @callback
    def async_again(self, coordinator: ScreenCoordinator) -> bool:
        """Climb once more, as a person wishes; tell whether that may be today."""
        ladder, now = self._ladders.get(coordinator.screen.key), dt_util.utcnow()
        if ladder.spent(now):
            return False
        self._ladders.async_put(ladder.again())
        async_tell_step(self._hass, self._entry, coordinator.screen, "again")
        self._look(now)
        return True

    @callback
    def async_spare(self, keys: Collection[str]) -> None:
        """Leave these screens in peace, and no other: what is wrong with them is the outage's doing."""
        changed, self._spared = set(keys).symmetric_difference(self._spared), keys
        for key in changed & self._fleet.screens.keys():
            self._handle_change(self._fleet.screens[key])

    @property
    def diagnostics(self) -> list[dict[str, Any]]:
        """Return where the screens stand that were in trouble of late."""
        return [asdict(ladder) for ladder in self._ladders]

    def _rules(self, key: str) -> Rules:
        """Return how a screen is to be recovered."""
        options = self._entry.options
        return Rules(
            enabled=self.enabled and key not in self._left_out,
            grace=timedelta(seconds=options.get(CONF_RECOVERY_GRACE, DEFAULT_RECOVERY_GRACE)),
            lockout=timedelta(minutes=options.get(CONF_RECOVERY_LOCKOUT, DEFAULT_RECOVERY_LOCKOUT)),
        )

    def _read_left_out(self) -> None:
        """Take over which screens are left out; the option names their devices."""
        left_out = self._entry.options.get(CONF_RECOVERY_LEFT_OUT, [])
        devices = map(dr.async_get(self._hass).async_get, left_out)
        self._left_out = {key for device in devices if device for _, key in device.identifiers}

    @callback
    def _welcome(self, coordinator: ScreenCoordinator) -> None:
        """Follow one more screen; if it was deleted before, its device is the one that may be left out."""
        self._read_left_out()
        self._follow(coordinator)

    @callback
    def _follow(self, coordinator: ScreenCoordinator) -> None:
        """Hear of each change of a screen from now on."""
        follow = partial(self._handle_change, coordinator)
        self._unfollow[coordinator.screen.key] = coordinator.async_add_listener(follow)
        self._ladders.async_show(coordinator)
        self._handle_change(coordinator)

    @callback
    def _leave(self, key: str) -> None:
        """Look no more at a screen that is gone, or begins anew in another's place."""
        self._unfollow.pop(key)()
        self._sights.pop(key, None)

    @callback
    def _leave_all(self) -> None:
        for unfollow in self._unfollow.values():
            unfollow()

    @callback
    def _handle_change(self, coordinator: ScreenCoordinator) -> None:
        """Take in how a screen is now; the cost does not grow with the fleet."""
        state, key = coordinator.data, coordinator.screen.key
        given_up = state.command is not None and state.command.state is State.MANUAL_INTERVENTION_REQUIRED
        spared = key in self._spared
        if (
            key not in self._ladders
            and not given_up
            and sight(state, None, ups_event=spared) == self._sights.get(key)
        ):
            return  # as nearly always: a screen in no trouble has said something new
        now, before = dt_util.utcnow(), self._ladders.get(key)
        ladder = before
        if ladder.command_id is not None:
            ladder = ladder.followed(self._commander.ledger.async_get(ladder.command_id), now)
        if state.command is not None and given_up:
            ladder = ladder.given_up(state.command)
        seen = sight(state, ladder.mended_at, ups_event=spared)
        if seen != self._sights.get(key):
            self._sights[key] = seen
            ladder = ladder.saw(seen, now)
        if ladder != before:
            self._ladders.async_put(ladder)
        if ladder.worth_keeping:  # a command that held it may be over
            self._wake_by(self._due(ladder, now))
        if before.climbing and not ladder.climbing:  # another may have its place
            self._wake_by(now)

    def _due(self, ladder: Ladder, now: datetime) -> datetime | None:
        """Return when there is next something to do for a screen."""
        seen = self._sights.get(ladder.key, Sight())
        due = ladder.due(seen, self._rules(ladder.key))
        if due is None:
            return ladder.over_at
        coordinator = self._fleet.screens[ladder.key]
        newest = coordinator.data.command
        commands = [*self._commander.ledger.async_open(ladder.key), *([newest] if newest else [])]
        return max(due, held_until(commands, now) or due)

    def _wake_by(self, moment: datetime | None) -> None:
        """Look again at this moment at the latest."""
        if moment is not None and (self._wake_at is None or moment < self._wake_at):
            self._wake_at = moment
            self._alarm.async_set(moment)

    @callback
    def _look(self, now: datetime) -> None:
        """Take every step that is due, and wake again for the next; who has no place yet waits for one."""
        self._wake_at = None
        for ladder in self._ladders:
            self._come_down(ladder, ladder.at(now))
        waiting: list[Ladder] = []
        for ladder in self._ladders:
            due = self._due(ladder, now)
            if due is None or due > now:
                self._wake_by(due)
            elif ladder.rung is None:
                waiting.append(ladder)
            else:
                self._climb(ladder, now)
        climbing = sum(ladder.climbing for ladder in self._ladders)
        for ladder in first_in_line(waiting, climbing):
            self._climb(ladder, now)

    def _climb(self, ladder: Ladder, now: datetime) -> None:
        """Take the next step with a screen."""
        self._climbs.async_step(self._fleet.screens[ladder.key], self._sights[ladder.key], now)

    def _come_down(self, before: Ladder, after: Ladder) -> None:
        """Take over what time has done to a ladder, and tell of a climb that is over."""
        if after == before:
            return
        self._ladders.async_put(after)
        if before.climbing and not after.climbing and before.key in self._fleet.screens:
            screen = self._fleet.screens[before.key].screen
            async_tell_step(self._hass, self._entry, screen, "recovered")
