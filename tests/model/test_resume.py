"""Test how a command goes on after a time in which nobody listened: a restart of Home Assistant."""

from datetime import timedelta

import pytest

from custom_components.infoscreen.model.lifecycle import Action, State
from custom_components.infoscreen.model.messages import Ack, AckStatus, Discovery, Health

from .samples import COMMAND_ID, NOW, UUID, command, seconds

REBOOT, SHUTDOWN, RESTART = Action.REBOOT_HOST, Action.SHUTDOWN_HOST, Action.RESTART_APP
PUBLISHED = command(state=State.PUBLISHED, published_at=NOW)


@pytest.mark.parametrize(
    ("action", "state", "away", "then"),
    [
        (REBOOT, State.QUEUED, 5, State.FAILED),
        (REBOOT, State.PUBLISHED, 239, State.PUBLISHED),
        (REBOOT, State.PUBLISHED, 240, State.EXPIRED),
        (RESTART, State.ACK_RECEIVED, 14, State.ACK_RECEIVED),
        (RESTART, State.ACK_RECEIVED, 15, State.TIMED_OUT),
        (REBOOT, State.EXECUTION_STARTED, 159, State.AWAITING_RECONNECT),
        (REBOOT, State.EXECUTION_STARTED, 160, State.TIMED_OUT),
        (SHUTDOWN, State.EXECUTION_STARTED, 3600, State.TIMED_OUT),
        (REBOOT, State.RECOVERED, 20, State.COMPLETED),
    ],
)
def test_deadlines_go_on_as_they_were(action: Action, state: State, away: float, then: State) -> None:
    """A restart is no reason to wait longer."""
    assert command(action=action, state=state).resumed(NOW + seconds(away)).state is then


def test_a_person_is_called_at_the_earliest_a_minute_after_somebody_listens() -> None:
    """Contract, "Lifecycle": 60 s; the screen may have been back for long, and nobody heard."""
    now = NOW + timedelta(hours=2)
    resumed = command(state=State.AWAITING_RECONNECT).resumed(now)
    assert (resumed.state, resumed.since) == (State.TIMED_OUT, now)
    assert resumed.at(now + seconds(60)).state is State.MANUAL_INTERVENTION_REQUIRED
    (back,) = resumed.heard(Health(), now + seconds(15), last_heard=None)
    assert back.state is State.RECOVERED
    assert back.at(now + seconds(35)).state is State.COMPLETED


@pytest.mark.parametrize("state", [State.PUBLISHED, State.ACK_RECEIVED], ids=["sent", "acknowledged"])
def test_life_after_a_reboot_makes_good_for_acks_that_were_lost(state: State) -> None:
    """A discovery, or life after a silence, tells that the reboot was carried out meanwhile."""
    known = command(state=state, published_at=NOW)
    resumed = known.resumed(NOW + seconds(10))
    (announced,) = resumed.heard(Discovery(uuid=UUID), NOW + seconds(11), last_heard=NOW + seconds(10))
    assert announced.state is State.RECOVERED
    (back,) = resumed.heard(Health(), NOW + seconds(30), last_heard=NOW + seconds(15))
    assert back.state is State.RECOVERED
    (still_there,) = resumed.heard(Health(), NOW + seconds(20), last_heard=NOW + seconds(15))
    assert still_there is resumed


def test_where_nothing_was_lost_an_announcement_is_no_end() -> None:
    """A screen that announces itself before it acknowledges has not rebooted by our command."""
    assert PUBLISHED.heard(Discovery(uuid=UUID), NOW + seconds(30), last_heard=NOW) == (PUBLISHED,)


@pytest.mark.parametrize("action", [SHUTDOWN, RESTART], ids=["shutdown", "restart of the app"])
def test_other_commands_do_not_end_by_a_sign_of_life(action: Action) -> None:
    """It tells nothing of them."""
    resumed = command(action=action, state=State.PUBLISHED).resumed(NOW + seconds(10))
    assert resumed.heard(Discovery(uuid=UUID), NOW + seconds(60), last_heard=None) == (resumed,)


def test_acks_that_waited_at_the_broker_count() -> None:
    """They come after the restart, and in their order."""
    resumed = PUBLISHED.resumed(NOW + seconds(10))
    for status in (AckStatus.ACCEPTED, AckStatus.EXECUTION_STARTED):
        ack = Ack(command_id=COMMAND_ID, status=status)
        resumed = resumed.heard(ack, NOW + seconds(11), last_heard=NOW + seconds(10))[-1]
    assert resumed.state is State.EXECUTION_STARTED


def test_what_is_over_is_not_taken_up() -> None:
    """Contract, "Lifecycle": terminal."""
    over = command(state=State.COMPLETED)
    assert over.resumed(NOW + timedelta(days=1)) is over


def test_that_a_command_was_published_is_known_from_its_ack() -> None:
    """Contract, "Lifecycle": an ack may overtake the publish confirmation; the lockout counts it."""
    handed_over = command().handed_over(NOW)
    assert handed_over.published_at is None
    ack = Ack(command_id=COMMAND_ID, status=AckStatus.ACCEPTED)
    accepted = handed_over.heard(ack, NOW + seconds(1), last_heard=NOW)[-1]
    assert accepted.published_at == NOW + seconds(1)
    assert handed_over.taken(NOW + seconds(2)).published_at == NOW + seconds(2)
    assert accepted.at(NOW + timedelta(hours=1)).published_at == NOW + seconds(1)
    assert handed_over.not_taken(NOW + seconds(8)).published_at is None
