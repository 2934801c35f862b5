"""The alerts as one follows them over the websocket."""

from typing import Any, Self
from unittest.mock import patch

from aiohttp.web import WebSocketResponse
from pytest_homeassistant_custom_component.typing import MockHAClientWebSocket, WebSocketGenerator


class Feed:
    """A subscription."""

    def __init__(self, client: MockHAClientWebSocket) -> None:
        self._client = client
        self._id: int | None = None

    @classmethod
    async def connect(cls, hass_ws_client: WebSocketGenerator, **how: Any) -> Self:
        """Connect, by default as an administrator.

        Where the clock jumps, a server that waits for a sign of life gives up the connection.
        """

        def patient(**how: Any) -> WebSocketResponse[Any]:
            return WebSocketResponse(**how | {"heartbeat": None})

        with patch("homeassistant.components.websocket_api.http.web.WebSocketResponse", patient):
            return cls(await hass_ws_client(**how))

    async def subscribe(self, **fields: Any) -> list[dict[str, Any]]:
        """Subscribe, and return the alerts of the snapshot that comes first."""
        assert (await self._ask(fields))["success"]
        return await self.snapshot()

    async def refused(self, **fields: Any) -> str:
        """Try to subscribe, and return why that cannot be."""
        code: str = (await self._ask(fields))["error"]["code"]
        return code

    async def _ask(self, fields: dict[str, Any]) -> dict[str, Any]:
        await self._client.send_json_auto_id({"type": "infoscreen/alerts/subscribe", **fields})
        answer: dict[str, Any] = await self._client.receive_json()
        self._id = answer["id"]
        return answer

    async def unsubscribe(self) -> None:
        """Follow nothing any more."""
        await self._client.send_json_auto_id({"type": "unsubscribe_events", "subscription": self._id})
        assert (await self._client.receive_json())["success"]

    async def snapshot(self) -> list[dict[str, Any]]:
        """Return the alerts of the one snapshot that was sent; nothing else was."""
        event: dict[str, Any] = (await self._client.receive_json())["event"]
        assert event["type"] == "snapshot"
        assert await self.rest() == []
        alerts: list[dict[str, Any]] = event["alerts"]
        return alerts

    async def rest(self) -> list[dict[str, Any]]:
        """Return all that was sent and not looked at."""
        await self._client.send_json_auto_id({"type": "ping"})
        events = []
        while (message := await self._client.receive_json())["type"] == "event":
            events.append(message["event"])
        return events

    async def told(self) -> list[tuple[str, str]]:
        """Return what happened to alerts of which kinds."""
        return [(event["type"], event["kind"]) for event in await self.rest()]
