"""One UPS as it is known now: what it last said, whether that still holds, and how grave it is."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, Self

from .alert import Alertness
from .status import Reason, Status
from .values import LIMITS, Reading, family, reading, said, unescaped

CHARGE: Final = "battery.charge"
RUNTIME: Final = "battery.runtime"
SHUTDOWN_TIMER: Final = "ups.timer.shutdown"
#: Of what somebody has to know once it is more than nothing.
_MEASURED: Final = {SHUTDOWN_TIMER: Reason.SHUTDOWN_TIMER, "battery.packs.bad": Reason.BAD_BATTERY_PACKS}
#: So long a test that somebody asked for may run on battery before it is taken for an outage.
TEST_LASTS: Final = timedelta(minutes=2)


class State(StrEnum):
    """Whether a UPS can be believed, and why not."""

    OK = "ok"
    WAITING = "waiting"  # upsd has no data of its driver yet
    STALE = "stale"
    DRIVER_LOST = "driver_lost"
    NOT_FOUND = "not_found"
    DENIED = "denied"
    ERROR = "error"
    SERVER_LOST = "server_lost"

    @classmethod
    def of(cls, code: str) -> Self:
        """Return what upsd means by the word after ERR."""
        return cls(_STATES.get(code, cls.ERROR))


_STATES: Final[Mapping[str, str]] = {
    "DATA-STALE": "stale",
    "DRIVER-NOT-CONNECTED": "driver_lost",
    "UNKNOWN-UPS": "not_found",
    "ACCESS-DENIED": "denied",
    "USERNAME-REQUIRED": "denied",
    "PASSWORD-REQUIRED": "denied",
    "INVALID-USERNAME": "denied",
    "INVALID-PASSWORD": "denied",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Ups:
    """One UPS of a NUT server."""

    name: str
    description: str = ""
    state: State = State.WAITING
    reason: str = ""  # what the server said instead of an answer
    since: datetime  # of the state
    in_doubt: bool = False  # the server did not answer just now, and may the next time
    variables: Mapping[str, str] = field(default_factory=dict)  # nothing while it cannot be believed
    readings: Mapping[str, Reading] = field(default_factory=dict)
    status: Status = field(default_factory=Status)  # what it last said of itself, be it long ago
    alertness: Alertness = field(default_factory=Alertness)
    commands: frozenset[str] = frozenset()
    test_until: datetime | None = None
    last_ok: datetime | None = field(default=None, compare=False)

    @property
    def key(self) -> str:
        """Return what tells it from the others of its server: to upsd, case makes no difference."""
        return self.name.casefold()

    @property
    def fresh(self) -> bool:
        """Tell whether what it says may be acted upon."""
        return self.state is State.OK and not self.in_doubt

    @property
    def charge(self) -> float | None:
        """Return its charge in percent, None where nobody knows."""
        return self.value(CHARGE)

    @property
    def runtime(self) -> float | None:
        """Return how many seconds its battery lasts, None where nobody knows."""
        return self.value(RUNTIME)

    def value(self, variable: str) -> float | None:
        """Return a number that it reports, None where that is none, or none that can be true."""
        read = self.readings.get(variable)
        return read.value if read else None

    def text(self, variable: str) -> str | None:
        """Return a text that it reports, None where that says nothing."""
        return said(self.variables.get(variable))

    def heard(self, variables: Mapping[str, str], now: datetime) -> Self:
        """Take in an answer."""
        given = {name: unescaped(value) for name, value in variables.items()}
        status = Status.of(given)
        state = State.WAITING if status.waiting else State.OK
        testing = self.test_until is not None and now < self.test_until
        read = self.readings if given == self.variables else readings(given)
        return replace(
            self,
            state=state,
            reason="",
            since=self.since if state is self.state else now,
            in_doubt=False,
            variables=given,
            readings=read,
            status=status if state is State.OK else self.status,
            alertness=self.alertness.heard(status, now, testing=testing, measured=measured(read)),
            test_until=self.test_until if testing else None,
            last_ok=now if state is State.OK else self.last_ok,
        )

    def doubted(self, now: datetime) -> Self:
        """Take in that the server did not answer this once: what is known stands a little longer."""
        return replace(self, in_doubt=True, alertness=self.alertness.lost(now))

    def lost(self, state: State, reason: str, now: datetime) -> Self:
        """Take in that there is no answer, and why."""
        return replace(
            self,
            state=state,
            reason=reason,
            since=self.since if state is self.state else now,
            in_doubt=False,
            variables={},
            readings={},
            alertness=self.alertness.lost(now),
        )

    def passed(self, now: datetime) -> Self:
        """Let time pass."""
        return replace(self, alertness=self.alertness.passed(now))

    def tested(self, now: datetime) -> Self:
        """Take in that somebody asked for a test of the battery; what runs on it already is no part of it."""
        if self.status.has("OB"):
            return self
        return replace(self, test_until=now + TEST_LASTS)

    def untested(self, before: Self) -> Self:
        """Take in that no test came of it; one that somebody asked for before may still run."""
        return replace(self, test_until=before.test_until)


def readings(variables: Mapping[str, str]) -> dict[str, Reading]:
    """Read all numbers among some variables."""
    return {name: reading(variables, name) for name in variables if family(name) in LIMITS}


def measured(read: Mapping[str, Reading]) -> list[Reason]:
    """Return why somebody has to know of some numbers."""
    return [
        reason
        for variable, reason in _MEASURED.items()
        if variable in read and (read[variable].value or 0) > 0
    ]
