"""Our forms in a browser, which has rules of its own about what it sends."""

from typing import Any

from playwright.async_api import expect

from rig.browser import Browser
from rig.flows import Flow
from rig.hass import Hass

PAGE = "/config/integrations/integration/infoscreen"
GOTENBERG = "http://gotenberg.example:3000"


async def send_options(browser: Browser, **typed: str) -> None:
    """Open the options of the only entry, type into some fields, and send them."""
    await browser.open(PAGE)
    await browser.page.get_by_role("button", name="Configure", exact=True).first.click()
    form = browser.page.locator("step-flow-form")
    await form.get_by_text("Content", exact=True).click()
    for was, becomes in typed.items():
        await form.locator("ha-input", has_text=was).locator("input").fill(becomes)
    await browser.page.get_by_role("button", name="Submit").click()
    await expect(browser.page.get_by_text("Options successfully saved.")).to_be_visible()


async def gotenberg(home: Hass, fleet: str) -> Any:
    """Return the address that the options keep."""
    form: Flow = await home.api.configure(fleet)
    (content,) = (part for part in form.step["data_schema"] if part["name"] == "content")
    (address,) = (field for field in content["schema"] if field["name"] == "gotenberg_url")
    return address["default"]


async def test_the_options_can_be_sent_as_they_are_and_an_address_emptied(
    home: Hass, fleet: str, browser: Browser
) -> None:
    """A required field that is empty would hold all options back."""
    await send_options(browser)
    form = await home.api.configure(fleet)
    (await form.submit({"content": {"gotenberg_url": GOTENBERG}})).expect("create_entry")
    await send_options(browser)
    assert await gotenberg(home, fleet) == GOTENBERG
    await send_options(browser, **{"Gotenberg server": ""})
    assert await gotenberg(home, fleet) == ""
