"""What is shown of a UPS, variable by variable: class, unit, and how prominently."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any, Final

from homeassistant.components.sensor import SensorDeviceClass, SensorEntityDescription, SensorStateClass
from homeassistant.const import (
    PERCENTAGE,
    EntityCategory,
    UnitOfApparentPower,
    UnitOfElectricCurrent,
    UnitOfElectricPotential,
    UnitOfFrequency,
    UnitOfPower,
    UnitOfTemperature,
    UnitOfTime,
)
from homeassistant.util import dt as dt_util

from ..model.ups.device import RUNTIME, Ups
from ..model.ups.status import Level, MainState
from ..model.ups.values import estimated_power, plausible_date, runtime_text
from .entity import entity_key


@dataclass(frozen=True, kw_only=True)
class UpsSensorDescription(SensorEntityDescription):
    """How to read a sensor off a UPS."""

    value_fn: Callable[[Ups, str], float | str | None] = lambda ups, variable: ups.value(variable)


#: How many decimals are shown.
WHOLE: Final[dict[str, Any]] = {"suggested_display_precision": 0}
TENTHS: Final[dict[str, Any]] = {"suggested_display_precision": 1}


class Rank(Enum):
    """How prominent a sensor is."""

    MAIN = auto()
    DETAIL = auto()
    HIDDEN = auto()  # until somebody enables it
    ASIDE = auto()  # hidden as well, and no detail of the UPS but of what hangs on it


def _number(
    variable: str,
    device_class: SensorDeviceClass | None = None,
    unit: str | None = None,
    *,
    measured: bool = True,
    rank: Rank = Rank.HIDDEN,
    **more: Any,
) -> tuple[str, UpsSensorDescription]:
    """Describe a number."""
    return variable, UpsSensorDescription(
        key=entity_key(variable),
        device_class=device_class,
        native_unit_of_measurement=unit,
        state_class=SensorStateClass.MEASUREMENT if measured else None,
        entity_category=None if rank in {Rank.MAIN, Rank.ASIDE} else EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=rank in {Rank.MAIN, Rank.DETAIL},
        **more,
    )


def _voltage(variable: str, **how: Any) -> tuple[str, UpsSensorDescription]:
    return _number(variable, SensorDeviceClass.VOLTAGE, UnitOfElectricPotential.VOLT, **TENTHS | how)


def _current(variable: str, **how: Any) -> tuple[str, UpsSensorDescription]:
    return _number(variable, SensorDeviceClass.CURRENT, UnitOfElectricCurrent.AMPERE, **how)


def _power(variable: str, **how: Any) -> tuple[str, UpsSensorDescription]:
    return _number(variable, SensorDeviceClass.POWER, UnitOfPower.WATT, **WHOLE, **how)


def _celsius(variable: str, **how: Any) -> tuple[str, UpsSensorDescription]:
    return _number(variable, SensorDeviceClass.TEMPERATURE, UnitOfTemperature.CELSIUS, **TENTHS, **how)


def _seconds(variable: str, **how: Any) -> tuple[str, UpsSensorDescription]:
    return _number(variable, SensorDeviceClass.DURATION, UnitOfTime.SECONDS, **how)


def _percent(variable: str, **how: Any) -> tuple[str, UpsSensorDescription]:
    return _number(variable, None, PERCENTAGE, **how)


def _text(
    variable: str,
    value_fn: Callable[[Ups, str], float | str | None] = lambda ups, variable: ups.text(variable),
    *,
    enabled: bool = False,
) -> tuple[str, UpsSensorDescription]:
    """Describe a text."""
    return variable, UpsSensorDescription(
        key=entity_key(variable),
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=enabled,
        value_fn=value_fn,
    )


def _words(variable: str, *words: str, enabled: bool) -> tuple[str, UpsSensorDescription]:
    """Describe a choice of words; drivers have others too."""

    def word(ups: Ups, variable: str) -> str | None:
        said = ups.text(variable)
        return None if said is None else said.lower() if said.lower() in words else "other"

    return variable, UpsSensorDescription(
        key=entity_key(variable),
        device_class=SensorDeviceClass.ENUM,
        options=[*words, "other"],
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=enabled,
        value_fn=word,
    )


def _lower(ups: Ups, variable: str) -> str | None:
    """Return a text in the one case that drivers do not agree on."""
    said = ups.text(variable)
    return None if said is None else said.lower()


def _date(ups: Ups, variable: str) -> str | None:
    """Return a date, if it is one of a battery that could be in use."""
    return plausible_date(ups.text(variable), dt_util.now().date())


VARIABLES: Final = dict(
    (
        _number("battery.charge", SensorDeviceClass.BATTERY, PERCENTAGE, rank=Rank.MAIN, **WHOLE),
        _seconds(RUNTIME, rank=Rank.MAIN, **WHOLE, suggested_unit_of_measurement=UnitOfTime.MINUTES),
        _percent("ups.load", rank=Rank.MAIN, **WHOLE),
        _voltage("input.voltage", rank=Rank.MAIN),
        _voltage("output.voltage", rank=Rank.DETAIL),
        _power("ups.realpower", rank=Rank.MAIN),
        _number("ups.power", SensorDeviceClass.APPARENT_POWER, UnitOfApparentPower.VOLT_AMPERE),
        _text("ups.test.result", _lower, enabled=True),
        _words("ups.beeper.status", "enabled", "disabled", "muted", enabled=False),
        _words(
            "battery.charger.status",
            *("charging", "discharging", "floating", "resting", "charged", "off", "disabled"),
            enabled=True,
        ),
        _celsius("ups.temperature", rank=Rank.DETAIL),
        _celsius("battery.temperature"),
        _celsius("ambient.temperature", rank=Rank.MAIN),
        _number("ambient.humidity", SensorDeviceClass.HUMIDITY, PERCENTAGE, rank=Rank.MAIN, **WHOLE),
        _number("input.frequency", SensorDeviceClass.FREQUENCY, UnitOfFrequency.HERTZ, **TENTHS),
        _number("output.frequency", SensorDeviceClass.FREQUENCY, UnitOfFrequency.HERTZ, **TENTHS),
        _voltage("battery.voltage"),
        _current("battery.current"),
        _current("output.current"),
        _current("input.current"),
        _number("output.powerfactor", SensorDeviceClass.POWER_FACTOR),
        _percent("ups.efficiency"),
        _voltage("input.voltage.minimum", measured=False),
        _voltage("input.voltage.maximum", measured=False),
        _voltage("input.voltage.fault", measured=False),
        _voltage("input.voltage.nominal", measured=False),
        _voltage("input.transfer.low", measured=False),
        _voltage("input.transfer.high", measured=False),
        _text("input.transfer.reason"),
        _text("input.sensitivity"),
        _voltage("battery.voltage.nominal", measured=False),
        _percent("battery.charge.low", measured=False),
        _percent("battery.charge.warning", measured=False),
        _seconds("battery.runtime.low", measured=False),
        _text("battery.type"),
        _text("battery.date", _date),
        _text("battery.mfr.date", _date),
        _number("battery.packs.bad", measured=False),
        _number("battery.capacity", None, "Ah", measured=False),
        _number(
            "ups.power.nominal",
            SensorDeviceClass.APPARENT_POWER,
            UnitOfApparentPower.VOLT_AMPERE,
            measured=False,
        ),
        _power("ups.realpower.nominal", measured=False),
        _voltage("output.voltage.nominal", measured=False),
        _seconds("ups.timer.shutdown", measured=False),
        _seconds("ups.timer.reboot", measured=False),
        _seconds("ups.delay.shutdown", measured=False),
        _seconds("ups.delay.start", measured=False),
    )
)
#: Variables of outlets and phases by what they are without their number; `{n}` and `{phase}` name them.
OF_OUTLETS: Final = dict(
    (_power("outlet.realpower", rank=Rank.ASIDE), _current("outlet.current", rank=Rank.ASIDE))
)
OF_PHASES: Final = dict(
    description
    for side in ("input", "output")
    for description in (
        _voltage(f"{side}.phase.voltage"),
        _current(f"{side}.phase.current"),
        _power(f"{side}.phase.realpower"),
    )
)
MAIN_STATE: Final = SensorEntityDescription(
    key="status", device_class=SensorDeviceClass.ENUM, options=[state.value for state in MainState]
)
ALERT_LEVEL: Final = SensorEntityDescription(
    key="alert_level", device_class=SensorDeviceClass.ENUM, options=[level.value for level in Level]
)
STATUS_FLAGS: Final = UpsSensorDescription(
    key="status_flags",
    entity_category=EntityCategory.DIAGNOSTIC,
    entity_registry_enabled_default=False,
    value_fn=lambda ups, _: " ".join(ups.status.flags) or None,
)
ALARM: Final = UpsSensorDescription(
    key="alarm",
    entity_category=EntityCategory.DIAGNOSTIC,
    value_fn=lambda ups, variable: ups.text(variable) or "none",
)
RUNTIME_TEXT: Final = UpsSensorDescription(
    key="runtime_text", value_fn=lambda ups, variable: runtime_text(ups.value(variable))
)
ESTIMATED_POWER: Final = UpsSensorDescription(
    key="realpower_estimated",
    device_class=SensorDeviceClass.POWER,
    native_unit_of_measurement=UnitOfPower.WATT,
    **WHOLE,
    state_class=SensorStateClass.MEASUREMENT,
    value_fn=lambda ups, _: estimated_power(ups.variables),
)
