"""How many screens are how, in the fleet and in each group: kept by each change, never counted anew."""

from collections import Counter
from collections.abc import Iterator
from enum import StrEnum
from typing import Final

from .health import ScreenState, Status


class Trait(StrEnum):
    """What screens are counted by."""

    SCREENS = "screens"
    ONLINE = "screens_online"
    OFFLINE = "screens_offline"
    WARNING = "screens_warning"
    CRITICAL = "screens_critical"


_OF_STATUS: Final = {
    Status.OFFLINE: Trait.OFFLINE,
    Status.WARNING: Trait.WARNING,
    Status.CRITICAL: Trait.CRITICAL,
}


def traits(state: ScreenState) -> Iterator[Trait]:
    """Name what a screen counts as."""
    yield Trait.SCREENS
    if state.connected:
        yield Trait.ONLINE
    if state.status in _OF_STATUS:
        yield _OF_STATUS[state.status]


class Tally:
    """The counts of one fleet; the group None is the whole of it."""

    def __init__(self) -> None:
        self._counts: Counter[tuple[int | None, Trait]] = Counter()

    def count(self, trait: Trait, group_id: int | None = None) -> int:
        """Return how many screens of a group, or of the fleet, have a trait."""
        return self._counts[group_id, trait]

    def move(self, before: ScreenState | None, after: ScreenState | None) -> set[int | None]:
        """Take over what became of a screen (None: not there); return the groups whose counts changed."""
        old, new = _marks(before), _marks(after)
        for mark in new - old:
            self._counts[mark] += 1
        for mark in old - new:
            self._counts[mark] -= 1
        return {group_id for group_id, _trait in old ^ new}


def _marks(state: ScreenState | None) -> set[tuple[int | None, Trait]]:
    """Return the counts that a screen is in, of its fleet and of its group."""
    if state is None:
        return set()
    groups = {None, state.screen.group_id}
    return {(group_id, trait) for trait in traits(state) for group_id in groups}
