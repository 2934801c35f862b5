"""Screens come, fall silent, return and leave."""

from typing import Any

from homeassistant.core import Event, EventStateChangedData, HomeAssistant, callback
from homeassistant.helpers import device_registry as dr
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from .conftest import OTHER, UUID, Delete, Look, PassTime
from .wire import Wire

HEALTHY = {
    "actual_state": {"process": "chromium", "pid": 1234, "status": "running"},
    "health_metrics": {"screen_on": True, "screen_health_status": "OK"},
}


async def test_a_silent_screen_is_offline_after_its_grace_and_back_with_its_next_word(
    screen: str, wire: Wire, look: Look, pass_time: PassTime
) -> None:
    """Two lost heartbeats are no outage, the third is."""
    await wire.hears(f"infoscreen/{screen}/health", HEALTHY)
    await pass_time(169)
    assert look.state("binary_sensor", f"{screen}_connectivity") == "on"
    await pass_time(2)
    assert look.state("binary_sensor", f"{screen}_connectivity") == "off"
    assert look.state("sensor", f"{screen}_status") == "offline"
    assert look.attributes("sensor", f"{screen}_status")["reasons"] == ["silent"]
    assert look.state("sensor", f"{screen}_process_status") == "unavailable"

    await wire.hears(f"infoscreen/{screen}/heartbeat")
    assert look.state("binary_sensor", f"{screen}_connectivity") == "on"
    assert look.state("sensor", f"{screen}_status") == "healthy"
    assert look.state("sensor", f"{screen}_process_status") == "running"


async def test_a_screen_that_returned_is_missed_again(
    screen: str, wire: Wire, look: Look, pass_time: PassTime
) -> None:
    """With nobody left to watch the timer sleeps; a return must wake it."""
    await pass_time(171)
    await wire.hears(f"infoscreen/{screen}/heartbeat")
    await pass_time(171)
    assert look.state("binary_sensor", f"{screen}_connectivity") == "off"


async def test_each_screen_is_missed_at_its_own_time(
    screen: str, wire: Wire, look: Look, pass_time: PassTime
) -> None:
    """One timer serves the fleet, and serves it one by one."""
    await pass_time(100)
    await wire.hears(f"infoscreen/{OTHER}/heartbeat")
    await pass_time(71)
    assert look.state("binary_sensor", f"{screen}_connectivity") == "off"
    assert look.state("binary_sensor", f"{OTHER}_connectivity") == "on"
    await pass_time(100)
    assert look.state("binary_sensor", f"{OTHER}_connectivity") == "off"


async def test_without_the_broker_nobody_is_called_offline(
    screen: str, wire: Wire, look: Look, pass_time: PassTime
) -> None:
    """Product, "Status": then connectivity and status are unknown, and one fresh grace follows."""
    await wire.breaks()
    assert look.state("binary_sensor", f"{screen}_connectivity") == "unknown"
    assert look.state("sensor", f"{screen}_status") == "unknown"
    await pass_time(1000)
    assert look.state("sensor", f"{screen}_status") == "unknown"

    await wire.mends()
    wire.rest()
    await pass_time(169)
    assert look.state("sensor", f"{screen}_status") == "unknown"
    await pass_time(2)
    assert look.state("sensor", f"{screen}_status") == "offline"


SCREENS = [f"{number:08x}-0000-4000-8000-000000000000" for number in range(5)]


async def test_screens_that_fall_silent_together_are_the_brokers_outage(
    fleet: MockConfigEntry, wire: Wire, look: Look, pass_time: PassTime
) -> None:
    """Product, "Status": nobody is called offline; the first to speak ends it, with a fresh grace for all."""
    for uuid in SCREENS:
        await wire.hears(f"infoscreen/{uuid}/heartbeat")
    outage = f"{fleet.entry_id}_broker_outage"
    assert look.state("binary_sensor", outage) == "off"
    await pass_time(171)
    assert look.state("binary_sensor", outage) == "on"
    assert {look.state("sensor", f"{uuid}_status") for uuid in SCREENS} == {"unknown"}
    assert {look.state("binary_sensor", f"{uuid}_connectivity") for uuid in SCREENS} == {"unknown"}

    await wire.hears(f"infoscreen/{SCREENS[0]}/heartbeat")
    assert look.state("binary_sensor", outage) == "off"
    assert look.state("sensor", f"{SCREENS[0]}_status") == "healthy"
    assert look.state("sensor", f"{SCREENS[1]}_status") == "unknown"
    await pass_time(100)
    await wire.hears(f"infoscreen/{SCREENS[0]}/heartbeat")
    await pass_time(71)
    assert look.state("sensor", f"{SCREENS[1]}_status") == "offline"
    assert look.state("binary_sensor", outage) == "off"


