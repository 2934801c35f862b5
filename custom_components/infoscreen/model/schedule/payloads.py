"""What goes out for an occurrence (contract, "events")."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from ..wire import as_time
from .addresses import is_allowed
from .clock import moment_of, zone_named
from .events import Event, EventType, Severity, Showing
from .series import Occurrence


@dataclass(frozen=True, kw_only=True, slots=True)
class File:
    """A file that screens can fetch."""

    name: str
    url: str
    checksum: str | None = None
    size: int | None = None
    mime_type: str | None = None
    accept_ranges: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class Content:
    """What a fleet has to show with, and how it shows where an event does not say."""

    files: Mapping[int, Mapping[str, File]] = field(default_factory=dict)
    """What screens can fetch, by event and media id, for each event has addresses of its own; office files
    are here once they are PDF."""
    table_url: str | None = None
    """The supplement table that `webuntis` events show."""
    hosts: Collection[str] = ()
    """The hosts that may be shown; any if there are none."""

    slide_interval: int = 10
    page_progress: bool = True
    auto_progress: bool = True
    autoplay: bool = True
    loop: bool = True
    volume: float = 0.8
    muted: bool = False

    def file(self, event: Event, media: str | None) -> File | None:
        """Return what screens can fetch for an event."""
        return self.files.get(event.event_id, {}).get(media) if media else None

    def of[T](self, event: Event, name: str) -> Any:
        """Return how something is shown: as the event says, or else as the fleet does."""
        own = getattr(event, name)
        return getattr(self, name) if own is None else own


def payload(occurrence: Occurrence, content: Content) -> dict[str, Any] | None:
    """Return the element of a group's list, None for what cannot be shown now."""
    event = occurrence.event
    block = _block(event, content)
    if block is None and event.takeover is not None:
        event = _in_words(event, event.takeover)
        block = _block(event, content)
    if block is None:
        return None
    return {
        "id": event.event_id,
        "group_id": event.group_id,
        "title": event.headline,
        "start": as_time(occurrence.starts_at),
        "end": as_time(occurrence.ends_at),
        "event_type": event.event_type,
        "recurrence_rule": occurrence.rule.text if occurrence.rule else None,
        "recurrence_end": _recurrence_end(occurrence),
        **block,
    }


def can_show(event: Event, content: Content) -> bool:
    """Tell whether all that an event needs is there."""
    return event.takeover is not None or _block(event, content) is not None


def _in_words(event: Event, takeover: Showing) -> Event:
    """Return a takeover as a message: one whose content is not there says at least what it is called."""
    said = replace(takeover, untitled=True)
    return replace(
        event, event_type=EventType.MESSAGE, text=event.title, severity=Severity.CRITICAL, showing=said
    )


def _recurrence_end(occurrence: Occurrence) -> str | None:
    rule = occurrence.rule
    if rule is None or rule.until is None:
        return None
    return as_time(moment_of(rule.until, zone_named(occurrence.event.time_zone)))


def _block(event: Event, content: Content) -> dict[str, Any] | None:
    """Return the block of an event's type under its name, None if something is missing."""
    if event.event_type is EventType.OTHER:
        return {}
    block = _BLOCKS[event.event_type](event, content)
    name = EventType.WEBSITE if event.event_type is EventType.WEBUNTIS else event.event_type
    return None if block is None else {name.value: block}


def _presentation(event: Event, content: Content) -> dict[str, Any] | None:
    files = [content.file(event, media) for media in event.files]
    there = [file for file in files if file is not None]
    if not there or len(there) < len(files):
        return None
    return {
        "type": "slideshow",
        "files": [
            {"name": file.name, "url": file.url, "checksum": file.checksum, "size": file.size}
            for file in there
        ],
        "slide_interval": content.of(event, "slide_interval"),
        "auto_advance": True,
        "page_progress": content.of(event, "page_progress"),
        "auto_progress": content.of(event, "auto_progress"),
    }


def _website(event: Event, content: Content) -> dict[str, Any] | None:
    return _browser(event.url, content)


def _webuntis(_event: Event, content: Content) -> dict[str, Any] | None:
    return _browser(content.table_url, content)


def _browser(url: str | None, content: Content) -> dict[str, Any] | None:
    if not url or not is_allowed(url, content.hosts):
        return None
    return {"type": "browser", "url": url}


def _video(event: Event, content: Content) -> dict[str, Any] | None:
    file = content.file(event, event.media)
    if event.url and is_allowed(event.url, content.hosts):
        file = File(name=event.title, url=event.url, accept_ranges=False)
    if file is None:
        return None
    return {
        "type": "media",
        "url": file.url,
        "autoplay": content.of(event, "autoplay"),
        "loop": content.of(event, "loop"),
        "volume": content.of(event, "volume"),
        "muted": content.of(event, "muted"),
        "mime_type": file.mime_type,
        "size": file.size,
        "accept_ranges": file.accept_ranges,
        "duration": None,
        "resolution": None,
        "bitrate": None,
        "qualities": [],
        "thumbnails": [],
        "checksum": None,
    }


def _message(event: Event, _content: Content) -> dict[str, Any]:
    block: dict[str, Any] = {"text": event.text, "title": event.headline}
    if event.showing is not None and event.showing.untitled:
        block["title"] = event.showing.mark
    if event.severity is not None:
        block["severity"] = event.severity
    return {name: value for name, value in block.items() if value is not None or name == "text"}


_BLOCKS: Final = {
    EventType.PRESENTATION: _presentation,
    EventType.WEBSITE: _website,
    EventType.WEBUNTIS: _webuntis,
    EventType.VIDEO: _video,
    EventType.MESSAGE: _message,
}
