"""What screens show comes in, is kept and is shown."""

import asyncio
from base64 import encodebytes
from datetime import UTC, datetime
from http import HTTPStatus
import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er, issue_registry as ir
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, async_fire_mqtt_message
from pytest_homeassistant_custom_component.components.diagnostics import get_diagnostics_for_config_entry
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator, WebSocketGenerator

from .conftest import OTHER, UUID, Look, PassTime
from .pictures import animated, bomb, dashboard, picture
from .wire import Wire

MINUTES = 60
FULL = patch("shutil.disk_usage", return_value=SimpleNamespace(free=2**30 - 1))


@pytest.fixture
def hass_config_dir(hass_tmp_config_dir: str) -> str:
    """Write into a folder of the test's own."""
    return hass_tmp_config_dir


@pytest.fixture
def folder(hass: HomeAssistant, fleet: MockConfigEntry) -> Path:
    """Return where the fleet's screenshots are."""
    return Path(hass.config.config_dir, "infoscreen", "screenshots", fleet.entry_id)


@pytest.fixture(autouse=True)
def rare(hass: HomeAssistant, fleet: MockConfigEntry) -> None:
    """Enable, before the screen is there, what is disabled by default."""
    for domain, key in (("image", "priority_screenshot"), ("sensor", "last_screenshot")):
        er.async_get(hass).async_get_or_create(domain, "infoscreen", f"{UUID}_{key}", config_entry=fleet)


async def names(folder: Path, uuid: str = UUID) -> list[str]:
    """Return the files of a screen, oldest first."""
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(None, lambda: sorted(path.name for path in folder.glob(f"{uuid}/*")))


async def fleet_folder_is(folder: Path, *, blocked: bool) -> None:
    """Put a file where the fleet's folder has to be, or take it away."""

    def block() -> None:
        folder.parent.mkdir(parents=True, exist_ok=True)
        folder.write_text("in the way")

    await asyncio.get_running_loop().run_in_executor(None, block if blocked else folder.unlink)


async def leave_behind(path: Path) -> None:
    """Leave a file behind, as a power cut or a person may."""

    def write() -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"half")

    await asyncio.get_running_loop().run_in_executor(None, write)


async def rejected(hass: HomeAssistant, hass_client: ClientSessionGenerator, fleet: MockConfigEntry) -> Any:
    """Return what was rejected, by reason."""
    return (await get_diagnostics_for_config_entry(hass, hass_client, fleet))["rejected"]


class Served:
    """What Home Assistant serves of an image."""

    def __init__(self, hass: HomeAssistant, look: Look, client: Any) -> None:
        self._hass = hass
        self._look = look
        self._client = client

    async def __call__(self, key: str = "screenshot") -> tuple[str, bytes]:
        """Return the type and the bytes that the image's own link leads to."""
        link = self._look.attributes("image", f"{UUID}_{key}")["entity_picture"]
        answer = await self._client.get(link)
        assert answer.status == HTTPStatus.OK
        return answer.content_type, await answer.read()


@pytest.fixture
async def served(
    hass: HomeAssistant, screen: str, look: Look, hass_client_no_auth: ClientSessionGenerator
) -> Served:
    """Return what serves a screen's image."""
    return Served(hass, look, await hass_client_no_auth())


@pytest.mark.parametrize(
    ("topic", "payload", "kind"),
    [
        ("dashboard", dashboard(picture(), uuid=UUID), "image/jpeg"),
        ("dashboard", dashboard(picture(form="PNG")), "image/png"),
        ("screenshot", picture(), "image/jpeg"),
        ("screenshot", picture(form="PNG"), "image/png"),
        ("screenshot", picture(progressive=True), "image/jpeg"),
        ("screenshot", {"image": encodebytes(picture()).decode()}, "image/jpeg"),
        ("screenshot", {"data": f"data:image/png;base64,{encodebytes(picture()).decode()}"}, "image/jpeg"),
    ],
    ids=["dashboard", "dashboard with PNG", "JPEG", "PNG", "progressive", "base64 in lines", "data URL"],
)
async def test_a_screenshot_is_served_as_it_came(
    wire: Wire, screen: str, served: Served, look: Look, topic: str, payload: Any, kind: str
) -> None:
    """To the byte, with the type that it is of; whatever it claims to be."""
    await wire.hears(f"infoscreen/{screen}/{topic}", payload)
    content_type, content = await served()
    assert content_type == kind
    assert content in {picture(), picture(form="PNG"), picture(progressive=True)}
    attributes = look.attributes("image", f"{screen}_screenshot")
    assert (attributes["type"], attributes["stale"]) == ("periodic", False)


