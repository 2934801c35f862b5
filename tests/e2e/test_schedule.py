"""The schedule through a power cut, and by hand on Home Assistant's own calendar page."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest_asyncio

from rig.broker import Mosquitto
from rig.browser import Browser
from rig.fleet import add_group, find_group
from rig.hass import Hass
from rig.tap import Tap

VIENNA = ZoneInfo("Europe/Vienna")  # the browser's


def website(title: str, start: datetime, **fields: Any) -> dict[str, Any]:
    """Return an event that is on for an hour."""
    return {
        "title": title,
        "event_type": "website",
        "url": "https://school.example/timetable",
        "start": start.isoformat(),
        "end": (start + timedelta(hours=1)).isoformat(),
        **fields,
    }


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def group(home: Hass, fleet: str) -> str:
    """Make the group Foyer and return its name."""
    await add_group(home.api, fleet, "Foyer", group_id=12)
    return "Foyer"


async def test_an_event_that_was_added_survives_a_power_cut(
    home: Hass, fleet: str, group: str, broker: Mosquitto
) -> None:
    """Home Assistant is killed as soon as the action has returned; the broker forgets all."""
    foyer = await find_group(home.api, fleet, group)
    await home.stored("core.config_entries", f'"{group}"')
    now = datetime.now(UTC).replace(microsecond=0)
    series = website("Timetable", now - timedelta(minutes=5), rrule="FREQ=DAILY")
    added = await home.api.ask("infoscreen.add_event", series, device_id=foyer)
    await home.kill()
    await broker.stop()
    await broker.start()
    async with Tap(broker, "infoscreen/events/+") as tap:
        await home.start()
        told = await tap.wait("infoscreen/events/12", within=40)
    assert [(event["id"], event["title"]) for event in told.json] == [(added["12"]["event_id"], "Timetable")]
    window = {"start": now.isoformat(), "end": (now + timedelta(days=2)).isoformat()}
    foyer = await find_group(home.api, fleet, group)  # whose device may be registered anew
    planned = await home.api.ask("infoscreen.get_events", window, device_id=foyer)
    assert [event["event_id"] for event in planned["12"]] == [added["12"]["event_id"]] * 3


async def add_daily(browser: Browser, summary: str, location: str) -> None:
    """Add a daily event from today on, whatever the hour."""
    await browser.open("/calendar")
    await browser.page.get_by_role("button", name="Add event").click()
    editor = browser.page.locator("dialog-calendar-event-editor")
    await editor.locator("[name=summary] input").fill(summary)
    await editor.locator("[name=location] input").fill(location)
    await editor.locator("#all_day").click()
    await editor.locator("#freq").click()
    await editor.locator("#freq ha-dropdown-item", has_text="Daily").click()
    await editor.get_by_role("button", name="Add event").click()


async def delete_first(browser: Browser, summary: str) -> None:
    """Delete the first occurrence that is to be seen, and no other."""
    page = browser.page
    await page.locator(".fc-event", has_text=summary).first.click()
    await page.locator("dialog-calendar-event-detail").get_by_role("button", name="Delete").click()
    await page.locator("confirm-event-dialog-box").get_by_role("button", name="Delete").click()


async def test_a_series_is_made_and_cut_on_the_calendars_page(
    home: Hass, fleet: str, group: str, browser: Browser, tap: Tap
) -> None:
    """What a person types there is on the wire; the occurrence deleted there is off it, the others stay."""
    await add_daily(browser, "Open week", "https://school.example/open-week")
    added = await tap.wait("infoscreen/events/12", lambda told: "Open week" in told.text)
    (event,) = (each for each in added.json if each["title"] == "Open week")
    assert event["recurrence_rule"] == "FREQ=DAILY"
    assert event["website"]["url"] == "https://school.example/open-week"

    mark = tap.mark()
    await delete_first(browser, "Open week")
    left = await tap.wait("infoscreen/events/12", since=mark)
    assert event["id"] not in [each["id"] for each in left.json]
    start = datetime.fromisoformat(event["start"])
    window = {"start": event["start"], "end": (start + timedelta(days=3)).isoformat()}
    foyer = await find_group(home.api, fleet, group)
    planned = (await home.api.ask("infoscreen.get_events", window, device_id=foyer))["12"]
    days = [each["start"] for each in planned if each["event_id"] == event["id"]]
    assert days == [f"{start.astimezone(VIENNA) + timedelta(days=day):%Y-%m-%d}" for day in (1, 2)]
    assert browser.errors() == []
