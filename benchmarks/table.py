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


@dataclass(frozen=True, kw_only=True)
class Row:
    """A figure as a line of the table."""

    figure: Figure
    title: str
    of: Callable[[list[float]], float] = median
    digits: int = 1
    goal: str = ""
    floor_at_most: float | None = None  # ours ÷ floor
    peer_at_least: float | None = None  # peer ÷ ours
    ours_at_most: float | None = None
    things: str = ""  # what there are so many of, if not screens
    largest_only: bool = False  # the goal is one for the largest fleet


ROWS: Final = (
    Row(
        figure=Figure.CPU,
        title="CPU s per 1,000 messages, burst",
        digits=3,
        goal="≤ 1.4 × floor",
        floor_at_most=1.4,
    ),
    Row(
        figure=Figure.CPU,
        title="… beside the peer",
        digits=3,
        goal="peer ≥ 4 ×",
        peer_at_least=4,
        largest_only=True,
    ),
    Row(figure=Figure.LATENCY, title="publish → websocket, p50 ms", digits=2),
    Row(
        figure=Figure.LATENCY,
        title="publish → websocket, p99 ms",
        of=_p99,
        digits=2,
        goal="≤ peer",
        peer_at_least=1,
    ),
    Row(figure=Figure.MEMORY, title="memory per screen, KiB", digits=0, goal="≤ ½ peer", peer_at_least=2),
    Row(figure=Figure.ROWS, title="recorder rows per screen-hour at rest", goal="≤ ¼ peer", peer_at_least=4),
    Row(
        figure=Figure.RESTART,
        title="restart to all available, s",
        goal="≤ peer",
        peer_at_least=1,
        largest_only=True,
    ),
    Row(
        figure=Figure.LOOK,
        title="all looked at, cold, s",
        digits=2,
        goal="≤ 1 s",
        ours_at_most=1,
        things=" events",
    ),
    Row(
        figure=Figure.EDIT,
        title="looked at again after an edit, p99 ms",
        of=_p99,
        digits=2,
        goal="≤ 5 ms",
        ours_at_most=5,
        things=" events",
    ),
    Row(
        figure=Figure.CHANGE,
        title="all change at once → published, p99 ms",
        of=_p99,
        goal="≤ 100 ms",
        ours_at_most=100,
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


def _ratio(values: dict[str, float], above: str, below: str) -> float | None:
    """Return how many times one is the other, infinitely many if the other is nothing."""
    if above not in values or below not in values:
        return None
    return values[above] / values[below] if values[below] else float("inf")


def _met(row: Row, ours: float | None, over_floor: float | None, under_peer: float | None) -> str:
    """Tell whether the goal is met."""
    checks = (
        (ours, row.ours_at_most, le),
        (over_floor, row.floor_at_most, le),
        (under_peer, row.peer_at_least, ge),
    )
    for value, goal, holds in checks:
        if value is not None and goal is not None:
            return "yes" if holds(value, goal) else "no"
    return ""


def _show(value: float | None, digits: int) -> str:
    return "–" if value is None else "∞" if value == float("inf") else f"{value:.{digits}f}"


def _lines(samples: Samples) -> Iterator[tuple[str, ...]]:
    """Yield the table's lines."""
    for row in ROWS:
        sizes = _sizes(row, samples)
        for size in sizes[-1:] if row.largest_only else sizes:
            if not (values := _values(row, samples, size)):
                continue
            over_floor, under_peer = _ratio(values, OURS, FLOOR), _ratio(values, PEER, OURS)
            yield (
                row.title,
                f"{size:,}{row.things}",
                *(_show(values.get(name), row.digits) for name in (FLOOR, OURS, PEER)),
                _show(over_floor, 2),
                _show(under_peer, 2),
                row.goal,
                _met(row, values.get(OURS), over_floor, under_peer),
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
        "≤ 1.2",
        "yes" if growth[OURS] <= 1.2 else "no",
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
