"""Groups: made, named, filled and dissolved."""

from typing import Any
from unittest.mock import patch

from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.exceptions import HomeAssistantError, Unauthorized
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers.storage import Store
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, MockUser

from .conftest import OTHER, Look, choose
from .disks import full_disk
from .wire import Wire


async def add_group(hass: HomeAssistant, entry: MockConfigEntry, **data: Any) -> Any:
    """Go through the form for a new group."""
    manager = hass.config_entries.subentries
    form = await manager.async_init((entry.entry_id, "group"), context={"source": "user"})
    assert form["type"] is FlowResultType.FORM
    return await manager.async_configure(form["flow_id"], data)


async def test_a_screen_follows_the_choice_of_its_group(
    hass: HomeAssistant, screen: str, wire: Wire, look: Look
) -> None:
    """Contract, "group_id": retained as text, empty when unassigned."""
    assert look.attributes("select", f"{screen}_group")["options"] == ["unassigned", "Aula", "Foyer"]
    await choose(hass, look, screen, "Foyer")
    await wire.settle()
    standing = wire.said(f"infoscreen/{screen}/group_id")
    assert (standing.payload, standing.qos, standing.retain) == (b"12", 1, True)
    assert look.state("select", f"{screen}_group") == "Foyer"

    await choose(hass, look, screen, "unassigned")
    await wire.settle()
    assert wire.said(f"infoscreen/{screen}/group_id").payload == b""
    assert look.state("select", f"{screen}_group") == "unassigned"


async def test_the_group_of_a_screen_is_on_disk_when_the_choice_is_made(
    hass: HomeAssistant,
    fleet: MockConfigEntry,
    screen: str,
    wire: Wire,
    look: Look,
    hass_storage: dict[str, Any],
) -> None:
    """It survives a kill -9, and a discovery is answered with it."""
    await choose(hass, look, screen, "Aula")
    stored = hass_storage[f"infoscreen.{fleet.entry_id}.fleet"]["data"]
    assert [kept["group_id"] for kept in stored["screens"]] == [13]
    await wire.settle()
    wire.rest()
    await wire.hears("infoscreen/discovery", {"uuid": screen})
    assert wire.said(f"infoscreen/{screen}/discovery_ack").json["group_id"] == 13
    assert wire.said(f"infoscreen/{screen}/group_id").payload == b"13"


async def test_a_choice_that_could_not_be_saved_is_not_made(
    hass: HomeAssistant, screen: str, wire: Wire, look: Look
) -> None:
    """Neither shown nor told to the screen: a restart would undo it."""
    with (
        full_disk(),
        pytest.raises(HomeAssistantError) as refused,
    ):
        await choose(hass, look, screen, "Foyer")
    assert refused.value.translation_key == "not_saved"
    await wire.settle()
    assert wire.rest() == []
    assert look.state("select", f"{screen}_group") == "unassigned"


async def test_a_screen_that_speaks_while_it_is_assigned_does_not_undo_it(
    hass: HomeAssistant, screen: str, wire: Wire, look: Look
) -> None:
    """The disk takes its time, and screens do not wait."""
    real = Store._async_write_data

    async def write(store: Store[Any], data: dict[str, Any]) -> None:
        wire.brings("infoscreen/discovery", {"uuid": screen, "hostname": "renamed"})
        await real(store, data)

    with patch("homeassistant.helpers.storage.Store._async_write_data", write):
        await choose(hass, look, screen, "Foyer")
    await wire.settle()
    assert look.state("select", f"{screen}_group") == "Foyer"
    assert [said.payload for said in wire.rest() if said.topic.endswith("group_id")][-1] == b"12"


async def test_assigning_is_for_administrators(
    hass: HomeAssistant, screen: str, wire: Wire, look: Look
) -> None:
    """Product, "Who may what"."""
    user = MockUser(groups=[]).add_to_hass(hass)
    user.mock_policy({"entities": True})
    with pytest.raises(Unauthorized):
        await choose(hass, look, screen, "Foyer", user.id)
    assert look.state("select", f"{screen}_group") == "unassigned"


async def test_a_new_group_is_there_at_once_with_the_next_id(
    hass: HomeAssistant, fleet: MockConfigEntry, screen: str, wire: Wire, look: Look
) -> None:
    """Adding a group reloads nothing: its device, its topic and the choice of it are there."""
    done = await add_group(hass, fleet, name="  Library ")
    assert (done["type"], done["title"]) == (FlowResultType.CREATE_ENTRY, "Library")
    await wire.settle()
    assert wire.said("infoscreen/events/14").payload == b"[]"
    assert look.device(fleet, f"{fleet.entry_id}_group_14").name == "Library"
    assert look.state("sensor", f"{fleet.entry_id}_group_14_current_event") == "unknown"
    assert "Library" in look.attributes("select", f"{screen}_group")["options"]


