"""What a UPS says of itself in `ups.status`: words in any order, of which new drivers bring new ones."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Self

STATUS: Final = "ups.status"
_WAIT: Final = "WAIT"
_ON_MAINS: Final = {"OL", "TRIM", "BOOST"}


class MainState(StrEnum):
    """The one thing to say of a UPS; what is not known has no word."""

    ONLINE = "online"
    ON_BATTERY = "on_battery"
    LOW_BATTERY = "low_battery"
    FORCED_SHUTDOWN = "forced_shutdown"
    OFF = "off"
    BYPASS = "bypass"
    OVERLOAD = "overload"
    TEST = "test"
    CALIBRATING = "calibrating"
    WAITING = "waiting"


class Level(StrEnum):
    """How grave it is, the least first."""

    OK = "ok"
    WARNING = "warning"
    CRITICAL = "critical"


class Reason(StrEnum):
    """Why it is grave, the gravest first."""

    SHUTDOWN_LATCHED = "shutdown_latched"  # the mains are back, and only a restart of upsd clears it
    FORCED_SHUTDOWN = "forced_shutdown"
    SHUTDOWN_TIMER = "shutdown_timer"  # no word of a status: it counts down to cutting the load
    ON_BATTERY_LOW = "on_battery_low"
    LOW_BATTERY = "low_battery"
    OUTPUT_OFF = "output_off"
    LOST_ON_BATTERY = "lost_on_battery"
    ON_BATTERY = "on_battery"
    CONTRADICTORY = "contradictory"
    LOW_BATTERY_ON_MAINS = "low_battery_on_mains"
    OUTPUT_OFF_ON_MAINS = "output_off_on_mains"
    OVERLOAD = "overload"
    REPLACE_BATTERY = "replace_battery"
    BAD_BATTERY_PACKS = "bad_battery_packs"  # no word either: it counts them
    ALARM = "alarm"
    BYPASS = "bypass"
    OVERHEAT = "overheat"
    COMMUNICATION_FAULT = "communication_fault"
    DEPLETED = "depleted"
    MAINS_FAILURE = "mains_failure"


_CRITICAL: Final = {
    Reason.SHUTDOWN_LATCHED,
    Reason.FORCED_SHUTDOWN,
    Reason.SHUTDOWN_TIMER,
    Reason.ON_BATTERY_LOW,
    Reason.LOW_BATTERY,
    Reason.OUTPUT_OFF,
    Reason.LOST_ON_BATTERY,
}
_REASON_OF: Final = {
    "OVER": Reason.OVERLOAD,
    "RB": Reason.REPLACE_BATTERY,
    "ALARM": Reason.ALARM,
    "BYPASS": Reason.BYPASS,
    "OVERHEAT": Reason.OVERHEAT,
    "COMMFAULT": Reason.COMMUNICATION_FAULT,
    "DEPLETED": Reason.DEPLETED,
    "ACFAIL": Reason.MAINS_FAILURE,
}


def level_of(reasons: tuple[Reason, ...]) -> Level:
    """Return how grave some reasons are together."""
    if not reasons:
        return Level.OK
    return Level.CRITICAL if _CRITICAL.intersection(reasons) else Level.WARNING


@dataclass(frozen=True, kw_only=True, slots=True)
class Status:
    """The flags of a UPS as they came, unknown ones included."""

    flags: tuple[str, ...] = ()
    waiting: bool = False

    @classmethod
    def of(cls, variables: Mapping[str, str]) -> Self:
        """Read the flags; WAIT with nothing beside it is what upsd says until the driver has answered."""
        flags = tuple(dict.fromkeys(variables.get(STATUS, "").upper().split()))
        return cls(flags=flags, waiting=flags == (_WAIT,) and variables.keys() <= {STATUS})

    def has(self, *flags: str) -> bool:
        """Tell whether all of some flags are set."""
        return all(flag in self.flags for flag in flags)

    @property
    def is_known(self) -> bool:
        """Tell whether the UPS says how it is; some, such as PDUs, never do."""
        return any(flag != _WAIT for flag in self.flags)

    @property
    def is_testing(self) -> bool:
        """Tell whether it runs on battery to try it."""
        return self.has("CAL") or self.has("TEST")

    @property
    def on_battery(self) -> bool:
        """Tell whether it runs on battery; some say so beside being on mains, and are."""
        return self.has("OB") and not self.has("OL")

    @property
    def main(self) -> MainState | None:
        """Return what to say of it, the gravest first."""
        states = (
            (MainState.WAITING, self.waiting),
            (MainState.FORCED_SHUTDOWN, self.has("FSD")),
            (MainState.OFF, self.has("OFF")),
            (MainState.LOW_BATTERY, self.has("LB") and not self.has("OL")),
            (MainState.CALIBRATING, self.has("CAL")),
            (MainState.TEST, self.has("TEST")),
            (MainState.ON_BATTERY, self.on_battery),
            (MainState.OVERLOAD, self.has("OVER")),
            (MainState.BYPASS, self.has("BYPASS")),
            (MainState.ONLINE, not _ON_MAINS.isdisjoint(self.flags)),
        )
        return next((state for state, applies in states if applies), None)

    def reasons(self, *, testing: bool = False, measured: Collection[Reason] = ()) -> tuple[Reason, ...]:
        """Return why somebody has to know of it; a test that was asked for is no outage.

        What no word says, but a number, is `measured`.
        """
        online = self.has("OL")
        found = {reason for flag, reason in _REASON_OF.items() if self.has(flag)}.union(measured)
        if self.has("FSD"):
            found.add(Reason.SHUTDOWN_LATCHED if online else Reason.FORCED_SHUTDOWN)
        if self.has("OFF"):
            found.add(Reason.OUTPUT_OFF_ON_MAINS if online else Reason.OUTPUT_OFF)
        if self.has("LB"):
            found.add(self._low(online=online))
        elif self.has("OB") and not (testing or self.is_testing):
            found.add(Reason.CONTRADICTORY if online else Reason.ON_BATTERY)
        return tuple(reason for reason in Reason if reason in found)

    def _low(self, *, online: bool) -> Reason:
        if self.has("OB"):
            return Reason.ON_BATTERY_LOW
        return Reason.LOW_BATTERY_ON_MAINS if online else Reason.LOW_BATTERY
