"""Test a command's life against the contract's table, to the second."""

from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from hypothesis import given, strategies as st
import orjson
import pytest

from custom_components.infoscreen.model.commands import Command
from custom_components.infoscreen.model.lifecycle import TERMINAL, Action, State
from custom_components.infoscreen.model.messages import (
    Ack,
    AckStatus,
    Discovery,
    Health,
    Heartbeat,
    Message,
)

from .samples import COMMAND_ID, NOW, UUID, command, golden, on_the_wire, seconds

INSTANT = timedelta(microseconds=1)
EXPIRY = 240

REBOOT, SHUTDOWN, RESTART = Action.REBOOT_HOST, Action.SHUTDOWN_HOST, Action.RESTART_APP
ACTIONS = pytest.mark.parametrize("action", Action, ids=["reboot", "shutdown", "restart of the app"])

#: The states in the order of the contract's table; those of one line are ends, or as good as.
ORDER = [
    {State.QUEUED},
    {State.PUBLISH_IN_PROGRESS},
    {State.PUBLISHED},
    {State.ACK_RECEIVED},
    {State.EXECUTION_STARTED},
    {State.AWAITING_RECONNECT},
    {State.TIMED_OUT},
    {State.RECOVERED},
    {
        State.COMPLETED,
        State.FAILED,
        State.EXPIRED,
        State.CANCELED,
        State.BLOCKED_SAFETY,
        State.MANUAL_INTERVENTION_REQUIRED,
    },
]
RANK = {state: rank for rank, states in enumerate(ORDER) for state in states}

UNDER_WAY = [state for states in ORDER[:-1] for state in states]
ENDS = sorted(ORDER[-1])


def ack(status: AckStatus, **more: Any) -> Ack:
    """Return what a screen says of our command."""
    return Ack(command_id=COMMAND_ID, status=status, **more)


def states(stages: tuple[Command, ...]) -> list[State]:
    """Return the states that a command went through at once."""
    return [stage.state for stage in stages]


# What goes over the wire


@ACTIONS
def test_a_command_has_the_contracts_keys_and_no_other(action: Action) -> None:
    """Contract, "command": a v1 client rejects unknown keys; who asked stays with us."""
    assert on_the_wire(command(action=action).payload()) == golden(f"command_{action}")


def test_a_command_without_a_reason_says_so() -> None:
    """Contract, "command": text or null."""
    assert on_the_wire(command(reason=None).payload()) == golden("command_reboot_host") | {"reason": None}


def test_the_expiry_on_the_wire_is_as_long_as_ours() -> None:
    """Contract, "command": issued_at + 240 s; cutting fractions off must not make it 239."""
    issued_at = NOW + timedelta(microseconds=999_999)
    payload = command(issued_at=issued_at, expires_at=issued_at + seconds(EXPIRY)).payload()
    assert datetime.fromisoformat(payload["expires_at"]) - datetime.fromisoformat(
        payload["issued_at"]
    ) == seconds(EXPIRY)


def test_people_are_told_what_the_entity_promises() -> None:
    """Product, "Entities": the attributes of `last_command` beside its state."""
    assert command(late=True, error_code="internal_error", error_message="oh").told == {
        "command_id": COMMAND_ID,
        "action": "reboot_host",
        "reason": "operator_request",
        "user": "0123456789abcdef",
        "late": True,
        "error_code": "internal_error",
        "error_message": "oh",
        "issued_at": NOW,
        "expires_at": NOW + seconds(EXPIRY),
    }


# Time


