"""Things as they are stored."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ..model.power import Target

type Stored = dict[str, Any]


def by[T](name: str, things: Iterable[T]) -> dict[Any, T]:
    """Return things by one of their names."""
    return {getattr(thing, name): thing for thing in things}


def by_target[T](read: Callable[[Stored], T], stored: Mapping[str, Stored]) -> dict[Target, T]:
    """Return things of groups by the group's id, those of screens by the screen's key."""
    return {int(key) if key.isdecimal() else key: read(each) for key, each in stored.items()}
