"""Publishes with QoS 0 and next to no effort, so that the publisher is never what is measured."""

import asyncio
from collections.abc import Iterable
from typing import Self

from rig.broker import Broker
from rig.ports import HOST

from .messages import Message

_CONNECT = b"\x10\x12\x00\x04MQTT\x04\x02\x00\x00\x00\x06bursts"  # MQTT 3.1.1, clean, no keep-alive
_PUBLISH = 0x30
_RETAIN = 0x01


def packet(message: Message, *, retain: bool = False) -> bytes:
    """Write a message as MQTT puts it on the wire."""
    topic, payload = message
    name = topic.encode()
    rest = len(name).to_bytes(2) + name + payload
    length, sizes = len(rest), bytearray()
    while length > 0x7F:
        sizes.append(length & 0x7F | 0x80)
        length >>= 7
    sizes.append(length)
    return bytes([_PUBLISH | (_RETAIN if retain else 0)]) + sizes + rest


def packets(messages: Iterable[Message], *, retain: bool = False) -> bytes:
    """Write messages one behind the other, beforehand."""
    return b"".join(packet(message, retain=retain) for message in messages)


class Publisher:
    """One connection to a broker, for packets that are ready."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    @classmethod
    async def connect(cls, broker: Broker) -> Self:
        """Connect, and see that the broker agrees."""
        reader, writer = await asyncio.open_connection(HOST, broker.port)
        writer.write(_CONNECT)
        if (await reader.readexactly(4))[3]:
            raise ConnectionError("the broker refused the publisher")
        return cls(reader, writer)

    async def send(self, ready: bytes) -> None:
        """Send packets."""
        self._writer.write(ready)
        await self._writer.drain()

    async def close(self) -> None:
        """Hang up."""
        self._writer.close()
        await self._writer.wait_closed()
