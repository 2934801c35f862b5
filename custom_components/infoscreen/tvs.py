"""Turns TVs that are entities of others on and off as planned, and sees when a person did it."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import STATE_OFF, STATE_STANDBY, STATE_UNAVAILABLE, STATE_UNKNOWN
from homeassistant.core import (
    CALLBACK_TYPE,
    Event,
    EventStateChangedData,
    HomeAssistant,
    State,
    callback,
)
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.dispatcher import async_dispatcher_connect
from homeassistant.helpers.event import async_track_state_change_event
from homeassistant.helpers.start import async_at_started
from homeassistant.util import dt as dt_util

from .alarm import Alarms
from .const import CONF_TV_ENTITY, LOGGER
from .fleet import Fleet
from .hardware import described_hardware
from .model.power import Power, PowerMode, Target
from .model.tvs import Tv
from .power import PowerKeeper
from .switching import async_told


def is_on(state: State | None) -> bool | None:
    """Tell whether a TV is on by its entity's state, None where that says nothing."""
    if state is None or state.state in (STATE_UNAVAILABLE, STATE_UNKNOWN):
        return None
    return state.state not in (STATE_OFF, STATE_STANDBY)


class Tvs:
    """The TVs of one fleet: each follows a group, or one screen."""

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry, fleet: Fleet, power: PowerKeeper) -> None:
        self._hass = hass
        self._entry = entry
        self._fleet = fleet
        self._power = power
        self._alarms = Alarms(hass, entry, "a TV is told again", self._wake)
        self._leaders: dict[str, Target] = {}  # whom each TV follows
        self._tvs: dict[str, Tv] = {}
        self._started = False
        self._unfollow: CALLBACK_TYPE | None = None
        entry.async_on_unload(self._leave)

    @callback
    def async_start(self) -> None:
        """Follow what is planned, once the TVs' own integrations are there."""
        self._entry.async_on_unload(async_at_started(self._hass, self._begin))

    @callback
    def _begin(self, _hass: HomeAssistant) -> None:
        self._started = True
        connect: list[CALLBACK_TYPE] = [
            async_dispatcher_connect(self._hass, self._power.looked, self._look_at),
            async_dispatcher_connect(self._hass, self._fleet.groups.members_changed, self._look_at_all),
        ]
        for disconnect in connect:
            self._entry.async_on_unload(disconnect)
        self.async_read()

    @callback
    def async_read(self) -> None:
        """Take over the TVs as they are configured now."""
        if not self._started:
            return
        leaders: dict[str, Target] = {
            tv: group.group_id for group in self._fleet.groups.values() for tv in group.tv_entities
        }
        leaders |= {
            hardware[CONF_TV_ENTITY]: key
            for key, hardware in described_hardware(self._entry).items()
            if CONF_TV_ENTITY in hardware
        }
        if leaders.keys() != self._leaders.keys():
            self._leave()
            self._unfollow = async_track_state_change_event(self._hass, leaders, self._changed)
        now = dt_util.utcnow()
        self._leaders, before = leaders, self._tvs
        self._tvs = {tv: before.get(tv) or self._seen(Tv(), self._hass.states.get(tv), now) for tv in leaders}
        self._look_at_all()

    @callback
    def async_once_more(self, tv: str) -> None:
        """Tell a TV what it should be, also if it has been told often enough."""
        if (known := self._tvs.get(tv)) and known.wanted is not None and not known.away:
            self._entry.async_create_task(self._hass, self._tell(tv), f"turn {tv} once more")

    @callback
    def _look_at_all(self) -> None:
        self._follow(self._leaders)

    @callback
    def _look_at(self, leader: Target) -> None:
        """Let the TVs of a group or a screen follow; those of its screens go with a group."""
        self._follow([tv for tv, its in self._leaders.items() if leader in self._above(its)])

    def _above(self, leader: Target) -> Iterator[Target]:
        """Go through those who say what the TV of a group or a screen should be."""
        yield leader
        if isinstance(leader, str) and (coordinator := self._fleet.screens.get(leader)):
            yield coordinator.screen.group_id or 0

    @callback
    def power_of(self, leader: Target) -> Power | None:
        """Return what a TV should be that follows a group or a screen."""
        if isinstance(leader, int):
            return self._power.async_power_of(leader)
        coordinator = self._fleet.screens.get(leader)
        return self._power.async_power_of_screen(coordinator) if coordinator else None

    def _follow(self, tvs: Iterable[str]) -> None:
        """Let TVs know what they should be."""
        for tv in tvs:
            power = self.power_of(self._leaders[tv])
            self._tvs[tv] = self._tvs[tv].wants(on=power.on if power else None)
            self._go_on(tv, dt_util.utcnow())

    @callback
    def _changed(self, event: Event[EventStateChangedData]) -> None:
        """Take in what a TV shows; what a person did holds for a while."""
        tv, now = event.data["entity_id"], dt_util.utcnow()
        before, state = self._tvs[tv], event.data["new_state"]
        self._tvs[tv] = self._seen(before, state, now)
        if before.is_hand(now, on=is_on(state)):
            self._entry.async_create_task(self._hass, self._hold(tv), f"hold {tv}")
        self._go_on(tv, now)

    def _seen(self, tv: Tv, state: State | None, now: datetime) -> Tv:
        """Return a TV as it shows something."""
        return tv.shows(now, on=is_on(state), away=state is None or state.state == STATE_UNAVAILABLE)

    async def _hold(self, tv: str) -> None:
        """Let what a person did to a TV hold for its group or screen."""
        mode = PowerMode.ON if self._tvs[tv].shown else PowerMode.OFF
        LOGGER.info("%s was turned %s by hand", tv, mode)
        try:
            await self._power.async_hold_a_while(self._leaders[tv], mode)
        except HomeAssistantError as err:
            LOGGER.warning("%s was turned by hand, which could not be saved: %s", tv, err)

    @callback
    def _wake(self, tv: str, now: datetime) -> None:
        if tv in self._tvs:
            self._go_on(tv, now)

    def _go_on(self, tv: str, now: datetime) -> None:
        """Tell a TV what it should be, or wait until it is to be told again."""
        due = self._tvs[tv].due(now)
        if due is not None and due <= now:
            self._entry.async_create_task(self._hass, self._tell(tv), f"turn {tv}")
        else:
            self._alarms.async_set(tv, due)

    async def _tell(self, tv: str) -> None:
        """Tell a TV what it should be; whether it follows is seen by its state."""
        now = dt_util.utcnow()
        told = self._tvs[tv] = self._tvs[tv].called(now)
        self._alarms.async_set(tv, told.due(now))
        await async_told(self._hass, tv, on=bool(told.wanted))

    @callback
    def _leave(self) -> None:
        if self._unfollow is not None:
            self._unfollow()
            self._unfollow = None
