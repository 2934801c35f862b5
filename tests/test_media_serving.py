"""Screens fetch files: whole, in part, again, slowly; and nobody fetches anything else."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from http import HTTPStatus
from pathlib import Path
import socket
from typing import Any
from unittest.mock import patch
from urllib.parse import quote

from aiohttp.test_utils import TestClient
from homeassistant.core import HomeAssistant
from hypothesis import HealthCheck, example, given, settings, strategies as st
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator
from yarl import URL

from .conftest import Look
from .wire import Wire

FILM = b"\x00\x00\x00\x18ftypmp42" + bytes(range(256)) * 400
LARGE = b"\x00\x00\x00\x18ftypmp42" + bytes(16 * 2**20)
SECRET = b"%PDF-1.7 of no event"
OUTSIDE = b"%PDF-1.7 for nobody"
BASE = "http://ha.school.example"

type Client = TestClient[Any, Any]


@pytest.fixture
def options() -> dict[str, Any]:
    """Let screens find Home Assistant under an address of its own."""
    return {"media_base_url": BASE}


@pytest.fixture
async def client(fleet: MockConfigEntry, hass_client_no_auth: ClientSessionGenerator) -> Client:
    """Return a client without a login."""
    return await hass_client_no_auth()


@pytest.fixture
async def film(hass: HomeAssistant, fleet: MockConfigEntry, wire: Wire, look: Look) -> str:
    """Show a film, and return where it is fetched from; beside it lies what no event shows."""
    folder = Path(hass.config.config_dir, "infoscreen", "media")

    def prepare() -> None:
        (folder / "more").mkdir(parents=True)
        (folder / "film.mp4").write_bytes(FILM)
        for place in (folder, folder / "more"):
            (place / "secret.pdf").write_bytes(SECRET)
        for place in (folder.parent, folder.parent.parent):
            (place / "secret.pdf").write_bytes(OUTSIDE)
        (folder / "out").symlink_to(folder.parent)
        (folder / "link.pdf").symlink_to(folder.parent / "secret.pdf")
        (folder / "film.mp4.gz").write_bytes(SECRET)

    await asyncio.get_running_loop().run_in_executor(None, prepare)
    await hass.services.async_call(
        "infoscreen",
        "add_event",
        {
            "title": "Film",
            "event_type": "video",
            "media": "media-source://infoscreen/media/film.mp4",
            "start": "2020-01-01T00:00:00Z",
            "end": "2099-01-01T00:00:00Z",
        },
        target={"device_id": look.device(fleet, f"{fleet.entry_id}_group_12").id},
        blocking=True,
    )
    await wire.settle()
    (event,) = wire.said("infoscreen/events/12").json
    url: str = event["video"]["url"].removeprefix(BASE)
    return url


@pytest.fixture
async def member(film: str, hass_client: ClientSessionGenerator) -> Client:
    """Return a client that is logged in."""
    return await hass_client()


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [
        ("bytes=0-9", 0, 9),
        ("bytes=100-", 100, len(FILM) - 1),
        ("bytes=-10", len(FILM) - 10, len(FILM) - 1),
        (f"bytes=-{len(FILM) + 1}", 0, len(FILM) - 1),
        (f"bytes=10-{len(FILM) * 2}", 10, len(FILM) - 1),
        (f"BYTES={len(FILM) - 1}-", len(FILM) - 1, len(FILM) - 1),
    ],
)
async def test_a_part_is_fetched(client: Client, film: str, asked: str, first: int, last: int) -> None:
    """A video is sought in; GET and HEAD say the same."""
    answer = await client.get(film, headers={"Range": asked})
    assert (answer.status, await answer.read()) == (HTTPStatus.PARTIAL_CONTENT, FILM[first : last + 1])
    assert answer.headers["Content-Range"] == f"bytes {first}-{last}/{len(FILM)}"
    told = await client.head(film, headers={"Range": asked})
    assert (told.status, await told.read()) == (HTTPStatus.PARTIAL_CONTENT, b"")
    for header in ("Content-Range", "Content-Length", "ETag", "Content-Type", "Accept-Ranges"):
        assert told.headers[header] == answer.headers[header]


@pytest.mark.parametrize("asked", ["bytes=5-2", "bytes=-", "bytes=0-1,5-6", "lines=1-2", "bytes=a-", "bytes"])
async def test_what_makes_no_sense_is_answered_with_the_whole(client: Client, film: str, asked: str) -> None:
    """RFC 9110: a range that is invalid or of another unit is ignored, several may be."""
    answer = await client.get(film, headers={"Range": asked})
    assert (answer.status, await answer.read()) == (HTTPStatus.OK, FILM)
    assert answer.headers["Accept-Ranges"] == "bytes"


@pytest.mark.parametrize(
    "asked", [f"bytes={len(FILM)}-", f"bytes={len(FILM) + 5}-{len(FILM) + 9}", "bytes=-0"]
)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_a_part_past_the_end_is_told_where_the_end_is(
    client: Client, film: str, method: str, asked: str
) -> None:
    """Fine points, "Content"."""
    answer = await client.request(method, film, headers={"Range": asked})
    assert answer.status == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE
    assert answer.headers["Content-Range"] == f"bytes */{len(FILM)}"


async def test_what_somebody_has_already_is_not_sent_again(client: Client, film: str) -> None:
    """By its tag; a part only of the file that the rest is of."""
    tag = (await client.get(film)).headers["ETag"]
    for asked in (tag, f'"other", {tag}', f"W/{tag}", "*"):
        answer = await client.get(film, headers={"If-None-Match": asked})
        assert (answer.status, await answer.read()) == (HTTPStatus.NOT_MODIFIED, b"")
        assert answer.headers["ETag"] == tag
    assert (await client.get(film, headers={"If-None-Match": '"other"'})).status == HTTPStatus.OK
    for condition, status in ((tag, HTTPStatus.PARTIAL_CONTENT), ('"other"', HTTPStatus.OK)):
        answer = await client.get(film, headers={"Range": "bytes=0-9", "If-Range": condition})
        assert answer.status == status


async def test_a_packed_file_beside_it_is_another_file(client: Client, film: str) -> None:
    """Not what the event shows."""
    answer = await client.get(film, headers={"Accept-Encoding": "gzip"}, auto_decompress=False)
    assert await answer.read() == FILM


async def test_what_became_something_else_is_not_sent(hass: HomeAssistant, client: Client, film: str) -> None:
    """Not even in the minute before that is noticed."""
    path = Path(hass.config.config_dir, "infoscreen", "media", "film.mp4")
    await asyncio.get_running_loop().run_in_executor(None, path.write_bytes, b"<script>alert(1)</script>")
    assert (await client.get(film)).status == HTTPStatus.NOT_FOUND


STEPS = st.sampled_from(
    ["..", ".", "more", "media", "infoscreen", "secret.pdf", "film.mp4", "link.pdf", "out", "", "~"]
)
CODES: tuple[Callable[[str], str], ...] = (
    lambda path: path,
    lambda path: quote(path, safe=""),
    lambda path: quote(quote(path, safe=""), safe=""),
    lambda path: path.replace("/", "\\"),
    lambda path: path.replace("/", "%5c"),
    lambda path: path.replace(".", "%2e"),
    lambda path: path.replace(".", "%c0%ae"),
    lambda path: f"{path}%00",
    lambda path: f"/{path}",
)


def fetched(client: Client, path: str) -> tuple[int, bytes]:
    """Ask for a path as it is."""

    async def fetch() -> tuple[int, bytes]:
        answer = await client.session.get(URL(f"{client.make_url('/')}{path}", encoded=True))
        return answer.status, await answer.read()

    return asyncio.get_event_loop().run_until_complete(fetch())


NOTHING = {HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND, HTTPStatus.BAD_REQUEST}
FORGED = ("{token}x", "01-{seal}")
TOKENS = st.sampled_from(
    ["{token}", "1-", "2-{seal}", "01-{seal}", "{seal}", "{token}x", "1", "..", "%2e%2e", "{token}%00", "1-ä"]
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200)
@given(names=st.lists(STEPS, min_size=1, max_size=5), code=st.sampled_from(CODES), token=TOKENS)
@example(names=["film.mp4"], code=CODES[0], token=FORGED[0])
@example(names=["film.mp4"], code=CODES[0], token=FORGED[1])
def test_no_path_and_no_token_reaches_another_file(
    client: Client, film: str, names: list[str], code: Callable[[str], str], token: str
) -> None:
    """Whatever somebody asks for, it is the film of the event or nothing."""
    right = film.split("/")[-2]
    path, asked = "/".join(names), token.format(token=right, seal=right.partition("-")[2])
    status, content = fetched(client, f"api/infoscreen/media/{quote(asked, safe='%-')}/{code(path)}")
    assert (status, content) == (HTTPStatus.OK, FILM) or status in NOTHING
    if (asked, path) != (right, "film.mp4"):
        assert status in NOTHING


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200)
@given(names=st.lists(STEPS, min_size=1, max_size=5), code=st.sampled_from(CODES))
@example(names=["link.pdf"], code=CODES[0])
@example(names=["out", "secret.pdf"], code=CODES[0])
def test_no_path_leads_out_of_the_folder(
    member: Client, film: str, names: list[str], code: Callable[[str], str]
) -> None:
    """Not for those who are logged in either."""
    status, content = fetched(member, f"api/infoscreen/files/{code('/'.join(names))}")
    assert (status, content) in {(HTTPStatus.OK, FILM), (HTTPStatus.OK, SECRET)} or status in NOTHING


async def test_the_folder_is_for_those_who_are_logged_in(client: Client, member: Client, film: str) -> None:
    """Screens have their tokens."""
    path = "/api/infoscreen/files/more/secret.pdf"
    assert (await client.get(path)).status == HTTPStatus.UNAUTHORIZED
    answer = await member.get(path)
    assert (await answer.read(), answer.content_type) == (SECRET, "application/pdf")


# Readers that stall


@pytest.fixture
async def large(socket_enabled: None, hass: HomeAssistant, film: str) -> str:
    """Make the film larger than what lies between two programs."""
    path = Path(hass.config.config_dir, "infoscreen", "media", "film.mp4")
    await asyncio.get_running_loop().run_in_executor(None, path.write_bytes, LARGE)
    return film


async def stalled(client: Client, path: str) -> socket.socket:
    """Ask for a file and take nothing of it."""
    reader = socket.socket()
    reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    reader.settimeout(0)
    loop = asyncio.get_running_loop()
    await loop.sock_connect(reader, (client.host, client.port))
    await loop.sock_sendall(reader, f"GET {path} HTTP/1.1\r\nHost: ha\r\n\r\n".encode())
    return reader


async def test_many_that_stall_hold_up_nobody(client: Client, large: str) -> None:
    """More of them than Home Assistant has threads."""
    readers = [await stalled(client, large) for _ in range(80)]
    await asyncio.sleep(0.5)
    async with asyncio.timeout(20):
        assert await (await client.get(large)).read() == LARGE
    for reader in readers:
        reader.close()


async def test_who_stalls_is_let_go(client: Client, large: str) -> None:
    """And can see that it was not all."""
    with patch("custom_components.infoscreen.media_views.serving.STALLED_AFTER", timedelta(seconds=0.5)):
        reader = await stalled(client, large)
        await asyncio.sleep(2)
        received = 0
        while chunk := await asyncio.get_running_loop().sock_recv(reader, 65_536):
            received += len(chunk)
        assert received < len(LARGE)
        reader.close()


async def test_a_file_that_is_replaced_meanwhile_is_cut_off(
    hass: HomeAssistant, client: Client, large: str
) -> None:
    """Half of one film and half of another would be none."""
    reader = await stalled(client, large)
    await asyncio.sleep(0.5)
    path = Path(hass.config.config_dir, "infoscreen", "media", "film.mp4")
    loop = asyncio.get_running_loop()
    await loop.run_in_executor(None, path.write_bytes, b"\xff" * len(LARGE))
    received = bytearray()
    with suppress(ConnectionResetError):
        while chunk := await loop.sock_recv(reader, 65_536):
            received += chunk
    content = received.partition(b"\r\n\r\n")[2]
    assert content
    assert len(content) < len(LARGE)
    assert LARGE.startswith(content)
    reader.close()
