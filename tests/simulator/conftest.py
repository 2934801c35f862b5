"""Give the tests a real broker."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
import json
import os
from pathlib import Path
import shutil
import socket
import subprocess
import time
from typing import Any

from aiomqtt import Client
import pytest

MOSQUITTO = shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin:/usr/local/sbin")


class Broker:
    """Run Mosquitto on a port of its own."""

    def __init__(self, folder: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port: int = probe.getsockname()[1]
        self._config = folder / "mosquitto.conf"
        lines = [f"listener {self.port} 127.0.0.1", "allow_anonymous true", "log_type none"]
        # Mosquitto started by root would otherwise want a user that need not exist.
        self._config.write_text(
            "\n".join([*lines, *["user root"] * (os.geteuid() == 0), ""]), encoding="utf-8"
        )
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start, and wait until it answers."""
        assert MOSQUITTO
        self._process = subprocess.Popen([MOSQUITTO, "-c", self._config])  # noqa: S603  a program we looked up
        for _ in range(200):
            with suppress(ConnectionRefusedError), socket.create_connection(("127.0.0.1", self.port)):
                return
            time.sleep(0.02)
        pytest.fail("Mosquitto does not answer")

    def stop(self) -> None:
        """Stop, and wait until it has."""
        if self._process:
            self._process.terminate()
            self._process.wait()

    @asynccontextmanager
    async def controller(self, *topics: str) -> AsyncIterator[Controller]:
        """Connect the other side, listening to some topics."""
        async with Client("127.0.0.1", self.port) as client:
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
def broker(tmp_path: Path, socket_enabled: None) -> Iterator[Broker]:
    """Return a broker that runs."""
    if MOSQUITTO is None:
        if "CI" in os.environ:
            pytest.fail("Mosquitto is not installed, and CI must not pass without it")
        pytest.skip("Mosquitto is not installed")
    broker = Broker(tmp_path)
    broker.start()
    yield broker
    broker.stop()
