"""The screenshots of one fleet: looked at when they come, kept in files, shown by their screens."""

import asyncio
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.dispatcher import async_dispatcher_connect
from homeassistant.util import dt as dt_util
from homeassistant.util.file import WriteError

from ..alarm import Alarms
from ..broker import Incoming
from ..const import CONF_PRIORITY_SCREENSHOT_TTL, DEFAULT_PRIORITY_SCREENSHOT_TTL, LOGGER
from ..coordinator import ScreenCoordinator
from ..fleet import Fleet
from ..listener import Listener, Reject
from ..model.album import Album, Kept, crowded_out
from ..model.topics import Kind
from .disk import DiskWatch
from .files import DiskLowError, ScreenshotFiles
from .looking import Looking, Verified


class Screenshots:
    """Takes in, keeps and shows the screenshots of one fleet's screens."""

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry, fleet: Fleet) -> None:
        self._hass = hass
        self._entry = entry
        self._fleet = fleet
        self._files = ScreenshotFiles(hass.config.config_dir, entry.entry_id)
        self._disk = DiskWatch(hass, entry, self._files)
        self._albums: dict[str, Album] = {}
        self._size = 0
        self._looking = Looking(hass, entry, self._take_in)
        self._changing = asyncio.Lock()  # one hand on the files at a time
        self._changes = Alarms(hass, entry, "a screenshot grows old", self._look_again)

    async def async_load(self) -> None:
        """Find what was kept before."""
        self._albums = await self._hass.async_add_executor_job(self._files.load)
        self._size = sum(album.size for album in self._albums.values())

    async def async_start(self, listener: Listener, forgotten: Iterable[str]) -> None:
        """Show what was kept before, but of screens that were deleted, and hear what comes."""
        listener.async_hand_over(Kind.DASHBOARD, self.async_heard)
        listener.async_hand_over(Kind.SCREENSHOT, self.async_heard)
        for key in self._albums.keys() & set(forgotten):
            await self.async_forget(key)
        self.async_show_all()
        self._entry.async_on_unload(
            async_dispatcher_connect(self._hass, self._fleet.screen_added, self._show)
        )

    async def async_close(self) -> None:
        """Take in no more, and return once the files are at rest."""
        await self._looking.async_close()

    @callback
    def async_show_all(self) -> None:
        """Show everything as the options now want it."""
        for coordinator in self._fleet.screens.values():
            self._show(coordinator)

    @property
    def waiting_bytes(self) -> int:
        """Return how many bytes wait to be looked at."""
        return self._looking.waiting_bytes

    @property
    def size(self) -> int:
        """Return how many bytes are kept."""
        return self._size

    # What comes

    @callback
    def async_heard(self, uuid: str, kind: Kind, incoming: Incoming, reject: Reject) -> None:
        """Take in a screenshot; what it is worth is found out later, and elsewhere."""
        if self._fleet.async_find(uuid) is not None:  # a picture makes nobody known
            self._looking.async_put(uuid, kind, incoming, reject)

    async def _take_in(self, key: str, verified: Verified) -> None:
        """Keep a screenshot that is worth it, of a screen that is still there."""
        async with self._changing:
            if self._fleet.async_find(key) is not None:
                await self._keep(key, verified)

    async def _keep(self, key: str, verified: Verified) -> None:
        """Write a screenshot, and let go of those it takes the place of."""
        album, screenshot = self._albums.get(key, Album()), verified.screenshot
        kept = Kept(
            number=album.next_number,
            received_at=verified.received_at,
            capture=screenshot.capture,
            format=verified.format,
            size=len(screenshot.picture),
            captured_at=screenshot.captured_at,
        )
        try:
            await self._hass.async_add_executor_job(self._files.write, key, kept, screenshot.picture)
        except DiskLowError:
            self._disk.async_found_low()
            return
        except (WriteError, OSError) as err:
            LOGGER.warning("A screenshot of %s is not kept: %s", key, err)
            return
        self._disk.async_found_room()
        self._size += kept.size
        await self._let_go(key, album.with_newest(kept), [kept, *album.kept])
        await self._make_room(kept)

    async def _let_go(self, key: str, album: Album, there: Iterable[Kept]) -> None:
        """Show an album, and delete what is there and not in it."""
        gone = [each for each in there if each not in album.kept]
        self._albums[key] = album
        self._size -= sum(each.size for each in gone)
        if (coordinator := self._fleet.async_find(key)) is not None:
            self._show(coordinator)
        if gone:
            await self._hass.async_add_executor_job(self._files.delete, key, gone)

    async def _make_room(self, newest: Kept) -> None:
        """Let go of the fleet's oldest once there are too many."""
        crowd = crowded_out(self._albums, self._size, spared=newest)
        for key in {key for key, _ in crowd}:
            album = self._albums[key]
            out = [each for whose, each in crowd if whose == key]
            await self._let_go(key, album.without(out), album.kept)

    # What is shown

    @property
    def _ttl(self) -> timedelta:
        seconds = self._entry.options.get(CONF_PRIORITY_SCREENSHOT_TTL, DEFAULT_PRIORITY_SCREENSHOT_TTL)
        return timedelta(seconds=seconds)

    @callback
    def _show(self, coordinator: ScreenCoordinator) -> None:
        """Show a screen's screenshots as they are now, and wake when that changes by itself."""
        key = coordinator.screen.key
        if key in self._albums:
            album = self._albums[key] = self._albums[key].at(self._ttl, dt_util.utcnow())
            coordinator.async_show(album=album)
            self._changes.async_set(key, album.next_change(self._ttl))

    @callback
    def _look_again(self, key: str, _now: datetime) -> None:
        if (coordinator := self._fleet.async_find(key)) is not None:
            self._show(coordinator)

    def path(self, key: str, kept: Kept) -> Path:
        """Return where a screenshot is."""
        return self._files.path(key, kept)

    async def async_read(self, key: str, kept: Kept) -> bytes | None:
        """Return a screenshot's picture, None where it is gone."""
        try:
            return await self._hass.async_add_executor_job(self.path(key, kept).read_bytes)
        except OSError:
            return None

    # Screens that leave

    async def async_forget(self, key: str) -> None:
        """Delete the screenshots of a screen that was deleted."""
        self._looking.async_forget(key)
        self._changes.async_set(key, None)
        async with self._changing:
            self._size -= self._albums.pop(key, Album()).size
            await self._hass.async_add_executor_job(self._files.forget, key)

    async def async_move(self, old_uuid: str, new_uuid: str) -> None:
        """Give a screen's screenshots to the one that replaces it; they stand before its own."""
        old, new = old_uuid.lower(), new_uuid.lower()
        self._looking.async_forget(old)
        self._changes.async_set(old, None)
        async with self._changing:
            theirs = self._albums.get(old)
            if theirs is None or old == new:
                return
            ours = self._albums.get(new, Album())
            whole = ours.after(theirs)
            # The newest first: none is then given a number that another still has.
            befores = [*((new, each) for each in ours.kept), *((old, each) for each in theirs.kept)]
            await self._hass.async_add_executor_job(
                self._files.move, new, list(zip(whole.kept, befores, strict=True))
            )
            del self._albums[old]
            await self._hass.async_add_executor_job(self._files.forget, old)
            await self._let_go(new, whole.trimmed(), whole.kept)
