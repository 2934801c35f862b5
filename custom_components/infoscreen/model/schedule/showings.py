"""What is shown at once rather than planned: takeovers, messages, and what is played on a group."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final, Self

from ..errors import Refused
from .clock import wall_of, zone_named
from .conventions import content_of
from .drafts import Terms, draft
from .events import Event, EventType, Priority, Severity, Showing, ShownBy

MAX_TITLE_LENGTH: Final = 120
# What it was is still to be seen in the calendar for so long.
KEPT_FOR: Final = timedelta(days=7)

#: How long something is shown if nobody says so, and at most.
USUAL: Final = {
    ShownBy.MESSAGE: timedelta(minutes=15),
    ShownBy.PLAYER: timedelta(hours=12),
    ShownBy.TAKEOVER: timedelta(hours=1),
}
LONGEST: Final = {
    ShownBy.MESSAGE: timedelta(days=7),
    ShownBy.PLAYER: timedelta(hours=12),
    ShownBy.TAKEOVER: timedelta(hours=24),
}
_CONTENTS: Final = ("text", "url", "media")
_WEB: Final = ("http://", "https://")
_FILMS: Final = (".mp4", ".m4v", ".webm", ".mkv", ".mov")


@dataclass(frozen=True, kw_only=True, slots=True)
class Span:
    """From now until a moment, in whole seconds."""

    start: datetime
    end: datetime

    @classmethod
    def of(
        cls, by: ShownBy, now: datetime, duration: timedelta | None = None, until: datetime | None = None
    ) -> Self:
        """Return how long something is shown, as it was asked for."""
        if duration is not None and until is not None:
            raise Refused("duration_and_until")
        if until is not None and until <= now:
            raise Refused("until_is_past", until=f"{until}")
        start = now.replace(microsecond=0)
        length = until - now if until else duration or USUAL[by]
        if length > LONGEST[by]:
            raise Refused("shown_too_long", hours=f"{LONGEST[by] // timedelta(hours=1)}")
        return cls(start=start, end=(until or start + length).replace(microsecond=0))


def takeover(
    wish: Mapping[str, Any], terms: Terms, span: Span, takeover_id: str, mark: str | None = None
) -> Event:
    """Return the event of a takeover, marked if it is a drill; a title alone is the message."""
    given = [name for name in _CONTENTS if wish.get(name)]
    if len(given) > 1:
        raise Refused("takeover_ambiguous")
    title, text = _line(wish.get("title")), f"{wish.get('text') or ''}".strip()
    content: dict[str, Any] = {"event_type": EventType.MESSAGE, "text": text or title}
    if given == ["url"]:
        content = {"event_type": EventType.WEBSITE, "url": wish["url"]}
    elif given == ["media"]:
        content = _of_media(wish["media"])
    elif not content["text"]:
        raise Refused("nothing_to_show")
    severity = None if given in (["url"], ["media"]) else Severity.CRITICAL
    showing = Showing(by=ShownBy.TAKEOVER, takeover_id=takeover_id, mark=mark, untitled=not (title and text))
    event = _drafted(content, title or _heading(text), terms, span, Priority.TAKEOVER)
    return replace(event, severity=severity, showing=showing)


def message(
    text: object, title: object, terms: Terms, span: Span, severity: Severity = Severity.INFO
) -> Event:
    """Return the event of a message."""
    said, headline = f"{text or ''}".strip(), _line(title)
    if not said:
        raise Refused("nothing_to_show")
    if len(headline) > MAX_TITLE_LENGTH:
        raise Refused("message_title_too_long", limit=f"{MAX_TITLE_LENGTH}")
    content = {"event_type": EventType.MESSAGE, "text": said}
    event = _drafted(content, headline or _heading(said), terms, span, Priority.IMPORTANT)
    return replace(event, severity=severity, showing=Showing(by=ShownBy.MESSAGE, untitled=not headline))


def played(media_type: str, media_id: str, title: object, terms: Terms, span: Span) -> Event:
    """Return the event of what is played on a group: a page or film on the web, or media."""
    media_id = media_id.strip()
    if media_id.startswith(_WEB):
        is_film = media_type.startswith("video") or media_id.partition("?")[0].lower().endswith(_FILMS)
        event_type = EventType.VIDEO if is_film else EventType.WEBSITE
        content: dict[str, Any] = {"event_type": event_type, "url": media_id}
    else:
        content = content_of([media_id], media_type)
    name = media_id.partition("?")[0].rstrip("/").rpartition("/")[2]
    event = _drafted(content, _line(title) or _heading(name), terms, span, Priority.IMPORTANT)
    return replace(event, showing=Showing(by=ShownBy.PLAYER))


def is_under_way(event: Event, now: datetime) -> bool:
    """Tell whether an event is shown at once and has not ended."""
    return event.showing is not None and event.rrule is None and event.ends_at > now


def ended(event: Event, now: datetime) -> Event | None:
    """Return what was shown of an event that ends now, None if that is nothing."""
    end = wall_of(now, zone_named(event.time_zone)).replace(microsecond=0)
    return replace(event, end=end) if event.start < end else None


def remembered(event: Event, now: datetime) -> Event | None:
    """Return an event, None once nobody needs to know any more that it was shown."""
    is_old = event.showing is not None and event.rrule is None and event.ends_at + KEPT_FOR <= now
    return None if is_old else event


def without_takeovers(
    event: Event, group_ids: Collection[int], takeover_id: str | None, now: datetime
) -> Event | None:
    """Return what is left of an event when a takeover, or (None) any, is stopped in some groups."""
    is_meant = event.takeover is not None and takeover_id in (None, event.takeover.takeover_id)
    if is_meant and event.group_id in group_ids and is_under_way(event, now):
        return ended(event, now)
    return event


def without_shown(
    event: Event, group_ids: Collection[int], by: Collection[ShownBy], now: datetime
) -> Event | None:
    """Return what is left of an event when what was shown at once in some groups is to end."""
    if event.showing and event.showing.by in by and event.group_id in group_ids and is_under_way(event, now):
        return ended(event, now)
    return event


def _drafted(content: Mapping[str, Any], title: str, terms: Terms, span: Span, priority: Priority) -> Event:
    """Return a checked event that is on for a while."""
    times = {"start": span.start, "end": span.end, "time_zone": "UTC"}
    return draft({"title": title, "priority": priority, **times, **content}, terms)


def _of_media(media: Any) -> dict[str, Any]:
    """Return the content of what the media selector gives, or of a plain id."""
    if isinstance(media, Mapping):
        return content_of([f"{media.get('media_content_id')}"], f"{media.get('media_content_type')}")
    return content_of([f"{media}"])


def _line(value: object) -> str:
    return " ".join(f"{value or ''}".split())


def _heading(text: str) -> str:
    """Return the beginning of a text that has no title."""
    return _line(text.strip().partition("\n")[0])[:MAX_TITLE_LENGTH]
