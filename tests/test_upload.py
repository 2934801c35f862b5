"""Files come in over HTTP: whole, what they claim to be, and seen by nobody before."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from errno import ENOSPC, EXDEV
from fnmatch import fnmatchcase
from functools import partial
from hashlib import sha256
from http import HTTPStatus
from io import BytesIO
import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

from aiohttp import ClientError, FormData
from aiohttp.test_utils import TestClient
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
from homeassistant.util.yaml import load_yaml_dict
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator, WebSocketGenerator

from custom_components.infoscreen.model.media.kinds import KINDS

from .wire import Wire

ACTIONS = Path(__file__).parent.parent / "custom_components" / "infoscreen" / "services.yaml"
UPLOAD = "/api/infoscreen/media"
PDF = b"%PDF-1.7\n" + b"menu " * 2000
FULL = patch("shutil.disk_usage", return_value=SimpleNamespace(free=2**30 - 1))

type Send = Callable[..., Any]


@pytest.fixture
async def client(
    hass: HomeAssistant, fleet: MockConfigEntry, hass_client: ClientSessionGenerator
) -> TestClient[Any, Any]:
    """Return an administrator's client, beside a media browser."""
    assert await async_setup_component(hass, "media_source", {})
    return await hass_client()


@pytest.fixture
def send(client: TestClient[Any, Any]) -> Send:
    """Return what uploads a file, and returns the status and what was answered."""

    async def sends(name: str, content: Any = PDF, **fields: str) -> tuple[int, Any]:
        form = FormData(quote_fields=False)
        form.add_field("file", content, filename=name)
        for field, value in fields.items():
            form.add_field(field, value)
        answer = await client.post(UPLOAD, data=form)
        return answer.status, await answer.json()

    return sends


@pytest.fixture
def kept(hass: HomeAssistant) -> Callable[[], Any]:
    """Return what lists every file below our folder, with its size."""
    folder = Path(hass.config.config_dir, "infoscreen")

    def find() -> dict[str, int]:
        return {
            f"{path.relative_to(folder)}": path.stat().st_size
            for path in folder.rglob("*")
            if path.is_file() and path.relative_to(folder).parts[0] in {"media", "arriving"}
        }

    async def lists() -> dict[str, int]:
        return await asyncio.get_running_loop().run_in_executor(None, find)

    return lists


@pytest.fixture
async def browse(hass: HomeAssistant, client: Any, hass_ws_client: WebSocketGenerator) -> Any:
    """Return what asks the media browser."""
    client = await hass_ws_client(hass)

    async def asks(path: str, what: str = "browse") -> Any:
        await client.send_json_auto_id(
            {"type": f"media_source/{what}_media", "media_content_id": f"media-source://infoscreen/{path}"}
        )
        answer = await client.receive_json()
        return answer["result"] if answer["success"] else answer["error"]["code"]

    return asks


@pytest.mark.parametrize(
    "name", ["menu.pdf", "Menü für Montag (2).PDF", "日本.pdf", "a'b;c,d=e.pdf", "9.41\u202fAM.pdf"]
)
async def test_a_file_is_kept_under_its_name(send: Send, kept: Any, name: str) -> None:
    """Whole, and nothing beside it."""
    assert await send(name) == (
        HTTPStatus.CREATED,
        {"media_content_id": f"media-source://infoscreen/media/{name}", "name": name, "size": len(PDF)},
    )
    assert await kept() == {f"media/{name}": len(PDF)}


