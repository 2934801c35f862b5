"""Test what may be taken back, and what needs a reason."""

import pytest

from custom_components.infoscreen.model.commands import checked_reason
from custom_components.infoscreen.model.errors import Refused
from custom_components.infoscreen.model.lifecycle import TERMINAL, Action, State
from custom_components.infoscreen.model.messages import Ack, AckStatus

from .samples import COMMAND_ID, NOW, command, seconds


def test_a_command_that_never_left_is_canceled_for_good() -> None:
    """Contract, "Cancel": in queued."""
    canceled = command().canceled(NOW + seconds(1))
    assert (canceled.state, canceled.since, canceled.may_still_run) == (
        State.CANCELED,
        NOW + seconds(1),
        False,
    )
    assert canceled.error_code is None


def test_a_command_on_the_wire_may_still_run() -> None:
    """Contract, "Cancel": there is no message that takes a command back."""
    published = command().handed_over(NOW).taken(NOW + seconds(1))
    assert published.may_still_run is False
    assert published.canceled(NOW + seconds(2)).may_still_run is True
    assert published.at(NOW + seconds(30)).canceled(NOW + seconds(30)).state is State.CANCELED


@pytest.mark.parametrize(
    "state",
    [
        State.PUBLISH_IN_PROGRESS,
        State.ACK_RECEIVED,
        State.EXECUTION_STARTED,
        State.AWAITING_RECONNECT,
        State.RECOVERED,
        State.TIMED_OUT,
    ],
    ids=lambda state: state.value,
)
def test_what_is_under_way_cannot_be_canceled(state: State) -> None:
    """Contract, "Cancel": in queued and in published without ack, and nowhere else."""
    with pytest.raises(Refused) as refused:
        command(state=state).canceled(NOW)
    assert (refused.value.key, refused.value.placeholders) == (
        "command_under_way",
        {"command_id": COMMAND_ID},
    )


@pytest.mark.parametrize("state", sorted(TERMINAL))
def test_what_is_over_cannot_be_canceled(state: State) -> None:
    """Contract, "Lifecycle": a terminal command never changes again."""
    with pytest.raises(Refused, match="command_over"):
        command(state=state).canceled(NOW)


def test_what_rests_where_it_timed_out_is_over() -> None:
    """Contract, "Lifecycle": nothing more is expected of it."""
    resting = command(action=Action.RESTART_APP, state=State.TIMED_OUT)
    assert resting.settled
    assert not resting.over
    with pytest.raises(Refused, match="command_over"):
        resting.canceled(NOW)


def test_acks_do_not_revive_what_was_canceled() -> None:
    """Contract, "Lifecycle": they go into the history."""
    canceled = command().handed_over(NOW).taken(NOW).canceled(NOW)
    ack = Ack(command_id=COMMAND_ID, status=AckStatus.COMPLETED)
    assert set(canceled.heard(ack, NOW + seconds(5), last_heard=NOW)) == {canceled}


def test_a_canceled_command_is_not_taken_by_a_broker_that_answers_late() -> None:
    """Canceled in the queue, and published all the same by nobody."""
    canceled = command().canceled(NOW)
    assert canceled.handed_over(NOW).taken(NOW).not_taken(NOW) is canceled


def test_a_blocked_command_says_why() -> None:
    """Contract, "Lifecycle": blocked_safety (`lockout_threshold`)."""
    blocked = command().blocked(NOW)
    assert (blocked.state, blocked.error_code) == (State.BLOCKED_SAFETY, "lockout_threshold")


@pytest.mark.parametrize(
    ("reason", "screens", "checked"),
    [
        (None, 1, None),
        ("  ", 1, None),
        (" new cables ", 3, "new cables"),
        ("ü" * 2000, 2, "ü" * 2000),
        ("half \ud83d", 1, "half ?"),
    ],
    ids=["none needed", "blank", "trimmed", "as long as can be", "half a character"],
)
def test_a_reason_is_taken_as_it_can_be_sent(reason: str | None, screens: int, checked: str | None) -> None:
    """Contract, "command": text of at most 2000 characters, or null."""
    assert checked_reason(reason, screens) == checked


@pytest.mark.parametrize(
    ("reason", "screens", "key"),
    [(None, 2, "reason_missing"), (" ", 2, "reason_missing"), ("x" * 2001, 1, "reason_too_long")],
    ids=["several without", "several with a blank", "too long"],
)
def test_a_reason_that_cannot_be_sent_is_refused(reason: str | None, screens: int, key: str) -> None:
    """Contract, "Lifecycle": acting on several screens at once needs a reason."""
    with pytest.raises(Refused, match=key):
        checked_reason(reason, screens)


@pytest.mark.parametrize(
    ("status", "runs"),
    [
        (AckStatus.ACCEPTED, False),
        (AckStatus.EXECUTION_STARTED, True),
        (AckStatus.COMPLETED, True),
        (AckStatus.FAILED, False),
    ],
    ids=str,
)
def test_a_screen_runs_what_it_says_it_runs(status: AckStatus, runs: bool) -> None:
    """Contract, "Cancel": one that runs a canceled command all the same is worth an alert."""
    assert Ack(command_id=COMMAND_ID, status=status).runs is runs