async def test_a_screen_that_falls_silent_alone_is_missed_itself(
    fleet: MockConfigEntry, wire: Wire, look: Look, pass_time: PassTime
) -> None:
    """Product, "Status": single silence is a screen's own, and so is that of two."""
    for uuid in SCREENS:
        await wire.hears(f"infoscreen/{uuid}/heartbeat")
    await pass_time(100)
    for uuid in SCREENS[2:]:
        await wire.hears(f"infoscreen/{uuid}/heartbeat")
    await pass_time(71)
    states = [look.state("sensor", f"{uuid}_status") for uuid in SCREENS]
    assert states == ["offline", "offline", "healthy", "healthy", "healthy"]
    assert look.state("binary_sensor", f"{fleet.entry_id}_broker_outage") == "off"


async def test_without_the_connection_there_is_an_outage(
    fleet: MockConfigEntry, screen: str, wire: Wire, look: Look
) -> None:
    """Product, "Status": or the transport is disconnected."""
    await wire.breaks()
    assert look.state("binary_sensor", f"{fleet.entry_id}_broker_outage") == "on"
    await wire.mends()
    assert look.state("binary_sensor", f"{fleet.entry_id}_broker_outage") == "off"
    wire.rest()


async def test_health_that_repeats_itself_writes_no_state(
    hass: HomeAssistant, screen: str, wire: Wire
) -> None:
    """Five hundred screens repeat themselves every five seconds."""
    await wire.hears(f"infoscreen/{screen}/health", HEALTHY)
    before = {state.entity_id: state.last_reported for state in hass.states.async_all()}
    await wire.hears(f"infoscreen/{screen}/health", HEALTHY)
    await wire.hears(f"infoscreen/{screen}/heartbeat", {"process_status": "running"})
    assert {state.entity_id: state.last_reported for state in hass.states.async_all()} == before


async def test_only_the_entity_whose_value_changed_writes_its_state(
    hass: HomeAssistant, fleet: MockConfigEntry, screen: str, wire: Wire, look: Look
) -> None:
    """What did not change costs the recorder nothing."""
    await wire.hears(f"infoscreen/{screen}/health", HEALTHY)
    written: list[str] = []

    @callback
    def note(event: Event[EventStateChangedData]) -> None:
        written.append(event.data["entity_id"])

    hass.bus.async_listen("state_changed", note)
    await wire.hears(f"infoscreen/{screen}/health", {"health_metrics": {"screen_health_status": "FROZEN"}})
    assert sorted(written) == sorted(
        [
            look.entity_id("sensor", f"{screen}_status"),
            look.entity_id("sensor", f"{screen}_screen_health"),
            look.entity_id("sensor", f"{fleet.entry_id}_screens_warning"),
            look.entity_id("sensor", f"{fleet.entry_id}_alerts"),
        ]
    )


@pytest.mark.parametrize(
    ("payload", "status", "reasons"),
    [
        ({"actual_state": {"status": "crashed"}}, "critical", ["process_crashed"]),
        ({"health_metrics": {"screen_health_status": "BLACK"}}, "critical", ["black"]),
        ({"health_metrics": {"screen_health_status": "FROZEN"}}, "warning", ["frozen"]),
        (
            {"expected_state": {"event_id": 7}, "actual_state": {"status": "stopped"}},
            "warning",
            ["stopped"],
        ),
    ],
    ids=["crashed", "black", "frozen", "stopped while something is expected"],
)
async def test_status_says_how_a_screen_is_and_why(
    screen: str, wire: Wire, look: Look, payload: dict[str, Any], status: str, reasons: list[str]
) -> None:
    """Product, "Status"."""
    await wire.hears(f"infoscreen/{screen}/health", payload)
    assert look.state("sensor", f"{screen}_status") == status
    assert look.attributes("sensor", f"{screen}_status")["reasons"] == reasons


@pytest.mark.parametrize(
    ("topic", "payload"),
    [
        (f"infoscreen/{UUID}/health", {"client_uuid": OTHER, "actual_state": {"status": "crashed"}}),
        (f"infoscreen/{UUID}/health", b"\xff\xfe"),
        (f"infoscreen/{UUID}/health", b" " * 70_000 + b"{}"),
        ("infoscreen/not-a-uuid/health", {"actual_state": {"status": "crashed"}}),
        ("infoscreen/discovery", {"uuid": "../../etc/passwd"}),
    ],
    ids=["spoofed", "no JSON", "too large", "no UUID in the topic", "no UUID in a discovery"],
)
async def test_what_cannot_be_trusted_changes_nothing_but_a_counter(
    hass: HomeAssistant, screen: str, wire: Wire, topic: str, payload: Any
) -> None:
    """Contract: dropped and counted."""
    before = hass.states.async_all()
    await wire.hears(topic, payload)
    assert hass.states.async_all() == before


