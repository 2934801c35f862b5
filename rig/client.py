"""One user's connection to Home Assistant: login, REST, websocket."""

import time
from typing import Any

import aiohttp

from .waiting import RigError
from .websocket import Websocket


class RequestError(RigError):
    """Home Assistant answered a request with an error."""

    def __init__(self, request: str, status: int, answer: str) -> None:
        super().__init__(f"{request}: {status} {answer[:2000]}")
        self.status = status


class Client:
    """Requests and commands, with tokens that renew themselves."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.client_id = f"{url}/"
        self.tokens: dict[str, Any] = {}
        self._session: aiohttp.ClientSession | None = None
        self._websocket: Websocket | None = None

    @property
    def session(self) -> aiohttp.ClientSession:
        """Return the session, made when it is first needed."""
        if self._session is None:
            self._session = aiohttp.ClientSession()
        return self._session

    async def close(self) -> None:
        """Close whatever is open; the next use opens it again."""
        websocket, self._websocket = self._websocket, None
        session, self._session = self._session, None
        if websocket is not None:
            await websocket.close()
        if session is not None:
            await session.close()

    async def request(self, method: str, path: str, body: Any = None) -> Any:
        """Send a request and return what its JSON answer means, or the bytes of another one."""
        headers = {"Authorization": f"Bearer {await self._token()}"} if self.tokens else {}
        async with self.session.request(method, self.url + path, json=body, headers=headers) as response:
            if not response.ok:
                raise RequestError(f"{method} {path}", response.status, await response.text())
            is_json = response.content_type == "application/json"
            return await response.json() if is_json else await response.read()

    async def upload(self, text: str) -> str:
        """Upload a file as a form's file field does, and return its id."""
        form = aiohttp.FormData()
        form.add_field("file", text.encode(), filename="upload.pem")
        headers = {"Authorization": f"Bearer {await self._token()}"}
        async with self.session.post(f"{self.url}/api/file_upload", data=form, headers=headers) as response:
            if not response.ok:
                raise RequestError("POST /api/file_upload", response.status, await response.text())
            file_id: str = (await response.json())["file_id"]
            return file_id

    async def websocket(self) -> Websocket:
        """Return the connection, opened when it is first needed or was lost."""
        if self._websocket is None or self._websocket.closed:
            self._websocket = await Websocket.connect(self.session, self.url, await self._token())
        return self._websocket

    async def command(self, command: str, **fields: Any) -> Any:
        """Send a websocket command and return its result."""
        return await (await self.websocket()).command(command, **fields)

    async def subscribe(self, command: str, **fields: Any) -> list[Any]:
        """Subscribe over the websocket, and return a list that grows with every event."""
        return await (await self.websocket()).subscribe(command, **fields)

    async def log_in(self, login: tuple[str, str]) -> None:
        """Log in by name and password, as the login form does."""
        username, password = login
        flow = await self.request(
            "POST",
            "/auth/login_flow",
            {
                "client_id": self.client_id,
                "handler": ["homeassistant", None],
                "redirect_uri": self.client_id,
            },
        )
        done = await self.request(
            "POST",
            f"/auth/login_flow/{flow['flow_id']}",
            {"client_id": self.client_id, "username": username, "password": password},
        )
        if done["type"] != "create_entry":
            raise RigError(f"Home Assistant refused the login of {username}: {done['errors']}")
        await self.redeem(done["result"])

    async def redeem(self, code: str) -> None:
        """Turn an authorisation code into tokens."""
        await self._fetch_tokens(grant_type="authorization_code", code=code)

    async def _fetch_tokens(self, **form: str) -> None:
        """Ask for tokens, and note in milliseconds, as the frontend does, when they expire."""
        form |= {"client_id": self.client_id}
        async with self.session.post(f"{self.url}/auth/token", data=form) as response:
            if not response.ok:
                raise RequestError("POST /auth/token", response.status, await response.text())
            self.tokens |= await response.json()
        self.tokens["expires"] = int((time.time() + self.tokens["expires_in"]) * 1000)

    async def _token(self) -> str:
        """Return an access token that holds for another minute."""
        if self.tokens["expires"] < (time.time() + 60) * 1000:
            await self._fetch_tokens(grant_type="refresh_token", refresh_token=self.tokens["refresh_token"])
        token: str = self.tokens["access_token"]
        return token
