"""Files that events show: found, published, fetched by screens with the token of their event."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from datetime import timedelta
import hashlib
from hashlib import sha256
from http import HTTPStatus
from pathlib import Path
import time
from typing import Any, override
from unittest.mock import Mock, patch

from aiohttp.test_utils import TestClient
from freezegun.api import FrozenDateTimeFactory
from homeassistant.components.media_source import (
    MediaSource,
    MediaSourceItem,
    PlayMedia,
    Unresolvable,
    async_browse_media,
)
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    MockModule,
    mock_integration,
    mock_platform,
)
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator
from yarl import URL

from .conftest import Ask, Look, PassTime
from .gotenberg import Fault, Gotenberg
from .repairs import standing
from .wire import Wire

BASE = "http://ha.school.example:8123"
PDF = b"%PDF-1.7\n" + b"menu " * 2000
PICTURE = b"\x89PNG\r\n\x1a\n" + b"picture"
FILM = b"\x00\x00\x00\x18ftypmp42" + bytes(range(256)) * 8
TIMES = {"start": "2026-11-23T07:00:00Z", "end": "2026-11-23T15:00:00Z"}
SLIDES = {"title": "Menu", "event_type": "presentation", **TIMES}
VIDEO = {"title": "Film", "event_type": "video", **TIMES}

type Add = Callable[..., Any]


@pytest.fixture
def options() -> dict[str, Any]:
    """Let screens find Home Assistant under an address of its own."""
    return {"media_base_url": f"{BASE}/"}


@pytest.fixture(autouse=True)
def monday_morning(freezer: FrozenDateTimeFactory) -> None:
    """Begin while the events are on."""
    freezer.move_to("2026-11-23 08:00:00+00:00")


@pytest.fixture
def folder(hass: HomeAssistant) -> Path:
    """Return the folder of media."""
    return Path(hass.config.config_dir, "infoscreen", "media")


@pytest.fixture
def put(folder: Path) -> Callable[..., Any]:
    """Return what copies a file into the folder, or deletes it, as a person does."""

    def change(name: str, content: bytes | None) -> None:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if content is None:
            path.unlink()
        else:
            path.write_bytes(content)

    async def puts(name: str, content: bytes | None) -> str:
        await asyncio.get_running_loop().run_in_executor(None, change, name, content)
        return f"media-source://infoscreen/media/{name}"

    return puts


@pytest.fixture
def add(hass: HomeAssistant, fleet: MockConfigEntry, wire: Wire, look: Look) -> Add:
    """Return what adds an event to the Foyer, and what was published then."""
    foyer = look.device(fleet, f"{fleet.entry_id}_group_12").id

    async def adds(wish: dict[str, Any], **fields: Any) -> Any:
        await hass.services.async_call(
            "infoscreen", "add_event", wish | fields, target={"device_id": foyer}, blocking=True
        )
        await wire.settle()
        said = wire.rest()
        return said[-1].json if said else None

    return adds


@pytest.fixture
async def anybody(
    fleet: MockConfigEntry, hass_client_no_auth: ClientSessionGenerator
) -> TestClient[Any, Any]:
    """Return a client without a login."""
    return await hass_client_no_auth()


@pytest.fixture
def delete(hass: HomeAssistant, fleet: MockConfigEntry, wire: Wire, look: Look) -> Any:
    """Return what deletes an event of the Foyer."""
    foyer = look.device(fleet, f"{fleet.entry_id}_group_12").id

    async def deletes(event_id: int) -> None:
        await hass.services.async_call(
            "infoscreen",
            "delete_event",
            {"event_id": event_id},
            target={"device_id": foyer},
            blocking=True,
        )
        await wire.settle()

    return deletes


def local(url: str) -> str:
    """Return the part of an address that is Home Assistant's own."""
    assert url.startswith(f"{BASE}/api/infoscreen/media/")
    return url.removeprefix(BASE)


def issues(hass: HomeAssistant) -> list[str]:
    """Return the repairs about media."""
    return [
        issue.translation_key or "" for (_, key), issue in ir.async_get(hass).issues.items() if "media" in key
    ]


# What is published


