"""What is done in several fleets: side by side, and whatever becomes of it in another."""

from collections.abc import Awaitable, Callable, Mapping

from homeassistant.exceptions import HomeAssistantError

from ..errors import async_side_by_side, raise_together
from ..model.schedule.drafts import Terms
from ..model.schedule.events import Event
from ..runtime import InfoscreenConfigEntry

type GroupIds = Mapping[InfoscreenConfigEntry, list[int]]
"""The groups of each fleet that an action is for."""


async def async_show(fleets: GroupIds, make: Callable[[Terms], Event]) -> None:
    """Show something at once; if one fleet refuses it, it is shown in none."""
    drafts = {entry: await entry.runtime_data.showings.async_draft(make) for entry in fleets}
    await async_in_each(
        {
            entry: entry.runtime_data.showings.async_show(drafts[entry], group_ids)
            for entry, group_ids in fleets.items()
        }
    )


async def async_in_each[T](
    doings: Mapping[InfoscreenConfigEntry, Awaitable[T]],
) -> dict[InfoscreenConfigEntry, T]:
    """Do something in every fleet; tell of all that failed, or else return what came of it in each."""
    ends = dict(zip(doings, await async_side_by_side(*doings.values()), strict=True))
    raise_together([(entry.title, end) for entry, end in ends.items() if isinstance(end, HomeAssistantError)])
    return {entry: end for entry, end in ends.items() if not isinstance(end, HomeAssistantError)}
