"""What is known of a file once it was read to its end."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self


@dataclass(frozen=True, kw_only=True, slots=True)
class Stamp:
    """A file's checksum, and by what it shows that it still has that."""

    modified: int
    """In nanoseconds, as file systems count."""
    size: int
    checksum: str
    """The SHA-256, in lower case."""

    def holds(self, modified: int, size: int) -> bool:
        """Tell whether a file that is of this time and size is still the same."""
        return (modified, size) == (self.modified, self.size)

    def as_stored(self) -> dict[str, Any]:
        """Return it as JSON."""
        return asdict(self)

    @classmethod
    def from_stored(cls, stored: Mapping[str, Any]) -> Self:
        """Read it back."""
        return cls(modified=stored["modified"], size=stored["size"], checksum=stored["checksum"])
