"""Events: what a group is to show, and from when to when."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from enum import StrEnum
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


@dataclass(frozen=True, kw_only=True, slots=True)
class Event:
    """Something to show. Start and end are wall-clock times in its time zone: 08:00 stays 08:00."""

    event_id: int
    group_id: int
    title: str
    start: datetime
    end: datetime
    time_zone: str
    event_type: EventType
    url: str

    @property
    def starts_at(self) -> datetime:
        """Return the moment it begins.

        A time that daylight saving skips is the same time an hour later, one it repeats is the first.
        """
        return self.start.replace(tzinfo=ZoneInfo(self.time_zone)).astimezone(UTC)

    @property
    def ends_at(self) -> datetime:
        """Return the moment it is over."""
        return self.end.replace(tzinfo=ZoneInfo(self.time_zone)).astimezone(UTC)

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
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        return values | {"start": self.start.isoformat(), "end": self.end.isoformat()}

    @classmethod
    def from_stored(cls, stored: Mapping[str, Any]) -> Self:
        """Read an event back."""
        values = {field.name: stored[field.name] for field in fields(cls)}
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
        zone = ZoneInfo(time_zone)
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
