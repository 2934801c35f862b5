"""Test which alerts a screen gives rise to: product.md, "Alerts"."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from custom_components.infoscreen.model.alerts import Alert, Change, Kind, Level, Registry, Turn
from custom_components.infoscreen.model.fleet import ServiceFailure
from custom_components.infoscreen.model.health import ScreenState
from custom_components.infoscreen.model.hours import ROUND_THE_CLOCK, Hours
from custom_components.infoscreen.model.lifecycle import State
from custom_components.infoscreen.model.messages import ProcessStatus, ScreenHealth
from custom_components.infoscreen.model.troubles import follow

from .samples import NOW, UUID, command, screen, seconds

GRACE = seconds(170)
NIGHT = NOW - timedelta(hours=6)
MORNING = NOW
BY_DAY = Hours(windows=((MORNING, MORNING + timedelta(hours=10)),))

FAILED = {"failure": ServiceFailure(unit="player.service", failed_at="1", received_at=NOW - seconds(5))}
CRASHED = {"process_status": ProcessStatus.CRASHED}
BLACK = {"screen_health": ScreenHealth.BLACK}
FROZEN = {"screen_health": ScreenHealth.FROZEN}
STOPPED = {"process_status": ProcessStatus.STOPPED, "expected_event": 42}
STARTING = {"process_status": ProcessStatus.STARTING, "expected_event": 42}
ASKED = NOW - seconds(7)


class Watched:
    """A screen that is followed over time."""

    def __init__(self, hours: Hours = ROUND_THE_CLOCK) -> None:
        self.registry = Registry()
        self.hours = hours
        self.last_seen: datetime | None = NOW - GRACE

    def is_so(self, *wrong: dict[str, Any], now: datetime = NOW, **state: Any) -> list[tuple[Turn, Kind]]:
        """Let the screen be so; return what was raised and cleared by that."""
        about = {name: value for things in wrong for name, value in things.items()}
        shown = replace(ScreenState(screen=screen(**about), alive=True, outage=False), **state)
        return told(
            follow(self.registry, shown, last_seen=self.last_seen, hours=self.hours, grace=GRACE, now=now)
        )

    def later(self, now: datetime) -> list[tuple[Turn, Kind]]:
        """Let time pass."""
        return told(self.registry.at(now))

    @property
    def standing(self) -> list[Alert]:
        """Return what stands."""
        return list(self.registry.standing.values())


def told(changes: list[Change]) -> list[tuple[Turn, Kind]]:
    """Return what changes are about."""
    return [(change.turn, change.alert.kind) for change in changes]


def raised(kind: Kind) -> list[tuple[Turn, Kind]]:
    """Return that one kind was raised, and nothing else."""
    return [(Turn.RAISED, kind)]


def cleared(kind: Kind) -> list[tuple[Turn, Kind]]:
    """Return that one kind was cleared, and nothing else."""
    return [(Turn.CLEARED, kind)]


@pytest.fixture
def watched() -> Watched:
    """Return a screen that is always due."""
    return Watched()


@pytest.mark.parametrize(
    ("wrong", "kind", "level"),
    [
        (CRASHED, Kind.PROCESS_CRASHED, Level.CRITICAL),
        (BLACK, Kind.PICTURE_BLACK, Level.CRITICAL),
        (FROZEN, Kind.PICTURE_FROZEN, Level.WARNING),
    ],
    ids=["crashed", "black", "frozen"],
)
def test_what_a_screen_complains_of_is_raised_and_cleared(
    watched: Watched, wrong: dict[str, Any], kind: Kind, level: Level
) -> None:
    """It began when it was first heard of."""
    assert watched.is_so(wrong) == raised(kind)
    assert watched.is_so(wrong, now=NOW + seconds(5)) == []
    assert watched.standing == [Alert(kind=kind, level=level, subject=UUID.lower(), since=NOW)]
    assert watched.is_so(now=NOW + seconds(9)) == cleared(kind)


def test_a_healthy_screen_is_no_alert(watched: Watched) -> None:
    """Nor is one whose command is late: that comes to an end by itself."""
    assert watched.is_so() == []
    assert watched.is_so(command=command(state=State.PUBLISHED, late=True)) == []
    assert watched.registry.due is None


def test_a_silent_screen_is_raised_when_no_outage_can_be_forming(watched: Watched) -> None:
    """It began with its last sign of life."""
    assert watched.is_so(alive=False) == []
    assert watched.later(NOW + seconds(9)) == []
    assert watched.later(NOW + seconds(10)) == raised(Kind.OFFLINE)
    (alert,) = watched.standing
    assert alert.level is Level.CRITICAL
    assert alert.since == NOW - GRACE
    assert watched.is_so(now=NOW + seconds(60)) == cleared(Kind.OFFLINE)


def test_a_screen_not_heard_since_a_start_is_silent_since_that_was_noticed(watched: Watched) -> None:
    """When it last spoke is not known any more."""
    watched.last_seen = None
    watched.is_so(alive=False)
    watched.later(NOW + seconds(10))
    assert [alert.since for alert in watched.standing] == [NOW]


def test_a_screen_that_speaks_again_within_the_delay_was_never_gone(watched: Watched) -> None:
    """Nobody is told of either."""
    watched.is_so(alive=False)
    assert watched.is_so(now=NOW + seconds(5)) == []
    assert watched.later(NOW + seconds(60)) == []


def test_an_outage_that_forms_takes_the_place_of_its_screens(watched: Watched) -> None:
    """One alert instead of forty; the fresh grace after it begins anew."""
    watched.is_so(alive=False)
    assert watched.is_so(alive=None, outage=True, now=NOW + seconds(5)) == []
    assert watched.later(NOW + seconds(60)) == []
    assert watched.is_so(alive=None, now=NOW + seconds(90)) == []
    assert watched.is_so(alive=False, now=NOW + seconds(100)) == []
    assert watched.later(NOW + seconds(110)) == raised(Kind.OFFLINE)


@pytest.mark.parametrize("wrong", [{}, CRASHED], ids=["silent", "crashed"])
def test_what_was_told_before_an_outage_stands_through_it(watched: Watched, wrong: dict[str, Any]) -> None:
    """Nobody can know whether it is over, so nobody says so."""
    watched.is_so(wrong, alive=bool(wrong))
    watched.later(NOW + seconds(10))
    (before,) = watched.standing
    assert watched.is_so(wrong, alive=None, outage=True) == []
    assert watched.is_so(wrong, alive=None) == []
    assert watched.standing == [before]
    assert watched.is_so() == cleared(before.kind)


def test_a_screen_that_crashed_and_fell_silent_is_both(watched: Watched) -> None:
    """The crash is not over because nobody hears of it any more."""
    watched.is_so(CRASHED)
    watched.is_so(CRASHED, alive=False)
    assert watched.later(NOW + seconds(10)) == raised(Kind.OFFLINE)
    assert watched.is_so(CRASHED) == cleared(Kind.OFFLINE)
    assert watched.is_so() == cleared(Kind.PROCESS_CRASHED)


def test_of_all_that_is_wrong_the_most_telling_is_raised(watched: Watched) -> None:
    """A crashed app's picture is black: that is no second trouble, until the first is over."""
    assert watched.is_so(CRASHED, BLACK) == raised(Kind.PROCESS_CRASHED)
    assert watched.is_so(BLACK) == [*cleared(Kind.PROCESS_CRASHED), *raised(Kind.PICTURE_BLACK)]


