"""Hold every message of a screen against golden files, which are the contract by example."""

from collections.abc import Callable
import json
from pathlib import Path
from typing import Any

import pytest

from simulator import Fault
from simulator.effects import Disconnect, Effect, Publish, Subscribe, Unsubscribe
from simulator.wire import LogLevel

from .lab import UUID, Lab, ack, command, event, intent

GOLDEN = Path(__file__).parent / "golden"


def connect(lab: Lab) -> None:
    """Connect for the first time."""
    lab.effects = lab.screen.connected(lab.now)


def show(lab: Lab) -> None:
    """Show an event of a group, then none, with the TV off in between."""
    lab.connects().hears("discovery_ack", ack(12)).hears("infoscreen/events/12", [event(42)])
    lab.hears("infoscreen/groups/12/power/intent", intent("off", group_id=12)).after(5)
    lab.hears("infoscreen/events/12", []).hears("group_id", b"")


def reconnect(lab: Lab) -> None:
    """Lose the connection and find it again."""
    lab.connects().screen.disconnected(lab.now)
    lab.after(7)
    lab.effects = lab.screen.connected(lab.now)


def complain(lab: Lab) -> None:
    """Write the log, and give a service up."""
    lab.connects()
    lab.effects += lab.screen.log(LogLevel.ERROR, "The film is torn", {"code": 7}, lab.now)
    lab.effects += lab.screen.log(LogLevel.INFO, "It is glued", "by hand", lab.now)
    lab.effects += lab.screen.fail_service("infoscreen.service", lab.now)
    lab.hears("commands", b"{}")


def reboot(lab: Lab) -> None:
    """Reboot by command."""
    lab.connects().hears("commands", command()).hears("command", command()).after(4)
    lab.comes_back()


def shut_down(lab: Lab) -> None:
    """Shut down by command."""
    lab.connects().hears("commands", command("shutdown_host")).after(4)


def restart_app(lab: Lab) -> None:
    """Restart the app by command."""
    lab.connects().hears("commands", command("restart_app"))
    lab.now = lab.now.replace(microsecond=0)
    lab.after(8)


def refuse(lab: Lab) -> None:
    """Refuse a command for each reason there is."""
    lab.connects().screen.fault(Fault.FAILED)
    ids = [f"00000000-0000-4000-8000-00000000000{n}" for n in range(5)]
    lab.hears("commands", {"command_id": ids[0]})
    lab.hears("commands", command(command_id=ids[1], extra=True))
    lab.hears("commands", command(command_id=ids[2], expires_at="2026-03-02T11:00:00Z"))
    lab.hears("commands", command(command_id=ids[2]))
    lab.hears("commands", command(command_id=ids[3], client_uuid=ids[3]))
    lab.hears("commands", command(command_id=ids[4])).after(4)


SCENES: list[Callable[[Lab], None]] = [
    connect,
    show,
    reconnect,
    complain,
    reboot,
    shut_down,
    restart_app,
    refuse,
]


def written(effect: Effect) -> dict[str, Any]:
    """Write an effect as a golden file has it."""
    match effect:
        case Publish(topic=topic, payload=payload, qos=qos, retain=retain):
            return {"publish": topic, "qos": qos, "retain": retain, "payload": json.loads(payload)}
        case Subscribe(topics=topics):
            return {"subscribe": list(topics)}
        case Unsubscribe(topics=topics):
            return {"unsubscribe": list(topics)}
        case Disconnect():
            return {"disconnect": True}


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.__name__)
def test_every_message_is_as_its_golden_file(scene: Callable[[Lab], None]) -> None:
    """A contract that is frozen allows no drift, be it of a flag or of a number's type."""
    lab = Lab()
    scene(lab)
    said = json.dumps([written(effect) for effect in lab.effects], indent=2) + "\n"
    assert said == (GOLDEN / f"{scene.__name__}.json").read_text(encoding="utf-8")


def test_a_screen_listens_to_what_is_its_own() -> None:
    """A broker's access list grants a screen no other topics."""
    lab = Lab().connects()
    leaves = ("discovery_ack", "group_id", "power/intent", "command", "commands")
    own = tuple(f"infoscreen/{UUID}/{leaf}" for leaf in leaves)
    assert lab.screen.listens_to == own
    lab.hears("group_id", b"12")
    assert lab.screen.listens_to == (*own, "infoscreen/events/12", "infoscreen/groups/12/power/intent")


def test_every_topic_is_under_the_prefix_except_the_legacy_one() -> None:
    """Several fleets share a broker."""
    lab = Lab(prefix="site1/infoscreen")
    lab.effects = lab.screen.connected(lab.now)
    lab.effects += lab.screen.hears(f"site1/infoscreen/{UUID}/group_id", b"12", lab.now)
    topics = [
        *lab.screen.listens_to,
        *(effect.topic for effect in lab.effects if isinstance(effect, Publish)),
    ]
    assert [topic for topic in topics if not topic.startswith("site1/infoscreen/")] == []
    assert "site1/infoscreen/events/12" in topics


def test_every_fault_has_a_test_with_real_programs() -> None:
    """A fault that none of them provokes would prove nothing of Home Assistant."""
    folder = Path(__file__).parent.parent / "e2e"
    tests = "".join(path.read_text(encoding="utf-8") for path in folder.glob("test_*.py"))
    assert [fault for fault in Fault if f"Fault.{fault.name}" not in tests] == []
