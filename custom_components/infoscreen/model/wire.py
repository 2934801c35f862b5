"""How values look on the wire: JSON in UTF-8, times in UTC as ISO 8601 with whole seconds and Z."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import orjson


def as_time(moment: datetime) -> str:
    """Write a moment as the contract wants it."""
    return f"{moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='seconds')}Z"


def as_instant(moment: datetime) -> str:
    """Write a moment for people and programs here, with milliseconds where it has any."""
    text = moment.astimezone(UTC).isoformat(timespec="milliseconds" if moment.microsecond else "seconds")
    return text.replace("+00:00", "Z")


def as_json(value: Mapping[str, Any] | Sequence[Any]) -> bytes:
    """Write a payload."""
    return orjson.dumps(value)


def read_time(text: str) -> datetime | None:
    """Read a moment as screens write it; one without an offset is UTC, None is none at all."""
    try:
        moment = datetime.fromisoformat(text)
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except ValueError, OverflowError:
        return None
