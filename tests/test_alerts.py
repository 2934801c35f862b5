"""What somebody has to know of now: raised once, and cleared once."""

from typing import Any

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import Event, EventStateChangedData, HomeAssistant, callback
from homeassistant.helpers import device_registry as dr
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import WebSocketGenerator

from .conftest import OTHER, Look, PassTime, Press, acknowledge
from .feed import Feed
from .wire import Wire

CRASHED = {"actual_state": {"status": "crashed"}}
RUNNING = {"actual_state": {"status": "running"}}
FROZEN = {"health_metrics": {"screen_health_status": "FROZEN"}}
OK = {"health_metrics": {"screen_health_status": "OK"}}
FAILURE = {"event": "service_failed", "unit": "player.service", "failed_at": "2026-11-21T08:00:00Z"}
#: As many as may come within a minute.
MANY = [f"{number:08x}-0000-4000-8000-000000000000" for number in range(20)]


@pytest.fixture
async def device_page(hass: HomeAssistant) -> None:
    """Let devices be deleted on their page."""
    assert await async_setup_component(hass, "config", {})


@pytest.fixture
async def feed(fleet: MockConfigEntry, hass_ws_client: WebSocketGenerator) -> Feed:
    """Follow the alerts from the start of the test."""
    feed = await Feed.connect(hass_ws_client)
    assert await feed.subscribe() == []
    return feed


def listed(look: Look, fleet: ConfigEntry) -> list[dict[str, Any]]:
    """Return the alerts as the fleet's sensor has them."""
    alerts: list[dict[str, Any]] = look.attributes("sensor", f"{fleet.entry_id}_alerts")["alerts"]
    assert look.state("sensor", f"{fleet.entry_id}_alerts") == str(len(alerts))
    return alerts


def kinds(alerts: list[dict[str, Any]]) -> list[str]:
    """Return what alerts are about."""
    return [alert["kind"] for alert in alerts]


async def speak(wire: Wire, *uuids: str) -> None:
    """Let screens show life."""
    for uuid in uuids:
        await wire.hears(f"infoscreen/{uuid}/heartbeat")


async def fails(wire: Wire, uuid: str) -> None:
    """Let a service of a screen fail for good."""
    await wire.hears(f"infoscreen/{uuid}/service_failed", FAILURE | {"client_uuid": uuid}, retain=True)


# One screen


async def test_a_screen_cut_off_is_told_and_so_is_its_return(
    fleet: MockConfigEntry, screen: str, wire: Wire, look: Look, feed: Feed, pass_time: PassTime
) -> None:
    """It is gone since it was last heard; ten seconds are for an outage that may be forming."""
    await pass_time(171)
    assert look.state("sensor", f"{screen}_status") == "offline"
    assert await feed.rest() == []
    await pass_time(10)
    (raised,) = await feed.rest()
    alert = {
        "id": f"{screen}_offline",
        "kind": "offline",
        "level": "critical",
        "device_id": look.device(fleet, screen).id,
        "text": "foyer-1 is offline. Check its power and its network.",
        "since": look.attributes("sensor", f"{screen}_status")["last_seen"]
        .isoformat(timespec="seconds")
        .replace("+00:00", "Z"),
    }
    assert raised == {"type": "raised", **alert}
    assert listed(look, fleet) == [alert]
    await pass_time(19)
    await speak(wire, screen)
    assert await feed.rest() == [{"type": "cleared", **alert, "downtime": 200}]
    assert listed(look, fleet) == []


async def test_what_screens_complain_of_is_told(
    fleet: MockConfigEntry, screen: str, wire: Wire, look: Look, feed: Feed
) -> None:
    """The critical first in the list, whenever they came."""
    await wire.hears(f"infoscreen/{OTHER}/health", FROZEN)
    await wire.hears(f"infoscreen/{screen}/health", CRASHED)
    assert [(alert["kind"], alert["level"]) for alert in listed(look, fleet)] == [
        ("process_crashed", "critical"),
        ("frozen", "warning"),
    ]
    await wire.hears(f"infoscreen/{screen}/health", RUNNING)
    await wire.hears(f"infoscreen/{OTHER}/health", OK)
    assert await feed.told() == [
        ("raised", "frozen"),
        ("raised", "process_crashed"),
        ("cleared", "process_crashed"),
        ("cleared", "frozen"),
    ]


