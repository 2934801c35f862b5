"""Holidays: days within a period on which some events are not shown."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import date, datetime, timedelta, tzinfo
from typing import Any, Final, Self
import unicodedata

from ..errors import Refused
from .clock import read_date
from .events import Event
from .periods import Period

MAX_NAME_LENGTH: Final = 100
_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, kw_only=True, slots=True)
class Holiday:
    """Days off, from the first to the last."""

    holiday_id: int
    period: int
    name: str
    start: date
    end: date
    region: str | None = None

    @property
    def identity(self) -> tuple[str, str]:
        """Return what makes it the same holiday, however it is spelled."""
        return _normalised(self.name), _normalised(self.region or "")

    @property
    def days(self) -> list[date]:
        """Return its days."""
        return [self.start + number * _DAY for number in range((self.end - self.start).days + 1)]

    def touches(self, other: Self, gap: timedelta = timedelta()) -> bool:
        """Tell whether two are of one period and overlap, or have no more than a gap between them."""
        near = self.start <= other.end + gap and other.start <= self.end + gap
        return self.period == other.period and near

    def as_stored(self) -> dict[str, Any]:
        """Return the holiday as JSON."""
        values = {each.name: getattr(self, each.name) for each in fields(self)}
        return values | {"start": self.start.isoformat(), "end": self.end.isoformat()}

    @classmethod
    def from_stored(cls, stored: Mapping[str, Any]) -> Self:
        """Read a holiday back."""
        values = {each.name: stored[each.name] for each in fields(cls) if each.name in stored}
        return cls(**values | {name: date.fromisoformat(stored[name]) for name in ("start", "end")})


def _normalised(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def changed_holiday(holiday: Holiday, wish: Mapping[str, Any]) -> Holiday:
    """Return a holiday with what somebody wants different; without an end it is one day."""
    values: dict[str, Any] = {name: read_date(wish[name]) for name in ("start", "end") if wish.get(name)}
    for name in ("name", "region"):
        if name in wish:
            values[name] = " ".join(f"{wish[name] or ''}".split())
    if "region" in values:
        values["region"] = values["region"] or None
    if "start" in values and "end" not in wish:
        values["end"] = values["start"] + (holiday.end - holiday.start)
    return replace(holiday, **values)


def check_holiday(holiday: Holiday, period: Period) -> None:
    """Refuse a holiday that is none, or that is not inside its period."""
    if not holiday.name or max(len(holiday.name), len(holiday.region or "")) > MAX_NAME_LENGTH:
        raise Refused("holiday_name_invalid", limit=f"{MAX_NAME_LENGTH}")
    days = {"holiday": holiday.name, "start": f"{holiday.start}", "end": f"{holiday.end}"}
    if holiday.end < holiday.start:
        raise Refused(
            "holiday_ends_before_it_starts", holiday=days["holiday"], start=days["start"], end=days["end"]
        )
    if not (period.covers(holiday.start) and period.covers(holiday.end)):
        raise Refused(
            "holiday_outside_period",
            holiday=days["holiday"],
            start=days["start"],
            end=days["end"],
            period=period.name,
        )


def check_inside(period: Period, holidays: Iterable[Holiday]) -> None:
    """Refuse a period that would leave some of its holidays outside."""
    outside = [
        each.name
        for each in holidays
        if each.period == period.period_id and not (period.covers(each.start) and period.covers(each.end))
    ]
    if outside:
        raise Refused("period_loses_holidays", period=period.name, holidays=", ".join(outside))


@dataclass(frozen=True, kw_only=True, slots=True)
class Admission:
    """What becomes of the holidays when one more is to join them."""

    holidays: tuple[Holiday, ...]
    outcome: str
    """inserted, updated, merged, skipped, or conflict."""
    holiday: Holiday
    """The holiday as it is now, or the one in the way."""


def admit(holidays: Collection[Holiday], new: Holiday) -> Admission:
    """Let a holiday join: the same one overlapping or adjacent becomes one, another one is in the way.

    The new one replaces the one of its id, if there is one.
    """
    others = tuple(each for each in holidays if each.holiday_id != new.holiday_id)
    for each in others:
        if each.touches(new) and each.identity != new.identity:
            return Admission(holidays=tuple(holidays), outcome="conflict", holiday=each)
    same = [each for each in others if each.identity == new.identity and each.touches(new, _DAY)]
    if not same:
        return Admission(holidays=(*others, new), outcome="inserted", holiday=new)
    kept = min(same, key=lambda each: each.holiday_id)
    whole = replace(
        kept,
        name=new.name,
        region=new.region,
        start=min(each.start for each in (*same, new)),
        end=max(each.end for each in (*same, new)),
    )
    extended = (whole.start, whole.end) != (kept.start, kept.end)
    outcome = "merged" if extended else "skipped" if whole == kept else "updated"
    rest = tuple(each for each in others if each not in same)
    return Admission(holidays=(*rest, whole), outcome=outcome, holiday=whole)


def let_join(holidays: Collection[Holiday], new: Holiday) -> Admission:
    """Let a holiday join, or refuse it where another one is in the way."""
    admission = admit(holidays, new)
    if admission.outcome == "conflict":
        other = admission.holiday
        raise Refused(
            "holiday_conflict",
            holiday=new.name,
            other=other.name,
            start=f"{other.start}",
            end=f"{other.end}",
        )
    return admission


def days_within(start: str, end: str, zone: tzinfo) -> list[date]:
    """Return the days of an entry of a calendar, of which the end is exclusive, as they are in a zone."""
    times = (datetime.fromisoformat(each) for each in (start, end))
    begin, over = (each.astimezone(zone) if each.tzinfo else each for each in times)
    first, last = begin.date(), (over - timedelta(microseconds=1)).date()
    return [first + number * _DAY for number in range((last - first).days + 1)]


@dataclass(frozen=True, kw_only=True, slots=True)
class DaysOff:
    """The days on which events that skip holidays are not shown."""

    of_period: Mapping[int, frozenset[date]]
    anywhere: frozenset[date]
    """The holidays of all periods that are not archived: a period covers the holidays in it."""
    of_group: Mapping[int, frozenset[date]]
    """The days of the groups' own holiday calendars."""

    def is_off(self, event: Event, wall: datetime) -> bool:
        """Tell whether an event is left out on the day of a time on its wall."""
        if not event.skip_holidays:
            return False
        day = wall.date()
        free = self.anywhere if event.period is None else self.of_period.get(event.period, frozenset())
        return day in free or day in self.of_group.get(event.group_id, frozenset())


def days_off(
    periods: Iterable[Period], holidays: Iterable[Holiday], of_group: Mapping[int, frozenset[date]]
) -> DaysOff:
    """Gather the days off."""
    days: dict[int, set[date]] = {}
    for holiday in holidays:
        days.setdefault(holiday.period, set()).update(holiday.days)
    archived = {period.period_id for period in periods if period.archived}
    return DaysOff(
        of_period={period: frozenset(each) for period, each in days.items()},
        anywhere=frozenset(day for period, each in days.items() if period not in archived for day in each),
        of_group=of_group,
    )
