"""Test what goes out, type by type, against golden files."""

from datetime import UTC, datetime
from typing import Any

import pytest

from custom_components.infoscreen.model.schedule.events import Event, EventType, Override
from custom_components.infoscreen.model.schedule.payloads import Content, File, can_show, payload
from custom_components.infoscreen.model.schedule.series import occurrences

from .samples import event, golden, on_the_wire

MENU = File(
    name="Menü.pdf",
    url="https://ha.example/api/infoscreen/media/token/Men%C3%BC.pdf",
    checksum="0" * 64,
    size=12345,
)
FILM = File(
    name="film.mp4",
    url="https://ha.example/api/infoscreen/media/token/film.mp4",
    size=99,
    mime_type="video/mp4",
)
CONTENT = Content(files={148: {"menu": MENU, "film": FILM}}, table_url="https://untis.example/plan")

PRESENTATION = event(event_type=EventType.PRESENTATION, url=None, files=("menu",))
VIDEO = event(event_type=EventType.VIDEO, url=None, media="film")
MESSAGE = event(event_type=EventType.MESSAGE, url=None, text="Grüße\n<b>an alle</b>")


def goes_out(shown: Event, content: Content = CONTENT) -> Any:
    """Return what goes out for the first occurrence of an event that is not over."""
    first = next(occurrences(shown, datetime(2026, 3, 2, tzinfo=UTC)))
    return payload(first, content)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("website", event()),
        ("webuntis", event(event_type=EventType.WEBUNTIS, url=None)),
        ("presentation", PRESENTATION),
        ("video", VIDEO),
        ("message", MESSAGE),
        ("other", event(event_type=EventType.OTHER, url=None)),
        ("recurring", event(rrule="FREQ=WEEKLY;BYDAY=MO,WE;UNTIL=20260630T215959Z")),
    ],
)
def test_an_event_goes_out_as_the_contract_wants_it(name: str, shown: Event) -> None:
    """Contract, "events": these keys, the occurrence's times in UTC, and the block of its type."""
    assert on_the_wire([goes_out(shown)]) == golden(f"events_{name}")


def test_a_moved_occurrence_goes_out_with_its_own_times_and_the_rule_of_its_series() -> None:
    """Contract, "events": start and end are those of the active occurrence."""
    start = event().start
    later = {"start": start.replace(hour=10), "end": start.replace(hour=12)}
    moved = event(rrule="FREQ=DAILY", overrides=(Override(occurrence=start, changes=later),))
    shown = goes_out(moved)
    assert (shown["start"], shown["end"]) == ("2026-03-02T09:00:00Z", "2026-03-02T11:00:00Z")
    assert shown["recurrence_rule"] == "FREQ=DAILY"


def test_what_an_event_says_of_its_showing_goes_before_the_fleets_choice() -> None:
    """Product, "Config entries": the options are defaults; false and zero are said too."""
    slides = event(
        event_type=EventType.PRESENTATION,
        files=("menu",),
        slide_interval=3,
        page_progress=False,
        auto_progress=False,
    )
    shown = goes_out(slides)["presentation"]
    assert (shown["slide_interval"], shown["page_progress"], shown["auto_progress"]) == (3, False, False)
    film = event(
        event_type=EventType.VIDEO, url=None, media="film", volume=0.0, autoplay=False, loop=False, muted=True
    )
    shown = goes_out(film)["video"]
    assert [shown[name] for name in ("volume", "autoplay", "loop", "muted")] == [0.0, False, False, True]


def test_a_film_on_the_web_is_not_looked_into() -> None:
    """Product, "Actions": only our own media is ever probed."""
    web = event(event_type=EventType.VIDEO, url="https://example.org/film.mp4")
    shown = goes_out(web)["video"]
    assert shown["url"] == "https://example.org/film.mp4"
    assert (shown["mime_type"], shown["size"], shown["accept_ranges"]) == (None, None, False)


@pytest.mark.parametrize(
    ("shown", "content"),
    [
        (PRESENTATION, Content()),
        (event(event_type=EventType.PRESENTATION, files=("menu", "gone")), CONTENT),
        (event(event_type=EventType.PRESENTATION, files=()), CONTENT),
        (VIDEO, Content()),
        (event(event_type=EventType.WEBUNTIS), Content()),
        (event(), Content(hosts=["elsewhere.example"])),
        (event(event_type=EventType.WEBSITE, url=None), CONTENT),
        (event(event_type=EventType.VIDEO), Content(hosts=["elsewhere.example"])),
    ],
    ids=[
        "files that are not ready",
        "a file that is gone",
        "no file",
        "a film that is gone",
        "a table that is switched off",
        "a page that is no longer allowed",
        "no page",
        "a film that is no longer allowed",
    ],
)
def test_what_is_not_there_is_left_out(shown: Event, content: Content) -> None:
    """Contract, "events": left out, rather than sent without its content."""
    assert goes_out(shown, content) is None
    assert not can_show(shown, content)


def test_a_website_at_an_allowed_host_is_shown() -> None:
    """Product, "Actions": exact, or everything below."""
    assert can_show(event(), Content(hosts=["other.example", "EXAMPLE.org"]))
    assert can_show(event(url="https://a.example.org/"), Content(hosts=["*.example.org"]))
    assert not can_show(event(), Content(hosts=["*.example.org"]))