async def test_what_stands_on_the_broker_is_no_sign_of_life(
    fleet: MockConfigEntry, hass: HomeAssistant, wire: Wire
) -> None:
    """A retained message may be years old."""
    await wire.hears(f"infoscreen/{UUID}/heartbeat", retain=True)
    await wire.hears("infoscreen/discovery", {"uuid": UUID}, retain=True)
    assert dr.async_get(hass).async_get_device_by_identifier(("infoscreen", UUID), fleet.entry_id) is None


async def test_an_ack_makes_nobody_known(fleet: MockConfigEntry, hass: HomeAssistant, wire: Wire) -> None:
    """Product: a screen becomes known by discovery, heartbeat or health."""
    await wire.hears(f"infoscreen/{UUID}/commands/ack", {"command_id": "x", "status": "accepted"})
    assert dr.async_get(hass).async_get_device_by_identifier(("infoscreen", UUID), fleet.entry_id) is None


async def test_a_flood_of_new_screens_is_stopped_at_twenty_a_minute(
    fleet: MockConfigEntry, hass: HomeAssistant, wire: Wire, pass_time: PassTime
) -> None:
    """Anybody on the broker can invent UUIDs."""

    def known() -> int:
        return len(
            [s for s in hass.states.async_all("binary_sensor") if s.entity_id.endswith("connectivity")]
        )

    for number in range(25):
        await wire.hears(f"infoscreen/{number:08x}-0000-4000-8000-000000000000/heartbeat")
    assert known() == 20
    await pass_time(61)
    await wire.hears("infoscreen/ffffffff-0000-4000-8000-000000000000/heartbeat")
    assert known() == 21


async def test_two_screens_with_one_address_stay_two_devices(
    fleet: MockConfigEntry, wire: Wire, look: Look
) -> None:
    """A cloned card must not merge two screens; the first keeps the address."""
    for uuid in (UUID, OTHER):
        await wire.hears("infoscreen/discovery", {"uuid": uuid, "mac": "b8:27:eb:00:00:01"})
    wire.rest()
    assert look.device(fleet, UUID).connections == {("mac", "b8:27:eb:00:00:01")}
    assert look.device(fleet, OTHER).connections == set()


async def test_a_deleted_screen_is_unheard_until_it_announces_itself(
    hass: HomeAssistant,
    fleet: MockConfigEntry,
    screen: str,
    wire: Wire,
    look: Look,
    delete_device: Delete,
) -> None:
    """Deleted from its page it is gone; announced again, all its entities are back without a reload."""
    assert await delete_device(look.device(fleet, screen).id) is None
    await wire.settle()
    assert (wire.said(f"infoscreen/{screen}/group_id").payload) == b""

    for _reload in range(2):
        await wire.hears(f"infoscreen/{screen}/heartbeat")
        await wire.hears(f"infoscreen/{screen}/health", HEALTHY)
        registry = dr.async_get(hass)
        assert registry.async_get_device_by_identifier(("infoscreen", screen), fleet.entry_id) is None
        assert await hass.config_entries.async_reload(fleet.entry_id)
        await wire.settle()
        wire.rest()

    await wire.hears("infoscreen/discovery", {"uuid": screen, "hostname": "foyer-1"})
    wire.rest()
    assert look.state("binary_sensor", f"{screen}_connectivity") == "on"
    assert look.state("select", f"{screen}_group") == "unassigned"


async def test_a_screen_that_announces_itself_while_it_is_deleted_returns_with_the_next_announcement(
    fleet: MockConfigEntry, screen: str, wire: Wire, look: Look, delete_device: Delete
) -> None:
    """The device goes last; what the screen was given meanwhile would go with it."""
    announced = "infoscreen/discovery", {"uuid": screen, "hostname": "foyer-1"}
    with wire.answers_early(lambda topic, _: announced if topic.endswith("/group_id") else None):
        assert await delete_device(look.device(fleet, screen).id) is None
    await wire.settle()
    wire.rest()
    await wire.hears(*announced)
    assert look.state("binary_sensor", f"{screen}_connectivity") == "on"
    assert wire.said(f"infoscreen/{screen}/discovery_ack").json["status"] == "ok"
    assert wire.said(f"infoscreen/{screen}/group_id").payload == b""


