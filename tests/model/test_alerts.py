"""Test the list of alerts: each is told once, at its moment, and cleared once."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from hypothesis import given, strategies as st
import pytest

from custom_components.infoscreen.model.alerts import Alert, Change, Kind, Level, Patience, Registry, Turn
from custom_components.infoscreen.model.hours import Hours

from .samples import NOW, seconds

OFFLINE = Alert(kind=Kind.OFFLINE, level=Level.CRITICAL, subject="a screen", since=NOW - seconds(170))
FROZEN = replace(OFFLINE, kind=Kind.PICTURE_FROZEN, level=Level.WARNING)
PATIENT = Patience(delay=seconds(10))


@pytest.fixture
def registry() -> Registry:
    """Return a list without alerts."""
    return Registry()


def raised(alert: Alert) -> list[Change]:
    """Return that an alert was raised, and nothing else."""
    return [Change(turn=Turn.RAISED, alert=alert)]


def cleared(alert: Alert, downtime: timedelta | None) -> list[Change]:
    """Return that an alert was cleared, and nothing else."""
    return [Change(turn=Turn.CLEARED, alert=alert, downtime=downtime)]


def test_an_alert_has_one_beginning_and_one_end(registry: Registry) -> None:
    """However often it is seen; the downtime counts from when it began, not from when it was told."""
    assert registry.raise_(OFFLINE, NOW) == raised(OFFLINE)
    assert registry.raise_(OFFLINE, NOW + seconds(5)) == []
    assert registry.standing == {OFFLINE.id: OFFLINE}
    assert registry.clear(OFFLINE.id, NOW + seconds(60)) == cleared(OFFLINE, seconds(230))
    assert registry.clear(OFFLINE.id, NOW + seconds(61)) == []
    assert registry.standing == {}


def test_a_clock_set_back_makes_no_downtime_below_none(registry: Registry) -> None:
    """A failure may be older than the hour that the machine believes in after a power cut."""
    registry.raise_(replace(OFFLINE, since=NOW + seconds(60)), NOW)
    assert [change.downtime for change in registry.clear(OFFLINE.id, NOW)] == [timedelta()]


def test_an_alert_in_other_words_is_raised_again_and_keeps_its_beginning(registry: Registry) -> None:
    """A failure of another unit is the same alert of the same screen."""
    registry.raise_(OFFLINE, NOW)
    other = replace(OFFLINE, details={"unit": "nut"}, since=NOW)
    assert registry.raise_(other, NOW) == raised(replace(other, since=OFFLINE.since))
    assert len(registry.standing) == 1


def test_alerts_of_several_kinds_and_subjects_stand_side_by_side(registry: Registry) -> None:
    """Each has an end of its own."""
    elsewhere = replace(OFFLINE, subject="another screen")
    for alert in (OFFLINE, FROZEN, elsewhere):
        registry.raise_(alert, NOW)
    registry.clear(OFFLINE.id, NOW)
    assert list(registry.standing.values()) == [FROZEN, elsewhere]


def test_a_patient_alert_is_told_at_its_moment(registry: Registry) -> None:
    """Seen again meanwhile it waits no longer for it."""
    assert registry.raise_(OFFLINE, NOW, PATIENT) == []
    assert registry.raise_(replace(OFFLINE, since=NOW), NOW + seconds(5), PATIENT) == []
    assert registry.due == NOW + seconds(10)
    assert registry.at(NOW + seconds(9)) == []
    assert registry.standing == {}
    assert registry.at(NOW + seconds(10)) == raised(OFFLINE)
    assert registry.at(NOW + seconds(11)) == []


def test_a_patient_alert_seen_again_after_its_moment_is_told_at_once(registry: Registry) -> None:
    """The timer may be late."""
    registry.raise_(OFFLINE, NOW, PATIENT)
    assert registry.raise_(OFFLINE, NOW + seconds(10), PATIENT) == raised(OFFLINE)
    assert registry.due is None


def test_what_was_over_before_its_moment_is_never_told(registry: Registry) -> None:
    """Neither its beginning nor its end."""
    registry.raise_(OFFLINE, NOW, PATIENT)
    assert registry.clear(OFFLINE.id, NOW + seconds(5)) == []
    assert registry.at(NOW + seconds(10)) == []


def test_in_doubt_what_was_told_stands_and_what_was_not_begins_anew(registry: Registry) -> None:
    """An outage hides how a screen is; it does not bring it back."""
    registry.raise_(OFFLINE, NOW)
    registry.raise_(FROZEN, NOW, PATIENT)
    for alert in (OFFLINE, FROZEN):
        registry.doubt(alert.id)
    assert list(registry.standing) == [OFFLINE.id]
    assert registry.due is None
    assert registry.raise_(FROZEN, NOW + seconds(9), PATIENT) == []
    assert registry.due == NOW + seconds(19)


def test_each_waiting_alert_is_told_at_its_own_moment(registry: Registry) -> None:
    """One timer serves all."""
    registry.raise_(FROZEN, NOW, Patience(delay=seconds(20)))
    registry.raise_(OFFLINE, NOW, PATIENT)
    assert registry.due == NOW + seconds(10)
    assert registry.at(NOW + seconds(15)) == raised(OFFLINE)
    assert registry.due == NOW + seconds(20)
    assert registry.at(NOW + seconds(25)) == raised(FROZEN)


def test_other_hours_move_the_moment(registry: Registry) -> None:
    """A screen that is put into another group is due in that group's hours."""
    later = (NOW + seconds(1000), NOW + seconds(9000))
    never = Patience(hours=Hours(windows=()))
    registry.raise_(OFFLINE, NOW, never)
    assert registry.due is None
    tomorrow = Patience(hours=Hours(windows=(later,)), grace=seconds(170), delay=seconds(10))
    registry.raise_(OFFLINE, NOW, tomorrow)
    assert registry.due == NOW + seconds(1170)
    registry.raise_(OFFLINE, NOW, PATIENT)
    assert registry.due == NOW + seconds(10)
    registry.raise_(OFFLINE, NOW, never)
    assert registry.due is None


