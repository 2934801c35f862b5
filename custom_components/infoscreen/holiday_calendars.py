"""The groups' own holiday calendars: any calendar in Home Assistant may say on which days to be silent."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any, Final

from homeassistant.components.calendar import DOMAIN as CALENDAR, SERVICE_GET_EVENTS
from homeassistant.config_entries import ConfigEntry
from homeassistant.const import ATTR_ENTITY_ID
from homeassistant.core import CALLBACK_TYPE, Event, EventStateChangedData, HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.event import async_track_state_change_event
from homeassistant.util import dt as dt_util

from .academics import Academics
from .alarm import WallAlarm
from .const import DOMAIN, LOGGER
from .fleet import Fleet
from .model.schedule.holidays import days_within

# A school year and the summer behind it; what lies further ahead is read in time.
_AHEAD: Final = timedelta(days=400)
# Events that began before today may still be on.
_BACK: Final = timedelta(days=7)


class HolidayCalendars:
    """Reads the holiday calendars of one fleet's groups: when they change, and each midnight."""

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry, fleet: Fleet, academics: Academics) -> None:
        self._hass = hass
        self._entry = entry
        self._fleet = fleet
        self._academics = academics
        self._alarm = WallAlarm(hass, entry, "a day begins", self._look)
        self._followed: frozenset[str] = frozenset()
        self._days: dict[str, frozenset[date]] = {}
        self._unfollow: CALLBACK_TYPE | None = None
        entry.async_on_unload(self._stop)

    @callback
    def async_follow(self) -> None:
        """Follow the calendars that the groups name now."""
        named = frozenset(
            group.holiday_calendar for group in self._fleet.groups.values() if group.holiday_calendar
        )
        if named != self._followed:
            self._stop()
            self._followed = named
            self._days = {name: days for name, days in self._days.items() if name in named}
            self._unfollow = async_track_state_change_event(self._hass, named, self._changed)
            self._look(dt_util.utcnow())
        self._tell()

    @callback
    def _stop(self) -> None:
        if self._unfollow is not None:
            self._unfollow()
            self._unfollow = None

    @callback
    def _changed(self, event: Event[EventStateChangedData]) -> None:
        self._read([event.data["entity_id"]])

    @callback
    def _look(self, now: datetime) -> None:
        """Read all of them, and again at midnight."""
        self._read(self._followed)
        tomorrow = dt_util.as_local(now).date() + timedelta(days=1)
        self._alarm.async_set(dt_util.start_of_local_day(tomorrow) if self._followed else None)

    def _read(self, names: Iterable[str]) -> None:
        for name in names:
            if self._hass.states.get(name) is not None:  # else its integration is not there yet
                self._entry.async_create_background_task(
                    self._hass, self._async_read(name), f"{DOMAIN} read {name}"
                )

    async def _async_read(self, name: str) -> None:
        """Read a calendar; one that does not answer keeps the days it had."""
        today = dt_util.start_of_local_day()
        asked = {
            ATTR_ENTITY_ID: name,
            "start_date_time": today - _BACK,
            "end_date_time": today + _AHEAD,
        }
        try:
            response = await self._hass.services.async_call(
                CALENDAR, SERVICE_GET_EVENTS, asked, blocking=True, return_response=True
            )
        except HomeAssistantError as err:
            LOGGER.warning("The holiday calendar %s cannot be read: %s", name, err)
            return
        found: Mapping[str, Any] = response or {}
        zone = dt_util.get_default_time_zone()
        self._days[name] = frozenset(
            day
            for each in found.get(name, {}).get("events", [])
            for day in days_within(each["start"], each["end"], zone)
        )
        self._tell()

    @callback
    def _tell(self) -> None:
        self._academics.async_set_days_of_groups(
            {
                group_id: self._days[group.holiday_calendar]
                for group_id, group in self._fleet.groups.items()
                if group.holiday_calendar in self._days
            }
        )
