"""Whether a screen is alive, and how it is doing: product.md, "Status", in that order."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cached_property
from typing import Final

from .album import Album
from .commands import SILENCE_BEFORE_RETURN, Command
from .fleet import Screen
from .lifecycle import Action
from .logbook import QUIET, Digest
from .messages import NOTHING, Discovery, Message, ProcessStatus, ScreenHealth

# Contract, "Lifecycle": what is heard within this time of a shutdown's end is not life after it.
SHUTDOWN_QUIET: Final = timedelta(seconds=30)

_EMPTY: Final = Album()


class Status(StrEnum):
    """How a screen is doing, in one word."""

    AWAITING_CONTACT = "awaiting_contact"
    CRITICAL = "critical"
    PLANNED_OFF = "planned_off"
    OFFLINE = "offline"
    WARNING = "warning"
    HEALTHY = "healthy"


class Reason(StrEnum):
    """What a status rests on."""

    SERVICE_FAILED = "service_failed"
    MANUAL_INTERVENTION = "manual_intervention_required"
    SHUT_DOWN = "shut_down"
    SILENT = "silent"
    PROCESS_CRASHED = "process_crashed"
    PICTURE_BLACK = "black"
    PICTURE_FROZEN = "frozen"
    ERROR_LOGS = "error_logs"
    LATE_COMMAND = "late_command"
    PROCESS_STARTING = "starting"
    PROCESS_STOPPED = "stopped"


_PICTURE: Final = (Reason.PICTURE_BLACK, Reason.PICTURE_FROZEN)


class Pulse:
    """When a screen last showed life, when it last said anything, and since when that can be told.

    Every message moves it, so it is no value. `listening_since` is the moment the connection to the
    broker last came up, None while it is down: each screen then has one fresh grace before silence means
    anything.
    """

    __slots__ = ("last_heard", "last_seen", "listening_since")

    def __init__(
        self,
        *,
        last_seen: datetime | None = None,
        last_heard: datetime | None = None,
        listening_since: datetime | None = None,
    ) -> None:
        self.last_seen = last_seen
        self.last_heard = last_heard
        self.listening_since = listening_since

    def hear(self, now: datetime, *, life: bool) -> None:
        """Take in that the screen said something, be it a sign of life or not."""
        self.last_heard = now
        if life:
            self.last_seen = now

    def is_life(self, message: Message, state: ScreenState, now: datetime) -> bool:
        """Tell whether a message is a sign of life.

        An announcement of a screen that is there says nothing new. After a shutdown, last words are none:
        only an announcement or something after a silence is, and nothing within the first half minute.
        """
        announced = isinstance(message, Discovery)
        off_since = state.screen.off_since
        if off_since is None:
            return not (announced and state.alive)
        heard = max(moment for moment in (off_since, self.last_heard, self.listening_since) if moment)
        silence = now - heard
        return now >= off_since + SHUTDOWN_QUIET and (announced or silence >= SILENCE_BEFORE_RETURN)

    def alive(self, grace: timedelta, now: datetime) -> bool | None:
        """Tell whether the screen is alive, None while nobody can know."""
        if self.listening_since is None:
            return None
        if self.last_seen is not None and self.last_seen >= self.listening_since:
            return now < self.last_seen + grace
        return False if now >= self.listening_since + grace else None

    def silent_at(self, grace: timedelta) -> datetime | None:
        """Return when the screen counts as silent unless it speaks, None while nobody can know."""
        if self.listening_since is None:
            return None
        return max(self.last_seen or self.listening_since, self.listening_since) + grace


@dataclass(frozen=True, kw_only=True)
class ScreenState:
    """A screen together with all that its status rests on; its entities ask for that again and again."""

    screen: Screen
    alive: bool | None = None
    outage: bool = True  # nobody can know how any screen is
    due: bool = True  # its TV should be on, or nobody tells it
    mismatch: bool | None = None  # its TV has long not been what it should be; None is not known
    command: Command | None = None
    asked_at: datetime | None = None  # since when it needs a person: no command nor the ladder could help
    logs: Digest = QUIET
    album: Album = _EMPTY

    @property
    def needs_person(self) -> bool:
        """Tell whether nothing but a person can help the screen."""
        return self.asked_at is not None

    @property
    def connected(self) -> bool | None:
        """Tell whether the screen is there; one shut down is not, whatever its last words were."""
        if self.outage:
            return None
        return self.alive if self.screen.off_since is None else False

    @property
    def status(self) -> Status | None:
        """Return how the screen is doing, None while nobody can know."""
        return self._judged[0]

    @property
    def reasons(self) -> tuple[Reason, ...]:
        """Return what the status rests on, most telling first."""
        return self._judged[1]

    @property
    def meant_off(self) -> bool:
        """Tell whether the screen is away as it is meant to be: shut down, or silent while not due."""
        return self.screen.off_since is not None or (self.alive is False and not self.due)

    @property
    def remedy(self) -> Action | None:
        """Return what may bring back a screen that is offline or crashed, None for any other."""
        if self.alive is False and not self.meant_off and self.status in (Status.OFFLINE, Status.CRITICAL):
            return Action.REBOOT_HOST
        crashed = self.screen.process_status is ProcessStatus.CRASHED
        return Action.RESTART_APP if self.connected and crashed else None

    @property
    def complaints(self) -> Mapping[Reason, bool]:
        """Return what may be wrong with a screen that is there, and whether it is."""
        return {**self._critical, **self._warning}

    @cached_property
    def _judged(self) -> tuple[Status | None, tuple[Reason, ...]]:
        screen = self.screen
        if not screen.heard:
            return Status.AWAITING_CONTACT, ()
        if self.outage:
            return None, ()
        away = _first(
            (
                Status.CRITICAL,
                {
                    Reason.SERVICE_FAILED: screen.failure is not None,
                    Reason.MANUAL_INTERVENTION: self.needs_person,
                },
            ),
            (Status.PLANNED_OFF, {Reason.SHUT_DOWN: screen.off_since is not None}),
            (Status.OFFLINE if self.due else Status.PLANNED_OFF, {Reason.SILENT: self.alive is False}),
        )
        if away or self.alive is None:
            return away or (None, ())
        critical, warning = self._minded(self._critical), self._minded(self._warning)
        return _first((Status.CRITICAL, critical), (Status.WARNING, warning)) or (Status.HEALTHY, ())

    def _minded(self, reasons: Mapping[Reason, bool]) -> Mapping[Reason, bool]:
        """Leave out what is as it should be: a picture nobody is to see."""
        return {reason: holds and (self.due or reason not in _PICTURE) for reason, holds in reasons.items()}

    @property
    def _critical(self) -> Mapping[Reason, bool]:
        return {
            Reason.PROCESS_CRASHED: self.screen.process_status is ProcessStatus.CRASHED,
            Reason.PICTURE_BLACK: self.screen.screen_health is ScreenHealth.BLACK,
        }

    @property
    def _warning(self) -> Mapping[Reason, bool]:
        screen, command = self.screen, self.command
        due = screen.expected_event not in (None, NOTHING)
        return {
            Reason.PICTURE_FROZEN: screen.screen_health is ScreenHealth.FROZEN,
            Reason.ERROR_LOGS: self.logs.troubled,
            Reason.LATE_COMMAND: command is not None and command.late and not command.over,
            Reason.PROCESS_STARTING: due and screen.process_status is ProcessStatus.STARTING,
            Reason.PROCESS_STOPPED: due and screen.process_status is ProcessStatus.STOPPED,
        }


def _first(*rows: tuple[Status, Mapping[Reason, bool]]) -> tuple[Status, tuple[Reason, ...]] | None:
    """Return the first status of which a reason holds, with all of its reasons that do."""
    for status, reasons in rows:
        if found := tuple(reason for reason, holds in reasons.items() if holds):
            return status, found
    return None
