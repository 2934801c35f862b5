"""Payloads read into messages, field by field, keeping only what is of the right type: contract, "Bounds"."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
import json
import re
from typing import Any, Final

import orjson

from .fields import MAX_LOG_SIZE, Fields
from .messages import (
    Ack,
    AckStatus,
    Discovery,
    Health,
    Heartbeat,
    Log,
    LogLevel,
    Message,
    ProcessStatus,
    RecoveryClass,
    ScreenHealth,
    ServiceCleared,
    ServiceFailed,
)
from .text import bounded_text
from .topics import Kind, is_uuid

MAX_JSON_SIZE: Final = 64 * 1024
MAX_ERROR_CODE: Final = 128
MAX_ERROR_MESSAGE: Final = 4000

# Of 200 health messages 199 say what the one before said; an ordinary one has 400 bytes.
_REPEATED: Final = (Kind.HEALTH, Kind.HEARTBEAT)
_MAX_REPEATED_SIZE: Final = 1024
# They differ in this alone, on which nothing rests at any level. Nothing else in JSON looks like it: a quote
# within a text has a backslash before it, so it is the whole of a value, or it stands in no JSON at all.
_TIMESTAMP: Final = re.compile(rb'"timestamp" ?: ?"[0-9TtZz:. +-]*"')
_NO_TIMESTAMP: Final = b'"timestamp":""'


# The topic says how grave a line is.
_LOGS: Final = {
    Kind.LOG_ERROR: LogLevel.ERROR,
    Kind.LOG_WARN: LogLevel.WARN,
    Kind.LOG_INFO: LogLevel.INFO,
    Kind.LOG_DEBUG: LogLevel.DEBUG,
}


class Rejection(StrEnum):
    """Why a message, or a part of one, was not used."""

    TOO_LARGE = "too_large"
    INVALID_JSON = "invalid_json"
    INVALID_UUID = "invalid_uuid"
    SPOOFED = "spoofed"
    WRONG_TYPE = "wrong_type"
    TOO_MANY_SCREENS = "too_many_screens"
    INVALID_IMAGE = "invalid_image"


@dataclass(frozen=True, kw_only=True, slots=True)
class Parsed:
    """A message, as far as it could be read, and why some or all of it could not."""

    message: Message | None = None
    rejection: Rejection | None = None


def gist(kind: Kind, payload: bytes | bytearray) -> bytes | None:
    """Return what a payload says but for the time, None where it is not likely to be said again."""
    if kind not in _REPEATED or len(payload) > _MAX_REPEATED_SIZE:
        return None
    return _TIMESTAMP.sub(_NO_TIMESTAMP, bytes(payload), 1)


def parse(kind: Kind, uuid: str | None, payload: bytes | bytearray) -> Parsed:
    """Read one payload that came on a topic of this kind and (discovery apart) of this screen."""
    if len(payload) > MAX_JSON_SIZE:
        return Parsed(rejection=Rejection.TOO_LARGE)
    claimed, parsed = _read(kind, payload)
    spoofed = uuid is not None and is_spoof(claimed, uuid)
    return Parsed(rejection=Rejection.SPOOFED) if spoofed else parsed


def _read(kind: Kind, payload: bytes | bytearray) -> tuple[Any, Parsed]:
    """Read what is said, and which screen it claims to be of."""
    if kind is Kind.SERVICE_FAILED and not payload:
        return None, Parsed(message=ServiceCleared())
    values = _loads(kind, payload)
    if not isinstance(values, dict):
        # An old client's bare "alive" is a sign of life all the same.
        alive = Parsed(message=Heartbeat())
        return None, alive if kind is Kind.HEARTBEAT else Parsed(rejection=Rejection.INVALID_JSON)
    return values.get("client_uuid"), _READERS[kind](Fields(values))


def _loads(kind: Kind, payload: bytes | bytearray) -> Any:
    """Read JSON, None where it is none; half a character is no reason to lose a line of a log."""
    try:
        return orjson.loads(payload)
    except orjson.JSONDecodeError:
        if kind not in _LOGS:
            return None
    try:
        return json.loads(payload, parse_constant=_refuse)
    except ValueError, RecursionError:
        return None


def _refuse(constant: str) -> None:
    """Refuse what is no JSON: NaN and its like."""
    raise ValueError(constant)


def is_spoof(claimed: Any, uuid: str) -> bool:
    """Tell whether a message claims to be of another screen than the one whose topic it came on."""
    return claimed is not None and not (isinstance(claimed, str) and claimed.lower() == uuid.lower())


def _parsed(message: Message, *blocks: Fields) -> Parsed:
    """Return a message together with whether one of its blocks held a wrong type."""
    wrong = any(block.wrong for block in blocks)
    return Parsed(message=message, rejection=Rejection.WRONG_TYPE if wrong else None)


def _discovery(fields: Fields) -> Parsed:
    uuid = fields.text("uuid")
    if uuid is None or not is_uuid(uuid):
        return Parsed(rejection=Rejection.INVALID_UUID)
    return _parsed(
        Discovery(
            uuid=uuid,
            hostname=fields.text("hostname"),
            ip=fields.text("ip"),
            mac=fields.text("mac"),
            model=fields.text("model") or fields.text("hardware_token"),
            os_version=fields.text("os_version"),
            software_version=fields.text("software_version"),
            recovery_class=fields.one_of("recovery_class", RecoveryClass),
            watchdog_enabled=fields.flag("watchdog_enabled"),
            boot_source=fields.text("boot_source"),
        ),
        fields,
    )


def _heartbeat(fields: Fields) -> Parsed:
    return _parsed(
        Heartbeat(
            process=fields.text("current_process"),
            pid=fields.whole("process_pid"),
            process_status=fields.one_of("process_status", ProcessStatus),
            current_event=fields.event_id("current_event_id"),
        ),
        fields,
    )


def _health(fields: Fields) -> Parsed:
    expected, actual = fields.block("expected_state"), fields.block("actual_state")
    metrics, broker = fields.block("health_metrics"), fields.block("broker_connection")
    return _parsed(
        Health(
            expected_event=expected.event_id("event_id"),
            process=actual.text("process"),
            pid=actual.whole("pid"),
            process_status=actual.one_of("status", ProcessStatus),
            screen_on=metrics.flag("screen_on"),
            last_frame_update=metrics.time("last_frame_update"),
            screen_health=metrics.one_of("screen_health_status", ScreenHealth),
            mqtt_reconnects=broker.whole("reconnect_count"),
            mqtt_last_disconnect=broker.time("last_disconnect_at"),
        ),
        fields,
        expected,
        actual,
        metrics,
        broker,
    )


def _ack(fields: Fields) -> Parsed:
    command_id = fields.text("command_id")
    status = fields.one_of("status", AckStatus)
    if command_id is None or status is None:
        return Parsed(rejection=Rejection.WRONG_TYPE)
    return _parsed(
        Ack(
            command_id=command_id,
            status=status,
            error_code=fields.text("error_code", MAX_ERROR_CODE),
            error_message=fields.text("error_message", MAX_ERROR_MESSAGE),
        ),
        fields,
    )


def _service_failed(fields: Fields) -> Parsed:
    unit, failed_at = fields.text("unit"), fields.text("failed_at")
    if unit is None and failed_at is None and fields.text("event") != Kind.SERVICE_FAILED:
        return Parsed(rejection=Rejection.WRONG_TYPE)  # nothing in it tells of a failure
    return _parsed(ServiceFailed(unit=unit, failed_at=failed_at), fields)


def _log(level: LogLevel, fields: Fields) -> Parsed:
    message = fields.raw("message")
    if message is None:
        return Parsed(rejection=Rejection.WRONG_TYPE)
    return _parsed(
        Log(
            level=level,
            message=bounded_text(message, MAX_LOG_SIZE),
            context=fields.context("context"),
            timestamp=fields.time("timestamp"),
        ),
        fields,
    )


_READERS: Final[Mapping[Kind, Callable[[Fields], Parsed]]] = {
    Kind.DISCOVERY: _discovery,
    Kind.HEARTBEAT: _heartbeat,
    Kind.HEALTH: _health,
    Kind.ACK: _ack,
    Kind.COMPAT_ACK: _ack,
    Kind.SERVICE_FAILED: _service_failed,
    **{kind: partial(_log, level) for kind, level in _LOGS.items()},
}
