"""The part of a file that somebody asks for (RFC 9110, "Range Requests")."""

import re
from typing import Final, NamedTuple

_ONE: Final = re.compile(r"bytes=(?P<first>[0-9]{0,18})-(?P<last>[0-9]{0,18})", re.IGNORECASE)


class UnsatisfiableError(Exception):
    """Nothing of the file is in the part that was asked for."""


class Part(NamedTuple):
    """Some bytes of a file."""

    first: int
    size: int

    def told(self, whole: int) -> str:
        """Return what a header says of it."""
        return f"bytes {self.first}-{self.first + self.size - 1}/{whole}"


def part_asked(header: str | None, size: int) -> Part | None:
    """Return the part, None for the whole: several parts, and what makes no sense, may be answered so."""
    asked = _ONE.fullmatch((header or "").strip())
    if asked is None or not asked["first"] + asked["last"]:
        return None
    if not asked["first"]:
        length = min(int(asked["last"]), size)
        return _checked(Part(size - length, length))
    first = int(asked["first"])
    last = min(int(asked["last"] or size), size - 1)
    if asked["last"] and int(asked["last"]) < first:
        return None
    return _checked(Part(first, last - first + 1))


def _checked(part: Part) -> Part:
    if part.size <= 0:
        raise UnsatisfiableError
    return part
