"""Who becomes known by itself, who waits for a person, and who is not heard."""

from collections.abc import Collection, Iterable, Mapping
from enum import StrEnum
from itertools import islice
from typing import Final

from .fleet import MAX_NEW_SCREENS, Screen

# Anybody who may publish can make up UUIDs: so many are remembered, and no more.
MAX_WAITING: Final = 1000
# Twice as many are blocked before the oldest is forgotten, which may then wait again.
MAX_BLOCKED: Final = 2000


class Entrance(StrEnum):
    """What becomes of a screen that is not known."""

    WELCOME = "welcome"
    WAITS = "waits"
    BLOCKED = "blocked"
    FULL = "full"  # so many wait that one more would not be remembered


def entrance(key: str, *, waiting: Collection[str], blocked: Collection[str], ask: bool) -> Entrance:
    """Tell what becomes of a screen; who waits once, waits until a person has decided."""
    if key in blocked:
        return Entrance.BLOCKED
    if key in waiting:
        return Entrance.WAITS
    if not ask:
        return Entrance.WELCOME
    return Entrance.WAITS if len(waiting) < MAX_WAITING else Entrance.FULL


def asked_singly(waiting: Iterable[str], *, approve: bool) -> list[str]:
    """Return which of those waiting are asked for one by one.

    These are the first where every new screen is approved; the rest, and a flood, are one question.
    """
    return list(islice(waiting, MAX_NEW_SCREENS)) if approve else []


def with_blocked(blocked: Mapping[str, Screen], more: Mapping[str, Screen]) -> dict[str, Screen]:
    """Return the screens that are blocked from now on, the newest last."""
    kept = {key: screen for key, screen in blocked.items() if key not in more} | dict(more)
    return dict(islice(kept.items(), max(0, len(kept) - MAX_BLOCKED), None))
