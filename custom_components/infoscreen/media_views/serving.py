"""Files over HTTP: whole or in part, and never held up by whoever reads them slowly."""

import asyncio
from contextlib import suppress
from email.utils import formatdate
from http import HTTPStatus
from io import BufferedReader
import os
from typing import Final

from aiohttp import ETag, hdrs
from aiohttp.web import Request, Response, StreamResponse
from homeassistant.core import HomeAssistant

from ..const import STALLED_AFTER
from ..media.folder import NoMediumError, Place, read_kind
from ..model.media.ranges import Part, UnsatisfiableError, part_asked

# Few trips to the disk, and little to hold for a reader that stalls.
_CHUNK: Final = 256 * 1024


async def async_serve(hass: HomeAssistant, request: Request, place: Place) -> StreamResponse:
    """Answer with a file, or the part of it that is asked for."""
    run = hass.async_add_executor_job
    try:
        opened, found, mime_type = await run(_open, place)
    except OSError, NoMediumError:
        return nothing()
    try:
        return await _answer(hass, request, opened, found, mime_type)
    finally:
        await run(opened.close)


def nothing() -> Response:
    """Return what everybody gets who asks for what is not there, or not theirs."""
    return Response(status=HTTPStatus.NOT_FOUND, text="Not found")


def _open(place: Place) -> tuple[BufferedReader, os.stat_result, str]:
    """Open a file that is still what its name says."""
    opened = place.open()
    try:
        return opened, os.fstat(opened.fileno()), read_kind(place.path.name, opened).mime_type
    except OSError, NoMediumError:
        opened.close()
        raise


async def _answer(
    hass: HomeAssistant, request: Request, opened: BufferedReader, found: os.stat_result, mime_type: str
) -> StreamResponse:
    tag = f"{found.st_mtime_ns:x}-{found.st_size:x}"
    headers = {
        hdrs.CONTENT_TYPE: mime_type,
        hdrs.ACCEPT_RANGES: "bytes",
        hdrs.CACHE_CONTROL: "private, no-cache",  # the same name may be another file tomorrow
        hdrs.ETAG: f'"{tag}"',
        hdrs.LAST_MODIFIED: formatdate(int(found.st_mtime), usegmt=True),
        "X-Content-Type-Options": "nosniff",
    }
    if _has(request.if_none_match, tag):
        return Response(status=HTTPStatus.NOT_MODIFIED, headers=headers)
    try:
        part = part_asked(_range(request, headers), found.st_size)
    except UnsatisfiableError:
        refused = headers | {hdrs.CONTENT_RANGE: f"bytes */{found.st_size}"}
        return Response(status=HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE, headers=refused)
    status = HTTPStatus.OK
    if part is None:
        part = Part(0, found.st_size)
    else:
        status = HTTPStatus.PARTIAL_CONTENT
        headers[hdrs.CONTENT_RANGE] = part.told(found.st_size)
    response = StreamResponse(status=status, headers=headers)
    response.content_length = part.size
    await response.prepare(request)
    if request.method != hdrs.METH_HEAD:
        # Who has gone needs nothing more.
        with suppress(ConnectionError):
            await _send(hass, request, response, opened, part)
    return response


def _has(tags: tuple[ETag, ...] | None, tag: str) -> bool:
    """Tell whether somebody has a file already."""
    return any(each.value in {"*", tag} for each in tags or ())


def _range(request: Request, headers: dict[str, str]) -> str | None:
    """Return which part is asked for; none if it belongs to what the file was before."""
    condition = request.headers.get(hdrs.IF_RANGE)
    if condition in {None, headers[hdrs.ETAG], headers[hdrs.LAST_MODIFIED]}:
        return request.headers.get(hdrs.RANGE)
    return None


async def _send(
    hass: HomeAssistant, request: Request, response: StreamResponse, opened: BufferedReader, part: Part
) -> None:
    """Send some bytes of a file, as long as somebody takes them."""
    await hass.async_add_executor_job(opened.seek, part.first)
    left = part.size
    while left and (chunk := await hass.async_add_executor_job(opened.read, min(left, _CHUNK))):
        left -= len(chunk)
        try:
            async with asyncio.timeout(STALLED_AFTER.total_seconds()):
                await response.write(chunk)
        except TimeoutError:
            left = 1
            break
    if left and request.transport is not None:
        request.transport.abort()  # an end in order would pass for the whole
