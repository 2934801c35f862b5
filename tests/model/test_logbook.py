"""Test what a screen's log amounts to."""

from datetime import datetime, timedelta
import json
from typing import Any

from hypothesis import given, strategies as st
import pytest

from custom_components.infoscreen.model.logbook import Digest, Line, Logbook
from custom_components.infoscreen.model.messages import Log, LogLevel

from .samples import NOW, UUID, seconds

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
INSTANT = timedelta.resolution


def line(message: str = "No picture", now: datetime = NOW, **changes: Any) -> Line:
    """Return an error as it is kept."""
    return Line.of(UUID, Log(level=LogLevel.ERROR, message=message, **changes), now)


# Lines


def test_a_line_is_told_with_the_screens_own_time() -> None:
    """Contract: a screen's own timestamps are shown; where it gives none, ours is."""
    own = NOW - timedelta(days=400)
    told = {"timestamp": "2025-01-26T09:30:00Z", "level": "error", "message": "No picture", "context": None}
    assert line(timestamp=own).told == told
    assert line().told == told | {"timestamp": "2026-03-02T09:30:00Z"}


@pytest.mark.parametrize("context", [{"a": [1, None]}, {}, '{"a": 1}', "", "<b>"], ids=repr)
def test_a_context_is_told_as_it_was_said(context: Any) -> None:
    """An object or a text, and the one is not taken for the other."""
    assert line(context=context).told["context"] == context


def test_a_line_weighs_what_its_texts_do() -> None:
    """Memory is bounded by it."""
    assert line("x" * 100, context="y" * 98).size - line("").size == 200


def test_an_event_says_no_more_than_the_recorder_can_keep() -> None:
    """16 KiB: control characters are six times as long there, line ends and quotes twice."""
    telling = Logbook().told(line('"\x1b[31m\r\n\t' * 580))
    assert telling is not None
    assert telling.attributes["message"] == '"�[31m�\n\t' * 580
    assert len(json.dumps(telling.attributes, ensure_ascii=False).encode()) < 16384


def test_levels_are_in_the_order_of_their_gravity() -> None:
    """Contract, "log": ERROR, WARN, INFO, DEBUG."""
    assert LogLevel.DEBUG.and_graver == ["debug", "info", "warn", "error"]
    assert LogLevel.WARN.and_graver == ["warn", "error"]


# Events


def test_of_a_crash_loop_one_line_in_ten_seconds_is_told() -> None:
    """Edges, "Screens": `suppressed` counts what fell in between."""
    book = Logbook()
    tellings = [book.told(line(str(number), NOW + seconds(number))) for number in range(25)]
    assert [
        (telling.attributes["message"], telling.attributes["suppressed"]) for telling in tellings if telling
    ] == [("0", 0), ("10", 9), ("20", 9)]


# Counts


def test_a_line_counts_for_a_day_and_an_error_worries_for_an_hour() -> None:
    """Product, "Screen" and "Status": to the moment."""
    book = Logbook()
    book.heard(LogLevel.ERROR, NOW)
    book.heard(LogLevel.WARN, NOW + seconds(60))
    assert book.shown(NOW) == Digest(errors=1, warnings=1, troubled=True)
    assert book.next_look(NOW) == NOW + HOUR
    assert book.shown(NOW + HOUR - INSTANT).troubled
    assert book.shown(NOW + HOUR) == Digest(errors=1, warnings=1)
    assert book.next_look(NOW + HOUR) == NOW + DAY
    assert book.shown(NOW + DAY - INSTANT).errors == 1
    assert book.shown(NOW + DAY) == Digest(warnings=1)
    assert book.next_look(NOW + DAY) == NOW + DAY + seconds(60)
    assert book.shown(NOW + DAY + seconds(60)) == Digest()
    assert book.next_look(NOW + DAY + seconds(60)) is None


def test_a_warning_worries_nobody() -> None:
    """Product, "Status": error logs."""
    book = Logbook()
    book.heard(LogLevel.WARN, NOW)
    assert book.shown(NOW) == Digest(warnings=1)


def test_every_error_worries_anew() -> None:
    """The hour is that of the last one."""
    book = Logbook()
    book.heard(LogLevel.ERROR, NOW)
    book.heard(LogLevel.ERROR, NOW + seconds(1800))
    book.shown(NOW + seconds(1800))
    assert book.next_look(NOW + HOUR) == NOW + seconds(1800) + HOUR


def test_a_crash_loop_is_counted_whole_and_shown_now_and_then() -> None:
    """A hundred states at once, then one in ten seconds; nothing is missed in the end."""
    book, shown = Logbook(), set()
    for number in range(3000):
        now = NOW + timedelta(milliseconds=10 * number)
        book.heard(LogLevel.ERROR, now)
        shown.add(book.shown(now).errors)
    assert len(shown) == 102
    assert {*range(1, 101)} <= shown
    look = book.next_look(now)
    assert look is not None
    assert now < look <= now + seconds(10)
    assert book.shown(look).errors == 3000
    assert book.next_look(look) == NOW + HOUR + timedelta(milliseconds=29990)


def test_a_crash_loop_does_not_fill_the_memory() -> None:
    """Beyond a thousand a day lines are counted by the minute, and leave the count a little early."""
    book = Logbook()
    for number in range(20_000):
        book.heard(LogLevel.ERROR, NOW + seconds(number))
    assert book.shown(NOW + seconds(20_000)).errors == 20_000
    looks, now = 0, NOW + DAY
    while book._windows[LogLevel.ERROR].count:
        now = book._windows[LogLevel.ERROR].ends_at or now
        book.shown(now)
        looks += 1
    assert looks <= 1000 + 20_000 / 60
    assert NOW + DAY + seconds(20_000 - 61) <= now <= NOW + DAY + seconds(20_000)


@given(
    st.lists(
        st.tuples(st.integers(0, 200_000), st.sampled_from([LogLevel.ERROR, LogLevel.WARN])), max_size=50
    ),
    st.integers(0, 300_000),
)
def test_the_count_is_that_of_the_last_day(lines: list[tuple[int, LogLevel]], later: int) -> None:
    """Whenever one looks, after whatever lines."""
    book = Logbook()
    for at, level in sorted(lines):
        book.heard(level, NOW + seconds(at))
    end = max((at for at, _ in lines), default=0) + later
    of_a_day = [level for at, level in lines if at > end - DAY.total_seconds()]
    digest = book.shown(NOW + seconds(end))
    assert digest.errors == of_a_day.count(LogLevel.ERROR)
    assert digest.warnings == of_a_day.count(LogLevel.WARN)


def test_a_screen_takes_over_what_another_logged() -> None:
    """In the order of time, as if it had logged all of it."""
    book, other, quiet = Logbook(), Logbook(), Logbook()
    book.heard(LogLevel.ERROR, NOW + seconds(10))
    other.heard(LogLevel.ERROR, NOW, 3)
    other.heard(LogLevel.WARN, NOW + seconds(20))
    book.join(other)
    quiet.join(Logbook())
    assert quiet.shown(NOW) == Digest()
    assert book.shown(NOW + seconds(20)) == Digest(errors=4, warnings=1, troubled=True)
    assert book.shown(NOW + DAY) == Digest(errors=1, warnings=1)
    assert book.shown(NOW + DAY + seconds(10)) == Digest(warnings=1)
