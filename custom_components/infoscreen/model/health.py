"""Whether a screen is alive, and how it is doing: product.md, "Status", in that order."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from .commands import Command, State
from .fleet import Screen
from .messages import NOTHING, ProcessStatus, ScreenHealth

# Contract, "Lifecycle": what is heard within this time of a shutdown's end is not life after it.
SHUTDOWN_QUIET: Final = timedelta(seconds=30)


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

    MANUAL_INTERVENTION = "manual_intervention_required"
    SHUT_DOWN = "shut_down"
    SILENT = "silent"
    PROCESS_CRASHED = "process_crashed"
    PICTURE_BLACK = "black"
    PICTURE_FROZEN = "frozen"
    LATE_COMMAND = "late_command"
    PROCESS_STARTING = "starting"
    PROCESS_STOPPED = "stopped"


@dataclass(frozen=True, kw_only=True, slots=True)
class Pulse:
    """When a screen last showed life, and since when that can be told.

    `listening_since` is the moment the connection to the broker last came up, None while it is down:
    each screen then has one fresh grace before silence means anything.
    """

    last_seen: datetime | None = None
    listening_since: datetime | None = None

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


def is_life(screen: Screen, now: datetime) -> bool:
    """Tell whether what a screen says now is a sign of life, or the last words of a shutdown."""
    return screen.off_since is None or now >= screen.off_since + SHUTDOWN_QUIET


@dataclass(frozen=True, kw_only=True, slots=True)
class ScreenState:
    """A screen together with all that its status rests on."""

    screen: Screen
    alive: bool | None = None
    command: Command | None = None

    @property
    def connected(self) -> bool | None:
        """Tell whether the screen is there; one shut down is not, whatever its last words were."""
        return self.alive if self.alive is None or self.screen.off_since is None else False

    @property
    def status(self) -> Status | None:
        """Return how the screen is doing, None while nobody can know."""
        return self._judged[0]

    @property
    def reasons(self) -> tuple[Reason, ...]:
        """Return what the status rests on, most telling first."""
        return self._judged[1]

    @property
    def _judged(self) -> tuple[Status | None, tuple[Reason, ...]]:
        screen, command = self.screen, self.command
        if not screen.heard:
            return Status.AWAITING_CONTACT, ()
        if self.alive is None:
            return None, ()
        stuck = command is not None and command.state is State.MANUAL_INTERVENTION_REQUIRED
        for status, reasons in (
            (Status.CRITICAL, _those({Reason.MANUAL_INTERVENTION: stuck})),
            (Status.PLANNED_OFF, _those({Reason.SHUT_DOWN: screen.off_since is not None})),
            (Status.OFFLINE, _those({Reason.SILENT: not self.alive})),
            (Status.CRITICAL, self._critical),
            (Status.WARNING, self._warning),
        ):
            if reasons:
                return status, reasons
        return Status.HEALTHY, ()

    @property
    def _critical(self) -> tuple[Reason, ...]:
        return _those(
            {
                Reason.PROCESS_CRASHED: self.screen.process_status is ProcessStatus.CRASHED,
                Reason.PICTURE_BLACK: self.screen.screen_health is ScreenHealth.BLACK,
            }
        )

    @property
    def _warning(self) -> tuple[Reason, ...]:
        screen, command = self.screen, self.command
        due = screen.expected_event not in (None, NOTHING)
        return _those(
            {
                Reason.PICTURE_FROZEN: screen.screen_health is ScreenHealth.FROZEN,
                Reason.LATE_COMMAND: command is not None and command.late and not command.over,
                Reason.PROCESS_STARTING: due and screen.process_status is ProcessStatus.STARTING,
                Reason.PROCESS_STOPPED: due and screen.process_status is ProcessStatus.STOPPED,
            }
        )


def _those(reasons: Mapping[Reason, bool]) -> tuple[Reason, ...]:
    """Return the reasons that hold."""
    return tuple(reason for reason, holds in reasons.items() if holds)
