"""Periods and holidays of a fleet: changed by administrators, and the active period by each midnight."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any, Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers.dispatcher import async_dispatcher_send
from homeassistant.util import dt as dt_util
from homeassistant.util.signal_type import SignalType

from .alarm import WallAlarm
from .const import DOMAIN
from .issues import async_raise_issue
from .model.errors import Refused
from .model.schedule.clock import FIRST
from .model.schedule.events import Event
from .model.schedule.holiday_file import Imported, read_list, take
from .model.schedule.holidays import Holiday, changed_holiday, check_holiday, check_inside, days_off, let_join
from .model.schedule.periods import (
    Held,
    Period,
    PeriodType,
    active_period,
    changed_period,
    check_archive,
    check_delete,
    check_period,
)
from .store import FleetStore

NO_PERIOD: Final = "no_active_period"

type Wish = Mapping[str, Any]


class Academics:
    """The periods of one fleet, which of them is active, and the days off."""

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry, store: FleetStore) -> None:
        self._hass = hass
        self._entry = entry
        self._store = store
        self._alarm = WallAlarm(hass, entry, "a day begins", self._look)
        self._days_off = days_off((), (), {})
        self._days_of_groups: Mapping[int, frozenset[date]] = {}
        self.active: Period | None = None
        self.changed = SignalType[()](f"{DOMAIN}_{entry.entry_id}_academics")
        """Tells that periods or holidays, or which period is active, may have changed."""
        self.days_changed = SignalType[()](f"{DOMAIN}_{entry.entry_id}_days_off")
        """Tells that other days may be off."""

    @callback
    def async_start(self) -> None:
        """Take up what was planned before."""
        self._gather()
        self._look(dt_util.utcnow())

    def is_off(self, event: Event, wall: datetime) -> bool:
        """Tell whether an event is left out on the day of a time on its wall."""
        return self._days_off.is_off(event, wall)

    @callback
    def async_set_days_of_groups(self, days: Mapping[int, frozenset[date]]) -> None:
        """Take over the days of the groups' own holiday calendars."""
        if days != self._days_of_groups:
            self._days_of_groups = days
            self._gather()
            async_dispatcher_send(self._hass, self.days_changed)

    # Periods

    @property
    def periods(self) -> list[Period]:
        """Return all periods, the earliest first."""
        return sorted(self._store.periods.values(), key=lambda each: (each.start, each.period_id))

    def period(self, period_id: int) -> Period:
        """Return a period, or refuse an id that is of none."""
        if (period := self._store.periods.get(period_id)) is None:
            raise Refused("period_unknown", period=f"{period_id}")
        return period

    async def async_add_period(self, wish: Wish) -> int:
        """Add a period; return its id."""
        async with self._store.planning:
            period_id = self._store.last_period_id + 1
            blank = Period(
                period_id=period_id,
                name="",
                start=FIRST.date(),
                end=FIRST.date(),
                period_type=PeriodType.SCHULJAHR,
            )
            await self._keep_period(changed_period(blank, wish), last_period_id=period_id)
        return period_id

    async def async_update_period(self, period_id: int, wish: Wish) -> None:
        """Change a period; its holidays stay inside it."""
        async with self._store.planning:
            await self._keep_period(changed_period(self.period(period_id), wish))

    async def async_archive_period(self, period_id: int) -> None:
        """Put a period away that is over."""
        async with self._store.planning:
            period = self.period(period_id)
            check_archive(period, self.active, self._store.events.values(), dt_util.utcnow())
            await self._keep_period(replace(period, archived=True))

    async def async_restore_period(self, period_id: int) -> None:
        """Take a period back that was put away."""
        async with self._store.planning:
            await self._keep_period(replace(self.period(period_id), archived=False))

    async def async_activate_period(self, period_id: int) -> None:
        """Make a period the active one until midnight."""
        async with self._store.planning:
            period = self.period(period_id)
            if period.archived:
                raise Refused("period_archived", period=period.name)
            held = Held(period_id=period_id, day=_today(dt_util.utcnow()))
            await self._store.async_change_schedule(held_period=held)
        self._tell()

    async def async_delete_period(self, period_id: int) -> None:
        """Delete a period and its holidays."""
        async with self._store.planning:
            check_delete(self.period(period_id), self._store.events.values())
            periods = {key: period for key, period in self._store.periods.items() if key != period_id}
            kept = (each for each in self._store.holidays.values() if each.period != period_id)
            holidays = {each.holiday_id: each for each in kept}
            await self._store.async_change_schedule(periods=periods, holidays=holidays)
        self._tell()

    async def _keep_period(self, period: Period, **numbers: int) -> None:
        if not period.archived:
            check_period(period, self._store.periods.values())
        check_inside(period, self._store.holidays.values())
        periods = self._store.periods | {period.period_id: period}
        await self._store.async_change_schedule(periods=periods, **numbers)
        self._tell()

    # Holidays

    @property
    def holidays(self) -> list[Holiday]:
        """Return all holidays, the earliest first."""
        return sorted(self._store.holidays.values(), key=lambda each: (each.start, each.holiday_id))

    @property
    def open_holidays(self) -> list[Holiday]:
        """Return the holidays of the periods that are not archived, the earliest first."""
        archived = {period.period_id for period in self._store.periods.values() if period.archived}
        return [holiday for holiday in self.holidays if holiday.period not in archived]

    async def async_add_holiday(self, period_id: int, wish: Wish) -> int:
        """Add a holiday to a period; return its id, or that of the one it became part of."""
        async with self._store.planning:
            number = self._store.last_holiday_id + 1
            day = FIRST.date()
            blank = Holiday(holiday_id=number, period=period_id, name="", start=day, end=day)
            return await self._keep_holiday(changed_holiday(blank, wish), last_holiday_id=number)

    async def async_update_holiday(self, holiday_id: int, wish: Wish) -> int:
        """Change a holiday; return its id, or that of the one it became part of."""
        async with self._store.planning:
            return await self._keep_holiday(changed_holiday(self._holiday(holiday_id), wish))

    async def async_delete_holiday(self, holiday_id: int) -> None:
        """Delete a holiday."""
        async with self._store.planning:
            self._holiday(holiday_id)
            holidays = {key: each for key, each in self._store.holidays.items() if key != holiday_id}
            await self._store.async_change_schedule(holidays=holidays)
        self._tell()

    async def async_import_holidays(self, period_id: int, content: str) -> Imported:
        """Take the holidays of a list into a period, all that can be or, if the disk fails, none."""
        async with self._store.planning:
            period = self.period(period_id)
            rows, number = read_list(content), self._store.last_holiday_id + 1
            imported = await self._hass.async_add_executor_job(
                take, rows, period, [*self._store.holidays.values()], number
            )
            await self._store.async_change_schedule(
                holidays={each.holiday_id: each for each in imported.holidays},
                last_holiday_id=number + len(rows),
            )
        self._tell()
        return imported

    def _holiday(self, holiday_id: int) -> Holiday:
        if (holiday := self._store.holidays.get(holiday_id)) is None:
            raise Refused("holiday_unknown", holiday=f"{holiday_id}")
        return holiday

    async def _keep_holiday(self, holiday: Holiday, **numbers: int) -> int:
        check_holiday(holiday, self.period(holiday.period))
        admission = let_join(self._store.holidays.values(), holiday)
        holidays = {each.holiday_id: each for each in admission.holidays}
        await self._store.async_change_schedule(holidays=holidays, **numbers)
        self._tell()
        return admission.holiday.holiday_id

    # The course of time

    @callback
    def _look(self, now: datetime) -> None:
        """Find out which period is active, and look again at midnight."""
        today = _today(now)
        self.active = active_period(self._store.periods.values(), today, self._store.held_period)
        self._raise()
        async_dispatcher_send(self._hass, self.changed)
        self._alarm.async_set(dt_util.start_of_local_day(today + timedelta(days=1)))

    def _raise(self) -> None:
        """Let a repair stand while there are periods, and none is active."""
        issue_id = f"{NO_PERIOD}_{self._entry.entry_id}"
        if self.active is not None or not self._store.periods:
            ir.async_delete_issue(self._hass, DOMAIN, issue_id)
            return
        async_raise_issue(
            self._hass,
            self._entry,
            issue_id,
            translation_key=NO_PERIOD,
            translation_placeholders={"fleet": self._entry.title},
        )

    @callback
    def _tell(self) -> None:
        """Let a change of periods or holidays be known."""
        self._gather()
        self._look(dt_util.utcnow())
        async_dispatcher_send(self._hass, self.days_changed)

    def _gather(self) -> None:
        self._days_off = days_off(
            self._store.periods.values(), self._store.holidays.values(), self._days_of_groups
        )


def _today(now: datetime) -> date:
    """Return the day it is where Home Assistant is."""
    return dt_util.as_local(now).date()
