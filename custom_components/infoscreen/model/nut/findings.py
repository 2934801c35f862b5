"""What is wrong with a configuration, where, and how it is mended; passwords are never repeated."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from .lexer import Line

#: A name from a file is shown in a sentence: no more of it than anyone reads there.
_MAX_SHOWN: Final = 80


class File(StrEnum):
    """The files that can be looked at, by their names."""

    UPS = "ups.conf"
    UPSD = "upsd.conf"
    USERS = "upsd.users"
    NUT = "nut.conf"


class Severity(StrEnum):
    """How much a finding matters.

    Error: upsd or a UPS does not work. Warning: it works, but not as meant. Info: advice.
    """

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """One thing that is wrong in one line."""

    file: File
    line: int
    code: str
    severity: Severity
    placeholders: dict[str, str] = field(default_factory=dict)

    @property
    def text_key(self) -> str:
        """Return the key of the sentence that tells it."""
        return f"nut_{self.code}"

    @property
    def fix_key(self) -> str:
        """Return the key of the sentence that tells the way out."""
        return f"nut_{self.code}_fix"


class Report:
    """Collects what is found in one file."""

    def __init__(self, file: File) -> None:
        self._file = file
        self.findings: list[Finding] = []

    def error(self, line: int, code: str, **placeholders: str) -> None:
        """Tell that something does not work."""
        self._found(line, code, Severity.ERROR, placeholders)

    def warning(self, line: int, code: str, **placeholders: str) -> None:
        """Tell that something works otherwise than meant."""
        self._found(line, code, Severity.WARNING, placeholders)

    def info(self, line: int, code: str, **placeholders: str) -> None:
        """Give advice."""
        self._found(line, code, Severity.INFO, placeholders)

    def _found(self, line: int, code: str, severity: Severity, placeholders: dict[str, str]) -> None:
        self.findings.append(
            Finding(
                file=self._file,
                line=line,
                code=code,
                severity=severity,
                placeholders={name: value[:_MAX_SHOWN] for name, value in placeholders.items()},
            )
        )

    def is_read(self, line: Line) -> bool:
        """Tell whether NUT makes anything of a line, and report what it loses of it."""
        if line.unclosed:
            self.error(line.number, "quote_not_closed")
        if line.broken:
            self.warning(line.number, "hash_in_quotes")
        if line.lost:
            self.warning(line.number, "last_line_lost")
        if len(line.words) > len(line.texts):
            self.warning(line.number, "too_many_words")
        if any(word.too_long for word in line.words):
            self.warning(line.number, "word_too_long")
        return not (line.broken or line.lost)
