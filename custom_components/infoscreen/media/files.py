"""Media as they are on the disk, read once and then known by time and size.

What reads them waits for the disk: it is called in the executor.
"""

import asyncio
from dataclasses import dataclass
import hashlib
import os
from pathlib import Path

from homeassistant.components.media_source import async_resolve_media
from homeassistant.core import HomeAssistant

from ..const import LOGGER, SOURCE_PATIENCE
from ..model.media.kinds import called_by_kind
from ..model.media.needs import Look, Medium
from ..model.media.stamps import Stamp
from .folder import PREFIX, MediaFolder, NoMediumError, Place, read_kind


class UnsettledError(Exception):
    """Somebody is just writing the file."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Found(Medium):
    """A file that is there, and where."""

    place: Place


async def async_place_of(hass: HomeAssistant, folder: MediaFolder, media: str) -> Place | None:
    """Return where the file of a media id is, None where no file is behind it."""
    if media.startswith(PREFIX):
        return folder.place(media.removeprefix(PREFIX).split("/"))
    try:
        async with asyncio.timeout(SOURCE_PATIENCE.total_seconds()):
            played = await async_resolve_media(hass, media, None)
    except Exception as err:  # noqa: BLE001  # a source may be anybody's
        LOGGER.debug("%s is not to be had: %r", media, err)
        return None
    # Links between folders are made by whoever runs the machine; a file that is one leads anywhere.
    if not isinstance(path := played.path, Path):
        return None
    return Place(path=path, root=path.parent, called=called_by_kind(path.name, played.mime_type))


def look(place: Place) -> Look:
    """Return how a file looks without reading it, None if there is none."""
    found = place.stat()
    return (found.st_mtime_ns, found.st_size) if found else None


def read(place: Place, stamp: Stamp | None) -> Found | None:
    """Return a file with its checksum, None if there is none to show; raise UnsettledError.

    It is read to its end only if it does not look as it did.
    """
    try:
        with place.open() as opened:
            kind = read_kind(place.name, opened)
            before = os.fstat(opened.fileno())
            if stamp is None or not stamp.holds(before.st_mtime_ns, before.st_size):
                checksum = hashlib.file_digest(opened, "sha256").hexdigest()
                stamp = Stamp(modified=before.st_mtime_ns, size=before.st_size, checksum=checksum)
            after = os.fstat(opened.fileno())
    except OSError, NoMediumError:
        return None
    if not stamp.holds(after.st_mtime_ns, after.st_size):
        raise UnsettledError
    return Found(place=place, name=place.name, kind=kind, stamp=stamp)
