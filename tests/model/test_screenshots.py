"""Test how screenshots are read."""

from base64 import b64encode, encodebytes
from datetime import UTC, datetime
import json
from typing import Any

from hypothesis import given, strategies as st
import pytest

from custom_components.infoscreen.model.messages import Capture, Screenshot
from custom_components.infoscreen.model.reading import Rejection
from custom_components.infoscreen.model.screenshots import (
    MAX_PICTURE_SIZE,
    MAX_SCREENSHOT_JSON_SIZE,
    ReadScreenshot,
    is_hasty,
    read_screenshot,
)
from custom_components.infoscreen.model.topics import Kind

from ..pictures import dashboard, picture
from .samples import UUID

OTHER = "11111111-2222-4333-8444-555555555555"
TAKEN = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
ENCODED = b64encode(picture()).decode()
KINDS = [Kind.DASHBOARD, Kind.SCREENSHOT]


def read(kind: Kind, payload: Any) -> ReadScreenshot:
    """Read a JSON payload that our screen sent."""
    return read_screenshot(kind, UUID, json.dumps(payload).encode())


@pytest.mark.parametrize("capture", Capture)
def test_the_contracts_own_messages_are_read_whole(capture: Capture) -> None:
    """Contract, "dashboard v2" and "screenshot"."""
    whole = ReadScreenshot(screenshot=Screenshot(picture=picture(), capture=capture, captured_at=TAKEN))
    assert read(Kind.DASHBOARD, dashboard(picture(), capture, UUID.upper())) == whole
    older = {"screenshot_type": capture, "timestamp": "2026-03-02T09:30:00"}
    for name in ("image", "data"):
        assert read(Kind.SCREENSHOT, older | {name: ENCODED}) == whole
    assert [each for each in Capture if each.priority] == ["event_start", "event_stop"]


def test_raw_bytes_are_a_periodic_screenshot() -> None:
    """Contract, "screenshot"; also where the connection hands out what could be changed."""
    for raw in (picture(), bytearray(picture())):
        found = read_screenshot(Kind.SCREENSHOT, UUID, raw)
        assert found == ReadScreenshot(screenshot=Screenshot(picture=picture()))


@pytest.mark.parametrize(
    "encoded",
    [encodebytes(picture()).decode(), f" {ENCODED}\r\n", f"data:image/jpeg;base64,{ENCODED}"],
    ids=["in lines", "with space around", "a data URL"],
)
def test_base64_may_be_written_in_several_ways(encoded: str) -> None:
    """Every one of them is in use somewhere."""
    assert read(Kind.SCREENSHOT, {"image": encoded}).screenshot == Screenshot(picture=picture())


@pytest.mark.parametrize("encoded", ["%", "abc", "ä", "YQ==YQ==", "YQ==x", "=", "data:,YQ=="], ids=repr)
def test_what_is_no_base64_is_no_picture(encoded: str) -> None:
    """Strictly: nothing is skipped until something fits."""
    assert read(Kind.SCREENSHOT, {"image": encoded}) == ReadScreenshot(rejection=Rejection.INVALID_IMAGE)


@pytest.mark.parametrize(
    ("kind", "payload", "rejection"),
    [
        (Kind.DASHBOARD, b"alive", Rejection.INVALID_JSON),
        (Kind.DASHBOARD, picture(), Rejection.INVALID_JSON),
        (Kind.DASHBOARD, b"{'a': 1}", Rejection.INVALID_JSON),
        (Kind.SCREENSHOT, b"alive", Rejection.INVALID_IMAGE),
        (Kind.SCREENSHOT, b"{NaN}", Rejection.INVALID_JSON),
        (Kind.DASHBOARD, b"{}".rjust(MAX_SCREENSHOT_JSON_SIZE + 1), Rejection.TOO_LARGE),
        (Kind.SCREENSHOT, picture().ljust(MAX_PICTURE_SIZE + 1), Rejection.TOO_LARGE),
    ],
    ids=["no JSON", "a picture", "nearly JSON", "no picture", "no number", "large JSON", "a large picture"],
)
def test_what_cannot_be_read_says_why(kind: Kind, payload: bytes, rejection: Rejection) -> None:
    """Contract, "Bounds"."""
    assert read_screenshot(kind, UUID, payload) == ReadScreenshot(rejection=rejection)


def test_a_picture_may_be_as_large_in_json_as_it_may_be_raw() -> None:
    """Contract, "Bounds": 8 MiB either way."""
    large, larger = (b64encode(bytes(MAX_PICTURE_SIZE + more)).decode() for more in (0, 1))
    found = read(Kind.SCREENSHOT, {"image": large}).screenshot
    assert found is not None
    assert len(found.picture) == MAX_PICTURE_SIZE
    assert read(Kind.SCREENSHOT, {"image": larger}) == ReadScreenshot(rejection=Rejection.TOO_LARGE)


