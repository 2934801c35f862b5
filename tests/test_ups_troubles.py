"""What a person is told of UPSes: alerts, and repairs that repair."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr, entity_registry as er
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, MockUser
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator
import pytest_socket

from .conftest import Delete, Look, Poll
from .fake_nut import FakeNut
from .repairs import Repair, standing, told

type Alerts = Callable[[], Awaitable[dict[str, tuple[str, str]]]]
type OpenRepair = Callable[[str, str], Awaitable[Repair]]


@pytest.fixture
def alerts(hass_client: ClientSessionGenerator) -> Alerts:
    """Return what tells level and text of the alerts as programs fetch them, by kind."""

    async def tells() -> dict[str, tuple[str, str]]:
        answer = await (await hass_client()).get("/api/infoscreen/alerts?language=en")
        return {each["kind"]: (each["level"], each["text"]) for each in (await answer.json())["alerts"]}

    return tells


@pytest.fixture
def open_repair(
    hass: HomeAssistant, server: MockConfigEntry, hass_client: ClientSessionGenerator
) -> OpenRepair:
    """Return what opens a repair of a kind for a UPS."""

    async def opens(kind: str, ups: str) -> Repair:
        return await Repair.open(hass, hass_client, f"{kind}_{server.entry_id}_{ups}")

    return opens


async def test_an_outage_is_told_and_its_end(
    nut: FakeNut, server: MockConfigEntry, poll: Poll, alerts: Alerts
) -> None:
    """After five seconds of it; the end is believed the second time it is said."""
    nut.upses["rack"] |= {"ups.status": "OB", "battery.charge": "80", "battery.runtime": "2040"}
    await poll()
    assert await alerts() == {}
    await poll(6)
    text = "rack is on battery: 80 %, 34m left. Check the mains."
    assert await alerts() == {"ups_on_battery": ("warning", text)}
    nut.upses["rack"]["ups.status"] = "OB LB"
    await poll(6)
    assert [*await alerts()] == ["ups_on_battery_low"]
    nut.upses["rack"]["ups.status"] = "OL CHRG"
    await poll(6)
    assert [*await alerts()] == ["ups_on_battery_low"]
    await poll(11)
    assert await alerts() == {}


async def test_a_flicker_is_not_told(
    nut: FakeNut, server: MockConfigEntry, poll: Poll, alerts: Alerts
) -> None:
    """It is over before anybody could look."""
    nut.upses["rack"]["ups.status"] = "OB"
    await poll()
    nut.upses["rack"]["ups.status"] = "OL"
    await poll(4.5)
    await server.runtime_data.coordinator.async_refresh()
    await poll(30)
    assert await alerts() == {}


async def test_an_alarm_is_told_in_the_devices_own_words(
    nut: FakeNut, server: MockConfigEntry, poll: Poll, alerts: Alerts
) -> None:
    """And several reasons stand beside each other."""
    nut.upses["rack"] |= {"ups.status": "ALARM OL RB", "ups.alarm": "Fan failure!"}
    await poll()
    found = await alerts()
    assert found["ups_alarm"] == ("warning", "rack gives an alarm: Fan failure!")
    assert found.keys() == {"ups_alarm", "ups_replace_battery"}


async def test_what_a_device_says_of_the_reason_is_told_along(
    nut: FakeNut, server: MockConfigEntry, poll: Poll, alerts: Alerts
) -> None:
    """Why it went to battery, and what its alarm is; nothing where it says nothing."""
    nut.upses["rack"] |= {"ups.status": "OL OVER", "ups.alarm": "Output overload!"}
    await poll()
    text = "rack is overloaded. Unplug something. (Output overload!)"
    assert await alerts() == {"ups_overload": ("warning", text)}
    nut.upses["rack"] |= {"ups.status": "OB", "ups.alarm": "", "input.transfer.reason": "voltage sag"}
    await poll()
    await poll(6)
    text = "rack is on battery (voltage sag): 100 % left. Check the mains."
    assert await alerts() == {"ups_on_battery": ("warning", text)}


async def test_numbers_can_be_grave_too(
    hass: HomeAssistant, nut: FakeNut, server: MockConfigEntry, poll: Poll, look: Look, alerts: Alerts
) -> None:
    """Power that is about to be cut, and batteries that a UPS has counted as bad; not a timer that rests."""
    await hass.config.async_set_time_zone("Europe/Berlin")
    nut.upses["rack"] |= {"ups.timer.shutdown": "-60", "battery.packs.bad": "0"}
    await poll()
    assert await alerts() == {}
    nut.upses["rack"] |= {"ups.timer.shutdown": "30", "battery.packs.bad": "2"}
    await poll()
    at = datetime.now(ZoneInfo("Europe/Berlin")) + timedelta(seconds=30)
    text = f"rack cuts its output at {at:%H:%M:%S}: what hangs on it loses power."
    assert await alerts() == {
        "ups_shutdown_timer": ("critical", text),
        "ups_bad_battery_packs": ("warning", "rack reports bad battery packs. Have them replaced."),
    }
    assert look.state("sensor", f"{server.entry_id}_rack_alert_level") == "critical"
    nut.upses["rack"] |= {"ups.timer.shutdown": "-1", "battery.packs.bad": "0"}
    await poll()
    await poll()
    assert await alerts() == {}


async def test_a_ups_that_is_removed_takes_its_alerts_along(
    hass: HomeAssistant,
    nut: FakeNut,
    server: MockConfigEntry,
    poll: Poll,
    look: Look,
    alerts: Alerts,
    delete_device: Delete,
) -> None:
    """Its device can be deleted once the server does not have it any more."""
    nut.upses |= {"old": {"ups.status": "OL RB"}}
    await poll()
    device = look.device(server, f"{server.entry_id}_old")
    assert await delete_device(device.id) is not None
    del nut.upses["old"]
    await poll()
    assert standing(hass) == {f"ups_not_found_{server.entry_id}_old"}
    assert [*await alerts()] == ["ups_replace_battery"]
    assert await delete_device(device.id) is None
    await hass.async_block_till_done()
    assert (standing(hass), await alerts()) == (set(), {})
    await poll()
    assert "old" not in server.runtime_data.coordinator.data


async def test_a_ups_whose_server_does_not_run_is_not_deleted(
    hass: HomeAssistant, server: MockConfigEntry, look: Look, delete_device: Delete
) -> None:
    """Nobody can tell whether it is no more."""
    device = look.device(server, f"{server.entry_id}_rack")
    assert await hass.config_entries.async_unload(server.entry_id)
    assert await delete_device(device.id) == "home_assistant_error"


async def test_a_ups_that_was_removed_and_returns_has_its_name(
    hass: HomeAssistant,
    nut: FakeNut,
    server: MockConfigEntry,
    poll: Poll,
    look: Look,
    delete_device: Delete,
) -> None:
    """Though it says what it said before."""
    values = {"ups.status": "OL", "device.mfr": "ACME"}
    nut.upses |= {"old": values}
    await poll()
    del nut.upses["old"]
    await poll()
    assert await delete_device(look.device(server, f"{server.entry_id}_old").id) is None
    await hass.async_block_till_done()
    nut.upses |= {"old": values}
    await poll()
    device = look.device(server, f"{server.entry_id}_old")
    assert (device.name, device.manufacturer) == ("old", "ACME")


async def test_a_ups_with_a_new_name_goes_on_as_it_was(
    hass: HomeAssistant,
    nut: FakeNut,
    server: MockConfigEntry,
    poll: Poll,
    look: Look,
    open_repair: OpenRepair,
) -> None:
    """Device, entities and their ids."""
    device = look.device(server, f"{server.entry_id}_rack")
    charge = look.entity_id("sensor", f"{server.entry_id}_rack_battery_charge")
    nut.upses["Server"] = nut.upses.pop("rack")
    await poll()
    repair = await open_repair("ups_not_found", "rack")
    assert (await repair.choose("rename"))["step_id"] == "rename"
    assert (await repair.submit(name="Server"))["type"] == "create_entry"
    await hass.async_block_till_done(wait_background_tasks=True)
    assert look.device(server, f"{server.entry_id}_server").id == device.id
    assert look.entity_id("sensor", f"{server.entry_id}_server_battery_charge") == charge
    assert hass.states.get(charge) is not None
    devices = dr.async_entries_for_config_entry(dr.async_get(hass), server.entry_id)
    assert [each.id for each in devices] == [device.id]
    assert standing(hass) == set()


async def test_a_ups_with_a_new_name_takes_nothing_from_one_of_a_like_name(
    nut: FakeNut,
    hass: HomeAssistant,
    server: MockConfigEntry,
    poll: Poll,
    look: Look,
    hass_client: ClientSessionGenerator,
) -> None:
    """Whose name begins as the old one did."""
    nut.upses["rack_2"] = {"ups.status": "OL", "battery.charge": "90"}
    await poll()
    charge = look.entity_id("sensor", f"{server.entry_id}_rack_2_battery_charge")
    nut.upses["Server"] = nut.upses.pop("rack")
    await poll()
    repair = await Repair.open(hass, hass_client, f"ups_not_found_{server.entry_id}_rack")
    await repair.choose("rename")
    assert (await repair.submit(name="Server"))["type"] == "create_entry"
    await hass.async_block_till_done(wait_background_tasks=True)
    assert look.entity_id("sensor", f"{server.entry_id}_rack_2_battery_charge") == charge


async def test_a_ups_that_is_no_more_is_removed(
    hass: HomeAssistant, nut: FakeNut, server: MockConfigEntry, poll: Poll, open_repair: OpenRepair
) -> None:
    """With its entities."""
    del nut.upses["rack"]
    nut.upses["other"] = {"ups.status": "OL"}
    await poll()
    repair = await open_repair("ups_not_found", "rack")
    assert (await repair.choose("remove"))["type"] == "create_entry"
    await poll()
    found = er.async_entries_for_config_entry(er.async_get(hass), server.entry_id)
    assert {entity.unique_id.split("_")[1] for entity in found} == {"other"}


async def test_a_ups_that_comes_back_needs_no_repair(
    hass: HomeAssistant, nut: FakeNut, server: MockConfigEntry, poll: Poll, open_repair: OpenRepair
) -> None:
    """And whoever has the repair open meanwhile is told what there is to choose."""
    values = nut.upses.pop("rack")
    await poll()
    repair = await open_repair("ups_not_found", "rack")
    assert (await repair.choose("rename"))["reason"] == "no_other_ups"
    nut.upses["rack"] = values
    await poll()
    assert standing(hass) == set()


class TestChosen:
    """A choice was made among the UPSes of a server."""

    @pytest.fixture
    def server_data(self) -> dict[str, Any]:
        """Choose one."""
        return {"upses": ["rack"]}

    async def test_others_that_come_are_offered(
        self,
        hass: HomeAssistant,
        nut: FakeNut,
        server: MockConfigEntry,
        poll: Poll,
        hass_client: ClientSessionGenerator,
    ) -> None:
        """By a repair that follows them too."""
        nut.upses["New"] = {"ups.status": "OL"}
        await poll()
        issue = f"ups_found_{server.entry_id}_new"
        assert told(hass, issue) == {"ups": "New"}
        repair = await Repair.open(hass, hass_client, issue)
        assert (await repair.submit())["type"] == "create_entry"
        await hass.async_block_till_done(wait_background_tasks=True)
        assert server.data["upses"] == ["rack", "New"]
        assert server.runtime_data.coordinator.data["new"].fresh
        assert standing(hass) == set()

    async def test_a_choice_forgets_who_is_no_more(
        self, hass: HomeAssistant, nut: FakeNut, server: MockConfigEntry, poll: Poll, open_repair: OpenRepair
    ) -> None:
        """Or knows it by its new name."""
        nut.upses["tower"] = nut.upses.pop("rack")
        await poll()
        repair = await open_repair("ups_not_found", "rack")
        await repair.choose("rename")
        await repair.submit(name="tower")
        await hass.async_block_till_done(wait_background_tasks=True)
        assert server.data["upses"] == ["tower"]
        del nut.upses["tower"]
        nut.upses["last"] = {"ups.status": "OL"}
        await poll()
        repair = await open_repair("ups_not_found", "tower")
        await repair.choose("remove")
        assert server.data["upses"] == []


async def test_a_repair_whose_server_does_not_run(
    hass: HomeAssistant,
    nut: FakeNut,
    server: MockConfigEntry,
    poll: Poll,
    hass_client: ClientSessionGenerator,
) -> None:
    """It can wait."""
    del nut.upses["rack"]
    await poll()
    issue = f"ups_not_found_{server.entry_id}_rack"
    repairs = [await Repair.open(hass, hass_client, issue) for _ in range(2)]
    await hass.config_entries.async_unload(server.entry_id)
    for repair, option in zip(repairs, ("rename", "remove"), strict=True):
        assert (await repair.choose(option))["reason"] == "server_not_loaded"


async def test_what_is_stale_for_five_minutes_needs_a_person(
    hass: HomeAssistant, nut: FakeNut, server: MockConfigEntry, poll: Poll
) -> None:
    """Drivers lose their device for a moment all the time."""
    nut.bad["rack"] = "DATA-STALE"
    await poll()
    await poll(290)
    assert standing(hass) == set()
    await poll(11)
    assert told(hass, f"data_stale_{server.entry_id}_rack") == {"ups": "rack", "server": "127.0.0.1"}
    del nut.bad["rack"]
    await poll()
    assert standing(hass) == set()


async def test_a_driver_that_does_not_run_needs_a_person(
    hass: HomeAssistant, nut: FakeNut, server: MockConfigEntry, poll: Poll
) -> None:
    """Also one that was gone when Home Assistant started, and is there when it starts again."""
    nut.bad["rack"] = "DRIVER-NOT-CONNECTED"
    await poll()
    assert standing(hass) == {f"driver_not_connected_{server.entry_id}_rack"}
    del nut.bad["rack"]
    assert await hass.config_entries.async_reload(server.entry_id)
    assert standing(hass) == set()


async def test_an_order_to_shut_down_that_stays_needs_a_person(
    hass: HomeAssistant, nut: FakeNut, server: MockConfigEntry, poll: Poll
) -> None:
    """The mains are back, upsd does not know."""
    nut.upses["rack"]["ups.status"] = "FSD OL"
    await poll()
    assert standing(hass) == {f"fsd_latched_{server.entry_id}_rack"}


async def test_a_password_in_clear_is_said(
    hass: HomeAssistant, server_entry: MockConfigEntry, nut: FakeNut
) -> None:
    """Of a server on another machine; removing the entry takes all repairs along."""
    data = {**server_entry.data, "host": "127.0.0.2", "username": "monitor", "password": "a secret"}
    server_entry.add_to_hass(hass)
    pytest_socket.socket_allow_hosts(["127.0.0.1", "127.0.0.2"])
    await nut.stop()
    nut.host = "127.0.0.2"
    await nut.start()
    hass.config_entries.async_update_entry(server_entry, data=data)
    assert await hass.config_entries.async_setup(server_entry.entry_id)
    assert standing(hass) == {f"password_in_clear_{server_entry.entry_id}"}
    assert await hass.config_entries.async_remove(server_entry.entry_id)
    assert standing(hass) == set()


async def test_alerts_are_for_those_who_may_see_the_ups(
    nut: FakeNut, server: MockConfigEntry, poll: Poll, alerts: Alerts, hass_admin_user: MockUser
) -> None:
    """By what their groups may read."""
    nut.upses["rack"]["ups.status"] = "OL RB"
    await poll()
    assert [*await alerts()] == ["ups_replace_battery"]
    hass_admin_user.groups = []
    hass_admin_user.mock_policy({"entities": {"domains": {"light": True}}})
    assert await alerts() == {}
