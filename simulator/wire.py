"""The words of the wire: topics, closed sets, times and JSON, as the contract has them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
import json
import re
from typing import Any, TypeGuard

UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
GROUP_ID = re.compile(rb"[1-9][0-9]{0,9}")
HIGHEST_GROUP_ID = 2**31 - 1


class Channel(StrEnum):
    """Name the ways a screen takes commands; old software knows fewer of them."""

    COMMANDS = "commands"
    COMMAND = "command"
    RESTART = "restart"


class Action(StrEnum):
    """Name what a command asks for."""

    REBOOT_HOST = "reboot_host"
    SHUTDOWN_HOST = "shutdown_host"
    RESTART_APP = "restart_app"


class AckStatus(StrEnum):
    """Name the stages a screen acknowledges."""

    ACCEPTED = "accepted"
    EXECUTION_STARTED = "execution_started"
    COMPLETED = "completed"
    FAILED = "failed"


class ErrorCode(StrEnum):
    """Name the reasons for which this screen fails a command."""

    INVALID_SCHEMA = "invalid_schema"
    MISSING_FIELD = "missing_field"
    STALE_COMMAND = "stale_command"
    DUPLICATE_COMMAND = "duplicate_command"
    EXECUTION_FAILED = "execution_failed"


class ProcessStatus(StrEnum):
    """Name the states of the process that shows events."""

    RUNNING = "running"
    CRASHED = "crashed"
    STARTING = "starting"
    STOPPED = "stopped"


class ScreenHealth(StrEnum):
    """Name what the screen thinks of its own picture."""

    OK = "OK"
    BLACK = "BLACK"
    FROZEN = "FROZEN"


class Capture(StrEnum):
    """Name the occasions of a screenshot."""

    PERIODIC = "periodic"
    EVENT_START = "event_start"
    EVENT_STOP = "event_stop"


class LogLevel(StrEnum):
    """Name the levels that have a topic."""

    ERROR = "error"
    WARN = "warn"
    INFO = "info"


class EventType(StrEnum):
    """Name the kinds of events."""

    PRESENTATION = "presentation"
    WEBSITE = "website"
    WEBUNTIS = "webuntis"
    VIDEO = "video"
    MESSAGE = "message"
    OTHER = "other"


@dataclass(frozen=True, kw_only=True)
class Topics:
    """Spell the topics one screen speaks and hears."""

    prefix: str
    uuid: str

    @property
    def discovery(self) -> str:
        """Return the topic all screens announce themselves on."""
        return f"{self.prefix}/discovery"

    def own(self, leaf: str) -> str:
        """Return one of the screen's own topics."""
        return f"{self.prefix}/{self.uuid}/{leaf}"

    def takes(self, channel: Channel) -> str:
        """Return the topic a channel's commands come on."""
        return f"clients/{self.uuid}/restart" if channel is Channel.RESTART else self.own(channel)

    def events(self, group_id: int) -> str:
        """Return the topic of a group's active events."""
        return f"{self.prefix}/events/{group_id}"

    def group_power(self, group_id: int) -> str:
        """Return the topic of a group's power intent."""
        return f"{self.prefix}/groups/{group_id}/power/intent"


def is_uuid(value: object) -> TypeGuard[str]:
    """Tell whether a value is a UUID in text."""
    return isinstance(value, str) and UUID.fullmatch(value) is not None


def stamp(moment: datetime) -> str:
    """Write a time the contract's way: UTC, whole seconds, Z."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def read_time(value: object) -> datetime:
    """Read a time with Z, an offset or nothing (UTC) behind it; raise ValueError otherwise."""
    if not isinstance(value, str):
        raise ValueError(f"{value!r} is not a time")  # noqa: TRY004  one error for all that is unreadable
    moment = datetime.fromisoformat(value)
    try:
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except OverflowError as err:  # the year 1, seen from an hour further east
        raise ValueError(f"{value!r} is before all times") from err


def read_json(payload: bytes) -> Any:
    """Read UTF-8 JSON; raise ValueError for whatever is wrong with it."""
    try:
        return json.loads(payload.decode())
    except RecursionError as err:
        raise ValueError("The JSON is nested too deeply") from err


def read_object(payload: bytes) -> dict[str, Any]:
    """Read a JSON object; raise ValueError for anything else."""
    value = read_json(payload)
    if not isinstance(value, dict):
        raise ValueError("The payload is not a JSON object")  # noqa: TRY004  as above
    return value


def read_group_id(payload: bytes) -> int | None:
    """Read a group's id; empty is none; raise ValueError for anything else."""
    if not payload:
        return None
    if not GROUP_ID.fullmatch(payload) or int(payload) > HIGHEST_GROUP_ID:
        raise ValueError("The payload is not a group's id")
    return int(payload)


def write_json(fields: Mapping[str, Any]) -> bytes:
    """Write a JSON object without idle spaces."""
    return json.dumps(fields, separators=(",", ":")).encode()
