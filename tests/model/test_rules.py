"""Test rules: read as dateutil reads them, walked from anywhere, and refused where they would never end."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import islice, takewhile
from time import process_time
from typing import Any
from zoneinfo import ZoneInfo

from dateutil.rrule import rrulestr
from hypothesis import assume, given, strategies as st
import pytest

from custom_components.infoscreen.model.errors import Refused
from custom_components.infoscreen.model.schedule.clock import LAST
from custom_components.infoscreen.model.schedule.rule_text import MAX_COUNT
from custom_components.infoscreen.model.schedule.rules import Rule, _shared_walk, read_rule

VIENNA = ZoneInfo("Europe/Vienna")
EIGHT = datetime.fromisoformat("2026-03-02T08:00")  # a Monday
HORIZON = datetime.fromisoformat("2034-01-01T00:00")


def rule(text: str, start: datetime = EIGHT, *, all_day: bool = False) -> Rule:
    """Return a rule of a series in Vienna."""
    return read_rule(text, start, VIENNA, all_day=all_day)


def starts(text: str, number: int = 3, since: datetime = EIGHT, start: datetime = EIGHT) -> list[str]:
    """Return the first starts of a series, as they are written."""
    return [f"{each:%Y-%m-%d %H:%M}" for each in islice(rule(text, start).walk(since), number)]


# Against dateutil, walking from the beginning

_WEEKDAYS = st.lists(
    st.sampled_from(["MO", "TU", "WE", "TH", "FR", "SA", "SU"]), min_size=1, max_size=4, unique=True
)
_NTH = st.lists(st.sampled_from(["1MO", "-1FR", "3WE", "SA"]), min_size=1, max_size=3, unique=True)
_MONTHDAYS = st.lists(st.integers(1, 28) | st.integers(-28, -1), min_size=1, max_size=3, unique=True)
_YEARDAYS = st.lists(st.integers(1, 366), min_size=1, max_size=2, unique=True)
_DAYS: dict[str, st.SearchStrategy[Any]] = {
    "BYDAY": _NTH | _WEEKDAYS,
    "BYMONTHDAY": _MONTHDAYS,
    "BYYEARDAY": _YEARDAYS,
}


@st.composite
def rules(draw: st.DrawFn) -> str:
    """Return any rule that somebody might think of."""
    frequency = draw(st.sampled_from(["DAILY", "WEEKLY", "MONTHLY", "YEARLY"]))
    parts = [f"FREQ={frequency}", f"INTERVAL={draw(st.integers(1, 5))}"]
    days = draw(st.sampled_from(["none", "BYDAY", "BYMONTHDAY", "BYYEARDAY", "BYWEEKNO"]))
    if days in _DAYS:
        parts.append(f"{days}={','.join(map(str, draw(_DAYS[days])))}")
    if days == "BYWEEKNO" and frequency == "YEARLY":
        parts.append(f"BYWEEKNO={draw(st.integers(1, 50))}")
    if draw(st.booleans()):
        parts.append(f"BYMONTH={draw(st.integers(1, 6))},{draw(st.integers(7, 12))}")
    if days == "BYDAY" and draw(st.booleans()):
        parts.append(f"BYSETPOS={draw(st.sampled_from([1, -1, 2]))}")
    if draw(st.booleans()):
        parts.append(f"BYHOUR={draw(st.integers(0, 11))},{draw(st.integers(12, 23))}")
    if draw(st.booleans()):
        parts.append(f"WKST={draw(st.sampled_from(['SU', 'MO', 'WE']))}")
    ends = ["", "", f"COUNT={draw(st.integers(1, 60))}", "UNTIL=20280630T120000"]
    parts.append(draw(st.sampled_from(ends)))
    return ";".join(filter(None, parts))


STARTS = st.datetimes(datetime.fromisoformat("2014-01-01"), datetime.fromisoformat("2027-12-31"))


@given(text=rules(), start=STARTS, since=STARTS)
def test_a_walk_from_anywhere_is_the_walk_from_the_beginning(
    text: str, start: datetime, since: datetime
) -> None:
    """Product, "Schedule": RFC 5545 as python-dateutil reads it; jumping ahead changes nothing."""
    start = start.replace(microsecond=0)
    ours = rule(text, start)
    assume(ours.ever_occurs())
    naive = takewhile(lambda each: each < HORIZON, iter(rrulestr(text, dtstart=start)))
    expected = [each for each in naive if each >= since][:20]
    assert [*takewhile(lambda each: each < HORIZON, islice(ours.walk(since), 20))] == expected


def test_a_rule_that_hits_once_in_decades_is_cheap() -> None:
    """The 29th of February on a Monday is looked for month by month, not day by day."""
    text, start = "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=29;BYDAY=MO", datetime.fromisoformat("2024-03-01 08:00")
    ours = rule(text, start)

    def cost(walk: Iterable[datetime]) -> float:
        began = process_time()
        assert next(iter(walk)) == datetime.fromisoformat("2044-02-29 08:00")
        return process_time() - began

    naive = min(cost(rrulestr(text, dtstart=start, cache=True)) for _ in range(3))
    _shared_walk.cache_clear()
    assert cost(ours.walk(start)) < naive / 2


@given(text=rules(), start=STARTS, number=st.integers(1, 40))
def test_a_series_cut_in_two_is_the_series(text: str, start: datetime, number: int) -> None:
    """Product, "Schedule": of a series that is counted, the rest counts what remains."""
    start = start.replace(microsecond=0)
    whole = rule(text, start)
    assume(whole.ever_occurs() and "BYSETPOS" not in text)
    planned = [*takewhile(lambda each: each < HORIZON, islice(whole.walk(start), number + 1))]
    assume(len(planned) > 1)
    cut = planned[-1]
    before = rule(whole.ending_before(cut, all_day=False), start)
    after = rule(whole.going_on_from(cut), cut)
    assert [*islice(before.walk(start), number + 1)] == planned[:-1]
    assert [*islice(after.walk(start), 20)] == [*islice(whole.walk(cut), 20)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("FREQ=DAILY", ["2026-03-02 08:00", "2026-03-03 08:00", "2026-03-04 08:00"]),
        ("FREQ=WEEKLY;BYDAY=MO,FR", ["2026-03-02 08:00", "2026-03-06 08:00", "2026-03-09 08:00"]),
        ("FREQ=WEEKLY;INTERVAL=2", ["2026-03-02 08:00", "2026-03-16 08:00", "2026-03-30 08:00"]),
        ("FREQ=MONTHLY;BYDAY=-1FR", ["2026-03-27 08:00", "2026-04-24 08:00", "2026-05-29 08:00"]),
        ("FREQ=MONTHLY", ["2026-03-02 08:00", "2026-04-02 08:00", "2026-05-02 08:00"]),
        ("FREQ=YEARLY", ["2026-03-02 08:00", "2027-03-02 08:00", "2028-03-02 08:00"]),
        ("FREQ=DAILY;COUNT=2", ["2026-03-02 08:00", "2026-03-03 08:00"]),
        ("FREQ=DAILY;BYHOUR=8,12", ["2026-03-02 08:00", "2026-03-02 12:00", "2026-03-03 08:00"]),
    ],
)
def test_these_are_read_so(text: str, expected: list[str]) -> None:
    """The everyday ones, in plain sight."""
    assert starts(text) == expected


@pytest.mark.parametrize(
    ("until", "all_day", "last"),
    [
        ("20260304", False, "2026-03-04 08:00"),
        ("20260304", True, "2026-03-04 08:00"),
        ("20260304T080000", False, "2026-03-04 08:00"),
        ("20260304T075959", False, "2026-03-03 08:00"),
        ("20260304T070000Z", False, "2026-03-04 08:00"),
        ("20260304T065959Z", False, "2026-03-03 08:00"),
        ("22000101", False, "2199-12-30 08:00"),
    ],
    ids=[
        "a day, to its end",
        "a day, of days",
        "a time on the wall",
        "a second before",
        "in UTC",
        "in UTC, before",
        "for ever",
    ],
)
def test_until_is_read_off_the_wall(until: str, *, all_day: bool, last: str) -> None:
    """RFC 5545 wants UTC; people write days, and Home Assistant's own page times on the wall."""
    start = datetime.combine(EIGHT, datetime.min.time()) if all_day else EIGHT
    ends = rule(f"FREQ=DAILY;UNTIL={until}", start, all_day=all_day)
    final = [*ends.walk(min(ends.last, LAST) - timedelta(days=3))][-1]
    assert f"{final:%Y-%m-%d}" == last[:10]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "DAILY",
        "RRULE:FREQ=DAILY",
        "FREQ=DAILY\nFREQ=WEEKLY",
        "FREQ=SOMETIMES",
        "INTERVAL=2",
        "FREQ=DAILY;FREQ=DAILY",
        "FREQ=DAILY;BYEASTER=1",
        "FREQ=DAILY;COUNT=0",
        "FREQ=DAILY;COUNT=-1",
        "FREQ=DAILY;COUNT=many",
        f"FREQ=DAILY;COUNT={MAX_COUNT + 1}",
        "FREQ=DAILY;COUNT=2;UNTIL=20270101",
        "FREQ=DAILY;INTERVAL=0",
        "FREQ=DAILY;UNTIL=tomorrow",
        "FREQ=DAILY;UNTIL=20261301",
        "FREQ=DAILY;WKST=XX",
        "FREQ=DAILY;BYDAY=",
        "FREQ=DAILY;BYDAY=MON",
        "FREQ=DAILY;BYDAY=99MO",
        "FREQ=DAILY;BYMONTH=0",
        "FREQ=DAILY;BYMONTH=-1",
        "FREQ=DAILY;BYMONTHDAY=32",
        "FREQ=DAILY;BYHOUR=24",
        "FREQ=DAILY;X=" + "1" * 600,
    ],
    ids=lambda text: repr(text)[:40],
)
def test_these_are_no_rules(text: str) -> None:
    """Product, "Actions": one rule without prefix."""
    with pytest.raises(Refused) as refused:
        rule(text)
    assert (refused.value.key, refused.value.placeholders) == ("rule_invalid", {"rule": text[:500]})


