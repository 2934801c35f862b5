"""Media as a screen has them: uploaded, published on MQTT, and fetched by programs nobody here wrote."""

import asyncio
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

from aiohttp import FormData
import pytest
import pytest_asyncio

from rig.broker import Mosquitto
from rig.browser import Browser
from rig.fleet import add_group, find_group
from rig.hass import Hass
from rig.tap import Tap

from ..programs import need

SOUGHT = 15  # seconds, as in the script
PDF = b"%PDF-1.7\n" + b"menu " * 20_000

_SEEKS = """async url => {
  const video = document.createElement('video');
  video.muted = true;
  video.src = url;
  document.body.append(video);
  const until = name => new Promise((done, fail) => {
    video.addEventListener(name, done, {once: true});
    video.addEventListener('error', () => fail(new Error(video.error.message)), {once: true});
  });
  await until('loadeddata');
  await video.play();
  await until('timeupdate');
  const played = video.currentTime;
  video.currentTime = 15;
  await until('seeked');
  await until('timeupdate');
  return {played, sought: video.currentTime, duration: video.duration, width: video.videoWidth};
}"""


async def run(*command: str | Path) -> bytes:
    """Run a program and return what it says."""
    process = await asyncio.create_subprocess_exec(
        *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    said, wrong = await process.communicate()
    assert process.returncode == 0, wrong.decode()
    return said


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def film(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Make a film of twenty seconds whose index is at its end, so that it has to be sought."""
    need("ffmpeg")
    path = tmp_path_factory.mktemp("film") / "film.mp4"
    source = ("-f", "lavfi", "-i", "testsrc2=size=320x180:rate=10:duration=20")
    await run("ffmpeg", "-v", "error", *source, "-pix_fmt", "yuv420p", "-g", "10", path)
    return path.read_bytes()


async def upload(home: Hass, name: str, content: bytes) -> str:
    """Upload a file as the pages do."""
    form = FormData()
    form.add_field("file", content, filename=name)
    headers = {"Authorization": f"Bearer {home.api.tokens['access_token']}"}
    url = f"{home.url}/api/infoscreen/media"
    async with home.api.session.post(url, data=form, headers=headers) as answer:
        assert answer.status == 201, await answer.text()
        media: str = (await answer.json())["media_content_id"]
        return media


def event(title: str, **content: Any) -> dict[str, Any]:
    """Return an event that is on now."""
    now = datetime.now(UTC).replace(microsecond=0)
    times = {"start": now - timedelta(minutes=5), "end": now + timedelta(hours=1)}
    return {"title": title, **{name: time.isoformat() for name, time in times.items()}, **content}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shown(home: Hass, fleet: str, broker: Mosquitto, film: bytes) -> list[Any]:
    """Plan a presentation and a film that are on now, and return what is published."""
    await home.api.command("config/core/update", internal_url=home.url)
    await add_group(home.api, fleet, "Foyer", group_id=12)
    foyer = await find_group(home.api, fleet, "Foyer")
    slides = event("Menu", event_type="presentation", files=[await upload(home, "Menü.pdf", PDF)])
    video = event("Film", event_type="video", media=await upload(home, "Film 1.mp4", film))
    async with Tap(broker, "infoscreen/events/12") as tap:
        for planned in (slides, video):
            await home.api.ask("infoscreen.add_event", planned, device_id=foyer)
        told = await tap.wait("infoscreen/events/12", lambda said: len(said.json) == len((slides, video)))
    elements: list[Any] = told.json
    return elements


async def test_a_film_plays_and_is_sought_in(
    home: Hass, shown: list[Any], film: bytes, browser: Browser
) -> None:
    """In a browser without a login, from the address that is on the wire."""
    video = shown[1]["video"]
    assert (video["mime_type"], video["size"]) == ("video/mp4", len(film))
    await browser.page.goto(f"{home.url}/manifest.json")  # a page without anything
    await browser.page.set_content("<body></body>")
    seen = await browser.page.evaluate(_SEEKS, video["url"])
    assert (round(seen["duration"]), seen["width"]) == (20, 320)
    assert seen["played"] > 0
    assert seen["sought"] >= SOUGHT


async def test_a_presentation_is_read_in_parts(shown: list[Any], tmp_path: Path) -> None:
    """By curl, from the address that is on the wire."""
    need("curl")
    (slide,) = shown[0]["presentation"]["files"]
    assert slide["checksum"] == sha256(PDF).hexdigest()
    head, menu = tmp_path / "head.txt", tmp_path / "menu.pdf"
    part = await run("curl", "-sS", "--fail", "-r", "1000-1999", "-D", head, slide["url"])
    assert part == PDF[1000:2000]
    assert f"Content-Range: bytes 1000-1999/{len(PDF)}" in head.read_text()
    menu.write_bytes(PDF[:5000])
    await run("curl", "-sS", "--fail", "-C", "-", "-o", menu, slide["url"])
    assert menu.read_bytes() == PDF


async def test_the_addresses_hold_after_a_power_cut(
    home: Hass, fleet: str, shown: list[Any], broker: Mosquitto
) -> None:
    """Screens go on with what they have; nothing of it is published anew in another way."""
    need("curl")
    await home.stored(f"infoscreen.{fleet}.fleet", 'media_secret": "')
    await home.kill()
    await broker.stop()
    await broker.start()
    async with Tap(broker, "infoscreen/events/12") as tap:
        await home.start()
        assert (await tap.wait("infoscreen/events/12", within=40)).json == shown
    assert await run("curl", "-sS", "--fail", shown[0]["presentation"]["files"][0]["url"]) == PDF
