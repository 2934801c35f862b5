"""What a UPS reports, as sensors: each appears when its variable does."""

from collections.abc import Callable, Iterator, Mapping
from functools import partial
import re
from typing import Any, Final, override

from homeassistant.components.sensor import SensorEntity

from ..model.ups.device import RUNTIME, State, Ups
from ..model.ups.status import STATUS, MainState
from ..model.ups.values import estimated_power
from ..nut.runtime import UpsConfigEntry
from .entity import UpsEntity, entity_key
from .variables import (
    ALARM,
    ALERT_LEVEL,
    ESTIMATED_POWER,
    MAIN_STATE,
    OF_OUTLETS,
    OF_PHASES,
    RUNTIME_TEXT,
    STATUS_FLAGS,
    VARIABLES,
    UpsSensorDescription,
)

_LONGEST_STATE: Final = 255
_OUTLET: Final = re.compile(r"outlet\.(?P<n>[0-9]{1,3})\.(?P<what>realpower|current)")
_PHASE: Final = re.compile(
    r"(?P<side>input|output)\.(?P<phase>L[1-3](?:-N|-L[1-3])?)\.(?P<what>voltage|current|realpower)"
)
#: Some drivers write it so.
_ALIASES: Final = {"beeper.status": "ups.beeper.status"}

type Made = Iterator[tuple[str, Callable[[], UpsEntity]]]


def sensors(entry: UpsConfigEntry, ups: Ups) -> Made:
    """Return the sensors that a UPS can have by now."""
    yield "alert_level", partial(UpsAlertLevel, entry, ups)
    if ups.state not in {State.OK, State.WAITING}:
        return
    yield "status", partial(UpsMainState, entry, ups)
    if ups.state is State.WAITING:
        return
    if STATUS in ups.variables:
        yield "status_flags", partial(UpsSensor, entry, ups, STATUS_FLAGS)
    yield "alarm", partial(UpsSensor, entry, ups, ALARM, "ups.alarm")
    if RUNTIME in ups.variables:
        yield "runtime_text", partial(UpsSensor, entry, ups, RUNTIME_TEXT, RUNTIME)
    if estimated_power(ups.variables) is not None:
        yield "realpower_estimated", partial(UpsSensor, entry, ups, ESTIMATED_POWER)
    for variable in ups.variables:
        if found := _described(ups, variable):
            description, placeholders = found
            key = entity_key(_ALIASES.get(variable, variable))
            yield key, partial(UpsSensor, entry, ups, description, variable, key, placeholders)


def _described(ups: Ups, variable: str) -> tuple[UpsSensorDescription, dict[str, str]] | None:
    """Return what a variable is shown by, None where by nothing."""
    if variable.startswith("ambient.") and (ups.text("ambient.present") or "").casefold() == "no":
        return None
    if description := VARIABLES.get(_ALIASES.get(variable, variable)):
        return description, {}
    if of_outlet := _OUTLET.fullmatch(variable):
        return OF_OUTLETS[f"outlet.{of_outlet['what']}"], {"n": of_outlet["n"]}
    if of_phase := _PHASE.fullmatch(variable):
        return OF_PHASES[f"{of_phase['side']}.phase.{of_phase['what']}"], {"phase": of_phase["phase"]}
    return None


class UpsSensor(UpsEntity, SensorEntity):
    """Something that a UPS reports."""

    entity_description: UpsSensorDescription

    def __init__(
        self,
        entry: UpsConfigEntry,
        ups: Ups,
        description: UpsSensorDescription,
        variable: str = "",
        key: str | None = None,
        placeholders: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(entry, ups, description, key)
        self._variable = variable
        self._attr_translation_placeholders = dict(placeholders or {})

    @property
    @override
    def native_value(self) -> float | str | None:
        value = self.entity_description.value_fn(self.ups, self._variable) if self.ups else None
        return value[:_LONGEST_STATE] if isinstance(value, str) else value

    @override
    def _shown(self) -> object:
        return self.native_value


class UpsMainState(UpsEntity, SensorEntity):
    """The one thing to say of a UPS; its flags are beside it, unknown ones included."""

    _shown_in = frozenset({State.OK, State.WAITING})

    def __init__(self, entry: UpsConfigEntry, ups: Ups) -> None:
        super().__init__(entry, ups, MAIN_STATE)

    @property
    @override
    def native_value(self) -> str | None:
        if self.ups is None or self.ups.state is State.WAITING:
            return MainState.WAITING
        return self.ups.status.main

    @property
    @override
    def extra_state_attributes(self) -> Mapping[str, Any]:
        return {"flags": list(self.ups.status.flags) if self.ups and self.ups.state is State.OK else []}

    @override
    def _shown(self) -> object:
        return self.native_value, self.extra_state_attributes


class UpsAlertLevel(UpsEntity, SensorEntity):
    """How grave it is, also of a UPS that cannot be read: then it says why."""

    _shown_in = frozenset(State)

    def __init__(self, entry: UpsConfigEntry, ups: Ups) -> None:
        super().__init__(entry, ups, ALERT_LEVEL)

    @property
    @override
    def native_value(self) -> str | None:
        return self.ups.alertness.level if self.ups else None

    @property
    @override
    def extra_state_attributes(self) -> Mapping[str, Any]:
        if (ups := self.ups) is None:
            return {}
        return {
            "reasons": [reason.value for reason in ups.alertness.reasons] if ups.alertness.known else [],
            "data": ups.state.value,
            "data_reason": ups.reason or None,
            "data_since": ups.since.isoformat(),
        }

    @override
    def _shown(self) -> object:
        return self.native_value, self.extra_state_attributes
