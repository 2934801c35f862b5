"""Test what is shown at once: how long, what it becomes, and what is left of it when it is stopped."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from custom_components.infoscreen.model.errors import Refused
from custom_components.infoscreen.model.schedule.drafts import Terms
from custom_components.infoscreen.model.schedule.events import Event, Severity, Showing, ShownBy
from custom_components.infoscreen.model.schedule.payloads import Content, File, can_show, payload
from custom_components.infoscreen.model.schedule.series import occurrences
from custom_components.infoscreen.model.schedule.showings import (
    KEPT_FOR,
    Span,
    ended,
    is_under_way,
    message,
    played,
    remembered,
    takeover,
    without_shown,
    without_takeovers,
)

from .samples import NOW, event, golden, on_the_wire

TERMS = Terms(time_zone="Europe/Vienna", hosts=["school.example"])
TAKEOVER_ID = "7a3e0f3c-0000-4000-8000-000000000001"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
TITLE, TEXT = "Evacuation", "Leave the building.\nUse the stairs."
FILE = File(name="plan.pdf", url="https://ha.example/plan.pdf")


def span(by: ShownBy = ShownBy.TAKEOVER) -> Span:
    """Return the usual span from now on."""
    return Span.of(by, NOW)


def taken_over(mark: str | None = None, **wish: Any) -> Event:
    """Return the event of a takeover in the Foyer."""
    made = takeover(wish, TERMS, span(), TAKEOVER_ID, mark)
    return replace(made, event_id=149, group_id=12)


def goes_out(shown: Event) -> Any:
    """Return what goes out for an event that is on."""
    content = Content(files={149: {"media-source://infoscreen/media/plan.pdf": FILE}})
    return on_the_wire(payload(next(occurrences(shown, NOW)), content))


# How long


@pytest.mark.parametrize(
    ("by", "usual"),
    [(ShownBy.MESSAGE, 15), (ShownBy.TAKEOVER, 60), (ShownBy.PLAYER, 720)],
)
def test_what_is_shown_at_once_has_an_end(by: ShownBy, usual: int) -> None:
    """Product, "Actions" and "Entities": a quarter of an hour, an hour, twelve hours."""
    assert span(by) == Span(start=NOW, end=NOW + timedelta(minutes=usual))


def test_it_begins_with_the_second_that_has_begun() -> None:
    """The wire knows whole seconds, and it is on from the moment it is asked for."""
    late = NOW + timedelta(milliseconds=900)
    assert Span.of(ShownBy.TAKEOVER, late, HOUR) == Span(start=NOW, end=NOW + HOUR)
    assert Span.of(ShownBy.TAKEOVER, late, until=NOW + HOUR) == Span(start=NOW, end=NOW + HOUR)


@pytest.mark.parametrize(
    ("by", "duration", "until", "refused"),
    [
        (ShownBy.TAKEOVER, DAY + timedelta(seconds=1), None, "shown_too_long"),
        (ShownBy.TAKEOVER, None, NOW + DAY + timedelta(seconds=1), "shown_too_long"),
        (ShownBy.PLAYER, DAY, None, "shown_too_long"),
        (ShownBy.MESSAGE, timedelta.max, None, "shown_too_long"),
        (ShownBy.TAKEOVER, HOUR, NOW + HOUR, "duration_and_until"),
        (ShownBy.TAKEOVER, None, NOW, "until_is_past"),
    ],
    ids=[
        "too long",
        "an end too late",
        "playing too long",
        "longer than any calendar",
        "both",
        "an end that is past",
    ],
)
def test_a_time_that_makes_no_sense_is_refused(by: ShownBy, duration: Any, until: Any, refused: str) -> None:
    """Product, "Actions": at most 24 h; duration or until."""
    with pytest.raises(Refused) as told:
        Span.of(by, NOW, duration, until)
    assert told.value.key == refused


def test_a_whole_day_may_be_taken_over() -> None:
    """Product, "Actions": at most 24 h, so 24 h."""
    assert Span.of(ShownBy.TAKEOVER, NOW, DAY).end == NOW + DAY
    late = NOW + timedelta(milliseconds=900)
    assert Span.of(ShownBy.TAKEOVER, late, until=late + DAY).end == late.replace(microsecond=0) + DAY


# What it becomes


@pytest.mark.parametrize(
    ("name", "mark", "wish"),
    [
        ("takeover", None, {"title": TITLE, "text": TEXT}),
        ("takeover_drill", "DRILL", {"title": TITLE, "text": TEXT}),
        ("takeover_website", None, {"title": TITLE, "url": "https://school.example/plan"}),
    ],
)
def test_a_takeover_goes_out_as_one_element(name: str, mark: str | None, wish: dict[str, Any]) -> None:
    """Contract, "events": with an id of the same series; a drill says that it is one."""
    assert [goes_out(taken_over(mark, **wish))] == golden(f"events_{name}")


@pytest.mark.parametrize(
    ("name", "title"), [("message_shown", "Lunch"), ("message_untitled", None)], ids=["titled", "untitled"]
)
def test_a_message_goes_out_with_its_severity(name: str, title: str | None) -> None:
    """Contract, "events": the title is there if there is one, and never twice."""
    made = message(TEXT, title, TERMS, span(ShownBy.MESSAGE), Severity.WARNING)
    assert [goes_out(replace(made, event_id=149, group_id=12))] == golden(f"events_{name}")


@pytest.mark.parametrize("wish", [{"title": TITLE}, {"text": TITLE}], ids=["a title", "a text"])
def test_one_text_is_enough_in_an_emergency(wish: dict[str, Any]) -> None:
    """It is shown, and not twice."""
    shown = goes_out(taken_over(**wish))
    assert (shown["title"], shown["message"]) == (TITLE, {"text": TITLE, "severity": "critical"})


def test_a_drill_without_a_title_says_that_it_is_one() -> None:
    """Nobody shall run."""
    shown = goes_out(taken_over("DRILL", text=TEXT))
    assert shown["title"] == "DRILL: Leave the building."
    assert shown["message"] == {"text": TEXT, "title": "DRILL", "severity": "critical"}


@pytest.mark.parametrize(
    "media",
    [
        "media-source://infoscreen/media/plan.pdf",
        {
            "media_content_id": "media-source://infoscreen/media/plan.pdf",
            "media_content_type": "application/pdf",
        },
    ],
    ids=["a plain id", "what the selector gives"],
)
def test_media_takes_over_as_it_is_planned(media: Any) -> None:
    """Product, "Actions": what the media selector gives, or a plain id."""
    shown = goes_out(taken_over(title=TITLE, media=media))
    assert (shown["event_type"], shown["presentation"]["files"][0]["name"]) == ("presentation", "plan.pdf")


def test_a_takeover_whose_content_is_not_there_says_what_it_is_called() -> None:
    """In an emergency that is more than the timetable; it is shown in full as soon as that can be."""
    shown = taken_over("DRILL", title=TITLE, media="media-source://infoscreen/media/missing.pdf")
    assert can_show(shown, Content())
    told = goes_out(shown)
    assert (told["title"], told["event_type"]) == ("DRILL: Evacuation", "message")
    assert told["message"] == {"text": TITLE, "title": "DRILL", "severity": "critical"}


@pytest.mark.parametrize(
    ("wish", "refused"),
    [
        ({"title": TITLE, "text": TEXT, "url": "https://school.example/"}, "takeover_ambiguous"),
        ({}, "nothing_to_show"),
        ({"title": "  ", "text": "\n"}, "nothing_to_show"),
        ({"url": "https://school.example/"}, "event_title_invalid"),
        ({"title": TITLE, "url": "https://elsewhere.example/"}, "url_not_allowed"),
        ({"title": TITLE, "media": "media-source://tts/say"}, "media_unreadable"),
        ({"title": TITLE, "text": "x" * 2001}, "event_text_too_long"),
    ],
)
def test_a_takeover_that_cannot_be_shown_is_refused(wish: dict[str, Any], refused: str) -> None:
    """Before anything is sent."""
    with pytest.raises(Refused) as told:
        taken_over(**wish)
    assert told.value.key == refused


@pytest.mark.parametrize(
    ("text", "title", "refused"),
    [
        ("", "Lunch", "nothing_to_show"),
        (None, None, "nothing_to_show"),
        ("x" * 2001, None, "event_text_too_long"),
        ("Lunch", "x" * 121, "message_title_too_long"),
    ],
)
def test_a_message_that_cannot_be_shown_is_refused(text: Any, title: Any, refused: str) -> None:
    """Product, "Actions": text of at most 2000, title of at most 120."""
    with pytest.raises(Refused) as told:
        message(text, title, TERMS, span(ShownBy.MESSAGE))
    assert told.value.key == refused


def test_the_longest_message_is_shown() -> None:
    """Both bounds belong to what is allowed."""
    made = message("x" * 2000, "y" * 120, TERMS, span(ShownBy.MESSAGE))
    assert (len(made.text or ""), len(made.title)) == (2000, 120)


@pytest.mark.parametrize(
    ("media_type", "media_id", "title", "event_type"),
    [
        ("url", "https://school.example/news?page=2", "news", "website"),
        ("image", "https://school.example/", "school.example", "website"),
        ("video/mp4", "https://school.example/film", "film", "video"),
        ("url", "https://school.example/Film.MP4?quality=1", "Film.MP4", "video"),
        ("application/pdf", "media-source://infoscreen/media/plan", "plan", "presentation"),
        ("image/png", "media-source://media_source/local/a", "a", "presentation"),
        ("video/mp4", "media-source://media_source/local/b", "b", "video"),
        ("", "media-source://infoscreen/media/b.webm", "b.webm", "video"),
    ],
)
def test_what_is_played_is_told_by_its_kind_or_its_name(
    media_type: str, media_id: str, title: str, event_type: str
) -> None:
    """Without a title it is called by its name."""
    made = played(media_type, media_id, None, TERMS, span(ShownBy.PLAYER))
    assert (made.title, made.event_type, made.priority) == (title, event_type, "important")
    assert played(media_type, media_id, " Our  news ", TERMS, span(ShownBy.PLAYER)).title == "Our news"


def test_what_is_shown_at_once_is_kept_with_all_that_is_known_of_it() -> None:
    """A restart changes nothing."""
    shown = taken_over("DRILL", text=TEXT)
    assert Event.from_stored(shown.as_stored()) == shown
    assert "showing" not in event().as_stored()


# What is left of it


def test_what_is_stopped_has_been_shown_until_now() -> None:
    """The calendar tells how long."""
    later = NOW + timedelta(minutes=3, milliseconds=500)
    shown = taken_over(title=TITLE)
    left = ended(shown, later)
    assert left is not None
    assert (left.starts_at, left.ends_at) == (NOW, NOW + timedelta(minutes=3))
    assert not is_under_way(left, later)
    assert ended(shown, NOW) is None


def test_only_the_takeover_that_is_meant_is_stopped() -> None:
    """By its id, or all, and only in these groups; events are never meant."""
    shown, later = taken_over(title=TITLE), NOW + HOUR / 2
    stopped = ended(shown, later)
    assert without_takeovers(shown, [12], TAKEOVER_ID, later) == stopped
    assert without_takeovers(shown, [12], None, later) == stopped
    assert without_takeovers(shown, [13], None, later) is shown
    assert without_takeovers(shown, [12], "another", later) is shown
    assert without_takeovers(event(), [12], None, later) == event()
    assert without_takeovers(shown, [12], None, NOW + HOUR) is shown, "it had ended by itself"


def test_only_what_is_shown_at_once_gives_way() -> None:
    """Not what was planned, and no takeover."""
    says = replace(message(TEXT, None, TERMS, span(ShownBy.MESSAGE)), group_id=12)
    both = (ShownBy.MESSAGE, ShownBy.PLAYER)
    later = NOW + timedelta(minutes=5)
    assert without_shown(says, [12], both, later) == ended(says, later)
    assert without_shown(says, [12], [ShownBy.PLAYER], later) is says
    assert without_shown(says, [13], both, later) is says
    assert without_shown(says, [12], both, NOW + HOUR) is says
    for other in (event(), taken_over(title=TITLE)):
        assert without_shown(other, [12], both, later) is other


def test_what_was_shown_is_forgotten_after_a_week() -> None:
    """Or the schedule would grow for ever; what somebody made a series is a plan."""
    shown = taken_over(title=TITLE)
    assert remembered(shown, shown.ends_at + KEPT_FOR - timedelta(seconds=1)) is shown
    assert remembered(shown, shown.ends_at + KEPT_FOR) is None
    series = event(rrule="FREQ=DAILY", showing=Showing(by=ShownBy.PLAYER))
    for planned in (event(), series):
        assert remembered(planned, NOW + 9 * KEPT_FOR) is planned
    assert not is_under_way(series, NOW)
