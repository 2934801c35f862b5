"""TVs: when each is told to go on or off, when a person did it, and who says otherwise for too long."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final, Self

#: How often a TV is told before it is left alone, and how long it is given each time.
_TRIES: Final = 3
_RETRY: Final = timedelta(seconds=20)
# TVs that wake or fall asleep go through states of their own: so long, nobody's hand is seen in that.
_OURS: Final = timedelta(seconds=10)
# TVs and their sensors are slow; what lasts longer lasts until somebody comes.
_TOO_LONG: Final = timedelta(minutes=2)


@dataclass(frozen=True, kw_only=True, slots=True)
class Tv:
    """One TV: what it should be and what it shows; None is not known, or nobody tells it."""

    wanted: bool | None = None
    shown: bool | None = None
    away: bool = True  # it cannot be reached
    calls: int = 0  # since something else was wanted, or it came back
    called_at: datetime | None = None

    def wants(self, *, on: bool | None) -> Self:
        """Return the TV as it should be; if that is something else, it has all tries before it again."""
        return self if on is self.wanted else replace(self, wanted=on, calls=0)

    def shows(self, now: datetime, *, on: bool | None, away: bool = False) -> Self:
        """Return the TV as it shows something; one in a person's hand is left alone."""
        if self.is_hand(now, on=on):
            return replace(self, shown=on, calls=_TRIES)
        return replace(self, shown=on, away=away, calls=0 if self.away else self.calls)

    def is_hand(self, now: datetime, *, on: bool | None) -> bool:
        """Tell whether what it shows now is a person's doing: nobody else wants that."""
        if None in (self.wanted, self.shown, on) or on in (self.shown, self.wanted):
            return False
        return self.called_at is None or now - self.called_at >= _OURS

    def called(self, now: datetime) -> Self:
        """Return the TV as it was told once more."""
        return replace(self, calls=self.calls + 1, called_at=now)

    def due(self, now: datetime) -> datetime | None:
        """Return when to tell it what it should be, None while there is nothing to tell."""
        if self.wanted is None or self.away or self.shown is self.wanted or self.calls >= _TRIES:
            return None
        return self.called_at + _RETRY if self.calls and self.called_at else now


@dataclass(frozen=True, kw_only=True, slots=True)
class Doubt:
    """What a TV should be, and since when which of those who know it say otherwise."""

    wanted: bool | None = None
    since: Mapping[str, datetime] = field(default_factory=dict)

    def heard(self, now: datetime, says: Mapping[str, bool | None], *, wanted: bool | None) -> Self:
        """Take in what the TV should be and what is said of it; None is not known."""
        before = self.since if wanted is self.wanted else {}
        since = {
            who: before.get(who, now)
            for who, on in says.items()
            if wanted is not None and on is not None and on is not wanted
        }
        return type(self)(wanted=wanted, since=since)

    @property
    def began(self) -> datetime | None:
        """Return since when somebody has said otherwise."""
        return min(self.since.values(), default=None)

    @property
    def due(self) -> datetime | None:
        """Return when it will have been too long."""
        return self.began + _TOO_LONG if self.began else None

    def stands(self, now: datetime) -> bool:
        """Tell whether it has been too long."""
        return self.due is not None and self.due <= now
