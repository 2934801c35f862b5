"""What screens log, kept in the fleet's database: written in batches, bounded in number and age."""

import asyncio
from collections import Counter, deque
from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.util import dt as dt_util
from sqlalchemy import Connection

from ..alarm import Alarm
from ..const import (
    CONF_LOG_MAX_DAYS,
    CONF_LOG_MAX_ENTRIES,
    DEFAULT_LOG_MAX_DAYS,
    DEFAULT_LOG_MAX_ENTRIES,
    LOGGER,
)
from ..database import Database, UnavailableError
from ..model.logbook import Line
from ..model.messages import LogLevel
from . import tables
from .tables import Count, Question

# So long, and so many of them, lines wait in memory: what a power cut can cost.
FLUSH_PERIOD: Final = timedelta(seconds=2)
BATCH: Final = 500
# A full disk does not become emptier within seconds.
RETRY_PERIOD: Final = timedelta(seconds=30)
# So much may wait while the disk is full or a backup is made; then the oldest lines make room.
MAX_WAITING_SIZE: Final = 8 * 1024 * 1024
# What is too old or too many is deleted this often; it is shown to nobody meanwhile.
PRUNE_PERIOD: Final = timedelta(hours=1)
# A screen in a crash loop is pruned sooner: whenever it has logged this part of its bound anew.
_EXCESS: Final = 10


class Journal:
    """The log lines of one fleet's screens."""

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry, database: Database) -> None:
        self._hass = hass
        self._entry = entry
        self._database = database
        self._writing = asyncio.Lock()
        self._waiting: deque[Line] = deque()
        self._waiting_size = 0
        # What is to be done before any of the lines that wait is written.
        self._changes: list[Callable[[Connection], None]] = []
        self._unpruned: Counter[str] = Counter()
        self.dropped = 0
        self._flush_alarm = Alarm(hass, entry, "log lines wait to be written", self._handle_flush)
        self._prune_alarm = Alarm(hass, entry, "old log lines are to be deleted", self._handle_prune)
        self._closed = False
        database.async_before_close(self._write_last)

    async def async_start(self) -> list[Count]:
        """Delete what is beyond the bounds from now on; return the counts of the last day."""
        self._handle_prune(dt_util.utcnow())
        try:
            return await self._database.async_run(
                partial(tables.counts, now=dt_util.utcnow()), reads_only=True
            )
        except UnavailableError:
            return []

    # Options

    @property
    def _max_entries(self) -> int:
        limit: int = self._entry.options.get(CONF_LOG_MAX_ENTRIES, DEFAULT_LOG_MAX_ENTRIES)
        return limit

    def _oldest(self, now: datetime) -> datetime:
        return now - timedelta(days=self._entry.options.get(CONF_LOG_MAX_DAYS, DEFAULT_LOG_MAX_DAYS))

    # Writing

    @property
    def waiting(self) -> int:
        """Return how many lines are not on disk yet."""
        return len(self._waiting)

    @callback
    def async_add(self, line: Line) -> None:
        """Keep a line; it is on disk a little later."""
        self._waiting.append(line)
        self._waiting_size += line.size
        self._make_room()
        if len(self._waiting) == BATCH:
            self._handle_flush(dt_util.utcnow())
        elif not self._flush_alarm.is_set:
            self._flush_in(FLUSH_PERIOD)

    def _put(self, lines: list[Line]) -> None:
        """Let these lines wait, as far as there is room."""
        self._waiting = deque(lines)
        self._waiting_size = sum(line.size for line in lines)
        self._make_room()

    def _make_room(self) -> None:
        """Let the oldest lines go where there are more than may wait."""
        while self._waiting_size > MAX_WAITING_SIZE:
            if not self.dropped:
                LOGGER.warning(
                    "Too many log lines of %s wait to be written: some are lost", self._entry.title
                )
            self.dropped += 1
            self._waiting_size -= self._waiting.popleft().size

    def _flush_in(self, period: timedelta) -> None:
        if not self._closed:
            self._flush_alarm.async_set(dt_util.utcnow() + period)

    async def _write_last(self) -> None:
        """Write what waits, for the last time."""
        self._closed = True
        await self.async_flush()
        if self._waiting:
            LOGGER.warning("%s log lines of %s could not be written", self.waiting, self._entry.title)

    @callback
    def _handle_flush(self, _now: datetime) -> None:
        self._entry.async_create_task(self._hass, self.async_flush(), "write log lines")

    async def async_flush(self) -> None:
        """Write what waits; what cannot be written now is kept, and tried again."""
        async with self._writing:
            await self._flush()

    async def _flush(self) -> None:
        if not self._waiting and not self._changes:
            return
        if self._database.held:
            self._flush_in(FLUSH_PERIOD)
            return
        lines, changes = self._waiting, self._changes
        self._waiting, self._waiting_size, self._changes = deque(), 0, []
        new = self._unpruned + Counter(line.screen for line in lines)
        crowded = {screen for screen, number in new.items() if number * _EXCESS >= self._max_entries}
        prune = partial(tables.prune, screens=crowded, max_entries=self._max_entries)
        try:
            await self._database.async_run(
                partial(_do, [*changes, partial(tables.write, lines=lines), prune])
            )
        except UnavailableError:
            self._changes = changes + self._changes
            self._put([*lines, *self._waiting])
            self._flush_in(RETRY_PERIOD)
        else:
            self._unpruned = Counter({screen: new[screen] for screen in new.keys() - crowded})

    @callback
    def _handle_prune(self, now: datetime) -> None:
        self._entry.async_create_task(self._hass, self._prune(now), "delete old log lines")
        self._prune_alarm.async_set(now + PRUNE_PERIOD)

    async def _prune(self, now: datetime) -> None:
        work = partial(tables.prune_all, max_entries=self._max_entries, oldest=self._oldest(now), now=now)
        try:
            await self._database.async_run(work)
        except UnavailableError:
            LOGGER.debug("Old log lines of %s are deleted another time", self._entry.title)

    # Screens that go

    async def async_forget(self, screen: str) -> None:
        """Delete what a screen logged."""
        async with self._writing:
            self._put([line for line in self._waiting if line.screen != screen])
            self._changes.append(partial(tables.erase, screen=screen))
            await self._flush()

    async def async_move(self, old: str, new: str) -> None:
        """Give what a screen logged to the one that takes its place."""
        async with self._writing:
            self._put([replace(line, screen=new) if line.screen == old else line for line in self._waiting])
            self._changes.append(partial(tables.move, old=old, new=new))
            await self._flush()

    # Reading

    async def async_read(
        self, screens: Collection[str], *, least: LogLevel, limit: int, since: datetime | None = None
    ) -> dict[str, list[Line]]:
        """Return what screens logged, newest first: of this level and above, so many of each at most."""
        oldest = self._oldest(dt_util.utcnow())
        question = Question(
            levels=least.and_graver,
            since=max(since or oldest, oldest),
            limit=limit,
            max_entries=self._max_entries,
        )
        async with self._writing:
            await self._flush()
            read = partial(tables.read, screens=screens, question=question)
            found = await self._database.async_run(read, reads_only=True)
            for line in self._waiting:
                if line.screen in found and question.wants(line):
                    found[line.screen].insert(0, line)
        return {screen: lines[:limit] for screen, lines in found.items()}


def _do(works: Collection[Callable[[Connection], None]], connection: Connection) -> None:
    """Do several things in one transaction."""
    for work in works:
        work(connection)
