"""Test whether a screen is alive and how it is doing, in the order of product.md, "Status"."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from hypothesis import given, strategies as st
import pytest

from custom_components.infoscreen.model.health import Pulse, Reason, ScreenState, Status
from custom_components.infoscreen.model.lifecycle import State
from custom_components.infoscreen.model.logbook import Digest
from custom_components.infoscreen.model.messages import (
    NOTHING,
    Discovery,
    Health,
    Message,
    ProcessStatus,
    ScreenHealth,
)

from .samples import NOW, command, screen, seconds

GRACE = seconds(170)
INSTANT = timedelta(microseconds=1)

#: Everything that can be wrong with a screen, most telling first; leaving one out shows the next.
NEVER_HEARD = {"heard": False}
SHUT_DOWN = {"off_since": NOW}
CRASHED = {"process_status": ProcessStatus.CRASHED}
BLACK = {"screen_health": ScreenHealth.BLACK}
FROZEN = {"screen_health": ScreenHealth.FROZEN}
STARTING = {"process_status": ProcessStatus.STARTING, "expected_event": 42}
STOPPED = {"process_status": ProcessStatus.STOPPED, "expected_event": 42}

LATE = command(state=State.PUBLISHED, late=True)


def judged(*wrong: dict[str, Any], **rest: Any) -> tuple[Status | None, tuple[Reason, ...]]:
    """Return how a screen is doing with which things wrong, and on what that rests."""
    changes = {name: value for things in wrong for name, value in things.items()}
    state = replace(ScreenState(screen=screen(**changes), alive=True, outage=False), **rest)
    return state.status, state.reasons


# Status


def test_a_screen_never_heard_awaits_its_first_contact() -> None:
    """Product, "Status": before all else, whatever is known of it from elsewhere."""
    assert judged(NEVER_HEARD, SHUT_DOWN, CRASHED, FROZEN, asked_at=NOW, alive=False) == (
        Status.AWAITING_CONTACT,
        (),
    )
    assert judged(NEVER_HEARD, alive=None, outage=True) == (Status.AWAITING_CONTACT, ())


def test_while_nobody_can_know_there_is_no_status() -> None:
    """Product, "Status": during an outage of the broker, connectivity and status are unknown."""
    assert judged(SHUT_DOWN, CRASHED, BLACK, asked_at=NOW, alive=None, outage=True) == (None, ())


def test_in_its_fresh_grace_a_screen_is_only_what_we_know_ourselves() -> None:
    """Product, "Status": after a start its crash may be over, but not that we shut it down."""
    assert judged(CRASHED, BLACK, alive=None) == (None, ())
    assert judged(SHUT_DOWN, CRASHED, alive=None) == (Status.PLANNED_OFF, (Reason.SHUT_DOWN,))
    assert judged(CRASHED, asked_at=NOW, alive=None) == (Status.CRITICAL, (Reason.MANUAL_INTERVENTION,))


def test_a_command_that_needs_a_person_is_critical_before_all_but_that() -> None:
    """Product, "Status": also while the screen is off as planned, or silent."""
    assert judged(SHUT_DOWN, CRASHED, FROZEN, asked_at=NOW, alive=False) == (
        Status.CRITICAL,
        (Reason.MANUAL_INTERVENTION,),
    )


@pytest.mark.parametrize("alive", [True, False], ids=["in its last words", "silent"])
def test_a_screen_shut_down_by_command_is_off_as_planned(alive: bool) -> None:
    """Product, "Status": not offline, and not critical for what it last said."""
    assert judged(SHUT_DOWN, CRASHED, FROZEN, command=LATE, alive=alive) == (
        Status.PLANNED_OFF,
        (Reason.SHUT_DOWN,),
    )


def test_a_silent_screen_is_offline_whatever_it_said_last() -> None:
    """Product, "Status": no sign of life within the grace."""
    assert judged(CRASHED, BLACK, command=LATE, alive=False) == (Status.OFFLINE, (Reason.SILENT,))


@pytest.mark.parametrize(
    ("wrong", "reasons"),
    [
        ([CRASHED], (Reason.PROCESS_CRASHED,)),
        ([BLACK], (Reason.PICTURE_BLACK,)),
        ([CRASHED, BLACK], (Reason.PROCESS_CRASHED, Reason.PICTURE_BLACK)),
        ([CRASHED, FROZEN], (Reason.PROCESS_CRASHED,)),
        ([STARTING, BLACK], (Reason.PICTURE_BLACK,)),
    ],
    ids=["crashed", "black", "both", "crashed and frozen", "starting and black"],
)
def test_a_crash_or_a_black_picture_is_critical(
    wrong: list[dict[str, Any]], reasons: tuple[Reason, ...]
) -> None:
    """Product, "Status": before any warning."""
    assert judged(*wrong, command=LATE) == (Status.CRITICAL, reasons)


@pytest.mark.parametrize(
    ("wrong", "current", "reasons"),
    [
        ([FROZEN], None, (Reason.PICTURE_FROZEN,)),
        ([], LATE, (Reason.LATE_COMMAND,)),
        ([STARTING], None, (Reason.PROCESS_STARTING,)),
        ([STOPPED], None, (Reason.PROCESS_STOPPED,)),
        (
            [FROZEN, STOPPED],
            LATE,
            (Reason.PICTURE_FROZEN, Reason.LATE_COMMAND, Reason.PROCESS_STOPPED),
        ),
    ],
    ids=["frozen", "late command", "starting", "stopped", "several"],
)
def test_these_are_warnings(wrong: list[dict[str, Any]], current: Any, reasons: tuple[Reason, ...]) -> None:
    """Product, "Status": all that hold are told."""
    assert judged(*wrong, command=current) == (Status.WARNING, reasons)


def test_errors_in_the_log_are_a_warning_like_others() -> None:
    """Product, "Status": after FROZEN, before a late command; nothing to a screen that is worse off."""
    errors = Digest(errors=1, troubled=True)
    assert judged(logs=errors) == (Status.WARNING, (Reason.ERROR_LOGS,))
    assert judged(FROZEN, command=LATE, logs=errors) == (
        Status.WARNING,
        (Reason.PICTURE_FROZEN, Reason.ERROR_LOGS, Reason.LATE_COMMAND),
    )
    assert judged(logs=Digest(errors=7, warnings=3)) == (Status.HEALTHY, ())
    assert judged(alive=False, logs=errors) == (Status.OFFLINE, (Reason.SILENT,))


@pytest.mark.parametrize(
    ("wrong", "current"),
    [
        ([], None),
        ([{"process_status": ProcessStatus.RUNNING, "expected_event": 42}], None),
        ([{"screen_health": ScreenHealth.OK}], command()),
        ([{"screen_health": ScreenHealth.UNKNOWN}], None),
        ([STOPPED, {"expected_event": None}], None),
        ([STOPPED, {"expected_event": NOTHING}], None),
        ([STARTING, {"expected_event": NOTHING}], None),
        ([], command(state=State.EXPIRED, late=True)),
    ],
    ids=[
        "nothing known but life",
        "running",
        "a good picture",
        "a picture it knows nothing of",
        "stopped without knowing of an event",
        "stopped while nothing is expected",
        "starting while nothing is expected",
        "a command that was late and is over",
    ],
)
def test_these_are_healthy(wrong: list[dict[str, Any]], current: Any) -> None:
    """Product, "Status": what applies when nothing else does."""
    assert judged(*wrong, command=current) == (Status.HEALTHY, ())


@pytest.mark.parametrize(
    "state", sorted({*State} - {State.MANUAL_INTERVENTION_REQUIRED}), ids=lambda state: state.value
)
def test_no_other_state_of_a_command_is_critical(state: State) -> None:
    """Product, "Status": a command that failed says so itself."""
    assert judged(command=command(state=state)) == (Status.HEALTHY, ())


# Connectivity


@pytest.mark.parametrize("off", [{}, SHUT_DOWN], ids=["on", "shut down"])
@pytest.mark.parametrize("alive", [True, False, None], ids=["alive", "silent", "not heard yet"])
def test_connected_is_alive_and_not_shut_down(alive: bool | None, off: dict[str, Any]) -> None:
    """Contract, "Lifecycle": expected offline from its `completed` on, whatever its last words are."""
    state = ScreenState(screen=screen(**off), alive=alive, outage=False)
    assert state.connected is (False if off else alive)
    assert replace(state, outage=True).connected is None


# Signs of life


def test_while_nobody_listens_nobody_knows() -> None:
    """Product, "Status": while the transport is disconnected, connectivity is unknown."""
    deaf = Pulse(last_seen=NOW)
    assert deaf.alive(GRACE, NOW) is None
    assert deaf.silent_at(GRACE) is None


def test_a_screen_is_alive_for_one_grace_after_each_sign() -> None:
    """Product, "Status": offline is no sign of life within the grace."""
    pulse = Pulse(last_seen=NOW, listening_since=NOW - timedelta(hours=1))
    assert pulse.alive(GRACE, NOW) is True
    assert pulse.alive(GRACE, NOW + GRACE - INSTANT) is True
    assert pulse.alive(GRACE, NOW + GRACE) is False


@pytest.mark.parametrize(
    "last_seen",
    [None, NOW - INSTANT, NOW - timedelta(days=30)],
    ids=["never", "just before", "a month ago"],
)
def test_after_a_start_or_an_outage_every_screen_gets_one_fresh_grace(last_seen: datetime | None) -> None:
    """Product, "Status": until then nobody knows; what was heard before says nothing of now."""
    pulse = Pulse(last_seen=last_seen, listening_since=NOW)
    assert pulse.alive(GRACE, NOW) is None
    assert pulse.alive(GRACE, NOW + GRACE - INSTANT) is None
    assert pulse.alive(GRACE, NOW + GRACE) is False
    assert pulse.silent_at(GRACE) == NOW + GRACE


def test_a_sign_of_life_ends_the_fresh_grace() -> None:
    """From then on the screen is measured by what it says."""
    pulse = Pulse(last_seen=NOW, listening_since=NOW)
    assert pulse.alive(GRACE, NOW) is True


MOMENTS = st.integers(0, 1000).map(lambda number: NOW + seconds(number))


@given(st.none() | MOMENTS, MOMENTS, st.integers(60, 3600).map(seconds))
def test_a_screen_is_missed_exactly_when_the_timer_is_set_for(
    last_seen: datetime | None, listening_since: datetime, grace: timedelta
) -> None:
    """One timer for a whole fleet is set by it; a moment early it would find nobody silent."""
    pulse = Pulse(last_seen=last_seen, listening_since=listening_since)
    for moment in filter(None, [pulse.silent_at(grace)]):
        assert pulse.alive(grace, moment - INSTANT) is not False
        assert pulse.alive(grace, moment) is False


ANNOUNCED = Discovery(uuid="0b9e1a52-7c3d-4e5f-8a1b-2c3d4e5f6a7b")


def is_life(message: Message, after: float, *, last_heard: float | None = None, since: float = -60) -> bool:
    """Tell whether a message, so long after a shutdown's end, is a sign of life."""
    pulse = Pulse(
        last_heard=None if last_heard is None else NOW + seconds(last_heard),
        listening_since=NOW + seconds(since),
    )
    state = ScreenState(screen=screen(**SHUT_DOWN), alive=False, outage=False)
    return pulse.is_life(message, state, NOW + seconds(after))


