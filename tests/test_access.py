"""The broker's access list is handed out, and a repair tells when the broker has an outdated one."""

from typing import Any

from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError, Unauthorized
from homeassistant.helpers import area_registry as ar, device_registry as dr, issue_registry as ir
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, MockUser
from pytest_homeassistant_custom_component.typing import WebSocketGenerator

from .conftest import OTHER, UUID, Look, choose
from .disks import full_disk
from .wire import Wire


async def hand_out(hass: HomeAssistant, *device_ids: str, user_id: str | None = None) -> Any:
    """Ask for the access list."""
    return await hass.services.async_call(
        "infoscreen",
        "broker_acl",
        target={"device_id": list(device_ids)} if device_ids else None,
        blocking=True,
        return_response=True,
        context=Context(user_id=user_id),
    )


def outdated(hass: HomeAssistant, fleet: MockConfigEntry) -> ir.IssueEntry | None:
    """Return the repair."""
    return ir.async_get(hass).async_get_issue("infoscreen", f"broker_acl_outdated_{fleet.entry_id}")


@pytest.fixture
def device(fleet: MockConfigEntry, look: Look) -> str:
    """Return the fleet's device."""
    return look.device(fleet, fleet.entry_id).id


@pytest.fixture
async def handed_out(hass: HomeAssistant, screen: str, device: str) -> Any:
    """Hand out the list of a fleet with one screen."""
    return await hand_out(hass, device)


@pytest.mark.parametrize(
    "whose", ["{entry_id}", "{entry_id}_group_12", UUID], ids=["fleet", "group", "screen"]
)
async def test_a_fleets_list_names_its_accounts_and_grants_each_its_own(
    hass: HomeAssistant, fleet: MockConfigEntry, screen: str, look: Look, wire: Wire, whose: str
) -> None:
    """The fleet's device is the target; a group or a screen stands for its fleet."""
    await choose(hass, look, screen, "Foyer")
    told = await hand_out(hass, look.device(fleet, whose.format(entry_id=fleet.entry_id)).id)
    assert told["users"] == ["infoscreen-server", "infoscreen-client-0b9e1a52"]
    head, server, client = told["acl"].split("\n\n")
    assert "# Fleet: Infoscreen\n# Topic prefix: infoscreen\n" in head
    assert "topic write infoscreen/+/discovery_ack" in server.splitlines()
    lines = client.splitlines()
    assert lines[:2] == ["# foyer-1", "user infoscreen-client-0b9e1a52"]
    for granted in (
        f"topic write infoscreen/{UUID}/heartbeat",
        f"topic read clients/{UUID}/restart",
        "topic read infoscreen/events/12",
        "topic read infoscreen/groups/12/power/intent",
    ):
        assert granted in lines
    wire.rest()


@pytest.mark.parametrize("options", [{"compatibility_topics": False}])
async def test_without_the_older_topics_nobody_needs_them(
    hass: HomeAssistant, screen: str, device: str
) -> None:
    """The option's default is on."""
    assert "clients/" not in (await hand_out(hass, device))["acl"]


async def test_only_administrators_are_told(
    hass: HomeAssistant, fleet: MockConfigEntry, device: str, hass_read_only_user: MockUser
) -> None:
    """Nothing is remembered of who was refused."""
    with pytest.raises(Unauthorized):
        await hand_out(hass, device, user_id=hass_read_only_user.id)


async def test_a_list_is_for_exactly_one_fleet(hass: HomeAssistant, wire: Wire, device: str) -> None:
    """One broker's file is no place for a guess."""
    other = MockConfigEntry(
        domain="infoscreen",
        title="Infoscreen site2",
        unique_id="mqtt/site2",
        data={"transport": "mqtt", "topic_prefix": "site2"},
    )
    other.add_to_hass(hass)
    assert await hass.config_entries.async_setup(other.entry_id)
    second = dr.async_get(hass).async_get_device_by_identifier(("infoscreen", other.entry_id), other.entry_id)
    assert second is not None
    with pytest.raises(ServiceValidationError) as refused:
        await hand_out(hass, device, second.id)
    assert refused.value.translation_key == "one_fleet_at_a_time"
    assert refused.value.translation_placeholders == {"fleets": "Infoscreen, Infoscreen site2"}
    with pytest.raises(ServiceValidationError) as refused:
        await hand_out(hass)
    assert refused.value.translation_key == "no_target"
    with pytest.raises(ServiceValidationError) as refused:
        await hass.services.async_call(
            "infoscreen",
            "broker_acl",
            target={"area_id": ar.async_get(hass).async_create("Empty").id},
            blocking=True,
            return_response=True,
        )
    assert refused.value.translation_key == "no_fleet_in_target"


