"""Take a configuration file of NUT apart into words, exactly as NUT does: what it drops is dropped here."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

#: What NUT takes of one line; more is cut without a word.
MAX_WORDS: Final = 32
MAX_WORD_LENGTH: Final = 512
_BLANKS: Final = " \t\r\v\f"
_BYTE_ORDER_MARK: Final = "\ufeff"


@dataclass(frozen=True, kw_only=True, slots=True)
class Word:
    """A word as NUT has it, and what was lost of it on the way."""

    text: str
    not_ascii: bool = False
    too_long: bool = False
    cut_by_hash: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """A line that may have been several, by the number of its first.

    One that is broken has a `#` inside quotes, and NUT never sees one that is lost. An unclosed one has a
    quote that went on in the next line; what it swallowed is left out, as it may be another line's password.
    """

    number: int
    words: tuple[Word, ...] = ()
    broken: bool = False
    unclosed: bool = False
    lost: bool = False

    @property
    def texts(self) -> list[str]:
        """Return the words as NUT takes them."""
        return [word.text for word in self.words[:MAX_WORDS]]


class _At(Enum):
    """Where in a line a character stands."""

    BETWEEN = auto()
    BARE = auto()
    QUOTED = auto()
    COMMENT = auto()


class _Lexer:
    """One run over one file."""

    def __init__(self) -> None:
        self._at = _At.BETWEEN
        self._escaped = False
        self._number = 1
        self._begin()

    def _begin(self) -> None:
        self._start = self._number
        self._words: list[Word] = []
        self._chars: list[str] = []
        self._not_ascii = self._broken = self._unclosed = False

    def lines(self, text: str) -> Iterator[Line]:
        """Return the lines that say something."""
        for char in text.removeprefix(_BYTE_ORDER_MARK):
            if self._escaped:
                self._literal(char)
            elif char == "\\" and self._at is not _At.COMMENT:
                self._escaped = True
            elif self._at is _At.QUOTED:
                self._in_quotes(char)
            elif char == "\n":
                yield from self._end_of_line()
                continue
            elif self._at is not _At.COMMENT:
                self._outside(char)
            self._number += char == "\n"
        yield from self._end_of_file()

    def _literal(self, char: str) -> None:
        """Take a character after a backslash; an end of line goes on in the next."""
        self._escaped = False
        if self._at is _At.BETWEEN:
            self._at = _At.BARE
        if char != "\n":
            self._add(char)

    def _in_quotes(self, char: str) -> None:
        if char == '"':
            self._end_of_word()
        elif char == "#":
            self._broken = True
            self._chars, self._at = [], _At.COMMENT
        elif char == "\n":
            self._end_of_word()
            self._at, self._unclosed = _At.QUOTED, True
        else:
            self._add(char)

    def _outside(self, char: str) -> None:
        """Take a character of a bare word, or between words."""
        in_word = self._at is _At.BARE
        if char == '"' and not in_word:
            self._at = _At.QUOTED
        elif char in "#=" or char in _BLANKS:
            if in_word:
                self._end_of_word(cut_by_hash=char == "#")
            if char == "#":
                self._at = _At.COMMENT
            elif char == "=":
                self._chars.append(char)
                self._end_of_word()
        else:
            self._at = _At.BARE
            self._add(char)

    def _add(self, char: str) -> None:
        """Keep a character that NUT keeps."""
        if " " <= char <= "\x7f":
            self._chars.append(char)
        else:
            self._not_ascii = True

    def _end_of_word(self, *, cut_by_hash: bool = False) -> None:
        if not self._unclosed:
            text = "".join(self._chars)
            self._words.append(
                Word(
                    text=text[:MAX_WORD_LENGTH],
                    not_ascii=self._not_ascii,
                    too_long=len(text) > MAX_WORD_LENGTH,
                    cut_by_hash=cut_by_hash,
                )
            )
        self._chars, self._not_ascii, self._at = [], False, _At.BETWEEN

    def _end_of_line(self) -> Iterator[Line]:
        if self._at is _At.BARE:
            self._end_of_word()
        yield from self._line()
        self._number += 1
        self._at = _At.BETWEEN
        self._begin()

    def _end_of_file(self) -> Iterator[Line]:
        """Close what is open; NUT does not see a last line that is one word and has no end."""
        lost = self._at in {_At.BARE, _At.QUOTED} and not self._words
        in_quotes = self._at is _At.QUOTED
        if in_quotes or self._at is _At.BARE:
            self._end_of_word()
        self._unclosed |= in_quotes
        yield from self._line(lost=lost)

    def _line(self, *, lost: bool = False) -> Iterator[Line]:
        if self._words or self._broken:
            yield Line(
                number=self._start,
                words=tuple(self._words),
                broken=self._broken,
                unclosed=self._unclosed,
                lost=lost,
            )


def lines_of(text: str) -> list[Line]:
    """Return the lines of a file that say something."""
    return [*_Lexer().lines(text)]
