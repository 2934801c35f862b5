"""One run: the contenders side by side, their windows interleaved, so that a busy machine is busy for all."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Final

from . import change, measure, schedule
from .contender import Contender
from .floor import Floor, Idle
from .messages import Voices
from .ours import Ours
from .peer import Peer
from .plan import Plan


class Figure(StrEnum):
    """What can be measured."""

    CPU = "cpu"
    LATENCY = "latency"
    MEMORY = "memory"
    ROWS = "rows"
    RESTART = "restart"
    LOOK = "look"
    EDIT = "edit"
    CHANGE = "change"


#: What a quick run measures: starting a Home Assistant again and again takes time.
MESSAGE: Final = frozenset({Figure.CPU, Figure.LATENCY})
#: What has no contender: nothing of Home Assistant's own does it.
SCHEDULE: Final = frozenset({Figure.LOOK, Figure.EDIT, Figure.CHANGE})

type Samples = dict[tuple[Figure, int, str], list[float]]


class Run:
    """Measures every figure wanted, at every size, of every contender."""

    def __init__(
        self, plan: Plan, figures: frozenset[Figure], folder: Path, say: Callable[[str], None]
    ) -> None:
        self.samples: Samples = defaultdict(list)
        self._plan = plan
        self._figures = figures
        self._folder = folder
        self._say = say
        self._floor = Floor(folder)
        self._fleets: Sequence[Contender] = (Ours(folder), Peer(folder))
        self._all: Sequence[Contender] = (self._floor, *self._fleets)

    async def run(self) -> Samples:
        """Measure, and return the samples by figure, size of the fleet and contender."""
        if self._figures & SCHEDULE:
            self._say("the schedule")
            await self._measure_schedule()
        if Figure.MEMORY in self._figures:
            self._say("entities that do nothing")
            await self._measure_idle()
        if self._figures - SCHEDULE:
            await self._measure_fleets()
        return self.samples

    async def _measure_schedule(self) -> None:
        """Measure what is planned, by itself and in a Home Assistant."""
        planned = schedule.events()
        if Figure.LOOK in self._figures:
            for _ in range(self._plan.windows):
                self.samples[Figure.LOOK, schedule.EVENTS, Ours.name].append(schedule.cold(planned))
        if Figure.EDIT in self._figures:
            self.samples[Figure.EDIT, schedule.EVENTS, Ours.name] += schedule.edits(planned, 500)
        if Figure.CHANGE in self._figures:
            for name, late in (await change.changes(self._folder, self._plan.windows)).items():
                self.samples[Figure.CHANGE, change.GROUPS, name] += late

    async def _measure_idle(self) -> None:
        """Measure the floor of memory, by itself: beside it the others would have less of the machine."""
        idle = Idle(self._folder / "idle")
        try:
            await idle.set_up()
            await self._measure_empty(idle)
            await idle.grow(Voices(self._plan.sizes[-1]))
            await measure.restart(idle)
            self._note(Figure.MEMORY, idle, measure.memory(idle))
        finally:
            await idle.close()

    async def _measure_fleets(self) -> None:
        """Measure what screens say, to each contender."""
        try:
            self._say("setting up")
            await asyncio.gather(*(each.set_up() for each in self._all))
            await asyncio.gather(self._floor.grow(Voices(0)), *map(self._measure_empty, self._fleets))
            for size in self._plan.sizes:
                self._say(f"{size} screens")
                await self._measure(size)
        finally:
            await asyncio.gather(*(each.close() for each in self._all))

    def _note(self, figure: Figure, contender: Contender, *samples: float) -> None:
        """Keep what was measured."""
        if figure in self._figures:
            self.samples[figure, len(contender.voices.uuids), contender.name] += samples

    async def _measure_empty(self, contender: Contender) -> None:
        """Measure the memory to which a fleet's is compared."""
        if Figure.MEMORY in self._figures:
            await contender.start_empty()
            self._note(Figure.MEMORY, contender, measure.memory(contender))
            await contender.stop()

    async def _measure(self, size: int) -> None:
        """Measure one size of fleet."""
        self._floor.voices = Voices(size)
        await asyncio.gather(*(each.grow(Voices(size)) for each in self._fleets))
        if size == self._plan.sizes[-1]:
            await self._measure_largest()
        for _ in range(self._plan.windows):
            await self._window()
        await asyncio.gather(*(each.stop() for each in self._fleets))

    async def _measure_largest(self) -> None:
        """Measure what takes long and matters most where the fleet is large."""
        restarts = (
            self._plan.restarts if Figure.RESTART in self._figures else int(Figure.MEMORY in self._figures)
        )
        for _ in range(restarts):
            for each in self._fleets:
                self._note(Figure.RESTART, each, await measure.restart(each))
                # This process did not itself make the entities, and had no time yet to grow.
                self._note(Figure.MEMORY, each, measure.memory(each))
        if Figure.ROWS in self._figures:
            for each, found in zip(
                self._fleets,
                await asyncio.gather(*(measure.rows(each, self._plan.stretch) for each in self._fleets)),
                strict=True,
            ):
                self._note(Figure.ROWS, each, found)

    async def _window(self) -> None:
        """Measure, in turn, what is measured again and again."""
        for each in self._all:
            if Figure.CPU in self._figures:
                self._note(Figure.CPU, each, await measure.burst(each, self._plan.burst))
        for each in self._all:
            if Figure.LATENCY in self._figures:
                self._note(Figure.LATENCY, each, *await measure.latencies(each, self._plan.pings))
