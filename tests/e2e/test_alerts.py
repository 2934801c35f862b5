"""A fleet of forty: one screen cut off, all cut off at once, and the broker gone."""

from collections.abc import AsyncGenerator
from typing import Any

import pytest
import pytest_asyncio

from rig.broker import Mosquitto
from rig.hass import Hass
from rig.screens import wait_healthy
from rig.waiting import heard
from simulator import Fault, Fleet

SCREENS = 40
GRACE = 60
# Who is cut off is missed after a minute, and back after another.
PATIENT = pytest.mark.timeout(300)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def feed(home: Hass, fleet: str) -> list[dict[str, Any]]:
    """Let screens be missed after a minute, and follow the alerts from the beginning."""
    options = (await home.api.configure(fleet)).expect("form", step_id="init")
    form: dict[str, dict[str, Any]] = {section["name"]: {} for section in options.step["data_schema"]}
    changed = await options.submit(form | {"screens": {"heartbeat_grace_seconds": GRACE}})
    changed.expect("create_entry")
    return await home.api.subscribe("infoscreen/alerts/subscribe")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def screens(home: Hass, feed: list[dict[str, Any]], broker: Mosquitto) -> AsyncGenerator[Fleet]:
    """Run forty screens, half of which have to be let in."""
    async with Fleet(SCREENS, port=broker.port) as screens:
        await wait_healthy(home.api, SCREENS)
        yield screens


async def told(
    feed: list[dict[str, Any]], turn: str, kind: str, *, within: float, since: int = 0
) -> dict[str, Any]:
    """Wait for what becomes of an alert of a kind."""

    def wanted(event: dict[str, Any]) -> bool:
        return (event["type"], event.get("kind")) == (turn, kind)

    return await heard(feed, wanted, f"{kind} {turn}", since=since, within=within)


def kinds(events: list[dict[str, Any]]) -> list[tuple[str, str]]:
    """Return what happened to alerts of which kinds."""
    return [(event["type"], event["kind"]) for event in events]


async def standing(home: Hass, query: str = "") -> list[str]:
    """Return what alerts stand, as they are fetched."""
    alerts = (await home.api.request("GET", f"/api/infoscreen/alerts{query}"))["alerts"]
    return [alert["kind"] for alert in alerts]


@pytest_asyncio.fixture(loop_scope="module")
async def calm(home: Hass, feed: list[dict[str, Any]], screens: Fleet) -> int:
    """Wait until all screens are well and nothing is told; return how much was told before."""
    await wait_healthy(home.api, SCREENS)
    assert await standing(home) == []
    return len(feed)


@PATIENT
async def test_one_screen_cut_off_is_an_alert_of_its_own(
    home: Hass, fleet: str, feed: list[dict[str, Any]], screens: Fleet
) -> None:
    """On the websocket, over HTTP and in the sensor, until it is back."""
    alone = screens[0]
    alone.fault(Fault.OFFLINE)
    raised = await told(feed, "raised", "offline", within=GRACE + 30)
    assert raised["id"].startswith(alone.identity.uuid)
    assert raised["text"].startswith(f"{alone.identity.hostname} is offline.")
    assert await standing(home, "?level=critical") == ["offline"]
    alert = {key: value for key, value in raised.items() if key != "type"}
    alerts = await home.api.entity("sensor", f"{fleet}_alerts")
    await home.api.wait_state(alerts, lambda state: state["attributes"]["alerts"] == [alert])
    alone.clear()
    cleared = await told(feed, "cleared", "offline", within=30)
    assert GRACE <= cleared["downtime"] <= GRACE + 60
    await home.api.wait_state(alerts, "0")


@PATIENT
async def test_forty_screens_cut_off_at_once_are_one_alert(
    home: Hass, feed: list[dict[str, Any]], screens: Fleet, calm: int
) -> None:
    """And one all-clear; nobody is told of any of them."""
    for screen in screens:
        screen.fault(Fault.OFFLINE)
    await told(feed, "raised", "broker_outage", within=GRACE + 30, since=calm)
    assert await standing(home) == ["broker_outage"]
    for screen in screens:
        screen.clear()
    cleared = await told(feed, "cleared", "broker_outage", within=60, since=calm)
    # Four fifths are enough to tell; the last of them may have spoken a few seconds later.
    assert GRACE - 10 <= cleared["downtime"] <= GRACE + 60
    await wait_healthy(home.api, SCREENS)
    assert kinds(feed[calm:]) == [("raised", "broker_outage"), ("cleared", "broker_outage")]


async def test_a_broker_that_dies_is_one_alert(
    home: Hass, feed: list[dict[str, Any]], broker: Mosquitto, calm: int
) -> None:
    """At once, until it is back and Home Assistant is connected."""
    await broker.kill()
    await told(feed, "raised", "broker_outage", within=30, since=calm)
    await broker.start()
    await told(feed, "cleared", "broker_outage", within=60, since=calm)
    await wait_healthy(home.api, SCREENS)
    assert kinds(feed[calm:]) == [("raised", "broker_outage"), ("cleared", "broker_outage")]
