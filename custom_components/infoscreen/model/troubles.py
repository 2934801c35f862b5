"""Which alerts a screen gives rise to: product.md, "Alerts".

Of all that is wrong with a screen only the most telling is raised, as its status tells only that. What was
raised stands until that very thing is over, so that an all-clear is never a mere change of words.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from .alerts import Alert, Change, Kind, Level, Patience, Registry, alert_id
from .health import Reason, ScreenState
from .hours import Hours

# Fine points, "Screens": so long after the first, the last of a fleet cut off at once is missed too.
_OUTAGE_MAY_FORM: Final = timedelta(seconds=10)
# A restart of the app takes less; whoever is told of each hears nothing in the end.
_RESTART: Final = timedelta(minutes=2)

_LEVELS: Final[Mapping[Kind, Level]] = {
    Kind.SERVICE_FAILED: Level.CRITICAL,
    Kind.MANUAL_INTERVENTION: Level.CRITICAL,
    Kind.OFFLINE: Level.CRITICAL,
    Kind.PROCESS_CRASHED: Level.CRITICAL,
    Kind.PICTURE_BLACK: Level.CRITICAL,
    Kind.PICTURE_FROZEN: Level.WARNING,
    Kind.PROCESS_STOPPED: Level.WARNING,
}
_DELAYS: Final = {Kind.OFFLINE: _OUTAGE_MAY_FORM, Kind.PROCESS_STOPPED: _RESTART}
#: What a screen complains of, most telling first. A late command comes to an end by itself.
_COMPLAINTS: Final[Mapping[Kind, tuple[Reason, ...]]] = {
    Kind.PROCESS_CRASHED: (Reason.PROCESS_CRASHED,),
    Kind.PICTURE_BLACK: (Reason.PICTURE_BLACK,),
    Kind.PICTURE_FROZEN: (Reason.PICTURE_FROZEN,),
    Kind.PROCESS_STOPPED: (Reason.PROCESS_STARTING, Reason.PROCESS_STOPPED),
}
#: What asks for a person at any hour, and says why the screen is as it is.
_CALLS: Final = (Kind.SERVICE_FAILED, Kind.MANUAL_INTERVENTION)


def follow(
    registry: Registry,
    state: ScreenState,
    *,
    last_seen: datetime | None,
    hours: Hours,
    grace: timedelta,
    now: datetime,
) -> list[Change]:
    """Raise and clear what a screen gives rise to."""
    troubles = _troubles(state)
    changes: list[Change] = []
    told = _most_telling(troubles)
    subject = state.screen.key
    for kind, there in troubles.items():
        if there is False:
            changes += registry.clear(alert_id(subject, kind), now)
        elif kind in told:
            alert = Alert(
                kind=kind,
                level=_LEVELS[kind],
                subject=subject,
                since=_since(kind, state, last_seen) or now,
                details=_details(kind, state),
            )
            delay = _DELAYS.get(kind, timedelta())
            always = kind in _CALLS
            patience = Patience() if always else Patience(delay=delay, hours=hours, grace=grace)
            changes += registry.raise_(alert, now, patience)
        else:
            registry.doubt(alert_id(subject, kind))
    return changes


def _troubles(state: ScreenState) -> dict[Kind, bool | None]:
    """Tell what is wrong with a screen, most telling first; None is what nobody can know now."""
    screen = state.screen
    if not screen.heard:
        return dict.fromkeys(_LEVELS, False)
    calls: dict[Kind, bool | None] = {
        Kind.SERVICE_FAILED: screen.failure is not None,
        Kind.MANUAL_INTERVENTION: state.needs_person,
    }
    if screen.off_since is not None:
        return calls | dict.fromkeys((Kind.OFFLINE, *_COMPLAINTS), False)
    silent = None if state.connected is None else not state.connected
    if silent is not False:  # what it complained of last is as true as it was
        return calls | {Kind.OFFLINE: silent} | dict.fromkeys(_COMPLAINTS, None)
    complaints = state.complaints
    return (
        calls
        | {Kind.OFFLINE: False}
        | {kind: any(complaints[each] for each in reasons) for kind, reasons in _COMPLAINTS.items()}
    )


def _most_telling(troubles: Mapping[Kind, bool | None]) -> list[Kind]:
    """Return what is worth telling: all that asks for a person, else the first of what is wrong."""
    there = [kind for kind, holds in troubles.items() if holds]
    return [kind for kind in there if kind in _CALLS] or there[:1]


def _since(kind: Kind, state: ScreenState, last_seen: datetime | None) -> datetime | None:
    """Return when trouble began, None where that is not known."""
    match kind:
        case Kind.OFFLINE:
            return last_seen
        case Kind.SERVICE_FAILED:
            return state.screen.failure.received_at if state.screen.failure else None
        case Kind.MANUAL_INTERVENTION:
            return state.asked_at
        case _:
            return None


def _details(kind: Kind, state: ScreenState) -> dict[str, str]:
    """Return what an alert's text is filled in with, beside the screen's name."""
    if kind is Kind.SERVICE_FAILED and state.screen.failure is not None:
        return {"unit": state.screen.failure.unit or "?"}
    return {}