async def test_a_dashboard_tells_when_and_why_it_was_taken(
    hass: HomeAssistant, wire: Wire, screen: str, look: Look
) -> None:
    """The state is when it was received; the screen's own time is shown beside it."""
    before = datetime.now(UTC)
    await wire.hears(f"infoscreen/{screen}/dashboard", dashboard(picture(), "event_start"))
    for key in ("screenshot", "priority_screenshot"):
        state, attributes = (
            look.state("image", f"{screen}_{key}"),
            look.attributes("image", f"{screen}_{key}"),
        )
        assert before <= datetime.fromisoformat(state) <= datetime.now(UTC)
        assert attributes["type"] == "event_start"
        assert attributes["captured_at"] == datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
    last = datetime.fromisoformat(look.state("sensor", f"{screen}_last_screenshot"))
    assert before.replace(microsecond=0) <= last <= datetime.now(UTC)


async def test_periodic_screenshots_move_the_state_every_five_minutes_only(
    wire: Wire, screen: str, served: Served, look: Look, pass_time: PassTime
) -> None:
    """Product, "Bounds"; what is served is the latest all the same."""
    image = f"{screen}_screenshot"
    await wire.hears(f"infoscreen/{screen}/screenshot", picture(1))
    first = look.state("image", image)
    await pass_time(2 * MINUTES)
    await wire.hears(f"infoscreen/{screen}/screenshot", picture(2))
    await pass_time(2 * MINUTES)
    await wire.hears(f"infoscreen/{screen}/screenshot", picture(3))
    assert look.state("image", image) == first
    assert await served() == ("image/jpeg", picture(3))
    await pass_time(1 * MINUTES + 1)
    moved = datetime.fromisoformat(look.state("image", image)) - datetime.fromisoformat(first)
    assert moved.total_seconds() == pytest.approx(4 * MINUTES, abs=1)


async def test_a_priority_screenshot_moves_the_state_at_once(
    wire: Wire, screen: str, served: Served, look: Look, pass_time: PassTime
) -> None:
    """Somebody may be waiting to see whether the event has begun."""
    await wire.hears(f"infoscreen/{screen}/screenshot", picture(1))
    before = look.state("image", f"{screen}_screenshot")
    await pass_time(1)
    await wire.hears(f"infoscreen/{screen}/dashboard", dashboard(picture(2), "event_stop"))
    assert look.state("image", f"{screen}_screenshot") > before
    assert look.attributes("image", f"{screen}_screenshot")["type"] == "event_stop"


@pytest.mark.parametrize(
    ("options", "seconds"),
    [({}, 120), ({"priority_screenshot_ttl_seconds": 30}, 30)],
    ids=["by default", "by option"],
)
async def test_a_priority_screenshot_is_active_for_a_while(
    wire: Wire, screen: str, served: Served, look: Look, pass_time: PassTime, seconds: int
) -> None:
    """Contract, "dashboard v2"; after that it is still there to be seen."""
    image = f"{screen}_priority_screenshot"
    assert look.state("image", image) == "unknown"
    await wire.hears(f"infoscreen/{screen}/dashboard", dashboard(picture(1), "event_start"))
    await wire.hears(f"infoscreen/{screen}/dashboard", dashboard(picture(2)))
    assert look.attributes("image", image)["active"] is True
    await pass_time(seconds - 2)
    assert look.attributes("image", image)["active"] is True
    await pass_time(3)
    assert look.attributes("image", image)["active"] is False
    assert await served("priority_screenshot") == ("image/jpeg", picture(1))
    assert await served() == ("image/jpeg", picture(2))


