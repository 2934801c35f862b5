"""Academic periods: which there are, which one is active, and what forbids to change them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Final, Self

from ..errors import Refused
from .clock import read_date
from .events import Event
from .series import occurrences

MAX_NAME_LENGTH: Final = 64


class PeriodType(StrEnum):
    """What kind of period it is; periods of one kind do not overlap."""

    SCHULJAHR = "schuljahr"
    SEMESTER = "semester"
    TRIMESTER = "trimester"


@dataclass(frozen=True, kw_only=True, slots=True)
class Period:
    """An academic period, from its first to its last day."""

    period_id: int
    name: str
    start: date
    end: date
    period_type: PeriodType
    display_name: str | None = None
    archived: bool = False

    def covers(self, day: date) -> bool:
        """Tell whether a day is in it."""
        return self.start <= day <= self.end

    def overlaps(self, other: Self) -> bool:
        """Tell whether there is a day in both."""
        return self.start <= other.end and other.start <= self.end

    def as_stored(self) -> dict[str, Any]:
        """Return the period as JSON."""
        values = {each.name: getattr(self, each.name) for each in fields(self)}
        return values | {"start": self.start.isoformat(), "end": self.end.isoformat()}

    @classmethod
    def from_stored(cls, stored: Mapping[str, Any]) -> Self:
        """Read a period back."""
        values = {each.name: stored[each.name] for each in fields(cls) if each.name in stored}
        days = {name: date.fromisoformat(stored[name]) for name in ("start", "end")}
        return cls(**values | days | {"period_type": PeriodType(stored["period_type"])})


def changed_period(period: Period, wish: Mapping[str, Any]) -> Period:
    """Return a period with what somebody wants different."""
    values: dict[str, Any] = {name: read_date(wish[name]) for name in ("start", "end") if name in wish}
    if "name" in wish:
        values["name"] = " ".join(f"{wish['name']}".split())
    if "display_name" in wish:
        values["display_name"] = " ".join(f"{wish['display_name'] or ''}".split()) or None
    if "period_type" in wish:
        values["period_type"] = PeriodType(wish["period_type"])
    return replace(period, **values)


def check_period(period: Period, others: Iterable[Period]) -> None:
    """Refuse a period that is none, or that gets in the way of another one."""
    shown = period.display_name or ""
    if not period.name or max(len(period.name), len(shown)) > MAX_NAME_LENGTH:
        raise Refused("period_name_invalid", limit=f"{MAX_NAME_LENGTH}")
    if period.end < period.start:
        raise Refused(
            "period_ends_before_it_starts", period=period.name, start=f"{period.start}", end=f"{period.end}"
        )
    open_ones = [each for each in others if not each.archived and each.period_id != period.period_id]
    if any(each.name.casefold() == period.name.casefold() for each in open_ones):
        raise Refused("period_name_taken", period=period.name)
    crossed = [each.name for each in open_ones if _cross(each, period)]
    if crossed:
        raise Refused("period_overlaps", period=period.name, others=", ".join(crossed))


def _cross(one: Period, other: Period) -> bool:
    return one.period_type is other.period_type and one.overlaps(other)


@dataclass(frozen=True, kw_only=True, slots=True)
class Held:
    """A period that somebody made the active one, for the rest of a day."""

    period_id: int
    day: date

    def as_stored(self) -> dict[str, Any]:
        """Return it as JSON."""
        return {"period_id": self.period_id, "day": self.day.isoformat()}

    @classmethod
    def from_stored(cls, stored: Mapping[str, Any]) -> Self:
        """Read it back."""
        return cls(period_id=stored["period_id"], day=date.fromisoformat(stored["day"]))


def active_period(periods: Iterable[Period], today: date, held: Held | None = None) -> Period | None:
    """Return the one that is active: the one made so today, or the latest to begin that covers today."""
    open_ones = {each.period_id: each for each in periods if not each.archived}
    if held is not None and held.day == today and held.period_id in open_ones:
        return open_ones[held.period_id]
    covering = (each for each in open_ones.values() if each.covers(today))
    return max(covering, key=lambda each: (each.start, each.period_id), default=None)


def check_archive(period: Period, active: Period | None, events: Iterable[Event], now: datetime) -> None:
    """Refuse to archive a period that is in use; all that stands in the way is named."""
    if period.archived:
        raise Refused("period_archived", period=period.name)
    is_active = active is not None and active.period_id == period.period_id
    titles = _titles(
        event
        for event in events
        if event.period == period.period_id and event.rule and next(occurrences(event, now), None)
    )
    if is_active and titles:
        raise Refused("period_active_and_used", period=period.name, events=titles)
    if is_active:
        raise Refused("period_active", period=period.name)
    if titles:
        raise Refused("period_used", period=period.name, events=titles)


def check_delete(period: Period, events: Iterable[Event]) -> None:
    """Refuse to delete a period that is not archived, or that events belong to; both are named."""
    titles = _titles(event for event in events if event.period == period.period_id)
    if titles and not period.archived:
        raise Refused("period_open_and_linked", period=period.name, events=titles)
    if titles:
        raise Refused("period_linked", period=period.name, events=titles)
    if not period.archived:
        raise Refused("period_open", period=period.name)


def _titles(events: Iterable[Event]) -> str:
    """Return which events these are, as they are told."""
    return ", ".join(f"{event.title} ({event.event_id})" for event in events)
