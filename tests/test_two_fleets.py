"""Where one fleet ends: screens that speak in two, what is done in two, and fleets that grow too large."""

from typing import Any
from unittest.mock import patch

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import device_registry as dr
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.infoscreen.errors import raise_together

from .conftest import OTHER, UUID, Ask, Delete, Look, PassTime, group
from .disks import full_disk
from .repairs import Repair, standing, told
from .wire import Wire

TWO = f"two_fleets_{UUID}"
PLAN = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//school//plan//EN
BEGIN:VEVENT
UID:1
SUMMARY:Plan
DTSTART:20000101T080000Z
DTEND:21000101T080000Z
END:VEVENT
END:VCALENDAR
"""


@pytest.fixture
async def annex(hass: HomeAssistant, fleet: MockConfigEntry) -> MockConfigEntry:
    """Set up another fleet, below another prefix."""
    annex = MockConfigEntry(
        domain="infoscreen",
        title="Annex",
        unique_id="mqtt/annex",
        data={"transport": "mqtt", "topic_prefix": "annex"},
    )
    annex.add_to_hass(hass)
    assert await hass.config_entries.async_setup(annex.entry_id)
    await hass.async_block_till_done()
    return annex


async def test_a_screen_that_speaks_in_two_fleets_is_a_repair_until_one_has_it_no_more(
    hass: HomeAssistant,
    fleet: MockConfigEntry,
    annex: MockConfigEntry,
    screen: str,
    wire: Wire,
    look: Look,
    delete_device: Delete,
) -> None:
    """Product, "Config entries"; its entities would be the same, so the first keeps them."""
    await wire.hears("annex/discovery", {"uuid": screen})
    await wire.hears(f"annex/{screen}/heartbeat")
    assert told(hass, TWO) == {"screen": "foyer-1", "uuid": UUID, "fleet": "Infoscreen", "other": "Annex"}
    assert wire.rest() == []
    await wire.hears("infoscreen/discovery", {"uuid": screen})
    assert wire.said(f"infoscreen/{screen}/discovery_ack")
    wire.rest()

    assert await delete_device(look.device(fleet, screen).id) is None
    await wire.settle()
    wire.rest()
    assert standing(hass) == set()
    await wire.hears("annex/discovery", {"uuid": screen})
    assert wire.said(f"annex/{screen}/discovery_ack")
    wire.rest()
    assert look.device(annex, screen)


@pytest.mark.parametrize("gone", [0, 1], ids=["the one that has it", "the other one"])
async def test_the_repair_goes_with_either_fleet(
    hass: HomeAssistant, fleet: MockConfigEntry, annex: MockConfigEntry, screen: str, wire: Wire, gone: int
) -> None:
    """There are no two fleets any more."""
    await wire.hears("annex/discovery", {"uuid": screen})
    assert standing(hass) == {TWO}
    await hass.config_entries.async_remove((fleet, annex)[gone].entry_id)
    await wire.settle()
    wire.rest()
    assert standing(hass) == set()


@pytest.mark.parametrize("options", [{"approve_new_screens": True}], ids=["approval"])
async def test_who_is_in_another_fleet_by_now_is_not_let_in(
    hass: HomeAssistant,
    fleet: MockConfigEntry,
    annex: MockConfigEntry,
    wire: Wire,
    hass_client: ClientSessionGenerator,
) -> None:
    """It waited here while the other took it in."""
    await wire.hears("infoscreen/discovery", {"uuid": UUID, "hostname": "foyer-1"})
    await wire.hears("annex/discovery", {"uuid": UUID, "hostname": "foyer-1"})
    wire.rest()
    await (await Repair.open(hass, hass_client, f"new_screen_{UUID}")).choose("accept")
    assert standing(hass) == {TWO}
    devices = dr.async_get(hass)
    assert devices.async_get_device_by_identifier(("infoscreen", UUID), fleet.entry_id) is None


async def test_people_hear_in_time_that_a_fleet_is_nearly_full(
    hass: HomeAssistant,
    fleet: MockConfigEntry,
    screen: str,
    wire: Wire,
    look: Look,
    pass_time: PassTime,
    delete_device: Delete,
) -> None:
    """Home Assistant adds no entity beyond ten thousand; the last screens would be without."""
    full = f"fleet_nearly_full_{fleet.entry_id}"
    count = "homeassistant.helpers.entity_registry.EntityRegistryItems.get_enabled_count_for_config_entry_id"
    with patch(count, return_value=9000):
        await wire.hears("infoscreen/11111111-2222-4333-8444-555555555555/heartbeat")
        assert standing(hass) == set()
        await pass_time(61)
    assert told(hass, full) == {
        "fleet": "Infoscreen",
        "screens": "2",
        "max_screens": "500",
        "entities": "9000",
        "max_entities": "10000",
    }
    with patch(count, return_value=8999):
        assert await delete_device(look.device(fleet, screen).id) is None
        await pass_time(61)
    wire.rest()
    assert standing(hass) == set()


@pytest.fixture
async def twin(hass: HomeAssistant, fleet: MockConfigEntry, screen: str, wire: Wire) -> MockConfigEntry:
    """Set up another fleet with a group and a screen, called as they are in the first."""
    twin = MockConfigEntry(
        domain="infoscreen",
        title="Twin",
        unique_id="mqtt/twin",
        data={"transport": "mqtt", "topic_prefix": "twin"},
        subentries_data=[group("Foyer", 12)],
    )
    twin.add_to_hass(hass)
    assert await hass.config_entries.async_setup(twin.entry_id)
    await wire.hears("twin/discovery", {"uuid": OTHER})
    return twin


@pytest.mark.parametrize("full", ["Infoscreen", "Twin"])
@pytest.mark.parametrize(
    ("action", "data", "platform", "key", "changed"),
    [
        ("set_power", {"power_mode": "off"}, "select", "{group}_power_mode", "off"),
        ("assign_group", {"group": "Foyer"}, "select", "{screen}_group", "Foyer"),
        (
            "add_event",
            {
                "title": "Plan",
                "event_type": "message",
                "text": "Hello",
                "start": "2000-01-01 08:00",
                "end": "2100-01-01 08:00",
            },
            "sensor",
            "{group}_current_event",
            "Plan",
        ),
        ("import_schedule", {"ical": PLAN}, "sensor", "{group}_current_event", "Plan"),
    ],
    ids=["set_power", "assign_group", "add_event", "import_schedule"],
)
async def test_a_fleet_that_fails_stops_no_other(
    fleet: MockConfigEntry,
    twin: MockConfigEntry,
    wire: Wire,
    look: Look,
    ask: Ask,
    full: str,
    action: str,
    data: dict[str, Any],
    platform: str,
    key: str,
    changed: str,
) -> None:
    """Product, "Actions": several targets run side by side, whichever of them fails."""
    whose = {fleet: UUID, twin: OTHER}
    meant = "{screen}" if "screen" in key else "{group}"
    keys = {
        entry: {"group": f"{entry.entry_id}_group_12", "screen": screen} for entry, screen in whose.items()
    }
    target = {"device_id": [look.device(entry, meant.format(**names)).id for entry, names in keys.items()]}
    (broken,) = (entry for entry in whose if entry.title == full)
    with full_disk(broken.entry_id), pytest.raises(HomeAssistantError, match=broken.entry_id):
        await ask(action, target, **data)
    await wire.settle()
    shown = {entry: look.state(platform, key.format(**names)) == changed for entry, names in keys.items()}
    assert shown == {entry: entry is not broken for entry in whose}
    wire.rest()


@pytest.mark.parametrize(
    ("language", "reason"),
    [("en", "could not be written to disk"), ("de", "konnte nicht gespeichert werden")],
)
async def test_all_fleets_that_fail_are_told(
    hass: HomeAssistant,
    fleet: MockConfigEntry,
    twin: MockConfigEntry,
    wire: Wire,
    look: Look,
    ask: Ask,
    language: str,
    reason: str,
) -> None:
    """Product, "Actions": one error names all that failed, in Home Assistant's language."""
    await hass.config.async_update(language=language)
    await hass.async_block_till_done()
    target = {"device_id": [look.device(entry, f"{entry.entry_id}_group_12").id for entry in (fleet, twin)]}
    with full_disk(), pytest.raises(HomeAssistantError) as failed:
        await ask("set_power", target, power_mode="off")
    for entry in (fleet, twin):
        assert f"{entry.title}: infoscreen.{entry.entry_id}.fleet {reason}" in str(failed.value)
    wire.rest()


async def test_an_error_of_others_that_lacks_its_details_hides_none(fleet: MockConfigEntry) -> None:
    """Whatever an integration raises: it is told as far as it goes, and so is what failed beside it."""
    bare = HomeAssistantError(translation_domain="infoscreen", translation_key="command_not_published")
    with pytest.raises(HomeAssistantError, match="Aula: no answer"):
        raise_together([("Foyer", bare), ("Aula", HomeAssistantError("no answer"))])