async def test_a_large_file_is_kept_to_the_byte(hass: HomeAssistant, send: Send, kept: Any) -> None:
    """Beyond what Home Assistant takes of other requests."""
    content = PDF + bytes(range(256)) * (20 * 2**12)
    assert (await send("large.pdf", BytesIO(content)))[1]["size"] == len(content)
    path = Path(hass.config.config_dir, "infoscreen", "media", "large.pdf")
    kept_content = await asyncio.get_running_loop().run_in_executor(None, path.read_bytes)
    assert sha256(kept_content).digest() == sha256(content).digest()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.png", b"\x89PNG\r\n\x1a\n."),
        ("a.jpeg", b"\xff\xd8\xff\xe0."),
        ("a.webp", b"RIFF....WEBPVP8 "),
        ("a.mp4", b"\x00\x00\x00\x18ftypisom...."),
        ("a.webm", b"\x1a\x45\xdf\xa3."),
        ("a.pptx", b"PK\x03\x04."),
        ("a.odp", b"PK\x03\x04."),
        ("a.ppt", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1."),
    ],
)
async def test_presentations_pictures_and_films_are_media(send: Send, name: str, content: bytes) -> None:
    """Product, "Schedule"."""
    assert (await send(name, content))[0] == HTTPStatus.CREATED


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("page.html", b"<html></html>"),
        ("logo.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>"),
        ("menu.pdf", b"<html></html>"),
        ("menu.pdf", b""),
        ("menu.pdf", b"<html>%PDF-1.7"),
        ("picture.png", PDF),
        ("film.mp4", b"\x00\x00\x00\x18ftypavif...."),
        ("deck.odp", b"PK\x03\x04" + bytes(26) + b"mimetypeapplication/vnd.oasis.opendocument.text"),
        ("nothing", PDF),
        ("script.py", b"print()"),
    ],
)
async def test_what_is_no_media_is_refused(send: Send, kept: Any, name: str, content: bytes) -> None:
    """By its name, and by what is in it."""
    status, told = await send(name, content)
    assert (status, told["code"]) == (HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "upload_wrong_type")
    assert await kept() == {}


@pytest.mark.parametrize(
    "name",
    ["../menu.pdf", "a/menu.pdf", "a\\menu.pdf", ".menu.pdf", "..", "me\u200bnu.pdf", f"{'ü' * 126}.pdf", ""],
    ids=["up", "slash", "backslash", "hidden", "parent", "unseen letter", "256 bytes", "empty"],
)
async def test_a_name_that_could_mean_a_path_is_refused(send: Send, kept: Any, name: str) -> None:
    """Fine points, "Content"."""
    status, told = await send(name)
    assert (status, told["code"]) in {
        (HTTPStatus.BAD_REQUEST, "upload_name_invalid"),
        (HTTPStatus.BAD_REQUEST, "upload_unreadable"),
    }
    assert await kept() == {}


@pytest.mark.parametrize("name", ["a%07.pdf", "a%0A.pdf", "%2e%2e%2fa.pdf", "a%00.pdf"])
async def test_a_name_that_is_spelled_in_code_is_read_before_it_is_judged(
    client: TestClient[Any, Any], kept: Any, name: str
) -> None:
    """RFC 8187, as some programs send it."""
    head = f"--x\r\nContent-Disposition: form-data; name=\"file\"; filename*=UTF-8''{name}\r\n\r\n"
    answer = await client.post(
        UPLOAD,
        data=head.encode() + PDF + b"\r\n--x--\r\n",
        headers={"Content-Type": "multipart/form-data; boundary=x"},
    )
    assert answer.status == HTTPStatus.BAD_REQUEST
    assert await kept() == {}


async def test_the_same_name_twice_is_refused_unless_it_is_to_replace(send: Send, kept: Any) -> None:
    """Also when both come at once, and wherever in the form the wish stands."""
    answers = await asyncio.gather(*(send("menu.pdf", PDF + b"." * number) for number in range(4)))
    assert sorted(status for status, _ in answers) == [201, 409, 409, 409]
    before = await kept()
    status, told = await send("menu.pdf", PDF + b"no")
    assert (status, told["code"]) == (HTTPStatus.CONFLICT, "upload_exists")
    assert (await send("menu.pdf", PDF + b"no", replace="false"))[0] == HTTPStatus.CONFLICT
    assert await kept() == before
    assert (await send("menu.pdf", b"%PDF-2.0", replace="true"))[0] == HTTPStatus.CREATED
    assert await kept() == {"media/menu.pdf": 8}


