"""Home Assistant's websocket: commands and subscriptions over one connection."""

import asyncio
import json
from typing import Any, Self

import aiohttp

from .waiting import RigError


class CommandError(RigError):
    """Home Assistant refused a command; `error` has its code, message and translation_key."""

    def __init__(self, command: str, error: dict[str, Any]) -> None:
        super().__init__(f"{command}: {error}")
        self.error = error


class Websocket:
    """A connection that can ask many things at once."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._last_id = 0
        self._answers: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._events: dict[int, list[Any]] = {}
        self._listening = asyncio.create_task(self._listen())

    @classmethod
    async def connect(cls, session: aiohttp.ClientSession, url: str, token: str) -> Self:
        """Connect and log in."""
        socket = await session.ws_connect(f"{url}/api/websocket", max_msg_size=0)
        await socket.receive_json()
        await socket.send_json({"type": "auth", "access_token": token})
        if (await socket.receive_json())["type"] != "auth_ok":
            raise RigError("Home Assistant refused the token")
        return cls(socket)

    @property
    def closed(self) -> bool:
        """Tell whether the connection is gone."""
        return self._listening.done()

    async def close(self) -> None:
        """Close the connection."""
        await self._socket.close()
        await asyncio.wait([self._listening])

    async def _listen(self) -> None:
        """Hand answers and events to those who wait for them."""
        async for frame in self._socket:
            message = json.loads(frame.data)
            for each in message if isinstance(message, list) else [message]:
                if each["type"] == "event":
                    self._events.setdefault(each["id"], []).append(each["event"])
                elif each["id"] in self._answers:
                    self._answers.pop(each["id"]).set_result(each)
        for answer in self._answers.values():
            answer.set_exception(RigError("the websocket closed before the answer came"))

    async def command(self, command: str, **fields: Any) -> Any:
        """Send a command and return its result."""
        self._last_id += 1
        return await self._ask(self._last_id, command, fields)

    async def subscribe(self, command: str, **fields: Any) -> list[Any]:
        """Subscribe, and return a list that grows with every event."""
        self._last_id += 1
        events = self._events.setdefault(self._last_id, [])
        await self._ask(self._last_id, command, fields)
        return events

    async def _ask(self, number: int, command: str, fields: dict[str, Any]) -> Any:
        """Send and wait for the answer with this number."""
        answer = self._answers[number] = asyncio.get_running_loop().create_future()
        try:
            await self._socket.send_json({"id": number, "type": command, **fields})
            reply = await asyncio.wait_for(answer, 60)
        finally:
            self._answers.pop(number, None)
        if not reply.get("success"):
            raise CommandError(command, reply.get("error", reply))
        return reply.get("result")
