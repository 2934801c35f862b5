"""The table: what was measured, and how it stands beside the goals."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from operator import ge, le
from statistics import median, quantiles
from typing import Final

from .run import Figure, Samples

_HEAD: Final = ("", "screens", "floor", "ours", "peer", "ours ÷ floor", "peer ÷ ours", "goal", "met")
FLOOR, OURS, PEER = "floor", "ours", "peer"


def _p99(samples: list[float]) -> float:
    return quantiles(samples, n=100, method="inclusive")[98]


def _ratio(values: dict[str, float], above: str, below: str) -> float | None:
    """Return how many times one is the other, infinitely many if the other is nothing."""
    if above not in values or below not in values:
        return None
    return values[above] / values[below] if values[below] else float("inf")


@dataclass(frozen=True)
class Goal:
    """What is asked of our figure, or of how many times one contender's is another's."""

    said: str
    holds: Callable[[float, float], bool]
    bound: float
    ratio: tuple[str, str] | None = None

    def met(self, values: dict[str, float]) -> str:
        """Tell whether it is met; nothing where it was not measured."""
        value = _ratio(values, *self.ratio) if self.ratio else values.get(OURS)
        if value is None:
            return ""
        return "yes" if self.holds(value, self.bound) else "no"


@dataclass(frozen=True)
class Row:
    """A figure as a line of the table."""

    figure: Figure
    title: str
    of: Callable[[list[float]], float] = median
    digits: int = 1
    goal: Goal | None = None
    things: str = ""  # what there are so many of, if not screens
    largest_only: bool = False  # the goal is one for the largest fleet


_OVER_FLOOR: Final = (OURS, FLOOR)
_UNDER_PEER: Final = (PEER, OURS)
_NO_WORSE: Final = Goal("≤ peer", ge, 1, _UNDER_PEER)
_EVENTS: Final = " events"
_GROWTH: Final = Goal("≤ 1.2", le, 1.2)

ROWS: Final = (
    Row(
        Figure.CPU,
        "CPU s per 1,000 messages, burst",
        digits=3,
        goal=Goal("≤ 1.4 × floor", le, 1.4, _OVER_FLOOR),
    ),
    Row(
        Figure.CPU,
        "… beside the peer",
        digits=3,
        goal=Goal("peer ≥ 4 ×", ge, 4, _UNDER_PEER),
        largest_only=True,
    ),
    Row(Figure.LATENCY, "publish → websocket, p50 ms", digits=2),
    Row(Figure.LATENCY, "publish → websocket, p99 ms", _p99, digits=2, goal=_NO_WORSE),
    Row(Figure.MEMORY, "memory per screen, KiB", digits=0, goal=Goal("≤ ½ peer", ge, 2, _UNDER_PEER)),
    Row(Figure.ROWS, "recorder rows per screen-hour at rest", goal=Goal("≤ ¼ peer", ge, 4, _UNDER_PEER)),
    Row(Figure.RESTART, "restart to all available, s", goal=_NO_WORSE, largest_only=True),
    Row(Figure.LOOK, "all looked at, cold, s", digits=2, goal=Goal("≤ 1 s", le, 1), things=_EVENTS),
    Row(
        Figure.EDIT,
        "looked at again after an edit, p99 ms",
        _p99,
        digits=2,
        goal=Goal("≤ 5 ms", le, 5),
        things=_EVENTS,
    ),
    Row(
        Figure.CHANGE,
        "all change at once → published, p99 ms",
        goal=Goal("≤ 100 ms", le, 100),
        things=" groups",
    ),
)


def _values(row: Row, samples: Samples, size: int) -> dict[str, float]:
    """Return a figure's values by contender, where it was measured."""
    found = {}
    for name in (FLOOR, OURS, PEER):
        if not (measured := samples.get((row.figure, size, name))):
            continue
        value = row.of(measured)
        if row.figure is Figure.MEMORY:
            value = (value - samples[row.figure, 0, name][0]) / size
        found[name] = value
    return found


def _show(value: float | None, digits: int) -> str:
    return "–" if value is None else "∞" if value == float("inf") else f"{value:.{digits}f}"


def _lines(samples: Samples) -> Iterator[tuple[str, ...]]:
    """Yield the table's lines."""
    for row in ROWS:
        sizes = _sizes(row, samples)
        for size in sizes[-1:] if row.largest_only else sizes:
            if not (values := _values(row, samples, size)):
                continue
            yield (
                row.title,
                f"{size:,}{row.things}",
                *(_show(values.get(name), row.digits) for name in (FLOOR, OURS, PEER)),
                *(_show(_ratio(values, *ratio), 2) for ratio in (_OVER_FLOOR, _UNDER_PEER)),
                *((row.goal.said, row.goal.met(values)) if row.goal else ("", "")),
            )
    if sizes := _sizes(ROWS[0], samples):
        yield from _growth(samples, sizes)


def _sizes(row: Row, samples: Samples) -> list[int]:
    """Return of which sizes a figure was measured."""
    return sorted({size for figure, size, _ in samples if figure is row.figure and size})


def _growth(samples: Samples, sizes: list[int]) -> Iterator[tuple[str, ...]]:
    """Yield how a message's cost grows from the smallest to the largest fleet."""
    cpu = [_values(ROWS[0], samples, size) for size in (sizes[0], sizes[-1])]
    if not all(cpu):
        return
    growth = {name: cpu[1][name] / cpu[0][name] for name in cpu[0]}
    yield (
        "growth of a message's CPU",
        f"{sizes[0]} → {sizes[-1]}",
        *(_show(growth[name], 2) for name in (FLOOR, OURS, PEER)),
        "–",
        "–",
        _GROWTH.said,
        _GROWTH.met(growth),
    )


def table(samples: Samples) -> str:
    """Return the table in Markdown, its columns aligned."""
    lines = [_HEAD, *_lines(samples)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(_HEAD))]
    written = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) + " |"
        for line in lines
    ]
    rule = "|" + "|".join("-" * (width + 2) for width in widths) + "|"
    return "\n".join([written[0], rule, *written[1:]])
