"""Where a screen belongs."""

from typing import override

from homeassistant.components.select import SelectEntity, SelectEntityDescription
from homeassistant.const import EntityCategory
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .coordinator import ScreenCoordinator
from .entity import ScreenEntity, async_add_for_screens
from .model.fleet import UNASSIGNED
from .rights import async_require_admin
from .runtime import InfoscreenConfigEntry

PARALLEL_UPDATES = 0

GROUP = SelectEntityDescription(key="group", entity_category=EntityCategory.CONFIG)


async def async_setup_entry(
    hass: HomeAssistant, entry: InfoscreenConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Add the selects of screens."""
    async_add_for_screens(
        hass, entry, async_add_entities, lambda coordinator: [GroupSelect(entry, coordinator)]
    )


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
        await self._fleet.async_assign([self.coordinator], ids.get(option))

    @override
    def _shown(self) -> object:
        return self.current_option, self.options
