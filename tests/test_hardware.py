"""What a screen hangs on: said in a form, checked there, and shown at the screen."""

from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType, InvalidData
from homeassistant.helpers import device_registry as dr, entity_registry as er
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import WebSocketGenerator

from .conftest import OTHER, UUID, Look
from .wire import Wire


async def add_hardware(hass: HomeAssistant, entry: MockConfigEntry, **data: Any) -> Any:
    """Go through the form for a screen's hardware."""
    manager = hass.config_entries.subentries
    form = await manager.async_init((entry.entry_id, "hardware"), context={"source": "user"})
    assert form["type"] is FlowResultType.FORM
    return await manager.async_configure(form["flow_id"], data)


async def change_hardware(hass: HomeAssistant, entry: MockConfigEntry, **data: Any) -> Any:
    """Go through the form that changes the only hardware there is."""
    (subentry,) = entry.get_subentries_of_type("hardware")
    form = await entry.start_subentry_reconfigure_flow(hass, subentry.subentry_id)
    return await hass.config_entries.subentries.async_configure(form["flow_id"], data)


def button(hass: HomeAssistant, uuid: str = UUID) -> er.RegistryEntry | None:
    """Return the registered button of a screen's plug."""
    registry = er.async_get(hass)
    entity_id = registry.async_get_entity_id("button", "infoscreen", f"{uuid}_power_cycle")
    return registry.async_get(entity_id) if entity_id else None


@pytest.fixture
def ups(hass: HomeAssistant) -> str:
    """Register a UPS; return its device's id."""
    entry = MockConfigEntry(domain="infoscreen", data={"host": "127.0.0.1", "port": 3493})
    entry.add_to_hass(hass)
    registry = dr.async_get(hass)
    device = registry.async_get_or_create(
        config_entry_id=entry.entry_id, identifiers={("infoscreen", f"{entry.entry_id}_ups")}
    )
    return device.id


async def test_the_hardware_of_a_screen_is_kept_as_it_was_given(
    hass: HomeAssistant, fleet: MockConfigEntry, screen: str, look: Look, ups: str
) -> None:
    """Product, "Config entries": all of it; named after the screen, which it is unique by."""
    hass.states.async_set("sensor.tv_power", "80", {"device_class": "power"})
    data = {
        "screen": look.device(fleet, screen).id,
        "plug": "switch.foyer",
        "tv_entity": "media_player.foyer",
        "power_sensor": "sensor.tv_power",
        "power_on_above": 12.5,
        "ups": ups,
    }
    done = await add_hardware(hass, fleet, **data)
    assert (done["type"], done["title"]) == (FlowResultType.CREATE_ENTRY, "foyer-1")
    (subentry,) = fleet.get_subentries_of_type("hardware")
    assert (subentry.unique_id, dict(subentry.data)) == (screen, data)

    twice = await add_hardware(hass, fleet, screen=data["screen"])
    assert (twice["type"], twice["reason"]) == (FlowResultType.ABORT, "already_configured")


@pytest.mark.parametrize(
    ("data", "errors"),
    [
        ({"screen": "nothing"}, {"screen": "not_a_screen"}),
        ({"screen": "of a group"}, {"screen": "not_a_screen"}),
        ({"power_sensor": "sensor.nothing"}, {"power_sensor": "not_a_power_sensor"}),
        ({"power_sensor": "sensor.warmth"}, {"power_sensor": "not_a_power_sensor"}),
        ({"ups": "nothing"}, {"ups": "not_a_ups"}),
        ({"ups": "of a group"}, {"ups": "not_a_ups"}),
    ],
    ids=["no device", "a group", "no sensor", "another sensor", "no UPS", "a group for a UPS"],
)
async def test_what_is_not_what_it_should_be_is_refused_in_the_form(
    hass: HomeAssistant,
    fleet: MockConfigEntry,
    screen: str,
    look: Look,
    data: dict[str, str],
    errors: dict[str, str],
) -> None:
    """Nothing is made of it."""
    hass.states.async_set("sensor.warmth", "20", {"device_class": "temperature"})
    devices = {"of a group": look.device(fleet, f"{fleet.entry_id}_group_12").id}
    given = {"screen": look.device(fleet, screen).id} | data
    form = await add_hardware(hass, fleet, **{key: devices.get(value, value) for key, value in given.items()})
    assert (form["type"], form["errors"]) == (FlowResultType.FORM, errors)


@pytest.mark.parametrize(
    "data",
    [{"plug": "light.foyer"}, {"tv_entity": "sensor.foyer"}, {"power_on_above": -1}],
    ids=["a plug that is no switch", "a TV that cannot be switched", "less than nothing"],
)
async def test_what_a_field_cannot_hold_does_not_get_in(
    hass: HomeAssistant, fleet: MockConfigEntry, screen: str, look: Look, data: dict[str, Any]
) -> None:
    """The form's own bounds."""
    with pytest.raises(InvalidData):
        await add_hardware(hass, fleet, screen=look.device(fleet, screen).id, **data)


