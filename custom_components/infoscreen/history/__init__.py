"""The commands of the last ninety days, kept in the fleet's database: written in batches, in their order."""

import asyncio
from collections import deque
from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.util import dt as dt_util
from sqlalchemy import Connection

from ..alarm import Alarm
from ..const import LOGGER
from ..database import Database, UnavailableError
from ..model.commands import Command
from ..model.messages import Ack
from ..model.past import KEPT, Past
from . import tables

# So long changes wait in memory. What is under way is on disk before it is published, in a file of its own.
FLUSH_PERIOD: Final = timedelta(seconds=2)
# A full disk does not become emptier within seconds.
RETRY_PERIOD: Final = timedelta(seconds=30)
# So many changes may wait while the disk is full; then the oldest make room.
MAX_WAITING: Final = 2000
# A screen may acknowledge what it likes, but not crowd out what we did ourselves.
MAX_HEARD: Final = 100
PRUNE_PERIOD: Final = timedelta(hours=6)


class History:
    """The commands of one fleet, and all that became of them."""

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry, database: Database) -> None:
        self._hass = hass
        self._entry = entry
        self._database = database
        self._writing = asyncio.Lock()
        self._waiting: deque[Callable[[Connection], object]] = deque(maxlen=MAX_WAITING)
        self._heard = 0  # of those that wait
        self._flush_alarm = Alarm(hass, entry, "commands wait to be noted", self._handle_flush)
        self._prune_alarm = Alarm(hass, entry, "old commands are to be deleted", self._handle_prune)
        database.async_before_close(self.async_flush)

    @callback
    def async_start(self) -> None:
        """Delete what is too old from now on."""
        self._handle_prune(dt_util.utcnow())

    # Writing

    @callback
    def async_note(self, command: Command) -> None:
        """Note how a command stands; that it is late is known by the clock alone."""
        self._add(
            partial(tables.note, command=command, at=dt_util.utcnow() if command.late else command.since)
        )

    @callback
    def async_heard(self, screen: str, ack: Ack, now: datetime) -> None:
        """Note what a screen says of a command that is over, if it is one of its own."""
        if self._heard < MAX_HEARD:
            self._heard += 1
            self._add(partial(tables.hear, screen=screen, ack=ack, at=now))

    def _add(self, work: Callable[[Connection], object]) -> None:
        self._waiting.append(work)
        if not self._flush_alarm.is_set:
            self._flush_alarm.async_set(dt_util.utcnow() + FLUSH_PERIOD)

    @callback
    def _handle_flush(self, _now: datetime) -> None:
        self._entry.async_create_task(self._hass, self.async_flush(), "note commands")

    async def async_flush(self) -> None:
        """Write what waits; what cannot be written now is kept, and tried again."""
        async with self._writing:
            await self._flush()

    async def _flush(self) -> None:
        if not self._waiting:
            return
        if self._database.held:
            self._flush_alarm.async_set(dt_util.utcnow() + FLUSH_PERIOD)
            return
        works = list(self._waiting)
        self._waiting.clear()
        self._heard = 0
        try:
            await self._database.async_run(partial(_do, works))
        except UnavailableError:
            newer = list(self._waiting)
            self._waiting.clear()
            self._waiting.extend([*works, *newer])
            self._flush_alarm.async_set(dt_util.utcnow() + RETRY_PERIOD)

    @callback
    def _handle_prune(self, now: datetime) -> None:
        self._entry.async_create_task(self._hass, self._prune(now), "delete old commands")
        self._prune_alarm.async_set(now + PRUNE_PERIOD)

    async def _prune(self, now: datetime) -> None:
        try:
            await self._database.async_run(partial(tables.prune, oldest=now - KEPT))
        except UnavailableError:
            LOGGER.debug("Old commands of %s are deleted another time", self._entry.title)

    # Screens that go

    async def async_forget(self, screen: str) -> None:
        """Delete a screen's commands."""
        self._add(partial(tables.erase, screen=screen.lower()))
        await self.async_flush()

    async def async_move(self, old_uuid: str, new_uuid: str) -> None:
        """Give a screen's commands to the one that takes its place."""
        self._add(partial(tables.move, old=old_uuid.lower(), new=new_uuid.lower()))
        await self.async_flush()

    # Reading

    async def async_knows(self, command_id: str) -> bool:
        """Tell whether there was such a command."""
        return await self._read(partial(tables.knows, command_id=command_id))

    async def async_read(
        self, screens: Collection[str], *, limit: int, since: datetime | None = None
    ) -> dict[str, list[Past]]:
        """Return screens' commands, newest first, so many of each at most."""
        oldest = dt_util.utcnow() - KEPT
        return await self._read(partial(tables.read, screens=screens, limit=limit, since=since or oldest))

    async def _read[T](self, question: Callable[[Connection], T]) -> T:
        """Ask the database, once it has all that is known."""
        async with self._writing:
            await self._flush()
            return await self._database.async_run(question, reads_only=True)


def _do(works: Collection[Callable[[Connection], object]], connection: Connection) -> None:
    """Do several things in one transaction."""
    for work in works:
        work(connection)
