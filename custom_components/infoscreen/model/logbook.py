"""What a screen's log amounts to: how many errors and warnings in a day, and when that changes by itself."""

from collections import deque
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Self

import orjson

from .messages import Log, LogLevel
from .text import printable
from .throttle import Throttle
from .wire import as_instant, as_json

# Product, "Screen": errors_24h, warnings_24h; "Status": error logs in the last hour.
DAY: Final = timedelta(days=1)
TROUBLED: Final = timedelta(hours=1)

# So many lines of a day leave the count exactly when they are a day old; those of a crash loop by the minute.
_EXACT: Final = 1000
_COARSE: Final = timedelta(minutes=1)

# edges.md, "Screens": at most one state of event.log.
_TELLING: Final = timedelta(seconds=10)
# Counts follow each line, but a crash loop writes no more states than this at once.
_SHOWN_AT_ONCE: Final = 100

COUNTED: Final = (LogLevel.ERROR, LogLevel.WARN)


# What a line takes in memory beside its texts.
_OVERHEAD: Final = 512


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """A line of a screen's log as it is kept."""

    screen: str  # its key
    received_at: datetime
    level: LogLevel
    message: str
    context: str | None = None  # as JSON
    timestamp: datetime | None = None  # the screen's own

    @classmethod
    def of(cls, screen: str, log: Log, now: datetime) -> Self:
        """Return what is kept of what a screen logs."""
        return cls(
            screen=screen,
            received_at=now,
            level=log.level,
            message=log.message,
            context=None if log.context is None else as_json(log.context).decode(),
            timestamp=log.timestamp,
        )

    @property
    def size(self) -> int:
        """Return about how much memory the line takes."""
        return _OVERHEAD + len(self.message) + len(self.context or "")

    @property
    def told(self) -> dict[str, Any]:
        """Return what people are told of the line."""
        return {
            "timestamp": as_instant(self.timestamp or self.received_at),
            "level": self.level,
            "message": self.message,
            "context": None if self.context is None else orjson.loads(self.context),
        }


@dataclass(frozen=True, kw_only=True, slots=True)
class Telling:
    """A line that is worth an event, and how many before it were not told."""

    line: Line
    suppressed: int

    @property
    def attributes(self) -> dict[str, Any]:
        """Return what goes with the event."""
        told = self.line.told
        del told["level"]
        return told | {"message": printable(self.line.message), "suppressed": self.suppressed}


@dataclass(frozen=True, kw_only=True, slots=True)
class Digest:
    """What is shown of a log."""

    errors: int = 0
    warnings: int = 0
    troubled: bool = False  # errors within the last hour


QUIET: Final = Digest()


class _Window:
    """How many lines there were within the last day."""

    def __init__(self) -> None:
        self._runs: deque[tuple[datetime, int]] = deque()  # the first moment of each, and how many
        self.count = 0

    @property
    def ends_at(self) -> datetime | None:
        """Return when the oldest lines are a day old."""
        return self._runs[0][0] + DAY if self._runs else None

    def add(self, moment: datetime, number: int) -> None:
        """Count lines."""
        self.count += number
        width = _COARSE if len(self._runs) >= _EXACT else timedelta()
        if self._runs and moment <= self._runs[-1][0] + width:
            first, before = self._runs.pop()
            moment, number = first, before + number
        self._runs.append((moment, number))

    def join(self, other: Self) -> None:
        """Count what another counts too."""
        runs = sorted([*self._runs, *other._runs])
        self._runs.clear()
        self.count = 0
        for moment, number in runs:
            self.add(moment, number)

    def drop(self, now: datetime) -> None:
        """Forget what is a day old."""
        while self._runs and self._runs[0][0] <= now - DAY:
            self.count -= self._runs.popleft()[1]


class Logbook:
    """Counts one screen's errors and warnings, and tells what of it is to be shown."""

    def __init__(self) -> None:
        self._windows = {level: _Window() for level in COUNTED}
        self._last_error: datetime | None = None
        self._shown = QUIET
        self._pace = Throttle(_SHOWN_AT_ONCE, _TELLING)
        self._voice = Throttle(1, _TELLING)
        self._suppressed = 0

    def heard(self, level: LogLevel, moment: datetime, number: int = 1) -> None:
        """Count lines of a level that counts."""
        self._windows[level].add(moment, number)
        if level is LogLevel.ERROR:
            self._last_error = moment

    def join(self, other: Self) -> None:
        """Take over what another screen logged."""
        for level, window in self._windows.items():
            window.join(other._windows[level])
        self._last_error = max(filter(None, (self._last_error, other._last_error)), default=None)

    def told(self, line: Line) -> Telling | None:
        """Return what is told of a line; nothing shortly after another was."""
        if not self._voice.take(line.received_at):
            self._suppressed += 1
            return None
        suppressed, self._suppressed = self._suppressed, 0
        return Telling(line=line, suppressed=suppressed)

    def shown(self, now: datetime) -> Digest:
        """Return what is to be shown now; of too many changes some are shown later."""
        digest = self._digest(now)
        hasty = digest.troubled is not self._shown.troubled
        if digest != self._shown and (self._pace.take(now) or hasty):
            self._shown = digest
        return self._shown

    def next_look(self, now: datetime) -> datetime | None:
        """Return when what is to be shown changes by itself, None if it does not."""
        moments = [window.ends_at for window in self._windows.values()]
        if self._digest(now) != self._shown:
            moments.append(self._pace.free_at)
        if self._shown.troubled and self._last_error is not None:
            moments.append(self._last_error + TROUBLED)
        return min((moment for moment in moments if moment is not None), default=None)

    def _digest(self, now: datetime) -> Digest:
        for window in self._windows.values():
            window.drop(now)
        return Digest(
            errors=self._windows[LogLevel.ERROR].count,
            warnings=self._windows[LogLevel.WARN].count,
            troubled=self._last_error is not None and now < self._last_error + TROUBLED,
        )
