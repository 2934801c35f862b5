"""The screenshots that are kept: fleet, screen, and the newest first."""

from collections.abc import Sequence
from typing import Final, override

from homeassistant.components.media_player import MediaClass
from homeassistant.components.media_source import BrowseMediaSource, PlayMedia
from homeassistant.core import HomeAssistant
from homeassistant.helpers.translation import async_get_cached_translations
from homeassistant.util import dt as dt_util

from ..const import DOMAIN
from ..coordinator import ScreenCoordinator
from ..runtime import InfoscreenConfigEntry
from ..screenshot_view import FoundScreenshot, find_screenshot, loaded_fleets
from .shelf import NotThereError, Shelf, folder

_NAME: Final = "screenshots"


class ScreenshotShelf(Shelf):
    """Every screenshot that is kept."""

    name = _NAME

    def __init__(self, hass: HomeAssistant) -> None:
        self._hass = hass

    @override
    async def browse(self, path: Sequence[str]) -> BrowseMediaSource:
        fleets = loaded_fleets(self._hass)
        if not path:
            children = [self._of_fleet(entry) for entry in fleets.values()]
            return folder(self.name, title=self._text("common.screenshots"), children=children)
        if (entry := fleets.get(path[0])) is None:
            raise NotThereError
        if len(path) == 1:
            return self._of_fleet(entry, whole=True)
        coordinator = entry.runtime_data.fleet.async_find(path[1])
        if coordinator is None or len(path) > 2:
            raise NotThereError
        return self._of_screen(entry, coordinator, whole=True)

    @override
    async def resolve(self, path: Sequence[str]) -> PlayMedia:
        found = find_screenshot(self._hass, *path) if len(path) == 3 else None
        if found is None:
            raise NotThereError
        screenshots, key = found.entry.runtime_data.screenshots, found.coordinator.screen.key
        return PlayMedia(found.url, found.kept.format.content_type, path=screenshots.path(key, found.kept))

    def _of_fleet(self, entry: InfoscreenConfigEntry, *, whole: bool = False) -> BrowseMediaSource:
        screens = sorted(
            entry.runtime_data.fleet.screens.values(), key=lambda each: each.screen.name.casefold()
        )
        children = [
            self._of_screen(entry, coordinator) for coordinator in screens if coordinator.data.album.kept
        ]
        return folder(self.name, entry.entry_id, title=entry.title, children=children if whole else None)

    def _of_screen(
        self, entry: InfoscreenConfigEntry, coordinator: ScreenCoordinator, *, whole: bool = False
    ) -> BrowseMediaSource:
        screen = coordinator.screen
        found = [FoundScreenshot(entry, coordinator, kept) for kept in coordinator.data.album.kept]
        children = [self._screenshot(each) for each in found]
        return folder(
            self.name, entry.entry_id, screen.key, title=screen.name, children=children if whole else None
        )

    def _screenshot(self, found: FoundScreenshot) -> BrowseMediaSource:
        kept = found.kept
        taken = self._text(f"entity.image.screenshot.state_attributes.type.state.{kept.capture}")
        return BrowseMediaSource(
            domain=DOMAIN,
            identifier=f"{self.name}/{found.entry.entry_id}/{found.coordinator.screen.key}/{kept.name}",
            media_class=MediaClass.IMAGE,
            media_content_type=kept.format.content_type,
            title=f"{dt_util.as_local(kept.received_at):%Y-%m-%d %H:%M:%S} · {taken}",
            can_play=True,
            can_expand=False,
            thumbnail=found.url,
        )

    def _text(self, key: str) -> str:
        """Return a text in Home Assistant's language."""
        category = key.partition(".")[0]
        texts = async_get_cached_translations(self._hass, self._hass.config.language, category, DOMAIN)
        return texts[f"component.{DOMAIN}.{key}"]
