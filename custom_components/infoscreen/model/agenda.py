"""Who is to be looked at when; asking for the first costs nothing, however many there are."""

from collections.abc import Iterator
from datetime import datetime
import heapq


class Agenda:
    """Remembers one moment for each name, the earliest it was given."""

    def __init__(self) -> None:
        self._moments: dict[str, datetime] = {}
        self._heap: list[tuple[datetime, str]] = []

    @property
    def first(self) -> datetime | None:
        """Return the first moment, None while there is none."""
        while self._heap and self._moments.get(self._heap[0][1]) != self._heap[0][0]:
            heapq.heappop(self._heap)  # of somebody who was put earlier, or taken off
        return self._heap[0][0] if self._heap else None

    def put(self, name: str, moment: datetime) -> None:
        """Look at somebody at this moment, unless that is to happen earlier."""
        known = self._moments.get(name)
        if known is None or moment < known:
            self._moments[name] = moment
            heapq.heappush(self._heap, (moment, name))

    def drop(self, name: str) -> None:
        """Look at somebody no more."""
        self._moments.pop(name, None)

    def due(self, now: datetime) -> Iterator[str]:
        """Take off and return whoever is to be looked at by now."""
        while (first := self.first) is not None and first <= now:
            _, name = heapq.heappop(self._heap)
            del self._moments[name]
            yield name
