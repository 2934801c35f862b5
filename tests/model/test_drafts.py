"""Test wishes: what people and automations give, read and checked."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from custom_components.infoscreen.model.errors import Refused
from custom_components.infoscreen.model.schedule.drafts import MAX_TEXT_LENGTH, Terms, changed_event, draft
from custom_components.infoscreen.model.schedule.events import Event, EventType, Priority

TERMS = Terms(time_zone="Europe/Vienna", periods=[7])
MESSAGE = {
    "title": "Fire drill",
    "event_type": "message",
    "text": "Please leave the house.",
    "start": "2026-03-02 08:00:00",
    "end": "2026-03-02 09:00:00",
}


def wished(terms: Terms = TERMS, **wish: Any) -> Event:
    """Return the event that becomes of a wish."""
    return draft(MESSAGE | wish, terms)


def refused(**wish: Any) -> tuple[str, dict[str, str]]:
    """Return why a wish is turned down."""
    with pytest.raises(Refused) as refusal:
        wished(**wish)
    return refusal.value.key, refusal.value.placeholders


def test_all_that_can_be_said_is_kept() -> None:
    """Product, "Actions": the fields of add_event."""
    whole = wished(
        event_type="presentation",
        files=[{"media_content_id": "media-source://infoscreen/media/menu.pdf"}, "plan.pdf"],
        slide_interval=20,
        page_progress=False,
        auto_progress=True,
        autoplay=False,
        loop=True,
        volume=0.5,
        muted=True,
        rrule=" freq=daily;count=3; ",
        skip_holidays=True,
        period="7",
        priority="important",
    )
    assert whole.files == ("media-source://infoscreen/media/menu.pdf", "plan.pdf")
    assert (whole.slide_interval, whole.page_progress, whole.auto_progress) == (20, False, True)
    assert (whole.autoplay, whole.loop, whole.volume, whole.muted) == (False, True, 0.5, True)
    assert (whole.rrule, whole.skip_holidays, whole.period) == ("FREQ=DAILY;COUNT=3", True, 7)
    assert whole.priority is Priority.IMPORTANT
    assert Event.from_stored(whole.as_stored()) == whole


def test_what_was_stored_before_there_was_more_to_say_is_still_read() -> None:
    """The first versions knew websites without recurrence."""
    old = {
        "event_id": 1,
        "group_id": 12,
        "title": "Timetable",
        "start": "2026-11-23T08:00:00",
        "end": "2026-11-23T16:00:00",
        "time_zone": "Europe/Vienna",
        "event_type": "website",
        "url": "https://school.example/timetable",
    }
    read = Event.from_stored(old)
    assert (read.priority, read.rule, read.files) == (Priority.NORMAL, None, ())
    assert read.as_stored() == old


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        ("2026-03-02", "2026-03-03", ("2026-03-02", "2026-03-03")),
        (date(2026, 3, 2), date(2026, 3, 4), ("2026-03-02", "2026-03-04")),
        ("2026-03-02T08:00", "2026-03-03T07:00", ("2026-03-02", "2026-03-03")),
    ],
    ids=["text", "dates", "times of which only the day counts"],
)
def test_all_day_is_from_midnight_to_an_exclusive_midnight(
    start: object, end: object, expected: tuple[str, str]
) -> None:
    """Product, "Actions": an all-day end is exclusive, as in calendars."""
    days = wished(all_day=True, start=start, end=end)
    assert (days.start.isoformat()[:10], days.end.isoformat()[:10]) == expected
    assert days.start.time() == days.end.time() == datetime.min.time()


def test_an_event_that_becomes_all_day_takes_the_days_it_touches() -> None:
    """And one that already is, stays so."""
    whole = changed_event(wished(), {"all_day": True}, TERMS)
    assert (whole.start.isoformat(), whole.end.isoformat()) == ("2026-03-02T00:00:00", "2026-03-03T00:00:00")
    moved = changed_event(whole, {"start": "2026-03-05"}, TERMS)
    assert (moved.start.day, moved.end.day, moved.all_day) == (5, 6, True)


@pytest.mark.parametrize(
    "media",
    ["film.mp4", {"media_content_id": "film.mp4", "media_content_type": "video/mp4", "metadata": {}}],
    ids=["a plain id", "what the selector gives"],
)
def test_a_film_is_named_by_its_id(media: object) -> None:
    """Product, "Actions"."""
    assert wished(event_type="video", media=media).media == "film.mp4"


def test_a_film_that_was_on_the_web_gives_way_to_one_of_ours() -> None:
    """Its address would be shown instead; that of a page stays whatever else is said."""
    film = wished(event_type="video", url="https://example.org/a.mp4")
    ours = changed_event(film, {"media": "film.mp4"}, TERMS)
    assert (ours.media, ours.url) == ("film.mp4", None)
    page = wished(event_type="website", url="https://example.org/")
    assert changed_event(page, {"media": "film.mp4"}, TERMS).url == "https://example.org/"


def test_a_presentation_of_one_file_may_name_it_as_its_media() -> None:
    """The selector for one file is the easier one; several go before it."""
    assert wished(event_type="presentation", media="plan.pdf").files == ("plan.pdf",)
    assert wished(event_type="presentation", media="plan.pdf", files=["a.pdf"]).files == ("a.pdf",)
    slides = changed_event(wished(event_type="presentation", media="plan.pdf"), {"media": "new.pdf"}, TERMS)
    assert slides.files == ("new.pdf",)


def test_none_takes_a_field_away() -> None:
    """A rule, a period, an address."""
    whole = wished(rrule="FREQ=DAILY", period=7, url="https://example.org/")
    bare = changed_event(whole, {"rrule": None, "period": "", "url": None}, TERMS)
    assert (bare.rrule, bare.period, bare.url) == (None, None, None)
    assert changed_event(whole, {"rrule": ""}, TERMS).rule is None
    assert changed_event(whole, {"time_zone": None}, TERMS).time_zone == "Europe/Vienna"


def test_what_no_screen_could_show_is_left_out_of_texts() -> None:
    """Half characters and NUL would fail the whole list."""
    odd = wished(title="A\ud800\0\nB", text="C\0\ud800\nD")
    assert (odd.title, odd.text) == ("A? B", "C?\nD")


def test_media_may_be_called_as_people_call_files() -> None:
    """A Mac writes no ordinary space before AM and PM."""
    media = "media-source://media_source/local/9.41.00\u202fAM.mp4"
    assert wished(event_type="video", media=media).media == media


def test_a_text_may_be_long_but_not_longer() -> None:
    """Two thousand characters fill a screen."""
    assert wished(text="x" * MAX_TEXT_LENGTH).text == "x" * MAX_TEXT_LENGTH
    assert refused(text="x" * (MAX_TEXT_LENGTH + 1)) == ("event_text_too_long", {"limit": "2000"})


@pytest.mark.parametrize(
    ("wish", "key"),
    [
        ({"start": None}, "event_times_missing"),
        ({"end": None}, "event_times_missing"),
        ({"start": "tomorrow"}, "time_not_understood"),
        ({"start": 5}, "time_not_understood"),
        ({"start": "1969-12-31"}, "time_out_of_range"),
        ({"end": "2200-01-01"}, "time_out_of_range"),
        ({"end": "2026-03-02 08:00:00"}, "event_ends_before_it_starts"),
        ({"all_day": True, "end": "2026-03-02"}, "event_ends_before_it_starts"),
        ({"time_zone": "Mars/Olympus"}, "time_zone_unknown"),
        ({"title": None}, "event_title_invalid"),
        ({"title": ""}, "event_title_invalid"),
        ({"text": " "}, "event_without_content"),
        ({"event_type": "website"}, "event_without_content"),
        ({"event_type": "video"}, "event_without_content"),
        ({"event_type": "presentation", "files": []}, "event_without_content"),
        ({"event_type": "website", "url": "javascript:alert(1)"}, "url_invalid"),
        ({"event_type": "video", "url": "ftp://example.org/"}, "url_invalid"),
        ({"event_type": "website", "url": "https://evil.example\\.school.example/"}, "url_invalid"),
        ({"event_type": "video", "media": "x" * 1025}, "media_invalid"),
        ({"event_type": "video", "media": "a\nb"}, "media_invalid"),
        ({"period": 8}, "period_unknown"),
        ({"period": "autumn"}, "period_unknown"),
        ({"rrule": "sometimes"}, "rule_invalid"),
        ({"rrule": "FREQ=HOURLY"}, "rule_too_often"),
        ({"rrule": "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"}, "rule_never_occurs"),
        ({"rrule": "FREQ=DAILY", "end": "2027-04-01"}, "event_too_long_to_recur"),
    ],
    ids=str,
)
def test_these_wishes_are_refused(wish: dict[str, Any], key: str) -> None:
    """Product, "Actions": thing, fact, way out."""
    assert refused(**wish)[0] == key


def test_an_allow_list_holds_for_what_is_new() -> None:
    """Product, "Actions": hosts, exact or `*.host`."""
    terms = Terms(time_zone="UTC", hosts=["example.org", "*.school.example"])
    for url in ("https://example.org/", "https://a.school.example/", "https://A.B.School.example:8443/"):
        assert wished(terms, event_type="website", url=url).url == url
    for url in ("https://evil.example/", "https://school.example/", "https://example.org.evil.example/"):
        with pytest.raises(Refused) as refusal:
            wished(terms, event_type="website", url=url)
        assert refusal.value.key == "url_not_allowed"


def test_other_content_needs_nothing() -> None:
    """Contract, "events": it has no block."""
    assert wished(event_type="other", text=None).event_type is EventType.OTHER
    assert wished(event_type="webuntis", text=None).url is None


def test_a_new_start_moves_the_end_along() -> None:
    """Whoever moves an event does not mean to make it longer."""
    moved = changed_event(wished(), {"start": "2026-03-02 10:00"}, TERMS)
    assert moved.end - moved.start == timedelta(hours=1)