async def test_another_duration_holds_at_once(
    hass: HomeAssistant,
    fleet: MockConfigEntry,
    wire: Wire,
    screen: str,
    look: Look,
    pass_time: PassTime,
) -> None:
    """An option that waits for the next screenshot would look broken."""
    await wire.hears(f"infoscreen/{screen}/dashboard", dashboard(picture(1), "event_start"))
    await pass_time(60)
    hass.config_entries.async_update_entry(fleet, options={"priority_screenshot_ttl_seconds": 30})
    await wire.settle()
    assert look.attributes("image", f"{screen}_priority_screenshot")["active"] is False


async def test_a_screenshot_older_than_three_times_its_usual_interval_is_stale(
    wire: Wire, screen: str, look: Look, pass_time: PassTime
) -> None:
    """Product; priority screenshots come when they come and say nothing of the interval."""
    image = f"{screen}_screenshot"
    for number in range(3):
        await wire.hears(f"infoscreen/{screen}/dashboard", dashboard(picture(number)))
        await wire.hears(f"infoscreen/{screen}/dashboard", dashboard(picture(number), "event_start"))
        await pass_time(60)
    await pass_time(119)
    assert look.attributes("image", image)["stale"] is False
    await pass_time(2)
    assert look.attributes("image", image)["stale"] is True
    await wire.hears(f"infoscreen/{screen}/dashboard", dashboard(picture(9)))
    assert look.attributes("image", image)["stale"] is False


async def test_a_single_screenshot_never_grows_stale(
    wire: Wire, screen: str, look: Look, pass_time: PassTime
) -> None:
    """Nobody knows how often the next one usually comes."""
    await wire.hears(f"infoscreen/{screen}/screenshot", picture())
    await pass_time(24 * 60 * MINUTES)
    assert look.attributes("image", f"{screen}_screenshot")["stale"] is False


async def test_the_last_twenty_are_kept_and_the_last_priority_one(
    wire: Wire, screen: str, folder: Path, served: Served, pass_time: PassTime
) -> None:
    """Contract, "dashboard v2"; older ones are deleted."""
    await wire.hears(f"infoscreen/{screen}/dashboard", dashboard(picture(99), "event_stop"))
    for number in range(25):
        await wire.hears(f"infoscreen/{screen}/screenshot", picture(number))
        await pass_time(5)
    kept = await names(folder)
    assert [name[:8] for name in kept] == [f"{number:08}" for number in [1, *range(7, 27)]]
    assert await served("priority_screenshot") == ("image/jpeg", picture(99))


async def test_large_screenshots_are_fewer(wire: Wire, screen: str, folder: Path, served: Served) -> None:
    """Product, "Bounds": 20 MiB a screen, the oldest go first."""
    large = picture(form="PNG", size=(2100, 2100), compress_level=1)
    assert 5 * 2**20 < len(large) < 7 * 2**20
    for _ in range(5):
        await wire.hears(f"infoscreen/{screen}/screenshot", large)
    assert [name[:8] for name in await names(folder)] == ["00000003", "00000004", "00000005"]
    assert await served() == ("image/png", large)


@pytest.mark.parametrize(
    "payload",
    [
        bomb(40_000, 40_000),
        bomb(7_100, 7_100),
        bomb(1_000, 1_000),
        picture(form="GIF"),
        picture(form="WEBP"),
        picture(form="BMP"),
        b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        b"<html><script>alert(1)</script></html>",
        picture()[:-200],
        picture(form="PNG")[:-40],
        picture() + b"<script>alert(1)</script>",
        picture(form="PNG") + b"PK\x03\x04",
        picture() + picture(1),
        animated(),
        b"\xff\xd8\xff",
        b"",
        bytes(9 * 1024),
    ],
    ids=[
        "a bomb",
        "a little more than 50 megapixels",
        "less than it says",
        "GIF",
        "WebP",
        "BMP",
        "SVG",
        "HTML",
        "truncated JPEG",
        "truncated PNG",
        "JPEG and HTML",
        "PNG and ZIP",
        "two pictures",
        "animated",
        "a beginning",
        "nothing",
        "zeros",
    ],
)
async def test_what_is_no_picture_is_refused_and_counted(
    hass: HomeAssistant,
    fleet: MockConfigEntry,
    wire: Wire,
    screen: str,
    folder: Path,
    look: Look,
    hass_client: ClientSessionGenerator,
    payload: bytes,
) -> None:
    """Anybody with an account may send anything; both ways."""
    await wire.hears(f"infoscreen/{screen}/screenshot", payload)
    await wire.hears(f"infoscreen/{screen}/dashboard", dashboard(payload))
    assert await rejected(hass, hass_client, fleet) == {"invalid_image": 2}
    assert await names(folder) == []
    assert look.state("image", f"{screen}_screenshot") == "unknown"