@pytest.mark.parametrize(
    ("data", "errors"),
    [
        ({"name": "  "}, {"name": "group_name_missing"}),
        ({"name": "foyer"}, {"name": "group_name_taken"}),
        ({"name": "Unassigned"}, {"name": "group_name_reserved"}),
        ({"name": "x" * 65}, {"name": "group_name_too_long"}),
        ({"name": "Library", "group_id": 13}, {"group_id": "group_id_taken"}),
    ],
    ids=["no name", "a name in use", "the word for no group", "too long", "an id in use"],
)
async def test_a_group_that_would_confuse_is_refused_in_the_form(
    hass: HomeAssistant, fleet: MockConfigEntry, data: dict[str, Any], errors: dict[str, str]
) -> None:
    """The form says why, and is still there."""
    form = await add_group(hass, fleet, **data)
    assert (form["type"], form["errors"]) == (FlowResultType.FORM, errors)


async def test_a_group_keeps_the_id_an_old_server_gave_it(
    hass: HomeAssistant, fleet: MockConfigEntry, wire: Wire
) -> None:
    """Screens in the field know the group by it."""
    await add_group(hass, fleet, name="Library", group_id=7)
    await wire.settle()
    assert wire.said("infoscreen/events/7").payload == b"[]"


async def test_a_renamed_group_has_its_new_name_everywhere(
    hass: HomeAssistant, fleet: MockConfigEntry, screen: str, look: Look
) -> None:
    """Only the name changes; nothing is published."""
    subentry = next(s for s in fleet.subentries.values() if s.title == "Foyer")
    form = await fleet.start_subentry_reconfigure_flow(hass, subentry.subentry_id)
    manager = hass.config_entries.subentries
    refused = await manager.async_configure(form["flow_id"], {"name": "Aula"})
    assert refused["errors"] == {"name": "group_name_taken"}
    done = await manager.async_configure(form["flow_id"], {"name": "Lobby"})
    assert done["reason"] == "reconfigure_successful"
    await hass.async_block_till_done()
    assert look.device(fleet, f"{fleet.entry_id}_group_12").name == "Lobby"
    assert look.attributes("select", f"{screen}_group")["options"] == ["unassigned", "Aula", "Lobby"]


async def test_a_group_is_filled_by_its_own_form(
    hass: HomeAssistant, fleet: MockConfigEntry, screen: str, wire: Wire, look: Look
) -> None:
    """When it is made and later; who is taken out is in none, who is chosen leaves where it was."""
    await wire.hears(f"infoscreen/{OTHER}/heartbeat")
    await choose(hass, look, OTHER, "Aula")
    await add_group(hass, fleet, name="Library", screens=[screen])
    await wire.settle()
    assert wire.said(f"infoscreen/{screen}/group_id").payload == b"14"
    assert look.state("select", f"{screen}_group") == "Library"

    subentry = next(s for s in fleet.subentries.values() if s.title == "Library")
    assert "screens" not in subentry.data
    form = await fleet.start_subentry_reconfigure_flow(hass, subentry.subentry_id)
    assert form["data_schema"] is not None
    options = next(
        field.config["options"] for key, field in form["data_schema"].schema.items() if key == "screens"
    )
    assert options == [
        {"value": screen, "label": "foyer-1 (Library)"},
        {"value": OTHER, "label": f"Screen {OTHER[:8]} (Aula)"},
    ]
    wire.rest()
    manager = hass.config_entries.subentries
    await manager.async_configure(form["flow_id"], {"name": "Library", "screens": [OTHER]})
    await wire.settle()
    assert wire.said(f"infoscreen/{screen}/group_id").payload == b""
    assert wire.said(f"infoscreen/{OTHER}/group_id").payload == b"14"
    assert wire.rest() == []

    form = await fleet.start_subentry_reconfigure_flow(hass, subentry.subentry_id)
    await manager.async_configure(form["flow_id"], {"name": "Reading room"})
    await wire.settle()
    assert look.state("select", f"{OTHER}_group") == "Reading room"


