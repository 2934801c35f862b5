"""Notices TVs that are not what they should be: their entities say so, what they draw, or screens."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial
import math
from typing import Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import ATTR_UNIT_OF_MEASUREMENT, UnitOfPower
from homeassistant.core import CALLBACK_TYPE, Event, EventStateChangedData, HomeAssistant, State, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.dispatcher import async_dispatcher_connect, async_dispatcher_send
from homeassistant.helpers.event import async_track_state_change_event
from homeassistant.util import dt as dt_util
from homeassistant.util.signal_type import SignalType
from homeassistant.util.unit_conversion import PowerConverter

from .alarm import Alarms
from .alerts import Alerts
from .const import (
    CONF_POWER_ON_ABOVE,
    CONF_POWER_SENSOR,
    CONF_TV_ENTITY,
    DEFAULT_POWER_ON_ABOVE,
    DOMAIN,
)
from .coordinator import ScreenCoordinator
from .devices import group_identifier
from .fleet import Fleet
from .hardware import described_hardware
from .model.alerts import Alert, Kind, Level
from .model.power import Target
from .model.tvs import Doubt
from .power import PowerKeeper
from .tvs import Tvs, is_on

# How the report of a screen itself is told from what its entities say.
_SCREEN: Final = "screen_on"


@dataclass(frozen=True, kw_only=True, slots=True)
class _Watched:
    """Who knows the TVs of a group, or the TV of a screen."""

    leader: Target
    tvs: tuple[str, ...] = ()
    sensor: str | None = None
    on_above: float = DEFAULT_POWER_ON_ABOVE

    @property
    def entities(self) -> tuple[str, ...]:
        """Return the entities to look at."""
        return (*self.tvs, *((self.sensor,) if self.sensor else ()))


class Mismatches:
    """The TVs of one fleet that are not what they should be: each is told once more, and people of it."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry,
        fleet: Fleet,
        power: PowerKeeper,
        tvs: Tvs,
        alerts: Alerts,
    ) -> None:
        self._hass = hass
        self._entry = entry
        self._fleet = fleet
        self._power = power
        self._tvs = tvs
        self._alerts = alerts
        self._alarms = Alarms(hass, entry, "a TV has been wrong for too long", self._wake)
        self._watched: dict[str, _Watched] = {}  # by whom an alert would be about
        self._doubts: dict[str, Doubt] = {}
        self._standing: set[str] = set()
        self._unfollow: list[CALLBACK_TYPE] = []
        #: There are other screens whose TV is watched.
        self.changed = SignalType[()](f"{DOMAIN}_{entry.entry_id}_mismatches")
        entry.async_on_unload(self._leave)

    def watches(self, key: str) -> bool:
        """Tell whether anything is known of a screen's hardware."""
        return key in self._watched

    @callback
    def async_start(self) -> None:
        """Look at all TVs, and follow them from now on."""
        self._entry.async_on_unload(
            async_dispatcher_connect(self._hass, self._power.looked, self._look_below)
        )
        self.async_read()

    @callback
    def async_read(self) -> None:
        """Take over the TVs and sensors as they are configured now."""
        self._leave()
        before = self._watched
        self._watched = dict(self._configured())
        for subject in before.keys() - self._watched.keys():
            self._drop(subject, before[subject])
        by_entity: dict[str, list[str]] = {}
        for subject, watched in self._watched.items():
            for entity_id in watched.entities:
                by_entity.setdefault(entity_id, []).append(subject)
            if coordinator := self._fleet.screens.get(subject):
                self._unfollow.append(coordinator.async_add_listener(partial(self._look, subject)))

        @callback
        def look(event: Event[EventStateChangedData]) -> None:
            for subject in by_entity[event.data["entity_id"]]:
                self._look(subject)

        self._unfollow.append(async_track_state_change_event(self._hass, by_entity, look))
        for subject in self._watched:
            self._look(subject)
        async_dispatcher_send(self._hass, self.changed)

    def _configured(self) -> Iterator[tuple[str, _Watched]]:
        """Yield what is configured: the TVs of groups, and all that is known of a screen's."""
        for group in self._fleet.groups.values():
            if group.tv_entities:
                _, subject = group_identifier(self._entry, group.group_id)
                yield subject, _Watched(leader=group.group_id, tvs=group.tv_entities)
        for key, hardware in described_hardware(self._entry).items():
            tv = hardware.get(CONF_TV_ENTITY)
            yield (
                key,
                _Watched(
                    leader=key,
                    tvs=(tv,) if tv else (),
                    sensor=hardware.get(CONF_POWER_SENSOR),
                    on_above=hardware.get(CONF_POWER_ON_ABOVE, DEFAULT_POWER_ON_ABOVE),
                ),
            )

    @callback
    def _look_below(self, leader: Target) -> None:
        """Look at the TVs of a group or a screen; those of its screens go with a group."""
        for subject, watched in self._watched.items():
            coordinator = self._fleet.screens.get(subject)
            if leader == watched.leader or (coordinator and coordinator.screen.group_id == leader):
                self._look(subject)

    @callback
    def _look(self, subject: str) -> None:
        """See whether a TV is what it should be, and what follows from that."""
        now, watched = dt_util.utcnow(), self._watched[subject]
        coordinator = self._fleet.screens.get(subject)
        power = self._tvs.power_of(watched.leader)
        says = self._said(watched, coordinator)
        wanted = power.on if power else None
        doubt = self._doubts[subject] = self._doubts.get(subject, Doubt()).heard(now, says, wanted=wanted)
        stands = doubt.stands(now)
        if not stands:
            self._alarms.async_set(subject, doubt.due)
        if stands is not (subject in self._standing):
            self._turn(subject, watched, doubt, stands=stands)
        if coordinator is not None:
            known = wanted is not None and any(on is not None for on in says.values())
            coordinator.async_show(mismatch=stands if known else None)

    def _said(self, watched: _Watched, coordinator: ScreenCoordinator | None) -> dict[str, bool | None]:
        """Return what is said of a TV; what a screen reported last is not said by one that is away."""
        says = {tv: is_on(self._hass.states.get(tv)) for tv in watched.tvs}
        if watched.sensor is not None:
            says[watched.sensor] = _draws(self._hass.states.get(watched.sensor), watched.on_above)
        if coordinator is not None and coordinator.data.connected:
            says[_SCREEN] = coordinator.screen.screen_on
        return says

    def _turn(self, subject: str, watched: _Watched, doubt: Doubt, *, stands: bool) -> None:
        """Tell a TV once more and raise the alert, or give the all-clear."""
        now = dt_util.utcnow()
        alert = Alert(
            kind=Kind.POWER_MISMATCH, level=Level.WARNING, subject=subject, since=doubt.began or now
        )
        if not stands:
            self._standing.discard(subject)
            self._alerts.async_clear(alert, now)
            return
        self._standing.add(subject)
        self._alerts.async_raise(alert, now)
        for tv in watched.tvs:
            if tv in doubt.since or subject in self._fleet.screens:
                self._tvs.async_once_more(tv)

    def _drop(self, subject: str, watched: _Watched) -> None:
        """Watch a TV no more."""
        del self._doubts[subject]
        if subject in self._standing:
            self._turn(subject, watched, Doubt(), stands=False)
        if coordinator := self._fleet.screens.get(subject):
            coordinator.async_show(mismatch=None)

    @callback
    def _wake(self, subject: str, _now: datetime) -> None:
        if subject in self._watched:
            self._look(subject)

    @callback
    def _leave(self) -> None:
        while self._unfollow:
            self._unfollow.pop()()


def _draws(state: State | None, on_above: float) -> bool | None:
    """Tell whether a TV is on by what it draws, None where the sensor says nothing."""
    try:
        drawn = float(state.state) if state else math.nan
        unit = state.attributes.get(ATTR_UNIT_OF_MEASUREMENT, UnitOfPower.WATT) if state else None
        watts = PowerConverter.convert(drawn, unit, UnitOfPower.WATT)
    except ValueError, HomeAssistantError:
        return None
    return watts > on_above if math.isfinite(watts) else None