@pytest.mark.parametrize(
    "text",
    [
        "FREQ=HOURLY",
        "FREQ=MINUTELY",
        "FREQ=SECONDLY;INTERVAL=100000",
        "FREQ=DAILY;BYMINUTE=0,15,30,45;BYHOUR=8,9,10,11,12,13,14",
        f"FREQ=DAILY;BYSECOND={','.join(map(str, range(60)))}",
    ],
)
def test_nothing_recurs_by_the_minute(text: str) -> None:
    """Product, "Actions": FREQ DAILY or slower, whatever it is called."""
    with pytest.raises(Refused) as refused:
        rule(text)
    assert refused.value.key == "rule_too_often"


def test_a_day_has_no_hours() -> None:
    """RFC 5545: an all-day event takes no BYHOUR."""
    with pytest.raises(Refused) as refused:
        rule("FREQ=DAILY;BYHOUR=8", datetime.combine(EIGHT, datetime.min.time()), all_day=True)
    assert refused.value.key == "rule_invalid"


@pytest.mark.parametrize(
    "text",
    [
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=DAILY;INTERVAL=7;BYDAY=TU",
        "FREQ=MONTHLY;BYMONTH=2;BYMONTHDAY=31;COUNT=5",
        "FREQ=DAILY;UNTIL=20260101",
    ],
    ids=["the thirtieth of February", "a Tuesday on Mondays", "counted", "over before it begins"],
)
def test_a_rule_that_never_occurs_is_known_as_one(text: str) -> None:
    """And soon: dateutil by itself would walk to the year 9999."""
    assert not rule(text).ever_occurs()
    assert [*islice(rule(text).walk(EIGHT), 1)] == [] or "COUNT" not in text