async def test_the_files_of_a_presentation_keep_their_order(
    add: Add, put: Any, anybody: TestClient[Any, Any]
) -> None:
    """Contract, "presentation": name, address, checksum and size, at once and each with its own."""
    media = [await put("Menü (neu).pdf", PDF), await put("a.png", PICTURE)]
    (event,) = await add(SLIDES, files=[{"media_content_id": media[0]}, media[1]])
    files = event["presentation"]["files"]
    assert [file["name"] for file in files] == ["Menü (neu).pdf", "a.png"]
    assert [file["checksum"] for file in files] == [sha256(PDF).hexdigest(), sha256(PICTURE).hexdigest()]
    assert [file["size"] for file in files] == [len(PDF), len(PICTURE)]
    for file, content, kind in zip(files, (PDF, PICTURE), ("application/pdf", "image/png"), strict=True):
        answer = await anybody.get(local(file["url"]))
        assert (answer.status, answer.content_type) == (HTTPStatus.OK, kind)
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert await answer.read() == content


@pytest.mark.parametrize(
    "name",
    [
        "Concatenation (1).pdf",
        "Union of all selected.pdf",
        "Union selects (2).pdf",
        "<Script>.pdf",
        "a..%2Fb.pdf",
        "x=%2Fa%2F.pdf",
        "proc%252Fself%252Fenviron.pdf",
    ],
)
async def test_a_file_is_fetched_whatever_its_name_reminds_of(
    add: Add, put: Any, anybody: TestClient[Any, Any], name: str
) -> None:
    """Home Assistant answers 400 to addresses that look like attacks; the file keeps its name."""
    (event,) = await add(SLIDES, files=[await put(name, PDF)])
    (file,) = event["presentation"]["files"]
    assert (file["name"], file["url"].endswith(".pdf")) == (name, True)
    answer = await anybody.get(URL(local(file["url"]), encoded=True))
    assert (answer.status, await answer.read()) == (HTTPStatus.OK, PDF)


async def test_a_film_tells_its_type_and_size(add: Add, put: Any) -> None:
    """Contract, "video": read once, and it can be sought in."""
    (event,) = await add(VIDEO, media=await put("film.mp4", FILM))
    video = event["video"]
    assert (video["mime_type"], video["size"], video["accept_ranges"]) == ("video/mp4", len(FILM), True)


async def test_two_files_by_one_name_are_told_apart(
    add: Add, put: Any, anybody: TestClient[Any, Any]
) -> None:
    """They may lie in different folders."""
    media = [await put("one/page.pdf", PDF), await put("two/page.pdf", PDF + b"2")]
    (event,) = await add(SLIDES, files=media)
    answers = [await anybody.get(local(file["url"])) for file in event["presentation"]["files"]]
    assert [await answer.read() for answer in answers] == [PDF, PDF + b"2"]


async def test_media_of_home_assistant_are_served_too(
    hass: HomeAssistant, add: Add, hass_client_no_auth: ClientSessionGenerator, tmp_path: Path
) -> None:
    """Product, "Schedule": its other sources work, where there is a file behind them."""
    hass.config.media_dirs = {"local": str(tmp_path)}
    assert await async_setup_component(hass, "media_source", {})
    await asyncio.get_running_loop().run_in_executor(None, (tmp_path / "trip.png").write_bytes, PICTURE)
    (event,) = await add(SLIDES, media={"media_content_id": "media-source://media_source/local/trip.png"})
    anybody = await hass_client_no_auth()
    answer = await anybody.get(local(event["presentation"]["files"][0]["url"]))
    assert await answer.read() == PICTURE


async def test_a_file_without_an_ending_is_what_its_source_says(
    hass: HomeAssistant, add: Add, hass_client_no_auth: ClientSessionGenerator, tmp_path: Path
) -> None:
    """Home Assistant keeps pictures that people upload so."""
    await asyncio.get_running_loop().run_in_executor(None, (tmp_path / "original").write_bytes, PICTURE)

    class Uploads(MediaSource):
        @override
        async def async_resolve_media(self, item: MediaSourceItem) -> PlayMedia:
            return PlayMedia("/", item.identifier.replace("_", "/"), path=tmp_path / "original")

    async def uploads(_hass: HomeAssistant) -> MediaSource:
        return Uploads("uploads")

    mock_integration(hass, MockModule("uploads"))
    mock_platform(hass, "uploads.media_source", Mock(async_get_media_source=uploads))
    assert await async_setup_component(hass, "media_source", {})
    assert await async_setup_component(hass, "uploads", {})
    await hass.async_block_till_done()
    assert await add(SLIDES, files=["media-source://uploads/application_zip"]) is None
    (event,) = await add(SLIDES, files=["media-source://uploads/image_png"])
    (file,) = event["presentation"]["files"]
    assert file["name"] == "original.png"
    answer = await (await hass_client_no_auth()).get(local(file["url"]))
    assert (answer.status, answer.content_type) == (HTTPStatus.OK, "image/png")


