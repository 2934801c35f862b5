"""How grave a UPS is over time: flicker is no outage, and one good answer is no end of it."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from .status import Level, Reason, Status, level_of

#: Self-tests and flicker of the mains are shorter.
DEBOUNCE: Final = timedelta(seconds=5)
#: So long a UPS that is not heard is taken for what it last was; upsmon has the same (DEADTIME).
DEAD_AFTER: Final = timedelta(seconds=15)
_GOOD_ANSWERS: Final = 2
_ORDER: Final = tuple(Level)
_DEBOUNCED: Final = {Reason.ON_BATTERY, Reason.CONTRADICTORY}


@dataclass(frozen=True, kw_only=True, slots=True)
class Alertness:
    """What is told of a UPS, and what would be told if it lasted."""

    reasons: tuple[Reason, ...] = ()
    known: bool = False
    flickered: bool = False  # it was on battery for less than anyone is told of
    _said: tuple[Reason, ...] = ()
    _waiting_since: datetime | None = None
    _better: int = 0
    _was_on_battery: bool = False
    _lost_since: datetime | None = None

    @property
    def level(self) -> Level | None:
        """Return how grave it is, None where nobody knows."""
        return level_of(self.reasons) if self.known else None

    @property
    def next_change(self) -> datetime | None:
        """Return when time alone makes a difference."""
        if self._lost_since is not None:
            return self._lost_since + DEAD_AFTER
        return self._waiting_since + DEBOUNCE if self._waiting_since else None

    def heard(
        self, status: Status, now: datetime, *, testing: bool = False, measured: Collection[Reason] = ()
    ) -> Alertness:
        """Take in an answer; from one that never says how it is nothing is known."""
        if status.waiting:
            return self.lost(now)
        if not status.is_known:
            return Alertness()
        said = status.reasons(testing=testing, measured=measured)
        seen = replace(
            self, flickered=False, _said=said, _was_on_battery=status.has("OB"), _lost_since=None, known=True
        )
        told = tuple(reason for reason in said if reason not in _DEBOUNCED or reason in self.reasons)
        if _ORDER.index(level_of(told)) < _ORDER.index(level_of(self.reasons)):
            # What is less grave is believed the second time it is said.
            enough = self._better + 1 >= _GOOD_ANSWERS
            return replace(
                seen,
                reasons=said if enough else self.reasons,
                _better=0 if enough else self._better + 1,
                _waiting_since=None,
            )
        lasts = told != said
        seen = replace(
            seen,
            reasons=told,
            flickered=self._waiting_since is not None and not status.has("OB"),
            _waiting_since=(self._waiting_since or now) if lasts else None,
            _better=0,
        )
        return seen.passed(now)

    def lost(self, now: datetime) -> Alertness:
        """Take in that there is no answer: stale, driver or server gone."""
        if self._lost_since is not None or not self.known or Reason.LOST_ON_BATTERY in self.reasons:
            return self.passed(now)
        return replace(self, _lost_since=now, _waiting_since=None, _better=0, flickered=False)

    def passed(self, now: datetime) -> Alertness:
        """Let time pass."""
        if self.next_change is None or now < self.next_change:
            return self
        if self._lost_since is None:
            return replace(self, reasons=self._said, _waiting_since=None)
        if self._was_on_battery:
            return replace(self, reasons=(Reason.LOST_ON_BATTERY,), known=True, _lost_since=None)
        return Alertness()