async def test_a_picture_that_pillow_finds_of_another_size_is_refused(
    wire: Wire, screen: str, look: Look
) -> None:
    """It would be decoded at the size that nobody has checked."""
    with patch("PIL.ImageFile.ImageFile.size", (640, 360), create=True):
        await wire.hears(f"infoscreen/{screen}/screenshot", picture())
    assert look.state("image", f"{screen}_screenshot") == "unknown"
    await wire.hears(f"infoscreen/{screen}/screenshot", picture())
    assert look.state("image", f"{screen}_screenshot") != "unknown"


@pytest.mark.parametrize(
    ("topic", "payload", "reasons"),
    [
        ("dashboard", {"message": {"client_id": OTHER}, **dashboard(picture())}, {}),
        ("dashboard", dashboard(picture(), uuid=OTHER), {"spoofed": 1}),
        ("dashboard", dashboard(picture()) | {"client_uuid": OTHER}, {"spoofed": 1}),
        ("screenshot", {"image": "", "client_uuid": OTHER}, {"spoofed": 1}),
        ("dashboard", b"{" + b" " * (12 * 2**20) + b"}", {"too_large": 1}),
        ("screenshot", b"{" + b" " * (12 * 2**20) + b"}", {"too_large": 1}),
        ("screenshot", picture().ljust(8 * 2**20 + 1), {"too_large": 1}),
        ("screenshot", picture().ljust(9 * 2**20), {"too_large": 1}),
        ("dashboard", b"alive", {"invalid_json": 1}),
        ("dashboard", b"{]}", {"invalid_json": 1}),
        ("screenshot", {"image": "%%%"}, {"invalid_image": 1}),
        ("screenshot", {"image": "a"}, {"invalid_image": 1}),
        ("screenshot", {"image": 5}, {"wrong_type": 1}),
        ("screenshot", {}, {"wrong_type": 1}),
        ("dashboard", {"content": [1]}, {"wrong_type": 1}),
        ("dashboard", {"content": {"screenshot": None}}, {}),
        ("dashboard", {}, {}),
    ],
    ids=lambda value: str(value)[:40] if isinstance(value, dict | str) else "bytes",
)
async def test_what_is_not_a_screenshot_is_counted_by_its_reason(
    hass: HomeAssistant,
    fleet: MockConfigEntry,
    wire: Wire,
    screen: str,
    folder: Path,
    hass_client: ClientSessionGenerator,
    topic: str,
    payload: Any,
    reasons: dict[str, int],
) -> None:
    """Contract, "Bounds"; a dashboard without a screenshot is nothing wrong."""
    await wire.hears(f"infoscreen/{screen}/{topic}", payload)
    assert await rejected(hass, hass_client, fleet) == reasons


async def test_a_field_of_the_wrong_type_leaves_the_screenshot(
    hass: HomeAssistant,
    fleet: MockConfigEntry,
    wire: Wire,
    screen: str,
    look: Look,
    hass_client: ClientSessionGenerator,
) -> None:
    """Only the picture and its type are relied on; what is unknown reads as periodic."""
    wrong = {"message": "alive", "metadata": {"capture": {"type": 7, "captured_at": "noon"}}}
    await wire.hears(f"infoscreen/{screen}/dashboard", dashboard(picture()) | wrong)
    assert await rejected(hass, hass_client, fleet) == {"wrong_type": 1}
    assert look.attributes("image", f"{screen}_screenshot")["type"] == "periodic"
    await wire.hears(f"infoscreen/{screen}/dashboard", dashboard(picture(), "event_paused"))
    assert await rejected(hass, hass_client, fleet) == {"wrong_type": 1}


