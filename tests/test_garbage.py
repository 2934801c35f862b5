"""Arbitrary bytes and arbitrary JSON on every topic: nothing breaks, and nothing changes but counters."""

from collections.abc import Callable, Mapping
import json
import logging
import string
from typing import Any

from homeassistant.const import EVENT_STATE_CHANGED
from homeassistant.core import Event, EventStateChangedData, HomeAssistant
from homeassistant.helpers import device_registry as dr, entity_registry as er
from hypothesis import HealthCheck, given, settings, strategies as st
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, async_capture_events

from custom_components.infoscreen.model.topics import Kind, Topics

from .conftest import UUID, Look, PassTime
from .wire import Wire

HEALTHY = {
    "expected_state": {"event_id": 42},
    "actual_state": {"process": "display_manager", "pid": 1234, "status": "running"},
    "health_metrics": {
        "screen_on": True,
        "last_frame_update": "2026-11-21T08:00:00Z",
        "screen_health_status": "OK",
    },
    "broker_connection": {
        "broker_reachable": True,
        "reconnect_count": 2,
        "last_disconnect_at": "2026-11-21T07:00:00Z",
    },
}
HEARTBEAT = {"current_process": "chromium", "process_pid": 1234, "process_status": "running"}
DISCOVERY = dict.fromkeys(
    (
        *("uuid", "hostname", "ip", "mac", "model", "hardware_token", "os_version", "software_version"),
        *("recovery_class", "watchdog_enabled", "boot_source"),
    )
)
OTHERS = {
    "timestamp": None,
    "image": None,
    "data": None,
    "screenshot_type": None,
    "message": {"client_id": None, "status": None},
    "context": None,
    "content": {"screenshot": dict.fromkeys(("filename", "data", "timestamp", "size"))},
    "runtime": {"process_health": None, "system_info": None},
    "metadata": {"schema_version": None, "capture": {"type": None, "captured_at": None}},
    **dict.fromkeys(("event", "unit", "failed_at", "command_id", "status", "error_code", "error_message")),
}
# No field of the contract can be spelled without a small letter: such JSON means nothing to anybody.
STRANGE = st.text(st.characters(codec="utf-8", exclude_characters=string.ascii_lowercase), max_size=20)
LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
ANYTHING = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(STRANGE, inner, max_size=4)
)
# Right for no field: each wants text, a whole number from zero, a yes or no, a moment, or a block.
WRONG = (
    st.floats(allow_nan=False).filter(lambda value: not value.is_integer())
    | st.integers(max_value=-1)
    | st.lists(LEAVES, max_size=3)
    | st.dictionaries(STRANGE, LEAVES, max_size=2)
)


def spoilt(shape: Mapping[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Return messages of a shape of which no field holds what it should."""
    fields = {name: spoilt(field) if isinstance(field, dict) else WRONG for name, field in shape.items()}
    return st.fixed_dictionaries({}, optional=fields)


SPOILT = st.builds(json.dumps, spoilt(HEALTHY | HEARTBEAT | DISCOVERY | OTHERS)).map(str.encode)
PAYLOADS = st.one_of(
    st.binary(max_size=200),
    st.builds(json.dumps, ANYTHING).map(str.encode),
    SPOILT,
    SPOILT,
    st.builds(lambda payload, cut: payload[:cut], SPOILT, st.integers(0, 60)),
    st.sampled_from(
        [b"[" * 5000, b'{"a":' + b"[" * 300 + b"]" * 300 + b"}", b"{}", b" " * 70_000, b'{"a": 1e400}']
    ),
)
LEVELS = st.text(st.characters(codec="utf-8", exclude_characters="/+#\0"), min_size=1, max_size=20)
SPEAKERS = st.sampled_from([UUID, UUID.upper()]) | LEVELS


@st.composite
def topics(draw: Callable[[st.SearchStrategy[str]], str]) -> str:
    """Return a topic that is listened to: of the screen, or of nobody."""
    levels = draw(st.sampled_from(sorted(Topics(prefix="infoscreen").subscriptions()))).split("/")
    wild = iter((SPEAKERS, *[st.sampled_from(["error", "warn", "info"]) | LEVELS] * len(levels)))
    return "/".join(draw(next(wild)) if level == "+" else level for level in levels)


@pytest.fixture
async def lively(detailed: str, wire: Wire) -> str:
    """Give a screen, all of its entities enabled, something that could change; the time stands still."""
    await wire.hears(f"infoscreen/{detailed}/heartbeat", HEARTBEAT)
    await wire.hears(f"infoscreen/{detailed}/health", HEALTHY)
    return detailed


@pytest.fixture
def changes(hass: HomeAssistant, lively: str) -> list[Event[EventStateChangedData]]:
    """Record what changes from now on."""
    return async_capture_events(hass, EVENT_STATE_CHANGED)


def registered(hass: HomeAssistant) -> tuple[list[str], list[str]]:
    """Return what there is."""
    return list(er.async_get(hass).entities), [device.id for device in dr.async_get(hass).devices]


def is_complaint(record: logging.LogRecord) -> bool:
    """Tell whether something went wrong; that a payload is no text Home Assistant says of its own accord."""
    ours = record.name.startswith("custom_components")
    return record.levelno >= (logging.WARNING if ours else logging.ERROR)


@settings(max_examples=500, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(topic=topics(), payload=PAYLOADS, retain=st.sampled_from([False, False, True]))
async def test_garbage_changes_nothing(
    hass: HomeAssistant,
    wire: Wire,
    caplog: pytest.LogCaptureFixture,
    changes: list[Event[EventStateChangedData]],
    topic: str,
    payload: bytes,
    retain: bool,
) -> None:
    """On all that is listened to, in the screen's own name too, retained or not."""
    changes.clear()
    before = registered(hass)
    await wire.hears(topic, payload, retain=retain)
    assert [change.data for change in changes] == []
    assert registered(hass) == before
    assert wire.rest() == []
    assert [each.getMessage() for each in caplog.records if is_complaint(each)] == []


async def test_garbage_is_counted_once_on_every_topic(
    lively: str, fleet: MockConfigEntry, wire: Wire, look: Look, pass_time: PassTime
) -> None:
    """A bare heartbeat alone is a sign of life, whatever it says."""
    heard = Topics(prefix="infoscreen").subscriptions()
    for topic in heard:
        await wire.hears(topic.replace("+", lively, 1).replace("+", "error"), b"\xff")
    await pass_time(61)
    counted = look.state("sensor", f"{fleet.entry_id}_rejected_messages")
    assert int(counted) == sum(kind is not Kind.HEARTBEAT for kind in heard.values())
