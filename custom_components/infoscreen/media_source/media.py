"""The folder of media: what screens can show, to choose from."""

from collections.abc import Sequence
from typing import Final, override
from urllib.parse import quote

from homeassistant.components.media_player import MediaClass
from homeassistant.components.media_source import BrowseMediaSource, PlayMedia
from homeassistant.core import HomeAssistant

from ..const import DOMAIN
from ..media.folder import PREFIX, MediaFolder, NoMediumError, Place, read_kind
from ..media_views import FILE_URL
from ..model.media.kinds import Kind
from ..screenshot_view import loaded_fleets
from ..texts import async_text, language_for
from .shelf import NotThereError, Shelf, folder

_NAME: Final = "media"


class MediaShelf(Shelf):
    """Every file of the folder that can be shown."""

    name = _NAME

    def __init__(self, hass: HomeAssistant) -> None:
        self._hass = hass
        self._folder = MediaFolder(hass.config.config_dir)

    @override
    async def browse(self, path: Sequence[str]) -> BrowseMediaSource:
        listed = await self._hass.async_add_executor_job(self._folder.list, path)
        if listed is None:
            raise NotThereError
        title = path[-1] if path else self._text(_NAME)
        children = [self._child([*path, name], kind) for name, kind in listed]
        return folder(self.name, *path, title=title, children=children)

    @override
    async def resolve(self, path: Sequence[str]) -> PlayMedia:
        if (place := self._folder.place(path)) is None:
            raise NotThereError
        try:
            kind = await self._hass.async_add_executor_job(_kind_at, place)
        except (OSError, NoMediumError) as err:
            raise NotThereError from err
        return PlayMedia(FILE_URL.format(path=quote("/".join(path))), kind.mime_type, path=place.path)

    def _child(self, path: Sequence[str], kind: Kind | None) -> BrowseMediaSource:
        if kind is None:
            return folder(self.name, *path, title=path[-1])
        is_film = kind.mime_type.startswith("video/")
        return BrowseMediaSource(
            domain=DOMAIN,
            identifier="/".join([self.name, *path]),
            media_class=MediaClass.VIDEO if is_film else MediaClass.IMAGE,
            media_content_type=kind.mime_type,
            title=self._title("/".join(path), path[-1]),
            can_play=True,
            can_expand=False,
        )

    def _title(self, path: str, name: str) -> str:
        """Return the name of a file, and of an office file how far it is on its way to a PDF."""
        for entry in loaded_fleets(self._hass).values():
            if state := entry.runtime_data.library.async_conversion_of(f"{PREFIX}{path}"):
                return self._text(f"{_NAME}_{state}", name=name)
        return name

    def _text(self, key: str, **placeholders: str) -> str:
        return async_text(self._hass, language_for(self._hass), key, placeholders)


def _kind_at(place: Place) -> Kind:
    """Return what is at a place; in the executor."""
    with place.open() as opened:
        return read_kind(place.path.name, opened)
