"""Test what files are, how they may be called, which part of them is asked for, and what opens them."""

from hypothesis import given, strategies as st
import pytest

from custom_components.infoscreen.model.media.kinds import HEAD, called_by_kind, kind_by_name, kind_of
from custom_components.infoscreen.model.media.names import are_plain, kept_name, name_in_address
from custom_components.infoscreen.model.media.ranges import Part, UnsatisfiableError, part_asked
from custom_components.infoscreen.model.media.stamps import Stamp
from custom_components.infoscreen.model.media.tokens import opened_by, token_of
from custom_components.infoscreen.model.schedule.events import EventType, Override

from .samples import event

BOXES = b"\x00\x00\x00\x18"
ODP = b"PK\x03\x04" + bytes(26) + b"mimetypeapplication/vnd.oasis.opendocument."


@pytest.mark.parametrize(
    ("name", "head", "mime_type"),
    [
        ("a.pdf", b"%PDF-1.4", "application/pdf"),
        ("A.PDF", b"%PDF-1.4", "application/pdf"),
        ("a.b.gif", b"GIF89a", "image/gif"),
        ("a.bmp", b"BM", "image/bmp"),
        ("a.avif", BOXES + b"ftypavif", "image/avif"),
        ("a.webp", b"RIFF\0\0\0\0WEBP", "image/webp"),
        ("a.avi", b"RIFF\0\0\0\0AVI ", "video/x-msvideo"),
        ("a.mov", BOXES + b"ftypqt  ", "video/quicktime"),
        ("a.mov", BOXES + b"moov", "video/quicktime"),
        ("a.m4v", BOXES + b"ftypM4V ", "video/mp4"),
        ("a.ogv", b"OggS", "video/ogg"),
        ("a.mpg", b"\x00\x00\x01\xba", "video/mpeg"),
        ("a.odp", ODP + b"presentation", "application/vnd.oasis.opendocument.presentation"),
        ("a.pdf", b"<html>", None),
        ("a.pdf", b"", None),
        ("a.mp4", BOXES + b"ftypheic", None),
        ("a.mp4", BOXES + b"moov", None),
        ("a.odp", ODP + b"text", None),
        ("a.odp", b"%PDF-1.4", None),
        ("a.svg", b"<svg>", None),
        ("pdf", b"%PDF-1.4", None),
        (".pdf", b"%PDF-1.4", None),
    ],
)
def test_a_file_is_what_its_name_and_its_beginning_say(name: str, head: bytes, mime_type: str | None) -> None:
    """Both, or it is no media."""
    kind = kind_of(name, head[:HEAD])
    assert (kind.mime_type if kind else None) == mime_type


@pytest.mark.parametrize(
    "name", ["film.mp4", "Menü (neu), 2. Woche.PDF", "日本-1_2.png", "Transcript.pdf", "Selection.pdf"]
)
def test_an_ordinary_file_is_fetched_by_its_name(name: str) -> None:
    """So that people recognise it."""
    assert name_in_address(name) == name


@pytest.mark.parametrize(
    "name", ["Concat (1).PDF", "Union, all selected.PDF", "100%.PDF", "a..b.PDF", "<a>.PDF"]
)
def test_what_could_be_taken_for_an_attack_is_fetched_by_another_name(name: str) -> None:
    """The same each time, another for each, with the ending that tells what it is."""
    named = name_in_address(name)
    stem, dot, ending = named.partition(".")
    assert (stem.isalnum(), dot, ending) == (True, ".", "PDF")
    assert named == name_in_address(name) != name_in_address(f"2{name}")


@pytest.mark.parametrize(
    ("name", "mime_type", "called"),
    [
        ("original", "image/jpeg", "original.jpg"),
        ("a.png", "image/jpeg", "a.png"),
        ("a.b", "application/zip", "a.b"),
    ],
)
def test_a_file_is_called_by_what_it_is(name: str, mime_type: str, called: str) -> None:
    """Where its own name does not tell; what is no media stays none."""
    assert called_by_kind(name, mime_type) == called


def test_only_office_files_have_to_become_something_else() -> None:
    """Product, "Schedule": PDF, PPT, PPTX, ODP."""
    kinds = {name: kind_by_name(f"a.{name}") for name in ("pdf", "ppt", "pptx", "odp", "png", "mp4")}
    assert {name for name, kind in kinds.items() if kind and kind.is_office} == {"ppt", "pptx", "odp"}