TABLE = [
    (State.QUEUED, REBOOT, 5, State.FAILED, "mqtt_publish_failed"),
    (State.QUEUED, SHUTDOWN, 5, State.FAILED, "mqtt_publish_failed"),
    (State.QUEUED, RESTART, 5, State.FAILED, "mqtt_publish_failed"),
    (State.PUBLISH_IN_PROGRESS, REBOOT, 8, State.FAILED, "mqtt_publish_failed"),
    (State.PUBLISH_IN_PROGRESS, SHUTDOWN, 8, State.FAILED, "mqtt_publish_failed"),
    (State.PUBLISH_IN_PROGRESS, RESTART, 8, State.FAILED, "mqtt_publish_failed"),
    (State.PUBLISHED, REBOOT, EXPIRY, State.EXPIRED, "expired"),
    (State.PUBLISHED, SHUTDOWN, EXPIRY, State.EXPIRED, "expired"),
    (State.PUBLISHED, RESTART, EXPIRY, State.EXPIRED, "expired"),
    (State.ACK_RECEIVED, REBOOT, 25, State.TIMED_OUT, "timed_out"),
    (State.ACK_RECEIVED, SHUTDOWN, 25, State.TIMED_OUT, "timed_out"),
    (State.ACK_RECEIVED, RESTART, 15, State.TIMED_OUT, "timed_out"),
    (State.EXECUTION_STARTED, REBOOT, 10, State.AWAITING_RECONNECT, None),
    (State.EXECUTION_STARTED, SHUTDOWN, 180, State.TIMED_OUT, "timed_out"),
    (State.EXECUTION_STARTED, RESTART, 60, State.TIMED_OUT, "timed_out"),
    (State.AWAITING_RECONNECT, REBOOT, 150, State.TIMED_OUT, "timed_out"),
    (State.RECOVERED, REBOOT, 20, State.COMPLETED, None),
]
ROWS = [f"{action} {state}" for state, action, *_ in TABLE]


@pytest.mark.parametrize(("state", "action", "after", "following", "code"), TABLE, ids=ROWS)
def test_a_state_lasts_as_long_as_the_table_says(
    state: State, action: Action, after: int, following: State, code: str | None
) -> None:
    """Contract, "Lifecycle": not an instant earlier, and with the table's word for why."""
    before = command(action=action, state=state)
    assert before.at(NOW + seconds(after) - INSTANT).state is state
    ended = before.at(NOW + seconds(after))
    assert (ended.state, ended.error_code, ended.since) == (following, code, NOW + seconds(after))


def test_a_reboot_that_timed_out_needs_a_person_a_minute_later() -> None:
    """Contract, "Lifecycle": the last row."""
    before = command(state=State.TIMED_OUT, error_code="timed_out")
    assert before.at(NOW + seconds(60) - INSTANT) is before
    assert before.at(NOW + seconds(60)).state is State.MANUAL_INTERVENTION_REQUIRED


@pytest.mark.parametrize("action", [SHUTDOWN, RESTART], ids=["shutdown", "restart of the app"])
def test_other_commands_rest_where_they_timed_out(action: Action) -> None:
    """Contract, "Lifecycle": the last row; nobody need go there for a restart of the app."""
    resting = command(action=action, state=State.TIMED_OUT)
    assert resting.due is None
    assert resting.at(NOW + timedelta(days=365)) is resting


@pytest.mark.parametrize(
    ("state", "after"),
    [(State.PUBLISHED, 20), (State.AWAITING_RECONNECT, 90)],
    ids=["no ack", "not back"],
)
def test_what_takes_long_is_flagged_late_and_stays(state: State, after: int) -> None:
    """Contract, "Lifecycle": 20 s without an ack, 90 s nominal for a reboot."""
    before = command(state=state)
    assert before.due == NOW + seconds(after)
    assert before.at(NOW + seconds(after) - INSTANT) is before
    late = before.at(NOW + seconds(after))
    assert (late.state, late.late, late.since) == (state, True, NOW)


@pytest.mark.parametrize(
    "state", sorted({*UNDER_WAY} - {State.PUBLISHED, State.AWAITING_RECONNECT}), ids=lambda state: state.value
)
@ACTIONS
def test_no_other_state_is_ever_late(state: State, action: Action) -> None:
    """Contract, "Lifecycle": two rows have the flag, the others end first."""
    before = command(action=action, state=state)
    assert before.at(NOW + seconds(5) - INSTANT).late is False


@pytest.mark.parametrize("expiry", [180, 240, 360], ids=["shortest", "usual", "longest"])
@ACTIONS
def test_a_published_command_expires_when_its_screen_would_refuse_it(action: Action, expiry: int) -> None:
    """Contract, "command": counted from when it was issued, not from when the broker took it."""
    expires_at = NOW + seconds(expiry)
    published = command(
        action=action, state=State.PUBLISHED, since=NOW + seconds(12.5), expires_at=expires_at
    )
    assert published.at(expires_at - INSTANT).state is State.PUBLISHED
    assert published.at(expires_at).state is State.EXPIRED


