"""Test events: what may be shown, and when that is."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone

from hypothesis import given, strategies as st
import orjson
import pytest

from custom_components.infoscreen.model.errors import Refused
from custom_components.infoscreen.model.schedule.addresses import (
    MAX_URL_LENGTH,
    checked_hosts,
    checked_url,
)
from custom_components.infoscreen.model.schedule.drafts import MAX_TITLE_LENGTH, Terms, draft
from custom_components.infoscreen.model.schedule.events import Event, EventType

from .samples import event

EIGHT = datetime.fromisoformat("2026-03-02T08:00")
FOUR = datetime.fromisoformat("2026-03-02T16:00")
URL = "https://example.org/menu?day=1"


def drafted(
    *,
    title: str = "Menu",
    start: datetime = EIGHT,
    end: datetime = FOUR,
    time_zone: str = "Europe/Vienna",
    url: str = URL,
) -> Event:
    """Return what somebody wants shown."""
    wish = {"title": title, "start": start, "end": end, "event_type": "website", "url": url}
    return draft(wish, Terms(time_zone=time_zone))


def test_an_event_outlives_a_restart_unchanged() -> None:
    """Product, "Schedule": it keeps wall-clock time in its time zone."""
    assert Event.from_stored(orjson.loads(orjson.dumps(event().as_stored()))) == event()


# Daylight saving

DAYS = {
    "Europe/Vienna": ("2026-03-29", "2026-10-25"),
    "America/New_York": ("2026-03-08", "2026-11-01"),
    "Australia/Lord_Howe": ("2026-10-04", "2026-04-05"),
}
ZONES = pytest.mark.parametrize("zone", DAYS)
UTC_OFFSETS = {
    "Europe/Vienna": (1, 2),
    "America/New_York": (-5, -4),
    "Australia/Lord_Howe": (10.5, 11),
}


def begins(day: str, time: str, zone: str) -> datetime:
    """Return the moment at which an event of a month begins that starts at this time on the wall."""
    start = datetime.fromisoformat(f"{day}T{time}")
    return event(start=start, end=start + timedelta(days=30), time_zone=zone).starts_at


def test_eight_in_the_morning_is_always_eight_in_the_morning() -> None:
    """Product, "Schedule": 08:00 to 16:00 stays so across daylight saving."""
    before, after = event(), event(start=EIGHT.replace(month=4), end=FOUR.replace(month=4))
    assert (before.starts_at.hour, before.ends_at.hour) == (7, 15)
    assert (after.starts_at.hour, after.ends_at.hour) == (6, 14)
    assert before.starts_at.tzinfo is before.ends_at.tzinfo is UTC


@ZONES
@pytest.mark.parametrize("change", [0, 1], ids=["clocks go forward", "clocks go back"])
def test_the_morning_after_a_change_is_read_off_the_new_clock(zone: str, change: int) -> None:
    """Product, "Schedule": wall-clock time on the very day."""
    offset = timedelta(hours=UTC_OFFSETS[zone][1 - change])
    day = DAYS[zone][change]
    assert begins(day, "08:00", zone) == datetime.fromisoformat(f"{day}T08:00").replace(
        tzinfo=timezone(offset)
    )


@ZONES
def test_the_evening_before_a_change_is_read_off_the_old_clock(zone: str) -> None:
    """Product, "Schedule": overnight events too."""
    start = datetime.fromisoformat(f"{DAYS[zone][0]}T22:00") - timedelta(days=1)
    night = event(start=start, end=start + timedelta(hours=10), time_zone=zone)
    lost = timedelta(hours=UTC_OFFSETS[zone][1] - UTC_OFFSETS[zone][0])
    assert night.ends_at - night.starts_at == timedelta(hours=10) - lost


@pytest.mark.parametrize(
    ("zone", "missing", "instead"),
    [
        ("Europe/Vienna", "02:00", "03:00"),
        ("Europe/Vienna", "02:30", "03:30"),
        ("Europe/Vienna", "02:59", "03:59"),
        ("America/New_York", "02:30", "03:30"),
        ("Australia/Lord_Howe", "02:15", "02:45"),
    ],
)
def test_a_time_in_the_missing_hour_moves_behind_it(zone: str, missing: str, instead: str) -> None:
    """Product, "Schedule": by as much as is missing, which on Lord Howe is half an hour."""
    day = DAYS[zone][0]
    assert begins(day, missing, zone) == begins(day, instead, zone)


@pytest.mark.parametrize(
    ("zone", "twice", "first"),
    [
        ("Europe/Vienna", "02:30", "2026-10-25T00:30:00Z"),
        ("America/New_York", "01:30", "2026-11-01T05:30:00Z"),
        ("Australia/Lord_Howe", "01:45", "2026-04-04T14:45:00Z"),
    ],
)
def test_a_time_in_the_doubled_hour_is_the_first(zone: str, twice: str, first: str) -> None:
    """Product, "Schedule": on Lord Howe it is half an hour that comes twice."""
    assert begins(DAYS[zone][1], twice, zone) == datetime.fromisoformat(first)


@pytest.mark.parametrize(
    "start",
    ["2026-10-25T02:30:00", "2026-10-25T02:30:00+02:00", "2026-10-25T02:30:00+01:00"],
    ids=["off the wall", "the first", "the second"],
)
def test_whatever_was_asked_for_in_the_doubled_hour_it_is_the_first(start: str) -> None:
    """Product, "Schedule": what is kept is the time on the wall, which cannot tell the two apart."""
    half_past = drafted(
        start=datetime.fromisoformat(start), end=datetime.fromisoformat("2026-10-25T08:00:00")
    )
    assert half_past.starts_at == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


@pytest.mark.parametrize("offset", ["+02:00", "+01:00"], ids=["the first", "the second"])
def test_a_restart_never_moves_an_event(offset: str) -> None:
    """What is published before and after a restart must be the same moment."""
    kept = drafted(
        start=datetime.fromisoformat("2026-10-25T01:00:00+02:00"),
        end=datetime.fromisoformat(f"2026-10-25T02:30:00{offset}"),
    )
    read = Event.from_stored(orjson.loads(orjson.dumps(kept.as_stored())))
    assert (read.starts_at, read.ends_at) == (kept.starts_at, kept.ends_at)


# What somebody wants shown


def test_a_wish_keeps_what_the_clock_on_the_wall_says() -> None:
    """Product, "Actions": times without an offset are local to the event's time zone."""
    assert drafted(title="  Menu ", url=f" {URL}\n") == Event(
        event_id=0,
        group_id=0,
        title="Menu",
        start=EIGHT,
        end=FOUR,
        time_zone="Europe/Vienna",
        event_type=EventType.WEBSITE,
        url=URL,
    )


