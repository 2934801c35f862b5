"""One SQLite file for what a fleet collects: on a thread of its own, and never a reason to fail."""

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
import os
from pathlib import Path
import sqlite3
from typing import Any, Final

from homeassistant.const import EVENT_HOMEASSISTANT_FINAL_WRITE
from homeassistant.core import CALLBACK_TYPE, Event, HassJob, HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.event import async_call_later
from sqlalchemy import URL, Connection, Engine, MetaData, StaticPool, create_engine, event
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from .const import DOMAIN, LOGGER

#: Where each subject declares its tables; those there are when a file is opened are made in it.
METADATA: Final = MetaData()
#: Raised, together with a step in `_make_tables`, whenever a table changes.
SCHEMA_VERSION: Final = 1

# SQLite's own companions of a file in WAL mode.
_COMPANIONS: Final = ("", "-wal", "-shm")
# Seconds to wait for somebody else who has locked the file; then it is tried another time.
_PATIENCE: Final = 2
# Nobody tells the end of a backup that could not begin because of somebody else, as the recorder.
_HELD_AT_MOST: Final = timedelta(hours=1)
_BROKEN: Final = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}


class UnavailableError(HomeAssistantError):
    """The database cannot be used now: the disk is full, say, or somebody else has locked it."""


class _TooNewError(Exception):
    """The file is of a later version of this integration."""


