"""What is done in several fleets: side by side, and whatever becomes of it in another."""

import asyncio
from collections.abc import Callable, Coroutine, Iterable, Mapping
from typing import Any

from ..model.schedule.drafts import Terms
from ..model.schedule.events import Event
from ..runtime import InfoscreenConfigEntry

type GroupIds = Mapping[InfoscreenConfigEntry, list[int]]
"""The groups of each fleet that an action is for."""


async def async_show(fleets: GroupIds, make: Callable[[Terms], Event]) -> None:
    """Show something at once; if one fleet refuses it, it is shown in none."""
    drafts = [await entry.runtime_data.showings.async_draft(make) for entry in fleets]
    await async_in_each(
        entry.runtime_data.showings.async_show(draft, group_ids)
        for draft, (entry, group_ids) in zip(drafts, fleets.items(), strict=True)
    )


async def async_in_each[T](doings: Iterable[Coroutine[Any, Any, T]]) -> list[T]:
    """Do something in every fleet; tell of the first failure, or else return what came of it in each."""
    done: list[T] = []
    for end in await asyncio.gather(*doings, return_exceptions=True):
        if isinstance(end, BaseException):
            raise end
        done.append(end)
    return done
