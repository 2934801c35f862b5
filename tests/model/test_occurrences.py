"""Test series against a slow reading of every day: occurrences, exceptions, moved ones, days off."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

from dateutil.rrule import rrulestr
from hypothesis import given, strategies as st
import pytest

from custom_components.infoscreen.model.schedule.events import Event, Override
from custom_components.infoscreen.model.schedule.resolver import explain
from custom_components.infoscreen.model.schedule.series import Occurrence, between, occurrences, outlook

from .samples import event

EIGHT = datetime.fromisoformat("2026-03-02T08:00")
DAY = timedelta(days=1)
INSTANT = timedelta(microseconds=1)


def daily(**changes: object) -> Event:
    """Return a website shown on each morning from eight to nine in Vienna."""
    given: dict[str, object] = {"start": EIGHT, "end": EIGHT + timedelta(hours=1), "rrule": "FREQ=DAILY"}
    return event(**given | changes)


def moments(planned: Iterable[Occurrence], number: int = 3) -> list[str]:
    """Return when the first occurrences begin and end, in UTC."""
    return [f"{each.starts_at:%m-%d %H:%M}-{each.ends_at:%H:%M}" for each in islice(planned, number)]


def on(day: str) -> datetime:
    """Return the beginning of a day in UTC."""
    return datetime.fromisoformat(day).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "since", "expected"),
    [
        ("Europe/Vienna", "2026-03-28", ["03-28 07:00-08:00", "03-29 06:00-07:00", "03-30 06:00-07:00"]),
        ("America/New_York", "2026-03-07", ["03-07 13:00-14:00", "03-08 12:00-13:00", "03-09 12:00-13:00"]),
        (
            "Australia/Lord_Howe",
            "2026-04-03T12:00",
            ["04-03 21:00-22:00", "04-04 21:30-22:30", "04-05 21:30-22:30"],
        ),
    ],
)
def test_eight_in_the_morning_stays_so_when_clocks_change(zone: str, since: str, expected: list[str]) -> None:
    """Product, "Schedule": the wall decides, each day."""
    assert moments(occurrences(daily(time_zone=zone), on(since))) == expected


def test_one_in_the_missing_hour_moves_behind_it_for_that_day() -> None:
    """Product, "Schedule": a start in the missing hour moves to the hour after."""
    half_past_two = EIGHT.replace(hour=2, minute=30)
    night = daily(start=half_past_two, end=half_past_two + timedelta(hours=2))
    expected = ["03-28 01:30-03:30", "03-29 01:30-02:30", "03-30 00:30-02:30"]
    assert moments(occurrences(night, on("2026-03-28"))) == expected


def test_one_that_the_missing_hour_swallows_is_not_shown() -> None:
    """From two to three, in the night in which there is no such hour."""
    two = EIGHT.replace(hour=2)
    night = daily(start=two, end=two + timedelta(hours=1))
    expected = ["03-28 01:00-02:00", "03-30 00:00-01:00", "03-31 00:00-01:00"]
    assert moments(occurrences(night, on("2026-03-28"))) == expected


def test_the_doubled_hour_counts_once() -> None:
    """Product, "Schedule": one in it is the first, and lasts until the wall shows its end."""
    half_past_two = EIGHT.replace(hour=2, minute=30)
    night = daily(start=half_past_two, end=half_past_two + timedelta(hours=1))
    assert moments(occurrences(night, on("2026-10-24")), 2) == ["10-24 00:30-01:30", "10-25 00:30-02:30"]


def test_starts_that_clocks_put_out_of_order_come_in_order() -> None:
    """02:30 is 03:30 in that night, which is after 03:00."""
    night = daily(start=EIGHT.replace(hour=2, minute=30), end=EIGHT.replace(hour=2, minute=40))
    night = replace(night, rrule="FREQ=DAILY;BYHOUR=2,3;BYMINUTE=0,30")
    begun = [each.starts_at for each in islice(occurrences(night, on("2026-03-29")), 6)]
    assert begun == sorted(begun)


def test_overnight_and_over_several_days() -> None:
    """Edges, "Schedule": overnight is a later date."""
    night = daily(start=EIGHT.replace(hour=22), end=EIGHT.replace(hour=6) + DAY)
    assert moments(occurrences(night, on("2026-03-05")), 2) == ["03-04 21:00-05:00", "03-05 21:00-05:00"]
    week = daily(start=EIGHT, end=EIGHT + 5 * DAY, rrule="FREQ=WEEKLY")
    assert moments(occurrences(week, on("2026-03-05")), 2) == ["03-02 07:00-07:00", "03-09 07:00-07:00"]


def test_an_all_day_event_is_from_midnight_to_midnight_of_the_wall() -> None:
    """Also when that is 23 hours."""
    midnight = datetime.combine(EIGHT, time())
    days = daily(start=midnight, end=midnight + DAY, all_day=True)
    planned = [*islice(occurrences(days, on("2026-03-29")), 2)]
    assert moments(planned) == ["03-28 23:00-22:00", "03-29 22:00-22:00"]
    assert [each.called() for each in planned] == ["2026-03-29", "2026-03-30"]


def test_an_occurrence_is_called_by_its_original_start_with_offset() -> None:
    """Product, "Actions": also after it was moved."""
    moved = Override(occurrence=EIGHT + DAY, changes={"start": EIGHT + 2 * DAY, "end": EIGHT + 3 * DAY})
    planned = [*islice(occurrences(daily(overrides=(moved,)), on("2026-03-02")), 3)]
    assert [each.called() for each in planned] == [
        "2026-03-02T08:00:00+01:00",
        "2026-03-04T08:00:00+01:00",
        "2026-03-03T08:00:00+01:00",
    ]
    assert [(f"{each.start:%d %H}", f"{each.end:%d %H}") for each in planned[1:]] == [
        ("04 08", "04 09"),
        ("04 08", "05 08"),
    ]


def test_between_two_moments_are_those_that_are_on_in_between() -> None:
    """One that has begun, and none that begins with the end."""
    planned = between(daily(), on("2026-03-04") + timedelta(hours=7.5), on("2026-03-06") + timedelta(hours=7))
    assert moments(planned) == ["03-04 07:00-08:00", "03-05 07:00-08:00"]
    assert moments(between(event(), on("2026-03-01"), on("2026-03-09"))) == ["03-02 07:00-15:00"]


def test_an_event_ten_years_old_is_looked_at_from_now() -> None:
    """Peer: the naive cost is dateutil walking from the beginning."""
    old = daily(start=EIGHT.replace(year=2016), end=EIGHT.replace(year=2016, hour=9))
    look = outlook(old, on("2026-03-04") + timedelta(hours=7))
    assert moments(look.active) == ["03-04 07:00-08:00"]
    assert look.upcoming is not None
    assert look.upcoming.starts_at == on("2026-03-05") + timedelta(hours=7)
    assert look.changes_at == on("2026-03-04") + timedelta(hours=8)


def test_what_is_over_has_no_outlook() -> None:
    """No timer is set for it."""
    look = outlook(event(), on("2026-04-01"))
    assert (look.active, look.upcoming, look.changes_at) == ((), None, None)


# Against a slow oracle: every day by itself, read off a calendar


@dataclass(frozen=True, kw_only=True)
class Plan:
    """A series with deleted and moved occurrences and days off, and a moment to look at it."""

    text: str
    zone: str
    hour: int
    hours: int
    deleted: frozenset[int]
    moved: dict[int, int]
    off: frozenset[int]
    at: int

    @property
    def start(self) -> datetime:
        """Return the first start."""
        return datetime(2025, 9, 1, self.hour, 30)

    def wall(self, number: int) -> datetime:
        """Return the start of a day's occurrence."""
        return self.start + number * DAY

    @property
    def event(self) -> Event:
        """Return the series."""
        lasts = timedelta(hours=self.hours)
        return event(
            start=self.start,
            end=self.start + lasts,
            time_zone=self.zone,
            rrule=self.text,
            skip_holidays=True,
            exdates=frozenset(map(self.wall, self.deleted)),
            overrides=tuple(
                Override(
                    occurrence=self.wall(day),
                    changes={
                        "start": self.wall(day) + timedelta(hours=by),
                        "end": self.wall(day) + timedelta(hours=by) + lasts,
                    },
                )
                for day, by in self.moved.items()
                if day not in self.deleted and self.event_has(day)
            ),
        )

    def event_has(self, day: int) -> bool:
        """Tell whether the rule has a day."""
        return self.wall(day) in self.by_hand()

    def by_hand(self) -> list[datetime]:
        """Return all starts of the rule, the slow way."""
        return rrulestr(self.text, dtstart=self.start).between(
            self.start - DAY, self.start + 800 * DAY, inc=True
        )

    def is_off(self, _event: Event, wall: datetime) -> bool:
        """Tell whether a day is off."""
        return (wall.date() - self.start.date()).days in self.off

    def spans(self) -> list[tuple[datetime, datetime]]:
        """Return from when to when it is on, one by one."""
        walls = {each: each for each in self.by_hand()}
        walls |= {
            self.wall(day): self.wall(day) + timedelta(hours=by)
            for day, by in self.moved.items()
            if self.wall(day) in walls
        }
        for day in self.deleted:
            walls.pop(self.wall(day), None)
        zone, lasts = ZoneInfo(self.zone), timedelta(hours=self.hours)
        spans = [
            (wall.replace(tzinfo=zone).astimezone(UTC), (wall + lasts).replace(tzinfo=zone).astimezone(UTC))
            for wall in walls.values()
            if (wall.date() - self.start.date()).days not in self.off
        ]
        return [(start, end) for start, end in spans if start < end]