def test_a_rare_rule_occurs() -> None:
    """Once in four years, and eight where a century turns."""
    leap = datetime.fromisoformat("2024-02-29T08:00")
    assert rule("FREQ=YEARLY", leap).ever_occurs()
    assert starts("FREQ=YEARLY", since=EIGHT, start=leap)[0] == "2028-02-29 08:00"


def test_nothing_is_planned_for_the_next_century_but_one() -> None:
    """The look ahead has an end."""
    assert starts("FREQ=DAILY", since=LAST + timedelta(days=1)) == []
    assert rule("FREQ=DAILY").last == LAST
    assert rule("FREQ=YEARLY;COUNT=10000").last.year == LAST.year


def test_a_series_of_days_ends_on_the_day_before() -> None:
    """RFC 5545: UNTIL is a date where the start is one."""
    midnight = datetime.combine(EIGHT, datetime.min.time())
    days = rule("FREQ=DAILY", midnight, all_day=True)
    assert days.ending_before(midnight + timedelta(days=3), all_day=True) == "FREQ=DAILY;UNTIL=20260304"


def test_a_rule_knows_its_starts() -> None:
    """Exactly those."""
    weekly = rule("FREQ=WEEKLY")
    assert weekly.has(EIGHT + timedelta(days=7))
    assert not weekly.has(EIGHT + timedelta(days=1))
    assert not weekly.has(EIGHT - timedelta(days=7))
    assert weekly.count_before(EIGHT + timedelta(days=15)) == 3
