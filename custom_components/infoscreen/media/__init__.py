"""The files that a fleet's events show: where they are, how they are now, and who may fetch them."""

import asyncio
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import EVENT_CORE_CONFIG_UPDATE
from homeassistant.core import Event as HassEvent, HomeAssistant, callback
from homeassistant.helpers.dispatcher import async_dispatcher_connect
from homeassistant.util import dt as dt_util

from ..alarm import Alarm
from ..const import MEDIA_LOOK, MEDIA_PATIENCE
from ..conversions import Converter
from ..model.conversions import State
from ..model.media import needs
from ..model.media.needs import Look
from ..model.schedule.events import Event
from ..model.schedule.payloads import File
from ..store import FleetStore
from .files import Found, UnsettledError, async_place_of, look, read
from .folder import MediaFolder, Place
from .lending import Lending
from .repairs import MediaRepairs

type Tell = Callable[[Collection[int]], None]
"""Told of the events whose files have changed."""


class Library:
    """The files of one fleet's events, looked at a few times a minute as long as an event needs them."""

    def __init__(
        self, hass: HomeAssistant, entry: ConfigEntry, store: FleetStore, converter: Converter
    ) -> None:
        self._hass = hass
        self._entry = entry
        self._store = store
        self._converter = converter
        self._folder = MediaFolder(hass.config.config_dir)
        self._repairs = MediaRepairs(hass, entry)
        self._lending = Lending(hass, entry, store)
        self._wanted: dict[int, tuple[str, ...]] = {}  # by event
        self._known: dict[str, Found | None] = {}  # by media id; None is looked for and not there
        self._pdfs: dict[str, Found] = {}  # by the checksum of the office file that each was made of
        self._looking = asyncio.Lock()
        self._alarm = Alarm(hass, entry, "media are looked at", self._look_again)
        self._tell: Tell = lambda _event_ids: None

    async def async_start(self, tell: Tell) -> None:
        """Find what was known before, so that screens need not wait; from now on tell of changes."""
        self._lending.async_follow()
        await self.async_know(self._store.stamps)
        planned = {each for event in self._store.events.values() for each in event.all_media}
        for each in needs.stamps_of_none(self._known, planned):
            self._store.stamps.pop(each, None)
        self._tell = tell
        if self._converter.conversions:  # of events that may have ended meanwhile
            self._alarm.async_set(dt_util.utcnow() + MEDIA_LOOK)
        for stop in (
            async_dispatcher_connect(self._hass, self._converter.ended, self._conversion_ended),
            self._hass.bus.async_listen(EVENT_CORE_CONFIG_UPDATE, self._configuration_changed),
        ):
            self._entry.async_on_unload(stop)

    # What is needed

    @property
    def files(self) -> Mapping[int, Mapping[str, File]]:
        """Return what screens can fetch, as it is at any time, by event and media id."""
        return self._lending.files

    @callback
    def async_find(self, token: str, name: str) -> Found | None:
        """Return the file that somebody may fetch who knows an event's token."""
        return self._lending.async_find(token, name)

    async def async_know(self, media: Iterable[str]) -> None:
        """Look at media nobody keeps in sight; what takes long goes on after this has returned."""
        if unseen := needs.unseen(media, self._known, self._all_wanted):
            await asyncio.wait([self._begin_look(unseen)], timeout=MEDIA_PATIENCE.total_seconds())

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
        if not needs.is_at_hand(media, self._known):
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
        self._follow()

    @callback
    def async_conversion_of(self, media: str) -> State | None:
        """Return how far an office file is on its way to a PDF, None for what is on none."""
        stamp = self._store.stamps.get(media)
        return self._converter.state_of(stamp.checksum) if stamp else None

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
        self._known = {each: found for each, found in self._known.items() if each in wanted}
        self._pdfs = needs.pdfs_of(self._known, self._pdfs)
        if wanted:
            self._begin_look(wanted)
            self._alarm.async_set(now + MEDIA_LOOK)
        self._clear_conversions(wanted)

    @callback
    def _clear_conversions(self, wanted: Collection[str]) -> None:
        """Let go of PDFs whose file is gone for good, and of failures that bother nobody any more."""
        states = {key: each.state for key, each in self._converter.conversions.items()}
        kept = needs.kept_conversions(self._store.stamps, wanted, states)
        if states.keys() - kept:
            task = self._converter.async_keep_only(kept)
            self._entry.async_create_background_task(self._hass, task, "clear away PDFs")

    @property
    def _all_wanted(self) -> set[str]:
        return needs.all_wanted(self._wanted)

    def _begin_look(self, media: Collection[str]) -> asyncio.Task[None]:
        return self._entry.async_create_background_task(self._hass, self._look(media), "look at media")

    async def _look(self, media: Collection[str]) -> None:
        """Find out how media are, one after the other: large ones are read to their end."""
        looks = await self._hass.async_add_executor_job(_looks, self._known.copy(), media)
        changed = set(media) - needs.unchanged(self._known, looks)
        places = await asyncio.gather(*(async_place_of(self._hass, self._folder, each) for each in changed))
        async with self._looking:
            for each, place in zip(changed, places, strict=True):
                await self._look_at(each, place)
            for each in media:
                if (office := self._known.get(each)) and office.kind.is_office:
                    await self._look_for_pdf(office)
        self._mind()

    async def _look_at(self, media: str, place: Place | None) -> None:
        """Take in how a file is now, and tell of the events that show it."""
        stamp = self._store.stamps.get(media)
        try:
            found = await self._hass.async_add_executor_job(read, place, stamp) if place else None
        except UnsettledError:
            return
        if media in self._known and self._known[media] == found:
            return
        self._known[media] = found
        if found is not None and stamp != found.stamp:
            self._store.stamps[media] = found.stamp
            self._store.async_save_soon()
        self._rearrange({media})

    async def _look_for_pdf(self, office: Found) -> None:
        """Take in what has become of an office file; asking for its PDF has it made."""
        checksum = office.stamp.checksum
        known, pdf = self._pdfs.get(checksum), None
        if path := self._converter.async_pdf_of(office.place.path, checksum):
            place, stamp = Place(path=path, root=path.parent), known.stamp if known else None
            pdf = await self._hass.async_add_executor_job(read, place, stamp)
            if pdf is None:
                self._converter.async_try_again(checksum)
        if pdf != known:
            self._pdfs = {key: kept for key, kept in self._pdfs.items() if key != checksum}
            if pdf is not None:
                self._pdfs[checksum] = pdf
            self._rearrange(needs.with_content(checksum, self._known))

    @callback
    def _conversion_ended(self, checksum: str) -> None:
        if media := needs.with_content(checksum, self._known):
            self._begin_look(media)

    # What follows from it

    def _rearrange(self, media: Collection[str]) -> None:
        """Arrange anew the events that show some media, and tell of them."""
        event_ids = needs.events_with(media, self._wanted)
        for event_id in event_ids:
            self._arrange(event_id)
        if event_ids:
            self._tell(event_ids)

    def _arrange(self, event_id: int) -> None:
        """Let screens fetch what an event shows."""
        media = self._wanted.get(event_id, ())
        shown = ((each, needs.shown_as(each, self._known, self._pdfs)) for each in media)
        self._lending.async_lend(event_id, [(each, found) for each, found in shown if found])

    @callback
    def _mind(self) -> None:
        """Say which files are gone."""
        wanted = self._all_wanted
        self._repairs.async_show(
            needs.gone(wanted, self._known),
            has_address=self._lending.has_address or not wanted,
            has_converter=self._converter.configured or not needs.has_office(wanted, self._known),
        )

    @callback
    def _configuration_changed(self, _event: HassEvent) -> None:
        self._follow()

    @callback
    def _follow(self) -> None:
        """Follow the address that files are fetched from."""
        if self._lending.async_follow():
            self._rearrange(self._all_wanted)
            self._mind()


def _looks(known: Mapping[str, Found | None], media: Iterable[str]) -> dict[str, Look]:
    """Return how media look of which there is a file; in the executor."""
    return {each: look(found.place) for each in media if (found := known.get(each))}