def test_a_wish_in_another_zone_is_written_on_the_wall_of_its_own() -> None:
    """Product, "Actions": an offset is honoured; afterwards 08:00 stays 08:00 in the event's zone."""
    wish = drafted(
        start=datetime.fromisoformat("2026-03-02T02:00:00.250-05:00"),
        end=datetime.fromisoformat("2026-03-02T15:00:00Z"),
    )
    assert (wish.start, wish.end) == (EIGHT, FOUR)
    assert wish.start.tzinfo is wish.end.tzinfo is None


@pytest.mark.parametrize(
    "title", ["", " \n", "x" * (MAX_TITLE_LENGTH + 1)], ids=["nothing", "blanks", "too long"]
)
def test_a_title_is_needed_and_bounded(title: str) -> None:
    """It is a state in Home Assistant, and those hold 255 characters."""
    with pytest.raises(Refused) as refused:
        drafted(title=title)
    assert (refused.value.key, refused.value.placeholders) == ("event_title_invalid", {"limit": "255"})


def test_the_longest_title_is_one() -> None:
    """Surrounding space does not count."""
    assert drafted(title=f" {'x' * MAX_TITLE_LENGTH} ").title == "x" * MAX_TITLE_LENGTH


@pytest.mark.parametrize(
    "end",
    [EIGHT, EIGHT - timedelta(minutes=1), datetime(2026, 3, 2, 7, tzinfo=UTC)],
    ids=["no time at all", "before", "the same moment in another zone"],
)
def test_an_event_ends_after_it_starts(end: datetime) -> None:
    """Edges, "Schedule": overnight is a later date."""
    with pytest.raises(Refused) as refused:
        drafted(end=end)
    assert refused.value.key == "event_ends_before_it_starts"
    assert refused.value.placeholders == {"title": "Menu", "start": f"{EIGHT}", "end": f"{end}"}


def test_an_event_wholly_inside_the_missing_hour_is_shown_after_it() -> None:
    """Product, "Schedule": start and end both move."""
    lost = drafted(
        start=datetime.fromisoformat("2026-03-29T02:10"), end=datetime.fromisoformat("2026-03-29T02:50")
    )
    assert lost.starts_at == datetime(2026, 3, 29, 1, 10, tzinfo=UTC)
    assert lost.ends_at == datetime(2026, 3, 29, 1, 50, tzinfo=UTC)


