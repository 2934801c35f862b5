"""The wire as a screen sees it: what is put on it, and what Home Assistant says there."""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
import json
from typing import Any
from unittest.mock import MagicMock, patch

from homeassistant.components.mqtt.const import MQTT_CONNECTION_STATE
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.dispatcher import async_dispatcher_send
from pytest_homeassistant_custom_component.common import async_fire_mqtt_message


@dataclass(frozen=True, kw_only=True)
class Said:
    """One message that Home Assistant published."""

    topic: str
    payload: bytes
    qos: int
    retain: bool
    expiry: int | None

    @property
    def json(self) -> Any:
        """Return the payload as JSON."""
        return json.loads(self.payload)


class Wire:
    """Home Assistant's MQTT connection, seen from the other side."""

    def __init__(self, hass: HomeAssistant, client: MagicMock) -> None:
        self._hass = hass
        self._client = client
        self._read = 0
        self._unread: list[Said] = []

    async def hears(
        self, topic: str, payload: Mapping[str, Any] | bytes = b"", *, retain: bool = False
    ) -> None:
        """Let Home Assistant hear a message, and wait until it has done all that follows."""
        self.brings(topic, payload, retain=retain)
        await self.settle()

    def brings(self, topic: str, payload: Mapping[str, Any] | bytes = b"", *, retain: bool = False) -> None:
        """Let Home Assistant hear a message, and wait for nothing: for what is itself waited for."""
        raw = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
        async_fire_mqtt_message(self._hass, topic, raw, retain=retain)

    async def settle(self) -> None:
        """Wait until Home Assistant has nothing left to do at once."""
        await self._hass.async_block_till_done(wait_background_tasks=True)

    def said(self, topic: str) -> Said:
        """Return the oldest message on a topic that no assertion has taken yet."""
        self._listen()
        for said in self._unread:
            if said.topic == topic:
                self._unread.remove(said)
                return said
        raise AssertionError(f"nothing was said on {topic}; heard: {[said.topic for said in self._unread]}")

    def rest(self) -> list[Said]:
        """Return, and forget, all that no assertion has taken."""
        self._listen()
        unread, self._unread = self._unread, []
        return unread

    def _listen(self) -> None:
        calls = self._client.async_publish.call_args_list[self._read :]
        self._read += len(calls)
        self._unread += [
            Said(
                topic=call.args[0],
                payload=call.args[1],
                qos=call.args[2],
                retain=call.args[3],
                expiry=call.kwargs["message_expiry_interval"],
            )
            for call in calls
        ]

    def refuses(self) -> AbstractContextManager[Any]:
        """Let the broker take nothing for a while."""
        return patch.object(self._client, "async_publish", side_effect=HomeAssistantError("no"))

    def kills(self) -> AbstractContextManager[Any]:
        """Let whoever publishes anything come no further, as if Home Assistant were killed there."""
        return patch.object(self._client, "async_publish", side_effect=asyncio.CancelledError)

    def answers_early(
        self, answer: Callable[[str, bytes], tuple[str, Mapping[str, Any]] | None]
    ) -> AbstractContextManager[Any]:
        """Let screens answer what is published before the broker confirms that it took it."""

        async def publish(topic: str, payload: bytes, *_: Any, **__: Any) -> None:
            if said := answer(topic, payload):
                async_fire_mqtt_message(self._hass, said[0], json.dumps(said[1]).encode())
                await asyncio.sleep(0)

        return patch.object(self._client, "async_publish", side_effect=publish)

    def answers_late(
        self, answered: list[str], free: asyncio.Event | None = None
    ) -> AbstractContextManager[Any]:
        """Let the broker confirm each topic when Home Assistant looks again, or when it is free."""

        async def publish(topic: str, *_: Any, **__: Any) -> None:
            await (free.wait() if free else asyncio.sleep(0))
            answered.append(topic)

        return patch.object(self._client, "async_publish", side_effect=publish)

    async def breaks(self) -> None:
        """Cut the connection to the broker."""
        self._client.connected = False
        await self._tell(connected=False)

    async def mends(self) -> None:
        """Bring the connection back."""
        self._client.connected = True
        await self._tell(connected=True)

    async def _tell(self, *, connected: bool) -> None:
        async_dispatcher_send(self._hass, MQTT_CONNECTION_STATE, connected)
        await self.settle()