async def test_the_player_of_a_group_is_no_tv(
    hass: HomeAssistant, fleet: MockConfigEntry, screen: str, look: Look
) -> None:
    """It stands for what the group is to be: turned along, it would hold the group as it is."""
    player = look.entity_id("media_player", f"{fleet.entry_id}_group_12_player")
    with pytest.raises(InvalidData):
        await add_hardware(hass, fleet, screen=look.device(fleet, screen).id, tv_entity=player)
    form = await hass.config_entries.subentries.async_init(
        (fleet.entry_id, "group"), context={"source": "user"}
    )
    with pytest.raises(InvalidData):
        await hass.config_entries.subentries.async_configure(
            form["flow_id"], {"name": "Attic", "tv_entities": [player]}
        )


async def test_the_button_of_a_plug_comes_and_goes_with_it(
    hass: HomeAssistant, fleet: MockConfigEntry, screen: str, look: Look
) -> None:
    """At the screen's device, disabled by default; without a reload."""
    device_id = look.device(fleet, screen).id
    assert button(hass) is None
    await add_hardware(hass, fleet, screen=device_id, plug="switch.foyer")
    await hass.async_block_till_done()
    registered = button(hass)
    assert registered is not None
    assert (registered.device_id, registered.disabled_by) == (device_id, er.RegistryEntryDisabler.INTEGRATION)

    changed = await change_hardware(hass, fleet, power_on_above=5)
    assert changed["reason"] == "reconfigure_successful"
    await hass.async_block_till_done()
    assert button(hass) is None
    (subentry,) = fleet.get_subentries_of_type("hardware")
    assert dict(subentry.data) == {"screen": device_id, "power_on_above": 5}

    await change_hardware(hass, fleet, plug="switch.other")
    await hass.async_block_till_done()
    assert button(hass) is not None
    hass.config_entries.async_remove_subentry(fleet, subentry.subentry_id)
    await hass.async_block_till_done()
    assert button(hass) is None
    assert look.device(fleet, screen).id == device_id


async def test_a_change_that_makes_no_sense_is_refused_in_the_form(
    hass: HomeAssistant, fleet: MockConfigEntry, screen: str, look: Look
) -> None:
    """As when it was made."""
    await add_hardware(hass, fleet, screen=look.device(fleet, screen).id)
    form = await change_hardware(hass, fleet, ups="nothing")
    assert form["errors"] == {"ups": "not_a_ups"}


async def test_a_plug_that_went_while_the_fleet_was_down_takes_its_button_along(
    hass: HomeAssistant, fleet: MockConfigEntry, screen: str, wire: Wire, look: Look
) -> None:
    """Nobody told us; it is seen at the next start."""
    await add_hardware(hass, fleet, screen=look.device(fleet, screen).id, plug="switch.foyer")
    await hass.async_block_till_done()
    assert await hass.config_entries.async_unload(fleet.entry_id)
    (subentry,) = fleet.get_subentries_of_type("hardware")
    hass.config_entries.async_remove_subentry(fleet, subentry.subentry_id)
    assert await hass.config_entries.async_setup(fleet.entry_id)
    await wire.settle()
    wire.rest()
    assert button(hass) is None


async def test_the_hardware_of_a_screen_that_is_deleted_goes_with_it(
    hass: HomeAssistant,
    fleet: MockConfigEntry,
    screen: str,
    wire: Wire,
    look: Look,
    hass_ws_client: WebSocketGenerator,
) -> None:
    """Its device is no more; should it return, it hangs on nothing until somebody says so."""
    device = look.device(fleet, screen)
    await add_hardware(hass, fleet, screen=device.id, plug="switch.foyer")
    await hass.async_block_till_done()
    assert await async_setup_component(hass, "config", {})
    client = await hass_ws_client(hass)
    assert (await client.remove_device(device.id))["success"]
    await wire.settle()
    assert fleet.get_subentries_of_type("hardware") == []
    await wire.hears("infoscreen/discovery", {"uuid": screen})
    await wire.hears("infoscreen/discovery", {"uuid": OTHER})
    wire.rest()
    assert button(hass) is None
    await add_hardware(hass, fleet, screen=look.device(fleet, screen).id, plug="switch.foyer")
    await hass.async_block_till_done()
    assert button(hass) is not None
    assert button(hass, OTHER) is None


async def test_hardware_cannot_be_added_to_a_fleet_that_does_not_run(
    hass: HomeAssistant, fleet: MockConfigEntry
) -> None:
    """Nobody could tell which screens it has."""
    await hass.config_entries.async_unload(fleet.entry_id)
    manager = hass.config_entries.subentries
    end = await manager.async_init((fleet.entry_id, "hardware"), context={"source": "user"})
    assert (end["type"], end["reason"]) == (FlowResultType.ABORT, "fleet_not_loaded")
