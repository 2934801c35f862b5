"""Chromium, remote-controlled, logged in to a Home Assistant."""

import json
from pathlib import Path
import re
from typing import Self

from playwright.async_api import Browser as Chromium, BrowserContext, Page, Playwright, async_playwright

from .hass import Hass
from .ports import HOST
from .process import find_program
from .waiting import RigError

_ARGUMENTS = (
    "--no-sandbox",  # root has none
    "--disable-dev-shm-usage",  # small in containers
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
    "--no-proxy-server",
    f"--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE {HOST}",  # no call to the internet hangs
)
# What the console says on a machine without internet.
_QUIET = re.compile(
    r"ERR_NAME_NOT_RESOLVED|brands\.home-assistant\.io|Failed to load resource.*404|service worker"
)

# The frontend is connected and a panel is drawn.
_READY = """() => {
  const app = document.querySelector('home-assistant');
  const main = app?.hass?.connected && app.shadowRoot?.querySelector('home-assistant-main');
  const panel = main?.shadowRoot?.querySelector('partial-panel-resolver');
  return !!panel?.firstElementChild && !panel.querySelector('hass-loading-screen');
}"""


class Browser:
    """A page of Home Assistant, opened by its owner; Playwright's own means are at `page`."""

    page: Page
    _playwright: Playwright
    _chromium: Chromium
    _context: BrowserContext

    def __init__(self, hass: Hass, pictures: Path, *, language: str = "en") -> None:
        self.console: list[str] = []
        self._hass = hass
        self._pictures = pictures
        self._language = language

    async def __aenter__(self) -> Self:
        program = find_program("chromium")
        if program is None:
            raise RigError("Chromium is not installed")
        self._playwright = await async_playwright().start()
        self._chromium = await self._playwright.chromium.launch(executable_path=program, args=_ARGUMENTS)
        self._context = await self._chromium.new_context(
            viewport={"width": 1280, "height": 900},
            service_workers="block",  # the frontend's would reload the page
            reduced_motion="reduce",
            timezone_id="Europe/Vienna",
        )
        await self._context.add_init_script(self._login_script())
        self.page = await self._context.new_page()
        self.page.on("console", lambda message: self.console.append(f"{message.type}: {message.text}"))
        self.page.on("pageerror", lambda error: self.console.append(f"error: {error}"))
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._context.close()
        await self._chromium.close()
        await self._playwright.stop()

    def _login_script(self) -> str:
        """Return a script that leaves the owner's tokens where the frontend looks for them."""
        api = self._hass.api
        tokens = {**api.tokens, "hassUrl": api.url, "clientId": api.client_id}
        kept = {"hassTokens": json.dumps(tokens), "selectedLanguage": json.dumps(self._language)}
        return (
            f"const kept = {json.dumps(kept)};"
            f"if (location.origin === {json.dumps(api.url)}) for (const key in kept)"
            " localStorage.getItem(key) ?? localStorage.setItem(key, kept[key]);"
        )

    async def open(self, path: str) -> None:
        """Open a page and wait until it is drawn; the network is never idle, the websocket stays open."""
        await self.page.goto(self._hass.url + path, wait_until="domcontentloaded")
        await self.page.wait_for_function(_READY)

    async def take_picture(self, name: str) -> Path:
        """Save what is to be seen as a PNG and return its path."""
        path = self._pictures / f"{name}.png"
        await self.page.screenshot(path=path, animations="disabled")
        return path

    def errors(self) -> list[str]:
        """Return the console's errors, but those of a machine without internet."""
        return [line for line in self.console if line.startswith("error") and not _QUIET.search(line)]
