"""What screens say, as values: a missing field is None and leaves what was known.

Contract, "Screen → controller". An event id alone can be known to be none: `null` there says that nothing is
shown or expected.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum, StrEnum
from typing import Any, Final, Literal


class ProcessStatus(StrEnum):
    """How the process that shows the content is doing."""

    RUNNING = "running"
    CRASHED = "crashed"
    STARTING = "starting"
    STOPPED = "stopped"


class ScreenHealth(StrEnum):
    """What the screen itself makes of its picture."""

    OK = "OK"
    BLACK = "BLACK"
    FROZEN = "FROZEN"
    UNKNOWN = "UNKNOWN"


class RecoveryClass(StrEnum):
    """How a hung screen can be brought back."""

    SOFTWARE_ONLY = "software_only"
    MANAGED_POE_AVAILABLE = "managed_poe_available"
    MANUAL_ONLY = "manual_only"


class AckStatus(StrEnum):
    """What a screen says of a command."""

    ACCEPTED = "accepted"
    EXECUTION_STARTED = "execution_started"
    COMPLETED = "completed"
    FAILED = "failed"


class LogLevel(StrEnum):
    """How grave a line of a screen's log is, the gravest last."""

    DEBUG = "debug"
    INFO = "info"
    WARN = "warn"
    ERROR = "error"

    @property
    def and_graver(self) -> list[LogLevel]:
        """Return this level and those above it."""
        levels = list(LogLevel)
        return levels[levels.index(self) :]


class Capture(StrEnum):
    """Why a screen took a screenshot."""

    PERIODIC = "periodic"
    EVENT_START = "event_start"
    EVENT_STOP = "event_stop"

    @property
    def priority(self) -> bool:
        """Tell whether somebody may be waiting to see it."""
        return self is not Capture.PERIODIC


class Nothing(Enum):
    """An event id that is known to be none."""

    NOTHING = "nothing"


NOTHING: Final = Nothing.NOTHING
type EventId = int | Literal[Nothing.NOTHING] | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Discovery:
    """A screen announces itself."""

    uuid: str
    hostname: str | None = None
    ip: str | None = None
    mac: str | None = None
    model: str | None = None
    os_version: str | None = None
    software_version: str | None = None
    recovery_class: RecoveryClass | None = None
    watchdog_enabled: bool | None = None
    boot_source: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Heartbeat:
    """A screen is alive and says what it shows."""

    process: str | None = None
    pid: int | None = None
    process_status: ProcessStatus | None = None
    current_event: EventId = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Health:
    """A screen says how it is, every five seconds."""

    expected_event: EventId = None
    process: str | None = None
    pid: int | None = None
    process_status: ProcessStatus | None = None
    screen_on: bool | None = None
    last_frame_update: datetime | None = None
    screen_health: ScreenHealth | None = None
    mqtt_reconnects: int | None = None
    mqtt_last_disconnect: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Ack:
    """A screen acknowledges a stage of a command."""

    command_id: str
    status: AckStatus
    error_code: str | None = None
    error_message: str | None = None

    @property
    def runs(self) -> bool:
        """Tell whether the screen carries the command out, or has done so."""
        return self.status in (AckStatus.EXECUTION_STARTED, AckStatus.COMPLETED)


@dataclass(frozen=True, kw_only=True, slots=True)
class ServiceFailed:
    """systemd gave up restarting a service; `failed_at` tells one failure from another."""

    unit: str | None = None
    failed_at: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class ServiceCleared:
    """A failure was taken off the broker, by whomever."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Log:
    """A line of a screen's log; `timestamp` is the screen's own, shown and never compared."""

    level: LogLevel
    message: str
    context: dict[str, Any] | str | None = None
    timestamp: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Screenshot:
    """A screen shows what is to be seen on it; says nothing of the screen itself, and is no `Message`."""

    picture: bytes
    capture: Capture = Capture.PERIODIC
    captured_at: datetime | None = None


type Message = Discovery | Heartbeat | Health | Ack | ServiceFailed | ServiceCleared | Log
