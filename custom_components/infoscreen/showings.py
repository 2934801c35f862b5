"""Shows things at once: takeovers, messages, what is played; each ends by itself, as any event does."""

from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import timedelta

from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util

from .model.schedule.drafts import Terms
from .model.schedule.events import Event, ShownBy
from .model.schedule.showings import (
    Span,
    played,
    remembered,
    without_shown,
    without_takeovers,
)
from .scheduler import Scheduler


class Showings:
    """What is shown at once in the groups of one fleet: events that nobody planned, in the same schedule."""

    def __init__(self, hass: HomeAssistant, scheduler: Scheduler) -> None:
        self._hass = hass
        self._scheduler = scheduler

    async def async_draft(self, make: Callable[[Terms], Event]) -> Event:
        """Return an event that is checked, or refuse it; it may read a time zone from a file."""
        return await self._hass.async_add_executor_job(make, self._scheduler.terms)

    async def async_show(
        self, draft: Event, group_ids: Collection[int], instead_of: Collection[ShownBy] = ()
    ) -> None:
        """Show something in groups, where it may take the place of others; on disk when this returns."""
        now = dt_util.utcnow()

        def revise(event: Event) -> Event | None:
            left = remembered(event, now)
            return left and without_shown(left, group_ids, instead_of, now)

        await self._scheduler.async_revise(revise, [replace(draft, group_id=each) for each in group_ids])

    async def async_play(
        self, group_id: int, media_type: str, media_id: str, title: object, duration: timedelta | None
    ) -> None:
        """Show a page or media in a group, in place of what was played there; on disk when this returns."""
        span = Span.of(ShownBy.PLAYER, dt_util.utcnow(), duration)
        draft = await self.async_draft(lambda terms: played(media_type, media_id, title, terms, span))
        await self.async_show(draft, [group_id], instead_of=[ShownBy.PLAYER])

    async def async_return(self, group_id: int) -> None:
        """Let a group return to its schedule, or to a takeover; on disk when this returns."""
        now, shown = dt_util.utcnow(), (ShownBy.PLAYER, ShownBy.MESSAGE)
        await self._scheduler.async_revise(lambda event: without_shown(event, [group_id], shown, now))

    def has_takeover(self, group_ids: Collection[int], takeover_id: str | None) -> bool:
        """Tell whether a takeover, or (None) any, is under way in some groups."""
        now = dt_util.utcnow()
        return any(
            without_takeovers(event, group_ids, takeover_id, now) is not event
            for event in self._scheduler.events
        )

    async def async_stop_takeovers(self, group_ids: Collection[int], takeover_id: str | None) -> None:
        """Stop a takeover, or (None) all, in some groups; on disk when this returns."""
        now = dt_util.utcnow()
        await self._scheduler.async_revise(
            lambda event: without_takeovers(event, group_ids, takeover_id, now)
        )