async def test_a_screenshot_makes_nobody_known_and_is_no_sign_of_life(
    hass: HomeAssistant, fleet: MockConfigEntry, wire: Wire, screen: str, look: Look, pass_time: PassTime
) -> None:
    """Product, "Status": a picture may have waited somewhere."""
    await wire.hears(f"infoscreen/{OTHER}/screenshot", picture())
    assert er.async_get(hass).async_get_entity_id("image", "infoscreen", f"{OTHER}_screenshot") is None
    await pass_time(171)
    await wire.hears(f"infoscreen/{screen}/dashboard", dashboard(picture()))
    assert look.state("binary_sensor", f"{screen}_connectivity") == "off"
    assert look.state("image", f"{screen}_screenshot") not in {"unknown", "unavailable"}


async def test_a_retained_screenshot_is_not_taken(wire: Wire, screen: str, look: Look) -> None:
    """It may be years old."""
    await wire.hears(f"infoscreen/{screen}/screenshot", picture(), retain=True)
    assert look.state("image", f"{screen}_screenshot") == "unknown"


async def test_a_flood_is_thinned_and_ends_with_the_newest(
    hass: HomeAssistant, wire: Wire, screen: str, folder: Path, served: Served, pass_time: PassTime
) -> None:
    """A screen may send thirty at once; after that one in five seconds is looked at."""
    for number in range(60):
        await wire.hears(f"infoscreen/{screen}/screenshot", picture(number % 50))
    assert (await names(folder))[-1].startswith("00000030_")
    await pass_time(5)
    await pass_time(5)
    assert (await names(folder))[-1].startswith("00000032_")
    assert await served() == ("image/jpeg", picture(9))


async def test_screenshots_are_there_after_a_restart(
    hass: HomeAssistant,
    fleet: MockConfigEntry,
    wire: Wire,
    screen: str,
    folder: Path,
    served: Served,
    look: Look,
    pass_time: PassTime,
) -> None:
    """With their times and types; a half-written file of a power cut is cleared away."""
    await wire.hears(f"infoscreen/{screen}/dashboard", dashboard(picture(1), "event_start"))
    await pass_time(10)
    await wire.hears(f"infoscreen/{screen}/screenshot", picture(2, "PNG"))
    before = look.attributes("image", f"{screen}_priority_screenshot")
    await leave_behind(folder / screen / "tmp4711")
    await leave_behind(folder / screen / "lost+found" / "readme")
    assert await hass.config_entries.async_reload(fleet.entry_id)
    await wire.settle()
    wire.rest()
    after = look.attributes("image", f"{screen}_priority_screenshot")
    assert [after[key] for key in ("active", "type", "captured_at")] == [
        before[key] for key in ("active", "type", "captured_at")
    ]
    assert await served() == ("image/png", picture(2, "PNG"))
    assert await served("priority_screenshot") == ("image/jpeg", picture(1))
    assert len(await names(folder)) == 3
    assert not [name for name in await names(folder) if name.startswith("tmp")]
    await wire.hears(f"infoscreen/{screen}/screenshot", picture(3))
    assert await served() == ("image/jpeg", picture(3))