@pytest.mark.parametrize(
    ("kind", "payload"),
    [
        (Kind.DASHBOARD, dashboard(picture(), uuid=OTHER)),
        (Kind.DASHBOARD, dashboard(picture()) | {"client_uuid": OTHER}),
        (Kind.DASHBOARD, dashboard(picture()) | {"message": {"client_uuid": 5}}),
        (Kind.SCREENSHOT, {"image": ENCODED, "client_uuid": OTHER}),
    ],
    ids=["in the message", "beside it", "a number", "older"],
)
def test_a_screen_shows_its_own_picture_only(kind: Kind, payload: Any) -> None:
    """Contract, head."""
    assert read(kind, payload) == ReadScreenshot(rejection=Rejection.SPOOFED)


@pytest.mark.parametrize(
    "metadata",
    [
        {"capture": {"type": 7}},
        {"capture": {"type": ["event_start"]}},
        {"capture": {"captured_at": 7}},
        {"capture": {"captured_at": "noon"}},
        {"capture": "event_start"},
        [],
    ],
    ids=repr,
)
def test_only_the_picture_must_be_right(metadata: Any) -> None:
    """Edges, "Screens": what is wrong is left out, the rest is used, and the message counts once."""
    assert read(Kind.DASHBOARD, dashboard(picture()) | {"metadata": metadata}) == ReadScreenshot(
        screenshot=Screenshot(picture=picture()), rejection=Rejection.WRONG_TYPE
    )


@pytest.mark.parametrize(
    "rest",
    [
        {"metadata": None},
        {"metadata": {"capture": {"type": "event_paused"}}},
        {"message": "alive"},
        {"runtime": 5},
    ],
    ids=repr,
)
def test_what_is_not_relied_on_may_be_anything(rest: Any) -> None:
    """Contract, "dashboard v2"."""
    payload = dashboard(picture()) | {"metadata": {}} | rest
    assert read(Kind.DASHBOARD, payload) == ReadScreenshot(screenshot=Screenshot(picture=picture()))


@pytest.mark.parametrize(
    ("kind", "payload", "rejection"),
    [
        (Kind.DASHBOARD, {}, None),
        (Kind.DASHBOARD, {"content": {"screenshot": None}}, None),
        (Kind.DASHBOARD, {"content": {"screenshot": {"data": None}}}, None),
        (Kind.DASHBOARD, {"content": {"screenshot": ENCODED}}, Rejection.WRONG_TYPE),
        (Kind.DASHBOARD, {"content": {"screenshot": {"data": 5}}}, Rejection.WRONG_TYPE),
        (Kind.SCREENSHOT, {}, Rejection.WRONG_TYPE),
        (Kind.SCREENSHOT, {"image": 5, "data": ENCODED}, Rejection.WRONG_TYPE),
    ],
    ids=repr,
)
def test_without_a_picture_there_is_none(kind: Kind, payload: Any, rejection: Rejection | None) -> None:
    """A dashboard may be without one, a screenshot may not."""
    assert read(kind, payload) == ReadScreenshot(rejection=rejection)


def test_haste_is_seen_without_reading() -> None:
    """Megabytes are not read while others wait."""
    payloads = [json.dumps(dashboard(picture(), capture)).encode() for capture in Capture]
    assert [is_hasty(payload) for payload in payloads] == [False, True, True]


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=8)
    | st.sampled_from([UUID, ENCODED, "event_stop"]),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(
            st.sampled_from(
                ["message", "content", "screenshot", "metadata", "capture", "type", "data", "client_id"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@pytest.mark.parametrize("kind", KINDS)
@given(
    payload=VALUES
    | st.fixed_dictionaries({}, optional={"message": VALUES, "content": VALUES, "image": VALUES})
)
def test_no_json_makes_us_stumble(kind: Kind, payload: Any) -> None:
    """Whatever is read is a screenshot, a reason, or a dashboard without either."""
    found = read(kind, payload)
    assert found.screenshot is None or isinstance(found.screenshot.picture, bytes)
    assert kind is Kind.DASHBOARD or found != ReadScreenshot()


@pytest.mark.parametrize("kind", KINDS)
@given(payload=st.binary(max_size=60))
def test_no_bytes_make_us_stumble(kind: Kind, payload: bytes) -> None:
    """Anybody with an account may publish anything."""
    found = read_screenshot(kind, UUID, payload)
    assert (found.screenshot is None) or payload[:2] in {b"\xff\xd8", b"\x89P"}
