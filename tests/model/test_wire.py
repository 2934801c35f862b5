"""Test how values look on the wire."""

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from hypothesis import given, strategies as st
import pytest

from custom_components.infoscreen.model.wire import as_instant, as_json, as_time, read_time

from .samples import NOW


def test_we_write_whole_seconds_and_z() -> None:
    """Contract, head: "whole seconds and Z", whatever zone the moment came in."""
    moment = datetime(2026, 3, 2, 10, 30, 59, 999_999, tzinfo=timezone(timedelta(hours=1)))
    assert as_time(moment) == "2026-03-02T09:30:59Z"


def test_payloads_are_utf8_and_not_escaped() -> None:
    """Contract, head: JSON payloads are UTF-8."""
    assert as_json([{"title": "Menü"}]) == '[{"title":"Menü"}]'.encode()


@pytest.mark.parametrize(
    "text",
    [
        "2026-03-02T09:30:00Z",
        "2026-03-02T09:30:00+00:00",
        "2026-03-02T09:30:00",
        "2026-03-02T09:30:00.000000Z",
        "2026-03-02T09:30:00.000+00:00",
        "2026-03-02T10:30:00+01:00",
    ],
    ids=["Z", "offset zero", "no suffix", "microseconds", "milliseconds", "another offset"],
)
def test_screens_may_spell_a_moment_in_these_ways(text: str) -> None:
    """Contract, head: +00:00, no suffix (which is UTC) and fractions are accepted."""
    moment = read_time(text)
    assert moment == NOW
    assert moment.tzinfo is UTC


@pytest.mark.parametrize(
    "text",
    ["", "yesterday", "2026-13-01T00:00:00Z", "1772443800", "0001-01-01T00:00:00+14:00"],
    ids=["nothing", "a word", "a thirteenth month", "seconds since 1970", "before the first year"],
)
def test_what_is_no_moment_is_none(text: str) -> None:
    """A screen's clock may say anything, and is shown only."""
    assert read_time(text) is None


@given(st.datetimes(min_value=datetime.fromisoformat("0001-01-02"), timezones=st.just(UTC)))
def test_what_we_write_is_read_as_the_same_second(moment: datetime) -> None:
    """Both ends of the wire mean the same moment, in every year."""
    assert read_time(as_time(moment)) == moment.replace(microsecond=0)


@pytest.mark.parametrize(
    ("microsecond", "text"),
    [(0, "2026-03-02T09:30:00Z"), (1, "2026-03-02T09:30:00.000Z"), (250_000, "2026-03-02T09:30:00.250Z")],
)
def test_a_moment_is_told_with_the_milliseconds_it_has(microsecond: int, text: str) -> None:
    """Lines of one second are told apart; the wire knows whole seconds only."""
    vienna = ZoneInfo("Europe/Vienna")
    assert as_instant(NOW.replace(microsecond=microsecond).astimezone(vienna)) == text
