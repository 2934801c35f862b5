"""What a command must look like, and the stages in which a screen carries it out."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from .state import Fault, Pace, Power
from .wire import AckStatus, Action, ErrorCode, ProcessStatus, is_uuid, read_time


def _is_time(value: Any) -> bool:
    """Tell whether a value is a time."""
    try:
        read_time(value)
    except ValueError:
        return False
    return True


FIELDS: dict[str, Callable[[Any], bool]] = {
    "schema_version": lambda value: value == "1.0",
    "command_id": is_uuid,
    "client_uuid": is_uuid,
    "action": lambda value: value in list(Action),
    "issued_at": _is_time,
    "expires_at": _is_time,
    "requested_by": lambda value: value is None or (type(value) is int and value >= 1),
    "reason": lambda value: value is None or (isinstance(value, str) and len(value) <= 2000),
}
"""The fields of a command, all of them required, with what each must be."""


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """Say why a command is not carried out."""

    code: ErrorCode
    message: str

    @property
    def stages(self) -> tuple[Stage, ...]:
        """Return the only stage of a command refused."""
        return (Stage(ack=AckStatus.FAILED, error=self),)


@dataclass(frozen=True, kw_only=True)
class Stage:
    """Say what happens at one stage of a command, and how long after the one before."""

    after: timedelta = timedelta()
    ack: AckStatus | None = None
    error: Refusal | None = None
    process: ProcessStatus | None = None
    power: Power | None = None
    executes: bool = False


def refusal(fields: dict[str, Any], uuid: str, now: datetime) -> Refusal | None:
    """Return why this screen must not do what a command asks for, if there is a reason."""
    for name, holds in FIELDS.items():
        if name not in fields:
            return Refusal(code=ErrorCode.MISSING_FIELD, message=f"The field {name} is missing")
        if not holds(fields[name]):
            return Refusal(code=ErrorCode.INVALID_SCHEMA, message=f"The field {name} has a wrong value")
    if unknown := fields.keys() - FIELDS.keys():
        message = f"The field {min(unknown)[:100]} is unknown"
        return Refusal(code=ErrorCode.INVALID_SCHEMA, message=message)
    if fields["client_uuid"].lower() != uuid.lower():
        return Refusal(code=ErrorCode.INVALID_SCHEMA, message="The command is for another screen")
    if now > read_time(fields["expires_at"]):
        message = f"The command expired at {fields['expires_at']}"
        return Refusal(code=ErrorCode.STALE_COMMAND, message=message)
    return None


def stages(action: Action, pace: Pace, faults: frozenset[Fault]) -> tuple[Stage, ...]:
    """Return the stages in which a screen with these faults carries out a command."""
    begin = (Stage(ack=AckStatus.ACCEPTED), Stage(after=pace.stage, ack=AckStatus.EXECUTION_STARTED))
    if Fault.FAILED in faults:
        message = f"{action} ended with exit status 1"
        error = Refusal(code=ErrorCode.EXECUTION_FAILED, message=message)
        return (*begin, Stage(after=pace.stage, ack=AckStatus.FAILED, error=error))
    return (*begin, *_ends(action, pace))


def _ends(action: Action, pace: Pace) -> tuple[Stage, ...]:
    """Return the stages after the execution has started."""
    match action:
        case Action.REBOOT_HOST:
            return (Stage(after=pace.stage, power=Power.REBOOTING, executes=True),)
        case Action.SHUTDOWN_HOST:
            return (Stage(after=pace.stage, ack=AckStatus.COMPLETED, power=Power.OFF, executes=True),)
        case Action.RESTART_APP:
            return (
                Stage(process=ProcessStatus.STOPPED, executes=True),
                Stage(after=pace.stage, process=ProcessStatus.STARTING),
                Stage(after=pace.stage, process=ProcessStatus.RUNNING, ack=AckStatus.COMPLETED),
            )


def legacy_stages(pace: Pace) -> tuple[Stage, ...]:
    """Return the only stage of a restart nobody waits an answer for."""
    return (Stage(after=pace.stage, power=Power.REBOOTING, executes=True),)
