"""What is wrong with a screen that recovery could mend, and whether it is the screen's own doing at all."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from .health import ScreenState
from .messages import ProcessStatus


class Cause(StrEnum):
    """What is wrong with a screen that needs recovery, in the words of the wire's reasons."""

    HEARTBEAT_STALE = "heartbeat_stale"
    PROCESS_CRASHED = "process_crashed"
    SERVICE_FAILED = "service_failed"


@dataclass(frozen=True, kw_only=True, slots=True)
class Sight:
    """What the ladder sees of a screen."""

    cause: Cause | None = None
    speaks: bool = False
    meant_off: bool = False

    @property
    def well(self) -> bool:
        """Tell whether the screen is there and nothing is wrong with it that the ladder could mend."""
        return self.speaks and self.cause is None


def sight(state: ScreenState, mended_at: datetime | None, *, ups_event: bool = False) -> Sight:
    """Return what the ladder sees of a screen, of which a step last did its work at `mended_at`.

    While the broker or the power is out nothing that is seen is the screen's own doing.
    A failed service stays told until it has been running for long; a step that worked is given the benefit
    of the doubt until it fails anew.
    """
    screen = state.screen
    if state.meant_off:
        return Sight(meant_off=True)
    if state.outage or ups_event or not screen.heard or state.alive is None:
        return Sight()
    if not state.alive:
        return Sight(cause=Cause.HEARTBEAT_STALE)
    if screen.process_status is ProcessStatus.CRASHED:
        return Sight(cause=Cause.PROCESS_CRASHED, speaks=True)
    failure = screen.failure
    if failure is not None and (mended_at is None or failure.received_at > mended_at):
        return Sight(cause=Cause.SERVICE_FAILED, speaks=True)
    return Sight(speaks=True)
