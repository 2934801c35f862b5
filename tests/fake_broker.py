"""A broker that speaks as much MQTT 5 as its faults need."""

import asyncio
from enum import StrEnum
from typing import Self

HOST = "127.0.0.1"
_CONNECT, _CONNACK, _SUBSCRIBE, _SUBACK = 1, 2, 8, 9
_GRANTED, _NOT_AUTHORIZED = 0x01, 0x87


class Fault(StrEnum):
    """What a broker can do wrong."""

    SILENT = "it accepts a connection and never says a word"
    REFUSES_TOPICS = "it lets nobody listen"
    LOSES_LISTENERS = "it closes the connection when somebody wants to listen"


class FakeBroker:
    """A broker with a fault, on loopback."""

    def __init__(self, fault: Fault, *, port: int = 0) -> None:
        self.fault = fault
        self.port = port
        self._server: asyncio.Server | None = None
        self._writers: list[asyncio.StreamWriter] = []

    @property
    def connections(self) -> int:
        """Return how many there have been."""
        return len(self._writers)

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, HOST, self.port)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        for writer in self._writers:
            writer.close()
        await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer until the client, or the fault, ends it."""
        self._writers.append(writer)
        try:
            while (answer := self._answer(*await _packet(reader))) is not None:
                writer.write(answer)
        except asyncio.IncompleteReadError, ConnectionError:
            pass
        writer.close()

    def _answer(self, kind: int, body: bytes) -> bytes | None:
        """Return the answer to a packet; nothing at all closes the connection."""
        if self.fault is Fault.SILENT:
            return b""
        if kind == _CONNECT:
            return bytes([_CONNACK << 4, 3, 0, 0, 0])
        if kind == _SUBSCRIBE:
            return self._granted(body)
        return b""

    def _granted(self, body: bytes) -> bytes | None:
        """Return the answer to a wish to listen."""
        if self.fault is Fault.LOSES_LISTENERS:
            return None
        topics, rest = 0, body[3:]  # behind the packet's id and no properties
        while rest:
            topics, rest = topics + 1, rest[2 + int.from_bytes(rest[:2]) + 1 :]
        code = _NOT_AUTHORIZED if self.fault is Fault.REFUSES_TOPICS else _GRANTED
        return bytes([_SUBACK << 4, 3 + topics, *body[:2], 0, *[code] * topics])


async def _packet(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    """Return the next packet's kind and what it holds."""
    kind = (await reader.readexactly(1))[0] >> 4
    length = shift = 0
    while True:
        digit = (await reader.readexactly(1))[0]
        length |= (digit & 0x7F) << shift
        if not digit & 0x80:
            return kind, await reader.readexactly(length)
        shift += 7
