"""A command from the wish to its end: the contract's lifecycle as a state machine; time is an input."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final, Self

from .messages import Ack, AckStatus, Discovery, Message
from .wire import as_time

SCHEMA_VERSION: Final = "1.0"

# Contract, "Lifecycle": a screen that speaks every five seconds is back once it was silent this long.
SILENCE_BEFORE_RETURN: Final = timedelta(seconds=15)


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


_ORDER: Final = {state: place for place, state in enumerate(State)}

#: A command in one of these never changes again.
TERMINAL: Final = frozenset(list(State)[_ORDER[State.COMPLETED] :])

PUBLISH_FAILED: Final = "mqtt_publish_failed"
_OWN_ERRORS: Final = {
    State.FAILED: PUBLISH_FAILED,
    State.EXPIRED: "expired",
    State.TIMED_OUT: "timed_out",
    State.MANUAL_INTERVENTION_REQUIRED: "timed_out",
}

# Contract, "Lifecycle of a command": how long each state may last, and what comes then.
# The action picks the row, None is any other.
_LIMITS: Final[Mapping[State, Mapping[Action | None, tuple[int, State]]]] = {
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
_LATE_AFTER: Final = {
    State.PUBLISHED: timedelta(seconds=20),
    State.AWAITING_RECONNECT: timedelta(seconds=90),
}

_REACHED: Final = {
    AckStatus.ACCEPTED: State.ACK_RECEIVED,
    AckStatus.EXECUTION_STARTED: State.EXECUTION_STARTED,
    AckStatus.COMPLETED: State.COMPLETED,
    AckStatus.FAILED: State.FAILED,
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Command:
    """One command to one screen."""

    command_id: str
    uuid: str  # of the screen, as it spells it
    action: Action
    issued_at: datetime
    expires_at: datetime
    since: datetime  # in this state
    state: State = State.QUEUED
    reason: str | None = None
    user: str | None = None  # Home Assistant's id of who asked; never on the wire
    ladder: bool = False  # of the recovery ladder, which goes on by itself where others need a person
    late: bool = False
    error_code: str | None = None
    error_message: str | None = None

    @property
    def over(self) -> bool:
        """Tell whether the command has come to its end."""
        return self.state in TERMINAL

    @property
    def due(self) -> datetime | None:
        """Return when the command changes by itself, None if only others can change it."""
        if (late_after := _LATE_AFTER.get(self.state)) is not None and not self.late:
            return self.since + late_after
        return self._limit[0]

    @property
    def _limit(self) -> tuple[datetime | None, State]:
        """Return when this state has lasted too long, and what comes then."""
        if self.state is State.PUBLISHED:
            return self.expires_at, State.EXPIRED
        if self.state is State.TIMED_OUT and self.ladder:
            return None, self.state
        limits = _LIMITS.get(self.state, {})
        seconds, following = limits.get(self.action) or limits.get(None) or (None, self.state)
        return None if seconds is None else self.since + timedelta(seconds=seconds), following

    def payload(self) -> dict[str, Any]:
        """Return the command as it goes over the wire: these keys and no other."""
        return {
            "schema_version": SCHEMA_VERSION,
            "command_id": self.command_id,
            "client_uuid": self.uuid,
            "action": self.action,
            "issued_at": as_time(self.issued_at),
            "expires_at": as_time(self.expires_at),
            "requested_by": None,
            "reason": self.reason,
        }

    @property
    def told(self) -> dict[str, Any]:
        """Return what people are told of the command beside its state."""
        names = ("command_id", "action", "reason", "user", "late", "error_code", "error_message")
        return {name: getattr(self, name) for name in (*names, "issued_at", "expires_at")}

    def handed_over(self, now: datetime) -> Self:
        """Note that the command went to a connected transport."""
        return self.reached(State.PUBLISH_IN_PROGRESS, now)

    def taken(self, now: datetime) -> Self:
        """Note that the broker took the command; an ack may have overtaken the news."""
        return self.reached(State.PUBLISHED, now)

    def not_taken(self, now: datetime) -> Self:
        """Note that the command could not be published; what was already acknowledged stands."""
        if self.state in (State.QUEUED, State.PUBLISH_IN_PROGRESS):
            return self.reached(State.FAILED, now, PUBLISH_FAILED)
        return self

    def heard(self, message: Message, now: datetime, *, last_heard: datetime | None) -> tuple[Self, ...]:
        """Return the stages that a command passes through at once by what its screen says.

        Acks come twice, late and out of order; those of other commands change nothing here.
        """
        ack = message if isinstance(message, Ack) and message.command_id == self.command_id else None
        announced = isinstance(message, Discovery)
        completed = ack is not None and ack.status is AckStatus.COMPLETED
        back = self._is_back(now, last_heard, announced=announced, completed=completed)
        returned = self.reached(State.RECOVERED, now) if back else self
        if ack is None:
            return (returned,)
        return returned, returned.reached(_REACHED[ack.status], now, ack.error_code, ack.error_message)

    def _is_back(
        self, now: datetime, last_heard: datetime | None, *, announced: bool, completed: bool
    ) -> bool:
        """Tell whether the screen is back from a reboot: it announces itself, it says so, or it was silent.

        A silence of our own making counts as well (`last_heard` is None after a restart): an end that was
        lost meanwhile is made good by the next sign of life; the other way a person is called for nothing.
        """
        if self.action is not Action.REBOOT_HOST:
            return False
        if self.state is State.EXECUTION_STARTED:
            return announced
        if self.state not in (State.AWAITING_RECONNECT, State.TIMED_OUT):
            return False
        return announced or completed or now - (last_heard or self.since) >= SILENCE_BEFORE_RETURN

    def fell_silent(self, now: datetime) -> Self:
        """Note that the screen has been silent beyond the grace; a shutdown is over then."""
        begun = self.state in (State.EXECUTION_STARTED, State.TIMED_OUT)
        return self.reached(State.COMPLETED, now) if begun and self.action is Action.SHUTDOWN_HOST else self

    def at(self, now: datetime) -> Self:
        """Return the command after all that time alone has done to it."""
        command = self
        while (due := command.due) is not None and due <= now:
            command = command._passed(due)
        return command

    def _passed(self, due: datetime) -> Self:
        """Return the command after one deadline."""
        when, following = self._limit
        if when is None or due < when:
            return replace(self, late=True)
        return self.reached(following, due, _OWN_ERRORS.get(following))

    def reached(
        self, state: State, now: datetime, code: str | None = None, message: str | None = None
    ) -> Self:
        """Go on to a state; never backwards, and from the end nowhere."""
        if self.over or _ORDER[state] <= _ORDER[self.state]:
            return self
        return replace(self, state=state, since=now, late=False, error_code=code, error_message=message)

    def as_stored(self) -> dict[str, Any]:
        """Return the command as JSON."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        return {
            name: value.isoformat() if isinstance(value, datetime) else value
            for name, value in values.items()
        }

    @classmethod
    def from_stored(cls, stored: Mapping[str, Any]) -> Self:
        """Read a command back."""
        values = {field.name: stored[field.name] for field in fields(cls) if field.name in stored}
        times = {name: datetime.fromisoformat(values[name]) for name in ("issued_at", "expires_at", "since")}
        return cls(**values | times | {"action": Action(values["action"]), "state": State(values["state"])})
