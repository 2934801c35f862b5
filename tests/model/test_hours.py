"""Test when screens are due."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, strategies as st
import pytest

from custom_components.infoscreen.model.hours import NEVER, ROUND_THE_CLOCK, Hours, Window, since

from .samples import NOW, seconds

GRACE = seconds(170)
VIENNA = ZoneInfo("Europe/Vienna")


def at(text: str) -> datetime:
    """Return a moment of March 2026 on a clock in Vienna: "2 07:00" is the Monday's."""
    day, time = text.split()
    return datetime.fromisoformat(f"2026-03-{int(day):02}T{time}").replace(tzinfo=VIENNA)


def window(start: str, end: str) -> Window:
    """Return a window between two moments."""
    return at(start), at(end)


SCHOOL = Hours(windows=(window("3 07:00", "3 18:00"), window("2 07:00", "2 18:00")))


def test_round_the_clock_screens_are_always_due() -> None:
    """Product, "Status": so it is where power publishing is off."""
    assert ROUND_THE_CLOCK.due_for(GRACE, NOW) == NOW


@pytest.mark.parametrize(
    ("noticed", "due"),
    [
        ("2 03:00", at("2 07:00") + GRACE),
        ("2 07:01", at("2 07:00") + GRACE),
        ("2 11:00", at("2 11:00")),
        ("2 17:59", at("2 17:59")),
        ("2 18:00", at("3 07:00") + GRACE),
        ("3 18:00", None),
    ],
    ids=["before dawn", "in the grace", "in the hours", "at their end", "after them", "after the last"],
)
def test_what_happens_at_night_waits_for_the_morning(noticed: str, due: datetime | None) -> None:
    """And for a grace more, in which screens may still wake up."""
    assert SCHOOL.due_for(GRACE, at(noticed)) == due


def test_a_night_club_is_due_over_midnight() -> None:
    """Hours may begin on one day and end on the next."""
    club = Hours(windows=(window("6 22:00", "7 04:00"),))
    assert club.due_for(GRACE, at("7 03:00")) == at("7 03:00")
    assert club.due_for(GRACE, at("6 12:00")) == at("6 22:00") + GRACE


def test_a_holiday_has_no_hours() -> None:
    """What dies on it is told on the next day of school."""
    with_a_holiday = Hours(windows=(window("2 07:00", "2 18:00"), window("4 07:00", "4 18:00")))
    assert with_a_holiday.due_for(GRACE, at("3 11:00")) == at("4 07:00") + GRACE


def test_hours_that_touch_are_one() -> None:
    """Nobody gets a second grace in the midst of a day of many lessons."""
    lessons = Hours(
        windows=(window("2 09:00", "2 10:00"), window("2 07:00", "2 09:00"), window("2 07:30", "2 08:00"))
    )
    assert lessons.due_for(GRACE, at("2 09:00")) == at("2 09:00")


def test_hours_shorter_than_the_grace_call_nobody() -> None:
    """Nobody could tell a screen that wakes up from one that is dead."""
    brief = Hours(windows=(window("2 07:00", "2 07:02"), window("3 07:00", "3 18:00")))
    assert brief.due_for(GRACE, at("2 03:00")) == at("3 07:00") + GRACE
    assert Hours(windows=()).due_for(GRACE, NOW) is None


@given(
    windows=st.lists(
        st.tuples(st.integers(0, 500), st.integers(1, 100)).map(
            lambda each: (NOW + seconds(each[0]), NOW + seconds(sum(each)))
        ),
        max_size=6,
    ),
    noticed=st.integers(0, 700),
    grace=st.integers(0, 60),
)
def test_the_moment_is_the_first_that_is_due_for_a_grace(
    windows: list[Window], noticed: int, grace: int
) -> None:
    """Second by second, by asking every window."""

    def is_due(moment: datetime) -> bool:
        return any(start <= moment < end for start, end in windows)

    def due_for_grace(moment: datetime) -> bool:
        return all(is_due(moment - seconds(back)) for back in range(grace + 1))

    moments = [NOW + seconds(second) for second in range(noticed, 701)]
    expected = next((moment for moment in moments if due_for_grace(moment)), None)
    found = Hours(windows=tuple(windows)).due_for(timedelta(seconds=grace), moments[0])
    assert found == expected


def test_from_a_moment_on_screens_are_due_for_good() -> None:
    """Whoever says so will say when it is over."""
    hours = since(at("2 07:00"))
    assert hours.due_for(GRACE, at("2 06:00")) == at("2 07:00") + GRACE
    assert hours.due_for(GRACE, at("9 06:00")) == at("9 06:00")
    assert NEVER.due_for(GRACE, at("2 06:00")) is None
