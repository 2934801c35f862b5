"""What became of the wish to command screens, and how it is told when it came to nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from homeassistant.util import dt as dt_util

from .errors import failure
from .model.commands import Command
from .model.lifecycle import PUBLISH_FAILED, State


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """A command as it stands once the broker has taken it, or it was refused."""

    screen: str  # its name
    command: Command
    locked_until: datetime | None

    @property
    def failed(self) -> bool:
        """Tell whether the command never went out."""
        command = self.command
        unsent = command.state is State.FAILED and command.error_code == PUBLISH_FAILED
        return unsent or command.state is State.BLOCKED_SAFETY


def raise_failed(outcomes: Sequence[Outcome]) -> None:
    """Raise one error that names all screens whose command never went out, if there are any."""
    failed = [outcome for outcome in outcomes if outcome.failed]
    unsent = _names([outcome for outcome in failed if outcome.locked_until is None])
    locked = _names([outcome for outcome in failed if outcome.locked_until is not None])
    until = _clock(max((outcome.locked_until for outcome in failed if outcome.locked_until), default=None))
    if unsent and locked:
        raise failure("commands_failed", unsent=unsent, locked=locked, until=until)
    if unsent:
        raise failure("command_not_published", screens=unsent)
    if locked:
        raise failure("command_locked_out", screens=locked, until=until)


def _names(outcomes: Sequence[Outcome]) -> str:
    return ", ".join(sorted(outcome.screen for outcome in outcomes))


def _clock(moment: datetime | None) -> str:
    """Return what the clock on the wall shows then, to the second: one too early is refused again."""
    return dt_util.as_local(moment).strftime("%H:%M:%S") if moment else ""
