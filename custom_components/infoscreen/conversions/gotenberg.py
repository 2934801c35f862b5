"""The one door to Gotenberg: an office file goes in, and out comes a PDF, or why there is none."""

from asyncio import IncompleteReadError, timeout
from http import HTTPStatus
from typing import Final

from aiohttp import (
    ClientError,
    ClientPayloadError,
    ClientResponse,
    ClientTimeout,
    ConnectionTimeoutError,
    FormData,
    ServerDisconnectedError,
    hdrs,
)
from homeassistant.core import HomeAssistant
from homeassistant.helpers.aiohttp_client import async_get_clientsession
from yarl import URL

from ..const import CONVERSION_CONNECT_TIMEOUT, CONVERSION_TIMEOUT, MAX_PDF
from ..model.conversions import Failure, Trouble, answer_failure, sent_name, shortened
from .files import BrokenError, Work

_ROUTE: Final = "forms/libreoffice/convert"
# Gotenberg says what is wrong in a line or two.
_MAX_TEXT: Final = 4096
_CHUNK: Final = 2**20


async def async_convert(hass: HomeAssistant, server: str, work: Work) -> bool:
    """Write the PDF of an office file; raise BrokenError, or OSError if it cannot be written.

    Return whether it came to its end for certain: an answer may also end with its connection.
    """
    form = FormData(quote_fields=False)  # the file's name as browsers send it
    name = sent_name(work.conversion.name)
    form.add_field("files", work.source, filename=name, content_type="application/octet-stream")
    times = ClientTimeout(total=None, sock_connect=CONVERSION_CONNECT_TIMEOUT.total_seconds())
    try:
        async with (
            timeout(CONVERSION_TIMEOUT.total_seconds()),
            async_get_clientsession(hass).post(
                URL(server) / _ROUTE, data=form, allow_redirects=False, timeout=times
            ) as answer,
        ):
            if answer.status != HTTPStatus.OK:
                raise BrokenError(answer_failure(answer.status, await _text(answer)))
            await _write(hass, answer, work)
            return answer.content_length is not None or hdrs.TRANSFER_ENCODING in answer.headers
    except (ClientError, TimeoutError) as err:
        raise BrokenError(_failure_of(err)) from err


async def _write(hass: HomeAssistant, answer: ClientResponse, work: Work) -> None:
    """Write what comes as it comes, up to a bound."""
    size = 0
    async for chunk in answer.content.iter_chunked(_CHUNK):
        size += len(chunk)
        if size > MAX_PDF:
            raise BrokenError(Failure(trouble=Trouble.TOO_LARGE))
        await hass.async_add_executor_job(work.pdf.write, chunk)


async def _text(answer: ClientResponse) -> str:
    """Return the beginning of what a server says is wrong; a page in HTML is for a browser."""
    if answer.content_type == "text/html":
        return ""
    try:
        said = await answer.content.readexactly(_MAX_TEXT)
    except IncompleteReadError as err:
        said = err.partial
    return said.decode(errors="replace")


def _failure_of(err: ClientError | TimeoutError) -> Failure:
    """Return what a failed exchange means."""
    match err:
        case ConnectionTimeoutError():
            return Failure(trouble=Trouble.UNREACHABLE)
        case TimeoutError():
            return Failure(trouble=Trouble.TOO_SLOW)
        case ClientPayloadError() | ServerDisconnectedError():
            return Failure(trouble=Trouble.CUT_OFF)
        case _:
            return Failure(trouble=Trouble.UNREACHABLE, detail=shortened(str(err)))
