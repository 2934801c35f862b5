"""What a screen is, how fast it lives, and what it knows at a moment."""

from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from typing import Any, Self

from .wire import Channel, EventType, ProcessStatus, ScreenHealth, read_json, read_object, read_time

MEMORY = 500
"""How many commands a screen remembers: far more than it can be sent within a command's life."""

APPLICATIONS = {
    EventType.PRESENTATION: "impressive",
    EventType.WEBSITE: "chromium",
    EventType.WEBUNTIS: "chromium",
    EventType.VIDEO: "vlc",
    EventType.MESSAGE: "message",
    EventType.OTHER: "other",
}


class Fault(StrEnum):
    """Name what can be wrong with a screen."""

    SILENT = "silent"
    OFFLINE = "offline"
    CRASHED = "crashed"
    BLACK = "black"
    FROZEN = "frozen"
    SLOW_ACK = "slow_ack"
    DOUBLE_ACK = "double_ack"
    FAILED = "failed"
    REBOOT_NEVER_RETURNS = "reboot_never_returns"
    WRONG_UUID = "wrong_uuid"
    GARBAGE = "garbage"


class Power(StrEnum):
    """Name the states of the computer itself."""

    UP = "up"
    REBOOTING = "rebooting"
    OFF = "off"


@dataclass(frozen=True, kw_only=True)
class Identity:
    """Say which screen this is and which command channels its software knows."""

    uuid: str
    hostname: str = "infoscreen"
    ip: str = "192.0.2.1"
    mac: str = "02:00:00:00:00:01"
    model: str = "Raspberry Pi 4 Model B"
    os_version: str = "Debian GNU/Linux 13 (trixie)"
    software_version: str = "1.0.0"
    channels: frozenset[Channel] = frozenset({Channel.COMMANDS, Channel.COMMAND})


@dataclass(frozen=True, kw_only=True)
class Pace:
    """Say how long everything takes; the first four are the contract's, the others what a Pi needs."""

    heartbeat: timedelta = timedelta(seconds=65)
    health: timedelta = timedelta(seconds=5)
    discovery: timedelta = timedelta(seconds=30)
    dashboard: timedelta = timedelta(minutes=5)
    boot: timedelta = timedelta(seconds=40)
    stage: timedelta = timedelta(seconds=2)
    tv: timedelta = timedelta(seconds=1)
    slow_ack: timedelta = timedelta(seconds=30)
    first_retry: timedelta = timedelta(seconds=1)
    last_retry: timedelta = timedelta(seconds=30)

    def times(self, speed: float) -> Self:
        """Return the same life, so many times as fast."""
        return replace(self, **{field.name: getattr(self, field.name) / speed for field in fields(self)})


@dataclass(frozen=True, kw_only=True)
class Event:
    """Say what a screen shows."""

    id: int
    title: str
    event_type: EventType
    detail: str

    @classmethod
    def read(cls, element: Any, group_id: int | None) -> Self:
        """Read one element of a group's list; raise ValueError when it is none."""
        match element:
            case {"id": int(id_), "group_id": int(group), "title": str(title), "event_type": str(kind)}:
                if group != group_id:
                    raise ValueError(f"Event {id_} is of group {group}")
                block = element.get("website" if kind == "webuntis" else kind)
                detail = (block.get("url") or block.get("text")) if isinstance(block, dict) else None
                return cls(id=id_, title=title, event_type=EventType(kind), detail=str(detail or kind))
        raise ValueError("An element of the list is not an event")

    @classmethod
    def read_list(cls, payload: bytes, group_id: int | None) -> tuple[Self, ...]:
        """Read a group's list; an empty payload is a group that is gone; raise ValueError otherwise."""
        elements = read_json(payload) if payload else []
        if not isinstance(elements, list):
            raise ValueError("The payload is not a list")  # noqa: TRY004  one error for all
        return tuple(cls.read(element, group_id) for element in elements)