PLANS = st.builds(
    Plan,
    text=st.sampled_from(
        [
            "FREQ=DAILY",
            "FREQ=DAILY;INTERVAL=3",
            "FREQ=WEEKLY;BYDAY=MO,TU,FR",
            "FREQ=WEEKLY;INTERVAL=2;BYDAY=WE,SU;WKST=SU",
            "FREQ=MONTHLY;BYDAY=1MO,-1SU",
            "FREQ=DAILY;COUNT=300",
            "FREQ=WEEKLY;UNTIL=20261231T000000",
        ]
    ),
    zone=st.sampled_from(["Europe/Vienna", "America/New_York", "Australia/Lord_Howe"]),
    hour=st.sampled_from([0, 1, 2, 3, 8, 22]),
    hours=st.sampled_from([1, 3, 26]),
    deleted=st.frozensets(st.integers(0, 700), max_size=8),
    moved=st.dictionaries(st.integers(0, 700), st.integers(-30, 30), max_size=5),
    off=st.frozensets(st.integers(0, 700), max_size=20),
    at=st.integers(0, 720 * 24),
)


@given(PLANS)
def test_what_is_on_and_when_that_changes_is_what_the_slow_way_finds(plan: Plan) -> None:
    """Two years of random rules, exceptions and moves: at any moment, and at the change that follows."""
    now = on("2025-09-01") + timedelta(hours=plan.at)
    spans = plan.spans()

    def slow(moment: datetime) -> list[datetime]:
        return sorted(start for start, end in spans if start <= moment < end)

    look = outlook(plan.event, now, plan.is_off)
    assert sorted(each.starts_at for each in look.active) == slow(now)
    changes = [moment for span in spans for moment in span if moment > now]
    within = now + 60 * DAY  # the oracle's world is finite
    expected = min(changes, default=None)
    found = look.changes_at
    assert (found if found and found < within else None) == (
        expected if expected and expected < within else None
    )


@given(PLANS)
def test_the_calendar_holds_what_the_slow_way_finds(plan: Plan) -> None:
    """Edges, "Schedule": calendar and wire hold the same occurrences."""
    begin = on("2025-09-01") + timedelta(hours=plan.at)
    end = begin + 30 * DAY
    planned = [each.starts_at for each in between(plan.event, begin, end, plan.is_off)]
    assert planned == sorted(start for start, over in plan.spans() if start < end and over > begin)


def test_days_off_are_those_of_the_events_own_wall() -> None:
    """Edges, "Schedule": its own time zone decides the day on which an event is skipped."""
    evening = daily(start=EIGHT.replace(hour=22), end=EIGHT.replace(hour=23), time_zone="America/New_York")
    off = {date(2026, 3, 3)}
    planned = occurrences(evening, on("2026-03-03"), lambda _, wall: wall.date() in off)
    assert moments(planned, 2) == ["03-03 03:00-04:00", "03-05 03:00-04:00"]
    explained = explain(
        [evening], on("2026-03-04") + timedelta(hours=3.5), lambda _, wall: wall.date() in off
    )
    assert (explained.showing, explained.reason) == ([], "holiday")