async def test_a_form_whose_choice_could_not_be_saved_says_so(
    hass: HomeAssistant, fleet: MockConfigEntry, screen: str, wire: Wire, look: Look
) -> None:
    """And nobody is moved."""
    subentry = next(s for s in fleet.subentries.values() if s.title == "Foyer")
    form = await fleet.start_subentry_reconfigure_flow(hass, subentry.subentry_id)
    with full_disk():
        again = await hass.config_entries.subentries.async_configure(
            form["flow_id"], {"name": "Foyer", "screens": [screen]}
        )
    assert again["errors"] == {"base": "not_saved"}
    await wire.settle()
    assert wire.rest() == []
    assert look.state("select", f"{screen}_group") == "unassigned"


async def test_a_group_of_a_fleet_that_does_not_run_can_be_renamed(
    hass: HomeAssistant, fleet: MockConfigEntry, screen: str
) -> None:
    """Its screens cannot be chosen then: nobody could tell them."""
    await hass.config_entries.async_unload(fleet.entry_id)
    subentry = next(s for s in fleet.subentries.values() if s.title == "Foyer")
    form = await fleet.start_subentry_reconfigure_flow(hass, subentry.subentry_id)
    assert form["data_schema"] is not None
    assert "screens" not in form["data_schema"].schema
    done = await hass.config_entries.subentries.async_configure(form["flow_id"], {"name": "Lobby"})
    assert done["reason"] == "reconfigure_successful"


async def test_a_group_that_is_deleted_leaves_nothing_behind(
    hass: HomeAssistant, fleet: MockConfigEntry, screen: str, wire: Wire, look: Look
) -> None:
    """Its screens are unassigned, its topics empty, and its id is never given again."""
    await choose(hass, look, screen, "Aula")
    await wire.settle()
    wire.rest()
    subentry = next(s for s in fleet.subentries.values() if s.title == "Aula")
    assert hass.config_entries.async_remove_subentry(fleet, subentry.subentry_id)
    await wire.settle()
    assert wire.said(f"infoscreen/{screen}/group_id").payload == b""
    emptied = wire.said("infoscreen/events/13")
    assert (emptied.payload, emptied.retain) == (b"", True)
    assert look.state("select", f"{screen}_group") == "unassigned"
    registry = dr.async_get(hass)
    group = ("infoscreen", f"{fleet.entry_id}_group_13")
    assert registry.async_get_device_by_identifier(group, fleet.entry_id) is None

    form = await add_group(hass, fleet, name="Library", group_id=13)
    assert form["errors"] == {"group_id": "group_id_taken"}
    await add_group(hass, fleet, name="Library")
    await wire.settle()
    assert wire.said("infoscreen/events/14").payload == b"[]"


async def test_a_group_deleted_while_the_disk_is_full_is_cleared_up_with_the_next_change(
    hass: HomeAssistant, fleet: MockConfigEntry, screen: str, wire: Wire, look: Look
) -> None:
    """Its screens do not wait for that."""
    await choose(hass, look, screen, "Aula")
    await wire.settle()
    wire.rest()
    foyer, aula = fleet.subentries.values()
    with full_disk():
        assert hass.config_entries.async_remove_subentry(fleet, aula.subentry_id)
        await wire.settle()
    assert wire.said(f"infoscreen/{screen}/group_id").payload == b""
    assert hass.config_entries.async_update_subentry(fleet, foyer, data={**foyer.data, "name": "Lobby"})
    await wire.settle()
    assert wire.said("infoscreen/events/13").payload == b""


async def test_a_group_deleted_while_the_broker_is_away_is_cleared_at_the_next_connect(
    hass: HomeAssistant, fleet: MockConfigEntry, wire: Wire
) -> None:
    """The wish outlives even a restart in between."""
    await wire.breaks()
    subentry = next(s for s in fleet.subentries.values() if s.title == "Aula")
    assert hass.config_entries.async_remove_subentry(fleet, subentry.subentry_id)
    await wire.settle()
    assert await hass.config_entries.async_reload(fleet.entry_id)
    await wire.settle()
    assert wire.rest() == []
    await wire.mends()
    assert wire.said("infoscreen/events/13").payload == b""
    assert wire.said("infoscreen/events/12").payload == b"[]"
    await wire.breaks()
    await wire.mends()
    assert [said.topic for said in wire.rest()] == ["infoscreen/events/12"]


async def test_a_group_cannot_be_made_for_a_fleet_that_does_not_run(
    hass: HomeAssistant, fleet: MockConfigEntry
) -> None:
    """Nobody could tell which ids were given."""
    await hass.config_entries.async_unload(fleet.entry_id)
    manager = hass.config_entries.subentries
    end = await manager.async_init((fleet.entry_id, "group"), context={"source": "user"})
    assert (end["type"], end["reason"]) == (FlowResultType.ABORT, "fleet_not_loaded")