@pytest.mark.parametrize(
    ("state", "action"),
    [(state, action) for state, action, *_ in TABLE if RANK[state] >= RANK[State.EXECUTION_STARTED]],
    ids=ROWS[12:],
)
def test_nothing_expires_once_execution_has_started(state: State, action: Action) -> None:
    """Contract, "Lifecycle": a reboot comes back long after, and that gap is no time-out."""
    started = command(action=action, state=state, expires_at=NOW + seconds(5))
    assert started.at(NOW + seconds(9)) is started


def test_a_reboot_that_nobody_hears_of_again_takes_all_its_time_in_one_look() -> None:
    """A restart of Home Assistant may look once, an hour later; each stage counts from its own deadline."""
    gone = command(state=State.EXECUTION_STARTED).at(NOW + timedelta(hours=1))
    assert gone.state is State.MANUAL_INTERVENTION_REQUIRED
    assert gone.since == NOW + seconds(10 + 150 + 60)


@pytest.mark.parametrize("state", ENDS)
@ACTIONS
def test_time_changes_nothing_at_the_end(state: State, action: Action) -> None:
    """Contract, "Lifecycle": terminal."""
    ended = command(action=action, state=state)
    assert ended.over
    assert ended.due is None
    assert ended.at(NOW + timedelta(days=365)) is ended


def test_the_ends_are_the_contracts() -> None:
    """Contract, "Lifecycle": six terminal states; timed_out is none, a late ack may still complete it."""
    assert set(ENDS) == TERMINAL
    assert {*UNDER_WAY, *ENDS} == set(State)


# Publishing


def test_a_command_goes_out_and_is_taken() -> None:
    """Contract, "Lifecycle": queued → publish_in_progress → published, each with its own clock."""
    handed_over = command().handed_over(NOW + seconds(1))
    assert (handed_over.state, handed_over.since) == (State.PUBLISH_IN_PROGRESS, NOW + seconds(1))
    taken = handed_over.taken(NOW + seconds(2))
    assert (taken.state, taken.since) == (State.PUBLISHED, NOW + seconds(2))


@pytest.mark.parametrize("state", [State.QUEUED, State.PUBLISH_IN_PROGRESS], ids=["queued", "handed over"])
def test_a_command_that_was_not_taken_has_failed(state: State) -> None:
    """Contract, "Lifecycle": it fails at once, nothing is kept for a reconnect."""
    failed = command(state=state).not_taken(NOW + seconds(1))
    assert (failed.state, failed.error_code) == (State.FAILED, "mqtt_publish_failed")


@pytest.mark.parametrize("state", sorted({*State} - {State.QUEUED, State.PUBLISH_IN_PROGRESS}))
def test_what_was_heard_of_a_command_outweighs_that_nobody_took_it(state: State) -> None:
    """Contract, "Lifecycle": a publish that nobody confirmed may have arrived all the same."""
    known = command(state=state)
    assert known.not_taken(NOW + seconds(8)) is known


def test_an_ack_may_overtake_the_news_that_the_command_was_published() -> None:
    """Contract, "Lifecycle": never go backwards."""
    (_, accepted) = command(state=State.PUBLISH_IN_PROGRESS).heard(
        ack(AckStatus.ACCEPTED), NOW + seconds(1), last_heard=NOW
    )
    assert accepted.state is State.ACK_RECEIVED
    assert accepted.taken(NOW + seconds(2)) is accepted
    assert accepted.handed_over(NOW + seconds(2)) is accepted


# Acks


@pytest.mark.parametrize(
    ("status", "state"),
    [
        (AckStatus.ACCEPTED, State.ACK_RECEIVED),
        (AckStatus.EXECUTION_STARTED, State.EXECUTION_STARTED),
        (AckStatus.COMPLETED, State.COMPLETED),
        (AckStatus.FAILED, State.FAILED),
    ],
    ids=lambda value: value.value,
)
@ACTIONS
def test_an_ack_brings_a_command_to_its_stage(action: Action, status: AckStatus, state: State) -> None:
    """Contract, "Lifecycle"; stages may be skipped, since any ack may be lost."""
    now = NOW + seconds(3)
    published = command(action=action, state=State.PUBLISHED, late=True)
    reached = published.heard(ack(status), now, last_heard=NOW)[-1]
    assert (reached.state, reached.since, reached.late) == (state, now, False)


