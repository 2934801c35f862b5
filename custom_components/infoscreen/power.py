"""Tells the TVs of each group what they should be, on time and again and again, and lets people decide."""

from collections.abc import Iterable
from datetime import datetime
from functools import partial
from uuid import uuid4

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.dispatcher import async_dispatcher_connect, async_dispatcher_send
from homeassistant.util import dt as dt_util
from homeassistant.util.signal_type import SignalType

from .alarm import Alarm
from .const import CONF_POWER_INTENT_ENABLED, DOMAIN
from .coordinator import ScreenCoordinator
from .fleet import Fleet
from .model.hours import NEVER, ROUND_THE_CLOCK, Hours, since
from .model.intents import follow, intent_payload
from .model.power import Hold, Power, PowerMode, PowerReason, power_at
from .model.wire import as_json
from .pacing import configured_margins, configured_pace
from .retained import Retained
from .scheduler import Scheduler
from .store import FleetStore


class PowerKeeper:
    """The power of all groups of one fleet.

    What a group's TVs should be is looked at again when it may change; in between its intent is repeated.
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
        self._store = store
        self._scheduler = scheduler
        self._alarm = Alarm(hass, entry, "power changes or is told again", self._wake)
        self._powers: dict[int, Power] = {}
        self._pace = configured_pace(entry.options)
        self._told_at: dict[int, datetime] = {}  # of those that are told
        self._issued_at: dict[int, datetime] = {}
        self._on_since: dict[int, datetime] = {}  # of those that should be on
        self._blackouts: dict[int, PowerReason] = {}  # of those that are off to spare a UPS
        self._due: dict[int, datetime] = {}  # when to look at a group again, or to tell it again
        self._unfollow: dict[int, CALLBACK_TYPE] = {}
        entry.async_on_unload(self._unfollow_all)

    def changed(self, group_id: int) -> SignalType[()]:
        """Return the signal that the power of a group, or who decides on it, has changed."""
        return SignalType(f"{DOMAIN}_{self._entry.entry_id}_group_{group_id}_power")

    @callback
    def async_power_of(self, group_id: int) -> Power | None:
        """Return what the TVs of a group should be, None where nobody tells them."""
        return self._powers.get(group_id) if self._is_told(group_id) else None

    @callback
    def async_power_at(self, group_id: int, at: datetime) -> Power | None:
        """Tell what the TVs of a group should be at a moment; past holds are not known."""
        if not self._is_told(group_id):
            return None
        if at < dt_util.utcnow():
            return self._plan(group_id, at)
        return self._plan(group_id, at, self.async_hold_of(group_id), self._blackouts.get(group_id))

    @callback
    def async_hold_of(self, group_id: int) -> Hold | None:
        """Return how a group is held by hand, None where the schedule decides."""
        return self._store.power_holds.get(group_id)

    @callback
    def async_hours_of(self, coordinator: ScreenCoordinator) -> Hours:
        """Return when a screen is due: while its TV should be on, round the clock where nobody tells it."""
        group_id = coordinator.screen.group_id or 0
        if not self._is_told(group_id):
            return ROUND_THE_CLOCK
        on_since = self._on_since.get(group_id)
        return since(on_since) if on_since else NEVER

    async def async_set(
        self, group_ids: Iterable[int], mode: PowerMode, until: datetime | None = None
    ) -> None:
        """Hold groups by hand, or (auto) let the schedule decide again; on disk when this returns."""
        before = dict(self._store.power_holds)
        touched = list(group_ids)
        for group_id in touched:
            self._store.power_holds.pop(group_id, None)
            if mode is not PowerMode.AUTO:
                self._store.power_holds[group_id] = Hold(mode=mode, until=until)
        try:
            await self._store.async_save()
        except HomeAssistantError:
            self._store.power_holds = before
            raise
        now = dt_util.utcnow()
        for group_id in touched:
            self._look(group_id, now)
        self._set_alarm()

    @callback
    def async_black_out(self, group_id: int, reason: PowerReason | None) -> None:
        """Turn the TVs of a group off to spare a UPS, or (None) let go; whoever does so remembers it."""
        if reason is None:
            self._blackouts.pop(group_id, None)
        else:
            self._blackouts[group_id] = reason
        self._plan_changed(group_id)

    async def async_start(self) -> None:
        """Look at all groups, and follow them from now on."""
        self._entry.async_on_unload(
            async_dispatcher_connect(self._hass, self._fleet.members_changed, self._show_due)
        )
        await self.async_update(dt_util.utcnow())

    async def async_update(self, now: datetime) -> None:
        """Follow a change of groups or options; what nobody is told any more is taken off the broker."""
        groups, store = self._fleet.groups, self._store
        self._pace = configured_pace(self._entry.options)
        silent = [group_id for group_id in store.power_intents if not self._is_told(group_id)]
        for group_id in silent:
            del store.power_intents[group_id]
        store.power_holds = {key: hold for key, hold in store.power_holds.items() if key in groups}
        self._powers = {key: power for key, power in self._powers.items() if key in groups}
        self._on_since = {key: moment for key, moment in self._on_since.items() if key in groups}
        self._told_at, self._due = {}, {}
        self._follow_groups()
        for group_id in groups:
            self._look(group_id, now)
        self._set_alarm()
        self._show_due()
        if silent:
            await self._retained.async_empty(map(self._fleet.topics.power_intent, silent))

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
        """Tell groups once more."""
        for group_id in group_ids:
            if self._is_told(group_id):
                self._tell(group_id, dt_util.utcnow())
        self._set_alarm()

    @callback
    def _plan_changed(self, group_id: int) -> None:
        self._look(group_id, dt_util.utcnow())
        self._set_alarm()

    @callback
    def _wake(self, now: datetime) -> None:
        for group_id in [group_id for group_id, due in self._due.items() if due <= now]:
            next_change = self._powers[group_id].next_change
            if next_change is not None and next_change <= now:
                self._look(group_id, now)
            if group_id in self._told_at and self._pace.due_at(self._told_at[group_id], None) <= now:
                self._tell(group_id, now)
        self._set_alarm()

    def _look(self, group_id: int, now: datetime) -> None:
        """See what a group's TVs should be, and tell them if that is news."""
        if group_id not in self._fleet.groups:  # it is being cleared up behind
            self._due.pop(group_id, None)
            return
        self._let_go(group_id, now)
        before = self._powers.get(group_id)
        power = self._powers[group_id] = self._plan(
            group_id, now, self.async_hold_of(group_id), self._blackouts.get(group_id)
        )
        if self._is_told(group_id):
            standing = self._store.power_intents.get(group_id)
            transition = follow(standing, power, str(uuid4()))
            if transition is not standing:
                self._store.power_intents[group_id] = transition
                self._store.async_save_soon()
            if group_id not in self._told_at or self._pace.is_news(power, before):
                self._tell(group_id, now)
        self._set_due(group_id)
        if power.on is not (group_id in self._on_since):
            if power.on:
                self._on_since[group_id] = now
            else:
                del self._on_since[group_id]
            self._show_due(group_id)
        async_dispatcher_send(self._hass, self.changed(group_id))

    def _let_go(self, group_id: int, now: datetime) -> None:
        """End a hold whose time is over."""
        hold = self.async_hold_of(group_id)
        if hold is not None and hold.is_over(now):
            del self._store.power_holds[group_id]
            self._store.async_save_soon()

    def _plan(
        self,
        group_id: int,
        at: datetime,
        hold: Hold | None = None,
        blackout: PowerReason | None = None,
    ) -> Power:
        margins = configured_margins(self._fleet.groups[group_id], self._entry.options)
        return power_at(at, partial(self._scheduler.planned_from, group_id), margins, hold, blackout)

    def _is_told(self, group_id: int) -> bool:
        """Tell whether anything goes out for a group."""
        group = self._fleet.groups.get(group_id)
        return bool(group and group.power_enabled and self._entry.options.get(CONF_POWER_INTENT_ENABLED))

    def _tell(self, group_id: int, now: datetime) -> None:
        """Let a group's intent stand on the broker; it is written when it is published, so none is old."""
        self._told_at[group_id] = now
        self._retained.async_hold(self._fleet.topics.power_intent(group_id), partial(self._payload, group_id))
        self._set_due(group_id)

    def _payload(self, group_id: int) -> bytes:
        """Write a group's intent as of now; one clock set back does not make it older than the last."""
        now = dt_util.utcnow()
        next_change = self._powers[group_id].next_change
        if next_change is not None and next_change <= now:
            self._look(group_id, now)  # a connection that came up before the alarm went off
        issued_at = self._issued_at[group_id] = max(now, self._issued_at.get(group_id, now))
        transition, power = self._store.power_intents[group_id], self._powers[group_id]
        return as_json(intent_payload(group_id, transition, power, issued_at, self._pace))

    def _set_due(self, group_id: int) -> None:
        """Note when to look at a group again: when it changes, or is to be told again."""
        next_change = self._powers[group_id].next_change
        told_at = self._told_at.get(group_id)
        due = self._pace.due_at(told_at, next_change) if told_at else next_change
        self._due.pop(group_id, None)
        if due is not None:
            self._due[group_id] = due

    @callback
    def _show_due(self, group_id: int | None = None) -> None:
        """Let the screens of a group, or all, know whether they are due."""
        screens = self._fleet.screens if group_id is None else self._fleet.async_screens_of(group_id)
        for coordinator in screens.values():
            power = self.async_power_of(coordinator.screen.group_id or 0)
            if coordinator.data.due is not (due := power is None or power.on):
                coordinator.async_show(due=due)

    def _set_alarm(self) -> None:
        self._alarm.async_set(min(self._due.values(), default=None))

    @callback
    def _unfollow_all(self) -> None:
        for unfollow in self._unfollow.values():
            unfollow()
