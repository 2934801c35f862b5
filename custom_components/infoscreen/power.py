"""Decides what the TVs of each group should be, or of one screen alone, and lets people decide."""

import asyncio
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta
from functools import partial
from itertools import batched

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers.dispatcher import async_dispatcher_connect, async_dispatcher_send
from homeassistant.util import dt as dt_util
from homeassistant.util.signal_type import SignalType

from .alarm import WallAlarm
from .const import CONF_MANUAL_HOLD, DEFAULT_MANUAL_HOLD, DOMAIN, TELL_AT_ONCE
from .coordinator import ScreenCoordinator
from .decisions import Decisions
from .duty import Duty
from .fleet import Fleet
from .intents import Intents
from .model.hours import Hours
from .model.power import Hold, Power, PowerMode, PowerReason, Target, held_a_while
from .power_plan import PowerPlan
from .retained import Retained
from .scheduler import Scheduler
from .store import FleetStore


class PowerKeeper:
    """The power of one fleet: of all groups, and of screens that somebody decides on apart from their group.

    What TVs should be is looked at again when it may change; in between its intent is repeated.
    """

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry,
        retained: Retained,
        fleet: Fleet,
        store: FleetStore,
        scheduler: Scheduler,
    ) -> None:
        self._hass = hass
        self._entry = entry
        self._retained = retained
        self._fleet = fleet
        self._decisions = Decisions(store)
        self._plan = PowerPlan(entry, fleet, scheduler, self._decisions)
        self._scheduler = scheduler
        self._intents = Intents(entry, retained, fleet, store, self._power_now)
        self._duty = Duty(fleet, self.async_power_of)
        self._alarm = WallAlarm(hass, entry, "power changes or is told again", self._wake)
        self._powers: dict[Target, Power] = {}
        self._due: dict[Target, datetime] = {}  # when to look at one again, or to tell it again
        self._unfollow: dict[int, CALLBACK_TYPE] = {}
        entry.async_on_unload(self._unfollow_all)
        #: What TVs should be was looked at, and may be something else.
        self.looked = SignalType[Target](f"{DOMAIN}_{entry.entry_id}_power")

    def changed(self, target: Target) -> SignalType[()]:
        """Return the signal that the power of a group or screen, or who decides on it, has changed."""
        kind = "group" if isinstance(target, int) else "screen"
        return SignalType(f"{DOMAIN}_{self._entry.entry_id}_{kind}_{target}_power")

    @callback
    def async_power_of(self, target: Target) -> Power | None:
        """Return what TVs should be, None where nobody tells them, or tells one screen apart."""
        return self._powers.get(target) if self._plan.is_told(target) else None

    @callback
    def async_power_of_screen(self, coordinator: ScreenCoordinator) -> Power | None:
        """Return what the TV of a screen should be: by its own intent, or else by its group's."""
        return self._duty.power_of(coordinator)

    @callback
    def async_power_at(self, group_id: int, at: datetime) -> Power | None:
        """Tell what the TVs of a group should be at a moment; past holds are not known."""
        if not self._plan.is_told(group_id):
            return None
        return self._plan.at(group_id, at, decided=at >= dt_util.utcnow())

    @callback
    def async_hold_of(self, target: Target) -> Hold | None:
        """Return how a group or a screen is held by hand, None where the schedule decides."""
        return self._decisions.hold_of(target)

    @callback
    def async_hours_of(self, coordinator: ScreenCoordinator) -> Hours:
        """Return when a screen is due: while its TV should be on, round the clock where nobody tells it."""
        return self._duty.hours_of(coordinator)

    async def async_set(
        self, targets: Iterable[Target], mode: PowerMode, until: datetime | None = None
    ) -> None:
        """Hold groups or screens by hand, or (auto) let the schedule decide; on disk when this returns."""
        hold = None if mode is PowerMode.AUTO else Hold(mode=mode, until=until)
        await self._hold(dict.fromkeys(targets, hold))

    async def async_hold_a_while(self, target: Target, mode: PowerMode) -> None:
        """Hold by hand for some minutes, but no longer than the schedule stays as it is."""
        now = dt_util.utcnow()
        turns_at = self._plan.at(target, now).turns_at
        until = now + timedelta(minutes=self._entry.options.get(CONF_MANUAL_HOLD, DEFAULT_MANUAL_HOLD))
        await self._hold({target: held_a_while(self.async_hold_of(target), mode, until, turns_at)})

    async def _hold(self, holds: Mapping[Target, Hold | None]) -> None:
        await self._decisions.async_hold(holds)
        self._look_at(holds)

    @callback
    def async_black_out(self, target: Target, reason: PowerReason | None) -> None:
        """Turn TVs off to spare a UPS, or (None) let go; whoever does so remembers it."""
        self._decisions.black_out(target, reason)
        self._look_at(self._plan.with_apart(target))

    async def async_start(self) -> None:
        """Look at all groups, and follow them from now on."""
        self._entry.async_on_unload(
            async_dispatcher_connect(self._hass, self._fleet.groups.members_changed, self._members_changed)
        )
        await self.async_update()

    async def async_update(self) -> None:
        """Follow a change of groups or options; what nobody is told any more is taken off the broker."""
        self._decisions.keep(self._fleet.groups.keys() | self._fleet.screens.keys())
        self._intents.begin_anew()
        silent = self._intents.drop(target for target in self._intents if not self._plan.is_told(target))
        self._follow_groups()
        self._look_at(self._powers.keys() | self._fleet.groups.keys() | {*self._decisions.screens()})
        self._duty.async_show()
        if silent:
            await self._retained.async_empty(silent)

    async def async_move(self, old: str, new: str) -> None:
        """Hold a screen as the one was held whose place it takes."""
        self._decisions.move(old, new)
        self._look_at([new])

    @callback
    def async_forget(self, key: str) -> None:
        """Forget who decided on a screen that is no more."""
        self._decisions.forget(key)

    def _follow_groups(self) -> None:
        """Hear of changes in what each group shows."""
        groups = self._fleet.groups
        for group_id in self._unfollow.keys() - groups.keys():
            self._unfollow.pop(group_id)()
        for group_id in groups.keys() - self._unfollow.keys():
            self._unfollow[group_id] = async_dispatcher_connect(
                self._hass, self._scheduler.shown_changed(group_id), partial(self._plan_changed, group_id)
            )

    @callback
    def async_republish(self, group_ids: Iterable[int]) -> None:
        """Tell groups once more, and those of their screens that are told apart."""
        now = dt_util.utcnow()
        for group_id in group_ids:
            for target in self._plan.with_apart(group_id):
                if self._plan.is_told(target):
                    self._tell(target, now)
        self._set_alarm()

    @callback
    def _plan_changed(self, group_id: int) -> None:
        self._look_at(self._plan.with_apart(group_id))

    @callback
    def _members_changed(self) -> None:
        self._look_at({key for key in self._powers if isinstance(key, str)} | {*self._decisions.screens()})
        self._duty.async_show()

    @callback
    def _wake(self, now: datetime) -> None:
        due = [target for target, moment in self._due.items() if moment <= now]
        for target in due:
            del self._due[target]  # it is set anew when it has its turn
        if len(due) <= TELL_AT_ONCE:
            self._go_on(due, now)
        else:
            self._set_alarm()
            self._entry.async_create_background_task(self._hass, self._go_on_in_turns(due), "many TVs")

    async def _go_on_in_turns(self, targets: Collection[Target]) -> None:
        """Go on with many once their screens have their lists; the connection is served in between."""
        await self._scheduler.async_hand_over()
        for batch in batched(targets, TELL_AT_ONCE, strict=False):
            self._go_on(batch, dt_util.utcnow())
            await asyncio.sleep(0)

    def _go_on(self, targets: Iterable[Target], now: datetime) -> None:
        """Look again at those of which something changes, and tell those again whose intent grows old."""
        for target in targets:
            if (power := self._powers.get(target)) is None:
                continue  # it has left before its turn
            if power.next_change is not None and power.next_change <= now:
                self._look(target, now)
            if self._plan.is_told(target) and self._intents.is_due(target, now):
                self._tell(target, now)
        self._set_alarm()

    def _look_at(self, targets: Iterable[Target]) -> None:
        """See what some TVs should be, and wake for them when that changes."""
        now = dt_util.utcnow()
        for target in list(targets):
            self._look(target, now)
        self._set_alarm()

    def _look(self, target: Target, now: datetime) -> None:
        """See what TVs should be, and tell them if that is news."""
        self._decisions.pass_time(target, now)
        if not self._plan.exists(target):
            self._leave(target)
        else:
            before = self._powers.get(target)
            power = self._powers[target] = self._plan.at(target, now, decided=True)
            if self._plan.is_told(target):
                self._intents.follow(target, power, before, now)
            self._set_due(target)
            self._duty.async_follow(target, now, on=power.on, new=before is None)
        async_dispatcher_send(self._hass, self.changed(target))
        async_dispatcher_send(self._hass, self.looked, target)

    def _leave(self, target: Target) -> None:
        """Have nothing more to do with a group that is gone, or a screen that follows its group again."""
        self._powers.pop(target, None)
        self._due.pop(target, None)
        if emptied := self._intents.drop([target]):
            self._entry.async_create_task(
                self._hass, self._retained.async_empty(emptied), "take an intent off"
            )
        self._duty.async_leave(target)

    def _power_now(self, target: Target, now: datetime) -> Power:
        """Return what TVs should be now, also to a connection that came up before the alarm went off."""
        next_change = self._powers[target].next_change
        if next_change is not None and next_change <= now:
            self._look(target, now)
        return self._powers[target]

    def _tell(self, target: Target, now: datetime) -> None:
        self._intents.tell(target, now)
        self._set_due(target)

    def _set_due(self, target: Target) -> None:
        """Note when to look at one again."""
        due = self._intents.due_at(target, self._powers[target].next_change)
        self._due.pop(target, None)
        if due is not None:
            self._due[target] = due

    def _set_alarm(self) -> None:
        self._alarm.async_set(min(self._due.values(), default=None))

    @callback
    def _unfollow_all(self) -> None:
        for unfollow in self._unfollow.values():
            unfollow()