@pytest.mark.parametrize("message", [Health(), ANNOUNCED], ids=["health", "announcement"])
def test_the_last_words_of_a_shutdown_are_no_life(message: Message) -> None:
    """Contract, "Lifecycle": messages within 30 s of a shutdown's `completed` do not count."""
    assert is_life(message, 29.9) is False
    assert is_life(message, 30) is True


def test_a_host_that_is_slow_to_go_down_is_not_back() -> None:
    """Contract, "Lifecycle": life after a shutdown comes after a silence, or announces itself."""
    assert is_life(Health(), 35, last_heard=30) is False
    assert is_life(Health(), 44.9, last_heard=30) is False
    assert is_life(Health(), 45, last_heard=30) is True
    assert is_life(ANNOUNCED, 35, last_heard=30) is True


def test_our_own_deafness_is_no_silence_of_a_host_that_goes_down() -> None:
    """After a restart in the middle of it, the silence begins anew."""
    assert is_life(Health(), 40, last_heard=0, since=35) is False
    assert is_life(Health(), 50, last_heard=0, since=35) is True


def test_any_other_screen_lives_when_it_speaks() -> None:
    """Product, "Status": an announcement counts from a screen that is not there."""
    pulse = Pulse(listening_since=NOW)
    there = ScreenState(screen=screen(), alive=True, outage=False)
    assert pulse.is_life(Health(), there, NOW) is True
    assert pulse.is_life(ANNOUNCED, there, NOW) is False
    assert pulse.is_life(ANNOUNCED, replace(there, alive=False), NOW) is True