@pytest.mark.parametrize("content", [b"<html></html>", None], ids=["something else", "not there"])
async def test_what_is_no_media_is_left_out_and_told(
    hass: HomeAssistant, add: Add, put: Any, folder: Path, content: bytes | None
) -> None:
    """Whoever copies it there later has it shown within a minute."""
    media = "media-source://infoscreen/media/menu.pdf"
    if content is not None:
        await put("menu.pdf", content)
    assert await add(SLIDES, files=[media]) is None
    assert issues(hass) == ["media_gone"]


@pytest.mark.parametrize(
    "media", ["media-source://nobody/a.pdf", "media-source://media_source/a.pdf", "a.pdf"]
)
async def test_what_no_source_has_is_told(hass: HomeAssistant, add: Add, media: str) -> None:
    """Rather than an event that nobody ever sees."""
    assert await async_setup_component(hass, "media_source", {})
    assert await add(SLIDES, files=[media]) is None
    assert issues(hass) == ["media_gone"]


async def test_a_file_that_grows_is_shown_once_it_is_whole(
    add: Add, put: Any, folder: Path, wire: Wire, pass_time: PassTime
) -> None:
    """Somebody copies it there while it is looked at."""
    media = await put("menu.pdf", PDF)

    def grows(opened: Any, digest: str) -> Any:
        with (folder / "menu.pdf").open("ab") as menu:
            menu.write(b"more")
        return real(opened, digest)

    real = hashlib.file_digest
    with patch("hashlib.file_digest", grows):
        assert await add(SLIDES, files=[media]) is None
    await pass_time(60)
    (event,) = wire.said("infoscreen/events/12").json
    (file,) = event["presentation"]["files"]
    whole = await asyncio.get_running_loop().run_in_executor(None, (folder / "menu.pdf").read_bytes)
    assert (file["size"], file["checksum"]) == (len(whole), sha256(whole).hexdigest())


async def test_an_office_file_waits_for_its_pdf(hass: HomeAssistant, add: Add, put: Any) -> None:
    """Product, "Schedule": left out until it is ready, which without a server never comes."""
    assert await add(SLIDES, files=[await put("deck.pptx", b"PK\x03\x04deck")]) is None
    assert issues(hass) == ["media_without_converter"]


async def test_a_file_that_is_replaced_is_published_with_its_new_checksum(
    add: Add, put: Any, wire: Wire, pass_time: PassTime, anybody: TestClient[Any, Any]
) -> None:
    """Within a minute, under the same address."""
    (before,) = await add(SLIDES, files=[await put("menu.pdf", PDF)])
    await put("menu.pdf", PDF + b"and soup")
    await pass_time(60)
    (after,) = wire.said("infoscreen/events/12").json
    (old,), (new,) = before["presentation"]["files"], after["presentation"]["files"]
    assert new == old | {"checksum": sha256(PDF + b"and soup").hexdigest(), "size": len(PDF) + 8}
    assert await (await anybody.get(local(new["url"]))).read() == PDF + b"and soup"


async def test_a_file_that_is_gone_takes_its_event_off_until_it_is_back(
    hass: HomeAssistant, add: Add, put: Any, wire: Wire, pass_time: PassTime, anybody: TestClient[Any, Any]
) -> None:
    """A repair says which, and goes by itself."""
    (event,) = await add(SLIDES, files=[await put("menu.pdf", PDF)])
    await put("menu.pdf", None)
    await pass_time(60)
    assert wire.said("infoscreen/events/12").payload == b"[]"
    assert issues(hass) == ["media_gone"]
    url = local(event["presentation"]["files"][0]["url"])
    assert (await anybody.get(url)).status == HTTPStatus.NOT_FOUND
    await put("menu.pdf", PDF)
    await pass_time(60)
    assert wire.said("infoscreen/events/12").json == [event]
    assert issues(hass) == []


