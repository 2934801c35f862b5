"""Calendars: what each group shows, to be changed on Home Assistant's own page, and the fleet's holidays."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final, override

from homeassistant.components.calendar import (
    CalendarEntity,
    CalendarEntityDescription,
    CalendarEntityFeature,
    CalendarEvent,
)
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.util import dt as dt_util
from homeassistant.util.signal_type import SignalType

from .entity import FleetEntity, GroupEntity, SignalledEntity, async_add_for_groups, refusals_told
from .model.errors import Refused
from .model.fleet import Group
from .model.schedule.conventions import page_of, wish_of
from .model.schedule.drafts import draft
from .model.schedule.edits import Edit, Scope, delete_event, update_event
from .model.schedule.events import Event
from .model.schedule.holidays import Holiday
from .model.schedule.series import Occurrence
from .runtime import InfoscreenConfigEntry

PARALLEL_UPDATES = 0

SCHEDULE: Final = CalendarEntityDescription(key="schedule")
HOLIDAYS: Final = CalendarEntityDescription(key="holidays")
_FOLLOWING: Final = "THISANDFUTURE"


async def async_setup_entry(
    hass: HomeAssistant, entry: InfoscreenConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Add the calendars of the fleet and of its groups."""
    async_add_entities([FleetHolidays(entry)])
    async_add_for_groups(hass, entry, async_add_entities, lambda group: [GroupSchedule(entry, group)])


class FollowedCalendar(SignalledEntity, CalendarEntity):
    """A calendar that people may have open: whoever does sees each change, however far from now."""

    @callback
    @override
    def _handle_signal(self) -> None:
        before = self._last_shown
        super()._handle_signal()  # core tells them of each state that is written, and of nothing else
        if self._last_shown is before and self._event_listener_debouncer is not None:
            self._event_listener_debouncer.async_schedule_call()


class GroupSchedule(FollowedCalendar, GroupEntity):
    """What a group is to show; people plan it here as in any calendar."""

    _attr_supported_features = (
        CalendarEntityFeature.CREATE_EVENT
        | CalendarEntityFeature.DELETE_EVENT
        | CalendarEntityFeature.UPDATE_EVENT
    )

    def __init__(self, entry: InfoscreenConfigEntry, group: Group) -> None:
        super().__init__(entry, group, SCHEDULE)
        self._scheduler = entry.runtime_data.scheduler

    @property
    @override
    def _signal(self) -> SignalType[()]:
        return self._scheduler.shown_changed(self._group_id)

    @override
    def _shown(self) -> tuple[CalendarEvent | None, str]:
        return self.event, self.state

    @override
    def _async_write_ha_state(self) -> None:
        """Write the state, and set none of core's alarms: the scheduler tells of each change."""
        super()._async_write_ha_state()
        for cancel in self._alarm_unsubs or ():
            cancel()
        self._alarm_unsubs = []

    @property
    @override
    def event(self) -> CalendarEvent | None:
        shown = self._scheduler.shown.get(self._group_id)
        occurrence = shown[0] if shown else self._scheduler.upcoming(self._group_id)
        return _on_page(occurrence) if occurrence else None

    @override
    async def async_get_events(
        self, hass: HomeAssistant, start_date: datetime, end_date: datetime
    ) -> list[CalendarEvent]:
        planned = await self._scheduler.async_between(self._group_id, start_date, end_date)
        return [_on_page(occurrence) for occurrence in planned]

    @override
    async def async_create_event(self, **kwargs: Any) -> None:
        with refusals_told():
            new = await self.hass.async_add_executor_job(
                lambda: draft(wish_of(kwargs), self._scheduler.terms)
            )
        await self._scheduler.async_add(new, [self._group_id])

    @override
    async def async_update_event(
        self,
        uid: str,
        event: dict[str, Any],
        recurrence_id: str | None = None,
        recurrence_range: str | None = None,
    ) -> None:
        scope, terms = _scope(recurrence_id, recurrence_range), self._scheduler.terms

        def changed(planned: Event) -> Edit:
            wish = wish_of(event, planned)
            if scope is Scope.OCCURRENCE:
                wish.pop("rrule", None)  # the page sends the series' own along
            return update_event(planned, scope, recurrence_id, wish, terms)

        await self._async_edit(uid, changed)

    @override
    async def async_delete_event(
        self, uid: str, recurrence_id: str | None = None, recurrence_range: str | None = None
    ) -> None:
        scope = _scope(recurrence_id, recurrence_range)
        await self._async_edit(uid, partial(delete_event, scope=scope, occurrence=recurrence_id))

    async def _async_edit(self, uid: str, change: Callable[[Event], Edit]) -> None:
        planned = self._scheduler.event(int(uid)) if uid.isdecimal() else None
        with refusals_told():
            if planned is None or planned.group_id != self._group_id:
                raise Refused("event_unknown", event_id=uid)
            await self._scheduler.async_edit(planned.event_id, change)


class FleetHolidays(FollowedCalendar, FleetEntity):
    """The holidays of all periods that are not archived."""

    def __init__(self, entry: InfoscreenConfigEntry) -> None:
        super().__init__(entry, HOLIDAYS)
        self._academics = entry.runtime_data.academics

    @property
    @override
    def _signal(self) -> SignalType[()]:
        return self._academics.changed

    @override
    def _shown(self) -> CalendarEvent | None:
        return self.event

    @property
    @override
    def event(self) -> CalendarEvent | None:
        today = dt_util.now().date()
        return next((_day_off(each) for each in self._academics.open_holidays if each.end >= today), None)

    @override
    async def async_get_events(
        self, hass: HomeAssistant, start_date: datetime, end_date: datetime
    ) -> list[CalendarEvent]:
        found = map(_day_off, self._academics.open_holidays)
        return [
            each
            for each in found
            if each.start_datetime_local < end_date and each.end_datetime_local > start_date
        ]


def _on_page(occurrence: Occurrence) -> CalendarEvent:
    """Return an occurrence as a calendar's page shows it."""
    event = occurrence.event
    page, starts, ends = page_of(event), occurrence.start, occurrence.end
    return CalendarEvent(
        start=starts.date() if event.all_day else dt_util.as_local(occurrence.starts_at),
        end=ends.date() if event.all_day else dt_util.as_local(occurrence.ends_at),
        summary=event.headline,
        description=page.description,
        location=page.location,
        uid=f"{event.event_id}",
        recurrence_id=occurrence.called() if occurrence.rule else None,
        rrule=occurrence.rule.text if occurrence.rule else None,
    )


def _day_off(holiday: Holiday) -> CalendarEvent:
    """Return a holiday as a calendar's page shows it."""
    return CalendarEvent(
        start=holiday.start,
        end=holiday.end + timedelta(days=1),
        summary=holiday.name,
        location=holiday.region,
        uid=f"{holiday.holiday_id}",
    )


def _scope(recurrence_id: str | None, recurrence_range: str | None) -> Scope:
    """Return how much of a series is meant."""
    if not recurrence_id:
        return Scope.SERIES
    return Scope.FOLLOWING if recurrence_range == _FOLLOWING else Scope.OCCURRENCE
