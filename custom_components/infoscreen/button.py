"""What a screen or a group of them can be told to do."""

from dataclasses import dataclass
from typing import override

from homeassistant.components.button import ButtonDeviceClass, ButtonEntity, ButtonEntityDescription
from homeassistant.const import EntityCategory
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .coordinator import ScreenCoordinator
from .entity import GroupEntity, ScreenEntity, async_add_for_groups, async_add_for_screens
from .model.fleet import Group
from .model.lifecycle import Action
from .outcomes import raise_failed
from .rights import async_require_commander
from .runtime import InfoscreenConfigEntry

PARALLEL_UPDATES = 0

#: Contract, "Safety lockout": the reasons that go with buttons.
OPERATOR_REQUEST = "operator_request"
RESTART_UNRESPONSIVE = "restart_unresponsive"


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
ACKNOWLEDGE = ButtonEntityDescription(
    key="acknowledge_service_failed", entity_category=EntityCategory.DIAGNOSTIC
)
GROUP = ButtonEntityDescription(
    key=RESTART_UNRESPONSIVE,
    device_class=ButtonDeviceClass.RESTART,
    entity_category=EntityCategory.CONFIG,
)


async def async_setup_entry(
    hass: HomeAssistant, entry: InfoscreenConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Add the buttons of screens and groups."""

    def of_screen(coordinator: ScreenCoordinator) -> list[ScreenEntity]:
        commands = [CommandButton(entry, coordinator, description) for description in SCREEN]
        return [*commands, AcknowledgeServiceFailed(entry, coordinator)]

    async_add_for_screens(hass, entry, async_add_entities, of_screen)
    async_add_for_groups(hass, entry, async_add_entities, lambda group: [RestartUnresponsive(entry, group)])


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
        await async_require_commander(self.hass, [self._entry], self._context)
        await self._entry.runtime_data.commander.async_request(
            self.coordinator,
            self.entity_description.action,
            reason=OPERATOR_REQUEST,
            context=self._context,
        )

    @override
    def _shown(self) -> None:
        return None


class AcknowledgeServiceFailed(ScreenEntity, ButtonEntity):
    """Clears the failure of a service that a person has seen to."""

    def __init__(self, entry: InfoscreenConfigEntry, coordinator: ScreenCoordinator) -> None:
        super().__init__(coordinator, ACKNOWLEDGE)
        self._entry = entry

    @override
    async def async_press(self) -> None:
        await self._entry.runtime_data.failures.async_acknowledge(self.coordinator)

    @override
    def _shown(self) -> None:
        return None


class RestartUnresponsive(GroupEntity, ButtonEntity):
    """Brings back the screens of a group that are offline or crashed."""

    def __init__(self, entry: InfoscreenConfigEntry, group: Group) -> None:
        super().__init__(entry, group, GROUP)

    @override
    async def async_press(self) -> None:
        await async_require_commander(self.hass, [self._entry], self._context)
        runtime = self._entry.runtime_data
        outcomes = await runtime.commander.async_ask(
            {
                coordinator: remedy
                for coordinator in runtime.fleet.async_screens_of(self._group_id).values()
                if (remedy := coordinator.data.remedy) is not None
            },
            reason=RESTART_UNRESPONSIVE,
            context=self._context,
        )
        raise_failed(outcomes)