async def test_a_restart_shows_the_same_at_once(
    hass: HomeAssistant, fleet: MockConfigEntry, add: Add, put: Any, wire: Wire
) -> None:
    """The token is the same, and no screen goes blank meanwhile."""
    shown = await add(SLIDES, files=[await put("menu.pdf", PDF)])
    assert await hass.config_entries.async_reload(fleet.entry_id)
    await wire.settle()
    assert [said.json for said in wire.rest() if said.topic == "infoscreen/events/12"] == [shown]


async def test_a_file_nobody_needed_is_looked_at_when_somebody_does(
    hass: HomeAssistant,
    fleet: MockConfigEntry,
    add: Add,
    put: Any,
    delete: Any,
    pass_time: PassTime,
) -> None:
    """It may be another one by then, whatever was known of it at the start."""
    media = await put("menu.pdf", PDF)
    await add(SLIDES, files=[media])
    await delete(1)
    assert await hass.config_entries.async_reload(fleet.entry_id)
    await pass_time(3600)
    await put("menu.pdf", PDF + b"and soup")
    (event,) = await add(SLIDES, files=[media])
    (file,) = event["presentation"]["files"]
    assert file["checksum"] == sha256(PDF + b"and soup").hexdigest()


async def test_a_file_that_was_missing_is_looked_for_by_the_next_who_needs_it(add: Add, put: Any) -> None:
    """Whoever has put it there need not wait for it."""
    media = "media-source://infoscreen/media/menu.pdf"
    assert await add(SLIDES, files=[media]) is None
    await put("menu.pdf", PDF)
    assert [event["id"] for event in await add(SLIDES, files=[media])] == [1, 2]


async def test_a_source_that_never_answers_holds_up_no_file(hass: HomeAssistant, add: Add, put: Any) -> None:
    """It may be anybody's."""
    asked, never = asyncio.Event(), asyncio.Event()

    class Slow(MediaSource):
        @override
        async def async_resolve_media(self, item: MediaSourceItem) -> PlayMedia:
            asked.set()
            await never.wait()
            raise Unresolvable

    async def slow(_hass: HomeAssistant) -> MediaSource:
        return Slow("slow")

    mock_integration(hass, MockModule("slow"))
    mock_platform(hass, "slow.media_source", Mock(async_get_media_source=slow))
    assert await async_setup_component(hass, "media_source", {})
    assert await async_setup_component(hass, "slow", {})
    await hass.async_block_till_done()
    with patch("custom_components.infoscreen.media.files.SOURCE_PATIENCE", timedelta(0)):
        assert await add(SLIDES, files=["media-source://slow/a.pdf"]) is None
    assert asked.is_set()
    (event,) = await add(SLIDES, files=[await put("menu.pdf", PDF)])
    assert [file["name"] for file in event["presentation"]["files"]] == ["menu.pdf"]


async def test_an_edit_that_touches_no_file_does_not_blank_the_screen(
    hass: HomeAssistant, fleet: MockConfigEntry, add: Add, put: Any, wire: Wire, look: Look
) -> None:
    """Nor does one that adds a file: it is looked at before the new list goes out."""
    (event,) = await add(SLIDES, files=[await put("menu.pdf", PDF)])
    files = [await put("menu.pdf", PDF), await put("a.png", PICTURE)]
    await hass.services.async_call(
        "infoscreen",
        "update_event",
        {"event_id": event["id"], "title": "Lunch", "files": files},
        target={"device_id": look.device(fleet, f"{fleet.entry_id}_group_12").id},
        blocking=True,
    )
    await wire.settle()
    (told,) = wire.rest()
    assert [(each["title"], len(each["presentation"]["files"])) for each in told.json] == [("Lunch", 2)]


async def test_another_address_publishes_anew(
    hass: HomeAssistant, fleet: MockConfigEntry, add: Add, put: Any, wire: Wire
) -> None:
    """From the option, else Home Assistant's own; without either nobody could fetch anything."""
    await add(SLIDES, files=[await put("menu.pdf", PDF)])
    assert hass.config.api is not None
    hass.config.api.use_ssl = True  # its certificate is for no bare address
    hass.config_entries.async_update_entry(fleet, options={})
    await wire.settle()
    assert wire.said("infoscreen/events/12").payload == b"[]"
    assert issues(hass) == ["media_without_address"]
    await hass.config.async_update(internal_url="http://10.0.0.2:8123")
    await wire.settle()
    (event,) = wire.said("infoscreen/events/12").json
    assert event["presentation"]["files"][0]["url"].startswith("http://10.0.0.2:8123/api/infoscreen/media/")
    assert issues(hass) == []


