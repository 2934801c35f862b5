"""Publishes what each group shows: wakes at the next change, and sleeps until then."""

import asyncio
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from heapq import heappop, heappush
from itertools import batched
from typing import Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import callback
from homeassistant.helpers.dispatcher import async_dispatcher_connect, async_dispatcher_send
from homeassistant.util import dt as dt_util
from homeassistant.util.signal_type import SignalType

from .academics import Academics
from .alarm import Alarm, WallAlarm
from .const import CONF_REFRESH, DOMAIN, TELL_AT_ONCE
from .content import configured_content
from .fleet import Fleet
from .holiday_calendars import HolidayCalendars
from .media import Library
from .model.chains import planned
from .model.errors import Refused
from .model.schedule.drafts import Terms
from .model.schedule.edits import Edit
from .model.schedule.events import Event
from .model.schedule.payloads import can_show, payload
from .model.schedule.resolver import Answer, arrange, explain, shown_of
from .model.schedule.series import Occurrence, Outlook, between, outlook
from .model.wire import as_json
from .retained import Retained
from .store import FleetStore
from .unreadable import async_tell_unreadable

# A broker that is slow to answer keeps nobody from seeing what is shown.
_PATIENCE: Final = 1.0
# A clock that goes back further was set: what seemed over is still to come.
_SET_BACK: Final = timedelta(seconds=1)
# While nothing is to come, there still is a clock that may be set.
_NEVER: Final = datetime.max.replace(tzinfo=UTC)