def test_a_failure_says_why() -> None:
    """Contract, "ack": `failed` carries a code and a message."""
    failed = command(state=State.ACK_RECEIVED).heard(
        ack(AckStatus.FAILED, error_code="permission_denied_local", error_message="no sudo"),
        NOW,
        last_heard=NOW,
    )[-1]
    assert (failed.error_code, failed.error_message) == ("permission_denied_local", "no sudo")


@pytest.mark.parametrize("status", AckStatus, ids=lambda status: status.value)
@pytest.mark.parametrize("state", UNDER_WAY, ids=lambda state: state.value)
def test_an_ack_that_comes_twice_says_nothing_new(state: State, status: AckStatus) -> None:
    """Contract, "Topics": a client may send it on both topics."""
    first = command(state=state).heard(ack(status), NOW + seconds(1), last_heard=NOW)[-1]
    assert first.heard(ack(status), NOW + seconds(2), last_heard=NOW + seconds(1))[-1] is first


@pytest.mark.parametrize(
    ("state", "status"),
    [
        (state, status)
        for state in UNDER_WAY
        for status, reached in [
            (AckStatus.ACCEPTED, State.ACK_RECEIVED),
            (AckStatus.EXECUTION_STARTED, State.EXECUTION_STARTED),
        ]
        if RANK[state] >= RANK[reached]
    ],
    ids=lambda value: value.value,
)
def test_a_late_ack_never_undoes_a_later_stage(state: State, status: AckStatus) -> None:
    """Contract, "ack": they come late and out of order."""
    further = command(state=state)
    assert further.heard(ack(status), NOW + seconds(1), last_heard=NOW)[-1] is further


@pytest.mark.parametrize("status", AckStatus, ids=lambda status: status.value)
@pytest.mark.parametrize("state", ENDS)
def test_no_ack_changes_a_command_that_is_over(state: State, status: AckStatus) -> None:
    """Contract, "Lifecycle": a terminal command never changes again, not even its error."""
    ended = command(state=state)
    late = ack(status, error_code="internal_error", error_message="too late")
    assert set(ended.heard(late, NOW + timedelta(hours=1), last_heard=None)) == {ended}


@pytest.mark.parametrize("status", AckStatus, ids=lambda status: status.value)
def test_an_ack_of_another_command_is_nothing_to_this_one(status: AckStatus) -> None:
    """Contract, "ack": they come for commands we have forgotten, and commands may overlap."""
    other = Ack(command_id=UUID, status=status)
    waiting = command(state=State.AWAITING_RECONNECT)
    assert waiting.heard(other, NOW + seconds(1), last_heard=NOW) == (waiting,)


@ACTIONS
def test_a_command_that_timed_out_may_still_turn_out_well(action: Action) -> None:
    """Contract, "Lifecycle": timed_out is not terminal; the ack was merely late."""
    timed_out = command(action=action, state=State.TIMED_OUT, error_code="timed_out")
    done = timed_out.heard(ack(AckStatus.COMPLETED), NOW + seconds(30), last_heard=NOW)[-1]
    assert (done.state, done.error_code) == (State.COMPLETED, None)


# Life after a reboot


@pytest.mark.parametrize("state", [State.AWAITING_RECONNECT, State.TIMED_OUT], ids=["awaited", "given up"])
def test_a_completed_reboot_passes_through_recovered_at_once(state: State) -> None:
    """Contract, "Lifecycle": both stages are told, in this order."""
    stages = command(state=state).heard(ack(AckStatus.COMPLETED), NOW + seconds(1), last_heard=NOW)
    assert states(stages) == [State.RECOVERED, State.COMPLETED]


@pytest.mark.parametrize("state", [State.AWAITING_RECONNECT, State.TIMED_OUT], ids=["awaited", "given up"])
def test_a_screen_that_announces_itself_is_back(state: State) -> None:
    """Contract, "Lifecycle": a discovery is life after a reboot, without any silence before it."""
    now = NOW + seconds(1)
    (back,) = command(state=state).heard(Discovery(uuid=UUID), now, last_heard=NOW)
    assert (back.state, back.since) == (State.RECOVERED, now)
    assert back.at(now + seconds(20)).state is State.COMPLETED