async def test_another_supplement_table_is_published_at_once(
    hass: HomeAssistant, fleet: MockConfigEntry, add: Add, wire: Wire
) -> None:
    """Contract: `webuntis` takes the fleet's own, read at publish time."""
    assert await add({"title": "Plan", "event_type": "webuntis", **TIMES}) is None
    for url in ("https://untis.example/1", "https://untis.example/2"):
        options = {"supplement_table_enabled": True, "supplement_table_url": url}
        hass.config_entries.async_update_entry(fleet, options=options)
        await wire.settle()
        (event,) = wire.said("infoscreen/events/12").json
        assert event["website"]["url"] == url


@pytest.mark.parametrize("url", ["ha.example", "ftp://ha.example", "http://me:secret@ha.example"])
async def test_an_address_nobody_could_fetch_from_is_refused(
    hass: HomeAssistant, fleet: MockConfigEntry, url: str
) -> None:
    """In the options' form."""
    shown = await hass.config_entries.options.async_init(fleet.entry_id)
    again = await hass.config_entries.options.async_configure(
        shown["flow_id"], {"content": {"media_base_url": url}}
    )
    assert again["errors"] == {"base": "media_base_url_invalid"}


# The token


async def test_a_token_ends_with_the_last_occurrence_of_its_event(
    add: Add, put: Any, wire: Wire, pass_time: PassTime, anybody: TestClient[Any, Any]
) -> None:
    """Between two occurrences it holds: screens may fetch early."""
    (event,) = await add(SLIDES, files=[await put("menu.pdf", PDF)], rrule="FREQ=DAILY;COUNT=2")
    url = local(event["presentation"]["files"][0]["url"])
    statuses = []
    for hours in (0, 12, 12, 12):
        await pass_time(hours * 3600)
        statuses.append((await anybody.get(url)).status)
    assert statuses == [200, 200, 200, 404]
    wire.rest()


async def test_a_deleted_events_token_opens_nothing(
    hass: HomeAssistant,
    fleet: MockConfigEntry,
    add: Add,
    put: Any,
    delete: Any,
    wire: Wire,
    anybody: TestClient[Any, Any],
) -> None:
    """Nor does one of a fleet that does not run."""
    media = await put("menu.pdf", PDF)
    await add(SLIDES, files=[media])
    urls = [local(event["presentation"]["files"][0]["url"]) for event in await add(SLIDES, files=[media])]
    await delete(1)
    assert [(await anybody.get(url)).status for url in urls] == [404, 200]
    await hass.config_entries.async_unload(fleet.entry_id)
    assert [(await anybody.get(url)).status for url in urls] == [404, 404]
    wire.rest()


async def test_with_a_group_its_tokens_and_repairs_go(
    hass: HomeAssistant,
    fleet: MockConfigEntry,
    add: Add,
    put: Any,
    wire: Wire,
    pass_time: PassTime,
    anybody: TestClient[Any, Any],
) -> None:
    """Nobody could delete its events any more."""
    (event,) = await add(SLIDES, files=[await put("menu.pdf", PDF)])
    await add(SLIDES, files=["media-source://infoscreen/media/none.pdf"])
    assert issues(hass) == ["media_gone"]
    (foyer,) = [each for each in fleet.subentries.values() if each.title == "Foyer"]
    hass.config_entries.async_remove_subentry(fleet, foyer.subentry_id)
    await wire.settle()
    assert issues(hass) == []
    assert (await anybody.get(local(event["presentation"]["files"][0]["url"]))).status == HTTPStatus.NOT_FOUND
    await pass_time(60)
    wire.rest()


async def test_each_event_has_a_token_of_its_own(add: Add, put: Any, anybody: TestClient[Any, Any]) -> None:
    """Whoever knows one knows no other, and no file of another."""
    await add(SLIDES, files=[await put("menu.pdf", PDF)])
    first, second = await add(SLIDES, files=[await put("a.png", PICTURE)])
    menu, picture = (local(each["presentation"]["files"][0]["url"]) for each in (first, second))
    tokens = {url.rsplit("/", 2)[1] for url in (menu, picture)}
    assert len(tokens) == 2
    assert min(map(len, tokens)) > 40
    swapped = [menu.replace("menu.pdf", "a.png"), picture.replace("a.png", "menu.pdf")]
    assert [(await anybody.get(url)).status for url in swapped] == [404, 404]
    folder = menu.rsplit("/", 1)[0]
    assert [(await anybody.get(url)).status for url in (folder, f"{folder}/")] == [404, 404]


