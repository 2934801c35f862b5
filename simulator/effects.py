"""What a screen wants done by the connection that carries it."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True)
class Publish:
    """Send a message."""

    topic: str
    payload: bytes
    qos: int = 0
    retain: bool = False


@dataclass(frozen=True, kw_only=True)
class Subscribe:
    """Listen to topics."""

    topics: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Unsubscribe:
    """Listen to topics no longer."""

    topics: tuple[str, ...]


@dataclass(frozen=True)
class Disconnect:
    """Drop the connection, once everything before it has been sent."""


type Effect = Publish | Subscribe | Unsubscribe | Disconnect
type Step = Callable[[datetime], list[Effect]]


class Agenda:
    """Keep what is to happen later, each thing under a key of which there is one."""

    def __init__(self) -> None:
        self._steps: dict[Hashable, tuple[datetime, Step]] = {}

    @property
    def next_change(self) -> datetime | None:
        """Return when the next thing happens, if any does."""
        return min((at for at, _ in self._steps.values()), default=None)

    def put(self, key: Hashable, at: datetime, step: Step) -> None:
        """Plan a thing, or move it."""
        self._steps[key] = (at, step)

    def has(self, key: Hashable) -> bool:
        """Tell whether a thing is planned."""
        return key in self._steps

    def drop(self, *keys: Hashable) -> None:
        """Forget some things."""
        for key in keys:
            self._steps.pop(key, None)

    def clear(self) -> None:
        """Forget everything."""
        self._steps.clear()

    def take(self, now: datetime) -> Step | None:
        """Return and forget the earliest thing that is due."""
        due = [(at, key) for key, (at, _) in self._steps.items() if at <= now]
        if not due:
            return None
        _, key = min(due, key=lambda entry: entry[0])
        return self._steps.pop(key)[1]