def test_what_was_raised_stands_beside_what_tells_more(watched: Watched) -> None:
    """An all-clear for it would not be true."""
    watched.is_so(FROZEN)
    assert watched.is_so(FROZEN, CRASHED) == raised(Kind.PROCESS_CRASHED)
    assert {alert.kind for alert in watched.standing} == {Kind.PICTURE_FROZEN, Kind.PROCESS_CRASHED}


@pytest.mark.parametrize("wrong", [STOPPED, STARTING], ids=["stopped", "starting"])
def test_an_app_that_does_not_run_for_minutes_is_a_warning(watched: Watched, wrong: dict[str, Any]) -> None:
    """A restart takes less, and is none."""
    assert watched.is_so(wrong) == []
    assert watched.later(NOW + seconds(119)) == []
    assert watched.later(NOW + seconds(120)) == raised(Kind.PROCESS_STOPPED)
    assert watched.is_so() == cleared(Kind.PROCESS_STOPPED)


def test_an_app_that_has_nothing_to_show_may_be_stopped(watched: Watched) -> None:
    """As in its status."""
    watched.is_so({"process_status": ProcessStatus.STOPPED})
    assert watched.registry.due is None


def test_a_failed_service_is_an_alert_of_its_own_and_no_second_one(watched: Watched) -> None:
    """It is why the app crashes and the screen is silent; acknowledged, what is still wrong is told."""
    assert watched.is_so(FAILED, CRASHED) == raised(Kind.SERVICE_FAILED)
    (alert,) = watched.standing
    assert alert.since == NOW - seconds(5)
    assert alert.details == {"unit": "player.service"}
    assert watched.is_so(FAILED, CRASHED, alive=False) == []
    assert watched.registry.due is None
    assert watched.is_so(CRASHED, alive=False) == cleared(Kind.SERVICE_FAILED)
    assert watched.later(NOW + seconds(10)) == raised(Kind.OFFLINE)


