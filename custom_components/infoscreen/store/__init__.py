"""What must outlive a restart: screens, commands and the schedule, one file each way they change."""

from collections.abc import Collection
from contextlib import suppress
from typing import Any

from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError

from ..const import DOMAIN, SAVE_DELAY
from .durable import DurableStore
from .fleet_file import FleetFile
from .schedule_file import NAMES, ScheduleFile, read_events, written
from .stored import Stored


class FleetStore(FleetFile, ScheduleFile):
    """Everything kept for one fleet, as it stands now; whoever changes it says how urgent the disk is."""

    def __init__(self, hass: HomeAssistant, entry_id: str) -> None:
        FleetFile.__init__(self)
        ScheduleFile.__init__(self)
        self._hass = hass
        self._fleet = DurableStore(hass, f"{DOMAIN}.{entry_id}.fleet")
        self._schedule = DurableStore(hass, f"{DOMAIN}.{entry_id}.schedule", large=True)
        self._saving = self._closed = False

    async def async_load(self) -> None:
        """Read everything back."""
        self.read_fleet(await self._fleet.async_load() or {})
        schedule = await self._schedule.async_load() or {}
        self.read_schedule(schedule)
        # Events read their time zones from files.
        self.events, self.unreadable_events = await self._hass.async_add_executor_job(
            read_events, schedule.get("events", [])
        )
        self.unreadable_events += schedule.get("unreadable_events", [])

    @callback
    def async_save_soon(self, delay: float = SAVE_DELAY) -> None:
        """Save what nobody waits for; later changes do not put it off."""
        if not self._closed and (not self._saving or not delay):
            self._saving = True
            self._fleet.async_delay_save(self._fleet_data, delay)

    async def async_save(self) -> None:
        """Save screens, groups and commands before anyone is told that it is done."""
        await self._fleet.async_save_now(self._fleet_data())

    async def async_close(self) -> None:
        """Save what is still to be saved, and nothing after that: another may own the files from here."""
        self._closed = True
        if self._saving:
            with suppress(HomeAssistantError):  # the log tells; a fleet that is not let go could not return
                await self.async_save()

    async def async_change_schedule(self, **changes: Any) -> None:
        """Change events, periods or holidays: on disk first, so that nobody sees what a restart would undo.

        For whoever holds `planning`.
        """
        data = {name: changes.get(name, getattr(self, name)) for name in NAMES}
        await self._schedule.async_save_now(
            # It may be large, and nothing in it moves.
            await self._hass.async_add_executor_job(written, data)
        )
        vars(self).update(changes)

    async def async_drop_events_of(self, group_ids: Collection[int]) -> None:
        """Drop the events of groups that are no more."""
        async with self.planning:
            kept = {key: event for key, event in self.events.items() if event.group_id not in group_ids}
            await self.async_change_schedule(events=kept)

    async def async_remove(self) -> None:
        """Delete what was kept for a fleet that is no more."""
        await self._fleet.async_remove()
        await self._schedule.async_remove()

    def _fleet_data(self) -> Stored:
        self._saving = False
        return self.fleet_as_stored()