async def test_a_failed_service_is_one_alert_until_it_is_acknowledged(
    fleet: MockConfigEntry, screen: str, wire: Wire, look: Look, feed: Feed, press: Press
) -> None:
    """And none more for the app that crashed with it."""
    await fails(wire, screen)
    await wire.hears(f"infoscreen/{screen}/health", CRASHED)
    assert [alert["text"] for alert in listed(look, fleet)] == [
        (
            "The service player.service on foyer-1 has failed and is not restarted any more. "
            "Look after the screen, then acknowledge the failure."
        )
    ]
    await wire.hears(f"infoscreen/{screen}/health", RUNNING)
    await press("acknowledge_service_failed")
    wire.rest()
    assert await feed.told() == [("raised", "service_failed"), ("cleared", "service_failed")]


async def test_a_reboot_that_brings_nothing_back_asks_for_a_person(
    fleet: MockConfigEntry, screen: str, wire: Wire, look: Look, press: Press, pass_time: PassTime
) -> None:
    """Beside the silence, which was told before."""
    await press("reboot")
    await acknowledge(
        wire, screen, wire.said(f"infoscreen/{screen}/commands"), "accepted", "execution_started"
    )
    wire.rest()
    for _ in range(30):  # the silence is told before the command has come to its end
        await pass_time(10)
    assert look.state("sensor", f"{screen}_last_command") == "manual_intervention_required"
    assert kinds(listed(look, fleet)) == ["manual_intervention_required", "offline"]


async def test_a_screen_shut_down_by_command_calls_nobody(
    fleet: MockConfigEntry, screen: str, wire: Wire, look: Look, press: Press, pass_time: PassTime
) -> None:
    """It was meant to go."""
    await press("shutdown")
    await acknowledge(wire, screen, wire.said(f"infoscreen/{screen}/commands"), "accepted", "completed")
    wire.rest()
    await pass_time(171)
    await pass_time(10)
    assert look.state("sensor", f"{screen}_status") == "planned_off"
    assert listed(look, fleet) == []


async def test_a_screen_goes_by_the_name_a_person_gave_it(
    hass: HomeAssistant, fleet: MockConfigEntry, screen: str, wire: Wire, look: Look
) -> None:
    """As everywhere else in Home Assistant."""
    device = look.device(fleet, screen)
    dr.async_get(hass).async_update_device(device.id, name_by_user="Eingang")
    await wire.hears(f"infoscreen/{screen}/health", CRASHED)
    assert [alert["text"] for alert in listed(look, fleet)] == [
        "The app on Eingang has crashed. Restart the app, or the screen if that does not help."
    ]
    dr.async_get(hass).async_update_device(device.id, name_by_user="Foyer")
    await wire.hears(f"infoscreen/{OTHER}/health", CRASHED)
    texts = {alert["text"].partition(" has ")[0] for alert in listed(look, fleet)}
    assert "The app on Foyer" in texts


async def test_a_deleted_screen_takes_its_alerts_along(
    hass: HomeAssistant,
    fleet: MockConfigEntry,
    device_page: None,
    screen: str,
    wire: Wire,
    look: Look,
    feed: Feed,
    pass_time: PassTime,
    hass_ws_client: WebSocketGenerator,
) -> None:
    """Those that wait are never told; those that stand have no downtime, for nothing is well by that."""
    await wire.hears(f"infoscreen/{screen}/health", CRASHED)
    await pass_time(171)
    assert await feed.told() == [("raised", "process_crashed")]
    client = await hass_ws_client(hass)
    assert (await client.remove_device(look.device(fleet, screen).id))["success"]
    await wire.settle()
    wire.rest()
    assert [(event["type"], event["kind"], event["downtime"]) for event in await feed.rest()] == [
        ("cleared", "process_crashed", None)
    ]
    await pass_time(10)
    assert listed(look, fleet) == []
    assert await feed.rest() == []


async def test_a_screen_that_returns_is_followed_again(
    hass: HomeAssistant,
    fleet: MockConfigEntry,
    device_page: None,
    screen: str,
    wire: Wire,
    look: Look,
    hass_ws_client: WebSocketGenerator,
) -> None:
    """It announced itself after it was deleted."""
    client = await hass_ws_client(hass)
    assert (await client.remove_device(look.device(fleet, screen).id))["success"]
    await wire.hears("infoscreen/discovery", {"uuid": screen})
    wire.rest()
    await wire.hears(f"infoscreen/{screen}/health", CRASHED)
    assert kinds(listed(look, fleet)) == ["process_crashed"]


