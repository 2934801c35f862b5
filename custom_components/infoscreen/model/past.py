"""A command as it is remembered: how it stands, and every stage it went through."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from .commands import Command
from .lifecycle import State
from .messages import AckStatus
from .wire import as_instant

# Product: the history of commands.
KEPT: Final = timedelta(days=90)


@dataclass(frozen=True, kw_only=True, slots=True)
class Stage:
    """A state that was reached, or what was heard of a command that was over: that changed nothing."""

    at: datetime
    state: State
    late: bool = False
    heard: AckStatus | None = None
    error_code: str | None = None
    error_message: str | None = None

    @property
    def told(self) -> dict[str, Any]:
        """Return the stage as JSON."""
        return {
            "at": as_instant(self.at),
            "state": self.state,
            "late": self.late,
            "heard": self.heard,
            "error_code": self.error_code,
            "error_message": self.error_message,
        }


@dataclass(frozen=True, kw_only=True, slots=True)
class Past:
    """A command with its stages, oldest first."""

    command: Command
    stages: tuple[Stage, ...]

    @property
    def told(self) -> dict[str, Any]:
        """Return all that is known of the command as JSON; late is also what was late once."""
        command = self.command
        published_at = command.published_at
        return command.told | {
            "state": command.state,
            "issued_at": as_instant(command.issued_at),
            "expires_at": as_instant(command.expires_at),
            "published_at": as_instant(published_at) if published_at else None,
            "late": any(stage.late for stage in self.stages),
            "may_still_run": command.may_still_run,
            "history": [stage.told for stage in self.stages],
        }