class Scheduler:
    """The schedules of all groups of one fleet.

    Of each event it knows what is on and when that changes; only events whose moment has come are looked
    at again, and only their groups.
    """

    def __init__(
        self,
        entry: ConfigEntry,
        retained: Retained,
        fleet: Fleet,
        store: FleetStore,
        academics: Academics,
        library: Library,
    ) -> None:
        hass = self._hass = fleet.hass
        self._entry = entry
        self._retained = retained
        self._fleet = fleet
        self._store = store
        self._academics = academics
        self._library = library
        self._holiday_calendars = HolidayCalendars(hass, entry, fleet, academics)
        self._content = configured_content(entry.options, library.files)
        self._alarm = WallAlarm(hass, entry, "what is shown changes", self.async_look)
        self._refresh = Alarm(hass, entry, "what is shown is repeated", self._repeat)
        self._outlooks: dict[int, dict[int, Outlook]] = {}  # of the events of each group
        self._changes: list[tuple[datetime, int]] = []  # a heap of moments and event ids, old ones among them
        self._due: dict[int, datetime] = {}  # when to look at an event again
        self._looked_at = dt_util.utcnow()
        self._payloads: dict[int, bytes] = {}
        self._handing_over = asyncio.Lock()  # held while many lists are on their way
        self.shown: dict[int, list[Occurrence]] = {}

    async def async_start(self) -> None:
        """Look at everything once, and again whenever days off or files change."""
        await self._library.async_start(self._files_changed)
        self._academics.async_start()
        async_tell_unreadable(self._hass, self._entry, self._store)
        self.async_update(dt_util.utcnow())
        self._entry.async_on_unload(
            async_dispatcher_connect(self._hass, self._academics.days_changed, self._days_changed)
        )

    def shown_changed(self, group_id: int) -> SignalType[()]:
        """Return the signal that what a group shows, or is to show, has changed."""
        return SignalType(f"{DOMAIN}_{self._entry.entry_id}_group_{group_id}_shown")

    def event(self, event_id: int) -> Event | None:
        """Return an event of this fleet."""
        return self._store.events.get(event_id)

    @property
    def events(self) -> Iterable[Event]:
        """Return all events of this fleet."""
        return self._store.events.values()

    def events_of(self, group_id: int) -> list[Event]:
        """Return the events of a group."""
        return [event for event in self._store.events.values() if event.group_id == group_id]

    def upcoming(self, group_id: int) -> Occurrence | None:
        """Return what begins next in a group."""
        found = (look.upcoming for look in self._outlooks.get(group_id, {}).values())
        return min(
            (each for each in found if each is not None),
            key=lambda each: (each.starts_at, each.event_id),
            default=None,
        )

    def has_plans(self, group_id: int) -> bool:
        """Tell whether something is on in a group, or is still to come."""
        return any(look.changes_at is not None for look in self._outlooks.get(group_id, {}).values())

    def explain(self, group_id: int, at: datetime) -> Answer:
        """Tell what a group shows at a moment, and why."""
        return explain(self.events_of(group_id), at, self._academics.is_off, self._can_show)

    def planned_from(self, group_id: int, since: datetime) -> Iterator[Occurrence]:
        """Yield what turns the TVs of a group on and is not over at a moment, by its start."""
        ids = self._outlooks.get(group_id, {})
        events = (event for event_id in ids if (event := self.event(event_id)))
        return planned(events, since, self._academics.is_off)

    async def async_between(self, group_id: int, begin: datetime, end: datetime) -> list[Occurrence]:
        """Return what is planned in a group between two moments; not in the event loop, it may be much."""
        events = self.events_of(group_id)

        def planned() -> list[Occurrence]:
            found = [
                occurrence
                for event in events
                for occurrence in between(event, begin, end, self._academics.is_off)
            ]
            return sorted(found, key=lambda each: (each.starts_at, each.event_id))

        return await self._hass.async_add_executor_job(planned)

    @property
    def terms(self) -> Terms:
        """Return what wishes are read and checked against."""
        return Terms(
            time_zone=self._hass.config.time_zone,
            hosts=self._content.hosts,
            periods=self._store.periods,
        )

    def _can_show(self, event: Event) -> bool:
        return can_show(event, self._content)

    # Changes by people

    async def async_add(self, draft: Event, group_ids: Iterable[int]) -> dict[int, int]:
        """Add an event to each of some groups; return the new ids by group once all are on disk."""
        added = await self.async_add_all([replace(draft, group_id=group_id) for group_id in group_ids])
        return {event.group_id: event.event_id for event in added}

    async def async_add_all(self, drafts: Sequence[Event]) -> list[Event]:
        """Add events to the groups that they name; return them with their ids once all are on disk."""
        return await self.async_revise(lambda event: event, drafts)

    async def async_revise(
        self, revise: Callable[[Event], Event | None], drafts: Sequence[Event] = ()
    ) -> list[Event]:
        """Change events, drop those of which nothing is left, and add others, all in one go.

        Returns those that were added, with their ids, once everything is on disk.
        """
        async with self._store.planning:
            before, last = self._store.events, self._store.last_event_id
            kept = {key: revised for key, event in before.items() if (revised := revise(event)) is not None}
            added = [replace(draft, event_id=last + number) for number, draft in enumerate(drafts, 1)]
            touched = [event for key, event in before.items() if kept.get(key) is not event]
            if added or touched:
                events = kept | {event.event_id: event for event in added}
                await self._store.async_change_schedule(events=events, last_event_id=last + len(added))
        await self._library.async_know(media for event in added for media in event.all_media)
        self._replan([*touched, *added])
        return added

    async def async_edit(self, event_id: int, change: Callable[[Event], Edit]) -> int:
        """Change an event; return the id of the new event that made, or else its own, once it is on disk."""
        async with self._store.planning:
            if (before := self.event(event_id)) is None:
                raise Refused("event_unknown", event_id=f"{event_id}")
            if before.takeover is not None:
                raise Refused("event_is_takeover", title=before.title)
            # Changing an event may read a time zone from a file.
            edit = await self._hass.async_add_executor_job(change, before)
            last = self._store.last_event_id
            touched = [edit.kept] if edit.kept else []
            if edit.new is not None:
                last += 1
                touched.append(replace(edit.new, event_id=last))
            others = {key: event for key, event in self._store.events.items() if key != event_id}
            events = others | {event.event_id: event for event in touched}
            await self._store.async_change_schedule(events=events, last_event_id=last)
        await self._library.async_know(media for event in touched for media in event.all_media)
        self._replan([before, *touched])
        return last if edit.new is not None else event_id

    # The course of time

    @callback
    def async_update(self, now: datetime) -> None:
        """Follow a change of groups or options."""
        self._holiday_calendars.async_follow()
        self.async_plan(now)

    @callback
    def async_plan(self, now: datetime) -> None:
        """Look at every event and every group."""
        groups = self._fleet.groups
        self._content = configured_content(self._entry.options, self._library.files)
        self._library.async_release_all_but(self._store.events)
        self._outlooks = {group_id: {} for group_id in groups}
        self._payloads = {key: standing for key, standing in self._payloads.items() if key in groups}
        self.shown = {}
        self._changes, self._due = [], {}
        for event in self._store.events.values():
            self._look_at(event, now)
        self._publish(groups)
        self._set_alarm(now)
        self._set_refresh(now)

    @callback
    def async_look(self, now: datetime) -> None:
        """Publish the groups whose list has changed, and wake again at the next change."""
        if now < self._looked_at - _SET_BACK:
            self.async_plan(now)
            return
        touched: dict[int, None] = {}
        while self._changes and self._changes[0][0] <= now:
            moment, event_id = heappop(self._changes)
            event = self.event(event_id)
            if event is not None and self._due.get(event_id) == moment:
                self._look_at(event, now)
                touched[event.group_id] = None
        self._publish(touched)
        self._set_alarm(now)

    def _replan(self, events: Iterable[Event]) -> None:
        """Look again at events that have changed, gone ones among them."""
        now = dt_util.utcnow()
        touched: dict[int, None] = {}
        for event in events:
            self._outlooks.get(event.group_id, {}).pop(event.event_id, None)
            self._due.pop(event.event_id, None)
            if self.event(event.event_id) is None:
                self._library.async_release(event.event_id)
            touched[event.group_id] = None
            if (current := self.event(event.event_id)) is not None:
                self._look_at(current, now)
        self._publish(touched)
        self._set_alarm(now)

    def _look_at(self, event: Event, now: datetime) -> None:
        """Find out what of an event is on, and when to look again."""
        if (looks := self._outlooks.get(event.group_id)) is None:
            return
        look = looks[event.event_id] = outlook(event, now, self._academics.is_off)
        if look.changes_at is None:
            self._library.async_release(event.event_id)
        else:
            self._library.async_want(event)
            self._due[event.event_id] = look.changes_at
            heappush(self._changes, (look.changes_at, event.event_id))

    def _publish(self, group_ids: Iterable[int]) -> None:
        """Let the lists of some groups stand on the broker, those that are not what stands there."""
        touched = [group_id for group_id in group_ids if group_id in self._outlooks]
        changed = []
        for group_id in touched:
            looks = self._outlooks[group_id]
            active = (occurrence for look in looks.values() for occurrence in look.active)
            shown = self.shown[group_id] = shown_of(arrange(active, self._can_show))
            elements = [payload(occurrence, self._content) for occurrence in shown]
            standing = as_json(elements)
            if self._payloads.get(group_id) != standing:
                self._payloads[group_id] = standing
                changed.append(group_id)
        if len(touched) <= TELL_AT_ONCE:
            self._hold(changed)
            self._tell(touched)
        else:
            self._entry.async_create_task(self._hass, self._hold_then_tell(changed, touched), "many groups")

    @callback
    def _hold(self, group_ids: Iterable[int]) -> list[asyncio.Task[None]]:
        """Hand over the lists of groups, those that are still there; return what publishes them."""
        lists = ((group_id, self._payloads.get(group_id)) for group_id in group_ids)
        topic = self._fleet.topics.events
        tasks = [self._retained.async_hold(topic(key), standing) for key, standing in lists if standing]
        return [task for task in tasks if task]

    @callback
    def _tell(self, group_ids: Iterable[int]) -> None:
        """Let entities show what groups show."""
        for group_id in group_ids:
            async_dispatcher_send(self._hass, self.shown_changed(group_id))

    async def _hold_then_tell(self, changed: Collection[int], group_ids: Collection[int]) -> None:
        """Tell of many groups once their screens have their lists: states take longer to write.

        The connection is served in between, as it has no more than so many lists in flight.
        """
        async with self._handing_over:
            publishing: list[asyncio.Task[None]] = []
            for batch in batched(changed, TELL_AT_ONCE, strict=False):
                publishing += self._hold(batch)
                await asyncio.sleep(0)
            if publishing:
                await asyncio.wait(publishing, timeout=_PATIENCE)
        for group_id in group_ids:
            self._tell([group_id])
            await asyncio.sleep(0)

    async def async_hand_over(self) -> None:
        """Publish what changes by now, and wait while the lists of many groups are on their way."""
        self.async_look(dt_util.utcnow())
        async with self._handing_over:
            pass

    def _set_alarm(self, now: datetime) -> None:
        self._looked_at = now
        self._alarm.async_set(self._changes[0][0] if self._changes else _NEVER)

    @callback
    def _files_changed(self, event_ids: Collection[int]) -> None:
        """Publish the groups of events whose files have changed."""
        events = map(self.event, event_ids)
        self._publish(dict.fromkeys(event.group_id for event in events if event is not None))

    @callback
    def _days_changed(self) -> None:
        self.async_plan(dt_util.utcnow())

    # Repeating, for brokers that forget

    def _set_refresh(self, now: datetime) -> None:
        seconds = self._entry.options.get(CONF_REFRESH, 0)
        self._refresh.async_set(now + timedelta(seconds=seconds) if seconds else None)

    @callback
    def _repeat(self, now: datetime) -> None:
        """Publish all lists once more."""
        self.async_republish(self._payloads)
        self._set_refresh(now)

    @callback
    def async_republish(self, group_ids: Iterable[int]) -> None:
        """Publish the lists of some groups once more, whether or not they have changed."""
        self._hold(group_ids)