async def test_a_link_that_leads_outside_is_not_followed(
    add: Add,
    put: Any,
    folder: Path,
    tmp_path: Path,
    wire: Wire,
    pass_time: PassTime,
    anybody: TestClient[Any, Any],
) -> None:
    """Neither before nor after it was something else."""

    def link() -> None:
        (tmp_path / "secret.pdf").write_bytes(PDF + b"secret")
        (folder / "menu.pdf").unlink()
        (folder / "menu.pdf").symlink_to(tmp_path / "secret.pdf")

    (event,) = await add(SLIDES, files=[await put("menu.pdf", PDF)])
    await asyncio.get_running_loop().run_in_executor(None, link)
    url = local(event["presentation"]["files"][0]["url"])
    assert (await anybody.get(url)).status == HTTPStatus.NOT_FOUND
    await pass_time(60)
    assert wire.said("infoscreen/events/12").payload == b"[]"


# Office files


@pytest.fixture
async def gotenberg(socket_enabled: None) -> AsyncGenerator[Gotenberg]:
    """Run a server that makes PDFs."""
    async with Gotenberg() as gotenberg:
        yield gotenberg


async def test_an_office_file_is_shown_once_it_is_a_pdf(
    hass: HomeAssistant,
    fleet: MockConfigEntry,
    add: Add,
    put: Any,
    wire: Wire,
    gotenberg: Gotenberg,
    hass_client_no_auth: ClientSessionGenerator,
) -> None:
    """Under its own name, with the checksum of what screens fetch; twice in the folder, it is made once."""
    hass.config_entries.async_update_entry(
        fleet, options={"gotenberg_url": gotenberg.url, "media_base_url": BASE}
    )
    deck = b"PK\x03\x04 a deck"
    files = [await put("deck.pptx", deck), await put("copy.pptx", deck)]
    assert await async_setup_component(hass, "media_source", {})
    told = [await add(SLIDES, files=files)]
    while not told[-1]:
        await asyncio.get_running_loop().run_in_executor(None, time.sleep, 0.02)
        await wire.settle()
        told += [said.json for said in wire.rest()]
    (event,) = told[-1]
    shown = event["presentation"]["files"]
    assert [file["name"] for file in shown] == ["deck.pdf", "copy.pdf"]
    answer = await (await hass_client_no_auth()).get(local(shown[0]["url"]))
    content = await answer.read()
    assert (answer.content_type, content[:5]) == ("application/pdf", b"%PDF-")
    assert shown[0]["checksum"] == sha256(content).hexdigest()
    listed = await async_browse_media(hass, "media-source://infoscreen/media")
    assert [child.title for child in listed.children or []] == [
        "copy.pptx · is a PDF",
        "deck.pptx · is a PDF",
    ]
    assert issues(hass) == []


@pytest.fixture
async def becoming(
    hass: HomeAssistant, fleet: MockConfigEntry, wire: Wire, gotenberg: Gotenberg
) -> Callable[..., Any]:
    """Let the fleet know the server; return what waits until the Foyer was told as much as is meant."""
    hass.config_entries.async_update_entry(
        fleet, options={"gotenberg_url": gotenberg.url, "media_base_url": BASE}
    )
    await wire.settle()

    async def becomes(told: list[Any]) -> list[Any]:
        while not told or not told[-1]:
            await asyncio.get_running_loop().run_in_executor(None, time.sleep, 0.02)
            await wire.settle()
            told += [said.json for said in wire.rest()]
        return told

    return becomes


async def test_a_pdf_that_was_deleted_is_made_again(
    fleet: MockConfigEntry,
    add: Add,
    put: Any,
    hass: HomeAssistant,
    wire: Wire,
    pass_time: PassTime,
    becoming: Callable[..., Any],
) -> None:
    """By somebody who tidied up; its event is off until then, not until the next start."""
    ((event,),) = filter(
        None, await becoming([await add(SLIDES, files=[await put("deck.pptx", b"PK\x03\x04 a deck")])])
    )
    folder = Path(hass.config.config_dir, "infoscreen", "conversions", fleet.entry_id)

    def tidy_up() -> None:
        for path in folder.iterdir():
            path.unlink()

    await asyncio.get_running_loop().run_in_executor(None, tidy_up)
    await pass_time(20)
    assert await becoming([said.json for said in wire.rest()]) == [[], [event]]


