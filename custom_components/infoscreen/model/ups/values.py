"""What a UPS reports, read: numbers that can be true, and texts that say something.

Drivers report zero for a sensor that is not there, all ones for what they could not read, and values that are
ten times too large. None of them may become a measurement.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
import re
from typing import Final

from .status import Status

_NOTHING: Final = {"", "unknown", "?", "n/a", "na", "none", "null", "(null)", "not set", "xx.x"}
_NUMBER: Final = re.compile(r"[+-]?(?:[0-9]{1,12}(?:\.[0-9]{0,12})?|\.[0-9]{1,12})")
#: Older batteries are none any more.
_FIRST_YEAR: Final = 1995
_WEEK: Final = 7 * 24 * 3600
#: All ones in 16 and 32 bits, once as minutes, and the same with a sign.
_SENTINELS: Final = {65535.0, 655.35, 3932100.0, 2147483647.0, 2147483648.0, 4294967295.0}


@dataclass(frozen=True, kw_only=True, slots=True)
class Limits:
    """What a number may be: its bounds, how far above one is still taken for the bound, what means none."""

    low: float = float("-inf")
    high: float = float("inf")
    slack: float = 0
    none: float | None = None


_PERCENT: Final = Limits(low=0, high=100)
_CELSIUS: Final = Limits(low=-20, high=100)
_HERTZ: Final = Limits(low=40, high=70)
_VOLT: Final = Limits(low=0, high=1000)
_POSITIVE: Final = Limits(low=0, none=0)
_DURATION: Final = Limits(low=0, high=_WEEK)
_TIMER: Final = Limits(low=0, high=_WEEK, none=0)
_POWER: Final = Limits(low=0, high=1_000_000)
_AMPERE: Final = Limits(low=-10_000, high=10_000)

#: By the variable with its numbers and phases taken out.
LIMITS: Final[Mapping[str, Limits]] = {
    "battery.charge": Limits(low=0, high=100, slack=5),
    "battery.charge.low": _PERCENT,
    "battery.charge.warning": _PERCENT,
    "battery.runtime": _DURATION,
    "battery.runtime.low": _DURATION,
    "battery.temperature": _CELSIUS,
    "battery.voltage": _VOLT,
    "battery.voltage.nominal": Limits(low=0, high=1000, none=0),
    "battery.current": _AMPERE,
    "battery.packs.bad": Limits(low=0, high=1000),
    "battery.capacity": _POSITIVE,
    "ups.load": Limits(low=0, high=200),
    "ups.realpower": _POWER,
    "ups.realpower.nominal": Limits(low=0, high=1_000_000, none=0),
    "ups.power": _POWER,
    "ups.power.nominal": Limits(low=0, high=1_000_000, none=0),
    "ups.temperature": Limits(low=-20, high=100, none=0),
    "ups.efficiency": _PERCENT,
    "ups.timer.shutdown": _TIMER,
    "ups.timer.reboot": _TIMER,
    "ups.delay.shutdown": _DURATION,
    "ups.delay.start": _DURATION,
    "ambient.temperature": _CELSIUS,
    "ambient.humidity": _PERCENT,
    "input.voltage": _VOLT,
    "input.voltage.minimum": _VOLT,
    "input.voltage.maximum": _VOLT,
    "input.voltage.fault": _VOLT,
    "input.voltage.nominal": _VOLT,
    "input.transfer.low": _VOLT,
    "input.transfer.high": _VOLT,
    "input.frequency": _HERTZ,
    "input.current": _AMPERE,
    "input.realpower": _POWER,
    "output.voltage": _VOLT,
    "output.voltage.nominal": _VOLT,
    "output.frequency": _HERTZ,
    "output.current": _AMPERE,
    "output.realpower": _POWER,
    "output.powerfactor": Limits(low=-1, high=1),
    "outlet.realpower": _POWER,
    "outlet.current": _AMPERE,
}


class Rejection(StrEnum):
    """Why something a UPS reports is no value."""

    NOT_A_NUMBER = "not_a_number"
    IMPLAUSIBLE = "implausible"


@dataclass(frozen=True, kw_only=True, slots=True)
class Reading:
    """A number, or why it is none; a UPS that says that it does not know is not to blame."""

    value: float | None = None
    rejection: Rejection | None = None


def unescaped(text: str) -> str:
    r"""Undo what upsd does to `"`, `\` and `#`; a backslash at the end has lost its quote on the way."""
    return re.sub(r"\\(.?)", r"\1", text, flags=re.DOTALL)


def said(text: str | None) -> str | None:
    """Return a text without the blanks round it, None where it says nothing."""
    stripped = (text or "").strip()
    return None if stripped.casefold() in _NOTHING else stripped


def family(variable: str) -> str:
    """Return a variable without the number of an outlet and without its phase."""
    return re.sub(r"\.(?:[0-9]+|L[1-3](?:-N|-L[1-3])?)(?=\.)", "", variable)


def reading(variables: Mapping[str, str], variable: str) -> Reading:
    """Read a number, if it can be true."""
    text = said(variables.get(variable))
    if text is None or _is_absent(variables, variable):
        return Reading()
    if not _NUMBER.fullmatch(text):
        return Reading(rejection=Rejection.NOT_A_NUMBER)
    value = float(text)
    limits = LIMITS.get(family(variable), Limits())
    if limits.high < value <= limits.high + limits.slack:
        return Reading(value=float(limits.high))
    at_rest = variable == "battery.runtime" and not value and Status.of(variables).has("OL")
    if at_rest or value in _SENTINELS or value == limits.none or not limits.low <= value <= limits.high:
        return Reading(rejection=Rejection.IMPLAUSIBLE)
    return Reading(value=value)


def _is_absent(variables: Mapping[str, str], variable: str) -> bool:
    """Tell whether a probe is not there, by its own word."""
    probe = re.match(r"ambient\.(?:[0-9]+\.)?", variable)
    return probe is not None and variables.get(f"{probe[0]}present", "").strip().casefold() == "no"


def estimated_power(variables: Mapping[str, str]) -> float | None:
    """Return how many watts a UPS gives by its load, None where it measures them or nobody knows."""
    if reading(variables, "ups.realpower").value is not None:
        return None
    load = reading(variables, "ups.load").value
    nominal = reading(variables, "ups.realpower.nominal").value
    return None if load is None or nominal is None else load * nominal / 100


def runtime_text(seconds: float | None) -> str | None:
    """Return how long a battery lasts as people say it: 1h 23m, 34m, 45s."""
    if seconds is None:
        return None
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours}h {minutes}m"
    return f"{minutes}m" if minutes else f"{rest}s"


def plausible_date(text: str | None, today: date) -> str | None:
    """Return the date of a battery, None where the text is none that a battery in use could have."""
    found = re.fullmatch(r"([0-9]{4})[-/]([0-9]{1,2})[-/]([0-9]{1,2})", text or "")
    if found is None or not _FIRST_YEAR <= int(found[1]) <= today.year + 1:
        return None
    try:
        return date(int(found[1]), int(found[2]), int(found[3])).isoformat()
    except ValueError:
        return None
