"""A service that systemd gave up restarting is kept, told, and cleared."""

from collections.abc import Callable
from typing import Any

from homeassistant.components.repairs import DOMAIN as REPAIRS
from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import HomeAssistantError, Unauthorized
from homeassistant.helpers import issue_registry as ir
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, MockUser
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from .conftest import OTHER, UUID, Look, PassTime
from .wire import Wire

TOPIC = f"infoscreen/{UUID}/service_failed"
FAILURE = {
    "event": "service_failed",
    "unit": "infoscreen.service",
    "client_uuid": UUID,
    "failed_at": "2026-11-21T08:00:00Z",
}
RUNNING = {"process_status": "running"}


def has_issue(hass: HomeAssistant) -> bool:
    """Tell whether the repair stands."""
    return ir.async_get(hass).async_get_issue("infoscreen", f"service_failed_{UUID}") is not None


async def acknowledge(hass: HomeAssistant, look: Look) -> None:
    """Press the screen's button."""
    entity_id = look.entity_id("button", f"{UUID}_acknowledge_service_failed")
    await hass.services.async_call("button", "press", {"entity_id": entity_id}, blocking=True)


@pytest.fixture
async def failed(screen: str, wire: Wire) -> None:
    """Let the screen's service fail."""
    await wire.hears(TOPIC, FAILURE, retain=True)


async def test_a_failure_is_critical_a_sensor_and_a_repair(
    hass: HomeAssistant, failed: None, look: Look
) -> None:
    """Contract, "service_failed": retained, and no sign of life."""
    assert look.state("binary_sensor", f"{UUID}_service_failed") == "on"
    attributes = look.attributes("binary_sensor", f"{UUID}_service_failed")
    assert (attributes["unit"], attributes["failed_at"]) == ("infoscreen.service", "2026-11-21T08:00:00Z")
    assert look.state("sensor", f"{UUID}_status") == "critical"
    assert look.attributes("sensor", f"{UUID}_status")["reasons"] == ["service_failed"]
    issue = ir.async_get(hass).async_get_issue("infoscreen", f"service_failed_{UUID}")
    assert issue is not None
    assert issue.translation_placeholders == {"screen": "foyer-1", "unit": "infoscreen.service"}


async def test_an_acknowledged_failure_is_cleared_everywhere_and_does_not_come_again(
    hass: HomeAssistant, failed: None, wire: Wire, look: Look
) -> None:
    """A copy with a `failed_at` already acknowledged is cleared without alarm; a new failure is one."""
    await acknowledge(hass, look)
    cleared = wire.said(TOPIC)
    assert (cleared.payload, cleared.retain) == (b"", True)
    assert look.state("binary_sensor", f"{UUID}_service_failed") == "off"
    assert not has_issue(hass)
    await acknowledge(hass, look)

    await wire.hears(TOPIC, FAILURE)
    assert look.state("binary_sensor", f"{UUID}_service_failed") == "off"
    assert wire.said(TOPIC).payload == b""
    await wire.hears(TOPIC, FAILURE | {"failed_at": "2026-11-21T09:00:00Z"})
    assert look.state("binary_sensor", f"{UUID}_service_failed") == "on"


async def test_a_failure_cleared_by_somebody_else_is_cleared_here(
    hass: HomeAssistant, failed: None, wire: Wire, look: Look
) -> None:
    """Contract, "service_failed": an empty payload from anywhere."""
    await wire.hears(TOPIC, b"")
    assert look.state("binary_sensor", f"{UUID}_service_failed") == "off"
    assert not has_issue(hass)


async def test_a_screen_that_runs_for_ten_minutes_has_recovered(
    failed: None, wire: Wire, look: Look, pass_time: PassTime
) -> None:
    """Fine points: ten minutes of running since the failure was received; not while crashed."""
    for _minute in range(12):
        await wire.hears(f"infoscreen/{UUID}/heartbeat", {"process_status": "crashed"})
        await pass_time(60)
    for _minute in range(10):
        await wire.hears(f"infoscreen/{UUID}/heartbeat", RUNNING)
        assert look.state("binary_sensor", f"{UUID}_service_failed") == "on"
        await pass_time(60)
    await pass_time(1)
    assert look.state("binary_sensor", f"{UUID}_service_failed") == "off"
    assert wire.said(TOPIC).payload == b""


async def test_silence_is_no_recovery(failed: None, wire: Wire, look: Look, pass_time: PassTime) -> None:
    """Fine points: not by silence."""
    await wire.hears(f"infoscreen/{UUID}/heartbeat", RUNNING)
    for _ in range(10):
        await pass_time(100)
    assert look.state("binary_sensor", f"{UUID}_service_failed") == "on"


async def test_a_failure_outlives_a_restart(
    hass: HomeAssistant, fleet: MockConfigEntry, failed: None, wire: Wire, look: Look, pass_time: PassTime
) -> None:
    """And with it its repair; the copy that comes again changes nothing."""
    ir.async_delete_issue(hass, "infoscreen", f"service_failed_{UUID}")
    assert await hass.config_entries.async_reload(fleet.entry_id)
    await wire.settle()
    wire.rest()
    await wire.hears(TOPIC, FAILURE, retain=True)
    assert look.state("binary_sensor", f"{UUID}_service_failed") == "on"
    assert has_issue(hass)


