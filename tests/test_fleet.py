"""The fleet as a whole: what is counted, and what only those see who ask for it."""

from datetime import datetime
from typing import Any

from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError, Unauthorized
from homeassistant.helpers import area_registry as ar, entity_registry as er
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, MockUser

from .conftest import OTHER, UUID, Look, PassTime, Press, choose
from .wire import Wire

CRASHED = {"actual_state": {"status": "crashed"}}
FROZEN = {"health_metrics": {"screen_health_status": "FROZEN"}}


def counts(look: Look, fleet: MockConfigEntry) -> dict[str, str]:
    """Return what the fleet counts."""
    keys = ("screens", "screens_online", "screens_offline", "screens_warning", "screens_critical")
    return {key: look.state("sensor", f"{fleet.entry_id}_{key}") for key in keys}


async def test_the_fleet_counts_its_screens_as_they_change(
    fleet: MockConfigEntry, wire: Wire, look: Look, pass_time: PassTime
) -> None:
    """Known, there, gone, warned of, critical."""
    assert set(counts(look, fleet).values()) == {"0"}
    await wire.hears(f"infoscreen/{UUID}/health", CRASHED)
    await wire.hears(f"infoscreen/{OTHER}/health", FROZEN)
    assert counts(look, fleet) == {
        "screens": "2",
        "screens_online": "2",
        "screens_offline": "0",
        "screens_warning": "1",
        "screens_critical": "1",
    }
    await pass_time(171)
    assert counts(look, fleet) == {
        "screens": "2",
        "screens_online": "0",
        "screens_offline": "2",
        "screens_warning": "0",
        "screens_critical": "0",
    }


async def test_a_group_counts_and_complains_about_its_own_screens(
    hass: HomeAssistant, fleet: MockConfigEntry, screen: str, wire: Wire, look: Look
) -> None:
    """A problem is a screen that is offline or critical."""
    foyer, aula = (f"{fleet.entry_id}_group_{group_id}" for group_id in (12, 13))
    assert look.state("binary_sensor", f"{foyer}_problem") == "off"
    await choose(hass, look, screen, "Foyer")
    await wire.settle()
    wire.rest()
    await wire.hears(f"infoscreen/{screen}/health", CRASHED)
    assert look.state("sensor", f"{foyer}_screens_online") == "1"
    assert look.state("sensor", f"{aula}_screens_online") == "0"
    assert look.state("binary_sensor", f"{foyer}_problem") == "on"
    assert look.state("binary_sensor", f"{aula}_problem") == "off"
    await wire.breaks()
    assert look.state("binary_sensor", f"{foyer}_problem") == "unknown"
    assert look.state("binary_sensor", f"{aula}_problem") == "off"


async def test_what_a_screen_says_in_detail_is_there_for_those_who_enable_it(
    detailed: str, wire: Wire, look: Look
) -> None:
    """Product, "Entities": disabled by default, so that five hundred screens fit into one fleet."""
    await wire.hears(
        "infoscreen/discovery", {"uuid": detailed, "ip": "192.0.2.7", "software_version": "2.1.0"}
    )
    await wire.hears(f"infoscreen/{detailed}/heartbeat", {"current_process": "chromium", "process_pid": 1234})
    await wire.hears(
        f"infoscreen/{detailed}/health",
        {
            "expected_state": {"event_id": 42},
            "broker_connection": {"reconnect_count": 2, "last_disconnect_at": "2026-11-21T08:00:00Z"},
        },
    )
    wire.rest()
    shown = {
        key: look.state("sensor", f"{detailed}_{key}")
        for key in (
            "current_process",
            "process_pid",
            "expected_event",
            "mqtt_reconnects",
            "mqtt_last_disconnect",
            "ip_address",
            "software_version",
        )
    }
    assert shown == {
        "current_process": "chromium",
        "process_pid": "1234",
        "expected_event": "42",
        "mqtt_reconnects": "2",
        "mqtt_last_disconnect": "2026-11-21T08:00:00+00:00",
        "ip_address": "192.0.2.7",
        "software_version": "2.1.0",
    }
    assert datetime.fromisoformat(look.state("sensor", f"{detailed}_last_heartbeat")).tzinfo


