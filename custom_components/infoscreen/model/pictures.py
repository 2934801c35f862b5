"""What a picture is, by its structure alone: checked before anything decodes it.

A file that is one format to us and another to a browser, that goes on after its end, that moves, or that is
small on the wire and huge in memory, ends here. Whether its pixels can be decoded is for others to find out.
"""

from binascii import crc32
from dataclasses import dataclass
from enum import StrEnum
import re
from typing import Final

# Contract, "Bounds".
MAX_PIXELS: Final = 50_000_000

# Progressive JPEGs have about ten scans. Each costs a pass over all pixels, and an empty one a few bytes.
_MAX_SCANS: Final = 32

_JPEG: Final = b"\xff\xd8\xff"
_PNG: Final = b"\x89PNG\r\n\x1a\n"
_MARKER: Final = re.compile(rb"\xff+([^\x00\xff])")
#: Where a scan's data end: at a marker that is neither a stuffed byte, nor a restart, nor fill.
_AFTER_SCAN: Final = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")
_FRAMES: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_END: Final = 0xD9
_SCAN: Final = 0xDA


class NoPictureError(ValueError):
    """Bytes that are no picture of ours."""


class PictureFormat(StrEnum):
    """What pictures may be, by the ending of their files."""

    JPEG = "jpg"
    PNG = "png"

    @property
    def content_type(self) -> str:
        """Return the media type."""
        return "image/jpeg" if self is PictureFormat.JPEG else "image/png"


@dataclass(frozen=True, kw_only=True, slots=True)
class Outline:
    """What a picture claims to be."""

    format: PictureFormat
    width: int
    height: int


def looks_like_a_picture(data: bytes | bytearray) -> bool:
    """Tell whether bytes begin as a picture does."""
    return data.startswith((_JPEG, _PNG))


def outline(data: bytes) -> Outline:
    """Return what a whole picture, from its first byte to its last, claims to be; raise NoPictureError."""
    if data.startswith(_JPEG):
        found = _jpeg(data)
    elif data.startswith(_PNG):
        found = _png(data)
    else:
        raise NoPictureError("neither JPEG nor PNG")
    if not 0 < found.width * found.height <= MAX_PIXELS:
        raise NoPictureError(f"{found.width} by {found.height} pixels")
    return found


def _number(data: bytes, start: int, length: int) -> int:
    """Return a number of so many bytes."""
    if start + length > len(data):
        raise NoPictureError("cut off")
    return int.from_bytes(data[start : start + length])


def _jpeg(data: bytes) -> Outline:
    """Walk over a JPEG's segments to its end."""
    marker, place = _marker(data, 2)
    scans, size = 0, (0, 0)
    while marker != _END:
        end = place + _number(data, place, 2)
        if marker in _FRAMES:
            if size != (0, 0):
                raise NoPictureError("several frames")
            size = _number(data, place + 5, 2), _number(data, place + 3, 2)
        if marker == _SCAN:
            scans += 1
            end = _after_scan(data, end)
        marker, place = _marker(data, end)
    if place != len(data) or not 0 < scans <= _MAX_SCANS:
        raise NoPictureError("not at its end, or scanned too often")
    return Outline(format=PictureFormat.JPEG, width=size[0], height=size[1])


def _marker(data: bytes, place: int) -> tuple[int, int]:
    """Return the marker at a place, and where it ends."""
    found = _MARKER.match(data, place)
    if found is None:
        raise NoPictureError("no marker")
    return found[1][0], found.end()


def _after_scan(data: bytes, place: int) -> int:
    """Return where the marker after a scan is."""
    found = _AFTER_SCAN.search(data, place)
    if found is None:
        raise NoPictureError("cut off")
    return found.start()


def _png(data: bytes) -> Outline:
    """Walk over a PNG's chunks to its end."""
    place, size, name = len(_PNG), (0, 0), b""
    while name != b"IEND":
        first = not name
        length, name = _number(data, place, 4), data[place + 4 : place + 8]
        end = place + 8 + length
        if _number(data, end, 4) != crc32(data[place + 4 : end]):
            raise NoPictureError("a chunk is broken")
        if first is not (name == b"IHDR") or name == b"acTL":
            raise NoPictureError("no header, or moving")
        if first:
            size = _number(data, place + 8, 4), _number(data, place + 12, 4)
        place = end + 4
    if place != len(data):
        raise NoPictureError("not at its end")
    return Outline(format=PictureFormat.PNG, width=size[0], height=size[1])