async def test_nothing_is_written_below_one_gib_of_free_disk(
    hass: HomeAssistant,
    fleet: MockConfigEntry,
    wire: Wire,
    screen: str,
    folder: Path,
    pass_time: PassTime,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Product, "Bounds": a repair says so, and goes by itself."""
    issue = ("infoscreen", f"disk_low_{fleet.entry_id}")
    with FULL:
        await wire.hears(f"infoscreen/{screen}/screenshot", picture())
        await wire.hears(f"infoscreen/{screen}/screenshot", picture())
        assert await names(folder) == []
        assert (found := ir.async_get(hass).async_get_issue(*issue)) is not None
        assert found.is_fixable is False
        await pass_time(61)
        assert ir.async_get(hass).async_get_issue(*issue) is not None
    assert caplog.text.count("The disk is nearly full") == 1
    await pass_time(61)
    assert ir.async_get(hass).async_get_issue(*issue) is None
    await wire.hears(f"infoscreen/{screen}/screenshot", picture())
    assert len(await names(folder)) == 1


async def test_a_disk_that_fails_stops_nothing(
    hass: HomeAssistant,
    wire: Wire,
    screen: str,
    folder: Path,
    served: Served,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The next screenshot may find it mended."""
    await fleet_folder_is(folder, blocked=True)
    await wire.hears(f"infoscreen/{screen}/screenshot", picture())
    assert "is not kept" in caplog.text
    await fleet_folder_is(folder, blocked=False)
    await wire.hears(f"infoscreen/{screen}/screenshot", picture())
    assert await served() == ("image/jpeg", picture())


async def test_a_full_fleet_lets_go_of_its_oldest_screenshots(
    hass: HomeAssistant, wire: Wire, screen: str, folder: Path, served: Served, look: Look
) -> None:
    """Product, "Bounds": 4 GiB, here a little less."""
    await wire.hears("infoscreen/discovery", {"uuid": OTHER})
    wire.rest()
    for number in range(3):
        await wire.hears(f"infoscreen/{OTHER}/screenshot", picture(number))
    with patch("custom_components.infoscreen.model.album.MAX_FLEET_BYTES", 2.5 * len(picture())):
        await wire.hears(f"infoscreen/{screen}/screenshot", picture(9))
        assert [name[:8] for name in await names(folder, OTHER)] == ["00000003"]
        assert await served() == ("image/jpeg", picture(9))
        await wire.hears(f"infoscreen/{screen}/screenshot", picture(8))
    assert len(await names(folder)) == 1
    assert [name[:8] for name in await names(folder, OTHER)] == ["00000003"]


async def test_what_is_looked_at_while_a_fleet_is_unloaded_is_kept(
    hass: HomeAssistant, fleet: MockConfigEntry, wire: Wire, screen: str, folder: Path
) -> None:
    """And nothing is written after that: somebody may be deleting the folder."""
    for number in range(5):
        async_fire_mqtt_message(hass, f"infoscreen/{screen}/screenshot", picture(number))
    assert await hass.config_entries.async_unload(fleet.entry_id)
    kept = await names(folder)
    assert len(kept) == 1
    await wire.settle()
    assert await names(folder) == kept


async def test_what_is_looked_at_while_its_screen_is_deleted_is_not_kept(
    hass: HomeAssistant, fleet: MockConfigEntry, wire: Wire, screen: str, folder: Path
) -> None:
    """Nobody would ever delete it."""
    runtime = fleet.runtime_data
    large = picture(form="PNG", size=(2100, 2100), compress_level=1)
    for _ in range(2):
        async_fire_mqtt_message(hass, f"infoscreen/{screen}/screenshot", large)
    await runtime.fleet.async_forget(screen)
    await runtime.screenshots.async_forget(screen)
    await wire.settle()
    wire.rest()
    assert await names(folder) == []


async def test_without_a_screenshot_none_is_served(
    screen: str, look: Look, hass_client: ClientSessionGenerator
) -> None:
    """As Home Assistant answers for every image that has none yet."""
    client = await hass_client()
    link = look.attributes("image", f"{screen}_screenshot")["entity_picture"]
    assert (await client.get(link)).status == HTTPStatus.INTERNAL_SERVER_ERROR


async def test_what_was_deleted_from_the_folder_is_gone(
    wire: Wire, screen: str, folder: Path, look: Look, hass_client: ClientSessionGenerator
) -> None:
    """Somebody may clear it up by hand."""
    await wire.hears(f"infoscreen/{screen}/screenshot", picture())
    (name,) = await names(folder)
    (folder / screen / name).unlink()
    client = await hass_client()
    link = look.attributes("image", f"{screen}_screenshot")["entity_picture"]
    assert (await client.get(link)).status == HTTPStatus.INTERNAL_SERVER_ERROR
    answer = await client.get(f"/api/infoscreen/screenshots/{folder.name}/{screen}/{name}")
    assert answer.status == HTTPStatus.NOT_FOUND


async def test_a_deleted_screens_screenshots_are_deleted(
    hass: HomeAssistant,
    fleet: MockConfigEntry,
    wire: Wire,
    screen: str,
    folder: Path,
    look: Look,
    hass_ws_client: WebSocketGenerator,
) -> None:
    """Nobody could see or delete them any more; when it returns it begins anew."""
    await wire.hears(f"infoscreen/{screen}/screenshot", picture())
    assert await async_setup_component(hass, "config", {})
    client = await hass_ws_client(hass)
    assert (await client.remove_device(look.device(fleet, screen).id))["success"]
    await wire.settle()
    wire.rest()
    assert await names(folder.parent, folder.name) == []
    await leave_behind(folder / screen / (name := "00000001_20260302T093000.000000Z_-_periodic.jpg"))
    assert await names(folder) == [name]
    assert await hass.config_entries.async_reload(fleet.entry_id)
    await wire.settle()
    wire.rest()
    assert await names(folder.parent, folder.name) == []
    await wire.hears("infoscreen/discovery", {"uuid": screen})
    wire.rest()
    assert look.state("image", f"{screen}_screenshot") == "unknown"


async def test_a_removed_fleets_screenshots_are_deleted(
    hass: HomeAssistant, fleet: MockConfigEntry, wire: Wire, screen: str, folder: Path
) -> None:
    """Product: what is stored for it is deleted."""
    await wire.hears(f"infoscreen/{screen}/screenshot", picture())
    assert len(await names(folder)) == 1
    await hass.config_entries.async_remove(fleet.entry_id)
    await wire.settle()
    wire.rest()
    assert await names(folder.parent, "*") == []


async def test_a_screens_screenshots_move_to_the_one_that_replaces_it(
    hass: HomeAssistant, fleet: MockConfigEntry, wire: Wire, screen: str, folder: Path, look: Look
) -> None:
    """The new one's own come after them, and the bounds hold for both together."""
    for number in range(15):
        await wire.hears(f"infoscreen/{screen}/screenshot", picture(number))
    screenshots = fleet.runtime_data.screenshots
    await screenshots.async_move(screen.upper(), OTHER)
    assert (await names(folder), len(await names(folder, OTHER))) == ([], 15)
    await wire.hears("infoscreen/discovery", {"uuid": OTHER})
    wire.rest()
    assert look.state("image", f"{OTHER}_screenshot") != "unknown"
    for number in range(10):
        await wire.hears(f"infoscreen/{screen}/screenshot", picture(30 + number))
    await screenshots.async_move(OTHER, screen)
    await screenshots.async_move(OTHER, screen)
    await screenshots.async_move(screen, screen)
    kept = await names(folder)
    assert [name[:8] for name in kept] == [f"{number:08}" for number in range(6, 26)]
    assert (folder / screen / kept[-1]).read_bytes() == picture(39)
    assert (folder / screen / kept[0]).read_bytes() == picture(5)


async def test_diagnostics_count_screenshots_and_show_none(
    hass: HomeAssistant,
    fleet: MockConfigEntry,
    wire: Wire,
    screen: str,
    hass_client: ClientSessionGenerator,
) -> None:
    """They may show what is nobody's business."""
    await wire.hears(f"infoscreen/{screen}/screenshot", picture())
    diagnostics: Any = await get_diagnostics_for_config_entry(hass, hass_client, fleet)
    assert diagnostics["screenshots"] == {"bytes": len(picture()), "waiting_bytes": 0}
    (told,) = diagnostics["screens"]
    assert (told["album"]["screenshots"], told["album"]["bytes"]) == (1, len(picture()))
    assert len(json.dumps(diagnostics)) < 10_000


# The media browser


@pytest.fixture
async def media(hass: HomeAssistant, screen: str, hass_ws_client: WebSocketGenerator) -> Any:
    """Return what asks the media browser."""
    assert await async_setup_component(hass, "media_source", {})

    async def asks(what: str, path: str) -> Any:
        client = await hass_ws_client(hass)
        await client.send_json_auto_id(
            {"type": f"media_source/{what}_media", "media_content_id": f"media-source://infoscreen{path}"}
        )
        answer = await client.receive_json()
        return answer["result"] if answer["success"] else answer["error"]["code"]

    return asks


async def test_screenshots_are_browsed_from_the_fleet_to_the_picture(
    hass: HomeAssistant,
    fleet: MockConfigEntry,
    wire: Wire,
    screen: str,
    media: Any,
    hass_client: ClientSessionGenerator,
    hass_client_no_auth: ClientSessionGenerator,
    pass_time: PassTime,
) -> None:
    """Newest first, titled with local time and occasion; Home Assistant signs the link that it leads to."""
    await wire.hears(f"infoscreen/{screen}/screenshot", picture(1))
    await pass_time(60)
    await wire.hears(f"infoscreen/{screen}/dashboard", dashboard(picture(2, "PNG"), "event_start"))
    place = ""
    for title, found in (
        ("Infoscreen", ["Media", "Screenshots"]),
        ("Screenshots", ["Infoscreen"]),
        ("Infoscreen", ["foyer-1"]),
    ):
        shown = await media("browse", place)
        assert (shown["title"], [child["title"] for child in shown["children"]]) == (title, found)
        child = shown["children"][-1]
        place = child["media_content_id"].removeprefix("media-source://infoscreen")
    newest, oldest = (await media("browse", place))["children"]
    assert newest["title"].endswith(" · Event began")
    assert oldest["title"].endswith(" · Periodic")
    assert newest["title"] > oldest["title"]
    name = newest["media_content_id"].removeprefix("media-source://infoscreen")
    resolved = await media("resolve", name)
    assert resolved["mime_type"] == "image/png"

    anybody, somebody = await hass_client_no_auth(), await hass_client()
    answer = await anybody.get(resolved["url"])
    assert (answer.status, answer.content_type) == (HTTPStatus.OK, "image/png")
    assert await answer.read() == picture(2, "PNG")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert (await anybody.get(resolved["url"].partition("?")[0])).status == HTTPStatus.UNAUTHORIZED
    assert (await (await somebody.get(newest["thumbnail"])).read()) == picture(2, "PNG")


@pytest.mark.parametrize(
    "path",
    [
        "/nothing",
        "/screenshots/nobody",
        "/screenshots/{entry}/" + OTHER,
        "/screenshots/{entry}/{uuid}/../../../secrets.yaml",
        "/screenshots/{entry}/{uuid}/00000001_20260302T093000.000000Z_-_periodic.jpg",
        "/screenshots/../../secrets.yaml",
    ],
)
async def test_what_is_not_there_is_not_found(
    hass: HomeAssistant,
    fleet: MockConfigEntry,
    wire: Wire,
    screen: str,
    media: Any,
    hass_client: ClientSessionGenerator,
    path: str,
) -> None:
    """A path is looked up among what is known, never walked."""
    await wire.hears(f"infoscreen/{screen}/screenshot", picture(1))
    (Path(hass.config.config_dir) / "secrets.yaml").write_text("secret: 1")
    path = path.format(entry=fleet.entry_id, uuid=screen)
    assert await media("browse", path) == "browse_media_failed"
    assert await media("resolve", path) == "resolve_media_failed"
    client = await hass_client()
    for address in (path, path.replace("../", "..%2f")):
        assert (await client.get(f"/api/infoscreen{address}")).status in {
            HTTPStatus.NOT_FOUND,
            HTTPStatus.BAD_REQUEST,
        }


async def test_a_fleet_that_does_not_run_has_nothing_to_browse(
    hass: HomeAssistant, fleet: MockConfigEntry, wire: Wire, screen: str, media: Any
) -> None:
    """And the shelf is still there."""
    await wire.hears(f"infoscreen/{screen}/screenshot", picture(1))
    assert await hass.config_entries.async_unload(fleet.entry_id)
    assert (await media("browse", "/screenshots"))["children"] == []