async def test_an_office_file_that_comes_back_is_not_shown_by_a_pdf_that_has_gone(
    add: Add,
    put: Any,
    wire: Wire,
    pass_time: PassTime,
    gotenberg: Gotenberg,
    becoming: Callable[..., Any],
) -> None:
    """Screens would ask in vain."""
    deck, other = b"PK\x03\x04 a deck", b"PK\x03\x04 another deck"
    await becoming([await add(SLIDES, files=[await put("deck.pptx", deck)])])
    gotenberg.pdf += b"of another deck"
    await put("deck.pptx", other)
    await pass_time(20)
    await becoming([said.json for said in wire.rest()])
    await pass_time(20)
    await put("deck.pptx", deck)
    await pass_time(20)
    told = await becoming([said.json for said in wire.rest()])
    assert [bool(each) for each in told] == [False, True]


@pytest.mark.parametrize("restarts", [0, 1], ids=["at once", "and Home Assistant restarts"])
async def test_a_failed_conversion_bothers_nobody_once_its_event_is_gone(
    hass: HomeAssistant,
    fleet: MockConfigEntry,
    add: Add,
    put: Any,
    wire: Wire,
    gotenberg: Gotenberg,
    pass_time: PassTime,
    delete: Any,
    restarts: int,
) -> None:
    """A repair is for those who can do something."""
    gotenberg.faults["deck.pptx"] = Fault.REFUSES
    hass.config_entries.async_update_entry(
        fleet, options={"gotenberg_url": gotenberg.url, "media_base_url": BASE}
    )
    await add(SLIDES, files=[await put("deck.pptx", b"PK\x03\x04 a deck")])
    converter = fleet.runtime_data.converter
    while "failed" not in {conversion.state for conversion in converter.conversions.values()}:
        await asyncio.get_running_loop().run_in_executor(None, time.sleep, 0.02)
        await wire.settle()
    assert [issue_id for issue_id in standing(hass) if "conversion_failed" in issue_id]
    await delete(1)
    for _ in range(restarts):
        assert await hass.config_entries.async_reload(fleet.entry_id)
    await pass_time(60)
    assert not standing(hass)
    wire.rest()


# Shown at once


async def test_media_takes_over_and_is_played_by_files_of_their_own(
    hass: HomeAssistant,
    fleet: MockConfigEntry,
    ask: Ask,
    put: Callable[..., Any],
    anybody: TestClient[Any, Any],
    wire: Wire,
    look: Look,
) -> None:
    """Each with a token of its own, which ends with it."""
    plan, film = await put("plan.pdf", PDF), await put("film.mp4", FILM)
    chosen = {"media_content_id": plan, "media_content_type": "application/pdf"}
    started = await ask("start_takeover", title="Evacuation", media=chosen)
    (element,) = wire.rest()[-1].json
    (file,) = element["presentation"]["files"]
    assert (file["name"], file["checksum"]) == ("plan.pdf", sha256(PDF).hexdigest())
    assert (await anybody.get(local(file["url"]))).status == HTTPStatus.OK
    await ask("stop_takeover", takeover_id=started["takeover_id"])
    await wire.settle()
    assert (await anybody.get(local(file["url"]))).status == HTTPStatus.NOT_FOUND

    player = look.entity_id("media_player", f"{fleet.entry_id}_group_12_player")
    what = {"media_content_type": "video/mp4", "media_content_id": film}
    await hass.services.async_call("media_player", "play_media", {"entity_id": player, **what}, blocking=True)
    await wire.settle()
    (element,) = wire.rest()[-1].json
    assert (element["event_type"], element["video"]["mime_type"]) == ("video", "video/mp4")


async def test_a_takeover_is_in_words_until_its_file_is_there(
    ask: Ask, put: Callable[..., Any], wire: Wire, pass_time: PassTime
) -> None:
    """The timetable would be worse."""
    await ask("start_takeover", title="Evacuation", media="media-source://infoscreen/media/late.pdf")
    (element,) = wire.rest()[-1].json
    assert element["message"] == {"text": "Evacuation", "severity": "critical"}
    await put("late.pdf", PDF)
    await pass_time(60)
    (element,) = wire.rest()[-1].json
    assert [file["name"] for file in element["presentation"]["files"]] == ["late.pdf"]
