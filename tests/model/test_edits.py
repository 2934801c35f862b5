"""Test edits: the whole series, one occurrence, this and those that follow."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

from hypothesis import given, strategies as st
import orjson
import pytest

from custom_components.infoscreen.model.errors import Refused
from custom_components.infoscreen.model.schedule.drafts import Terms
from custom_components.infoscreen.model.schedule.edits import (
    Edit,
    Scope,
    delete_event,
    detach_occurrence,
    update_event,
)
from custom_components.infoscreen.model.schedule.events import Event
from custom_components.infoscreen.model.schedule.series import Occurrence, occurrences

from .samples import event

TERMS = Terms(time_zone="Europe/Vienna")
EIGHT = datetime.fromisoformat("2026-03-02T08:00")  # a Monday
BEFORE = datetime(2026, 1, 1, tzinfo=UTC)
DAILY = event(start=EIGHT, end=EIGHT + timedelta(hours=1), rrule="FREQ=DAILY;COUNT=5")


def day(number: int, clock: str = "08:00") -> str:
    """Return a time in March."""
    return f"2026-03-{number:02}T{clock}"


def planned(*events: Event | None, number: int = 9) -> list[str]:
    """Return when events begin, on the wall, and what they are called."""
    found: Iterable[Occurrence] = (
        each for one in events if one for each in islice(occurrences(one, BEFORE), number)
    )
    return [f"{each.start:%d %H:%M} {each.event.title}" for each in sorted(found, key=lambda x: x.starts_at)]


def days(*numbers: int, clock: str = "08:00", title: str = "Menu") -> list[str]:
    """Return what is planned on some days."""
    return [f"{number:02} {clock} {title}" for number in numbers]


MENU = replace(DAILY, title="Menu")


def edited(scope: Scope, occurrence: object = None, series: Event = MENU, **wish: Any) -> Edit:
    """Return what becomes of a series."""
    return update_event(series, scope, occurrence, wish, TERMS)


def kept(edit: Edit) -> Event:
    """Return what is left under the same id."""
    assert edit.kept is not None
    assert edit.kept.event_id == 148
    return edit.kept


def test_a_series_is_changed_as_a_whole() -> None:
    """It keeps its id, and its length where only the start moves."""
    edit = edited(Scope.SERIES, title="Lunch", start=day(2, "12:00"))
    assert planned(kept(edit)) == days(2, 3, 4, 5, 6, clock="12:00", title="Lunch")
    assert kept(edit).end - kept(edit).start == timedelta(hours=1)
    assert edit.new is None


def test_an_occurrence_is_changed_by_itself() -> None:
    """And again under its original name, after it was moved; what is as in the series is not kept twice."""
    once = kept(edited(Scope.OCCURRENCE, f"{day(4)}+01:00", start=day(4, "10:00"), title="Late"))
    assert planned(once) == sorted([*days(2, 3, 5, 6), "04 10:00 Late"])
    twice = kept(edited(Scope.OCCURRENCE, f"{day(4)}+01:00", once, title="Menu"))
    assert planned(twice) == sorted([*days(2, 3, 5, 6), "04 10:00 Menu"])
    assert twice.overrides[0].changes.keys() == {"start", "end"}
    back = kept(edited(Scope.OCCURRENCE, day(4), twice, start=day(4), end=day(4, "09:00")))
    assert back == MENU


def test_what_is_changed_in_the_series_reaches_an_occurrence_that_says_nothing_of_it() -> None:
    """Only what is different about it is its own."""
    once = kept(edited(Scope.OCCURRENCE, day(4), start=day(4, "10:00")))
    assert "04 10:00 Lunch" in planned(kept(edited(Scope.SERIES, None, once, title="Lunch")))


def test_this_and_those_that_follow_are_a_series_of_their_own() -> None:
    """Product, "Schedule": a new id, and of five counted what remains."""
    edit = edited(Scope.FOLLOWING, day(4), title="Lunch", start=day(4, "12:00"))
    assert edit.new is not None
    assert edit.new.event_id == 0
    assert planned(kept(edit)) == days(2, 3)
    assert planned(edit.new) == days(4, 5, 6, clock="12:00", title="Lunch")
    assert (kept(edit).rrule, edit.new.rrule) == ("FREQ=DAILY;COUNT=2", "FREQ=DAILY;COUNT=3")


def test_a_rule_that_is_given_counts_anew() -> None:
    """Product, "Schedule": unless a rule is given."""
    edit = edited(Scope.FOLLOWING, day(4), rrule="FREQ=DAILY;COUNT=5")
    assert planned(edit.new) == days(4, 5, 6, 7, 8)


def test_a_series_without_an_end_is_ended_before() -> None:
    """The rest goes on for ever."""
    endless = replace(MENU, rrule="FREQ=DAILY")
    edit = edited(Scope.FOLLOWING, day(4), endless, title="Lunch")
    assert planned(edit.kept) == days(2, 3)
    assert edit.new is not None
    assert edit.new.rrule == "FREQ=DAILY"


def test_from_the_first_on_is_the_whole_series() -> None:
    """Nothing would be left under the old id."""
    edit = edited(Scope.FOLLOWING, day(2), title="Lunch")
    assert (planned(kept(edit)), edit.new) == (days(2, 3, 4, 5, 6, title="Lunch"), None)
    assert delete_event(MENU, Scope.FOLLOWING, day(2)) == Edit(kept=None)


def test_an_event_that_does_not_recur_is_its_own_occurrence() -> None:
    """Whatever the scope."""
    once = replace(MENU, rrule=None)
    assert planned(kept(edited(Scope.OCCURRENCE, day(2), once, title="Lunch"))) == days(2, title="Lunch")
    assert delete_event(once, Scope.OCCURRENCE, day(2)) == Edit(kept=None)
    with pytest.raises(Refused) as refused:
        detach_occurrence(once, day(2), {}, TERMS)
    assert refused.value.key == "event_does_not_recur"


def test_deleting() -> None:
    """The series, an occurrence, this and those that follow."""
    assert delete_event(MENU, Scope.SERIES, None) == Edit(kept=None)
    assert planned(delete_event(MENU, Scope.OCCURRENCE, day(4)).kept) == days(2, 3, 5, 6)
    assert planned(delete_event(MENU, Scope.FOLLOWING, day(4)).kept) == days(2, 3)


def test_a_detached_occurrence_is_an_event_of_its_own() -> None:
    """As it was, moved if it was, and changed at once if wished."""
    moved = kept(edited(Scope.OCCURRENCE, day(4), start=day(4, "10:00")))
    edit = detach_occurrence(moved, day(4), {"title": "Fair"}, TERMS)
    assert planned(edit.kept) == days(2, 3, 5, 6)
    assert planned(edit.new) == ["04 10:00 Fair"]
    assert edit.new is not None
    assert (edit.new.event_id, edit.new.rrule, edit.new.overrides) == (0, None, ())
    with pytest.raises(Refused) as refused:
        detach_occurrence(kept(edit), day(4), {}, TERMS)
    assert refused.value.key == "occurrence_unknown"


@pytest.mark.parametrize(
    ("occurrence", "key"),
    [
        (None, "occurrence_missing"),
        ("", "occurrence_missing"),
        (day(9), "occurrence_unknown"),
        (day(4, "09:00"), "occurrence_unknown"),
        (f"{day(4)}+00:00", "occurrence_unknown"),
        ("soon", "time_not_understood"),
    ],
    ids=["none", "empty", "after the end", "another hour", "another zone", "no time"],
)
def test_an_occurrence_must_be_one(occurrence: object, key: str) -> None:
    """Edits never touch more than was named."""
    with pytest.raises(Refused) as refused:
        edited(Scope.OCCURRENCE, occurrence, title="Lunch")
    assert refused.value.key == key


def test_an_occurrence_of_an_event_that_does_not_recur_must_be_it() -> None:
    """Another day is none of its."""
    with pytest.raises(Refused) as refused:
        edited(Scope.OCCURRENCE, day(3), replace(MENU, rrule=None), title="Lunch")
    assert refused.value.key == "occurrence_unknown"


def test_an_occurrence_has_no_rule() -> None:
    """RFC 5545: it cannot recur by itself."""
    with pytest.raises(Refused) as refused:
        edited(Scope.OCCURRENCE, day(4), rrule="FREQ=WEEKLY")
    assert refused.value.key == "rule_for_one_occurrence"


def test_an_occurrence_in_a_skipped_hour_is_found_by_what_it_is_called() -> None:
    """It is called by the moment to which it moves."""
    night = replace(
        MENU,
        rrule="FREQ=DAILY",
        start=EIGHT.replace(hour=2, minute=30),
        end=EIGHT.replace(hour=4),
    )
    called = [each.called() for each in islice(occurrences(night, datetime(2026, 3, 29, tzinfo=UTC)), 1)]
    assert called == ["2026-03-29T03:30:00+02:00"]
    without = delete_event(night, Scope.OCCURRENCE, called[0]).kept
    following = next(occurrences(without or night, datetime(2026, 3, 29, tzinfo=UTC)))
    assert following.called() == "2026-03-30T02:30:00+02:00"


def test_an_all_day_occurrence_is_called_by_its_date() -> None:
    """Product, "Actions"."""
    midnight = EIGHT.replace(hour=0)
    whole = replace(MENU, all_day=True, start=midnight, end=midnight + timedelta(days=1), rrule="FREQ=DAILY")
    edit = delete_event(whole, Scope.FOLLOWING, "2026-03-04")
    assert kept(edit).rrule == "FREQ=DAILY;UNTIL=20260303"
    assert planned(edit.kept) == days(2, 3, clock="00:00")


# Deleted is deleted


def deleted(*numbers: int, series: Event = MENU) -> Event:
    """Return a series without some days."""
    for number in numbers:
        series = kept(delete_event(series, Scope.OCCURRENCE, day(number)))
    return series


@pytest.mark.parametrize(
    ("wish", "expected"),
    [
        ({"title": "Lunch"}, days(2, 4, 6, title="Lunch")),
        ({"start": day(2, "12:00")}, days(2, 4, 6, clock="12:00")),
        ({"start": day(3)}, days(4, 6, 7)),
        ({"time_zone": "America/New_York"}, days(2, 4, 6)),
        ({"rrule": "FREQ=WEEKLY;BYDAY=MO,TU;COUNT=3"}, days(2, 9, 10)[:2]),
    ],
    ids=["another title", "another hour", "begins a day later", "another zone", "another rule"],
)
def test_no_edit_brings_back_what_was_deleted(wish: dict[str, Any], expected: list[str]) -> None:
    """Product, "Schedule": unless asked."""
    assert planned(kept(edited(Scope.SERIES, None, deleted(3, 5), **wish))) == expected


def test_a_week_that_was_deleted_stays_so_when_the_series_moves_to_another_weekday() -> None:
    """The second week has no occurrence, whatever its day."""
    weekly = replace(MENU, rrule="FREQ=WEEKLY;COUNT=3")
    moved = edited(Scope.SERIES, None, deleted(9, series=weekly), start=day(3))
    assert planned(kept(moved)) == days(3, 17)


def test_one_that_was_deleted_is_there_again_when_it_is_asked_for_by_name() -> None:
    """That is asking."""
    again = edited(Scope.OCCURRENCE, day(3), deleted(3), title="Back")
    assert planned(kept(again)) == sorted([*days(2, 4, 5, 6), "03 08:00 Back"])


def test_a_series_that_no_longer_recurs_is_one_event() -> None:
    """What was deleted or moved of it is of no account."""
    assert planned(kept(edited(Scope.SERIES, None, deleted(2, 3), rrule=None))) == days(2)


def test_what_was_moved_stays_where_it_is_unless_its_day_is_gone() -> None:
    """A rule that no longer has the day has no place for it."""
    moved = kept(edited(Scope.OCCURRENCE, day(3), start=day(3, "10:00")))
    assert "03 10:00 Menu" in planned(kept(edited(Scope.SERIES, None, moved, start=day(2, "09:00"))))
    mondays = kept(edited(Scope.SERIES, None, moved, rrule="FREQ=WEEKLY;COUNT=2"))
    assert planned(mondays) == days(2, 9)


def test_exceptions_go_with_their_part_of_a_series() -> None:
    """Before the cut and behind it."""
    series = kept(edited(Scope.OCCURRENCE, day(4), deleted(3, 5), title="Late"))
    series = kept(edited(Scope.OCCURRENCE, day(6), series, title="Last"))
    edit = edited(Scope.FOLLOWING, day(4), series, text="anything")
    assert planned(edit.kept, edit.new) == [*days(2), "04 08:00 Late", "06 08:00 Last"]
    moved = edited(Scope.FOLLOWING, day(4), series, start=day(4, "08:30"), title="New")
    assert planned(moved.kept, moved.new) == [*days(2), "04 08:30 New", "06 08:30 Last"]


WISHES = st.fixed_dictionaries(
    {},
    optional={
        "title": st.sampled_from(["A", "B"]),
        "skip_holidays": st.booleans(),
        "slide_interval": st.integers(1, 9),
    },
)
STEPS = st.lists(
    st.tuples(st.sampled_from([*Scope]), st.integers(2, 6), WISHES, st.booleans()), min_size=1, max_size=6
)


@given(STEPS)
def test_whatever_is_edited_what_was_deleted_stays_away(
    steps: list[tuple[Scope, int, dict[str, Any], bool]],
) -> None:
    """Edits and deletions in any order: the days that are left are those that nobody deleted."""
    parts: list[Event | None] = [MENU]
    left = {2, 3, 4, 5, 6}
    for scope, number, wish, is_deletion in steps:
        place = next((at for at, part in enumerate(parts) if f"{number:02} 08:00" in _starts(part)), None)
        if place is None:
            continue
        part = parts[place]
        assert part is not None
        gone = {int(each[:2]) for each in _starts(part)} if scope is Scope.SERIES else {number}
        if scope is Scope.FOLLOWING:
            gone = {int(each[:2]) for each in _starts(part) if int(each[:2]) >= number}
        edit = (
            delete_event(part, scope, day(number))
            if is_deletion
            else update_event(part, scope, day(number), wish, TERMS)
        )
        left -= gone if is_deletion else set()
        parts[place : place + 1] = [edit.kept, edit.new]
    stored = [Event.from_stored(orjson.loads(orjson.dumps(part.as_stored()))) for part in parts if part]
    assert sorted(int(each[:2]) for part in stored for each in _starts(part)) == sorted(left)
    assert stored == [part for part in parts if part]


def _starts(part: Event | None) -> list[str]:
    return [each[:8] for each in planned(part)]
