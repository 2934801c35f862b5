"""What a part of the media source can do."""

from collections.abc import Iterable, Sequence
from typing import Protocol

from homeassistant.components.media_player import MediaClass, MediaType
from homeassistant.components.media_source import BrowseMediaSource, PlayMedia

from ..const import DOMAIN


class NotThereError(Exception):
    """There is nothing by this name."""


class Shelf(Protocol):
    """Things of one kind."""

    name: str

    async def browse(self, path: Sequence[str]) -> BrowseMediaSource:
        """Return what is at a place below the shelf, with what is below that; raise NotThereError."""

    async def resolve(self, path: Sequence[str]) -> PlayMedia:
        """Return where a thing is served; raise NotThereError."""


def folder(*path: str, title: str, children: Iterable[BrowseMediaSource] | None = None) -> BrowseMediaSource:
    """Return a place with things in it; without children it is only told that there is one."""
    return BrowseMediaSource(
        domain=DOMAIN,
        identifier="/".join(path),
        media_class=MediaClass.DIRECTORY,
        media_content_type=MediaType.IMAGE,
        title=title,
        can_play=False,
        can_expand=True,
        children=None if children is None else list(children),
    )
