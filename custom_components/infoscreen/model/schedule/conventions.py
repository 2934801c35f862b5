"""How an event looks on a calendar's page, and what is read of what was typed there.

A calendar knows a title, a place and a description. A web address in either makes a website, media a video
or a presentation, anything else a message.
"""

from collections.abc import Mapping
from dataclasses import dataclass
import re
from typing import Any, Final

from ..errors import Refused
from .events import Event, EventType

MEDIA: Final = "media-source://"
_ADDRESS: Final = re.compile(r"\b[a-z][a-z0-9+.-]*://\S*", re.IGNORECASE)
_VIDEOS: Final = frozenset(["mp4", "m4v", "webm", "mkv", "mov", "avi", "mpg", "mpeg", "ogv"])
_SLIDES: Final = frozenset(["pdf", "ppt", "pptx", "odp", "png", "jpg", "jpeg", "gif", "webp", "bmp", "avif"])
# A name may have spaces, so it goes on to an ending that is known, if the line has one.
_MEDIA: Final = re.compile(
    rf"media-source://(?:(?!media-source://).)+?\.(?:{'|'.join(sorted(_VIDEOS | _SLIDES))})(?!\S)"
    r"|media-source://\S+",
    re.IGNORECASE,
)
_PDF: Final = "application/pdf"
_SHOWN: Final = 100


@dataclass(frozen=True, kw_only=True, slots=True)
class Page:
    """Where and what, as a calendar's page shows it."""

    location: str | None = None
    description: str | None = None


def page_of(event: Event) -> Page:
    """Return how an event looks on a calendar's page."""
    match event.event_type:
        case EventType.WEBSITE:
            return Page(location=event.url)
        case EventType.VIDEO:
            return Page(location=event.url or event.media)
        case EventType.PRESENTATION:
            return Page(description="\n".join(event.files))
        case EventType.MESSAGE:
            return Page(description=event.text)
        case _:
            return Page()


def content_on(page: Page, title: str) -> dict[str, Any]:
    """Read what is to be shown; with nothing but a title that is the message."""
    written = f"{page.location or ''}\n{page.description or ''}".strip()
    if media := _MEDIA.findall(written):
        return content_of(media)
    if address := _ADDRESS.search(written):
        return {"event_type": EventType.WEBSITE, "url": address[0]}
    text = (page.description or "").strip() or (page.location or "").strip() or title
    return {"event_type": EventType.MESSAGE, "text": text}


def wish_of(typed: Mapping[str, Any], event: Event | None = None) -> dict[str, Any]:
    """Return the wish in what was typed on a calendar's page; of an event, what was not touched stays."""
    title, start = typed["summary"], typed["dtstart"]
    wish: dict[str, Any] = {"title": title, "start": start, "end": typed["dtend"]}
    wish["all_day"] = not hasattr(start, "hour")
    page = Page(location=typed.get("location") or None, description=typed.get("description") or None)
    if event is None or page != page_of(event):
        wish |= content_on(page, title)
    rrule = typed.get("rrule")
    if rrule and (event is None or rrule != event.rrule):
        wish["rrule"] = rrule
    return wish


def content_of(media: list[str], kind: str = "") -> dict[str, Any]:
    """Tell what files are, by what kind they are said to be of or by their names: one film, or slides."""
    kinds = {name.rpartition(".")[2].casefold() for name in media}
    if kinds <= _SLIDES or kind.startswith("image") or kind == _PDF:
        return {"event_type": EventType.PRESENTATION, "files": media}
    if (kinds <= _VIDEOS or kind.startswith("video")) and len(media) == 1:
        return {"event_type": EventType.VIDEO, "media": media[0], "url": None}
    raise Refused("media_unreadable", media=", ".join(media)[:_SHOWN])
