"""What events need of files: what is looked at, what of it can be shown, and what nobody needs any more."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace

from ..conversions import State
from .kinds import Kind
from .stamps import Stamp

type Wanted = Mapping[int, Collection[str]]
"""The media of each event that is on or still to come."""

type Known[M: Medium] = Mapping[str, M | None]
"""What is known of media by their ids; None is looked for and not there."""

type Look = tuple[int, int] | None
"""The time and size of a file, None if there is none."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Medium:
    """A file that is there."""

    name: str
    kind: Kind
    stamp: Stamp


def all_wanted(wanted: Wanted) -> set[str]:
    """Return what any event needs."""
    return {each for media in wanted.values() for each in media}


def events_with(media: Collection[str], wanted: Wanted) -> list[int]:
    """Return the events that show some of these."""
    return [event_id for event_id, theirs in wanted.items() if not set(media).isdisjoint(theirs)]


def unseen[M: Medium](media: Iterable[str], known: Known[M], watched: Collection[str]) -> set[str]:
    """Return those that were not found, or that nobody keeps in sight: they may be others by now."""
    return {each for each in media if known.get(each) is None or each not in watched}


def unchanged[M: Medium](known: Known[M], looks: Mapping[str, Look]) -> set[str]:
    """Return those that need not be read again, as they look as they did."""
    return {
        each
        for each, look in looks.items()
        if look and (found := known.get(each)) and found.stamp.holds(*look)
    }


def with_content[M: Medium](checksum: str, known: Known[M]) -> set[str]:
    """Return the media that are the same file."""
    return {each for each, found in known.items() if found and found.stamp.checksum == checksum}


def shown_as[M: Medium](media: str, known: Known[M], pdfs: Mapping[str, M]) -> M | None:
    """Return the file that a screen can show, None if there is none yet.

    PDFs go by the checksum of the office file that each was made of, and are called like that file.
    """
    found = known.get(media)
    if found is None or not found.kind.is_office:
        return found
    pdf = pdfs.get(found.stamp.checksum)
    return replace(pdf, name=f"{found.name.rpartition('.')[0]}.pdf") if pdf else None


def pdfs_of[M: Medium](known: Known[M], pdfs: Mapping[str, M]) -> dict[str, M]:
    """Return the PDFs that are of files that are known; what becomes of others nobody follows."""
    made = {found.stamp.checksum for found in known.values() if found}
    return {checksum: pdf for checksum, pdf in pdfs.items() if checksum in made}


def is_at_hand[M: Medium](media: Iterable[str], known: Known[M]) -> bool:
    """Tell whether nobody has to be told of any of these: all are there, and none becomes a PDF first."""
    return all(found and not found.kind.is_office for found in map(known.get, media))


def gone[M: Medium](media: Iterable[str], known: Known[M]) -> set[str]:
    """Return those that were looked for and are not there."""
    return {each for each in media if each in known and known[each] is None}


def has_office[M: Medium](media: Iterable[str], known: Known[M]) -> bool:
    """Tell whether some of these can be shown only as PDFs."""
    return any(found.kind.is_office for found in map(known.get, media) if found)


def stamps_of_none[M: Medium](known: Known[M], planned: Collection[str]) -> set[str]:
    """Return those of which nothing need be remembered: they are gone, and no event names them."""
    return {each for each, found in known.items() if found is None and each not in planned}


def kept_conversions(
    stamps: Mapping[str, Stamp], wanted: Collection[str], states: Mapping[str, State]
) -> set[str]:
    """Return the conversions that are kept, by checksum: those of files that are needed or may be again.

    A failure bothers people as long as its file is needed.
    """
    there = {stamp.checksum for stamp in stamps.values()}
    needed = {stamp.checksum for each, stamp in stamps.items() if each in wanted}
    return {
        key for key, state in states.items() if key in needed or (key in there and state is not State.FAILED)
    }