@dataclass(frozen=True, kw_only=True)
class Intent:
    """Say what the TV should be, and how long that holds."""

    on: bool
    expires_at: datetime

    @classmethod
    def read(cls, payload: bytes, whose: dict[str, Any]) -> Self | None:
        """Read a power intent; empty is none; raise ValueError for one that is broken or another's."""
        if not payload:
            return None
        match fields := read_object(payload):
            case {"schema_version": "1.0", "desired_state": "on" | "off" as desired, "expires_at": expiry}:
                if not whose.items() <= fields.items():
                    raise ValueError("The power intent is for somebody else")
                return cls(on=desired == "on", expires_at=read_time(expiry))
        raise ValueError("The payload is not a power intent")


@dataclass(frozen=True, kw_only=True)
class Memory:
    """Keep what must outlive a restart: the commands taken, and the reboot under way."""

    taken: tuple[tuple[str, str], ...] = ()
    rebooting: str | None = None

    def knows(self, command_id: str) -> bool:
        """Tell whether a command with this id was taken."""
        return any(command_id.lower() == known for known, _ in self.taken)

    def took(self, command_id: str, payload: bytes) -> bool:
        """Tell whether exactly these bytes were taken."""
        return _entry(command_id, payload) in self.taken

    def take(self, command_id: str, payload: bytes) -> Self:
        """Return the memory with one more command in it."""
        return replace(self, taken=(*self.taken, _entry(command_id, payload))[-MEMORY:])


@dataclass(frozen=True, kw_only=True)
class State:
    """Say all that a screen knows and is at a moment."""

    power: Power = Power.UP
    connected: bool = False
    acknowledged: bool = False
    group_id: int | None = None
    events: tuple[Event, ...] = ()
    own_intent: Intent | None = None
    group_intent: Intent | None = None
    process: ProcessStatus = ProcessStatus.RUNNING
    pid: int = 1000
    last_frame: datetime | None = None
    reconnects: int = 0
    last_disconnect: datetime | None = None
    faults: frozenset[Fault] = frozenset()
    memory: Memory = Memory()
    executed: tuple[str, ...] = ()
    shown: tuple[int, ...] = ()
    turns: tuple[tuple[datetime, bool], ...] = ()

    @property
    def reachable(self) -> bool:
        """Tell whether the screen should have a connection."""
        return self.power is Power.UP and Fault.OFFLINE not in self.faults

    @property
    def event(self) -> Event | None:
        """Return what the screen shows: the first of its group's events."""
        return self.events[0] if self.events else None

    @property
    def application(self) -> str:
        """Return the program that shows the event."""
        return APPLICATIONS[self.event.event_type] if self.event else "idle"

    @property
    def process_status(self) -> ProcessStatus:
        """Return how that program does."""
        return ProcessStatus.CRASHED if Fault.CRASHED in self.faults else self.process

    @property
    def health(self) -> ScreenHealth:
        """Return how the picture looks."""
        if Fault.BLACK in self.faults:
            return ScreenHealth.BLACK
        return ScreenHealth.FROZEN if Fault.FROZEN in self.faults else ScreenHealth.OK

    @property
    def intent(self) -> Intent | None:
        """Return what the screen obeys: its own intent comes before its group's."""
        return self.own_intent or self.group_intent

    def screen_on(self, now: datetime) -> bool:
        """Tell whether the TV is to be on: without any intent it is."""
        intent = self.intent
        return intent is None or (intent.on and now < intent.expires_at)

    def booted(self) -> Self:
        """Return what is left after a reboot: what is wrong, what was remembered, what was counted."""
        return type(self)(
            faults=self.faults,
            memory=self.memory,
            executed=self.executed,
            shown=self.shown,
            pid=self.pid + 1,
            turns=self.turns,
        )


def _entry(command_id: str, payload: bytes) -> tuple[str, str]:
    """Return what is remembered of a command: its id and a digest of its bytes."""
    return command_id.lower(), sha256(payload).hexdigest()