def test_what_is_about_something_that_is_gone_goes_with_it(registry: Registry) -> None:
    """That is no all-clear, so there is no downtime."""
    other = replace(FROZEN, subject="another screen")
    registry.raise_(OFFLINE, NOW)
    registry.raise_(FROZEN, NOW, PATIENT)
    registry.raise_(other, NOW)
    assert registry.withdraw("a screen") == cleared(OFFLINE, None)
    assert registry.due is None
    assert list(registry.standing.values()) == [other]


def test_the_most_urgent_come_first_and_the_newest_among_them() -> None:
    """What a banner with one line shows."""
    newer = replace(OFFLINE, since=NOW)
    note = replace(OFFLINE, level=Level.INFO, since=NOW)
    alerts = [note, FROZEN, OFFLINE, newer]
    assert sorted(alerts, key=lambda alert: alert.rank) == [newer, OFFLINE, FROZEN, note]


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["raise", "wait", "clear", "doubt", "pass", "withdraw"]),
        st.sampled_from(["a", "b"]),
        st.sampled_from([Kind.OFFLINE, Kind.PICTURE_BLACK]),
        st.integers(0, 15),
    ),
    max_size=30,
)


@given(steps=STEPS)
def test_beginnings_and_ends_take_turns(steps: list[tuple[str, str, Kind, int]]) -> None:
    """Whoever follows the changes knows what stands, and no beginning is told twice."""
    registry, now = Registry(), NOW
    known: dict[str, Alert] = {}
    for what, subject, kind, wait in steps:
        now += seconds(wait)
        alert = Alert(kind=kind, level=Level.CRITICAL, subject=subject, since=now)
        does: dict[str, Any] = {
            "raise": lambda alert=alert, now=now: registry.raise_(alert, now),
            "wait": lambda alert=alert, now=now: registry.raise_(alert, now, PATIENT),
            "clear": lambda alert=alert, now=now: registry.clear(alert.id, now),
            "doubt": lambda alert=alert: registry.doubt(alert.id),
            "pass": lambda now=now: registry.at(now),
            "withdraw": lambda subject=subject: registry.withdraw(subject),
        }
        for change in does[what]() or []:
            assert (change.alert.id in known) is (change.turn is Turn.CLEARED)
            if change.turn is Turn.RAISED:
                known[change.alert.id] = change.alert
            else:
                del known[change.alert.id]
    assert known == registry.standing