async def test_only_administrators_upload(
    hass: HomeAssistant,
    fleet: MockConfigEntry,
    kept: Any,
    hass_client: ClientSessionGenerator,
    hass_client_no_auth: ClientSessionGenerator,
    hass_read_only_access_token: str,
) -> None:
    """Product, "Schedule"."""
    for client in (await hass_client_no_auth(), await hass_client(hass_read_only_access_token)):
        form = FormData()
        form.add_field("file", PDF, filename="menu.pdf")
        assert (await client.post(UPLOAD, data=form)).status == HTTPStatus.UNAUTHORIZED
    assert await kept() == {}


async def test_a_disk_without_room_takes_nothing(send: Send, kept: Any) -> None:
    """Product, "Bounds": nothing is written below 1 GiB; nor does a disk that fails leave anything."""
    with FULL:
        status, told = await send("menu.pdf")
    assert (status, told["code"]) == (HTTPStatus.INSUFFICIENT_STORAGE, "upload_no_room")
    with patch("os.fsync", side_effect=OSError(28, "No space left on device")):
        assert (await send("menu.pdf"))[0] == HTTPStatus.INSUFFICIENT_STORAGE
    assert await kept() == {}


async def test_a_folder_on_another_disk_takes_files_too(send: Send, kept: Any) -> None:
    """A mount or a link to one, where no file can be moved to: whole as ever, or nothing at all."""
    move = os.replace

    def move_on_one_disk(source: Path, target: Path) -> None:
        if Path(source).parent.name == "arriving" and Path(source).parent.parent.name == "infoscreen":
            raise OSError(EXDEV, "Invalid cross-device link")
        move(source, target)

    with patch("os.replace", move_on_one_disk):
        assert (await send("menu.pdf"))[0] == HTTPStatus.CREATED
        assert await kept() == {"media/menu.pdf": len(PDF)}
        assert (await send("menu.pdf", PDF + b".", replace="true"))[0] == HTTPStatus.CREATED
        with patch("shutil.copyfile", side_effect=OSError(ENOSPC, "No space left on device")):
            assert (await send("other.pdf"))[0] == HTTPStatus.INSUFFICIENT_STORAGE
    assert await kept() == {"media/menu.pdf": len(PDF) + 1}


async def test_a_folder_that_leads_nowhere_takes_nothing(hass: HomeAssistant, send: Send, kept: Any) -> None:
    """A disk elsewhere that is away; it is no reason to choose another name."""
    folder = Path(hass.config.config_dir, "infoscreen", "media")

    def prepare() -> None:
        folder.parent.mkdir(exist_ok=True)
        folder.symlink_to("/nowhere/media")

    await asyncio.get_running_loop().run_in_executor(None, prepare)
    status, told = await send("menu.pdf")
    assert (status, told["code"]) == (HTTPStatus.INSUFFICIENT_STORAGE, "upload_no_room")
    assert await kept() == {}


async def test_room_is_needed_where_the_folder_is(hass: HomeAssistant, send: Send, kept: Any) -> None:
    """Its disk may be full while that of the configuration is not."""
    folder = Path(hass.config.config_dir, "infoscreen", "media")
    await asyncio.get_running_loop().run_in_executor(None, partial(folder.mkdir, parents=True))

    def room(path: Path) -> SimpleNamespace:
        return SimpleNamespace(free=0 if path == folder else 2**40)

    with patch("shutil.disk_usage", room):
        assert (await send("menu.pdf"))[0] == HTTPStatus.INSUFFICIENT_STORAGE
    assert await kept() == {}


async def test_what_is_too_large_is_refused_at_its_head(client: TestClient[Any, Any], kept: Any) -> None:
    """Nobody has to send it to the end."""
    answer = await client.post(
        UPLOAD,
        data=b"",
        headers={"Content-Length": "500100000", "Content-Type": "multipart/form-data; boundary=x"},
    )
    assert answer.status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    assert await kept() == {}


