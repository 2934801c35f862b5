"""What is served over HTTP: the screenshots that are kept."""

from http import HTTPStatus
from typing import NamedTuple

from aiohttp import web
from homeassistant.components.http import KEY_HASS, HomeAssistantView
from homeassistant.core import HomeAssistant, callback

from . import entries
from .coordinator import ScreenCoordinator
from .model.album import Kept
from .runtime import InfoscreenConfigEntry

SCREENSHOT_URL = "/api/infoscreen/screenshots/{entry_id}/{uuid}/{name}"


class FoundScreenshot(NamedTuple):
    """A screenshot that is kept, and whose it is."""

    entry: InfoscreenConfigEntry
    coordinator: ScreenCoordinator
    kept: Kept

    @property
    def url(self) -> str:
        """Return where it is served."""
        uuid = self.coordinator.screen.key
        return SCREENSHOT_URL.format(entry_id=self.entry.entry_id, uuid=uuid, name=self.kept.name)


@callback
def loaded_fleets(hass: HomeAssistant) -> dict[str, InfoscreenConfigEntry]:
    """Return the fleets that run, by the ids of their entries."""
    return {entry.entry_id: entry for entry in entries.loaded_fleets(hass)}


@callback
def find_screenshot(hass: HomeAssistant, entry_id: str, uuid: str, name: str) -> FoundScreenshot | None:
    """Return a screenshot by what somebody says: only what is known to be kept is ever found."""
    entry = loaded_fleets(hass).get(entry_id)
    coordinator = entry.runtime_data.fleet.async_find(uuid) if entry else None
    kept = coordinator.data.album.find(name) if coordinator else None
    return FoundScreenshot(entry, coordinator, kept) if entry and coordinator and kept else None


class ScreenshotView(HomeAssistantView):
    """Serve a screenshot to whoever is logged in, or has a link that Home Assistant signed."""

    url = SCREENSHOT_URL
    name = "api:infoscreen:screenshots"

    async def get(self, request: web.Request, entry_id: str, uuid: str, name: str) -> web.Response:
        """Return the picture as it came."""
        found = find_screenshot(request.app[KEY_HASS], entry_id, uuid, name)
        if found is None:
            return self.json_message("There is no such screenshot.", HTTPStatus.NOT_FOUND)
        key = found.coordinator.screen.key
        picture = await found.entry.runtime_data.screenshots.async_read(key, found.kept)
        if picture is None:
            return self.json_message("The screenshot is gone.", HTTPStatus.NOT_FOUND)
        return web.Response(
            body=picture,
            content_type=found.kept.format.content_type,
            # A name is never given to another picture.
            headers={
                "X-Content-Type-Options": "nosniff",
                "Cache-Control": "private, max-age=86400, immutable",
            },
        )
