"""Changes of series: the whole, one occurrence, or this one and those that follow."""

from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from ..errors import Refused
from .clock import FIRST, checked_zone, moment_of, read_wall, wall_of
from .drafts import Terms, Wish, changed_event
from .events import Event, Override
from .rules import Rule

_DAY: Final = timedelta(days=1)
#: A shift by less moves each occurrence; one by more moves the beginning of the series.
_HALF_A_DAY: Final = timedelta(hours=12)


class Scope(StrEnum):
    """How much of a series is meant."""

    SERIES = "series"
    OCCURRENCE = "occurrence"
    FOLLOWING = "following"


@dataclass(frozen=True, kw_only=True, slots=True)
class Edit:
    """What becomes of an event."""

    kept: Event | None
    """The event under its own id; None if nothing of it is left."""
    new: Event | None = None
    """Another event, still without an id."""


def update_event(event: Event, scope: Scope, occurrence: object, wish: Wish, terms: Terms) -> Edit:
    """Change a series, an occurrence of it, or the rest of it."""
    if scope is Scope.SERIES:
        return Edit(kept=_series(event, wish, terms))
    original = occurrence_called(event, occurrence)
    if event.rule is None or (scope is Scope.FOLLOWING and _is_first(event.rule, original)):
        return Edit(kept=_series(event, wish, terms))
    if scope is Scope.OCCURRENCE:
        return Edit(kept=_one(event, original, wish, terms))
    rest = _rest(event, event.rule, original, wish)
    return Edit(kept=_until(event, event.rule, original), new=_series(rest, wish, terms))


def delete_event(event: Event, scope: Scope, occurrence: object) -> Edit:
    """Delete a series, an occurrence of it, or the rest of it."""
    if scope is Scope.SERIES:
        return Edit(kept=None)
    original = occurrence_called(event, occurrence)
    if event.rule is None or (scope is Scope.FOLLOWING and _is_first(event.rule, original)):
        return Edit(kept=None)
    if scope is Scope.OCCURRENCE:
        return Edit(kept=_without(event, original))
    return Edit(kept=_until(event, event.rule, original))


def detach_occurrence(event: Event, occurrence: object, wish: Wish, terms: Terms) -> Edit:
    """Make an occurrence an event of its own."""
    original = occurrence_called(event, occurrence)
    if event.rule is None:
        raise Refused("event_does_not_recur", title=event.title)
    if original in event.exdates:
        raise Refused("occurrence_unknown", title=event.title, occurrence=f"{occurrence}")
    single = replace(event.single(original, _changes_of(event, original)), event_id=0)
    return Edit(kept=_without(event, original), new=changed_event(single, {**wish, "rrule": None}, terms))


def occurrence_called(event: Event, called: object) -> datetime:
    """Return the original start, on the wall, of the occurrence that is meant; also of a deleted one."""
    if called in (None, ""):
        raise Refused("occurrence_missing", title=event.title)
    zone = checked_zone(event.time_zone)
    wall = read_wall(called, zone)
    if event.all_day:
        wall = datetime.combine(wall, datetime.min.time())
    around = event.rule.walk(wall - _DAY) if event.rule else iter([event.start])
    for start in around:
        # A start in an hour that is skipped is called by the time to which it moves.
        if start == wall or wall_of(moment_of(start, zone), zone) == wall:
            return start
        if start > wall + _DAY:
            break
    raise Refused("occurrence_unknown", title=event.title, occurrence=f"{called}")


def _series(event: Event, wish: Wish, terms: Terms) -> Event:
    """Change a whole series; what was deleted of it stays so, and what was moved stays where it is."""
    bare = replace(event, exdates=frozenset(), overrides=())
    new = changed_event(bare, wish, terms)
    if new.rule is None:
        return new
    follow = _followed(event, new, new.rule)
    moved = [replace(each, occurrence=follow(each.occurrence)) for each in event.overrides]
    return replace(
        new,
        exdates=frozenset(map(follow, event.exdates)),
        overrides=tuple(each for each in moved if new.rule.has(each.occurrence)),
    )


def _followed(old: Event, new: Event, rule: Rule) -> Callable[[datetime], datetime]:
    """Return where an occurrence of a series is after its start has moved."""
    shift = new.start - old.start
    of_day = (new.start - _midnight(new.start)) - (old.start - _midnight(old.start))

    def follow(original: datetime) -> datetime:
        same_day, shifted = original + of_day, original + shift
        if abs(shift) < _HALF_A_DAY or (not rule.has(same_day) and rule.has(shifted)):
            return shifted
        return same_day

    return follow


def _midnight(wall: datetime) -> datetime:
    return datetime.combine(wall, datetime.min.time())


def _one(event: Event, original: datetime, wish: Wish, terms: Terms) -> Event:
    """Change one occurrence; one that was deleted is there again, as it was asked for by its name."""
    if wish.get("rrule"):
        raise Refused("rule_for_one_occurrence", title=event.title)
    single = event.single(original, _changes_of(event, original))
    new = changed_event(single, {**wish, "rrule": None}, terms)
    regular = event.single(original, {})
    names = [each.name for each in fields(Event) if each.init]
    changes: dict[str, Any] = {
        name: getattr(new, name) for name in names if getattr(new, name) != getattr(regular, name)
    }
    others = tuple(each for each in event.overrides if each.occurrence != original)
    override = (Override(occurrence=original, changes=changes),) if changes else ()
    return replace(event, exdates=event.exdates - {original}, overrides=others + override)


def _changes_of(event: Event, original: datetime) -> dict[str, Any]:
    """Return what is different about an occurrence already."""
    found = (dict(each.changes) for each in event.overrides if each.occurrence == original)
    return next(found, {})


def _without(event: Event, original: datetime) -> Event:
    others = tuple(each for each in event.overrides if each.occurrence != original)
    return replace(event, exdates=event.exdates | {original}, overrides=others)


def _is_first(rule: Rule, original: datetime) -> bool:
    return next(rule.walk(FIRST), None) == original


def _until(event: Event, rule: Rule, original: datetime) -> Event:
    """Return what of a series comes before an occurrence."""
    return replace(
        event,
        rrule=rule.ending_before(original, all_day=event.all_day),
        exdates=frozenset(each for each in event.exdates if each < original),
        overrides=tuple(each for each in event.overrides if each.occurrence < original),
    )


def _rest(event: Event, rule: Rule, original: datetime, wish: Wish) -> Event:
    """Return an occurrence of a series and those that follow, as a series of their own."""
    moved = "start" in wish  # then this occurrence is where the new series begins
    return replace(
        event,
        event_id=0,
        start=original,
        end=original + (event.end - event.start),
        rrule=rule.going_on_from(original),
        exdates=frozenset(each for each in event.exdates if each >= original),
        overrides=tuple(
            each
            for each in event.overrides
            if each.occurrence > original or (each.occurrence == original and not moved)
        ),
    )
