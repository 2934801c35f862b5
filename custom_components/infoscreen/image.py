"""What a screen shows."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, override

from homeassistant.components.image import ImageEntity, ImageEntityDescription
from homeassistant.const import EntityCategory
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .coordinator import ScreenCoordinator
from .entity import ScreenEntity, async_add_for_screens
from .model.album import Album, Kept
from .runtime import InfoscreenConfigEntry

PARALLEL_UPDATES = 0


@dataclass(frozen=True, kw_only=True)
class ScreenImageDescription(ImageEntityDescription):
    """Which of a screen's screenshots is served, and which one its state tells of."""

    served_fn: Callable[[Album], Kept | None]
    told_fn: Callable[[Album], Kept | None]
    attributes_fn: Callable[[Album], Mapping[str, Any]]


SCREEN: Final = (
    ScreenImageDescription(
        key="screenshot",
        served_fn=lambda album: album.latest,
        told_fn=lambda album: album.told,
        attributes_fn=lambda album: {"stale": album.stale},
    ),
    ScreenImageDescription(
        key="priority_screenshot",
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=False,
        served_fn=lambda album: album.latest_priority,
        told_fn=lambda album: album.latest_priority,
        attributes_fn=lambda album: {"active": album.priority_active},
    ),
)


async def async_setup_entry(
    hass: HomeAssistant, entry: InfoscreenConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Add the images of screens."""
    async_add_for_screens(
        hass,
        entry,
        async_add_entities,
        lambda coordinator: [ScreenImage(hass, entry, coordinator, description) for description in SCREEN],
    )


class ScreenImage(ScreenEntity, ImageEntity):
    """One of a screen's screenshots; its state is when it came, and is there while the screen is away."""

    _unrecorded_attributes = frozenset({"captured_at"})  # another value with each screenshot
    entity_description: ScreenImageDescription

    def __init__(
        self,
        hass: HomeAssistant,
        entry: InfoscreenConfigEntry,
        coordinator: ScreenCoordinator,
        description: ScreenImageDescription,
    ) -> None:
        ScreenEntity.__init__(self, coordinator, description)
        ImageEntity.__init__(self, hass)
        self._screenshots = entry.runtime_data.screenshots

    @property
    def _told(self) -> Kept | None:
        return self.entity_description.told_fn(self.coordinator.data.album)

    @property
    @override
    def image_last_updated(self) -> datetime | None:
        return self._told.received_at if self._told else None

    @property
    @override
    def extra_state_attributes(self) -> Mapping[str, Any]:
        told = self._told
        return {
            **self.entity_description.attributes_fn(self.coordinator.data.album),
            "type": told.capture if told else None,
            "captured_at": told.captured_at if told else None,
        }

    @override
    def _shown(self) -> object:
        return self._told, self.entity_description.attributes_fn(self.coordinator.data.album)

    @override
    async def async_image(self) -> bytes | None:
        """Return the picture as it came: the latest one, also while the state waits."""
        served = self.entity_description.served_fn(self.coordinator.data.album)
        if served is None:
            return None
        picture = await self._screenshots.async_read(self.coordinator.screen.key, served)
        self._attr_content_type = served.format.content_type
        return picture
