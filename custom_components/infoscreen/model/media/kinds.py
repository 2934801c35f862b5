"""What kind of file something is: by its name, and held against how it begins."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

#: How much of a file's beginning tells what it is.
HEAD: Final = 128

type _Test = Callable[[bytes], bool]


@dataclass(frozen=True, kw_only=True, slots=True)
class Kind:
    """A kind of file that can be shown."""

    mime_type: str
    begins: _Test
    """Whether a file that begins so can be of this kind."""
    is_office: bool = False
    """Whether a screen can show it only once it was made a PDF."""


def kind_by_name(name: str) -> Kind | None:
    """Return what a file claims to be by its name, None for what is no media."""
    stem, _, ending = name.rpartition(".")
    return KINDS.get(ending.casefold()) if stem else None


def called_by_kind(name: str, mime_type: str) -> str:
    """Return a file's name, with the ending of its kind if its own says nothing."""
    endings = (ending for ending, kind in KINDS.items() if kind.mime_type == mime_type)
    ending = None if kind_by_name(name) else next(endings, None)
    return f"{name}.{ending}" if ending else name


def kind_of(name: str, head: bytes) -> Kind | None:
    """Return what a file is, None for what is no media or something else than its name says."""
    kind = kind_by_name(name)
    return kind if kind and kind.begins(head) else None


def _with(*signs: bytes) -> _Test:
    return lambda head: head.startswith(signs)


def _riff(form: bytes) -> _Test:
    return lambda head: head[:4] == b"RIFF" and head[8:12] == form


def _is_film_in_boxes(head: bytes) -> bool:
    """Tell a film as MP4 and QuickTime have it from a picture in the same boxes."""
    return head[4:8] == b"ftyp" and head[8:12] not in _PICTURES_IN_BOXES


def _is_old_quicktime(head: bytes) -> bool:
    return _is_film_in_boxes(head) or head[4:8] in {b"moov", b"mdat", b"wide", b"free", b"skip"}


def _is_open_document(head: bytes) -> bool:
    """Tell a presentation from other documents, which say so in their first entry, if they have that."""
    said = head[30:].startswith(b"mimetype")
    return head.startswith(_ZIP) and (not said or head[38:].startswith(_PRESENTATION))


_ZIP: Final = b"PK\x03\x04"
_PRESENTATION: Final = b"application/vnd.oasis.opendocument.presentation"
_PICTURES_IN_BOXES: Final = frozenset([b"avif", b"avis", b"heic", b"heix", b"hevc", b"mif1", b"msf1"])
_MATROSKA: Final = _with(b"\x1a\x45\xdf\xa3")
_MPEG: Final = Kind(mime_type="video/mpeg", begins=_with(b"\x00\x00\x01\xba", b"\x00\x00\x01\xb3"))
_MP4: Final = Kind(mime_type="video/mp4", begins=_is_film_in_boxes)
_JPEG: Final = Kind(mime_type="image/jpeg", begins=_with(b"\xff\xd8\xff"))

#: All kinds there are, by the ending of a name.
KINDS: Final[Mapping[str, Kind]] = {
    "pdf": Kind(mime_type="application/pdf", begins=_with(b"%PDF-")),
    "ppt": Kind(
        mime_type="application/vnd.ms-powerpoint",
        begins=_with(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"),
        is_office=True,
    ),
    "pptx": Kind(
        mime_type="application/vnd.openxmlformats-officedocument.presentationml.presentation",
        begins=_with(_ZIP),
        is_office=True,
    ),
    "odp": Kind(mime_type=_PRESENTATION.decode(), begins=_is_open_document, is_office=True),
    "jpg": _JPEG,
    "jpeg": _JPEG,
    "png": Kind(mime_type="image/png", begins=_with(b"\x89PNG\r\n\x1a\n")),
    "gif": Kind(mime_type="image/gif", begins=_with(b"GIF87a", b"GIF89a")),
    "webp": Kind(mime_type="image/webp", begins=_riff(b"WEBP")),
    "bmp": Kind(mime_type="image/bmp", begins=_with(b"BM")),
    "avif": Kind(
        mime_type="image/avif",
        begins=lambda head: head[4:8] == b"ftyp" and head[8:12] in {b"avif", b"avis", b"mif1"},
    ),
    "mp4": _MP4,
    "m4v": _MP4,
    "mov": Kind(mime_type="video/quicktime", begins=_is_old_quicktime),
    "webm": Kind(mime_type="video/webm", begins=_MATROSKA),
    "mkv": Kind(mime_type="video/x-matroska", begins=_MATROSKA),
    "ogv": Kind(mime_type="video/ogg", begins=_with(b"OggS")),
    "avi": Kind(mime_type="video/x-msvideo", begins=_riff(b"AVI ")),
    "mpg": _MPEG,
    "mpeg": _MPEG,
}
