"""What a screen can be told to do."""

from dataclasses import dataclass
from typing import override

from homeassistant.components.button import ButtonDeviceClass, ButtonEntity, ButtonEntityDescription
from homeassistant.const import EntityCategory
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .const import CONF_COMMANDS_FOR_ALL_USERS
from .coordinator import ScreenCoordinator
from .entity import ScreenEntity, async_add_for_screens
from .model.commands import Action
from .rights import async_require_admin
from .runtime import InfoscreenConfigEntry

PARALLEL_UPDATES = 0

#: Contract, "Safety lockout": the reason that goes with a button.
REASON = "operator_request"


@dataclass(frozen=True, kw_only=True)
class CommandButtonDescription(ButtonEntityDescription):
    """Which command a button sends."""

    action: Action


SCREEN = (
    CommandButtonDescription(
        key="reboot",
        device_class=ButtonDeviceClass.RESTART,
        entity_category=EntityCategory.CONFIG,
        action=Action.REBOOT_HOST,
    ),
    CommandButtonDescription(
        key="shutdown", entity_category=EntityCategory.CONFIG, action=Action.SHUTDOWN_HOST
    ),
    CommandButtonDescription(
        key="restart_app",
        device_class=ButtonDeviceClass.RESTART,
        entity_category=EntityCategory.CONFIG,
        action=Action.RESTART_APP,
    ),
)


async def async_setup_entry(
    hass: HomeAssistant, entry: InfoscreenConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Add the buttons of screens."""

    def of_screen(coordinator: ScreenCoordinator) -> list[CommandButton]:
        return [CommandButton(entry, coordinator, description) for description in SCREEN]

    async_add_for_screens(hass, entry, async_add_entities, of_screen)


class CommandButton(ScreenEntity, ButtonEntity):
    """A command to a screen."""

    entity_description: CommandButtonDescription

    def __init__(
        self,
        entry: InfoscreenConfigEntry,
        coordinator: ScreenCoordinator,
        description: CommandButtonDescription,
    ) -> None:
        super().__init__(coordinator, description)
        self._entry = entry

    @override
    async def async_press(self) -> None:
        if not self._entry.options.get(CONF_COMMANDS_FOR_ALL_USERS, False):
            await async_require_admin(self.hass, self._context)
        await self._entry.runtime_data.commander.async_request(
            self.coordinator,
            self.entity_description.action,
            reason=REASON,
            user=self._context.user_id if self._context else None,
        )

    @override
    def _shown(self) -> None:
        return None
