"""Media brought over HTTP: seen only once they are whole, and what they claim to be."""

import asyncio
from collections.abc import AsyncIterator
from http import HTTPStatus
from typing import IO, Final

from aiohttp import BodyPartReader, ClientError
from aiohttp.hdrs import ACCEPT_LANGUAGE
from aiohttp.http_exceptions import HttpProcessingError
from aiohttp.web import Request, Response
from homeassistant.components.http import require_admin
from homeassistant.core import HomeAssistant
from homeassistant.helpers.http import HomeAssistantView

from ..const import DOMAIN, LOGGER, MAX_UPLOAD
from ..media.folder import PREFIX, MediaFolder, NoMediumError
from ..model.media.kinds import HEAD, kind_by_name, kind_of
from ..model.media.names import MAX_NAME_BYTES, kept_name
from ..screenshot_view import loaded_fleets
from ..texts import async_text, language_for

# What a form has round its file.
_MARGIN: Final = 64 * 1024
_CHUNK: Final = 1024 * 1024
# The disk is asked for room each time so much has come.
_STRIDE: Final = 16
# What aiohttp raises for forms that are broken or broken off, or none.
_UNREADABLE: Final = (
    ValueError,
    AssertionError,
    KeyError,
    ConnectionError,
    ClientError,
    HttpProcessingError,
)


class _RefusedError(Exception):
    """The upload is not kept."""

    def __init__(self, status: HTTPStatus, key: str, **about: str) -> None:
        super().__init__(key)
        self.status = status
        self.key = key
        self.about = about


class UploadView(HomeAssistantView):
    """Take in a file, in the form field `file`; in place of another by the same name if `replace` says so."""

    url = f"/api/{DOMAIN}/media"
    name = f"api:{DOMAIN}:media"

    def __init__(self, hass: HomeAssistant) -> None:
        self._hass = hass
        self._folder = MediaFolder(hass.config.config_dir)
        self._naming = asyncio.Lock()  # of two by one name one is the first

    @require_admin
    async def post(self, request: Request) -> Response:
        """Take in a file, and say by which id it is known."""
        upload = _Upload(self._hass, self._folder)
        try:
            await upload.async_receive(request)
            async with self._naming:
                await upload.async_keep()
        except _RefusedError as err:
            language = language_for(self._hass, accepted=request.headers.get(ACCEPT_LANGUAGE, ""))
            return self.json_message(
                async_text(self._hass, language, err.key, err.about), err.status, err.key
            )
        finally:
            await upload.async_close()
        for entry in loaded_fleets(self._hass).values():
            entry.runtime_data.library.async_look()
        known = {"media_content_id": f"{PREFIX}{upload.name}", "name": upload.name, "size": upload.size}
        return self.json(known, HTTPStatus.CREATED)


class _Upload:
    """One file on its way in."""

    def __init__(self, hass: HomeAssistant, folder: MediaFolder) -> None:
        self._hass = hass
        self._folder = folder
        self._file: IO[bytes] | None = None
        self._replace = False
        self.name = ""
        self.size = 0

    async def async_receive(self, request: Request) -> None:
        """Read the form; raise _RefusedError."""
        if (request.content_length or 0) > MAX_UPLOAD + _MARGIN:
            raise _too_large()
        self._replace = _is_yes(request.query.get("replace", ""))
        try:
            reader = await request.multipart()
            while (part := await reader.next()) is not None:
                if isinstance(part, BodyPartReader):
                    await self._read(part)
        except _UNREADABLE as err:
            raise _RefusedError(HTTPStatus.BAD_REQUEST, "upload_unreadable") from err

    async def _read(self, part: BodyPartReader) -> None:
        """Read one field of the form."""
        if part.name == "replace":
            self._replace = _is_yes((await part.read_chunk(_MARGIN)).decode(errors="replace"))
        elif part.name == "file" and self._file is None:
            await self._read_file(part)

    async def _read_file(self, part: BodyPartReader) -> None:
        """Write what comes as it comes."""
        name = kept_name(part.filename or "")
        if name is None:
            raise _RefusedError(HTTPStatus.BAD_REQUEST, "upload_name_invalid", limit=f"{MAX_NAME_BYTES}")
        if kind_by_name(name) is None:
            raise _wrong_type(name)
        self.name = name
        number = 0
        async for chunk in _chunks(part):
            self.size += len(chunk)
            if self.size > MAX_UPLOAD:
                raise _too_large()
            if number == 0 and kind_of(name, chunk[:HEAD]) is None:
                raise _wrong_type(name)
            await self._write(chunk, number)
            number += 1
        if self._file is None:  # there was nothing in it
            raise _wrong_type(name)

    async def _write(self, chunk: bytes, number: int) -> None:
        """Write one piece after the other; raise _RefusedError."""
        try:
            await self._hass.async_add_executor_job(self._append, chunk, number)
        except OSError as err:
            LOGGER.warning("%s is not kept: %s", self.name, err)
            raise _RefusedError(HTTPStatus.INSUFFICIENT_STORAGE, "upload_no_room") from err

    def _append(self, chunk: bytes, number: int) -> None:
        """Write a piece; in the executor."""
        if number % _STRIDE == 0 and not self._folder.has_room():
            raise OSError("less than 1 GiB of the disk is free")
        if self._file is None:
            self._file = self._folder.begin()
        self._file.write(chunk)

    async def async_keep(self) -> None:
        """Let the file be seen; raise _RefusedError."""
        if self._file is None:
            raise _RefusedError(HTTPStatus.BAD_REQUEST, "upload_unreadable")
        try:
            await self._hass.async_add_executor_job(self._keep, self._file)
        except FileExistsError as err:
            raise _RefusedError(HTTPStatus.CONFLICT, "upload_exists", name=self.name) from err
        except NoMediumError as err:
            raise _wrong_type(self.name) from err
        except OSError as err:
            LOGGER.warning("%s is not kept: %s", self.name, err)
            raise _RefusedError(HTTPStatus.INSUFFICIENT_STORAGE, "upload_no_room") from err

    def _keep(self, file: IO[bytes]) -> None:
        self._folder.keep(file, self.name, replace=self._replace)

    async def async_close(self) -> None:
        """Leave nothing behind of what was not kept."""
        if self._file is not None:
            await self._hass.async_add_executor_job(self._folder.drop, self._file)


async def _chunks(part: BodyPartReader) -> AsyncIterator[bytes]:
    """Yield what comes in pieces that are worth a trip to the disk."""
    gathered = bytearray()
    while not part.at_eof():
        gathered += await part.read_chunk(_CHUNK)
        if len(gathered) >= _CHUNK:
            yield bytes(gathered)
            gathered.clear()
    if gathered:
        yield bytes(gathered)


def _is_yes(said: str) -> bool:
    return said.strip().casefold() in {"true", "1", "on", "yes"}


def _too_large() -> _RefusedError:
    limit = f"{MAX_UPLOAD // 10**6}"
    return _RefusedError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "upload_too_large", limit=limit)


def _wrong_type(name: str) -> _RefusedError:
    return _RefusedError(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "upload_wrong_type", name=name)
