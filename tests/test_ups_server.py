"""A NUT server is followed: each of its UPSes by itself, and the server as a whole."""

from typing import Any

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.infoscreen.model.ups.device import State, Ups

from .conftest import Look, Poll
from .fake_nut import FakeNut, Fault


def ups(server: MockConfigEntry, key: str = "rack") -> Ups:
    """Return what is known of a UPS."""
    found = server.runtime_data.coordinator.data[key]
    assert isinstance(found, Ups)
    return found


def devices(hass: HomeAssistant, server: MockConfigEntry) -> set[str | None]:
    """Return the names of the devices."""
    found = dr.async_entries_for_config_entry(dr.async_get(hass), server.entry_id)
    return {device.name for device in found}


async def test_a_ups_becomes_a_device(
    hass: HomeAssistant, nut: FakeNut, server: MockConfigEntry, look: Look, poll: Poll
) -> None:
    """Its names are its own; its serial number identifies nothing."""
    assert server.state is ConfigEntryState.LOADED
    assert devices(hass, server) == {"rack"}
    nut.descriptions["rack"] = "Server room"
    nut.upses["rack"] |= {
        "ups.mfr": "EATON ",
        "device.model": "5E",
        "ups.serial": "000",
        "ups.firmware": "02.08",
    }
    await poll()
    device = look.device(server, f"{server.entry_id}_rack")
    assert (device.name, device.manufacturer, device.model) == ("Server room", "EATON", "5E")
    assert (device.serial_number, device.sw_version) == ("000", "02.08")


@pytest.mark.parametrize("status", ["OB", "LB", "FSD"])
async def test_a_mains_failure_is_known_by_the_next_poll_and_watched_more_closely(
    nut: FakeNut, server: MockConfigEntry, poll: Poll, status: str
) -> None:
    """Every ten seconds, every five while it lasts, by whichever word."""
    nut.upses["rack"]["ups.status"] = status
    await poll(11)
    assert ups(server).status.has(status)
    nut.upses["rack"]["battery.charge"] = "71"
    await poll(6)
    assert ups(server).charge == 71


async def test_a_bad_ups_hides_no_other(nut: FakeNut, server: MockConfigEntry, poll: Poll) -> None:
    """They all come through one server, and their drivers are their own."""
    words = {
        "stale": ("DATA-STALE", State.STALE),
        "driverless": ("DRIVER-NOT-CONNECTED", State.DRIVER_LOST),
        "private": ("ACCESS-DENIED", State.DENIED),
        "odd": ("SOMETHING-ELSE", State.ERROR),
    }
    for name, (word, _) in words.items():
        nut.upses[name] = {"ups.status": "OL"}
        nut.bad[name] = word
    await poll()
    for name, (word, state) in words.items():
        assert (ups(server, name).state, ups(server, name).reason) == (state, word)
    assert ups(server).fresh
    del nut.bad["stale"]
    await poll()
    assert ups(server, "stale").fresh


async def test_a_ups_whose_answer_has_no_end_hides_no_other(
    nut: FakeNut, server: MockConfigEntry, poll: Poll
) -> None:
    """It is not taken in."""
    nut.upses["endless"] = {f"variable.{number}": "x" * 100 for number in range(1000)}
    await poll()
    assert (ups(server, "endless").state, ups(server).state) == (State.ERROR, State.OK)


async def test_a_ups_whose_variables_have_no_values_hides_no_other(
    nut: FakeNut, server: MockConfigEntry, poll: Poll
) -> None:
    """Whatever else calls itself a NUT server: it is not taken in, and no outage beside it is missed."""
    nut.upses["odd"] = {"ups.status": "OL"}
    nut.valueless.add("odd")
    nut.upses["rack"]["ups.status"] = "OB"
    await poll()
    assert (ups(server, "odd").state, ups(server).status.on_battery) == (State.ERROR, True)


async def test_commands_that_were_not_understood_are_asked_for_again(
    hass: HomeAssistant, nut: FakeNut, server_entry: MockConfigEntry, poll: Poll, look: Look
) -> None:
    """Until they are; then no more."""
    nut.commands["rack"], nut.says_of_commands = {"beeper.mute"}, "BEGIN LIST\n"
    server_entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(server_entry.entry_id)
    nut.says_of_commands = ""
    await poll()
    look.entity_id("button", f"{server_entry.entry_id}_rack_beeper_mute")
    nut.lines.clear()
    await poll()
    assert "LIST VAR rack" in nut.lines
    assert "LIST CMD rack" not in nut.lines


