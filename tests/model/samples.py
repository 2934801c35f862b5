"""A screen, a command and an event as the contract's examples have them; tests change what they are about."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
import json
from pathlib import Path
from typing import Any

from custom_components.infoscreen.model.commands import Command
from custom_components.infoscreen.model.fleet import Screen
from custom_components.infoscreen.model.lifecycle import Action
from custom_components.infoscreen.model.schedule.events import Event, EventType
from custom_components.infoscreen.model.wire import as_json

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
UUID = "0B9E1A52-7c3d-4e5f-8a1b-2c3d4e5f6a7b"  # screens spell it as they like
COMMAND_ID = "5c0ffee5-1234-4abc-8def-0123456789ab"

_COMMAND = Command(
    command_id=COMMAND_ID,
    uuid=UUID,
    action=Action.REBOOT_HOST,
    issued_at=NOW,
    expires_at=NOW + timedelta(seconds=240),
    since=NOW,
    reason="operator_request",
    user="0123456789abcdef",
)
_EVENT = Event(
    event_id=148,
    group_id=12,
    title="Frühstück & Menü",
    start=datetime.fromisoformat("2026-03-02T08:00"),
    end=datetime.fromisoformat("2026-03-02T16:00"),
    time_zone="Europe/Vienna",
    event_type=EventType.WEBSITE,
    url="https://example.org/menu?day=1",
)
_GOLDEN = Path(__file__).parent / "golden"


def seconds(number: float) -> timedelta:
    """Return a time span."""
    return timedelta(seconds=number)


def command(**changes: Any) -> Command:
    """Return a reboot that has just been asked for."""
    return replace(_COMMAND, **changes)


def screen(**changes: Any) -> Screen:
    """Return a screen that has been heard."""
    return replace(Screen(uuid=UUID, hostname="foyer-1", heard=True), **changes)


def event(**changes: Any) -> Event:
    """Return a website shown during school hours in Vienna."""
    return replace(_EVENT, **changes)


def on_the_wire(payload: Any) -> Any:
    """Return a payload as it is read at the other end."""
    return json.loads(as_json(payload))


def golden(name: str) -> Any:
    """Return what a payload must be."""
    return json.loads((_GOLDEN / f"{name}.json").read_text(encoding="utf-8"))
