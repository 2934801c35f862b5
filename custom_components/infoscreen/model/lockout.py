"""The safety lockout: a screen that is restarted again and again is not mended by one restart more."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from .commands import Command
from .lifecycle import Action, State

# Contract, "Safety lockout".
LIMIT: Final = 3
PERIOD: Final = timedelta(minutes=15)
_RESTARTS: Final = frozenset({Action.REBOOT_HOST, Action.RESTART_APP})
_ON_ITS_WAY: Final = frozenset({State.QUEUED, State.PUBLISH_IN_PROGRESS})


def locked_until(action: Action, commands: Iterable[Command], now: datetime) -> datetime | None:
    """Return until when a screen that had these commands must not have this one, None if it may."""
    if action not in _RESTARTS:
        return None
    counted = sorted(command.issued_at for command in commands if _counts(command, now))
    return counted[-LIMIT] + PERIOD if len(counted) >= LIMIT else None


def is_remembered(command: Command, now: datetime) -> bool:
    """Tell whether a command is kept beside its screen's newest one."""
    recent = command.published_at is not None and now - command.issued_at < PERIOD
    return recent or not command.settled


def _counts(command: Command, now: datetime) -> bool:
    """Tell whether a command counts: those never published do not, those on their way there do."""
    if command.action not in _RESTARTS or now - command.issued_at >= PERIOD:
        return False
    return command.published_at is not None or command.state in _ON_ITS_WAY
