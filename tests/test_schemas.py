"""Commands and acks are valid by the contract's JSON Schemas, and those tell what is not."""

import json
from pathlib import Path
from typing import Any

from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from .conftest import Look
from .schema import faults, schema
from .wire import Wire

SIMULATED = Path(__file__).parent / "simulator" / "golden"
COMMAND: dict[str, Any] = json.loads(
    (Path(__file__).parent / "model" / "golden" / "command_reboot_host.json").read_text(encoding="utf-8")
)


@pytest.mark.parametrize("action", ["reboot", "shutdown", "restart_app"])
@pytest.mark.parametrize("reason", [None, "ü" * 2000], ids=["no reason", "the longest"])
async def test_commands_are_valid(
    hass: HomeAssistant,
    fleet: MockConfigEntry,
    screen: str,
    wire: Wire,
    look: Look,
    action: str,
    reason: str | None,
) -> None:
    """Contract, "command": a v1 client rejects what it does not know."""
    data = {"device_id": look.device(fleet, screen).id, **({"reason": reason} if reason else {})}
    await hass.services.async_call("infoscreen", action, data, blocking=True)
    sent = [said.json for said in wire.rest() if "/command" in said.topic]
    assert len(sent) == 2
    assert [fault for command in sent for fault in faults(command, schema("command"))] == []


@pytest.mark.parametrize("story", ["reboot", "refuse", "restart_app", "shut_down"])
def test_the_simulators_acks_are_valid(story: str) -> None:
    """Contract, "ack": what the simulator says is what screens say."""
    told = json.loads((SIMULATED / f"{story}.json").read_text(encoding="utf-8"))
    acks = [each["payload"] for each in told if each.get("publish", "").endswith("/ack")]
    assert acks
    assert [fault for ack in acks for fault in faults(ack, schema("ack"))] == []


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"user": "anna"}, "$: user is unknown"),
        ({"schema_version": "1"}, "$.schema_version: const"),
        ({"command_id": "5c0ffee5"}, "$.command_id: pattern"),
        ({"action": "reboot"}, "$.action: enum"),
        ({"issued_at": "2026-03-02T09:30:00.5Z"}, "$.issued_at: pattern"),
        ({"requested_by": 0}, "$.requested_by: minimum"),
        ({"requested_by": "anna"}, "$.requested_by: type"),
        ({"reason": "x" * 2001}, "$.reason: maxLength"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else None,
)
def test_what_is_wrong_with_a_command_is_found(change: dict[str, Any], fault: str) -> None:
    """A schema that lets everything pass would hold nothing."""
    assert list(faults(COMMAND, schema("command"))) == []
    assert list(faults(COMMAND | change, schema("command"))) == [fault]
    missing = {name: value for name, value in COMMAND.items() if name not in change}
    assert len(list(faults(missing, schema("command")))) == len(COMMAND.keys() & change.keys())
