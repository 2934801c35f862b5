"""A fleet's list of alerts: its own, and those of the UPSes that it hangs on."""

from collections.abc import Callable
from typing import Any

from homeassistant.core import HomeAssistant, State
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from .conftest import Look, Poll, group
from .fake_nut import FakeNut
from .wire import Wire

CRASHED = {"actual_state": {"status": "crashed"}}

type Listed = Callable[[], list[tuple[str, str]]]


@pytest.fixture
def listed(hass: HomeAssistant, fleet: MockConfigEntry, look: Look) -> Listed:
    """Return what reads the fleet's sensor: the kinds of all that it lists, and their devices."""
    entity_id = look.entity_id("sensor", f"{fleet.entry_id}_alerts")

    def read() -> list[tuple[str, str]]:
        state = hass.states.get(entity_id)
        assert isinstance(state, State)
        alerts: list[dict[str, Any]] = state.attributes["alerts"]
        assert state.state == f"{len(alerts)}"
        return [(alert["kind"], alert["device_id"]) for alert in alerts]

    return read


async def test_without_a_ups_of_its_own_a_fleet_hears_of_all(
    fleet: MockConfigEntry,
    nut: FakeNut,
    server: MockConfigEntry,
    screen: str,
    wire: Wire,
    poll: Poll,
    look: Look,
    listed: Listed,
) -> None:
    """Product, "Alerts": one list, the most urgent first, and none that is over."""
    await wire.hears(f"infoscreen/{screen}/health", CRASHED)
    rack, device = look.device(server, f"{server.entry_id}_rack").id, look.device(fleet, screen).id
    nut.upses["rack"]["ups.status"] = "OL RB"
    await poll()
    assert sorted(listed()) == [("process_crashed", device), ("ups_replace_battery", rack)]
    nut.upses["rack"]["ups.status"] = "OFF"
    await poll()
    assert listed()[0] == ("ups_output_off", rack)
    nut.upses["rack"]["ups.status"] = "OL"
    await poll()
    await poll()
    assert listed() == [("process_crashed", device)]


async def test_a_server_that_comes_and_goes_takes_its_alerts_along(
    hass: HomeAssistant, fleet: MockConfigEntry, nut: FakeNut, server_entry: MockConfigEntry, listed: Listed
) -> None:
    """Whichever is set up first."""
    nut.upses["rack"]["ups.status"] = "OL RB"
    server_entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(server_entry.entry_id)
    await hass.async_block_till_done()
    assert [kind for kind, _ in listed()] == ["ups_replace_battery"]
    assert await hass.config_entries.async_unload(server_entry.entry_id)
    await hass.async_block_till_done()
    assert listed() == []


class TestOfTheUpsesThatFeedIt:
    """A fleet that says what it hangs on."""

    @pytest.fixture
    def entry(self, server: MockConfigEntry, look: Look) -> MockConfigEntry:
        """Return a fleet with a group on one UPS."""
        rack = look.device(server, f"{server.entry_id}_rack").id
        aula = group("Aula", 13)
        foyer = {**group("Foyer", 12), "data": {"name": "Foyer", "group_id": 12, "ups": rack}}
        return MockConfigEntry(
            domain="infoscreen",
            title="Infoscreen",
            unique_id="mqtt/infoscreen",
            data={"transport": "mqtt", "topic_prefix": "infoscreen"},
            subentries_data=[foyer, aula],
        )

    async def test_no_other_counts(
        self,
        hass: HomeAssistant,
        fleet: MockConfigEntry,
        nut: FakeNut,
        poll: Poll,
        listed: Listed,
    ) -> None:
        """The UPS of a server room is none of a fleet's business, until nothing is said of UPSes any more."""
        nut.upses |= {"cellar": {"ups.status": "OL BYPASS"}}
        await poll()
        assert listed() == []
        nut.upses["rack"]["ups.status"] = "OL RB"
        await poll()
        assert [kind for kind, _ in listed()] == ["ups_replace_battery"]
        foyer = next(each for each in fleet.subentries.values() if each.title == "Foyer")
        hass.config_entries.async_update_subentry(fleet, foyer, data={"name": "Foyer", "group_id": 12})
        await hass.async_block_till_done()
        assert sorted(kind for kind, _ in listed()) == ["ups_bypass", "ups_replace_battery"]
