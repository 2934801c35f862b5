"""Events: what a group is to show, and from when to when."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime
from enum import StrEnum
from functools import cache
from typing import Any, Final, Self
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from .errors import Refused
from .wire import as_time

MAX_TITLE_LENGTH: Final = 255
MAX_URL_LENGTH: Final = 2048


class EventType(StrEnum):
    """What kind of content an event shows."""

    WEBSITE = "website"


@cache
def _zone(name: str) -> ZoneInfo:
    """Return a time zone; the first time it is read from a file, so not in an event loop."""
    return ZoneInfo(name)


@dataclass(frozen=True, kw_only=True, slots=True)
class Event:
    """Something to show. Start and end are wall-clock times in its time zone: 08:00 stays 08:00.

    `starts_at` and `ends_at` are the moments. A time that daylight saving skips is the same time an hour
    later, one that it repeats is the first.
    """

    event_id: int
    group_id: int
    title: str
    start: datetime
    end: datetime
    time_zone: str
    event_type: EventType
    url: str

    starts_at: datetime = field(init=False, repr=False, compare=False)
    ends_at: datetime = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        zone = _zone(self.time_zone)
        for name, wall in (("starts_at", self.start), ("ends_at", self.end)):
            object.__setattr__(self, name, wall.replace(tzinfo=zone).astimezone(UTC))

    def payload(self) -> dict[str, Any]:
        """Return the element of a group's list on the wire (contract, "events")."""
        return {
            "id": self.event_id,
            "group_id": self.group_id,
            "title": self.title,
            "start": as_time(self.starts_at),
            "end": as_time(self.ends_at),
            "event_type": self.event_type,
            "recurrence_rule": None,
            "recurrence_end": None,
            "website": {"type": "browser", "url": self.url},
        }

    def as_stored(self) -> dict[str, Any]:
        """Return the event as JSON."""
        values = {each.name: getattr(self, each.name) for each in fields(self) if each.init}
        return values | {"start": self.start.isoformat(), "end": self.end.isoformat()}

    @classmethod
    def from_stored(cls, stored: Mapping[str, Any]) -> Self:
        """Read an event back."""
        values = {each.name: stored[each.name] for each in fields(cls) if each.init}
        times = {name: datetime.fromisoformat(values[name]) for name in ("start", "end")}
        return cls(**values | times | {"event_type": EventType(values["event_type"])})


def draft(*, title: str, start: datetime, end: datetime, time_zone: str, url: str) -> Event:
    """Check what somebody wants shown; the event has no ids yet."""
    title = title.strip()
    if not title or len(title) > MAX_TITLE_LENGTH:
        raise Refused("event_title_invalid", limit=str(MAX_TITLE_LENGTH))
    event = Event(
        event_id=0,
        group_id=0,
        title=title,
        start=_wall(start, time_zone),
        end=_wall(end, time_zone),
        time_zone=time_zone,
        event_type=EventType.WEBSITE,
        url=checked_url(url),
    )
    if event.ends_at <= event.starts_at:
        raise Refused("event_ends_before_it_starts", title=title, start=f"{start}", end=f"{end}")
    return event


def _wall(moment: datetime, time_zone: str) -> datetime:
    """Return a time as a clock on the wall of its zone shows it; one without an offset is that already."""
    try:
        zone = _zone(time_zone)
        local = moment.astimezone(zone) if moment.tzinfo else moment
        local.replace(tzinfo=zone).astimezone(UTC)
    except (ZoneInfoNotFoundError, ValueError, OSError) as err:
        raise Refused("time_zone_unknown", time_zone=time_zone) from err
    except OverflowError as err:
        raise Refused("time_out_of_range", time=f"{moment}") from err
    return local.replace(tzinfo=None, microsecond=0, fold=0)


def checked_url(url: str) -> str:
    """Return a web address without surrounding space, or refuse it."""
    url = url.strip()
    try:
        parts = urlsplit(url)
        good = (
            parts.scheme in ("http", "https")
            and parts.hostname
            and parts.username is None
            and parts.port != 0
            and len(url) <= MAX_URL_LENGTH
            and url.isprintable()
            and " " not in url
        )
    except ValueError:
        good = False
    if not good:
        raise Refused("url_invalid", url=url[:MAX_TITLE_LENGTH])
    return url