async def test_at_most_eighteen_entities_of_a_screen_are_enabled_by_default(
    hass: HomeAssistant, fleet: MockConfigEntry, screen: str, look: Look
) -> None:
    """Home Assistant allows ten thousand in one entry."""
    device = look.device(fleet, screen)
    assert len(er.async_entries_for_device(er.async_get(hass), device.id)) <= 18


async def test_rejected_messages_are_counted_and_told_once_a_minute(
    fleet: MockConfigEntry, detailed: str, wire: Wire, look: Look, pass_time: PassTime
) -> None:
    """A million garbage messages shall write no more states than one."""
    unique_id = f"{fleet.entry_id}_rejected_messages"
    for _ in range(3):
        await wire.hears(f"infoscreen/{detailed}/health", b"garbage")
    await wire.hears("infoscreen/nobody/health", {})
    assert look.state("sensor", unique_id) == "0"
    await pass_time(61)
    assert look.attributes("sensor", unique_id)["reasons"] == {"invalid_json": 3, "invalid_uuid": 1}
    assert look.state("sensor", unique_id) == "4"


async def test_commands_under_way_are_counted(
    fleet: MockConfigEntry, detailed: str, wire: Wire, look: Look, press: Press, pass_time: PassTime
) -> None:
    """Until each has come to its end."""
    await press("restart_app")
    wire.rest()
    assert look.state("sensor", f"{fleet.entry_id}_pending_commands") == "1"
    await pass_time(241)
    assert look.state("sensor", f"{fleet.entry_id}_pending_commands") == "0"


@pytest.fixture
def restart_unresponsive(hass: HomeAssistant, fleet: MockConfigEntry, look: Look) -> Any:
    """Return what presses the button of the Foyer."""

    async def presses() -> None:
        entity_id = look.entity_id("button", f"{fleet.entry_id}_group_12_restart_unresponsive")
        await hass.services.async_call("button", "press", {"entity_id": entity_id}, blocking=True)

    return presses


async def put_into_foyer(hass: HomeAssistant, fleet: MockConfigEntry, look: Look, *uuids: str) -> None:
    """Put screens into the Foyer, by the action that takes many."""
    await hass.services.async_call(
        "infoscreen",
        "assign_group",
        {"group": "foyer"},
        target={"device_id": [look.device(fleet, uuid).id for uuid in uuids]},
        blocking=True,
    )


async def test_unresponsive_screens_of_a_group_are_brought_back_each_in_its_way(
    hass: HomeAssistant,
    fleet: MockConfigEntry,
    wire: Wire,
    look: Look,
    pass_time: PassTime,
    restart_unresponsive: Any,
) -> None:
    """Silent: the host; crashed but speaking: the app; healthy: nothing."""
    healthy = "33333333-3333-4333-8333-333333333333"
    for uuid in (UUID, OTHER, healthy):
        await wire.hears(f"infoscreen/{uuid}/heartbeat")
    await put_into_foyer(hass, fleet, look, UUID, OTHER, healthy)
    await pass_time(100)
    await wire.hears(f"infoscreen/{healthy}/heartbeat")
    await wire.hears(f"infoscreen/{OTHER}/health", CRASHED)
    await pass_time(71)
    wire.rest()
    await restart_unresponsive()
    sent = {
        said.topic: (said.json["action"], said.json["reason"])
        for said in wire.rest()
        if said.topic.endswith("/commands")
    }
    assert sent == {
        f"infoscreen/{UUID}/commands": ("reboot_host", "restart_unresponsive"),
        f"infoscreen/{OTHER}/commands": ("restart_app", "restart_unresponsive"),
    }


