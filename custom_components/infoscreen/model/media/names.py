"""Names that files may have."""

from collections.abc import Sequence
from hashlib import sha256
import re
from typing import Final
from unicodedata import normalize

from ..text import is_legible

# What file systems take.
MAX_NAME_BYTES: Final = 255

_ORDINARY: Final = re.compile(r"[\w .,()-]+")
# Filters look for them, and for what may be in brackets behind them: a file may well be called "Reunion (1)".
_TAKEN_FOR_ATTACKS: Final = re.compile(r"union|concat|\.\.", re.IGNORECASE)


def kept_name(name: str) -> str | None:
    """Return the name that a file gets, spelled in one way; None for what could mean a path."""
    name = normalize("NFC", name)
    return name if is_plain(name) else None


def are_plain(names: Sequence[str]) -> bool:
    """Tell whether names, one in another, lead to a place below where they begin and nowhere else."""
    return bool(names) and all(map(is_plain, names))


def is_plain(name: str) -> bool:
    """Tell whether a name is one of a file, and no path; what begins with a dot is hidden."""
    return (
        is_legible(name)
        and not name.startswith(".")
        and not {"/", "\\"} & set(name)
        and 0 < len(name.encode()) <= MAX_NAME_BYTES
    )


def name_in_address(name: str) -> str:
    """Return the name by which a file is fetched: its own, unless a filter could take that for an attack.

    The ending stays in any case: some screens go by it.
    """
    if _ORDINARY.fullmatch(name) and not _TAKEN_FOR_ATTACKS.search(name):
        return name
    stem, dot, ending = name.rpartition(".")
    return f"{sha256(stem.encode()).hexdigest()[:16]}{dot}{ending}"
