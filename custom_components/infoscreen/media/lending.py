"""Where screens fetch the files of events: addresses that hold a token for each event."""

from collections.abc import Iterable, Mapping
import secrets
from types import MappingProxyType
from typing import Final
from urllib.parse import quote

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.network import NoURLAvailableError, get_url

from ..const import CONF_MEDIA_BASE_URL
from ..model.media.names import name_in_address
from ..model.media.tokens import opened_by, token_of
from ..model.schedule.payloads import File
from ..store import FleetStore
from .files import Found

MEDIA_URL: Final = "/api/infoscreen/media/{token}/{name}"


class Lending:
    """The files of one fleet that may be fetched now, by event."""

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry, store: FleetStore) -> None:
        self._hass = hass
        self._entry = entry
        self._store = store
        self._files: dict[int, Mapping[str, File]] = {}
        self._lent: dict[int, Mapping[str, Found]] = {}  # by event and name in the address
        self._base: str | None = None
        self.files: Mapping[int, Mapping[str, File]] = MappingProxyType(self._files)

    @property
    def has_address(self) -> bool:
        """Tell whether anybody knows under which address screens reach Home Assistant."""
        return self._base is not None

    @callback
    def async_follow(self) -> bool:
        """Follow the options and Home Assistant's own address; tell whether that is another one now."""
        before, self._base = self._base, self._find_base()
        return self._base != before

    @callback
    def async_find(self, token: str, name: str) -> Found | None:
        """Return the file that somebody may fetch who knows an event's token."""
        secret = self._store.media_secret
        event_id = opened_by(secret, token) if secret else None
        return self._lent.get(event_id, {}).get(name) if event_id else None

    @callback
    def async_lend(self, event_id: int, found: Iterable[tuple[str, Found]]) -> None:
        """Let the files of an event be fetched, by media id, and no others of it."""
        files: dict[str, File] = {}
        lent: dict[str, Found] = {}
        for number, (media, file) in enumerate(found):
            name = name_in_address(file.name)
            while name in lent:  # of another folder
                name = f"{number}-{name}"
            lent[name] = file
            files[media] = self._file(event_id, name, file)
        if files and self.has_address:
            self._files[event_id], self._lent[event_id] = files, lent
        else:
            self._files.pop(event_id, None)
            self._lent.pop(event_id, None)

    def _file(self, event_id: int, name: str, found: Found) -> File:
        path = MEDIA_URL.format(token=token_of(self._secret, event_id), name=quote(name, safe=""))
        return File(
            name=found.name,
            url=f"{self._base}{path}",
            checksum=found.stamp.checksum,
            size=found.stamp.size,
            mime_type=found.kind.mime_type,
        )

    @property
    def _secret(self) -> str:
        """Return what makes the tokens of this fleet, for as long as there is the fleet."""
        if self._store.media_secret is None:
            self._store.media_secret = secrets.token_hex(32)
            self._store.async_save_soon(0)
        return self._store.media_secret

    def _find_base(self) -> str | None:
        if base := self._entry.options.get(CONF_MEDIA_BASE_URL):
            return f"{base}".rstrip("/")
        try:
            return get_url(self._hass, allow_external=False, allow_cloud=False, allow_ip=True)
        except NoURLAvailableError:
            return None
