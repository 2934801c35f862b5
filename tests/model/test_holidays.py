"""Test holidays: one and the same, in each other's way, and days on which events are left out."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from hypothesis import given, strategies as st
import orjson
import pytest

from custom_components.infoscreen.model.errors import Refused
from custom_components.infoscreen.model.schedule.holidays import (
    Holiday,
    admit,
    changed_holiday,
    check_holiday,
    check_inside,
    days_off,
    let_join,
)

from .samples import event
from .test_periods import TERM, YEAR

CHRISTMAS = Holiday(
    holiday_id=1, period=1, name="Weihnachten", region="Wien", start=date(2025, 12, 24), end=date(2026, 1, 6)
)


def days(first: str, last: str | None = None, holiday_id: int = 9, **changes: Any) -> Holiday:
    """Return Christmas on other days, under another id."""
    begin = date.fromisoformat(first)
    end = date.fromisoformat(last or first)
    return replace(CHRISTMAS, holiday_id=holiday_id, start=begin, end=end, **changes)


def test_holidays_outlive_a_restart() -> None:
    """With and without a region."""
    for holiday in (CHRISTMAS, replace(CHRISTMAS, region=None)):
        assert Holiday.from_stored(orjson.loads(orjson.dumps(holiday.as_stored()))) == holiday


def test_a_wish_is_read() -> None:
    """A new start without an end moves it."""
    assert changed_holiday(CHRISTMAS, {"name": " Easter  week ", "region": ""}) == replace(
        CHRISTMAS, name="Easter week", region=None
    )
    moved = changed_holiday(CHRISTMAS, {"start": "2025-12-20"})
    assert (moved.start, moved.end) == (date(2025, 12, 20), date(2026, 1, 2))
    assert changed_holiday(CHRISTMAS, {"end": "2026-01-04"}).end == date(2026, 1, 4)
    assert changed_holiday(CHRISTMAS, {"start": "2025-12-20", "end": "2025-12-21"}).end == date(2025, 12, 21)


@pytest.mark.parametrize(
    ("holiday", "key"),
    [
        (replace(CHRISTMAS, name=""), "holiday_name_invalid"),
        (replace(CHRISTMAS, region="x" * 101), "holiday_name_invalid"),
        (days("2025-12-24", "2025-12-23"), "holiday_ends_before_it_starts"),
        (days("2025-08-31", "2025-09-01"), "holiday_outside_period"),
        (days("2026-07-03", "2026-07-04"), "holiday_outside_period"),
    ],
)
def test_these_holidays_are_refused(holiday: Holiday, key: str) -> None:
    """Product, "Schedule": inside their period."""
    check_holiday(CHRISTMAS, YEAR)
    with pytest.raises(Refused) as refused:
        check_holiday(holiday, YEAR)
    assert refused.value.key == key


def test_a_period_keeps_its_holidays_inside() -> None:
    """Otherwise days off would be of no period."""
    check_inside(YEAR, [CHRISTMAS])
    check_inside(TERM, [CHRISTMAS])
    with pytest.raises(Refused) as refused:
        check_inside(replace(YEAR, end=date(2026, 1, 5)), [CHRISTMAS])
    assert refused.value.placeholders == {"period": "2025/26", "holidays": "Weihnachten"}


@pytest.mark.parametrize(
    ("new", "outcome", "start", "end"),
    [
        (days("2026-01-06", "2026-01-08"), "merged", "2025-12-24", "2026-01-08"),
        (days("2026-01-07", "2026-01-08"), "merged", "2025-12-24", "2026-01-08"),
        (days("2025-12-22", "2025-12-23"), "merged", "2025-12-22", "2026-01-06"),
        (days("2025-12-26"), "skipped", "2025-12-24", "2026-01-06"),
        (days("2025-12-26", name="WEIHNACHTEN"), "updated", "2025-12-24", "2026-01-06"),
        (days("2026-01-08"), "inserted", "2026-01-08", "2026-01-08"),
        (days("2025-12-26", period=2), "inserted", "2025-12-26", "2025-12-26"),
        (days("2026-01-07", name="Other"), "inserted", "2026-01-07", "2026-01-07"),
        (days("2026-01-06", name="Other"), "conflict", "2025-12-24", "2026-01-06"),
        (days("2026-01-06", region="Tirol"), "conflict", "2025-12-24", "2026-01-06"),
    ],
    ids=[
        "overlapping",
        "adjacent behind",
        "adjacent before",
        "within",
        "spelled otherwise",
        "a day between",
        "of another period",
        "another beside it",
        "another over it",
        "of another region",
    ],
)
def test_a_holiday_joins_the_others(new: Holiday, outcome: str, start: str, end: str) -> None:
    """Product, "Schedule": the same one merges, also adjacent; another one conflicts."""
    admission = admit([CHRISTMAS], new)
    assert admission.outcome == outcome
    assert (admission.holiday.start.isoformat(), admission.holiday.end.isoformat()) == (start, end)
    assert len(admission.holidays) == (2 if outcome == "inserted" else 1)


def test_a_holiday_in_anothers_way_is_refused_by_what_is_in_the_way() -> None:
    """One that joins is let in."""
    with pytest.raises(Refused) as told:
        let_join([CHRISTMAS], days("2026-01-06", name="Other"))
    assert told.value.key == "holiday_conflict"
    assert told.value.placeholders == {
        "holiday": "Other",
        "other": "Weihnachten",
        "start": "2025-12-24",
        "end": "2026-01-06",
    }
    beside = days("2026-01-08")
    assert let_join([CHRISTMAS], beside) == admit([CHRISTMAS], beside)


def test_one_that_fills_a_gap_makes_three_one() -> None:
    """Under the oldest id."""
    later = days("2026-01-09", "2026-01-10", holiday_id=2)
    admission = admit([later, CHRISTMAS], days("2026-01-07", "2026-01-08"))
    assert admission.holidays == (replace(CHRISTMAS, end=date(2026, 1, 10)),)


def test_one_that_is_changed_is_not_in_its_own_way() -> None:
    """Another name or a shorter time is a change of itself."""
    renamed = replace(CHRISTMAS, name="Xmas", end=date(2026, 1, 1))
    assert admit([CHRISTMAS], renamed).holidays == (renamed,)


@given(
    st.lists(st.tuples(st.integers(0, 60), st.integers(0, 5), st.sampled_from(["Ä", "ä ", "B"])), max_size=12)
)
def test_in_whatever_order_they_come_no_two_overlap_and_the_same_are_one(
    rows: list[tuple[int, int, str]],
) -> None:
    """What is left is normal: every day once, no neighbours of one name."""
    kept: tuple[Holiday, ...] = ()
    first, asked = date(2025, 10, 1), set()
    for number, (begin, length, name) in enumerate(rows, 1):
        start = first + timedelta(days=begin)
        end = start + timedelta(days=length)
        new = Holiday(holiday_id=number, period=1, name=name, start=start, end=end)
        admission = admit(kept, new)
        asked |= set() if admission.outcome == "conflict" else set(new.days)
        kept = admission.holidays
    covered = [day for each in kept for day in each.days]
    assert sorted(covered) == sorted(asked)
    for one in kept:
        assert not any(
            one.touches(other, timedelta(days=1)) and one.identity == other.identity
            for other in kept
            if other is not one
        )


def test_days_off_are_those_of_the_events_period_or_of_all_that_are_open() -> None:
    """Product, "Schedule": its period, or without one the period covering that day."""
    easter = Holiday(holiday_id=2, period=2, name="Easter", start=date(2026, 4, 3), end=date(2026, 4, 6))
    off = days_off([YEAR, TERM], [CHRISTMAS, easter], {12: frozenset([date(2026, 5, 1)])})

    def is_off(day: str, **changes: object) -> bool:
        given: dict[str, object] = {"skip_holidays": True}
        return off.is_off(event(**given | changes), datetime.fromisoformat(day))

    assert [is_off("2026-04-03"), is_off("2026-04-06T23:59"), is_off("2026-04-07")] == [True, True, False]
    assert is_off("2026-04-03", period=2)
    assert not is_off("2026-04-03", period=1)
    assert not is_off("2026-04-03", period=3)
    assert not is_off("2026-04-03", skip_holidays=False)
    assert is_off("2026-05-01", period=1)
    assert not is_off("2026-05-01", group_id=13)
    archived = days_off([YEAR, replace(TERM, archived=True)], [easter], {})
    assert not archived.is_off(event(skip_holidays=True), datetime.fromisoformat("2026-04-03"))
    assert archived.is_off(event(skip_holidays=True, period=2), datetime.fromisoformat("2026-04-03"))