def test_a_reboot_faster_than_its_time_is_over_with_the_announcement() -> None:
    """A screen that is back within ten seconds speaks on, and would never be silent again."""
    (back,) = command(state=State.EXECUTION_STARTED).heard(Discovery(uuid=UUID), NOW, last_heard=NOW)
    assert back.state is State.RECOVERED


def test_the_end_of_another_command_is_no_end_of_this() -> None:
    """Commands may overlap; two ends are two acks."""
    waiting = command(state=State.AWAITING_RECONNECT)
    other = Ack(command_id="another", status=AckStatus.COMPLETED)
    assert waiting.heard(other, NOW + seconds(1), last_heard=NOW) == (waiting,)


@pytest.mark.parametrize(
    "message",
    [Heartbeat(), Health(), Ack(command_id=UUID, status=AckStatus.ACCEPTED)],
    ids=["heartbeat", "health", "ack of another command"],
)
def test_after_fifteen_seconds_of_silence_any_sign_is_life(message: Message) -> None:
    """Contract, "Lifecycle": before that it is the host on its way down, which speaks every 5 s."""
    waiting, last_heard = command(state=State.AWAITING_RECONNECT), NOW + seconds(2)
    assert waiting.heard(message, last_heard + seconds(15) - INSTANT, last_heard=last_heard) == (waiting,)
    assert states(waiting.heard(message, last_heard + seconds(15), last_heard=last_heard)) == [
        State.RECOVERED
    ]


def test_silence_before_anything_was_heard_counts_from_when_the_wait_began() -> None:
    """After a restart of Home Assistant nobody knows when the screen last spoke."""
    waiting = command(state=State.AWAITING_RECONNECT)
    assert waiting.heard(Health(), NOW + seconds(15) - INSTANT, last_heard=None) == (waiting,)
    assert states(waiting.heard(Health(), NOW + seconds(15), last_heard=None)) == [State.RECOVERED]


def test_a_failure_after_the_silence_is_life_and_a_failure() -> None:
    """Contract, "ack": `failed` ends the command, whatever came before it."""
    waiting = command(state=State.AWAITING_RECONNECT)
    stages = waiting.heard(ack(AckStatus.FAILED), NOW + seconds(40), last_heard=NOW)
    assert states(stages) == [State.RECOVERED, State.FAILED]


@pytest.mark.parametrize("action", [SHUTDOWN, RESTART], ids=["shutdown", "restart of the app"])
@pytest.mark.parametrize("message", [Discovery(uuid=UUID), Health()], ids=["discovery", "health"])
def test_only_a_reboot_waits_for_a_return(action: Action, message: Message) -> None:
    """Contract, "Lifecycle": others rest where they timed out."""
    resting = command(action=action, state=State.TIMED_OUT)
    assert resting.heard(message, NOW + seconds(60), last_heard=NOW) == (resting,)


@pytest.mark.parametrize(
    "state", [state for state in UNDER_WAY if RANK[state] < RANK[State.AWAITING_RECONNECT]]
)
def test_life_before_the_reboot_is_none_after_it(state: State) -> None:
    """A screen that has not yet gone down has not come back, however long it was silent."""
    before = command(state=state)
    assert before.heard(Health(), NOW + seconds(60), last_heard=NOW) == (before,)


# Shutdown


@pytest.mark.parametrize("state", [State.EXECUTION_STARTED, State.TIMED_OUT], ids=["in time", "given up"])
def test_a_shutdown_is_over_when_the_screen_falls_silent(state: State) -> None:
    """Contract, "Lifecycle": silence completes it; a slow host falls silent after its time-out."""
    over = command(action=SHUTDOWN, state=state).fell_silent(NOW + seconds(170))
    assert (over.state, over.since) == (State.COMPLETED, NOW + seconds(170))


