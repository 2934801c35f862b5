"""What a UPS can be told without harm: tests of its battery, and its beeper."""

from dataclasses import dataclass
from functools import partial
from typing import Final, override

from homeassistant.components.button import ButtonEntity, ButtonEntityDescription
from homeassistant.const import EntityCategory

from ..model.ups.device import State, Ups
from ..nut.commands import async_run
from ..nut.runtime import UpsConfigEntry
from ..rights import async_require_admin
from .entity import UpsEntity, entity_key
from .sensor import Made


@dataclass(frozen=True, kw_only=True)
class UpsButtonDescription(ButtonEntityDescription):
    """Which command a button sends."""

    command: str


def _button(command: str, *, enabled: bool = False) -> UpsButtonDescription:
    """Describe a button, keyed by its command."""
    return UpsButtonDescription(
        key=entity_key(command),
        command=command,
        entity_category=EntityCategory.CONFIG,
        entity_registry_enabled_default=enabled,
    )


#: What cuts the load, or takes it past the battery, is no button.
BUTTONS: Final = (
    _button("test.battery.start.quick", enabled=True),
    _button("test.battery.start", enabled=True),
    _button("test.battery.stop", enabled=True),
    _button("beeper.mute", enabled=True),
    _button("beeper.enable"),
    _button("beeper.disable"),
    _button("beeper.toggle"),
    _button("test.battery.start.deep"),
    _button("calibrate.start"),
    _button("calibrate.stop"),
)


def buttons(entry: UpsConfigEntry, ups: Ups) -> Made:
    """Return the buttons that a UPS can have by now."""
    if ups.state is State.OK:
        for description in BUTTONS:
            if description.command in ups.commands:
                yield description.key, partial(UpsButton, entry, ups, description)


class UpsButton(UpsEntity, ButtonEntity):
    """A command to a UPS."""

    entity_description: UpsButtonDescription

    def __init__(self, entry: UpsConfigEntry, ups: Ups, description: UpsButtonDescription) -> None:
        super().__init__(entry, ups, description)
        self._entry = entry

    @override
    async def async_press(self) -> None:
        await async_require_admin(self.hass, self._context)
        if self.ups is not None:
            await async_run(self.hass, self._entry, self.ups, self.entity_description.command)

    @override
    def _shown(self) -> None:
        return None
