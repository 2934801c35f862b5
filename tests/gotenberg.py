"""A Gotenberg server with faults, as far as its LibreOffice route goes."""

import asyncio
from collections import Counter
from enum import StrEnum
from http import HTTPStatus
from typing import Self

from aiohttp import BodyPartReader, web

HOST = "127.0.0.1"
PDF = b"%PDF-1.7\n" + b"a page\n" * 1000 + b"startxref\n9\n%%EOF\n"
REASON = "LibreOffice failed to process a document: the document may be corrupted"


class Fault(StrEnum):
    """What a conversion can come to."""

    REFUSES = "it answers 400 and says why"
    FAILS = "it answers 503 and says why"
    RAMBLES = "it answers 400 and goes on for a megabyte"
    HANGS = "it takes the file and never answers"
    CUTS_OFF = "it closes the connection in the middle of the PDF"
    ENDS_EARLY = "it sends half a PDF, and only the end of the connection says that this is all"
    IS_OLD = "it sends a PDF whose end is that of the connection"
    SAYS_NOTHING = "it closes the connection without an answer"
    GREETS = "it answers 200 with a page, as it is another server"
    MOVED = "it points to another address"
    SHOWS_AN_ERROR_PAGE = "a proxy answers 502 with a page"


class Gotenberg:
    """A server on loopback that turns files into PDFs; each fault is of the files with some names."""

    def __init__(self) -> None:
        self.port = 0
        self.faults: dict[str, Fault] = {}
        self.asked: Counter[str] = Counter()
        """How often each file was sent."""
        self.busiest = 0
        """How many were under way at once, at most."""
        self.taken: dict[str, bytes] = {}
        self.pdf = PDF
        self.gate = asyncio.Event()
        """Closed, conversions wait; open at first."""
        self.gate.set()
        self._under_way = 0
        self._hanging = asyncio.Event()
        self._runner: web.AppRunner | None = None

    @property
    def url(self) -> str:
        """Return its address."""
        return f"http://{HOST}:{self.port}"

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def start(self) -> None:
        """Listen, on the port it had before if it had one."""
        self._hanging.clear()
        app = web.Application(client_max_size=2**30)
        app.router.add_post("/forms/libreoffice/convert", self._handle)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, HOST, self.port)
        await site.start()
        self.port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        """Be gone."""
        assert self._runner is not None
        self._hanging.set()
        self.gate.set()
        await self._runner.cleanup()

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        self._under_way += 1
        self.busiest = max(self.busiest, self._under_way)
        try:
            return await self._convert(request)
        finally:
            self._under_way -= 1

    async def _convert(self, request: web.Request) -> web.StreamResponse:
        part = await (await request.multipart()).next()
        assert isinstance(part, BodyPartReader)
        assert part.name == "files"
        assert part.filename is not None
        name = part.filename
        self.asked[name] += 1
        self.taken[name] = bytes(await part.read())
        await self.gate.wait()
        if (fault := self.faults.get(name)) is not None:
            return await self._go_wrong(request, fault)
        return web.Response(body=self.pdf, content_type="application/pdf")

    async def _go_wrong(self, request: web.Request, fault: Fault) -> web.StreamResponse:
        if fault is Fault.HANGS:
            await self._hanging.wait()
        if fault in {Fault.HANGS, Fault.CUTS_OFF, Fault.SAYS_NOTHING}:
            return await self._break_off(request, begin=fault is Fault.CUTS_OFF)
        half = self.pdf[: len(self.pdf) // 2]
        if fault in {Fault.ENDS_EARLY, Fault.IS_OLD}:
            return self._say(request, half if fault is Fault.ENDS_EARLY else self.pdf)
        return {
            Fault.REFUSES: web.Response(status=HTTPStatus.BAD_REQUEST, text=REASON),
            Fault.FAILS: web.Response(status=HTTPStatus.SERVICE_UNAVAILABLE, text=REASON),
            Fault.RAMBLES: web.Response(status=HTTPStatus.BAD_REQUEST, text="no " * 2**19),
            Fault.GREETS: web.Response(text="Welcome"),
            Fault.MOVED: web.Response(status=HTTPStatus.PERMANENT_REDIRECT, headers={"Location": "/new"}),
            Fault.SHOWS_AN_ERROR_PAGE: web.Response(
                status=HTTPStatus.BAD_GATEWAY, text="<h1>Bad gateway</h1>", content_type="text/html"
            ),
        }[fault]

    async def _break_off(self, request: web.Request, *, begin: bool) -> web.StreamResponse:
        answer = web.StreamResponse()
        if begin:
            answer.content_length = len(self.pdf)
            await answer.prepare(request)
            await answer.write(self.pdf[: len(self.pdf) // 2])
        if request.transport is not None:
            request.transport.close()
        return answer

    def _say(self, request: web.Request, body: bytes) -> web.StreamResponse:
        """Answer as before HTTP told where an answer ends."""
        assert isinstance(request.transport, asyncio.Transport)
        request.transport.write(b"HTTP/1.0 200 OK\r\nContent-Type: application/pdf\r\n\r\n" + body)
        request.transport.close()
        return web.StreamResponse()
