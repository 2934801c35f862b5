"""Test what events need of files: what is looked at, shown, told to be gone, and let go of."""

from dataclasses import dataclass

import pytest

from custom_components.infoscreen.model.conversions import State
from custom_components.infoscreen.model.media import needs
from custom_components.infoscreen.model.media.kinds import KINDS
from custom_components.infoscreen.model.media.needs import Look, Medium
from custom_components.infoscreen.model.media.stamps import Stamp


@dataclass(frozen=True, kw_only=True, slots=True)
class Copy(Medium):
    """A file that lies somewhere."""

    where: str = "on the desk"


def stamp(checksum: str) -> Stamp:
    """Return what is known of a file's content."""
    return Stamp(modified=5, size=7, checksum=checksum)


def file(name: str, checksum: str = "") -> Copy:
    """Return a file; by its name it has a content of its own."""
    return Copy(name=name, kind=KINDS[name.rpartition(".")[2]], stamp=stamp(checksum or name))


WANTED = {1: ("menu", "deck"), 2: ("menu",), 3: ("film",)}
KNOWN = {
    "menu": file("menu.pdf"),
    "deck": file("deck.v2.pptx"),
    "copy": file("copy.pptx", "deck.v2.pptx"),
    "film": None,
}


def test_what_several_events_need_is_needed_once() -> None:
    """It is looked at once, and all that show it hear of it."""
    assert needs.all_wanted(WANTED) == {"menu", "deck", "film"}
    assert needs.events_with({"menu"}, WANTED) == [1, 2]
    assert needs.events_with({"menu", "film"}, WANTED) == [1, 2, 3]
    assert needs.events_with({"copy"}, WANTED) == []


def test_what_is_not_in_sight_is_looked_at_by_the_next_who_needs_it() -> None:
    """What was not found, or not looked for yet, and what nobody watches."""
    watched = {"menu", "film", "poster"}
    assert needs.unseen([*KNOWN, "poster"], KNOWN, watched) == {"film", "poster", "deck", "copy"}


@pytest.mark.parametrize(
    ("media", "look", "same"),
    [
        ("menu", (5, 7), True),
        ("menu", (6, 7), False),
        ("menu", (5, 8), False),
        ("menu", None, False),
        ("film", (5, 7), False),
        ("poster", (5, 7), False),
    ],
    ids=["as it was", "later", "larger", "gone", "back", "never read"],
)
def test_a_file_is_read_again_unless_it_looks_as_it_did(media: str, look: Look, *, same: bool) -> None:
    """Time and size tell; reading a film to its end takes its time."""
    assert needs.unchanged(KNOWN, {media: look}) == ({media} if same else set())


def test_the_same_file_may_have_several_names() -> None:
    """One PDF serves all."""
    assert needs.with_content("deck.v2.pptx", KNOWN) == {"deck", "copy"}
    assert needs.with_content("other", KNOWN) == set()


def test_an_office_file_is_shown_as_the_pdf_made_of_it() -> None:
    """Under its own name, with the PDF's ending; any other file is shown as it is."""
    made = Copy(name="0a1b.pdf", kind=KINDS["pdf"], stamp=stamp("made"), where="in the cupboard")
    pdfs = {"deck.v2.pptx": made}
    shown = {media: needs.shown_as(media, KNOWN, pdfs) for media in (*KNOWN, "poster")}
    assert [(each.name, each.stamp, each.where) for each in shown.values() if each] == [
        ("menu.pdf", stamp("menu.pdf"), "on the desk"),
        ("deck.v2.pdf", stamp("made"), "in the cupboard"),
        ("copy.pdf", stamp("made"), "in the cupboard"),
    ]
    assert (shown["film"], shown["poster"]) == (None, None)
    assert needs.shown_as("deck", KNOWN, {}) is None


def test_only_pdfs_of_files_that_are_known_are_kept_in_mind() -> None:
    """Those of others may be gone when their file returns."""
    made = {checksum: file("made.pdf") for checksum in ("deck.v2.pptx", "other")}
    assert needs.pdfs_of(KNOWN, made) == {"deck.v2.pptx": file("made.pdf")}


def test_people_are_told_of_what_is_not_at_hand() -> None:
    """Of what is gone, and of what waits for a PDF; not of what nobody has looked at yet."""
    assert needs.is_at_hand(["menu"], KNOWN)
    assert [needs.is_at_hand(["menu", each], KNOWN) for each in ("deck", "film", "poster")] == [False] * 3
    assert needs.gone(["menu", "film", "poster"], KNOWN) == {"film"}
    assert needs.has_office(["film", "deck"], KNOWN)
    assert not needs.has_office(["menu", "film", "poster"], KNOWN)


def test_what_is_gone_is_forgotten_unless_an_event_names_it() -> None:
    """A file that comes back need not be read again, if it is the same."""
    assert needs.stamps_of_none(KNOWN, {"menu"}) == {"film"}
    assert needs.stamps_of_none(KNOWN, {"film"}) == set()


@pytest.mark.parametrize(
    ("media", "state", "kept"),
    [
        ("needed", State.FAILED, True),
        ("needed", State.PENDING, True),
        ("there", State.READY, True),
        ("there", State.PROCESSING, True),
        ("there", State.FAILED, False),
        ("gone", State.READY, False),
        ("gone", State.PENDING, False),
    ],
)
def test_a_conversion_is_kept_as_long_as_it_may_be_needed(media: str, state: State, *, kept: bool) -> None:
    """The next event with the file need not wait; a failure bothers nobody once its event is over."""
    stamps = {"needed": stamp("needed"), "there": stamp("there")}
    assert needs.kept_conversions(stamps, {"needed"}, {media: state}) == ({media} if kept else set())