@pytest.mark.parametrize(
    ("action", "state"),
    [
        (action, state)
        for action in Action
        for state in State
        if (action, state) not in {(SHUTDOWN, State.EXECUTION_STARTED), (SHUTDOWN, State.TIMED_OUT)}
    ],
)
def test_silence_ends_nothing_else(action: Action, state: State) -> None:
    """Contract, "Lifecycle": a reboot is silent too, and a shutdown not yet begun has not happened."""
    before = command(action=action, state=state)
    assert before.fell_silent(NOW + seconds(170)) is before


# Storage


@pytest.mark.parametrize("state", State, ids=lambda state: state.value)
def test_a_command_outlives_a_restart_unchanged(state: State) -> None:
    """Contract, "Lifecycle": kept across a restart of Home Assistant, to the microsecond."""
    kept = command(
        state=state, since=NOW + INSTANT, late=True, error_code="expired", error_message="so", user=None
    )
    assert Command.from_stored(orjson.loads(orjson.dumps(kept.as_stored()))) == kept


# Whatever happens

type Happening = Callable[[Command, datetime], tuple[Command, ...]]

LAST_SEEN = st.none() | st.integers(0, 60).map(seconds)
HAPPENINGS: st.SearchStrategy[Happening] = st.one_of(
    st.builds(
        lambda message, ago: (
            lambda before, now: before.heard(message, now, last_heard=None if ago is None else now - ago)
        ),
        st.sampled_from(
            [
                *(ack(status) for status in AckStatus),
                *(Ack(command_id=UUID, status=status) for status in AckStatus),
                Discovery(uuid=UUID),
                Heartbeat(),
                Health(),
            ]
        ),
        LAST_SEEN,
    ),
    st.sampled_from(
        [
            lambda before, now: (before.at(now),),
            lambda before, now: (before.handed_over(now),),
            lambda before, now: (before.taken(now),),
            lambda before, now: (before.not_taken(now),),
            lambda before, now: (before.fell_silent(now),),
        ]
    ),
)
LIVES = st.lists(st.tuples(HAPPENINGS, st.integers(0, 200).map(seconds)), max_size=12)
type Life = list[tuple[Happening, timedelta]]


def lived(action: Action, life: Life) -> tuple[list[Command], datetime]:
    """Return what a command went through, and when that was over."""
    now, stages = NOW, [command(action=action)]
    for happens, passes in life:
        now += passes
        stages.extend(happens(stages[-1], now))
    return stages, now


@ACTIONS
@given(life=LIVES)
def test_no_life_goes_backwards_or_beyond_its_end(action: Action, life: Life) -> None:
    """Contract, "Lifecycle", whatever comes twice, late, out of order or not at all."""
    stages, _ = lived(action, life)
    for before, after in pairwise(stages):
        assert RANK[after.state] > RANK[before.state] or after.state is before.state
        assert not before.over or after is before


@ACTIONS
@given(life=LIVES)
def test_every_life_ends_or_rests_once_only_time_passes(action: Action, life: Life) -> None:
    """Contract, "Lifecycle": the longest way left is a reboot just begun, or a publish until it expires."""
    stages, now = lived(action, life)
    current = stages[-1]
    longest = {
        REBOOT: seconds(10 + 150 + 60),
        SHUTDOWN: seconds(180),
        RESTART: seconds(60),
    }[action]
    rested = current.at(max(current.expires_at, now + longest))
    assert rested.over or (rested.state is State.TIMED_OUT and action is not REBOOT)
    assert rested.due is None


@ACTIONS
@given(life=LIVES, first=st.integers(0, 400).map(seconds), then=st.integers(0, 400).map(seconds))
def test_how_often_one_looks_at_the_clock_makes_no_difference(
    action: Action, life: Life, first: timedelta, then: timedelta
) -> None:
    """A timer may fire late, and Home Assistant may be away for a while."""
    stages, now = lived(action, life)
    current = stages[-1]
    assert current.at(now + first).at(now + first + then) == current.at(now + first + then)


@ACTIONS
@given(life=LIVES)
def test_the_next_deadline_is_when_time_alone_changes_something(action: Action, life: Life) -> None:
    """One timer is set for it: an instant earlier nothing has changed, then something has."""
    stages, _ = lived(action, life)
    current = stages[-1]
    for due in filter(None, [current.due]):
        assert current.at(due - INSTANT) is current
        assert current.at(due) is not current
