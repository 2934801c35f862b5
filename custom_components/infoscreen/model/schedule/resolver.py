"""Who wins: what a group shows of all that is on, and why the rest is not shown."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from .events import RANK, Event, Priority
from .series import IsOff, Occurrence, never_off, outlook


class Reason(StrEnum):
    """Why something is shown, or is not."""

    ACTIVE = "active"
    TAKEOVER = "takeover"
    PRIORITY = "priority"
    HOLIDAY = "holiday"
    NOT_READY = "not_ready"
    NOT_ACTIVE = "not_active"
    UNASSIGNED = "unassigned"


@dataclass(frozen=True, kw_only=True, slots=True)
class Verdict:
    """An event that might be shown, and what became of it."""

    event: Event
    reason: Reason
    occurrence: Occurrence | None = None
    shown: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """What a group shows at a moment, and why."""

    candidates: tuple[Verdict, ...]
    reason: Reason
    next_change: datetime | None

    @property
    def showing(self) -> list[Occurrence]:
        """Return what is shown, in the order in which it is published."""
        return shown_of(self.candidates)


type CanShow = Callable[[Event], bool]
"""Whether all that an event needs is there."""


def arrange(active: Iterable[Occurrence], can_show: CanShow) -> list[Verdict]:
    """Judge what is on: takeover, important, normal; then what began earlier; then by id.

    The newest takeover is alone. Fillers are shown while nothing else is. Of occurrences of one event that
    overlap the first is shown, as an id is on the wire once.
    """
    ordered = sorted(active, key=lambda each: (RANK[each.event.priority], each.starts_at, each.event_id))
    candidates: dict[int, Occurrence] = {}
    for occurrence in ordered:
        candidates.setdefault(occurrence.event_id, occurrence)
    able = [each for each in candidates.values() if can_show(each.event)]
    takeovers = (each for each in able if each.event.priority is Priority.TAKEOVER)
    winner = max(takeovers, key=lambda each: (each.starts_at, each.event_id), default=None)
    busy = any(each.event.priority is not Priority.FILLER for each in able)

    def judged(each: Occurrence) -> Verdict:
        shown, reason = True, Reason.ACTIVE
        if each not in able:
            shown, reason = False, Reason.NOT_READY
        elif winner is not None:
            shown, reason = each is winner, Reason.TAKEOVER
        elif busy and each.event.priority is Priority.FILLER:
            shown, reason = False, Reason.PRIORITY
        return Verdict(event=each.event, reason=reason, occurrence=each, shown=shown)

    return [judged(each) for each in candidates.values()]


def shown_of(verdicts: Iterable[Verdict]) -> list[Occurrence]:
    """Return what is shown of some candidates."""
    return [each.occurrence for each in verdicts if each.shown and each.occurrence]


def always(_event: Event) -> bool:
    """Tell that all that an event needs is there."""
    return True


def explain(
    events: Iterable[Event], at: datetime, is_off: IsOff = never_off, can_show: CanShow = always
) -> Answer:
    """Tell what a group shows at a moment, and of each of its events why it is shown or is not."""
    looks = {event.event_id: (event, outlook(event, at, is_off)) for event in events}
    verdicts = arrange((each for _, look in looks.values() for each in look.active), can_show)
    resting = [event for event, look in looks.values() if not look.active]
    verdicts += [
        Verdict(event=event, reason=Reason.HOLIDAY if outlook(event, at).active else Reason.NOT_ACTIVE)
        for event in sorted(resting, key=lambda event: event.event_id)
    ]
    changes = (look.changes_at for _, look in looks.values())
    return Answer(
        candidates=tuple(verdicts),
        reason=_overall(verdicts),
        next_change=min(filter(None, changes), default=None),
    )


def _overall(verdicts: list[Verdict]) -> Reason:
    """Say in one word why a group shows what it shows."""
    shown = [each.reason for each in verdicts if each.shown]
    if shown:
        return shown[0]
    reasons = {each.reason for each in verdicts}
    found = (each for each in (Reason.NOT_READY, Reason.HOLIDAY) if each in reasons)
    return next(found, Reason.NOT_ACTIVE)
