"""What screens show, from a real broker to whoever looks at it."""

from base64 import b64encode
from collections.abc import AsyncGenerator
from dataclasses import dataclass, replace
from datetime import timedelta
import json
from typing import Any
from uuid import uuid4

import pytest
import pytest_asyncio

from rig.broker import Mosquitto
from rig.hass import Hass
from rig.tap import Tap
from rig.waiting import until
from simulator import Channel, Pace, SimulatedScreen, identities

from ..pictures import bomb, dashboard, picture

PACE = replace(Pace(), health=timedelta(seconds=0.5), dashboard=timedelta(seconds=1))


@dataclass(frozen=True, kw_only=True)
class Shown:
    """A screen, and what Home Assistant has of it."""

    home: Hass
    fleet: str
    uuid: str

    def topic(self, end: str) -> str:
        """Return one of the screen's topics."""
        return f"infoscreen/{self.uuid}/{end}"

    async def image(self) -> str:
        """Return the id of the screen's image."""
        return await self.home.api.entity("image", f"{self.uuid}_screenshot")

    async def served(self) -> bytes:
        """Return what the image's own link leads to, without being logged in."""
        state = await self.home.api.state(await self.image())
        assert state is not None
        async with self.home.api.session.get(self.home.url + state["attributes"]["entity_picture"]) as answer:
            return await answer.read()

    async def kept(self) -> list[str]:
        """Return what the media browser lists of the screen, newest first."""
        place = f"media-source://infoscreen/screenshots/{self.fleet}/{self.uuid}"
        listed = await self.home.api.command("media_source/browse_media", media_content_id=place)
        return [child["media_content_id"] for child in listed["children"]]

    async def resolved(self, media_content_id: str) -> bytes:
        """Return what the link behind a thing in the media browser leads to, without being logged in."""
        found = await self.home.api.command("media_source/resolve_media", media_content_id=media_content_id)
        async with self.home.api.session.get(self.home.url + found["url"]) as answer:
            assert (answer.status, answer.content_type) == (200, found["mime_type"])
            return await answer.read()

    async def wait_served(self, content: bytes) -> None:
        """Wait until the image is this one."""

        async def is_served() -> bool:
            return await self.served() == content

        await until(is_served, "the screenshot", every=0.2)

    async def rejected(self) -> dict[str, Any]:
        """Return what was rejected, by reason."""
        diagnostics = await self.home.api.diagnostics(self.fleet)
        found: dict[str, Any] = diagnostics["data"]["rejected"]
        return found


@pytest_asyncio.fixture(loop_scope="module")
async def shown(home: Hass, fleet: str, broker: Mosquitto, tap: Tap) -> Shown:
    """Let a new screen announce itself."""
    shown = Shown(home=home, fleet=fleet, uuid=str(uuid4()))
    await broker.wait_subscribed("infoscreen/+/screenshot")
    await tap.publish("infoscreen/discovery", {"uuid": shown.uuid, "hostname": "foyer-1"})
    await tap.wait(shown.topic("discovery_ack"))
    await home.api.wait_state(await shown.image(), "unknown")
    return shown


async def test_a_screenshot_is_served_and_kept_through_a_power_cut(
    home: Hass, broker: Mosquitto, tap: Tap, shown: Shown
) -> None:
    """To the byte: in the image and in the media browser, also after a kill."""
    large = picture(3, size=(1920, 1080))
    await tap.publish(shown.topic("screenshot"), picture(1, "PNG"))
    await shown.wait_served(picture(1, "PNG"))
    await tap.publish(shown.topic("dashboard"), dashboard(picture(2), "event_start", shown.uuid))
    await shown.wait_served(picture(2))
    await tap.publish(shown.topic("screenshot"), {"image": b64encode(large).decode()})
    await shown.wait_served(large)
    before = await shown.kept()
    assert [await shown.resolved(each) for each in before] == [large, picture(2), picture(1, "PNG")]
    await home.stored(f"infoscreen.{shown.fleet}.fleet", shown.uuid)
    await home.kill()
    mark = broker.mark()
    await home.start()
    await broker.wait_subscribed("infoscreen/+/screenshot", since=mark)
    await home.api.wait_entry(shown.fleet)
    assert await shown.served() == large
    assert await shown.kept() == before
    assert [await shown.resolved(each) for each in before] == [large, picture(2), picture(1, "PNG")]


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (bomb(40_000, 40_000), "invalid_image"),
        (picture(form="GIF"), "invalid_image"),
        (picture()[:-100], "invalid_image"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "invalid_image"),
        (b"<html></html>", "invalid_image"),
        (picture().ljust(9 * 2**20), "too_large"),
    ],
    ids=["bomb", "GIF", "truncated", "SVG", "HTML", "9 MiB"],
)
async def test_what_is_no_picture_is_counted_and_not_shown(
    home: Hass, tap: Tap, shown: Shown, payload: bytes, reason: str
) -> None:
    """Over both topics; the screenshot that was there stays."""
    await tap.publish(shown.topic("screenshot"), picture())
    await shown.wait_served(picture())
    before = (await shown.rejected()).get(reason, 0)
    await tap.publish(shown.topic("screenshot"), payload)
    await tap.publish(shown.topic("dashboard"), json.dumps(dashboard(payload)))

    async def both_counted() -> bool:
        return bool((await shown.rejected()).get(reason, 0) == before + 2)

    await until(both_counted, "two rejections")
    assert await shown.served() == picture()
    assert len(await shown.kept()) == 1


@pytest_asyncio.fixture(loop_scope="module", params=[True, False], ids=["dashboards", "older"])
async def simulated(
    broker: Mosquitto, fleet: str, request: pytest.FixtureRequest
) -> AsyncGenerator[SimulatedScreen]:
    """Run a simulated screen, with software of now or older."""
    identity = list(identities(2))[request.param]
    channels = frozenset({Channel.COMMAND, *([Channel.COMMANDS] if request.param else [])})
    async with SimulatedScreen(replace(identity, channels=channels), port=broker.port, pace=PACE) as screen:
        yield screen


async def test_simulated_screens_show_what_they_show(
    home: Hass, fleet: str, simulated: SimulatedScreen
) -> None:
    """Whatever the age of their software."""
    shown = Shown(home=home, fleet=fleet, uuid=simulated.identity.uuid)
    await home.api.wait_state(
        await shown.image(), lambda state: state["state"] not in {"unknown", "unavailable"}
    )
    assert (await shown.served()).startswith(b"\xff\xd8\xff")
