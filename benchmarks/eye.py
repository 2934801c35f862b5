"""Sees one entity change over the websocket, and notes when."""

import asyncio
from collections.abc import Iterator
import time
from typing import Any, Self

import aiohttp

from rig.api import Api


class Eye:
    """A websocket connection that hears of one entity alone."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket

    @classmethod
    async def open(cls, api: Api, entity_id: str) -> Self:
        """Subscribe to an entity; the first event, its present state, is read here."""
        socket = await api.session.ws_connect(f"{api.url}/api/websocket")
        eye = cls(socket)
        await eye._expect("auth_required")
        await socket.send_json({"type": "auth", "access_token": api.tokens["access_token"]})
        await eye._expect("auth_ok")
        await socket.send_json({"id": 1, "type": "subscribe_entities", "entity_ids": [entity_id]})
        await eye._expect("result")
        await eye._expect("event")
        return eye

    async def close(self) -> None:
        """Close the connection."""
        await self._socket.close()

    async def sees(self, wanted: str, within: float = 300) -> float:
        """Wait until the entity is in a state and return when that was heard, on the performance counter."""
        async with asyncio.timeout(within):
            while wanted not in {
                state.upper() for _, state in states_in((await self._expect("event"))["event"])
            }:
                pass
        return time.perf_counter()

    async def _expect(self, kind: str) -> dict[str, Any]:
        message: dict[str, Any] = await self._socket.receive_json()
        if message["type"] != kind:
            raise ConnectionError(f"wanted {kind} from Home Assistant, got {message}")
        return message


def states_in(event: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Read the states by entity id out of an event of subscribe_entities."""
    for entity_id, state in event.get("a", {}).items():
        yield entity_id, state["s"]
    for entity_id, change in event.get("c", {}).items():
        if "s" in change.get("+", {}):
            yield entity_id, change["+"]["s"]