async def test_a_failure_of_a_screen_that_is_not_known_yet_is_told_once_it_is(
    hass: HomeAssistant, fleet: MockConfigEntry, wire: Wire, look: Look
) -> None:
    """It stands on the broker and comes once a connection; the screen may speak later."""
    other = TOPIC.replace(UUID, "22222222-2222-4222-8222-222222222222")
    await wire.hears(other, FAILURE | {"client_uuid": "22222222-2222-4222-8222-222222222222"}, retain=True)
    await wire.hears(other, b"")
    await wire.hears(TOPIC, FAILURE, retain=True)
    assert not has_issue(hass)
    await wire.hears(f"infoscreen/{UUID}/heartbeat")
    assert look.state("binary_sensor", f"{UUID}_service_failed") == "on"
    assert has_issue(hass)


async def test_an_acknowledgement_without_the_broker_is_not_lost(
    hass: HomeAssistant, failed: None, wire: Wire, look: Look
) -> None:
    """It says so, and the broker hears of it at the next connect."""
    await wire.breaks()
    with pytest.raises(HomeAssistantError) as told:
        await acknowledge(hass, look)
    assert told.value.translation_key == "cleared_at_next_connect"
    assert look.state("binary_sensor", f"{UUID}_service_failed") == "off"
    await wire.mends()
    assert wire.said(TOPIC).payload == b""
    wire.rest()


type Repair = Callable[..., Any]


@pytest.fixture
async def repair(hass: HomeAssistant, failed: None, hass_client: ClientSessionGenerator) -> Repair:
    """Return what opens the repair, or answers what it asks."""
    assert await async_setup_component(hass, REPAIRS, {})
    client = await hass_client()
    issue = {"handler": "infoscreen", "issue_id": f"service_failed_{UUID}"}

    async def goes_on(form: Any = None) -> Any:
        path = f"/{form['flow_id']}" if form else ""
        return await (await client.post(f"/api/repairs/issues/fix{path}", json={} if form else issue)).json()

    return goes_on


async def test_the_repair_acknowledges(wire: Wire, look: Look, repair: Repair) -> None:
    """A repair that repairs."""
    form = await repair()
    assert form["description_placeholders"] == {"screen": "foyer-1", "unit": "infoscreen.service"}
    assert (await repair(form))["type"] == "create_entry"
    await wire.settle()
    assert look.state("binary_sensor", f"{UUID}_service_failed") == "off"
    assert wire.said(TOPIC).payload == b""


async def test_the_repair_says_when_the_broker_hears_of_it_later(wire: Wire, repair: Repair) -> None:
    """Acknowledged all the same."""
    form = await repair()
    await wire.breaks()
    assert (await repair(form))["reason"] == "cleared_at_next_connect"


async def test_the_repair_of_what_was_cleared_meanwhile_is_done(
    hass: HomeAssistant, wire: Wire, look: Look, repair: Repair
) -> None:
    """Two people look after one screen."""
    form = await repair()
    await acknowledge(hass, look)
    wire.rest()
    assert (await repair(form))["type"] == "create_entry"


async def test_the_repair_of_a_fleet_that_does_not_run_waits(
    hass: HomeAssistant, fleet: MockConfigEntry, repair: Repair
) -> None:
    """Nobody could tell the broker."""
    form = await repair()
    assert await hass.config_entries.async_unload(fleet.entry_id)
    assert (await repair(form))["reason"] == "fleet_not_loaded"


async def test_many_failures_are_acknowledged_by_an_action(
    hass: HomeAssistant,
    fleet: MockConfigEntry,
    failed: None,
    wire: Wire,
    look: Look,
    hass_read_only_user: MockUser,
) -> None:
    """By those who may control the screen."""
    await wire.hears("infoscreen/discovery", {"uuid": OTHER, "hostname": "aula-1"})
    await wire.hears(f"infoscreen/{OTHER}/service_failed", FAILURE | {"client_uuid": OTHER})
    wire.rest()
    target = {"device_id": [look.device(fleet, uuid).id for uuid in (UUID, OTHER)]}
    act = hass.services.async_call
    reader = Context(user_id=hass_read_only_user.id)
    with pytest.raises(Unauthorized):
        await act(
            "infoscreen", "acknowledge_service_failed", {}, target=target, blocking=True, context=reader
        )
    assert look.state("binary_sensor", f"{UUID}_service_failed") == "on"
    await wire.breaks()
    with pytest.raises(HomeAssistantError) as told:
        await act("infoscreen", "acknowledge_service_failed", {}, target=target, blocking=True)
    assert told.value.translation_key == "cleared_at_next_connect"
    assert told.value.translation_placeholders == {"screen": "aula-1, foyer-1"}
    for uuid in (UUID, OTHER):
        assert look.state("binary_sensor", f"{uuid}_service_failed") == "off"


async def test_removing_a_fleet_takes_its_repairs_along(
    hass: HomeAssistant, fleet: MockConfigEntry, failed: None, wire: Wire, pass_time: PassTime
) -> None:
    """Nothing is left behind."""
    await pass_time(11)
    await hass.config_entries.async_remove(fleet.entry_id)
    assert not has_issue(hass)
    wire.rest()
