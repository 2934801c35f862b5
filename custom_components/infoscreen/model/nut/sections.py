"""What ups.conf and upsd.users share: keys with values below headers in brackets."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from .findings import Report
from .lexer import Line, Word, lines_of

_EQUALS: Final = "="


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """A line below a header: a key, whether `=` follows it, and what comes then."""

    line: int
    key: str
    equals: bool
    values: tuple[Word, ...]

    @property
    def value(self) -> str | None:
        """Return the value that NUT takes, None where it takes none."""
        return self.values[0].text if self.equals and self.values else None

    @property
    def is_cut(self) -> bool:
        """Tell whether more stands there than the one word that NUT takes."""
        return len(self.values) > 1 or any(word.cut_by_hash for word in self.values)

    @property
    def not_ascii(self) -> bool:
        """Tell whether NUT drops characters of the values."""
        return any(word.not_ascii for word in self.values)


@dataclass(frozen=True, kw_only=True, slots=True)
class Section:
    """A header and the lines below it; what stands above the first header is of a section without a name."""

    line: int = 0
    name: str = ""
    entries: tuple[Entry, ...] = ()

    def get(self, key: str) -> str | None:
        """Return the value of a key: the last, as the later one counts."""
        values = [entry.value for entry in self.entries if entry.key == key and entry.value]
        return values[-1] if values else None


def sections_of(text: str, report: Report) -> list[Section]:
    """Return the sections of a file, what stands above the first header in front."""
    line, name, entries = 0, "", list[Entry]()
    sections = []
    for each in lines_of(text):
        if not report.is_read(each):
            continue
        if each.texts[0].startswith("["):
            header = _header(each, report)
            if header is not None:
                sections.append(Section(line=line, name=name, entries=tuple(entries)))
                line, name, entries = each.number, header, []
        elif each.texts[0]:
            entries.append(_entry(each))
    return [*sections, Section(line=line, name=name, entries=tuple(entries))]


def _header(line: Line, report: Report) -> str | None:
    """Return the name in a header, None where NUT sees none."""
    first, *more = line.texts
    if not first.endswith("]"):
        if any(word.endswith("]") for word in more):
            report.error(line.number, "header_with_blank")
        else:
            report.error(line.number, "header_not_closed")
        return None
    if more:
        report.warning(line.number, "header_with_more")
    if first == "[]":
        report.error(line.number, "header_empty")
    if line.words[0].not_ascii:
        report.error(line.number, "header_not_ascii", name=first[1:-1])
    return first[1:-1]


def _entry(line: Line) -> Entry:
    key, *values = line.words
    equals = bool(values) and values[0].text == _EQUALS
    return Entry(line=line.number, key=key.text, equals=equals, values=tuple(values[equals:]))


def repeated(entries: tuple[Entry, ...]) -> Iterator[Entry]:
    """Return the entries whose key has had a value before."""
    seen = set()
    for entry in entries:
        if entry.value is not None:
            if entry.key in seen:
                yield entry
            seen.add(entry.key)
