"""Where a screen belongs, and who decides on the power of a group."""

from collections.abc import Mapping
from typing import Any, override

from homeassistant.components.select import SelectEntity, SelectEntityDescription
from homeassistant.const import EntityCategory
from homeassistant.core import HomeAssistant
from homeassistant.helpers.dispatcher import async_dispatcher_connect
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .coordinator import ScreenCoordinator
from .entity import GroupPowerEntity, ScreenEntity, async_add_for_groups, async_add_for_screens
from .model.fleet import UNASSIGNED, Group
from .model.power import PowerMode, Target
from .model.wire import as_time
from .power import PowerKeeper
from .rights import async_require_admin
from .runtime import InfoscreenConfigEntry

PARALLEL_UPDATES = 0

GROUP = SelectEntityDescription(key="group", entity_category=EntityCategory.CONFIG)
POWER_MODE = SelectEntityDescription(key="power_mode", options=[mode.value for mode in PowerMode])
SCREEN_POWER_MODE = SelectEntityDescription(
    key="power_mode",
    entity_category=EntityCategory.CONFIG,
    entity_registry_enabled_default=False,
    options=[mode.value for mode in PowerMode],
)


async def async_setup_entry(
    hass: HomeAssistant, entry: InfoscreenConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Add the selects of screens and groups."""
    async_add_for_screens(
        hass,
        entry,
        async_add_entities,
        lambda coordinator: [GroupSelect(entry, coordinator), ScreenPowerMode(entry, coordinator)],
    )
    async_add_for_groups(hass, entry, async_add_entities, lambda group: [GroupPowerMode(entry, group)])


class GroupSelect(ScreenEntity, SelectEntity):
    """The group that a screen is in."""

    def __init__(self, entry: InfoscreenConfigEntry, coordinator: ScreenCoordinator) -> None:
        super().__init__(coordinator, GROUP)
        self._fleet = entry.runtime_data.fleet

    @property
    @override
    def options(self) -> list[str]:
        return [UNASSIGNED, *sorted(group.name for group in self._fleet.groups.values())]

    @property
    @override
    def current_option(self) -> str:
        group = self._fleet.groups.get(self.coordinator.screen.group_id or 0)
        return group.name if group else UNASSIGNED

    @override
    async def async_select_option(self, option: str) -> None:
        await async_require_admin(self.hass, self._context)
        ids = {group.name: group_id for group_id, group in self._fleet.groups.items()}
        await self._fleet.groups.async_assign([self.coordinator], ids.get(option))

    @override
    def _shown(self) -> object:
        return self.current_option, self.options


class PowerModeEntity(SelectEntity):
    """Whether TVs follow the schedule, or are kept on or off by hand."""

    _power: PowerKeeper
    _target: Target

    @property
    @override
    def current_option(self) -> str:
        hold = self._power.async_hold_of(self._target)
        return (hold.mode if hold else PowerMode.AUTO).value

    @property
    @override
    def extra_state_attributes(self) -> Mapping[str, Any]:
        hold = self._power.async_hold_of(self._target)
        return {"until": as_time(hold.until) if hold and hold.until else None}

    @override
    async def async_select_option(self, option: str) -> None:
        await self._power.async_set([self._target], PowerMode(option))

    def _shown(self) -> object:
        return self.current_option, self.extra_state_attributes


class GroupPowerMode(PowerModeEntity, GroupPowerEntity):
    """Who decides on the TVs of a group."""

    def __init__(self, entry: InfoscreenConfigEntry, group: Group) -> None:
        super().__init__(entry, group, POWER_MODE)
        self._power = entry.runtime_data.power
        self._target = group.group_id


class ScreenPowerMode(PowerModeEntity, ScreenEntity):
    """Who decides on the TV of one screen: auto is as its group."""

    def __init__(self, entry: InfoscreenConfigEntry, coordinator: ScreenCoordinator) -> None:
        super().__init__(coordinator, SCREEN_POWER_MODE)
        self._power = entry.runtime_data.power
        self._target = coordinator.screen.key

    @override
    async def async_added_to_hass(self) -> None:
        await super().async_added_to_hass()
        self.async_on_remove(
            async_dispatcher_connect(
                self.hass, self._power.changed(self._target), self._handle_coordinator_update
            )
        )
