"""A screen announces itself and lives."""

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from .conftest import UUID, Look
from .wire import Wire

ANNOUNCEMENT = {
    "uuid": UUID,
    "hostname": "foyer-1",
    "ip": "192.0.2.7",
    "mac": "B8-27-EB-00-00-01",
    "model": "Raspberry Pi 4",
    "software_version": "2.1.0",
}


async def test_a_screen_that_announces_itself_is_acknowledged_and_becomes_a_device(
    fleet: MockConfigEntry, wire: Wire, look: Look
) -> None:
    """Contract, "discovery": every valid one gets an ack, and then its group stands on the broker."""
    await wire.hears("infoscreen/discovery", ANNOUNCEMENT)

    ack = wire.said(f"infoscreen/{UUID}/discovery_ack")
    assert ack.json | {"issued_at": "?"} == {
        "status": "ok",
        "client_uuid": UUID,
        "group_id": None,
        "issued_at": "?",
    }
    assert (ack.qos, ack.retain) == (1, False)
    standing = wire.said(f"infoscreen/{UUID}/group_id")
    assert (standing.payload, standing.qos, standing.retain) == (b"", 1, True)

    device = look.device(fleet, UUID)
    assert (device.name, device.model, device.sw_version) == ("foyer-1", "Raspberry Pi 4", "2.1.0")
    assert device.connections == {("mac", "b8:27:eb:00:00:01")}
    assert device.via_device_id == look.device(fleet, fleet.entry_id).id


async def test_a_screen_that_is_heard_shows_it(screen: str, wire: Wire, look: Look) -> None:
    """The first health message fills in what the screen is doing."""
    await wire.hears(
        f"infoscreen/{screen}/health",
        {
            "expected_state": {"event_id": 42},
            "actual_state": {"process": "chromium", "pid": 1234, "status": "running"},
            "health_metrics": {"screen_on": True, "screen_health_status": "OK"},
        },
    )
    await wire.hears(f"infoscreen/{screen}/heartbeat", {"current_event_id": 42})

    assert look.state("binary_sensor", f"{screen}_connectivity") == "on"
    assert look.state("sensor", f"{screen}_status") == "healthy"
    assert look.state("sensor", f"{screen}_process_status") == "running"
    assert look.state("sensor", f"{screen}_screen_health") == "ok"
    assert look.state("sensor", f"{screen}_current_event") == "42"
    assert look.state("select", f"{screen}_group") == "unassigned"
    assert look.state("sensor", f"{screen}_last_command") == "unknown"


@pytest.mark.parametrize(
    ("kind", "payload"),
    [("heartbeat", b"alive"), ("health", b"{}")],
    ids=["a bare heartbeat", "an empty health message"],
)
async def test_a_screen_nobody_knew_becomes_known_by_any_sign_of_life(
    fleet: MockConfigEntry, wire: Wire, look: Look, kind: str, payload: bytes
) -> None:
    """A screen that announced itself while Home Assistant was away must not stay unknown."""
    await wire.hears(f"infoscreen/{UUID}/{kind}", payload)

    assert look.state("binary_sensor", f"{UUID}_connectivity") == "on"
    assert look.device(fleet, UUID).name == f"Screen {UUID[:8]}"