async def test_those_that_could_not_be_reached_are_named(
    hass: HomeAssistant,
    fleet: MockConfigEntry,
    wire: Wire,
    look: Look,
    pass_time: PassTime,
    restart_unresponsive: Any,
) -> None:
    """One error for all, with their names."""
    await wire.hears("infoscreen/discovery", {"uuid": UUID, "hostname": "foyer-1"})
    await wire.hears("infoscreen/discovery", {"uuid": OTHER, "hostname": "foyer-2"})
    await put_into_foyer(hass, fleet, look, UUID, OTHER)
    await pass_time(171)
    wire.rest()
    with wire.refuses(), pytest.raises(HomeAssistantError) as told:
        await restart_unresponsive()
    assert told.value.translation_key == "command_not_published"
    assert told.value.translation_placeholders == {"screens": "foyer-1, foyer-2"}


@pytest.mark.parametrize("wanted", ["Aula", "aula", 13, "13"], ids=["name", "other case", "id", "id as text"])
async def test_many_screens_are_assigned_at_once(
    hass: HomeAssistant, fleet: MockConfigEntry, wire: Wire, look: Look, wanted: Any
) -> None:
    """Fine points, "Screens": a group's name or its id, as number or text; without one, none."""
    for uuid in (UUID, OTHER):
        await wire.hears(f"infoscreen/{uuid}/heartbeat")
    target = {"device_id": [look.device(fleet, uuid).id for uuid in (UUID, OTHER)]}
    act = hass.services.async_call
    await act("infoscreen", "assign_group", {"group": wanted}, target=target, blocking=True)
    await wire.settle()
    for uuid in (UUID, OTHER):
        assert wire.said(f"infoscreen/{uuid}/group_id").payload == b"13"
        assert look.state("select", f"{uuid}_group") == "Aula"
    of_the_group = {"device_id": look.device(fleet, f"{fleet.entry_id}_group_13").id}
    await act("infoscreen", "assign_group", {}, target=of_the_group, blocking=True)
    await wire.settle()
    for uuid in (UUID, OTHER):
        assert wire.said(f"infoscreen/{uuid}/group_id").payload == b""


async def test_an_assignment_that_makes_no_sense_is_refused(
    hass: HomeAssistant, fleet: MockConfigEntry, screen: str, wire: Wire, look: Look
) -> None:
    """And nobody is moved."""
    act = hass.services.async_call
    here = {"device_id": look.device(fleet, screen).id}
    empty = {"device_id": look.device(fleet, f"{fleet.entry_id}_group_12").id}
    nowhere = {"area_id": ar.async_get(hass).async_create("Empty").id}
    for key, target, group in (
        ("group_unknown", here, "Nowhere"),
        ("no_screen", empty, "Aula"),
        ("no_screen_in_target", nowhere, "Aula"),
    ):
        with pytest.raises(ServiceValidationError) as refused:
            await act("infoscreen", "assign_group", {"group": group}, target=target, blocking=True)
        assert refused.value.translation_key == key
    user = MockUser(groups=[]).add_to_hass(hass)
    user.mock_policy({"entities": True})
    with pytest.raises(Unauthorized):
        await act(
            "infoscreen",
            "assign_group",
            {"group": "Aula"},
            target=here,
            blocking=True,
            context=Context(user_id=user.id),
        )
    assert look.state("select", f"{screen}_group") == "unassigned"


@pytest.mark.parametrize("nothing", [None, "unassigned", "Unassigned "])
async def test_no_group_can_be_named(
    hass: HomeAssistant, fleet: MockConfigEntry, screen: str, look: Look, wire: Wire, nothing: str | None
) -> None:
    """As the select says it, or by naming none."""
    await choose(hass, look, screen, "Aula")
    target = {"device_id": look.device(fleet, screen).id}
    await hass.services.async_call(
        "infoscreen", "assign_group", {"group": nothing}, target=target, blocking=True
    )
    await wire.settle()
    wire.rest()
    assert look.state("select", f"{screen}_group") == "unassigned"
