"""Wait for the world to get where it should be."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
import time

PATIENCE = 30.0
"""Seconds that a busy machine may take for what takes one of them a moment; nothing is measured by it."""


class RigError(AssertionError):
    """Something the rig expected did not happen."""


async def until[T](
    check: Callable[[], Awaitable[T | None]], what: str, *, within: float = PATIENCE, every: float = 0.1
) -> T:
    """Ask again and again until the answer is true in Python's sense, and return it."""
    deadline = time.monotonic() + within
    while not (answer := await check()):
        if time.monotonic() > deadline:
            raise RigError(f"{what}: not within {within:g} s")
        await asyncio.sleep(every)
    return answer


async def heard[T](
    record: Sequence[T], wanted: Callable[[T], bool], what: str, *, since: int = 0, within: float = PATIENCE
) -> T:
    """Wait for the first item of a growing record, from index `since` on, that is wanted."""
    seen = since

    async def look() -> T | None:
        nonlocal seen
        while seen < len(record):
            seen += 1
            if wanted(record[seen - 1]):
                return record[seen - 1]
        return None

    return await until(look, what, within=within, every=0.02)