async def test_a_ups_that_is_removed_while_the_others_are_asked(
    hass: HomeAssistant, nut: FakeNut, server: MockConfigEntry, poll: Poll
) -> None:
    """The answers stay with those who gave them."""
    nut.upses["old"], nut.upses["tower"] = {"ups.status": "OL"}, {"ups.status": "OL BYPASS"}
    await poll()
    coordinator = server.runtime_data.coordinator
    nut.open.clear()
    asking = hass.async_create_task(coordinator.async_refresh())
    await nut.waits.wait()
    coordinator.async_forget("old")
    nut.open.set()
    await asking
    assert coordinator.last_update_success
    assert {key: ups.status.flags for key, ups in coordinator.data.items()} == {
        "rack": ("OL",),
        "tower": ("OL", "BYPASS"),
    }


async def test_a_ups_that_tells_no_commands_is_read_all_the_same(
    nut: FakeNut, server: MockConfigEntry, poll: Poll
) -> None:
    """Not every server lets everybody see them."""
    nut.upses["mute"] = {"ups.status": "OL"}
    nut.says_of_commands = "ERR FEATURE-NOT-SUPPORTED\n"
    await poll()
    assert ups(server, "mute").fresh


async def test_upses_appear_and_vanish(
    hass: HomeAssistant, nut: FakeNut, server: MockConfigEntry, poll: Poll
) -> None:
    """The one that is gone keeps its device until somebody says that it is no more."""
    nut.upses = {"Office": {"ups.status": "OL"}, **nut.upses}
    await poll()
    assert devices(hass, server) == {"rack", "Office"}
    del nut.upses["rack"]
    await poll()
    assert devices(hass, server) == {"rack", "Office"}
    assert (ups(server).state, ups(server, "office").state) == (State.NOT_FOUND, State.OK)


async def test_one_that_is_gone_at_the_start_is_missed_too(
    hass: HomeAssistant, nut: FakeNut, server: MockConfigEntry
) -> None:
    """Its device tells that it was there."""
    nut.upses = {"other": {"ups.status": "OL"}}
    assert await hass.config_entries.async_reload(server.entry_id)
    assert ups(server).state is State.NOT_FOUND
    assert devices(hass, server) == {"rack", "other"}


class TestChosen:
    """A choice was made among the UPSes of a server."""

    @pytest.fixture
    def server_data(self) -> dict[str, Any]:
        """Choose one."""
        return {"upses": ["Rack"]}

    async def test_others_are_not_followed(self, nut: FakeNut, server: MockConfigEntry, poll: Poll) -> None:
        """But known of; and case makes no difference."""
        nut.upses["other"] = {"ups.status": "OL"}
        await poll()
        coordinator = server.runtime_data.coordinator
        assert (coordinator.data.keys(), coordinator.others) == ({"rack"}, {"other": "other"})
        assert ups(server).fresh


async def test_a_server_may_miss_three_questions(nut: FakeNut, server: MockConfigEntry, poll: Poll) -> None:
    """Five seconds apart; until then values stand, and nobody may act on them."""
    await nut.stop()
    for passed in (11, 6, 6):
        await poll(passed)
        assert server.runtime_data.coordinator.last_update_success
        assert (ups(server).charge, ups(server).fresh) == (100, False)
    await poll(6)
    assert not server.runtime_data.coordinator.last_update_success
    assert (ups(server).state, ups(server).charge) == (State.SERVER_LOST, None)
    await nut.start()
    await poll(6)
    assert ups(server).fresh


async def test_a_server_that_stays_away_is_asked_ever_more_rarely(
    nut: FakeNut, server: MockConfigEntry, poll: Poll
) -> None:
    """At most once a minute."""
    nut.fault = Fault.CLOSES
    for _ in range(12):
        await poll(61)
    nut.fault = None
    await poll(50)
    assert not ups(server).fresh
    await poll(12)
    assert ups(server).fresh


async def test_a_server_that_is_down_at_the_start_is_tried_again(
    hass: HomeAssistant, nut: FakeNut, server_entry: MockConfigEntry
) -> None:
    """Home Assistant says so and does it."""
    await nut.stop()
    server_entry.add_to_hass(hass)
    await hass.config_entries.async_setup(server_entry.entry_id)
    assert server_entry.state is ConfigEntryState.SETUP_RETRY
    assert server_entry.error_reason_translation_key == "nut_server_failed"


async def test_a_server_that_asks_for_a_login_at_the_start(
    hass: HomeAssistant, nut: FakeNut, server_entry: MockConfigEntry
) -> None:
    """A person is asked, not the server again."""
    nut.fault = Fault.ASKS_FOR_LOGIN
    server_entry.add_to_hass(hass)
    await hass.config_entries.async_setup(server_entry.entry_id)
    assert server_entry.state is ConfigEntryState.SETUP_ERROR
