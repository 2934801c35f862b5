"""Whether the mains are there, as far as anything may be done about it: not for flicker, not by old news."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final, Self

from .alert import DEAD_AFTER, DEBOUNCE
from .status import Status

#: A UPS on battery is asked every five seconds; what is older than a few lost answers is not acted upon.
FRESH_FOR: Final = timedelta(seconds=30)
#: One that never tells its charge counts as charged after so long on mains.
CHARGED_AFTER: Final = timedelta(minutes=10)
_GOOD_ANSWERS: Final = 2
#: The moments that outlive a restart.
_TIMES: Final = ("failed_at", "low_at", "back_at")


class Supply(StrEnum):
    """What a UPS runs on; unclear is what contradicts itself, is a test, or says nothing of it."""

    MAINS = "mains"
    BATTERY = "battery"
    UNCLEAR = "unclear"


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """What counts of one answer of a UPS."""

    supply: Supply
    low: bool = False  # it says itself that the end is near
    charge: float | None = None  # percent
    runtime: float | None = None  # seconds

    @classmethod
    def of(
        cls, status: Status, charge: float | None, runtime: float | None, *, testing: bool = False
    ) -> Self:
        """Read an answer; a forced shutdown stays said when the mains are back, and counts no more."""
        supply = _supply(status, testing=testing or status.is_testing)
        low = supply is Supply.BATTERY and (status.has("LB") or status.has("FSD"))
        return cls(supply=supply, low=low, charge=charge, runtime=runtime)


def _supply(status: Status, *, testing: bool) -> Supply:
    """Return what a UPS runs on."""
    online = any(map(status.has, ("OL", "TRIM", "BOOST", "BYPASS")))
    if status.has("FSD") and not online:
        return Supply.BATTERY
    if testing or (status.has("OB") and status.has("OL")):
        return Supply.UNCLEAR
    if status.has("OB") or (status.has("LB") and not online):
        return Supply.BATTERY
    return Supply.MAINS if online else Supply.UNCLEAR


def is_pressing(status: Status) -> bool:
    """Tell whether a UPS is to be asked often: it is on battery, if only for a test, or says that it ends."""
    return status.has("OB") or _supply(status, testing=status.is_testing) is Supply.BATTERY


@dataclass(frozen=True, kw_only=True, slots=True)
class Mains:
    """The mains of one UPS over time."""

    failed_at: datetime | None = None  # when an outage that is not over was first seen
    confirmed: bool = False  # it lasted longer than flicker does
    low_at: datetime | None = None  # when the last answer came, if it said that the end is near
    back_at: datetime | None = None  # when the last outage was over
    answer: Answer | None = None  # the last answer, None once there was none
    heard_at: datetime | None = None
    lost_at: datetime | None = None
    good: int = 0  # answers in a row that say that the mains are back

    @property
    def low(self) -> bool:
        """Tell whether the last answer said that the end is near."""
        return self.low_at is not None

    def heard(self, answer: Answer, now: datetime) -> Self:
        """Take in an answer; an outage is believed once it has lasted, and its end the second time."""
        low_at = now if answer.low else None
        seen = replace(self, answer=answer, heard_at=now, lost_at=None, low_at=low_at, good=0)
        if answer.supply is Supply.BATTERY:
            failed_at = self.failed_at or now
            return replace(seen, failed_at=failed_at, confirmed=self.confirmed or now - failed_at >= DEBOUNCE)
        if not self.confirmed:
            return replace(seen, failed_at=None)
        if answer.supply is Supply.UNCLEAR:
            return seen
        good = self.good + 1
        if good < _GOOD_ANSWERS:
            return replace(seen, good=good)
        return type(self)(answer=answer, heard_at=now, back_at=now)

    def lost(self, now: datetime) -> Self:
        """Take in that there is no answer: the UPS, its driver or its server is gone."""
        if self.lost_at is not None:
            return self
        known = self.confirmed or self.low
        return replace(self, answer=None, lost_at=now, good=0, failed_at=self.failed_at if known else None)

    def failing(self, now: datetime) -> bool:
        """Tell whether something may be done about an outage: the UPS says so now, or fell silent with LB."""
        fresh = self.heard_at is not None and now - self.heard_at <= FRESH_FOR
        return self.dead(now) or (self.confirmed and fresh and self._says(Supply.BATTERY))

    def for_longer(self, time: timedelta, now: datetime) -> bool:
        """Tell whether an outage has lasted so long."""
        return self.failed_at is not None and now >= self.failed_at + time

    def dead(self, now: datetime) -> bool:
        """Tell whether it fell silent with its battery low: it is taken for empty."""
        return self.dead_at is not None and now >= self.dead_at

    @property
    def dead_at(self) -> datetime | None:
        """Return when one that fell silent with its battery low is taken for empty.

        Where nobody listened for a while, as in a restart, the mains may be back long since.
        """
        if self.low_at is None or self.lost_at is None or self.lost_at - self.low_at > FRESH_FOR:
            return None
        return self.lost_at + DEAD_AFTER

    @property
    def returning(self) -> bool:
        """Tell whether the UPS says that the mains are there, be it for the first time."""
        return self._says(Supply.MAINS)

    @property
    def sound(self) -> bool:
        """Tell whether the mains are there and no outage is under way."""
        return self.failed_at is None and self.returning

    def urgent(self, charge: float, runtime: float, now: datetime) -> bool:
        """Tell whether the battery is about to end: it says so, or one of its numbers is below its bound."""
        if not self.failing(now):
            return False
        answer = self.answer
        if self.low or answer is None:
            return True
        low_charge = answer.charge is not None and answer.charge < charge
        return low_charge or (answer.runtime is not None and answer.runtime < runtime)

    def charged(self, charge: float, now: datetime) -> bool:
        """Tell whether the mains are there and the battery could take the next outage."""
        if not self.sound or self.answer is None:
            return False
        if self.answer.charge is not None:
            return self.answer.charge >= charge
        return self.charged_at is None or now >= self.charged_at

    @property
    def charged_at(self) -> datetime | None:
        """Return when one counts as charged that never tells its charge."""
        return self.back_at + CHARGED_AFTER if self.back_at else None

    def _says(self, supply: Supply) -> bool:
        return self.answer is not None and self.answer.supply is supply

    @property
    def worth_keeping(self) -> bool:
        """Tell whether there is, or was, an outage to remember."""
        return self.failed_at is not None or self.back_at is not None

    def as_stored(self) -> dict[str, Any]:
        """Return what outlives a restart, as JSON; what it says will be heard anew."""
        times = {name: getattr(self, name) for name in _TIMES}
        return {"confirmed": self.confirmed} | {
            name: moment.isoformat() for name, moment in times.items() if moment
        }

    @classmethod
    def from_stored(cls, stored: Mapping[str, Any]) -> Self:
        """Read it back."""
        times = (datetime.fromisoformat(stored[name]) if name in stored else None for name in _TIMES)
        failed_at, low_at, back_at = times
        return cls(confirmed=stored["confirmed"], failed_at=failed_at, low_at=low_at, back_at=back_at)