async def test_what_turns_out_too_large_is_dropped(send: Send, kept: Any) -> None:
    """Its size shows only on the way."""

    async def film() -> AsyncGenerator[bytes]:
        yield PDF
        for _ in range(9):
            yield bytes(2**20)

    with patch("custom_components.infoscreen.media_views.upload.MAX_UPLOAD", 5 * 10**6):
        status, told = await send("menu.pdf", film())
    assert (status, told["code"]) == (HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "upload_too_large")
    assert await kept() == {}


async def test_an_upload_that_is_cut_off_leaves_nothing(
    client: TestClient[Any, Any], send: Send, kept: Any, browse: Any
) -> None:
    """Nor is it seen while it comes."""
    seen: list[Any] = []

    async def broken() -> AsyncGenerator[bytes]:
        yield PDF + bytes(3 * 2**20)
        await asyncio.sleep(0.2)
        seen.append([child["title"] for child in (await browse("media"))["children"]])
        seen.append({name for name in await kept() if name.startswith("media")})
        raise OSError("the cable")

    with pytest.raises((ClientError, OSError)):
        await send("menu.pdf", broken())
    for _ in range(50):
        await asyncio.sleep(0.02)
        left = await kept()
    assert (seen, left) == ([[], set()], {})
    assert (await send("menu.pdf"))[0] == HTTPStatus.CREATED


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"", "multipart/form-data; boundary=x"),
        (b"--x\r\n\r\n--x--\r\n", "multipart/form-data; boundary=x"),
        (
            b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.pdf"\r\n\r\n%PDF-',
            "multipart/form-data; boundary=x",
        ),
        (
            b'--x\r\nContent-Disposition: form-data; name="replace"\r\n\r\ntrue\r\n--x--\r\n',
            "multipart/form-data; boundary=x",
        ),
        (b"{}", "application/json"),
        (PDF, "multipart/form-data"),
        (b"--x\r\nnonsense\r\n\r\n%PDF-\r\n--x--\r\n", "multipart/form-data; boundary=x"),
        (b"--x\r\nA: " + b"a" * 9000 + b"\r\n\r\n%PDF-\r\n--x--\r\n", "multipart/form-data; boundary=x"),
        (b"--x\r\n" + b"A: a\r\n" * 200 + b"\r\n%PDF-\r\n--x--\r\n", "multipart/form-data; boundary=x"),
    ],
    ids=[
        "empty",
        "no field",
        "no end",
        "no file",
        "no form",
        "no boundary",
        "no head",
        "long head",
        "many heads",
    ],
)
async def test_what_is_no_form_with_a_file_is_refused(
    client: TestClient[Any, Any], kept: Any, body: bytes, kind: str
) -> None:
    """A bad request is no fault of ours."""
    answer = await client.post(UPLOAD, data=body, headers={"Content-Type": kind})
    assert (answer.status, (await answer.json())["code"]) == (HTTPStatus.BAD_REQUEST, "upload_unreadable")
    assert await kept() == {}


async def test_the_refusal_is_in_the_readers_language(client: TestClient[Any, Any]) -> None:
    """As the pages are."""
    answer = await client.post(UPLOAD, data=b"", headers={"Accept-Language": "de"})
    assert (await answer.json())["message"].startswith("Es kam keine Datei an")


