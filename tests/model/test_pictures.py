"""Test what a picture is by its structure."""

from hypothesis import given, strategies as st
import pytest

from custom_components.infoscreen.model.pictures import (
    MAX_PIXELS,
    NoPictureError,
    Outline,
    PictureFormat,
    outline,
)

from ..pictures import animated, bomb, chunk, picture

SOI, EOI = b"\xff\xd8", b"\xff\xd9"
FRAME = b"\xff\xc0\x00\x0b\x08\x00\x24\x00\x40\x01\x01\x11\x00"
SCAN = b"\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00\x12\xff\x00\xff\xd0\x34"
IHDR = chunk(b"IHDR", b"\0\0\0\x40\0\0\0\x24\x08\x02\0\0\0")
IEND = chunk(b"IEND", b"")
PNG = b"\x89PNG\r\n\x1a\n"


@pytest.mark.parametrize(
    ("data", "form"),
    [
        (picture(), PictureFormat.JPEG),
        (picture(progressive=True), PictureFormat.JPEG),
        (picture(exif=b"Exif\0\0 \xff\xd9 what looks like an end"), PictureFormat.JPEG),
        (SOI + FRAME + SCAN + EOI, PictureFormat.JPEG),
        (SOI + FRAME + b"\xff\xff" + SCAN + b"\xff\xff" + EOI, PictureFormat.JPEG),
        (picture(form="PNG"), PictureFormat.PNG),
        (PNG + IHDR + IEND, PictureFormat.PNG),
    ],
    ids=["JPEG", "progressive", "an end inside", "the least JPEG", "filled up", "PNG", "the least PNG"],
)
def test_a_picture_says_how_large_it_is(data: bytes, form: PictureFormat) -> None:
    """Whole, and before anything is decoded."""
    assert outline(data) == Outline(format=form, width=64, height=36)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        SOI,
        picture(form="GIF"),
        SOI + FRAME + EOI,
        SOI + SCAN + EOI,
        SOI + FRAME + FRAME + SCAN + EOI,
        SOI + FRAME + SCAN,
        SOI + FRAME + SCAN + EOI + b"\0",
        SOI + FRAME + SCAN + b"x" + EOI[:1],
        SOI + FRAME + b"x" + SCAN + EOI,
        SOI + FRAME + SCAN * 33 + EOI,
        SOI + b"\xff\xe0\xff",
        PNG,
        PNG + IEND,
        PNG + IHDR,
        PNG + IHDR + IHDR + IEND,
        PNG + IHDR + IEND + b"\0",
        PNG + IHDR + chunk(b"acTL", bytes(8)) + IEND,
        PNG + IHDR[:-1] + b"x" + IEND,
        PNG + b"\xff\xff\xff\xff" + IHDR[4:] + IEND,
        animated(),
        bomb(0, 64),
        bomb(40_000, 40_000),
        bomb(MAX_PIXELS + 1, 1),
    ],
    ids=repr,
)
def test_what_is_not_a_picture_from_its_first_byte_to_its_last_is_none(data: bytes) -> None:
    """Contract, "Bounds"; a polyglot's other half stands before, behind or between."""
    with pytest.raises(NoPictureError):
        outline(data)


def test_each_format_has_its_media_type() -> None:
    """What is served says what it is."""
    assert {form: form.content_type for form in PictureFormat} == {"jpg": "image/jpeg", "png": "image/png"}


def test_fifty_megapixels_are_allowed() -> None:
    """Contract, "Bounds"."""
    assert outline(bomb(MAX_PIXELS, 1)).width == 50_000_000


@given(
    data=st.binary(max_size=80).flatmap(
        lambda rest: st.sampled_from([b"\xff\xd8\xff", PNG, SOI + FRAME, SOI + FRAME + SCAN, PNG + IHDR]).map(
            lambda start: start + rest
        )
    )
)
def test_no_bytes_make_us_stumble(data: bytes) -> None:
    """Whatever they are, they are a picture of bounded size or none."""
    try:
        found = outline(data)
    except NoPictureError:
        return
    assert 0 < found.width * found.height <= MAX_PIXELS


@given(cut=st.integers(1, 10_000), form=st.sampled_from(["JPEG", "PNG"]))
def test_no_beginning_of_a_picture_is_one(cut: int, form: str) -> None:
    """A connection may end at any byte."""
    whole = picture(form=form)
    with pytest.raises(NoPictureError):
        outline(whole[: -min(cut, len(whole))])
