"""Give the tests a real broker."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
import json
from pathlib import Path
from typing import Any

from aiomqtt import Client
import pytest

from rig.broker import Mosquitto
from rig.ports import HOST

from ..programs import need


class Broker(Mosquitto):
    """A Mosquitto, and the other side of it."""

    @asynccontextmanager
    async def controller(self, *topics: str) -> AsyncIterator[Controller]:
        """Connect the other side, listening to some topics."""
        async with Client(HOST, self.port) as client:
            for topic in topics:
                await client.subscribe(topic, 1)
            yield Controller(client)


class Controller:
    """Speak and hear as a controller does."""

    def __init__(self, client: Client) -> None:
        self._client = client

    async def says(self, topic: str, payload: Any, *, retain: bool = False) -> None:
        """Publish a payload; text is sent as it is."""
        data = payload if isinstance(payload, str) else json.dumps(payload)
        await self._client.publish(topic, data, 1, retain)

    async def hears(self, leaf: str) -> Any:
        """Return the next payload on a topic that ends so, passing over all others."""
        async for message in self._client.messages:
            if message.topic.value.endswith(f"/{leaf}"):
                assert isinstance(message.payload, bytes)
                return json.loads(message.payload)
        return None


@pytest.fixture
async def broker(tmp_path: Path, socket_enabled: None) -> AsyncIterator[Broker]:
    """Return a broker that runs."""
    need("mosquitto")
    async with Broker(tmp_path / "broker") as broker:
        yield broker