@pytest.mark.parametrize(
    "name", ["", ".", "..", ".a", "a/b", "a\\b", "a\0", "a\n", "a\u202e", "a\ud800", "ü" * 128]
)
def test_a_name_is_no_path_and_can_be_read(name: str) -> None:
    """Nothing else ever becomes part of one."""
    assert kept_name(name) is None
    assert not are_plain(["folder", name])


@pytest.mark.parametrize(
    "name",
    [
        "Screenshot 2026-11-23 at 9.41.00\u202fAM.png",
        "Salle\xa012.pdf",
        "👩\u200d🏫.png",
        "क्\u200cष.pdf",
    ],
    ids=["as a Mac calls it", "space that breaks no line", "teacher", "Hindi"],
)
def test_spaces_of_any_width_and_joined_letters_can_be_read(name: str) -> None:
    """Files of people are called so; in an address their names are others."""
    assert kept_name(name) == name
    assert are_plain(["folder", name])
    assert name_in_address(name).isascii()


def test_a_name_is_kept_in_one_spelling() -> None:
    """A Mac sends letter and dots apart."""
    assert kept_name("Menu\u0308.pdf") == "Menü.pdf"
    assert are_plain(["a", "b c"])
    assert not are_plain([])


@given(
    header=st.one_of(st.none(), st.text(), st.from_regex(r"bytes=\d*-\d*", fullmatch=True)),
    size=st.integers(1, 10**6),
)
def test_a_part_lies_within_the_file(header: str | None, size: int) -> None:
    """Whatever is asked for."""
    try:
        part = part_asked(header, size)
    except UnsatisfiableError:
        return
    assert part is None or (part.first >= 0 < part.size and part.first + part.size <= size)


@pytest.mark.parametrize(
    ("header", "part"),
    [
        (None, None),
        ("bytes=0-", Part(0, 100)),
        (" bytes=90-200", Part(90, 10)),
        ("bytes=-7", Part(93, 7)),
        ("bytes=5-5", Part(5, 1)),
        ("bytes=5-4", None),
        ("bytes=-", None),
        ("bytes=0-1,2-3", None),
        ("bytes=٣-٤", None),
    ],
)
def test_a_part_is_asked_for(header: str | None, part: Part | None) -> None:
    """RFC 9110, "Range Requests": what makes no sense is the whole."""
    assert part_asked(header, 100) == part


@pytest.mark.parametrize("header", ["bytes=100-", "bytes=100-200", "bytes=-0"])
def test_nothing_lies_past_the_end(header: str) -> None:
    """Fine points, "Content": 416."""
    with pytest.raises(UnsatisfiableError):
        part_asked(header, 100)
    assert Part(93, 7).told(100) == "bytes 93-99/100"


@given(secret=st.text(min_size=1), event_id=st.integers(1, 10**9), other=st.integers(1, 10**9))
def test_a_token_opens_its_event_and_no_other(secret: str, event_id: int, other: int) -> None:
    """Nor does one of another fleet."""
    token = token_of(secret.encode("utf-8", "replace").decode(), event_id)
    secret = secret.encode("utf-8", "replace").decode()
    assert opened_by(secret, token) == event_id
    assert opened_by(f"{secret}2", token) is None
    assert (opened_by(secret, f"{other}-{token.partition('-')[2]}") == other) is (other == event_id)


@given(token=st.text())
def test_no_other_text_opens_anything(token: str) -> None:
    """Whatever it holds."""
    assert opened_by("secret", token) is None
    assert opened_by("secret", f"1-{token}") is None


def test_a_stamp_is_read_back() -> None:
    """A restart reads no file to its end again."""
    stamp = Stamp(modified=5, size=7, checksum="0" * 64)
    assert Stamp.from_stored(stamp.as_stored()) == stamp
    assert stamp.holds(5, 7)
    assert not stamp.holds(5, 8)


def test_the_media_of_an_event_are_those_of_all_its_occurrences() -> None:
    """Each once, in the order in which they are shown."""
    start = event().start
    moved = Override(occurrence=start, changes={"files": ("c", "a"), "media": "d"})
    slides = event(
        event_type=EventType.PRESENTATION, url=None, files=("b", "a"), rrule="FREQ=DAILY", overrides=(moved,)
    )
    assert slides.all_media == ("b", "a", "c", "d")
    assert event().all_media == ()
