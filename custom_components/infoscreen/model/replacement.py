"""One screen takes another's place: what is remembered of it, and for how long."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Self

from .errors import Refused
from .topics import is_uuid

# Home Assistant writes its registries up to three minutes after a change; a crash before undoes them.
REMEMBERED: Final = timedelta(hours=1)

# Nobody has to read more of what is no UUID.
_SHOWN: Final = 100


def checked_uuid(text: str) -> str:
    """Return a UUID without surrounding space, or refuse it."""
    uuid = text.strip()
    if not is_uuid(uuid):
        raise Refused("uuid_invalid", uuid=uuid[:_SHOWN])
    return uuid


@dataclass(frozen=True, kw_only=True, slots=True)
class Successor:
    """The screen that takes another's place, and since when."""

    uuid: str
    since: datetime

    @property
    def key(self) -> str:
        """Return the UUID as it is compared."""
        return self.uuid.lower()

    def is_settled(self, now: datetime) -> bool:
        """Tell whether everything has reached the disk by now; a clock set back does not matter."""
        return abs(now - self.since) >= REMEMBERED

    def as_stored(self) -> dict[str, Any]:
        """Return it as JSON."""
        return {"uuid": self.uuid, "since": self.since.isoformat()}

    @classmethod
    def from_stored(cls, stored: Mapping[str, Any]) -> Self:
        """Read it back."""
        return cls(uuid=stored["uuid"], since=datetime.fromisoformat(stored["since"]))
