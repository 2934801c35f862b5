"""What Infoscreen keeps, in Home Assistant's media browser: `media-source://infoscreen/…`."""

from typing import Final, override

from homeassistant.components.media_player import BrowseError, MediaClass
from homeassistant.components.media_source import (
    BrowseMediaSource,
    MediaSource,
    MediaSourceItem,
    PlayMedia,
    Unresolvable,
)
from homeassistant.core import HomeAssistant

from ..const import DOMAIN
from .media import MediaShelf
from .screenshots import ScreenshotShelf
from .shelf import NotThereError, Shelf


async def async_get_media_source(hass: HomeAssistant) -> MediaSource:
    """Return the media source, which is there whether or not a fleet is loaded."""
    return InfoscreenMediaSource(hass)


class InfoscreenMediaSource(MediaSource):
    """A few shelves, each with things of one kind; the first part of an identifier names the shelf."""

    name = "Infoscreen"

    def __init__(self, hass: HomeAssistant) -> None:
        super().__init__(DOMAIN)
        self._shelves: Final[dict[str, Shelf]] = {
            shelf.name: shelf for shelf in (MediaShelf(hass), ScreenshotShelf(hass))
        }

    @override
    async def async_browse_media(self, item: MediaSourceItem) -> BrowseMediaSource:
        if not item.identifier:
            return await self._root()
        name, *path = item.identifier.split("/")
        try:
            return await self._shelf(name).browse(path)
        except NotThereError as err:
            raise BrowseError(
                translation_domain=DOMAIN,
                translation_key="media_not_found",
                translation_placeholders={"identifier": item.identifier},
            ) from err

    @override
    async def async_resolve_media(self, item: MediaSourceItem) -> PlayMedia:
        name, *path = (item.identifier or "").split("/")
        try:
            return await self._shelf(name).resolve(path)
        except NotThereError as err:
            raise Unresolvable(
                translation_domain=DOMAIN,
                translation_key="media_not_found",
                translation_placeholders={"identifier": item.identifier},
            ) from err

    def _shelf(self, name: str) -> Shelf:
        if name not in self._shelves:
            raise NotThereError
        return self._shelves[name]

    async def _root(self) -> BrowseMediaSource:
        root = BrowseMediaSource(
            domain=DOMAIN,
            identifier=None,
            media_class=MediaClass.APP,
            media_content_type="",
            title="Infoscreen",
            can_play=False,
            can_expand=True,
            children_media_class=MediaClass.DIRECTORY,
        )
        root.children = [await shelf.browse([]) for shelf in self._shelves.values()]
        return root
