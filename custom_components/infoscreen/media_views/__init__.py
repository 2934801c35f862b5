"""Media over HTTP: fetched by screens with a token or by people who are logged in, and uploaded."""

from typing import Final

from aiohttp.web import Request, StreamResponse
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.http import KEY_HASS, HomeAssistantView

from ..const import DOMAIN
from ..media.folder import MediaFolder
from ..media.lending import MEDIA_URL
from ..screenshot_view import loaded_fleets
from .serving import async_serve, nothing
from .upload import UploadView

FILE_URL: Final = f"/api/{DOMAIN}/files/{{path}}"


@callback
def async_register_media_views(hass: HomeAssistant) -> None:
    """Register the views, which are there whether or not a fleet is loaded."""
    hass.http.register_view(TokenView())
    hass.http.register_view(FileView(hass))
    hass.http.register_view(UploadView(hass))


class TokenView(HomeAssistantView):
    """The files of an event, for whoever knows its token: screens have no login."""

    url = MEDIA_URL
    name = f"api:{DOMAIN}:media:token"
    requires_auth = False

    async def get(self, request: Request, token: str, name: str) -> StreamResponse:
        """Return a file. What a token does not open is not there: Home Assistant bans for a 401."""
        hass = request.app[KEY_HASS]
        for entry in loaded_fleets(hass).values():
            if found := entry.runtime_data.library.async_find(token, name):
                return await async_serve(hass, request, found.place)
        return nothing()

    head = get


class FileView(HomeAssistantView):
    """The media folder, for whoever is logged in or has a link that Home Assistant signed."""

    url = f"/api/{DOMAIN}/files/{{path:.+}}"
    name = f"api:{DOMAIN}:files"

    def __init__(self, hass: HomeAssistant) -> None:
        self._hass = hass
        self._folder = MediaFolder(hass.config.config_dir)

    async def get(self, request: Request, path: str) -> StreamResponse:
        """Return a file."""
        place = self._folder.place(path.split("/"))
        return await async_serve(self._hass, request, place) if place else nothing()

    head = get
