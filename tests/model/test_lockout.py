"""Test the safety lockout: what counts, for how long, and against what."""

from datetime import timedelta

import pytest

from custom_components.infoscreen.model.commands import Command
from custom_components.infoscreen.model.lifecycle import Action, State
from custom_components.infoscreen.model.lockout import is_remembered, locked_until

from .samples import NOW, command, seconds

INSTANT = timedelta(microseconds=1)
QUARTER = timedelta(minutes=15)
REBOOT, SHUTDOWN, RESTART = Action.REBOOT_HOST, Action.SHUTDOWN_HOST, Action.RESTART_APP


def sent(ago: float, action: Action = REBOOT, state: State = State.COMPLETED) -> Command:
    """Return a command that was published so many seconds ago."""
    moment = NOW - seconds(ago)
    return command(action=action, state=state, issued_at=moment, published_at=moment)


@pytest.mark.parametrize("action", [REBOOT, RESTART], ids=["reboot", "restart of the app"])
def test_the_fourth_within_a_quarter_of_an_hour_is_one_too_many(action: Action) -> None:
    """Contract, "Safety lockout": reboots and restarts count together; until the oldest is that old."""
    three = [sent(600), sent(400, RESTART), sent(200)]
    assert locked_until(action, three[1:], NOW) is None
    assert locked_until(action, three, NOW) == NOW - seconds(600) + QUARTER


def test_a_shutdown_is_never_locked_and_never_counts() -> None:
    """Contract, "Safety lockout": it is no restart."""
    assert locked_until(SHUTDOWN, [sent(3), sent(2), sent(1)], NOW) is None
    assert locked_until(REBOOT, [sent(3, SHUTDOWN), sent(2), sent(1)], NOW) is None


def test_the_quarter_of_an_hour_rolls_on() -> None:
    """Contract, "Safety lockout": a command counts for fifteen minutes, and not an instant longer."""
    three = [sent(900), sent(400), sent(200)]
    assert locked_until(REBOOT, three, NOW - INSTANT) == NOW
    assert locked_until(REBOOT, three, NOW) is None


@pytest.mark.parametrize(
    "state", [State.BLOCKED_SAFETY, State.FAILED, State.CANCELED], ids=lambda state: state.value
)
def test_what_was_never_published_does_not_count(state: State) -> None:
    """Contract, "Safety lockout": nothing has happened to the screen."""
    unsent = command(state=state, published_at=None)
    assert locked_until(REBOOT, [unsent, sent(2), sent(1)], NOW) is None


@pytest.mark.parametrize(
    "state",
    [State.FAILED, State.CANCELED, State.EXPIRED, State.TIMED_OUT, State.PUBLISHED],
    ids=lambda state: state.value,
)
def test_what_was_published_counts_however_it_ended(state: State) -> None:
    """Contract, "Safety lockout": the screen may have done it all the same."""
    assert locked_until(REBOOT, [sent(3, state=state), sent(2), sent(1)], NOW) is not None


@pytest.mark.parametrize(
    "state", [State.QUEUED, State.PUBLISH_IN_PROGRESS], ids=["queued", "being published"]
)
def test_what_is_on_its_way_counts(state: State) -> None:
    """Four presses at once are three commands."""
    assert locked_until(REBOOT, [command(state=state), sent(2), sent(1)], NOW) is not None


@pytest.mark.parametrize(
    ("kept", "after", "remembered"),
    [
        (sent(0), QUARTER - INSTANT, True),
        (sent(0), QUARTER, False),
        (command(state=State.BLOCKED_SAFETY), timedelta(), False),
        (command(state=State.AWAITING_RECONNECT), QUARTER, True),
        (command(action=RESTART, state=State.TIMED_OUT), QUARTER, False),
        (command(action=REBOOT, state=State.TIMED_OUT), QUARTER, True),
    ],
    ids=["counts", "counts no more", "never sent", "under way", "at rest", "about to call a person"],
)
def test_what_counts_or_is_under_way_is_remembered(kept: Command, after: timedelta, remembered: bool) -> None:
    """The lockout survives a restart, and what is stored does not grow for ever."""
    assert is_remembered(kept, NOW + after) is remembered
