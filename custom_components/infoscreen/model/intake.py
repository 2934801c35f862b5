"""What waits to be looked at: so much of each screen and in all, so that nobody takes more than a share."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

# As many as are kept, and a message of the largest size with another behind it.
MAX_LINE: Final = 20
MAX_LINE_BYTES: Final = 24 * 1024**2
# Pictures of ordinary size from several hundred screens at once, and no more than a small machine can spare.
MAX_WAITING_BYTES: Final = 64 * 1024**2
# What a screen may send at once, and how often in the long run.
BURST: Final = 30
PACE: Final = timedelta(seconds=5)
# Of one that sends more, the newest will do, and one that is in haste.
_MAX_FLOOD: Final = 2


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Waiting[T]:
    """Something of a screen that waits."""

    key: str
    size: int
    hasty: bool
    thing: T


class Intake[T]:
    """A line for each screen, in the order in which things came; it forgets rather than grows."""

    def __init__(self, max_bytes: int = MAX_WAITING_BYTES) -> None:
        self._lines: dict[str, list[Waiting[T]]] = {}
        self._busy: set[str] = set()
        self._paid_until: dict[str, datetime] = {}  # when a screen's past would be paid for at its pace
        self._max_bytes = max_bytes

    @property
    def size(self) -> int:
        """Return how many bytes wait."""
        return sum(map(_bytes, self._lines.values()))

    def put(self, waiting: Waiting[T], now: datetime) -> None:
        """Let something wait; what there is no room for any more is forgotten, the oldest first."""
        line = self._lines.setdefault(waiting.key, [])
        line.append(waiting)
        longest = MAX_LINE if self._free_at(waiting.key, now) <= now else _MAX_FLOOD
        while len(line) > longest or (len(line) > 1 and _bytes(line) > MAX_LINE_BYTES):
            _shorten(line)
        while self.size > self._max_bytes:
            heaviest = max(self._lines, key=lambda key: _bytes(self._lines[key]))
            _shorten(self._lines[heaviest])
            self._lines = {key: line for key, line in self._lines.items() if line}

    def take(self, now: datetime) -> Waiting[T] | None:
        """Return what is to be looked at now; the rest of its line waits until that is done."""
        free = [key for key in self._lines if key not in self._busy and self._free_at(key, now) <= now]
        if not free:
            return None
        key = next((key for key in free if any(each.hasty for each in self._lines[key])), free[0])
        first, *rest = self._lines.pop(key)
        if rest:
            self._lines[key] = rest  # behind the others
        self._busy.add(key)
        self._paid_until[key] = max(self._paid_until.get(key, now), now) + PACE
        return first

    def done(self, key: str) -> None:
        """Take in that what was taken of a screen has been looked at."""
        self._busy.discard(key)

    def forget(self, key: str) -> None:
        """Forget a screen that is no more."""
        self._lines.pop(key, None)
        self._paid_until.pop(key, None)

    def next_free(self, now: datetime) -> datetime | None:
        """Return when the first of those that sent too much may go on, None if nobody waits for that."""
        moments = (self._free_at(key, now) for key in self._lines if key not in self._busy)
        return min((moment for moment in moments if moment > now), default=None)

    def _free_at(self, key: str, now: datetime) -> datetime:
        """Return when a screen may go on."""
        return self._paid_until.get(key, now) - (BURST - 1) * PACE


def _bytes[T](line: list[Waiting[T]]) -> int:
    return sum(each.size for each in line)


def _shorten[T](line: list[Waiting[T]]) -> None:
    """Take the oldest out of a line, rather one in no haste; the last to come only where it is alone."""
    line.remove(next((each for each in line[:-1] if not each.hasty), line[0]))
