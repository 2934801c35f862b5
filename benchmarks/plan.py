"""How much is measured."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """The sizes of fleets, and how often and how long to look."""

    sizes: tuple[int, ...]
    windows: int  # of one burst each, the contenders in turn
    burst: int  # messages
    pings: int  # per window
    restarts: int  # of the largest fleet
    stretch: int  # seconds at rest


FULL: Final = Plan(sizes=(10, 100, 500), windows=7, burst=10_000, pings=150, restarts=3, stretch=650)
QUICK: Final = Plan(sizes=(10, 100), windows=3, burst=3_000, pings=30, restarts=1, stretch=130)
