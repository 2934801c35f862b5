"""Files over HTTP: whole or in part, and never held up by whoever reads them slowly.

A file is open only while a piece of it is read: who stalls, or goes in the middle, holds nothing.
"""

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from email.utils import formatdate
from http import HTTPStatus
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
    try:
        found = await hass.async_add_executor_job(_look, place)
    except OSError, NoMediumError:
        return nothing()
    return await _answer(hass, request, found)


def nothing() -> Response:
    """Return what everybody gets who asks for what is not there, or not theirs."""
    return Response(status=HTTPStatus.NOT_FOUND, text="Not found")


@dataclass(frozen=True, kw_only=True, slots=True)
class _Found:
    """A file that is what its name says."""

    place: Place
    mime_type: str
    size: int
    changed_at: int
    tag: str

    def read(self, offset: int, size: int) -> bytes:
        """Read a piece of it; nothing if it is another file by now."""
        try:
            with self.place.open() as opened:
                if _tag(os.fstat(opened.fileno())) != self.tag:
                    return b""
                opened.seek(offset)
                return opened.read(size)
        except OSError:
            return b""


def _look(place: Place) -> _Found:
    """Look at a file; raise OSError or NoMediumError where there is none to be served."""
    with place.open() as opened:
        stat, kind = os.fstat(opened.fileno()), read_kind(place.name, opened)
    return _Found(
        place=place,
        mime_type=kind.mime_type,
        size=stat.st_size,
        changed_at=int(stat.st_mtime),
        tag=_tag(stat),
    )


def _tag(stat: os.stat_result) -> str:
    return f"{stat.st_mtime_ns:x}-{stat.st_size:x}"


async def _answer(hass: HomeAssistant, request: Request, found: _Found) -> StreamResponse:
    headers = {
        hdrs.CONTENT_TYPE: found.mime_type,
        hdrs.ACCEPT_RANGES: "bytes",
        hdrs.CACHE_CONTROL: "private, no-cache",  # the same name may be another file tomorrow
        hdrs.ETAG: f'"{found.tag}"',
        hdrs.LAST_MODIFIED: formatdate(found.changed_at, usegmt=True),
        "X-Content-Type-Options": "nosniff",
    }
    if _has(request.if_none_match, found.tag):
        return Response(status=HTTPStatus.NOT_MODIFIED, headers=headers)
    try:
        part = part_asked(_range(request, headers), found.size)
    except UnsatisfiableError:
        refused = headers | {hdrs.CONTENT_RANGE: f"bytes */{found.size}"}
        return Response(status=HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE, headers=refused)
    status = HTTPStatus.OK
    if part is None:
        part = Part(0, found.size)
    else:
        status = HTTPStatus.PARTIAL_CONTENT
        headers[hdrs.CONTENT_RANGE] = part.told(found.size)
    response = StreamResponse(status=status, headers=headers)
    response.content_length = part.size
    await response.prepare(request)
    if request.method != hdrs.METH_HEAD:
        # Who has gone needs nothing more.
        with suppress(ConnectionError):
            await _send(hass, request, response, found, part)
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
    hass: HomeAssistant, request: Request, response: StreamResponse, found: _Found, part: Part
) -> None:
    """Send some bytes of a file, as long as somebody takes them."""
    run, sent = hass.async_add_executor_job, 0
    while left := part.size - sent:
        if not (piece := await run(found.read, part.first + sent, min(left, _CHUNK))):
            break
        try:
            async with asyncio.timeout(STALLED_AFTER.total_seconds()):
                await response.write(piece)
        except TimeoutError:
            break
        sent += len(piece)
    if sent < part.size and request.transport is not None:
        request.transport.abort()  # an end in order would pass for the whole
