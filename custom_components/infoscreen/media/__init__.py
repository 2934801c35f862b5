"""The files that a fleet's events show: where they are, how they are now, and who may fetch them."""

import asyncio
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime
import secrets
from types import MappingProxyType
from typing import Final
from urllib.parse import quote

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import EVENT_CORE_CONFIG_UPDATE
from homeassistant.core import Event as HassEvent, HomeAssistant, callback
from homeassistant.helpers.network import NoURLAvailableError, get_url
from homeassistant.util import dt as dt_util

from ..alarm import Alarm
from ..const import CONF_MEDIA_BASE_URL, MEDIA_LOOK, MEDIA_PATIENCE
from ..model.media.tokens import opened_by, token_of
from ..model.schedule.events import Event
from ..model.schedule.payloads import File
from ..store import FleetStore
from .files import Found, UnsettledError, async_place_of, is_as_known, read
from .folder import MediaFolder
from .repairs import MediaRepairs

MEDIA_URL: Final = "/api/infoscreen/media/{token}/{name}"

type Tell = Callable[[Collection[int]], None]
"""Told of the events whose files have changed."""


class Library:
    """The files of one fleet's events, looked at a few times a minute as long as an event needs them."""

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry, store: FleetStore) -> None:
        self._hass = hass
        self._entry = entry
        self._store = store
        self._folder = MediaFolder(hass.config.config_dir)
        self._repairs = MediaRepairs(hass, entry)
        self._base: str | None = None
        self._wanted: dict[int, tuple[str, ...]] = {}  # by event
        self._known: dict[str, Found | None] = {}  # by media id; None is looked for and not there
        self._files: dict[int, Mapping[str, File]] = {}
        self._served: dict[int, Mapping[str, Found]] = {}  # by event and name
        self._looking = asyncio.Lock()
        self._alarm = Alarm(hass, entry, "media are looked at", self._look_again)
        self._tell: Tell = lambda _event_ids: None
        self.files: Mapping[int, Mapping[str, File]] = MappingProxyType(self._files)

    async def async_start(self, tell: Tell) -> None:
        """Find what was known before, so that screens need not wait; from now on tell of changes."""
        self._base = self._find_base()
        await self.async_know(self._store.stamps)
        self._tell = tell
        self._entry.async_on_unload(
            self._hass.bus.async_listen(EVENT_CORE_CONFIG_UPDATE, self._configuration_changed)
        )

    # What is needed

    async def async_know(self, media: Iterable[str]) -> None:
        """Look at media nobody has looked at yet; what takes long goes on after this has returned."""
        if unknown := set(media) - self._known.keys():
            await asyncio.wait([self._begin_look(unknown)], timeout=MEDIA_PATIENCE.total_seconds())

    @callback
    def async_want(self, event: Event) -> None:
        """Have the files of an event at hand: it is on, or still to come."""
        media = event.all_media
        if not media:
            self.async_release(event.event_id)
            return
        self._wanted[event.event_id] = media
        self._arrange(event.event_id)
        if unknown := set(media) - self._known.keys():
            self._begin_look(unknown)
        if any(self._known.get(each, ...) is None for each in media):
            self._mind()
        if not self._alarm.is_set:
            self._alarm.async_set(dt_util.utcnow() + MEDIA_LOOK)

    @callback
    def async_release(self, event_id: int) -> None:
        """Let go of an event that is over: nobody may fetch its files any more."""
        if self._wanted.pop(event_id, None) is not None:
            self._arrange(event_id)
            self._mind()

    @callback
    def async_release_all_but(self, event_ids: Collection[int]) -> None:
        """Let go of events that are no more, and follow the address that files are fetched from."""
        for event_id in self._wanted.keys() - event_ids:
            self.async_release(event_id)
        self._follow_base()

    @callback
    def async_find(self, token: str, name: str) -> Found | None:
        """Return the file that somebody may fetch who knows an event's token."""
        secret = self._store.media_secret
        event_id = opened_by(secret, token) if secret else None
        return self._served.get(event_id, {}).get(name) if event_id else None

    # How it is now

    @callback
    def async_look(self) -> None:
        """Look at everything that is needed: something was put into the folder."""
        if wanted := self._all_wanted:
            self._begin_look(wanted)

    @callback
    def _look_again(self, now: datetime) -> None:
        """Look at what is needed, and forget the rest."""
        wanted = self._all_wanted
        for each in self._known.keys() - wanted:
            del self._known[each]
            self._store.stamps.pop(each, None)
        if wanted:
            self._begin_look(wanted)
            self._alarm.async_set(now + MEDIA_LOOK)

    @property
    def _all_wanted(self) -> set[str]:
        return {each for media in self._wanted.values() for each in media}

    def _begin_look(self, media: Collection[str]) -> asyncio.Task[None]:
        return self._entry.async_create_background_task(self._hass, self._look(media), "look at media")

    async def _look(self, media: Collection[str]) -> None:
        """Find out how media are, one after the other: large ones are read to their end."""
        async with self._looking:
            unchanged = await self._hass.async_add_executor_job(self._unchanged, media)
            for each in set(media) - unchanged:
                place = await async_place_of(self._hass, self._folder, each)
                stamp = self._store.stamps.get(each)
                try:
                    found = await self._hass.async_add_executor_job(read, place, stamp) if place else None
                except UnsettledError:
                    continue
                self._take(each, found)
        self._mind()

    def _unchanged(self, media: Iterable[str]) -> set[str]:
        """Return those that look as they did; in the executor."""
        known = ((each, self._known.get(each)) for each in media)
        return {each for each, found in known if found and is_as_known(found.place, found.stamp)}

    @callback
    def _take(self, media: str, found: Found | None) -> None:
        """Take in how a file is now, and tell of the events that show it."""
        if media in self._known and self._known[media] == found:
            return
        self._known[media] = found
        if found is not None and self._store.stamps.get(media) != found.stamp:
            self._store.stamps[media] = found.stamp
            self._store.async_save_soon()
        self._rearrange([event_id for event_id, wanted in self._wanted.items() if media in wanted])

    @callback
    def _mind(self) -> None:
        """Say which files are gone."""
        wanted = self._all_wanted
        missing = {each for each in wanted if self._known.get(each, ...) is None}
        self._repairs.async_show(missing, has_address=self._base is not None or not wanted)

    # Where screens find it

    def _rearrange(self, event_ids: Collection[int]) -> None:
        for event_id in event_ids:
            self._arrange(event_id)
        if event_ids:
            self._tell(event_ids)

    def _arrange(self, event_id: int) -> None:
        """Give the files of an event the names and addresses by which screens fetch them."""
        files: dict[str, File] = {}
        served: dict[str, Found] = {}
        for number, media in enumerate(self._wanted.get(event_id, ())):
            if (found := self._ready(media)) is None or self._base is None:
                continue
            name = found.name
            while name in served:  # of another folder
                name = f"{number}-{name}"
            served[name] = found
            files[media] = self._file(event_id, name, found)
        if files:
            self._files[event_id], self._served[event_id] = files, served
        else:
            self._files.pop(event_id, None)
            self._served.pop(event_id, None)

    def _ready(self, media: str) -> Found | None:
        """Return the file that a screen can show, None if there is none yet."""
        found = self._known.get(media)
        return None if found is None or found.kind.is_office else found

    def _file(self, event_id: int, name: str, found: Found) -> File:
        path = MEDIA_URL.format(token=token_of(self._secret, event_id), name=quote(name, safe=""))
        return File(
            name=found.name,
            url=f"{self._base}{path}",
            checksum=found.stamp.checksum,
            size=found.stamp.size,
            mime_type=found.kind.mime_type,
        )

    @property
    def _secret(self) -> str:
        """Return what makes the tokens of this fleet, for as long as there is the fleet."""
        if self._store.media_secret is None:
            self._store.media_secret = secrets.token_hex(32)
            self._store.async_save_soon(0)
        return self._store.media_secret

    def _find_base(self) -> str | None:
        """Return the address under which screens reach Home Assistant, None if nobody knows it."""
        if base := self._entry.options.get(CONF_MEDIA_BASE_URL):
            return f"{base}".rstrip("/")
        try:
            return get_url(self._hass, allow_external=False, allow_cloud=False, allow_ip=True)
        except NoURLAvailableError:
            return None

    @callback
    def _configuration_changed(self, _event: HassEvent) -> None:
        self._follow_base()

    @callback
    def _follow_base(self) -> None:
        if (base := self._find_base()) != self._base:
            self._base = base
            self._rearrange(list(self._wanted))
            self._mind()