class Database:
    """The database of one fleet."""

    def __init__(self, hass: HomeAssistant, entry_id: str) -> None:
        self.path = Path(hass.config.path(DOMAIN, f"{entry_id}.db"))
        self._aside = self.path.with_name(f"{self.path.name}.broken")
        self._hass = hass
        self._thread = ThreadPoolExecutor(1, thread_name_prefix=f"{DOMAIN} database")
        self._engine: Engine | None = None  # of the thread alone
        self._free = asyncio.Event()
        self._free.set()
        self._overdue = HassJob(self._handle_overdue, "a backup has no end", cancel_on_shutdown=True)
        self._cancel_overdue: CALLBACK_TYPE | None = None
        self._closing = self._closed = False
        self._last_words: list[Callable[[], Awaitable[None]]] = []
        self._failing = False
        self._unlisten: CALLBACK_TYPE | None = None

    # What one does with it

    async def async_open(self) -> None:
        """Open the file, or begin one; where that fails it is tried again with each use."""
        self._unlisten = self._hass.bus.async_listen_once(
            EVENT_HOMEASSISTANT_FINAL_WRITE, self._handle_final_write
        )
        try:
            await self.async_run(lambda _connection: None)
        except UnavailableError:
            return  # and said so in the log

    async def async_run[T](self, work: Callable[[Connection], T], *, reads_only: bool = False) -> T:
        """Do some work in one transaction, return its outcome; what writes waits while a backup is made."""
        if not reads_only:
            await self._free.wait()
        if self._closed:
            raise _unavailable()
        try:
            done = await self._in_thread(lambda: self._run(work))
        except (SQLAlchemyError, _TooNewError, OSError) as err:
            if not self._failing:
                LOGGER.warning("The database %s cannot be used, and is tried again: %s", self.path, err)
            self._failing = True
            raise _unavailable() from err
        if self._failing:
            LOGGER.info("The database %s can be used again", self.path)
        self._failing = False
        return done

    @callback
    def async_before_close(self, last_word: Callable[[], Awaitable[None]]) -> None:
        """Let somebody write what is still to be written when the database is about to close."""
        self._last_words.append(last_word)

    async def async_close(self) -> None:
        """Let everybody write what is still to be written, and let go of the file for good."""
        if self._closing:
            return
        self._closing = True
        if self._unlisten is not None:
            self._unlisten()
        self.async_release()
        for last_word in self._last_words:
            await last_word()
        self._closed = True
        await self._in_thread(self._let_go)
        await self._hass.async_add_executor_job(self._thread.shutdown)

    async def _handle_final_write(self, _event: Event) -> None:
        self._unlisten = None
        await self.async_close()

    async def async_remove(self) -> None:
        """Delete the file of a fleet that is no more."""
        await self._hass.async_add_executor_job(self._delete)

    # Backups

    @property
    def held(self) -> bool:
        """Tell whether nothing may be written, for a backup is made."""
        return not self._free.is_set()

    async def async_hold(self) -> None:
        """Bring all into the one file, and leave that alone until it is released, or for too long."""
        self._end_wait()
        self._free.clear()
        self._cancel_overdue = async_call_later(self._hass, _HELD_AT_MOST, self._overdue)
        # What has begun to write is done before this: there is one thread.
        await self.async_run(_checkpoint, reads_only=True)

    @callback
    def async_release(self) -> None:
        """Go on after a backup."""
        self._end_wait()
        self._free.set()

    def _end_wait(self) -> None:
        if self._cancel_overdue is not None:
            self._cancel_overdue()
            self._cancel_overdue = None

    @callback
    def _handle_overdue(self, _now: datetime) -> None:
        self._cancel_overdue = None
        LOGGER.warning("The backup that %s is held for does not end: it is written to again", self.path)
        self.async_release()

    # In the thread

    async def _in_thread[T](self, work: Callable[[], T]) -> T:
        return await self._hass.loop.run_in_executor(self._thread, work)

    def _run[T](self, work: Callable[[Connection], T]) -> T:
        """Do some work; if the file turns out to be broken, in a new one."""
        try:
            return self._try(work)
        except (DBAPIError, _TooNewError) as err:
            if not self._is_beyond_use(err):
                raise
            self._put_aside(err)
            return self._try(work)

    def _try[T](self, work: Callable[[Connection], T]) -> T:
        if self._engine is None:
            self._engine = self._make()
        with self._engine.begin() as connection:
            return work(connection)

    def _make(self) -> Engine:
        """Open the file, or begin one."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        url = URL.create("sqlite", database=str(self.path))
        # What is stored is what screens said: nothing for an error's text.
        engine = create_engine(
            url, poolclass=StaticPool, hide_parameters=True, connect_args={"timeout": _PATIENCE}
        )
        event.listen(engine, "connect", _prepare)
        try:
            with engine.begin() as connection:
                _make_tables(connection)
        except BaseException:
            engine.dispose()
            raise
        return engine

    def _is_beyond_use(self, err: Exception) -> bool:
        """Tell a file that will never be of use from trouble that may pass."""
        code = getattr(getattr(err, "orig", None), "sqlite_errorcode", 0) & 0xFF
        if code in _BROKEN or isinstance(err, _TooNewError):
            return True
        return self.path.exists() and not (self.path.is_file() and os.access(self.path, os.R_OK | os.W_OK))

    def _put_aside(self, err: Exception) -> None:
        """Keep a broken file, the latest only, where somebody may look into it."""
        self._let_go()
        for companion in _COMPANIONS:
            source = self.path.with_name(self.path.name + companion)
            target = self._aside.with_name(self._aside.name + companion)
            target.unlink(missing_ok=True)
            if source.exists():
                source.replace(target)
        LOGGER.error("The database %s was put aside as %s: %s", self.path, self._aside.name, err)

    def _let_go(self) -> None:
        if self._engine is not None:
            self._engine.dispose()
            self._engine = None

    def _delete(self) -> None:
        for path in (self.path, self._aside):
            for companion in _COMPANIONS:
                try:
                    path.with_name(path.name + companion).unlink(missing_ok=True)
                except OSError as err:
                    LOGGER.warning("%s could not be deleted: %s", path, err)


def _unavailable() -> UnavailableError:
    return UnavailableError(translation_domain=DOMAIN, translation_key="database_unavailable")


def _prepare(connection: sqlite3.Connection, _record: Any) -> None:
    """Let readers and the writer go on side by side; only a power cut may cost the last transactions."""
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")


def _make_tables(connection: Connection) -> None:
    """Make what is missing in the file."""
    if connection.exec_driver_sql("PRAGMA user_version").scalar_one() > SCHEMA_VERSION:
        raise _TooNewError("it is of a later version")
    METADATA.create_all(connection)
    connection.exec_driver_sql(f"PRAGMA user_version = {SCHEMA_VERSION}")


def _checkpoint(connection: Connection) -> None:
    connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