def test_a_failed_service_without_a_name_has_a_text_all_the_same(watched: Watched) -> None:
    """Screens may leave the unit out."""
    watched.is_so({"failure": replace(FAILED["failure"], unit=None)})
    assert [alert.details for alert in watched.standing] == [{"unit": "?"}]


def test_a_screen_that_needs_a_person_is_an_alert(watched: Watched) -> None:
    """Beside a failed service: they are two things to do."""
    assert watched.is_so(asked_at=ASKED) == raised(Kind.MANUAL_INTERVENTION)
    assert [alert.since for alert in watched.standing] == [ASKED]
    assert watched.is_so(FAILED, asked_at=ASKED) == raised(Kind.SERVICE_FAILED)
    assert watched.is_so(FAILED) == cleared(Kind.MANUAL_INTERVENTION)


def test_a_failed_service_is_told_while_nobody_can_know_the_rest(watched: Watched) -> None:
    """It stands on the broker, and outlives a restart."""
    assert watched.is_so(FAILED, alive=None, outage=True) == raised(Kind.SERVICE_FAILED)


@pytest.mark.parametrize("alive", [True, False, None], ids=["speaking", "silent", "unknown"])
def test_before_first_contact_there_is_no_alert(watched: Watched, alive: bool | None) -> None:
    """Product, "Alerts": a screen that is known but was never heard calls nobody."""
    assert watched.is_so({"heard": False}, FAILED, CRASHED, alive=alive, asked_at=ASKED) == []
    assert watched.registry.due is None


@pytest.mark.parametrize("alive", [True, False], ids=["in its last words", "silent"])
def test_a_screen_shut_down_by_command_is_no_alert(watched: Watched, alive: bool) -> None:
    """And what it complained of is over."""
    watched.is_so(CRASHED)
    assert watched.is_so(CRASHED, {"off_since": NOW}, alive=alive) == cleared(Kind.PROCESS_CRASHED)
    assert watched.registry.due is None


# Hours


def test_a_screen_that_dies_at_night_is_told_in_the_morning_if_it_is_still_dead() -> None:
    """Product, "Alerts": after a grace in which it may wake up; it has been silent since the night."""
    watched = Watched(BY_DAY)
    watched.last_seen = NIGHT
    assert watched.is_so(alive=False, now=NIGHT + GRACE) == []
    assert watched.registry.due == MORNING + GRACE
    assert watched.later(MORNING + GRACE - seconds(1)) == []
    assert watched.later(MORNING + GRACE) == raised(Kind.OFFLINE)
    assert [alert.since for alert in watched.standing] == [NIGHT]


def test_a_screen_that_wakes_up_in_the_morning_calls_nobody() -> None:
    """That is what the grace is for."""
    watched = Watched(BY_DAY)
    watched.is_so(alive=False, now=NIGHT)
    assert watched.is_so(now=MORNING + seconds(60)) == []
    assert watched.later(MORNING + GRACE) == []


@pytest.mark.parametrize("wrong", [CRASHED, BLACK, FROZEN, STOPPED])
def test_what_nobody_looks_at_waits_as_well(wrong: dict[str, Any]) -> None:
    """A black picture at night is as it should be."""
    watched = Watched(BY_DAY)
    assert watched.is_so(wrong, now=NIGHT) == []
    assert len(watched.later(MORNING + GRACE)) == 1


def test_a_failed_service_is_told_at_any_hour() -> None:
    """It stands until a person has seen to it, as its repair does."""
    watched = Watched(BY_DAY)
    assert watched.is_so(FAILED, now=NIGHT) == raised(Kind.SERVICE_FAILED)


def test_what_was_told_by_day_stands_through_the_night() -> None:
    """The end of the hours mends nothing."""
    watched = Watched(BY_DAY)
    watched.is_so(alive=False, now=MORNING + GRACE)
    assert watched.later(MORNING + GRACE + seconds(10)) == raised(Kind.OFFLINE)
    assert watched.is_so(alive=False, now=MORNING + timedelta(hours=11)) == []
    assert len(watched.standing) == 1


def test_a_screen_in_another_group_has_the_hours_of_that() -> None:
    """Moved while it is dead, it is told when it is due there."""
    watched = Watched(BY_DAY)
    watched.is_so(alive=False, now=NIGHT)
    watched.hours = ROUND_THE_CLOCK
    assert watched.is_so(alive=False, now=NIGHT + seconds(30)) == raised(Kind.OFFLINE)