@pytest.mark.parametrize(
    "time_zone",
    ["", "Vienna", "Europe", "zone.tab", "../etc/passwd", "/etc/localtime", "x" * 300, "UTC\0", "\ud800"],
    ids=[
        "nothing",
        "a city",
        "a continent",
        "another file",
        "a way out",
        "a way from the root",
        "too long for a file",
        "NUL",
        "half a character",
    ],
)
@pytest.mark.parametrize("start", [EIGHT, EIGHT.replace(tzinfo=UTC)], ids=["off the wall", "with an offset"])
def test_a_time_zone_must_be_one(time_zone: str, start: datetime) -> None:
    """It is looked up in files, so any name may be tried."""
    with pytest.raises(Refused) as refused:
        drafted(time_zone=time_zone, start=start)
    assert (refused.value.key, refused.value.placeholders) == (
        "time_zone_unknown",
        {"time_zone": time_zone},
    )


@pytest.mark.parametrize(
    "moment",
    [
        datetime.min,
        datetime.max.replace(tzinfo=UTC),
        datetime.max.replace(tzinfo=timezone(-timedelta(hours=12))),
    ],
    ids=["the first", "the last", "the last in the west"],
)
def test_a_moment_must_be_one_in_every_zone(moment: datetime) -> None:
    """The first hour of the first year is no moment in Vienna."""
    with pytest.raises(Refused) as refused:
        drafted(start=moment)
    assert (refused.value.key, refused.value.placeholders) == ("time_out_of_range", {"time": f"{moment}"})


@given(start=st.datetimes(), end=st.datetimes(timezones=st.just(UTC)), zone=st.sampled_from([*DAYS]))
def test_any_two_moments_make_an_event_or_are_refused(start: datetime, end: datetime, zone: str) -> None:
    """People type anything; what is accepted is shown for a while and survives a restart."""
    with suppress(Refused):
        wish = drafted(start=start, end=end, time_zone=zone)
        assert wish.starts_at < wish.ends_at
        assert Event.from_stored(wish.as_stored()) == wish


# Web addresses


@pytest.mark.parametrize(
    "url",
    [
        URL,
        "http://192.0.2.7:8080/",
        "http://[2001:db8::1]/",
        "HTTPS://EXAMPLE.ORG",
        "https://bücher.example/straße",
        "http://localhost",
        "https://example.org/#top",
        "https://example.org/?user=a@b",
        f"https://example.org/{'x' * (MAX_URL_LENGTH - 20)}",
    ],
    ids=[
        "a page",
        "an address with a port",
        "an IPv6 address",
        "capitals",
        "other letters",
        "a bare host",
        "a fragment",
        "an at sign behind the host",
        "the longest",
    ],
)
def test_these_are_web_addresses(url: str) -> None:
    """Product, "Actions": http or https with a host."""
    assert checked_url(f" {url} ") == url


@pytest.mark.parametrize(
    "url",
    [
        "",
        "example.org",
        "//example.org",
        "ftp://example.org",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "data:text/html,x",
        "https://",
        "https:///menu",
        "https://:443/",
        "https://user@example.org",
        "https://user:secret@example.org",
        "https://@example.org",
        "https://example.org:0/",
        "https://example.org:65536/",
        "https://example.org:http/",
        "https://[::1",
        "https://example.org/a b",
        "https://example.org/a\tb",
        "https://exam\nple.org/",
        "https://example.org/\u200b",
        f"https://example.org/{'x' * (MAX_URL_LENGTH - 19)}",
    ],
    ids=repr,
)
def test_these_are_no_web_addresses(url: str) -> None:
    """Product, "Actions": no user info, and nothing a browser would read otherwise than we do."""
    with pytest.raises(Refused) as refused:
        checked_url(url)
    assert (refused.value.key, refused.value.placeholders) == ("url_invalid", {"url": url.strip()[:255]})


def test_hosts_are_kept_as_addresses_have_them() -> None:
    """Product, "Actions": exact or all below one."""
    hosts = [
        "www.school.example",
        " *.School.Example ",
        "",
        "untis",
        "192.168.1.5",
        "fe80::1",
        "schüle.example",
    ]
    assert checked_hosts(hosts) == [
        "www.school.example",
        "*.school.example",
        "untis",
        "192.168.1.5",
        "fe80::1",
        "schüle.example",
    ]


@pytest.mark.parametrize(
    "host",
    [
        "https://school.example",
        "school.example/plan",
        "school.example:8080",
        "*",
        "a.*.example",
        "me@a",
        "a b",
        "a..b",
    ],
)
def test_what_is_no_host_is_refused(host: str) -> None:
    """No address has such a host, so everything would be refused without a word of why."""
    with pytest.raises(Refused) as refused:
        checked_hosts([host])
    assert refused.value.key == "host_invalid"