async def test_media_are_browsed_and_resolved(
    hass: HomeAssistant, send: Send, browse: Any, client: TestClient[Any, Any]
) -> None:
    """Folders first; what is hidden, no media, or a link that leads outside is not listed."""
    folder = Path(hass.config.config_dir, "infoscreen", "media")

    def prepare() -> None:
        (folder / "weeks" / "one").mkdir(parents=True)
        (folder / "weeks" / "one" / "b c.mp4").write_bytes(b"\x00\x00\x00\x18ftypisom....")
        (folder / "notes.txt").write_text("no media")
        (folder / ".hidden.pdf").write_bytes(PDF)
        (folder / "false.pdf").write_bytes(b"no PDF")
        (folder.parent / "outside.pdf").write_bytes(PDF)
        (folder / "link.pdf").symlink_to(folder.parent / "outside.pdf")
        (folder / "outside").symlink_to(folder.parent)

    await asyncio.get_running_loop().run_in_executor(None, prepare)
    await send("menu.pdf")
    listed = [child["title"] for child in (await browse("media"))["children"]]
    assert listed == ["weeks", "false.pdf", "menu.pdf"]
    (film,) = (await browse("media/weeks/one"))["children"]
    assert (film["title"], film["media_content_type"], film["can_play"]) == ("b c.mp4", "video/mp4", True)
    resolved = await browse("media/weeks/one/b c.mp4", "resolve")
    answer = await client.get(resolved["url"])
    assert (answer.status, answer.content_type, resolved["mime_type"]) == (200, "video/mp4", "video/mp4")
    for path in ("media/none", "media/../secrets.yaml", "media/outside", "media//", "media/menu.pdf"):
        assert await browse(path) == "browse_media_failed"
    for path in ("media/link.pdf", "media/false.pdf", "media/none.pdf", "media/.hidden.pdf", "media/weeks"):
        assert await browse(path, "resolve") == "resolve_media_failed"


async def test_a_folder_that_may_not_be_read_is_told_as_one_that_is_not_there(
    hass: HomeAssistant, browse: Any
) -> None:
    """Every disk has a lost+found that is the administrator's alone."""
    folder = Path(hass.config.config_dir, "infoscreen", "media", "lost+found")
    await asyncio.get_running_loop().run_in_executor(None, partial(folder.mkdir, parents=True))
    with patch("pathlib.Path.iterdir", side_effect=PermissionError):
        assert await browse("media/lost+found") == "browse_media_failed"
        assert (await browse("media"))["children"] == []


async def test_a_file_that_replaces_a_shown_one_is_published_at_once(
    hass: HomeAssistant, fleet: MockConfigEntry, send: Send, wire: Wire
) -> None:
    """Whoever uploads it looks at the screen."""
    hass.config_entries.async_update_entry(fleet, options={"media_base_url": "http://ha.example"})
    await send("menu.pdf")
    entity = next(
        state.entity_id for state in hass.states.async_all("calendar") if "foyer" in state.entity_id
    )
    times = {"start": "2020-01-01T00:00:00Z", "end": "2099-01-01T00:00:00Z"}
    media = "media-source://infoscreen/media/menu.pdf"
    await hass.services.async_call(
        "infoscreen",
        "add_event",
        {"title": "Menu", "event_type": "presentation", "files": [media], **times},
        target={"entity_id": entity},
        blocking=True,
    )
    await wire.settle()
    sizes = [wire.rest()[-1].json[0]["presentation"]["files"][0]["size"]]
    await send("menu.pdf", PDF + b".", replace="true")
    await wire.settle()
    sizes.append(wire.said("infoscreen/events/12").json[0]["presentation"]["files"][0]["size"])
    assert sizes == [len(PDF), len(PDF) + 1]


@pytest.mark.parametrize("place", ["arriving", "media/.arriving"], ids=["beside", "on another disk"])
async def test_a_power_cuts_remnants_are_cleared_away(
    hass: HomeAssistant, entry: MockConfigEntry, wire: Wire, place: str
) -> None:
    """At the next start."""
    remnant = Path(hass.config.config_dir, "infoscreen", place, "half")

    def leave() -> None:
        remnant.parent.mkdir(parents=True)
        remnant.write_bytes(PDF)

    loop = asyncio.get_running_loop()
    await loop.run_in_executor(None, leave)
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await wire.settle()
    wire.rest()
    assert not await loop.run_in_executor(None, remnant.exists)


@pytest.mark.parametrize("action", ["add_event", "update_event", "detach_occurrence", "start_takeover"])
def test_whatever_is_kept_can_be_chosen(action: str) -> None:
    """Product, "Actions": the form of an action offers what is there to be shown."""
    accepted = load_yaml_dict(str(ACTIONS))[action]["fields"]["media"]["selector"]["media"]["accept"]
    refused = {
        ending
        for ending, kind in KINDS.items()
        if not any(fnmatchcase(kind.mime_type, pattern) for pattern in accepted)
    }
    assert refused == set()
