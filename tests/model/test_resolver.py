"""Test who wins: takeover, important, normal; fillers while nothing else is; and why the rest is not."""

from datetime import UTC, datetime, timedelta

import pytest

from custom_components.infoscreen.model.schedule.events import Event, Priority
from custom_components.infoscreen.model.schedule.resolver import Answer, explain

from .samples import event

NOON = datetime(2026, 3, 2, 11, tzinfo=UTC)
EIGHT = event().start


def planned(event_id: int, priority: Priority = Priority.NORMAL, hours: int = 0, **changes: object) -> Event:
    """Return an event that begins some hours after eight and lasts until four."""
    given: dict[str, object] = {"start": EIGHT + timedelta(hours=hours)}
    return event(event_id=event_id, priority=priority, title=f"Event {event_id}", **given | changes)


def shown(answer: Answer) -> list[int]:
    """Return what is shown, in order."""
    return [each.event_id for each in answer.showing]


def reasons(answer: Answer) -> dict[int, str]:
    """Return why each event is shown or not."""
    return {each.event.event_id: each.reason.value for each in answer.candidates}


def test_important_goes_before_normal_then_what_began_earlier_then_the_lower_id() -> None:
    """Product, "Schedule": all are published."""
    events = [
        planned(4, hours=1),
        planned(3, hours=1),
        planned(5),
        planned(9, Priority.IMPORTANT, hours=2),
    ]
    answer = explain(events, NOON)
    assert shown(answer) == [9, 5, 3, 4]
    assert set(reasons(answer).values()) == {"active"}
    assert answer.reason == "active"


def test_a_filler_is_shown_only_while_nothing_else_is() -> None:
    """Product, "Schedule": hidden, it is a candidate with its reason."""
    filler, other = planned(1, Priority.FILLER), planned(2)
    assert shown(explain([filler], NOON)) == [1]
    answer = explain([filler, other], NOON)
    assert (shown(answer), reasons(answer)) == ([2], {1: "priority", 2: "active"})


def test_a_takeover_is_alone_and_the_newest_shows() -> None:
    """Edges: the older returns when the newer ends first."""
    events = [
        planned(1, Priority.IMPORTANT),
        planned(2, Priority.TAKEOVER),
        planned(3, Priority.TAKEOVER, hours=1, end=EIGHT + timedelta(hours=5)),
    ]
    answer = explain(events, NOON)
    assert (shown(answer), answer.reason) == ([3], "takeover")
    assert reasons(answer) == {2: "takeover", 3: "takeover", 1: "takeover"}
    assert answer.next_change == NOON + timedelta(hours=1)
    assert shown(explain(events, NOON + timedelta(hours=1))) == [2]


def test_what_cannot_be_shown_makes_room() -> None:
    """Contract: it is left out and reported; a filler then does its work."""
    filler, broken = planned(1, Priority.FILLER), planned(2)
    answer = explain([filler, broken], NOON, can_show=lambda each: each.event_id != 2)
    assert (shown(answer), reasons(answer)) == ([1], {1: "active", 2: "not_ready"})
    alone = explain([broken], NOON, can_show=lambda _: False)
    assert (shown(alone), alone.reason) == ([], "not_ready")


def test_what_is_not_on_is_told_too() -> None:
    """Somebody asks why it is not shown."""
    answer = explain([planned(1), planned(2, hours=24, end=EIGHT + timedelta(hours=25))], NOON)
    assert reasons(answer) == {1: "active", 2: "not_active"}
    nothing = explain([planned(1)], NOON - timedelta(days=1))
    assert (shown(nothing), nothing.reason, nothing.next_change) == ([], "not_active", planned(1).starts_at)
    empty = explain([], NOON)
    assert (empty.candidates, empty.reason, empty.next_change) == ((), "not_active", None)


def test_a_holiday_is_the_reason_where_it_is() -> None:
    """And not for what would not have been on anyway."""
    late = planned(2, hours=24, end=EIGHT + timedelta(hours=25))
    answer = explain([planned(1), late], NOON, lambda _event, _wall: True)
    assert reasons(answer) == {1: "holiday", 2: "not_active"}
    assert (answer.reason, answer.next_change) == ("holiday", None)


@pytest.mark.parametrize("hours", [30, 60], ids=["two at once", "three at once"])
def test_occurrences_of_one_event_that_overlap_are_on_the_wire_once(hours: int) -> None:
    """Contract, "events": an id is there once; the one that began first is, until it ends."""
    long = planned(1, end=EIGHT + timedelta(hours=hours), rrule="FREQ=DAILY")
    answer = explain([long], NOON + timedelta(days=3))
    assert shown(answer) == [1]
    begun = EIGHT + timedelta(days=2 if hours == 30 else 1)
    assert answer.showing[0].original == begun
