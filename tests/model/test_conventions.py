"""Test how events look on a calendar's page, and what is read of what was typed there."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from custom_components.infoscreen.model.errors import Refused
from custom_components.infoscreen.model.media.kinds import KINDS
from custom_components.infoscreen.model.schedule.conventions import Page, content_on, page_of, wish_of
from custom_components.infoscreen.model.schedule.events import Event, EventType

from .samples import event

FILM = "media-source://media_source/local/film.mp4"
SLIDES = "media-source://infoscreen/media/plan.pdf"
SPACED = "media-source://infoscreen/media/Plan for May.final 2.PDF"
TYPED = {
    "summary": "Plan",
    "dtstart": datetime(2026, 3, 2, 7, tzinfo=UTC),
    "dtend": datetime(2026, 3, 2, 8, tzinfo=UTC),
}


@pytest.mark.parametrize(
    ("location", "description", "content"),
    [
        (
            "https://example.org/a?b=1#c",
            None,
            {"event_type": "website", "url": "https://example.org/a?b=1#c"},
        ),
        (None, "see https://example.org/ today", {"event_type": "website", "url": "https://example.org/"}),
        ("Room 5", "https://example.org/", {"event_type": "website", "url": "https://example.org/"}),
        (FILM, None, {"event_type": "video", "media": FILM, "url": None}),
        (None, SLIDES, {"event_type": "presentation", "files": [SLIDES]}),
        (SLIDES, f"{SLIDES}\n{SLIDES}", {"event_type": "presentation", "files": [SLIDES] * 3}),
        (None, SPACED, {"event_type": "presentation", "files": [SPACED]}),
        (
            None,
            f"{SPACED} and {SLIDES}\n{SPACED}",
            {"event_type": "presentation", "files": [SPACED, SLIDES, SPACED]},
        ),
        (None, f"{FILM} as seen in May", {"event_type": "video", "media": FILM, "url": None}),
        (None, " Hello ", {"event_type": "message", "text": "Hello"}),
        ("Room 5", "Hello", {"event_type": "message", "text": "Hello"}),
        ("Room 5", None, {"event_type": "message", "text": "Room 5"}),
        (None, None, {"event_type": "message", "text": "Plan"}),
        ("javascript://x", None, {"event_type": "website", "url": "javascript://x"}),
    ],
)
def test_what_is_typed_says_what_is_shown(
    location: str | None, description: str | None, content: dict[str, Any]
) -> None:
    """Product, "Schedule": a web address makes a website, media a video or presentation, else a message."""
    assert content_on(Page(location=location, description=description), "Plan") == content


@pytest.mark.parametrize(
    "media", ["media-source://x/page.html", "media-source://x/nothing", f"{FILM} {FILM}", f"{FILM} {SLIDES}"]
)
def test_media_that_is_neither_is_refused(media: str) -> None:
    """Product, "Schedule": what cannot be read is refused with a reason."""
    with pytest.raises(Refused) as refused:
        content_on(Page(description=media), "Plan")
    assert refused.value.key == "media_unreadable"


SHOWN = [
    event(),
    event(event_type=EventType.VIDEO, url=None, media=FILM),
    event(event_type=EventType.PRESENTATION, url=None, files=(SLIDES, SPACED, SLIDES)),
    event(event_type=EventType.MESSAGE, url=None, text="Hello"),
]


@pytest.mark.parametrize("shown", SHOWN, ids=lambda shown: shown.event_type.value)
def test_what_a_page_shows_is_read_as_what_it_was(shown: Event) -> None:
    """Copied into a new event it is the same content."""
    content = content_on(page_of(shown), "Plan")
    assert content.pop("event_type") is shown.event_type
    for name, value in content.items():
        assert (tuple(value) if name == "files" else value) == getattr(shown, name)


@pytest.mark.parametrize(
    "shown", [*SHOWN, event(event_type=EventType.WEBUNTIS), event(event_type=EventType.OTHER)]
)
def test_what_was_not_touched_is_no_wish(shown: Event) -> None:
    """Product, "Schedule": our own fields survive an edit made there."""
    page = page_of(shown)
    typed = TYPED | {"location": page.location or "", "description": page.description}
    assert wish_of(typed, shown) == {
        "title": "Plan",
        "start": TYPED["dtstart"],
        "end": TYPED["dtend"],
        "all_day": False,
    }


def test_days_and_rules_are_taken_over() -> None:
    """A rule that is the series' own is no wish for another."""
    typed = TYPED | {"dtstart": date(2026, 3, 2), "dtend": date(2026, 3, 3), "rrule": "FREQ=DAILY"}
    assert wish_of(typed)["all_day"] is True
    assert wish_of(typed)["rrule"] == "FREQ=DAILY"
    assert wish_of(typed, event())["rrule"] == "FREQ=DAILY"
    assert "rrule" not in wish_of(typed, event(rrule="FREQ=DAILY"))


@pytest.mark.parametrize("ending", [*KINDS])
def test_every_kind_of_media_can_be_named(ending: str) -> None:
    """Product, "Media": what the folder takes, the calendar's page takes too."""
    content = content_on(Page(location=f"media-source://infoscreen/media/a.{ending}"), "Plan")
    is_film = KINDS[ending].mime_type.startswith("video/")
    assert content["event_type"] is (EventType.VIDEO if is_film else EventType.PRESENTATION)
