"""What a screen or a group of them can be told to do."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, override

from homeassistant.components.button import ButtonDeviceClass, ButtonEntity, ButtonEntityDescription
from homeassistant.config_entries import ConfigEntry
from homeassistant.const import EntityCategory, Platform
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import Unauthorized
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .coordinator import ScreenCoordinator
from .devices import screen_name
from .entity import GroupEntity, HardwareEntities, ScreenEntity, async_add_for_groups, async_add_for_screens
from .entries import is_ups_server
from .errors import async_side_by_side, raise_together
from .model.fleet import Group
from .model.lifecycle import Action
from .outcomes import raise_failed
from .rights import async_require_admin, async_require_commander
from .runtime import InfoscreenConfigEntry
from .ups.button import buttons
from .ups.entity import async_add_for_upses

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
POWER_CYCLE = ButtonEntityDescription(
    key="power_cycle",
    device_class=ButtonDeviceClass.RESTART,
    entity_category=EntityCategory.CONFIG,
    entity_registry_enabled_default=False,
)
GROUP = ButtonEntityDescription(
    key=RESTART_UNRESPONSIVE,
    device_class=ButtonDeviceClass.RESTART,
    entity_category=EntityCategory.CONFIG,
)


async def async_setup_entry(
    hass: HomeAssistant, entry: ConfigEntry[Any], async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Add the buttons of screens and groups, or of UPSes."""
    if is_ups_server(entry.data):
        async_add_for_upses(entry, async_add_entities, partial(buttons, entry))
        return

    def of_screen(coordinator: ScreenCoordinator) -> list[ScreenEntity]:
        commands = [CommandButton(entry, coordinator, description) for description in SCREEN]
        return [*commands, AcknowledgeServiceFailed(entry, coordinator)]

    async_add_for_screens(hass, entry, async_add_entities, of_screen)
    plugs = entry.runtime_data.plugs

    def of_plug(coordinator: ScreenCoordinator) -> PowerCycle | None:
        return PowerCycle(entry, coordinator) if plugs.plug_of(coordinator.screen.key) else None

    HardwareEntities(entry, async_add_entities, Platform.BUTTON, POWER_CYCLE.key, of_plug).async_follow(
        plugs.changed
    )
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


class PowerCycle(ScreenEntity, ButtonEntity):
    """Turns a screen's plug off and on."""

    def __init__(self, entry: InfoscreenConfigEntry, coordinator: ScreenCoordinator) -> None:
        super().__init__(coordinator, POWER_CYCLE)
        self._plugs = entry.runtime_data.plugs

    @override
    async def async_press(self) -> None:
        await async_require_admin(self.hass, self._context)
        await self._plugs.async_cycle(self.coordinator, reason=OPERATOR_REQUEST, context=self._context)

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
        remedies = {
            coordinator: remedy
            for coordinator in runtime.fleet.groups.async_screens_of(self._group_id).values()
            if (remedy := coordinator.data.remedy) is not None
        }
        plugged = await self._plugged(
            [one for one, remedy in remedies.items() if remedy is Action.REBOOT_HOST]
        )
        ends = await async_side_by_side(
            self._command({one: remedy for one, remedy in remedies.items() if one not in plugged}),
            *(
                runtime.plugs.async_cycle(one, reason=RESTART_UNRESPONSIVE, context=self._context)
                for one in plugged
            ),
        )
        group = runtime.fleet.groups[self._group_id].name
        names = [group, *(screen_name(self.hass, self._entry, one.screen) for one in plugged)]
        raise_together([(name, end) for name, end in zip(names, ends, strict=True) if end])

    async def _command(self, remedies: Mapping[ScreenCoordinator, Action]) -> None:
        """Send each screen what may bring it back."""
        outcomes = await self._entry.runtime_data.commander.async_ask(
            remedies, reason=RESTART_UNRESPONSIVE, context=self._context
        )
        raise_failed(outcomes)

    async def _plugged(self, silent: list[ScreenCoordinator]) -> list[ScreenCoordinator]:
        """Return the silent screens whose plug may be used: cutting power is for administrators."""
        plugs = self._entry.runtime_data.plugs
        plugged = [one for one in silent if plugs.plug_of(one.screen.key) is not None]
        try:
            await async_require_admin(self.hass, self._context)
        except Unauthorized:
            return []
        return plugged
