"""What people and automations wish to have shown: read, checked, and made an event or refused."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from typing import Any, Final

from ..errors import Refused
from ..text import is_legible
from .addresses import checked_url
from .clock import checked_zone, read_wall
from .events import Event, EventType, Priority
from .rule_text import normalised

MAX_TITLE_LENGTH: Final = 255
MAX_TEXT_LENGTH: Final = 2000
MAX_FILES: Final = 100
MAX_MEDIA_LENGTH: Final = 1024
# A year of days in one go; what recurs and lasts longer would be on many times at once.
MAX_RECURRING: Final = timedelta(days=366)

_DAY: Final = timedelta(days=1)
_MIDNIGHT: Final = time()
_SHOWN: Final = 100

type Wish = Mapping[str, Any]
"""The fields of an event as they are given; None takes one away."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Terms:
    """What a wish is read and checked against."""

    time_zone: str
    """The zone of times that name none."""
    hosts: Collection[str] = ()
    """The hosts that may be shown; any if there are none."""
    periods: Collection[int] = ()
    """The academic periods there are."""


def draft(wish: Wish, terms: Terms) -> Event:
    """Return the event that somebody wants shown; it has no ids yet."""
    if wish.get("start") is None or wish.get("end") is None:
        raise Refused("event_times_missing")
    blank = Event(
        event_id=0,
        group_id=0,
        title="",
        start=datetime.min,
        end=datetime.min,
        time_zone=terms.time_zone,
        event_type=EventType.OTHER,
    )
    return changed_event(blank, wish, terms)


def changed_event(event: Event, wish: Wish, terms: Terms) -> Event:
    """Return an event with what somebody wants different, its rule included."""
    rule = wish.get("rrule", event.rrule)
    rrule = normalised(f"{rule}") if rule else None
    plain = replace(event, rrule=None, **_values(event, wish))
    _check(plain, wish, terms)
    lasts = plain.end - plain.start
    if rrule and lasts > MAX_RECURRING:
        raise Refused("event_too_long_to_recur", title=plain.title, days=f"{MAX_RECURRING.days}")
    recurring = replace(plain, rrule=rrule)
    if recurring.rule and not recurring.rule.ever_occurs():
        raise Refused("rule_never_occurs", rule=f"{rrule}")
    return recurring


def _values(event: Event, wish: Wish) -> dict[str, Any]:
    """Return the fields that are given, read."""
    read = {name: reader(wish[name]) for name, reader in _READERS.items() if name in wish}
    files = [*map(_media, wish.get("files") or [])]
    event_type = wish.get("event_type", event.event_type)
    if event_type == EventType.PRESENTATION and "media" in wish:
        files = files or [*filter(None, [read.pop("media")])]
    if files or "files" in wish:
        read["files"] = tuple(filter(None, files))
    if event_type == EventType.VIDEO and read.get("media"):
        read.setdefault("url", None)  # a film is at one place, and the new one is meant
    return read | _times(event, wish)


def _times(event: Event, wish: Wish) -> dict[str, Any]:
    """Return when an event is; without a new end it lasts as long as before."""
    zone_name = wish.get("time_zone") or event.time_zone
    zone = checked_zone(zone_name)
    all_day = bool(wish.get("all_day", event.all_day))
    start = read_wall(wish["start"], zone) if wish.get("start") is not None else event.start
    length = event.end - event.start
    end = read_wall(wish["end"], zone) if wish.get("end") is not None else start + length
    if all_day:
        start = datetime.combine(start, _MIDNIGHT)
        given = wish.get("end") is not None or end.time() == _MIDNIGHT
        end = datetime.combine(end if given else end + _DAY, _MIDNIGHT)
    return {"time_zone": zone_name, "all_day": all_day, "start": start, "end": end}


def _check(event: Event, wish: Wish, terms: Terms) -> None:
    """Refuse what cannot be shown."""
    if not event.title or len(event.title) > MAX_TITLE_LENGTH:
        raise Refused("event_title_invalid", limit=f"{MAX_TITLE_LENGTH}")
    if event.end <= event.start or event.ends_at <= event.starts_at:
        start, end = wish.get("start", event.start), wish.get("end", event.end)
        raise Refused("event_ends_before_it_starts", title=event.title, start=f"{start}", end=f"{end}")
    if event.period is not None and event.period not in terms.periods:
        raise Refused("period_unknown", period=f"{event.period}")
    if event.url is not None and event.event_type in _WITH_ADDRESS:
        checked_url(event.url, terms.hosts)
    if event.event_type in _NEEDS and not _NEEDS[event.event_type](event):
        raise Refused("event_without_content", title=event.title, event_type=event.event_type)


_WITH_ADDRESS: Final = {EventType.WEBSITE, EventType.VIDEO}
_NEEDS: Final[Mapping[EventType, Callable[[Event], object]]] = {
    EventType.PRESENTATION: lambda event: event.files,
    EventType.WEBSITE: lambda event: event.url,
    EventType.VIDEO: lambda event: event.media or event.url,
    EventType.MESSAGE: lambda event: event.text,
}


# How the fields are read


def _line(value: Any) -> str:
    """Read a text of one line; what no screen could show is replaced."""
    return _text("" if value is None else value, MAX_TITLE_LENGTH + 1).replace("\n", " ").strip()


def _text(value: Any, limit: int) -> str:
    shown = f"{value}".replace("\0", "").encode("utf-8", "replace").decode("utf-8").strip()
    return shown[:limit]


def _message(value: Any) -> str | None:
    text = _text(value or "", MAX_TEXT_LENGTH + 1)
    if len(text) > MAX_TEXT_LENGTH:
        raise Refused("event_text_too_long", limit=f"{MAX_TEXT_LENGTH}")
    return text or None


def _address(value: Any) -> str | None:
    return f"{value or ''}".strip() or None


def _media(value: Any) -> str | None:
    """Read what the media selector gives, or a plain id."""
    chosen = value.get("media_content_id") if isinstance(value, Mapping) else value
    media = f"{chosen or ''}".strip()
    if len(media) > MAX_MEDIA_LENGTH or not is_legible(media):
        raise Refused("media_invalid", media=media[:_SHOWN])
    return media or None


def _period(value: Any) -> int | None:
    """Read the id of a period."""
    if value in (None, ""):
        return None
    try:
        return int(value)
    except (TypeError, ValueError) as err:
        raise Refused("period_unknown", period=f"{value}"[:_SHOWN]) from err


def _as_it_is(value: Any) -> Any:
    return value


_READERS: Final[Mapping[str, Callable[[Any], Any]]] = {
    "title": _line,
    "event_type": EventType,
    "priority": Priority,
    "url": _address,
    "media": _media,
    "text": _message,
    "slide_interval": _as_it_is,
    "page_progress": _as_it_is,
    "auto_progress": _as_it_is,
    "autoplay": _as_it_is,
    "loop": _as_it_is,
    "volume": _as_it_is,
    "muted": _as_it_is,
    "skip_holidays": bool,
    "period": _period,
}
