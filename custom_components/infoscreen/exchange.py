"""Schedules as iCalendar files: a timetable from elsewhere in, our own out with nothing lost.

The library reads and writes the format only; what recurs, and how an occurrence is changed, is the model's.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
import re
from types import NoneType
from typing import Any, Final, override
from zoneinfo import ZoneInfo

from ical.calendar import Calendar
from ical.calendar_stream import IcsCalendarStream
from ical.event import Event as Entry, EventStatus
from ical.exceptions import CalendarParseError
from ical.timezone import Timezone
from ical.types.extra import ExtraProperty
from ical.types.recur import Recur, RecurrenceId
import orjson

from .model.errors import Refused
from .model.schedule.clock import moment_of, zone_named
from .model.schedule.conventions import Page, content_on, page_of
from .model.schedule.drafts import Terms, draft
from .model.schedule.edits import Scope, delete_event, update_event
from .model.schedule.events import PLANNED, Event, EventType, Override, Priority

MAX_LENGTH: Final = 10_000_000
PRODID: Final = "-//Infoscreen//Schedule//EN"
_OURS: Final = "x-infoscreen"
_SHOWN: Final = 200
_UTC: Final = "UTC"
#: What iCalendar has no words for, and of what kind it is.
_KINDS: Final[dict[str, type]] = {
    "priority": str,
    "files": list,
    "slide_interval": int,
    "page_progress": bool,
    "auto_progress": bool,
    "autoplay": bool,
    "loop": bool,
    "volume": float,
    "muted": bool,
    "skip_holidays": bool,
    "period": int,
}
# Calendars that people use fill these wrongly, and nothing is read of them.
_UNREAD: Final = re.compile(
    r"^(?:ATTENDEE|CLASS|CREATED|GEO|LAST-MODIFIED|ORGANIZER|PRIORITY|SEQUENCE|TRANSP|URL)[;:].*\n",
    re.MULTILINE,
)
_FOLD: Final = re.compile(r"\r?\n[ \t]")
_UNTIL_A_DAY: Final = re.compile(r"^(RRULE[;:].*UNTIL=[0-9]{8})(?![0-9T])", re.MULTILINE)
_FIELDS: Final = {"event_type", "url", "media", "text", *_KINDS}


@dataclass(frozen=True, kw_only=True, slots=True)
class Skipped:
    """An entry that is not taken, by the line on which it begins."""

    line: int
    title: str
    refusal: Refused


@dataclass(frozen=True, kw_only=True, slots=True)
class Read:
    """What is read of a file."""

    drafts: list[Event]
    skipped: list[Skipped]


def read_ical(text: str, terms: Terms) -> Read:
    """Read a file; entries that make no sense are skipped, a file that is none is refused."""
    if len(text) > MAX_LENGTH:
        raise Refused("ical_too_long", limit=f"{MAX_LENGTH}")
    text = text.removeprefix("\ufeff")
    try:
        entries = IcsCalendarStream.calendar_from_ics(_mended(text)).events
    except (CalendarParseError, ValueError) as err:
        raise Refused("ical_invalid", error=f"{err}".partition("\n")[0][:_SHOWN]) from err
    begins = enumerate(text.split("\n"), 1)
    lines = [number for number, line in begins if line.strip().upper() == "BEGIN:VEVENT"]
    series: dict[str, Event] = {}
    skipped = []
    numbered = sorted(zip(lines, entries, strict=False), key=lambda each: each[1].recurrence_id is not None)
    for line, entry in numbered:
        try:
            if entry.recurrence_id is not None and entry.uid in series:
                series[entry.uid] = _changed(series[entry.uid], entry, terms)
            elif entry.recurrence_id is None and entry.status is not EventStatus.CANCELLED:
                series[entry.uid] = _series(entry, terms)
        except Refused as refusal:
            skipped.append(Skipped(line=line, title=entry.summary or "", refusal=refusal))
        except (ValueError, OverflowError) as err:
            unread = Refused("ical_entry_invalid", error=f"{err}"[:_SHOWN])
            skipped.append(Skipped(line=line, title=entry.summary or "", refusal=unread))
    return Read(drafts=[*series.values()], skipped=skipped)


def write_ical(events: Iterable[Event]) -> str:
    """Write events as a file."""
    planned = list(events)
    calendar = Calendar(prodid=PRODID)
    calendar.timezones += [Timezone.from_tzif(name) for name in sorted({each.time_zone for each in planned})]
    for event in planned:
        calendar.events += [_entry(event, event), *_exceptions(event)]
    return IcsCalendarStream.calendar_to_ics(calendar)


# Reading


def _mended(text: str) -> str:
    """Return a file without what the library would refuse all of it for, and nobody misses."""
    unfolded = _FOLD.sub("", text)
    return _UNTIL_A_DAY.sub(r"\1T235959", _UNREAD.sub("", unfolded))


def _series(entry: Entry, terms: Terms) -> Event:
    """Return an entry as an event, without the occurrences that were taken out."""
    if entry.rdate:
        raise Refused("ical_dates", title=entry.summary or "")
    event = draft(_wish(entry, terms), terms)
    zone = zone_named(event.time_zone)
    exdates = frozenset(_wall(each, zone) for each in entry.exdate)
    return Event.from_stored({**event.as_stored(), "exdates": [each.isoformat() for each in exdates]})


def _changed(event: Event, entry: Entry, terms: Terms) -> Event:
    """Return a series with one occurrence as an entry has it."""
    called = datetime.fromisoformat(f"{entry.recurrence_id}")
    if called.tzinfo is None and entry.recurrence_id is not None:
        called = called.replace(tzinfo=entry.recurrence_id.tzinfo)
    if entry.status is EventStatus.CANCELLED:
        return delete_event(event, Scope.OCCURRENCE, called).kept or event
    wish = {name: value for name, value in _wish(entry, terms).items() if name not in {"rrule", "time_zone"}}
    return update_event(event, Scope.OCCURRENCE, called, wish, terms).kept or event


def _wish(entry: Entry, terms: Terms) -> dict[str, Any]:
    """Return the wish in an entry."""
    start, title = entry.dtstart, entry.summary or ""
    wish: dict[str, Any] = {
        "title": title,
        "start": start,
        "end": entry.end if start else None,
        "all_day": not isinstance(start, datetime),
        "time_zone": _zone_of(entry, terms),
        "rrule": entry.rrule.as_rrule_str() if entry.rrule else None,
    }
    ours = next((extra.value for extra in entry.extras if extra.name == _OURS), None)
    page = Page(location=entry.location, description=entry.description)
    return wish | (_our_own(ours, terms) if ours else content_on(page, title))


def _zone_of(entry: Entry, terms: Terms) -> str:
    """Return on whose wall an entry is; a series in UTC recurs there, and on other days than here."""
    zone = getattr(entry.dtstart, "tzinfo", None)
    here = _UTC if zone is UTC and entry.rrule else terms.time_zone
    return str(getattr(zone, "key", here))


def _our_own(value: str, terms: Terms) -> dict[str, Any]:
    """Read what we wrote of an event; what somebody else wrote in its place is refused."""
    try:
        stored = orjson.loads(bytes.fromhex(value))
        sound = all(isinstance(stored.get(name), (kind, NoneType)) for name, kind in _KINDS.items())
        wish = {name: each for name, each in stored.items() if name in _FIELDS and sound}
        EventType(wish["event_type"]), PLANNED.index(wish.get("priority", Priority.NORMAL))
    except (ValueError, AttributeError, KeyError) as err:
        raise Refused("ical_invalid", error=_OURS) from err
    if wish.get("period") not in terms.periods:
        wish.pop("period", None)
    return wish


def _wall(value: date | datetime, zone: ZoneInfo) -> datetime:
    """Return a date or a time as the wall of a zone shows it."""
    if not isinstance(value, datetime):
        return datetime.combine(value, datetime.min.time())
    return value.astimezone(zone).replace(tzinfo=None, fold=0) if value.tzinfo else value


# Writing


class _Named(ZoneInfo):
    """A zone that is written by its name.

    The library writes a time of a zone that is at UTC as one of UTC, and a series that begins in a British
    winter would be an hour late in summer.
    """

    @override
    def utcoffset(self, dt: datetime | None, /) -> timedelta | None:
        return super().utcoffset(dt) or timedelta.resolution


def _exceptions(event: Event) -> Iterator[Entry]:
    """Return the occurrences of a series that are not like the others."""
    for each in event.overrides:
        yield _entry(event, event.single(each.occurrence, each.changes), each)


def _entry(series: Event, event: Event, exception: Override | None = None) -> Entry:
    """Return an event as an entry of a calendar."""
    page, zone = page_of(event), zone_named(series.time_zone)
    ours = {name: getattr(event, name) for name in sorted(_FIELDS)}
    return Entry(
        dtstamp=datetime(1970, 1, 1, tzinfo=UTC),  # the same schedule is the same file
        uid=f"{series.event_id}@infoscreen",
        summary=event.title,
        dtstart=_said(event.start, event, zone_named(event.time_zone)),
        dtend=_said(event.end, event, zone_named(event.time_zone)),
        location=page.location,
        description=page.description,
        rrule=Recur.from_rrule(_rule(event)) if event.rrule else None,
        exdate=[_said(each, event, zone) for each in sorted(event.exdates)],
        **({"recurrence-id": _name(exception.occurrence, series)} if exception else {}),
        extras=[ExtraProperty(name=_OURS, value=orjson.dumps(ours).hex())],
    )


def _name(occurrence: datetime, series: Event) -> RecurrenceId:
    """Return what an occurrence is called."""
    if series.all_day:
        return RecurrenceId(f"{occurrence:%Y%m%d}")
    return RecurrenceId(f"{occurrence:%Y%m%dT%H%M%S}", tzinfo=zone_named(series.time_zone))


def _said(wall: datetime, event: Event, zone: ZoneInfo) -> date | datetime:
    """Return a time of a wall as an entry says it."""
    if event.all_day:
        return wall.date()
    return wall.replace(tzinfo=zone if zone.key == _UTC else _Named(zone.key))


def _rule(event: Event) -> str:
    """Return a rule as RFC 5545 wants it: until a moment in UTC, or a day."""
    if event.rule is None or event.rule.until is None or event.all_day:
        return f"{event.rrule}"
    until = moment_of(event.rule.until, zone_named(event.time_zone))
    return re.sub(r"UNTIL=[0-9TZ]+", f"UNTIL={until:%Y%m%dT%H%M%SZ}", f"{event.rrule}")
