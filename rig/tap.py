"""A client beside Home Assistant: hears what passes over the broker, and speaks as a screen would."""

import asyncio
from collections.abc import Callable
import contextlib
from dataclasses import dataclass, field
import json
import time
from typing import Any, Self

import aiomqtt

from .broker import Broker
from .ports import HOST
from .waiting import PATIENCE, RigError, heard


@dataclass(frozen=True, kw_only=True)
class Message:
    """A message as it passed."""

    topic: str
    payload: bytes
    qos: int
    retain: bool
    at: float = field(default_factory=time.time)

    @property
    def text(self) -> str:
        """Return the payload as text."""
        return self.payload.decode()

    @property
    def json(self) -> Any:
        """Return what the payload means as JSON."""
        return json.loads(self.payload)

    def matches(self, topic: str) -> bool:
        """Tell whether the topic is within an MQTT filter."""
        return aiomqtt.Topic(self.topic).matches(topic)


def _any(_: Message) -> bool:
    """Want every message."""
    return True


class Tap:
    """A recording of everything that matches the filter."""

    def __init__(self, broker: Broker, topic: str = "#", *, login: tuple[str, str] | None = None) -> None:
        username, password = login or broker.login or (None, None)
        self.messages: list[Message] = []
        self._topic = topic
        self._client = aiomqtt.Client(HOST, broker.port, username=username, password=password)
        self._listening: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        await self._client.__aenter__()
        await self._client.subscribe(self._topic, qos=1)
        self._listening = asyncio.create_task(self._listen())
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._listening is not None:
            self._listening.cancel()
            await asyncio.wait([self._listening])
        with contextlib.suppress(aiomqtt.MqttError):  # the broker may be gone
            await self._client.__aexit__(None, None, None)

    async def _listen(self) -> None:
        """Record until the broker goes or the tap is closed."""
        with contextlib.suppress(aiomqtt.MqttError):
            async for message in self._client.messages:
                payload = message.payload if isinstance(message.payload, bytes) else b""
                self.messages.append(
                    Message(
                        topic=message.topic.value, payload=payload, qos=message.qos, retain=message.retain
                    )
                )

    async def publish(self, topic: str, payload: Any = None, *, qos: int = 1, retain: bool = False) -> None:
        """Publish text, bytes, nothing, or anything else as JSON."""
        if payload is not None and not isinstance(payload, str | bytes):
            payload = json.dumps(payload)
        await self._client.publish(topic, payload, qos=qos, retain=retain)

    def mark(self) -> int:
        """Return where the recording ends now, for `since`."""
        return len(self.messages)

    def find(self, topic: str, wanted: Callable[[Message], bool] = _any, *, since: int = 0) -> list[Message]:
        """Return the messages heard so far that match the filter and are wanted."""
        return [each for each in self.messages[since:] if each.matches(topic) and wanted(each)]

    async def wait(
        self,
        topic: str,
        wanted: Callable[[Message], bool] = _any,
        *,
        since: int = 0,
        within: float = PATIENCE,
    ) -> Message:
        """Wait for the first such message."""
        try:
            return await heard(
                self.messages,
                lambda each: each.matches(topic) and wanted(each),
                f"a message on {topic}",
                since=since,
                within=within,
            )
        except RigError as error:
            topics = sorted({each.topic for each in self.messages[since:]})
            raise RigError(f"{error}; heard only {topics}") from None

    async def never(self, topic: str, wanted: Callable[[Message], bool] = _any, *, seconds: float) -> None:
        """See that no such message comes for some seconds."""
        mark = self.mark()
        await asyncio.sleep(seconds)
        if found := self.find(topic, wanted, since=mark):
            raise RigError(f"a message that should not be: {found[0]}")
