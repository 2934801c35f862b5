"""Read Home Assistant's log, and find what our integration did wrong in it."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
import re

from .waiting import RigError

_RECORD = re.compile(
    r"^\d{4}-\d\d-\d\d (?P<time>\S+) (?P<level>[A-Z]+) \([^)]*\) \[(?P<logger>[^\]]+)\] (?P<text>.*)$"
)
# What is wrong at any level when it is about us.
_WRONG = re.compile(
    r"Detected (?:that custom integration|blocking call|code that)|was never awaited"
    r"|exception was never retrieved|Unclosed c|is taking over \d+ seconds|took longer than the scheduled"
    r"|does not generate unique IDs|Exception in|Error doing job|non-thread-safe"
    r"|is using (?:native unit|state class|device class)|Translation .* (?:not found|missing|mismatch)"
)
# What Home Assistant says of every custom integration.
_USUAL = re.compile(r"We found a custom integration .* which has not been tested")


@dataclass(frozen=True, kw_only=True)
class Record:
    """One record of the log, with its traceback."""

    level: str
    logger: str
    text: str

    def __str__(self) -> str:
        return f"{self.level} [{self.logger}] {self.text}"

    def concerns(self, domain: str) -> bool:
        """Tell whether the record is from or about an integration."""
        return f"custom_components.{domain}" in self.logger or bool(
            re.search(rf"custom_components[./]{domain}\b|['\"\s.]{domain}(?:['\"\s,.:]|$)", self.text)
        )

    @property
    def is_bad(self) -> bool:
        """Tell whether a record about us should not be there."""
        if _USUAL.search(self.text):
            return False
        return self.level in {"ERROR", "CRITICAL"} or bool(
            _WRONG.search(self.text) or "Traceback (most recent call last)" in self.text
        )


class Log:
    """The log of one Home Assistant."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def mark(self) -> int:
        """Return where the log ends now, for `since`."""
        return self._path.stat().st_size if self._path.exists() else 0

    def records(self, since: int = 0) -> list[Record]:
        """Return the records from a mark on."""
        raw = self._path.read_bytes()[since:] if self._path.exists() else b""
        found: list[dict[str, str]] = [{"level": "RAW", "logger": "", "text": ""}]
        for line in raw.decode(errors="replace").splitlines():
            if match := _RECORD.match(line):
                found.append(match.groupdict())
            else:
                found[-1]["text"] += f"\n{line}"
        return [Record(level=each["level"], logger=each["logger"], text=each["text"]) for each in found]

    def problems(self, domain: str, *, since: int = 0, expected: Iterable[str] = ()) -> list[Record]:
        """Return the bad records about an integration, but those that match an expected pattern."""
        return [
            record
            for record in self.records(since)
            if record.is_bad
            and record.concerns(domain)
            and not any(re.search(pattern, str(record), re.DOTALL) for pattern in expected)
        ]

    def check(self, domain: str, *, since: int = 0, expected: Iterable[str] = ()) -> None:
        """Raise when the log holds problems of an integration."""
        if found := self.problems(domain, since=since, expected=expected):
            text = "\n".join(str(record)[:2000] for record in found[:10])
            raise RigError(f"{len(found)} problems of {domain} in Home Assistant's log:\n{text}")
