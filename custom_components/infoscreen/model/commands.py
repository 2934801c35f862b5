"""A command from the wish to its end: the contract's lifecycle as a state machine; time is an input."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from typing import Any, Final, Self

from .errors import Refused
from .lifecycle import (
    AWAITED,
    AWAITED_UNHEARD,
    LATE_AFTER,
    LIMITS,
    LOCKED_OUT,
    ORDER,
    OWN_ERRORS,
    PUBLISH_FAILED,
    REACHED,
    TERMINAL,
    Action,
    State,
)
from .messages import Ack, AckStatus, Discovery, Message
from .wire import as_time

SCHEMA_VERSION: Final = "1.0"

# Contract, "Lifecycle": a screen that speaks every five seconds is back once it was silent this long.
SILENCE_BEFORE_RETURN: Final = timedelta(seconds=15)

# Contract, "command".
MAX_REASON_LENGTH: Final = 2000


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
    published_at: datetime | None = None  # None as long as nobody knows that it is on the wire
    interrupted: bool = False  # nobody listened for a while, so acks may be lost

    @property
    def over(self) -> bool:
        """Tell whether the command has come to its end."""
        return self.state in TERMINAL

    @property
    def settled(self) -> bool:
        """Tell whether nothing more is expected: the command is over, or rests where it timed out."""
        return self.over or self.due is None

    @property
    def may_still_run(self) -> bool:
        """Tell whether a screen may carry out what was canceled: no message takes a command back."""
        return self.state is State.CANCELED and self.published_at is not None

    @property
    def due(self) -> datetime | None:
        """Return when the command changes by itself, None if only others can change it."""
        if (late_after := LATE_AFTER.get(self.state)) is not None and not self.late:
            return self.since + late_after
        return self._limit[0]

    @property
    def _limit(self) -> tuple[datetime | None, State]:
        """Return when this state has lasted too long, and what comes then."""
        if self.state is State.PUBLISHED:
            return self.expires_at, State.EXPIRED
        if self.state is State.TIMED_OUT and self.ladder:
            return None, self.state
        limits = LIMITS.get(self.state, {})
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
        return self.reached(State.PUBLISHED, now, on_wire=True)

    def not_taken(self, now: datetime) -> Self:
        """Note that the command could not be published; what was already acknowledged stands."""
        if self.state in (State.QUEUED, State.PUBLISH_IN_PROGRESS):
            return self.reached(State.FAILED, now, PUBLISH_FAILED)
        return self

    def blocked(self, now: datetime) -> Self:
        """Note that the safety lockout forbids the command."""
        return self.reached(State.BLOCKED_SAFETY, now, LOCKED_OUT)

    def canceled(self, now: datetime) -> Self:
        """Take the command back, or refuse it: what a screen has acknowledged cannot be stopped."""
        if self.settled:
            raise Refused("command_over", command_id=self.command_id)
        if self.state not in (State.QUEUED, State.PUBLISHED):
            raise Refused("command_under_way", command_id=self.command_id)
        return self.reached(State.CANCELED, now)

    def resumed(self, now: datetime) -> Self:
        """Take the command up again after a time in which nobody listened.

        Deadlines go on as they were. Only a person is not called for a reboot whose end could not have
        been heard: from now on its screen has the usual minute to show life.
        """
        command = self
        while (due := command.due) is not None and due <= now:
            if command.state is State.TIMED_OUT:
                return replace(command, since=now, interrupted=True)
            command = command._passed(due)
        return command if command.over else replace(command, interrupted=True)

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
        code, text = ack.error_code, ack.error_message
        return returned, returned.reached(REACHED[ack.status], now, code, text, on_wire=True)

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
        if self.state not in (AWAITED_UNHEARD if self.interrupted else AWAITED):
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
        return self.reached(following, due, OWN_ERRORS.get(following))

    def reached(
        self,
        state: State,
        now: datetime,
        code: str | None = None,
        message: str | None = None,
        *,
        on_wire: bool = False,
    ) -> Self:
        """Go on to a state; never backwards, and from the end nowhere; `on_wire` once it is published."""
        if self.over or ORDER[state] <= ORDER[self.state]:
            return self
        published_at = self.published_at or (now if on_wire else None)
        return replace(
            self,
            state=state,
            since=now,
            late=False,
            error_code=code,
            error_message=message,
            published_at=published_at,
        )

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
        names = ("issued_at", "expires_at", "since", "published_at")
        times = {name: datetime.fromisoformat(values[name]) for name in names if values.get(name)}
        return cls(**values | times | {"action": Action(values["action"]), "state": State(values["state"])})


def checked_reason(reason: str | None, screens: int) -> str | None:
    """Return why so many screens are commanded, None for no reason, or refuse it."""
    reason = (reason or "").strip().encode(errors="replace").decode() or None  # a lone surrogate is no UTF-8
    if reason is None and screens > 1:
        raise Refused("reason_missing", screens=str(screens))
    if reason is not None and len(reason) > MAX_REASON_LENGTH:
        raise Refused("reason_too_long", limit=str(MAX_REASON_LENGTH))
    return reason
