"""The outlets of UPSes that can be switched."""

from functools import partial
from typing import Any, Final, override

from homeassistant.components.switch import SwitchDeviceClass, SwitchEntity, SwitchEntityDescription
from homeassistant.const import EntityCategory

from ..model.ups.device import State, Ups
from ..model.ups.outlets import Outlet, outlets
from ..nut.commands import async_run
from ..nut.runtime import UpsConfigEntry
from ..rights import async_require_admin
from .entity import UpsEntity
from .sensor import Made

# Whoever turns one off by mistake turns off a server.
OUTLET: Final = SwitchEntityDescription(
    key="outlet_status",
    device_class=SwitchDeviceClass.OUTLET,
    entity_category=EntityCategory.CONFIG,
    entity_registry_enabled_default=False,
)


def switches(entry: UpsConfigEntry, ups: Ups) -> Made:
    """Return the switches that a UPS can have by now."""
    if ups.state is State.OK:
        for outlet in outlets(ups.variables, ups.commands):
            if outlet.switchable:
                yield outlet.key, partial(UpsOutletSwitch, entry, ups, outlet)


class UpsOutletSwitch(UpsEntity, SwitchEntity):
    """One outlet."""

    def __init__(self, entry: UpsConfigEntry, ups: Ups, outlet: Outlet) -> None:
        super().__init__(entry, ups, OUTLET, outlet.key)
        self._entry = entry
        self._outlet = outlet
        self._attr_translation_placeholders = {"n": outlet.number}

    @property
    @override
    def is_on(self) -> bool | None:
        return self._outlet.is_on(self.ups.variables) if self.ups else None

    @override
    async def async_turn_on(self, **_kwargs: Any) -> None:
        await self._switch(on=True)

    @override
    async def async_turn_off(self, **_kwargs: Any) -> None:
        await self._switch(on=False)

    async def _switch(self, *, on: bool) -> None:
        await async_require_admin(self.hass, self._context)
        if self.ups is not None:
            await async_run(self.hass, self._entry, self.ups, self._outlet.command(on=on))

    @override
    def _shown(self) -> object:
        return self.is_on
