"""Clocks on walls: local times in a time zone, and the moments at which they are shown."""

from datetime import UTC, date, datetime, time
from functools import cache
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ..errors import Refused

# Nobody plans beyond; and nothing that is computed near it leaves the calendar.
FIRST: Final = datetime(1970, 1, 1)
LAST: Final = datetime(2199, 12, 31)


@cache
def zone_named(name: str) -> ZoneInfo:
    """Return a time zone; the first time it is read from a file, so not in an event loop."""
    return ZoneInfo(name)


def checked_zone(name: str) -> ZoneInfo:
    """Return a time zone, or refuse what is none."""
    try:
        return zone_named(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as err:
        raise Refused("time_zone_unknown", time_zone=name) from err


def moment_of(wall: datetime, zone: ZoneInfo) -> datetime:
    """Return when a clock shows a time.

    One that daylight saving skips is the same time an hour later, one that it repeats is the first.
    """
    return wall.replace(tzinfo=zone).astimezone(UTC)


def wall_of(moment: datetime, zone: ZoneInfo) -> datetime:
    """Return what a clock shows at a moment."""
    return moment.astimezone(zone).replace(tzinfo=None, fold=0)


def read_wall(value: object, zone: ZoneInfo) -> datetime:
    """Read a time as people and automations give it; one without an offset is the wall's already."""
    moment = _as_datetime(value)
    try:
        wall = wall_of(moment, zone) if moment.tzinfo else moment.replace(fold=0)
    except OverflowError as err:
        raise Refused("time_out_of_range", time=f"{value}") from err
    if not FIRST <= wall <= LAST:
        raise Refused("time_out_of_range", time=f"{value}")
    return wall.replace(microsecond=0)


def read_moment(value: object, zone: ZoneInfo) -> datetime:
    """Read a moment as people and automations give it; one without an offset is read off the wall."""
    wall, given = read_wall(value, zone), _as_datetime(value)
    return given.astimezone(UTC) if given.tzinfo else moment_of(wall, zone)


def _as_datetime(value: object) -> datetime:
    """Read a time of whatever type."""
    given = datetime.combine(value, time.min) if type(value) is date else value
    try:
        return given if isinstance(given, datetime) else datetime.fromisoformat(str(given).strip())
    except ValueError as err:
        raise Refused("time_not_understood", time=f"{value}"[:100]) from err


def read_date(value: object) -> date:
    """Read a day as people and automations give it."""
    return read_wall(value, zone_named("UTC")).date()
