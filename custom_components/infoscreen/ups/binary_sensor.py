"""Yes or no about a UPS: its flags, whether it can be read, and its outlets that cannot be switched."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, override

from homeassistant.components.binary_sensor import (
    BinarySensorDeviceClass,
    BinarySensorEntity,
    BinarySensorEntityDescription,
)
from homeassistant.const import EntityCategory

from ..model.ups.device import State, Ups
from ..model.ups.outlets import Outlet, outlets
from ..model.ups.status import STATUS
from ..nut.runtime import UpsConfigEntry
from .entity import UpsEntity
from .sensor import Made


@dataclass(frozen=True, kw_only=True)
class UpsBinarySensorDescription(BinarySensorEntityDescription):
    """How to read a yes or no off a UPS."""

    value_fn: Callable[[Ups], bool | None]


def _flag(key: str, flag: str, device_class: BinarySensorDeviceClass) -> UpsBinarySensorDescription:
    """Describe a flag of `ups.status`."""
    return UpsBinarySensorDescription(
        key=key,
        device_class=device_class,
        value_fn=lambda ups: ups.status.has(flag) if ups.status.is_known else None,
    )


def _charging(ups: Ups) -> bool | None:
    """Tell whether the battery is being charged, by the charger's own word if there is one."""
    if said := ups.text("battery.charger.status"):
        return said.lower() == "charging"
    return ups.status.has("CHRG") if ups.status.is_known else None


FLAGS: Final = (
    UpsBinarySensorDescription(
        key="on_battery", value_fn=lambda ups: ups.status.on_battery if ups.status.is_known else None
    ),
    _flag("low_battery", "LB", BinarySensorDeviceClass.BATTERY),
    _flag("replace_battery", "RB", BinarySensorDeviceClass.PROBLEM),
    _flag("overload", "OVER", BinarySensorDeviceClass.PROBLEM),
    _flag("bypass", "BYPASS", BinarySensorDeviceClass.PROBLEM),
    _flag("alarm", "ALARM", BinarySensorDeviceClass.PROBLEM),
    UpsBinarySensorDescription(
        key="charging",
        device_class=BinarySensorDeviceClass.BATTERY_CHARGING,
        entity_registry_enabled_default=False,
        value_fn=_charging,
    ),
)
DATA_FRESH: Final = BinarySensorEntityDescription(
    key="data_fresh",
    device_class=BinarySensorDeviceClass.CONNECTIVITY,
    entity_category=EntityCategory.DIAGNOSTIC,
    entity_registry_enabled_default=False,
)
OUTLET: Final = BinarySensorEntityDescription(key="outlet_status", device_class=BinarySensorDeviceClass.POWER)


def binary_sensors(entry: UpsConfigEntry, ups: Ups) -> Made:
    """Return the binary sensors that a UPS can have by now."""
    yield "data_fresh", partial(UpsDataFresh, entry, ups)
    if ups.state is not State.OK:
        return
    if STATUS in ups.variables:
        for description in FLAGS:
            yield description.key, partial(UpsFlag, entry, ups, description)
    for outlet in outlets(ups.variables, ups.commands):
        if not outlet.switchable:
            yield outlet.key, partial(UpsOutlet, entry, ups, outlet)


class UpsFlag(UpsEntity, BinarySensorEntity):
    """A yes or no that a UPS reports."""

    entity_description: UpsBinarySensorDescription

    @property
    @override
    def is_on(self) -> bool | None:
        return self.entity_description.value_fn(self.ups) if self.ups else None

    @override
    def _shown(self) -> object:
        return self.is_on


class UpsDataFresh(UpsEntity, BinarySensorEntity):
    """Whether what is shown of a UPS is how it is; where not, it says why."""

    _shown_in = frozenset(State)

    def __init__(self, entry: UpsConfigEntry, ups: Ups) -> None:
        super().__init__(entry, ups, DATA_FRESH)

    @property
    @override
    def is_on(self) -> bool:
        return self.ups is not None and self.ups.state is State.OK

    @property
    @override
    def extra_state_attributes(self) -> Mapping[str, Any]:
        return {"state": self.ups.state.value, "reason": self.ups.reason or None} if self.ups else {}

    @override
    def _shown(self) -> object:
        return self.is_on, self.extra_state_attributes


class UpsOutlet(UpsEntity, BinarySensorEntity):
    """An outlet that can only be looked at."""

    def __init__(self, entry: UpsConfigEntry, ups: Ups, outlet: Outlet) -> None:
        super().__init__(entry, ups, OUTLET, outlet.key)
        self._outlet = outlet
        self._attr_translation_placeholders = {"n": outlet.number}

    @property
    @override
    def is_on(self) -> bool | None:
        return self._outlet.is_on(self.ups.variables) if self.ups else None

    @override
    def _shown(self) -> object:
        return self.is_on
