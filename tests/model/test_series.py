"""Test what is active at a moment against a slow reading of every clock on the wall."""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import takewhile
from typing import NamedTuple
from zoneinfo import ZoneInfo

from hypothesis import assume, given, strategies as st
import pytest

from custom_components.infoscreen.model.schedule.events import Event
from custom_components.infoscreen.model.schedule.resolver import explain

from .samples import event

INSTANT = timedelta(microseconds=1)
SEVEN = datetime(2026, 3, 2, 7, tzinfo=UTC)  # 08:00 in Vienna


def active_at(events: Iterable[Event], now: datetime) -> list[Event]:
    """Return what a group with these events shows."""
    return [occurrence.event for occurrence in explain(events, now).showing]


def next_change(events: Iterable[Event], now: datetime) -> datetime | None:
    """Return when that changes."""
    return explain(events, now).next_change


def ids(events: Iterable[Event]) -> list[int]:
    """Return which events these are."""
    return [event.event_id for event in events]


def test_an_event_is_on_from_its_start_until_just_before_its_end() -> None:
    """Contract, "events": only events active now are published."""
    events = [event()]
    three = datetime(2026, 3, 2, 15, tzinfo=UTC)
    assert active_at(events, SEVEN - INSTANT) == []
    assert active_at(events, SEVEN) == events
    assert active_at(events, three - INSTANT) == events
    assert active_at(events, three) == []


def test_several_events_are_ordered_by_start_then_id() -> None:
    """Product, "Schedule": earlier start, then lower id."""
    nine = event().start + timedelta(hours=1)
    events = [event(event_id=3, start=nine), event(event_id=2, start=nine), event(event_id=4)]
    assert ids(active_at(events, SEVEN + timedelta(hours=2))) == [4, 2, 3]


def test_the_order_is_that_of_moments_not_of_clocks() -> None:
    """08:00 in New York is later than 13:00 in Vienna."""
    american = event(event_id=1, time_zone="America/New_York")
    european = event(event_id=2, start=event().start + timedelta(hours=5))
    assert ids(active_at([american, european], SEVEN + timedelta(hours=7))) == [2, 1]


@pytest.mark.parametrize(
    ("now", "following"),
    [
        (SEVEN - timedelta(days=9), SEVEN),
        (SEVEN - INSTANT, SEVEN),
        (SEVEN, SEVEN + timedelta(hours=8)),
        (SEVEN + timedelta(hours=8), None),
    ],
    ids=["long before", "just before", "at the start", "at the end"],
)
def test_the_next_change_is_a_start_or_an_end_still_to_come(
    now: datetime, following: datetime | None
) -> None:
    """One timer is set for it; at the moment itself it has happened."""
    assert next_change([event()], now) == following


def test_nothing_changes_where_nothing_is_planned() -> None:
    """No timer is needed then."""
    assert active_at([], SEVEN) == []
    assert next_change([], SEVEN) is None


# Against a slow oracle, around the nights in which clocks change

NIGHTS = {
    "Europe/Vienna": ("2026-03-29", "2026-10-25"),
    "America/New_York": ("2026-03-08", "2026-11-01"),
    "Australia/Lord_Howe": ("2026-10-04", "2026-04-05"),
}
QUARTER = timedelta(minutes=15)  # divides every change of the clocks above


class Step(NamedTuple):
    """A quarter of an hour, and what the clock on the wall shows when it begins."""

    moment: datetime
    wall: datetime


@cache
def clock(zone: str, night: str) -> list[Step]:
    """Watch a clock on the wall for some days around a night."""
    begin = datetime.fromisoformat(night).replace(tzinfo=UTC) - timedelta(days=3)
    return [
        Step(moment, moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None, fold=0))
        for moment in (begin + n * QUARTER for n in range(8 * 96))
    ]


def seen(steps: list[Step], wall: datetime) -> datetime:
    """Return when a clock first shows a time; one it never shows is as much later as it jumps over."""
    before = deque(takewhile(lambda step: step.wall < wall, steps), maxlen=1)[0]
    jumped_over = before.moment + (wall - before.wall)
    return next((step.moment for step in steps if step.wall == wall), jumped_over)


@dataclass(frozen=True, kw_only=True)
class Plan:
    """Some events around a night in which clocks change, and which quarter of an hour is now."""

    zone: str
    night: str
    quarters: list[tuple[int, int]]
    at: int

    @property
    def steps(self) -> list[Step]:
        """Return what the clock on the wall shows."""
        return clock(self.zone, self.night)

    @property
    def now(self) -> datetime:
        """Return the moment that is now."""
        return self.steps[self.at].moment

    @property
    def events(self) -> list[Event]:
        """Return the events, which begin and last a number of quarters of an hour."""
        midnight = datetime.fromisoformat(self.night)
        return [
            event(
                event_id=event_id,
                start=midnight + start * QUARTER,
                end=midnight + (start + length) * QUARTER,
                time_zone=self.zone,
            )
            for event_id, (start, length) in enumerate(self.quarters, 1)
        ]


PLANS = st.sampled_from([(zone, night) for zone, nights in NIGHTS.items() for night in nights]).flatmap(
    lambda where: st.builds(
        Plan,
        zone=st.just(where[0]),
        night=st.just(where[1]),
        quarters=st.lists(st.tuples(st.integers(-48, 72), st.integers(1, 96)), min_size=1, max_size=4),
        at=st.integers(2 * 96, 5 * 96),
    )
)


@given(PLANS)
def test_events_are_on_when_the_clock_on_the_wall_says_so(plan: Plan) -> None:
    """Product, "Schedule": missing hours, doubled hours, and all others."""
    for planned in plan.events:
        assert planned.starts_at == seen(plan.steps, planned.start)
        assert planned.ends_at == seen(plan.steps, planned.end)


@given(PLANS)
def test_between_now_and_the_next_change_nothing_changes(plan: Plan) -> None:
    """The timer that is set for the next change misses none before it, and does not wake for nothing."""
    events, steps = plan.events, plan.steps
    assume(all(planned.starts_at < planned.ends_at for planned in events))
    shown, change = active_at(events, plan.now), next_change(events, plan.now)
    until = change or steps[-1].moment
    for moment in (step.moment for step in steps[plan.at :] if step.moment < until):
        assert active_at(events, moment) == shown
    for moment in filter(None, [change]):
        assert active_at(events, moment - INSTANT) == shown
        assert active_at(events, moment) != shown


@given(PLANS)
def test_what_is_on_is_what_has_begun_and_not_ended(plan: Plan) -> None:
    """The slow way: each event by itself, read off the clock."""
    begun = {planned.event_id for planned in plan.events if seen(plan.steps, planned.start) <= plan.now}
    ended = {planned.event_id for planned in plan.events if seen(plan.steps, planned.end) <= plan.now}
    assert set(ids(active_at(plan.events, plan.now))) == begun - ended
