"""What screens log goes into a real Home Assistant over a real broker, and comes out again."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
import sqlite3

import pytest
import pytest_asyncio

from rig.broker import Mosquitto
from rig.browser import Browser
from rig.hass import Hass
from rig.waiting import until
from simulator import Pace, SimulatedScreen, identities

PACE = replace(Pace(), health=timedelta(seconds=1), heartbeat=timedelta(seconds=5))
# What waits in memory is on disk after this, and in the recorder's database.
FLUSHED = 3


@pytest.fixture(scope="module")
def yaml() -> str:
    """Let the recorder commit every second."""
    return "recorder:\n  commit_interval: 1"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def screen(home: Hass, fleet: str, broker: Mosquitto) -> AsyncGenerator[SimulatedScreen]:
    """Run a screen."""
    (identity,) = identities(1)
    async with SimulatedScreen(identity, port=broker.port, pace=PACE) as screen:
        await home.api.wait_state(await entity(home, screen, "status"), "healthy")
        await broker.wait_subscribed("infoscreen/+/logs/info")
        yield screen


async def entity(home: Hass, screen: SimulatedScreen, key: str, domain: str = "sensor") -> str:
    """Return the id of one of the screen's entities."""
    return await home.api.entity(domain, f"{screen.identity.uuid}_{key}")


async def messages(home: Hass, screen: SimulatedScreen, **data: object) -> list[str]:
    """Return the messages of the screen's log, newest first."""
    told = await home.api.ask("infoscreen.get_logs", data)
    return [line["message"] for line in told[screen.identity.uuid]]


def recorded(home: Hass, entity_id: str) -> list[str]:
    """Return the states that the recorder has of an entity."""
    with closing(sqlite3.connect(f"file:{home.config}/home-assistant_v2.db?mode=ro", uri=True)) as database:
        rows = database.execute(
            "SELECT state FROM states JOIN states_meta USING (metadata_id) WHERE states_meta.entity_id = ?",
            [entity_id],
        )
        return [state for (state,) in rows if state not in {"unknown", "unavailable"}]


async def test_a_line_is_there_at_once_and_survives_a_power_cut(
    home: Hass, fleet: str, screen: SimulatedScreen
) -> None:
    """All but the last two seconds is on disk when Home Assistant is killed; so is what was counted."""
    screen.log("error", "<b>No picture</b>", {"unit": "display_manager"})
    screen.log("info", "Trying again")
    errors = await entity(home, screen, "errors_24h")
    await home.api.wait_state(errors, "1")
    assert await until(lambda: both(home, screen), "both lines", within=5)
    told = (await home.api.ask("infoscreen.get_logs", {"level": "error"}))[screen.identity.uuid]
    assert [(line["message"], line["context"]) for line in told] == [
        ("<b>No picture</b>", {"unit": "display_manager"})
    ]
    shown = await home.api.state(await entity(home, screen, "log", "event"))
    assert shown is not None
    assert shown["attributes"]["message"] == "<b>No picture</b>"

    for store in ("core.entity_registry", "core.device_registry", f"infoscreen.{fleet}.fleet"):
        await home.stored(store, screen.identity.uuid)
    screen.log("warn", "Last words")
    await asyncio.sleep(FLUSHED)
    await home.kill()
    await home.start()
    await home.api.wait_state(errors, "1")
    await home.api.wait_state(await entity(home, screen, "status"), "warning", within=30)
    assert await messages(home, screen, level="warn") == ["Last words", "<b>No picture</b>"]


async def both(home: Hass, screen: SimulatedScreen) -> bool:
    """Tell whether both lines are told."""
    return {"Trying again", "<b>No picture</b>"} <= {*await messages(home, screen)}


async def test_a_screen_in_a_crash_loop_does_not_flood_the_recorder(
    home: Hass, screen: SimulatedScreen
) -> None:
    """Hundreds of errors within seconds are one event or two; the counter and the journal miss none."""
    log, errors = await entity(home, screen, "log", "event"), await entity(home, screen, "errors_24h")
    await asyncio.sleep(FLUSHED)
    events, counts = recorded(home, log), recorded(home, errors)
    for number in range(400):
        screen.log("error", f"Crashed {number}")
        await asyncio.sleep(0.01)

    async def all_kept() -> bool:
        return (await messages(home, screen, limit=500, level="error"))[0] == "Crashed 399"

    assert await until(all_kept, "the last line", within=10)
    assert len(await messages(home, screen, limit=500, level="error")) == 401
    await home.api.wait_state(errors, "401", within=20)
    await asyncio.sleep(FLUSHED)
    assert 1 <= len(recorded(home, log)) - len(events) <= 3
    assert len(recorded(home, errors)) - len(counts) <= 110


async def test_a_backup_has_the_log(home: Hass, screen: SimulatedScreen) -> None:
    """Made by Home Assistant itself while the screen goes on logging; nothing of that is lost either."""
    before = len(await messages(home, screen, limit=1000))
    made = await home.api.command(
        "backup/generate", agent_ids=["backup.local"], include_homeassistant=True, include_database=False
    )
    assert made["backup_job_id"]
    for number in range(100):
        screen.log("info", f"Meanwhile {number}")
        await asyncio.sleep(0.02)

    async def idle() -> bool:
        info = await home.api.command("backup/info")
        return bool(info["state"] == "idle" and info["backups"])

    assert await until(idle, "the backup", within=60)

    async def all_kept() -> bool:
        return len(await messages(home, screen, limit=1000)) >= before + 100

    assert await until(all_kept, "the lines logged meanwhile", within=10)


async def test_text_is_text_in_a_browser(home: Hass, screen: SimulatedScreen, browser: Browser) -> None:
    """HTML in a message is to be seen as its characters; nothing of it is built, nothing runs."""
    html = '<img src="x" onerror="window.ran = true"><b>No picture</b>'
    screen.log("error", html)
    log = await entity(home, screen, "log", "event")
    await home.api.wait_state(log, lambda state: state["attributes"].get("message") == html)
    await browser.open(f"/history?more-info-entity-id={log}")
    dialog = browser.page.locator("ha-more-info-dialog")
    await dialog.locator("ha-dropdown ha-icon-button").last.click()
    await dialog.locator("ha-dropdown-item", has_text="Details").click()
    values = dialog.locator("ha-attribute-value")
    await values.first.wait_for()
    shown = await values.evaluate_all("all => all.map(value => value.shadowRoot.textContent.trim())")
    assert html in shown
    assert await values.locator(":is(img, b)").count() == 0
    assert await browser.page.evaluate("window.ran") is None
