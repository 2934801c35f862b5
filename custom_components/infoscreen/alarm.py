"""One timer that is set anew whenever the next thing to do moves: for one thing, or for many."""

from collections.abc import Callable
from datetime import datetime, timedelta
from heapq import heappop, heappush
from typing import Final, override

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import CALLBACK_TYPE, HassJob, HomeAssistant, callback
from homeassistant.helpers.event import async_call_later, async_track_point_in_utc_time
from homeassistant.util import dt as dt_util

# The loop's clock stands while a machine sleeps, and does not hear of it when the one on the wall is set.
_UNWATCHED: Final = timedelta(minutes=1)


class Alarm:
    """Wakes somebody at one moment; silent while none is set, and once the entry is unloaded."""

    def __init__(
        self, hass: HomeAssistant, entry: ConfigEntry, name: str, wake: Callable[[datetime], None]
    ) -> None:
        self._hass = hass
        self._wake = wake
        self._job = HassJob(self._handle, name, cancel_on_shutdown=True)
        self._cancel: CALLBACK_TYPE | None = None
        self._over = False
        entry.async_on_unload(self._end)

    @property
    def is_set(self) -> bool:
        """Tell whether somebody will be woken."""
        return self._cancel is not None

    @callback
    def async_set(self, moment: datetime | None) -> None:
        """Wake at this moment and no other; at none if it is None, or for whoever outlives the entry."""
        self._clear()
        if moment is not None and not self._over:
            self._wait(moment)

    def _wait(self, moment: datetime) -> None:
        self._cancel = async_track_point_in_utc_time(self._hass, self._job, moment)

    @callback
    def _clear(self) -> None:
        if self._cancel is not None:
            self._cancel()
            self._cancel = None

    @callback
    def _end(self) -> None:
        self._over = True
        self._clear()

    @callback
    def _handle(self, _moment: datetime) -> None:
        self._cancel = None
        self._wake(dt_util.utcnow())


class WallAlarm(Alarm):
    """Wakes somebody when the clock on the wall shows a moment, and early if it was set back meanwhile.

    The others wait for as long as it was when they were set, as somebody who may have fallen silent is given.
    """

    _moment: datetime
    _since: datetime

    @override
    def _wait(self, moment: datetime) -> None:
        self._moment, self._since = moment, dt_util.utcnow()
        wait = min(max(moment - self._since, timedelta()), _UNWATCHED)
        self._cancel = async_call_later(self._hass, wait, self._job)

    @callback
    @override
    def _handle(self, moment: datetime) -> None:
        if self._since <= dt_util.utcnow() < self._moment:
            self._wait(self._moment)
        else:
            super()._handle(moment)


class Alarms:
    """One alarm for many: wakes somebody for each at its moment, or before it was put off."""

    def __init__(
        self, hass: HomeAssistant, entry: ConfigEntry, name: str, wake: Callable[[str, datetime], None]
    ) -> None:
        self._wake = wake
        self._alarm = Alarm(hass, entry, name, self._look)
        self._moments: dict[str, datetime] = {}
        self._order: list[tuple[datetime, str]] = []

    @callback
    def async_set(self, key: str, moment: datetime | None) -> None:
        """Wake for this one at this moment; one that is put off is woken for early, and may be set again."""
        if moment is None:
            self._moments.pop(key, None)
        elif key not in self._moments or moment < self._moments[key]:
            self._moments[key] = moment
            heappush(self._order, (moment, key))
            if self._order[0] == (moment, key):
                self._alarm.async_set(moment)

    @callback
    def _look(self, now: datetime) -> None:
        while self._order and self._order[0][0] <= now:
            moment, key = heappop(self._order)
            if self._moments.get(key) == moment:
                del self._moments[key]
                self._wake(key, now)
        if self._order:
            self._alarm.async_set(self._order[0][0])