async def test_a_list_that_was_never_handed_out_is_not_outdated(
    hass: HomeAssistant, fleet: MockConfigEntry, screen: str, look: Look, wire: Wire
) -> None:
    """Most brokers have none."""
    await choose(hass, look, screen, "Foyer")
    assert outdated(hass, fleet) is None
    wire.rest()


async def test_a_screen_in_another_group_outdates_the_list_until_it_is_back(
    hass: HomeAssistant, fleet: MockConfigEntry, handed_out: Any, wire: Wire, look: Look
) -> None:
    """It would hear nothing of its new group; back in the old one all is well."""
    await choose(hass, look, UUID, "Aula")
    issue = outdated(hass, fleet)
    assert issue is not None
    assert (issue.translation_key, issue.is_fixable) == ("broker_acl_outdated", False)
    assert issue.translation_placeholders == {"fleet": "Infoscreen"}
    await choose(hass, look, UUID, "unassigned")
    assert outdated(hass, fleet) is None
    wire.rest()


async def test_a_new_screen_outdates_the_list_until_it_is_handed_out_again(
    hass: HomeAssistant, fleet: MockConfigEntry, handed_out: Any, device: str, wire: Wire
) -> None:
    """The new screen's account is in it then."""
    await wire.hears(f"infoscreen/{UUID}/heartbeat", {"process_status": "crashed"})
    assert outdated(hass, fleet) is None
    await wire.hears(f"infoscreen/{OTHER}/heartbeat")
    assert outdated(hass, fleet) is not None
    again = await hand_out(hass, device)
    assert again["users"] == [*handed_out["users"], "infoscreen-client-11111111"]
    assert outdated(hass, fleet) is None


async def test_a_screen_or_group_that_is_gone_outdates_the_list(
    hass: HomeAssistant,
    fleet: MockConfigEntry,
    screen: str,
    device: str,
    wire: Wire,
    look: Look,
    hass_ws_client: WebSocketGenerator,
) -> None:
    """Its account could still speak, or hear."""
    await wire.hears(f"infoscreen/{OTHER}/heartbeat")
    await choose(hass, look, screen, "Foyer")
    await hand_out(hass, device)
    (foyer,) = (each.subentry_id for each in fleet.subentries.values() if each.title == "Foyer")
    hass.config_entries.async_remove_subentry(fleet, foyer)
    await wire.settle()
    assert outdated(hass, fleet) is not None
    await hand_out(hass, device)
    assert await async_setup_component(hass, "config", {})
    client = await hass_ws_client(hass)
    assert (await client.remove_device(look.device(fleet, OTHER).id))["success"]
    assert outdated(hass, fleet) is not None
    wire.rest()


async def test_an_option_and_the_prefix_outdate_the_list(
    hass: HomeAssistant, fleet: MockConfigEntry, handed_out: Any, wire: Wire
) -> None:
    """Options that grant nothing do not."""
    for options, told in (
        ({"heartbeat_grace_seconds": 90}, False),
        ({"compatibility_topics": False}, True),
        ({"compatibility_topics": True}, False),
    ):
        hass.config_entries.async_update_entry(fleet, options=options)
        await wire.settle()
        assert (outdated(hass, fleet) is not None) is told
    hass.config_entries.async_update_entry(fleet, data={**fleet.data, "topic_prefix": "site2"})
    await wire.settle()
    assert outdated(hass, fleet) is not None
    wire.rest()


async def test_what_was_handed_out_is_known_after_a_restart(
    hass: HomeAssistant, fleet: MockConfigEntry, handed_out: Any, wire: Wire, look: Look
) -> None:
    """The repair stands again, and goes with its fleet."""
    assert await hass.config_entries.async_reload(fleet.entry_id)
    await wire.settle()
    assert outdated(hass, fleet) is None
    await choose(hass, look, UUID, "Aula")
    ir.async_delete_issue(hass, "infoscreen", f"broker_acl_outdated_{fleet.entry_id}")
    assert await hass.config_entries.async_reload(fleet.entry_id)
    await wire.settle()
    assert outdated(hass, fleet) is not None
    await hass.config_entries.async_remove(fleet.entry_id)
    assert outdated(hass, fleet) is None
    wire.rest()


async def test_a_list_that_cannot_be_remembered_is_not_handed_out(
    hass: HomeAssistant, fleet: MockConfigEntry, handed_out: Any, device: str, wire: Wire
) -> None:
    """Nobody would be told when it is outdated; the one before still counts."""
    await wire.hears(f"infoscreen/{OTHER}/heartbeat")
    with (
        full_disk(),
        pytest.raises(HomeAssistantError) as told,
    ):
        await hand_out(hass, device)
    assert told.value.translation_key == "not_saved"
    assert outdated(hass, fleet) is not None
