"""Many screens at once, the same ones whenever the seed is the same."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Self, TypedDict, Unpack
from uuid import NAMESPACE_DNS, uuid5

from .client import SimulatedScreen
from .state import Identity, Pace

MODELS = ("Raspberry Pi 4 Model B", "Raspberry Pi 5", "Raspberry Pi 3 Model B+")


class Options(TypedDict, total=False):
    """Name what all screens of a fleet share; the defaults are SimulatedScreen's."""

    host: str
    port: int
    prefix: str
    username: str | None
    password: str | None
    speed: float
    pace: Pace
    state_dir: Path | None


def identities(count: int, seed: str = "infoscreen") -> Iterator[Identity]:
    """Yield screens that are told apart by everything, numbered from 1."""
    for number in range(1, count + 1):
        uuid = uuid5(NAMESPACE_DNS, f"{number}.{seed}")
        yield Identity(
            uuid=str(uuid),
            hostname=f"{seed}-{number:03}",
            ip=f"10.0.{number // 250}.{number % 250 + 1}",
            mac=f"02:{uuid.bytes[:5].hex(':')}",
            model=MODELS[number % len(MODELS)],
        )


class Fleet:
    """Run some screens against a broker, from entering the context to leaving it."""

    def __init__(self, count: int, *, seed: str = "infoscreen", **options: Unpack[Options]) -> None:
        self.screens = tuple(SimulatedScreen(identity, **options) for identity in identities(count, seed))

    def __getitem__(self, index: int) -> SimulatedScreen:
        """Return a screen by its place, from 0."""
        return self.screens[index]

    def __iter__(self) -> Iterator[SimulatedScreen]:
        """Iterate over the screens."""
        return iter(self.screens)

    def __len__(self) -> int:
        """Return how many screens there are."""
        return len(self.screens)

    async def __aenter__(self) -> Self:
        """Start all screens."""
        for screen in self.screens:
            screen.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        """Stop all screens."""
        await asyncio.gather(*(screen.stop() for screen in self.screens))
