"""The contract's table of a command's life: its states, how long each may last, and what comes then."""

from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum
from typing import Final

from .messages import AckStatus


class Action(StrEnum):
    """What a screen can be told to do."""

    REBOOT_HOST = "reboot_host"
    SHUTDOWN_HOST = "shutdown_host"
    RESTART_APP = "restart_app"


class State(StrEnum):
    """Where a command stands, in the order of its life."""

    QUEUED = "queued"
    PUBLISH_IN_PROGRESS = "publish_in_progress"
    PUBLISHED = "published"
    ACK_RECEIVED = "ack_received"
    EXECUTION_STARTED = "execution_started"
    AWAITING_RECONNECT = "awaiting_reconnect"
    TIMED_OUT = "timed_out"
    RECOVERED = "recovered"
    COMPLETED = "completed"
    FAILED = "failed"
    EXPIRED = "expired"
    CANCELED = "canceled"
    BLOCKED_SAFETY = "blocked_safety"
    MANUAL_INTERVENTION_REQUIRED = "manual_intervention_required"


ORDER: Final = {state: place for place, state in enumerate(State)}

#: A command in one of these never changes again.
TERMINAL: Final = frozenset(list(State)[ORDER[State.COMPLETED] :])

PUBLISH_FAILED: Final = "mqtt_publish_failed"
LOCKED_OUT: Final = "lockout_threshold"
OWN_ERRORS: Final = {
    State.FAILED: PUBLISH_FAILED,
    State.EXPIRED: "expired",
    State.TIMED_OUT: "timed_out",
    State.MANUAL_INTERVENTION_REQUIRED: "timed_out",
}

# Contract, "Lifecycle of a command": how long each state may last, and what comes then.
# The action picks the row, None is any other.
LIMITS: Final[Mapping[State, Mapping[Action | None, tuple[int, State]]]] = {
    State.QUEUED: {None: (5, State.FAILED)},
    State.PUBLISH_IN_PROGRESS: {None: (8, State.FAILED)},
    State.ACK_RECEIVED: {None: (25, State.TIMED_OUT), Action.RESTART_APP: (15, State.TIMED_OUT)},
    State.EXECUTION_STARTED: {
        Action.REBOOT_HOST: (10, State.AWAITING_RECONNECT),
        Action.RESTART_APP: (60, State.TIMED_OUT),
        Action.SHUTDOWN_HOST: (180, State.TIMED_OUT),
    },
    State.AWAITING_RECONNECT: {None: (150, State.TIMED_OUT)},
    State.RECOVERED: {None: (20, State.COMPLETED)},
    State.TIMED_OUT: {Action.REBOOT_HOST: (60, State.MANUAL_INTERVENTION_REQUIRED)},
}
# … and after how long it is worth telling that it takes longer than usual.
LATE_AFTER: Final = {
    State.PUBLISHED: timedelta(seconds=20),
    State.AWAITING_RECONNECT: timedelta(seconds=90),
}

# Contract, "Lifecycle": where life after a reboot is waited for …
AWAITED: Final = frozenset({State.AWAITING_RECONNECT, State.TIMED_OUT})
# … and where it is once acks may have been lost.
AWAITED_UNHEARD: Final = AWAITED | {State.PUBLISHED, State.ACK_RECEIVED}

REACHED: Final = {
    AckStatus.ACCEPTED: State.ACK_RECEIVED,
    AckStatus.EXECUTION_STARTED: State.EXECUTION_STARTED,
    AckStatus.COMPLETED: State.COMPLETED,
    AckStatus.FAILED: State.FAILED,
}