async def test_after_a_restart_alerts_form_anew(
    hass: HomeAssistant, fleet: MockConfigEntry, screen: str, wire: Wire, look: Look, pass_time: PassTime
) -> None:
    """A failed service at once, as it is known; silence after the fresh grace, since it was noticed."""
    await speak(wire, OTHER)
    await fails(wire, screen)
    await pass_time(171)
    await pass_time(10)
    (failed,) = (alert for alert in listed(look, fleet) if alert["kind"] == "service_failed")
    assert await hass.config_entries.async_reload(fleet.entry_id)
    await wire.settle()
    assert listed(look, fleet) == [failed]
    await pass_time(171)
    await pass_time(10)
    wire.rest()
    assert kinds(listed(look, fleet)) == ["offline", "service_failed"]


# The whole fleet


async def test_many_screens_cut_off_at_once_are_one_alert(
    fleet: MockConfigEntry, wire: Wire, look: Look, feed: Feed, pass_time: PassTime
) -> None:
    """Within seconds of each other; one all-clear for all, with the time in which nobody was heard."""
    await speak(wire, *MANY[:10])
    await pass_time(5)
    await speak(wire, *MANY[10:])
    await pass_time(166)
    await pass_time(5)
    assert {look.state("sensor", f"{uuid}_status") for uuid in MANY} == {"unknown"}
    (raised,) = await feed.rest()
    await pass_time(600)
    assert (raised["type"], raised["kind"], raised["level"]) == ("raised", "broker_outage", "critical")
    assert raised["device_id"] == look.device(fleet, fleet.entry_id).id
    assert [alert["id"] for alert in listed(look, fleet)] == [f"{fleet.entry_id}_broker_outage"]

    await speak(wire, *MANY)
    await pass_time(30)
    (cleared,) = await feed.rest()
    assert (cleared["type"], cleared["id"]) == ("cleared", raised["id"])
    assert cleared["downtime"] == 771
    assert listed(look, fleet) == []


async def test_a_lost_connection_is_one_alert_and_ends_none(
    fleet: MockConfigEntry, screen: str, wire: Wire, look: Look, feed: Feed, pass_time: PassTime
) -> None:
    """What was told before stands until the screen itself is heard again."""
    await pass_time(171)
    await pass_time(10)
    await speak(wire, *MANY)
    assert await feed.told() == [("raised", "offline")]
    await wire.breaks()
    assert await feed.told() == [("raised", "broker_outage")]
    await pass_time(1000)
    await wire.mends()
    wire.rest()
    (cleared,) = await feed.rest()
    assert (cleared["kind"], cleared["downtime"]) == ("broker_outage", 1000)
    await speak(wire, *MANY)
    assert kinds(listed(look, fleet)) == ["offline"]
    await speak(wire, screen)
    assert await feed.told() == [("cleared", "offline")]


async def test_a_connection_that_takes_a_moment_at_a_start_is_no_outage(
    hass: HomeAssistant, wire: Wire, look: Look, entry: MockConfigEntry, pass_time: PassTime
) -> None:
    """One that does not come up is."""
    await wire.breaks()
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await wire.settle()
    assert listed(look, entry) == []
    await pass_time(10)
    assert kinds(listed(look, entry)) == ["broker_outage"]


# The sensor


async def test_the_sensor_is_written_when_the_list_has_changed_and_only_then(
    hass: HomeAssistant, fleet: MockConfigEntry, screen: str, wire: Wire, look: Look, pass_time: PassTime
) -> None:
    """Once for all that happens at a time."""
    entity_id = look.entity_id("sensor", f"{fleet.entry_id}_alerts")
    written: list[str] = []

    @callback
    def write(event: Event[EventStateChangedData]) -> None:
        if event.data["entity_id"] == entity_id and event.data["new_state"]:
            written.append(event.data["new_state"].state)

    hass.bus.async_listen("state_changed", write)
    await speak(wire, OTHER)
    await wire.hears(f"infoscreen/{screen}/health", CRASHED)
    await wire.hears(f"infoscreen/{screen}/health", CRASHED | FROZEN)
    await pass_time(171)
    await pass_time(10)
    assert written == ["1", "3"]


@pytest.mark.parametrize("options", [{"heartbeat_grace_seconds": 600}])
async def test_a_long_list_is_cut_short(
    fleet: MockConfigEntry, wire: Wire, look: Look, pass_time: PassTime
) -> None:
    """States must stay small; the count is the true one."""
    for number in range(60):
        if number % 20 == 0:
            await pass_time(61)
        await wire.hears(f"infoscreen/{number:08x}-0000-4000-8000-000000000000/health", CRASHED)
    assert look.state("sensor", f"{fleet.entry_id}_alerts") == "60"
    assert len(look.attributes("sensor", f"{fleet.entry_id}_alerts")["alerts"]) == 50