def test_a_pulse_keeps_what_was_heard_apart_from_what_was_life() -> None:
    """Last words are heard, and are no life."""
    pulse = Pulse(listening_since=NOW)
    pulse.hear(NOW + seconds(1), life=True)
    assert (pulse.last_seen, pulse.last_heard) == (NOW + seconds(1), NOW + seconds(1))
    pulse.hear(NOW + seconds(2), life=False)
    assert (pulse.last_seen, pulse.last_heard) == (NOW + seconds(1), NOW + seconds(2))
    assert pulse.listening_since == NOW


# Power


@pytest.mark.parametrize(
    ("wrong", "status"),
    [
        ([BLACK], (Status.HEALTHY, ())),
        ([FROZEN], (Status.HEALTHY, ())),
        ([CRASHED, BLACK], (Status.CRITICAL, (Reason.PROCESS_CRASHED,))),
        ([STOPPED, FROZEN], (Status.WARNING, (Reason.PROCESS_STOPPED,))),
    ],
    ids=["black", "frozen", "crashed and black", "stopped and frozen"],
)
def test_while_the_tv_is_off_nobody_minds_the_picture(
    wrong: list[dict[str, Any]], status: tuple[Status, tuple[Reason, ...]]
) -> None:
    """Product, "Status": black and frozen count while the intent is on."""
    assert judged(*wrong, due=False) == status


def test_a_screen_silent_while_its_tv_is_off_is_off_as_planned() -> None:
    """Product, "Status"."""
    assert judged(BLACK, due=False, alive=False) == (Status.PLANNED_OFF, (Reason.SILENT,))
    assert judged(SHUT_DOWN, due=False, alive=False) == (Status.PLANNED_OFF, (Reason.SHUT_DOWN,))