async def test_a_screen_that_returns_may_say_what_it_said_before(
    fleet: MockConfigEntry, screen: str, wire: Wire, look: Look, delete_device: Delete
) -> None:
    """What was said before it was deleted was said of another one."""
    for _again in range(2):
        await wire.hears(f"infoscreen/{screen}/health", HEALTHY)
    assert await delete_device(look.device(fleet, screen).id) is None
    await wire.hears("infoscreen/discovery", {"uuid": screen, "hostname": "foyer-1"})
    wire.rest()
    assert look.state("sensor", f"{screen}_process_status") == "unknown"
    await wire.hears(f"infoscreen/{screen}/health", HEALTHY)
    assert look.state("sensor", f"{screen}_process_status") == "running"


async def test_who_spells_a_uuid_in_many_ways_fills_no_memory(
    fleet: MockConfigEntry, screen: str, wire: Wire
) -> None:
    """One screen's words are remembered once, whoever publishes under its name."""
    letters = [place for place, letter in enumerate(screen) if letter.isalpha()]
    for place in letters:
        spelled = screen[:place] + screen[place].upper() + screen[place + 1 :]
        for uuid in (spelled, screen):
            await wire.hears(f"infoscreen/{uuid}/health", HEALTHY)
    assert len(fleet.runtime_data.listener._said) == 1


async def test_what_is_wrong_is_counted_however_often_it_is_said(
    fleet: MockConfigEntry, screen: str, wire: Wire
) -> None:
    """A broken client is seen by how fast the count grows."""
    for _again in range(3):
        await wire.hears(f"infoscreen/{screen}/health", {**HEALTHY, "health_metrics": 5})
    assert fleet.runtime_data.listener.rejected == {"wrong_type": 3}


async def test_fleets_and_groups_are_not_deleted_as_devices(
    fleet: MockConfigEntry, look: Look, delete_device: Delete
) -> None:
    """They go with their entry and subentry."""
    for identifier in (fleet.entry_id, f"{fleet.entry_id}_group_12"):
        assert await delete_device(look.device(fleet, identifier).id) == "home_assistant_error"


async def test_nothing_of_a_fleet_that_does_not_run_is_deleted(
    hass: HomeAssistant, fleet: MockConfigEntry, screen: str, look: Look, delete_device: Delete
) -> None:
    """Its screens would be back with it, and their topics stay on the broker."""
    devices = [look.device(fleet, identifier).id for identifier in (fleet.entry_id, screen)]
    assert await hass.config_entries.async_unload(fleet.entry_id)
    assert [await delete_device(device) for device in devices] == ["home_assistant_error"] * 2


async def test_screens_are_known_after_a_restart_before_they_speak(
    hass: HomeAssistant, fleet: MockConfigEntry, screen: str, wire: Wire, look: Look, pass_time: PassTime
) -> None:
    """Entities of known screens come from the store; how they are is unknown until heard."""
    await pass_time(11)
    assert await hass.config_entries.async_reload(fleet.entry_id)
    await wire.settle()
    assert wire.said(f"infoscreen/{screen}/group_id").payload == b""
    wire.rest()
    assert look.state("binary_sensor", f"{screen}_connectivity") == "unknown"
    await pass_time(171)
    assert look.state("sensor", f"{screen}_status") == "offline"


async def test_last_seen_is_written_along_with_the_next_change(
    screen: str, wire: Wire, look: Look, pass_time: PassTime
) -> None:
    """By itself it would write a state for every message."""
    before = look.attributes("sensor", f"{screen}_status")["last_seen"]
    await pass_time(10)
    await wire.hears(f"infoscreen/{screen}/heartbeat")
    assert look.attributes("sensor", f"{screen}_status")["last_seen"] == before
    await wire.hears(f"infoscreen/{screen}/heartbeat", {"process_status": "crashed"})
    after = look.attributes("sensor", f"{screen}_status")["last_seen"]
    assert (after - before).total_seconds() == pytest.approx(10, abs=1)


async def test_a_new_name_of_a_screen_reaches_its_device(
    fleet: MockConfigEntry, screen: str, wire: Wire, look: Look
) -> None:
    """A screen that was set up anew says so in its next announcement."""
    await wire.hears(
        "infoscreen/discovery", {"uuid": screen, "hostname": "aula-3", "software_version": "2.2.0"}
    )
    wire.rest()
    device = look.device(fleet, screen)
    assert (device.name, device.sw_version) == ("aula-3", "2.2.0")
