"""What happens on a screen and is news: lines of its log."""

from typing import override

from homeassistant.components.event import EventEntity, EventEntityDescription
from homeassistant.const import EntityCategory
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .entity import ScreenEntity, async_add_for_screens
from .model.logbook import COUNTED, Telling
from .runtime import InfoscreenConfigEntry

PARALLEL_UPDATES = 0

LOG = EventEntityDescription(
    key="log",
    entity_category=EntityCategory.DIAGNOSTIC,
    event_types=[level.value for level in COUNTED],
)


async def async_setup_entry(
    hass: HomeAssistant, entry: InfoscreenConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Add the events of every screen."""
    async_add_for_screens(hass, entry, async_add_entities, lambda coordinator: [ScreenLog(coordinator, LOG)])


class ScreenLog(ScreenEntity, EventEntity):
    """An error or a warning that a screen logs; what comes too fast is only counted."""

    # Up to 4 KiB each: the message stays in the history, the context in our own journal.
    _unrecorded_attributes = frozenset({"context"})
    entity_description: EventEntityDescription
    _told: Telling | None = None

    @override
    async def async_added_to_hass(self) -> None:
        await super().async_added_to_hass()
        self._tell()  # of a line that was faster than this entity

    @callback
    @override
    def _handle_coordinator_update(self) -> None:
        self._tell()
        super()._handle_coordinator_update()

    def _tell(self) -> None:
        """Make an event of a line that is none yet."""
        telling = self.coordinator.telling
        if telling is not None and telling is not self._told:
            self._told = telling
            self._trigger_event(telling.line.level, telling.attributes)

    @override
    def _shown(self) -> Telling | None:
        return self.coordinator.telling
