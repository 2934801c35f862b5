"""One screen takes another's place."""

from itertools import pairwise
import json
from typing import Any
from unittest.mock import patch

from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError, Unauthorized
from homeassistant.helpers import area_registry as ar, device_registry as dr, entity_registry as er
from homeassistant.helpers.entity_platform import EntityPlatform
from homeassistant.helpers.storage import Store
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, MockUser, async_fire_mqtt_message
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from .conftest import OTHER, UUID, Delete, Look, PassTime, Press, acknowledge, choose
from .disks import full_disk
from .repairs import Repair, standing, told
from .wire import Wire

MAC = "b8:27:eb:00:00:01"
#: What stands on the broker for one screen alone.
CLEARED = ("group_id", "service_failed", "power/intent")


async def replace(
    hass: HomeAssistant, old: str = UUID, new: str = OTHER, user_id: str | None = None, **target: str
) -> None:
    """Let a screen take another's place."""
    await hass.services.async_call(
        "infoscreen",
        "replace_screen",
        {"old_uuid": old, "new_uuid": new, **target},
        blocking=True,
        context=Context(user_id=user_id),
    )


def entities(hass: HomeAssistant, fleet: MockConfigEntry, key: str) -> dict[str, er.RegistryEntry]:
    """Return a screen's registered entities by what follows its key in their unique ids."""
    return {
        entity.unique_id.removeprefix(f"{key}_"): entity
        for entity in er.async_entries_for_config_entry(er.async_get(hass), fleet.entry_id)
        if entity.unique_id.startswith(key)
    }


def made(hass: HomeAssistant, fleet: MockConfigEntry, look: Look, key: str) -> dict[str, Any]:
    """Return all that people can make of a screen and its entities."""
    device = look.device(fleet, key)
    return {"": (device.id, device.name_by_user, device.area_id, device.labels, device.disabled_by)} | {
        name: (e.entity_id, e.name, e.icon, e.labels, e.disabled_by, e.hidden_by)
        for name, e in entities(hass, fleet, key).items()
    }


def shown(hass: HomeAssistant, entity_id: str) -> str:
    """Return what an entity shows that must be there."""
    state = hass.states.get(entity_id)
    assert state is not None
    return state.state


def has_device(hass: HomeAssistant, fleet: MockConfigEntry, key: str) -> bool:
    """Tell whether a screen has a device."""
    devices = dr.async_get(hass)
    return devices.async_get_device_by_identifier(("infoscreen", key), fleet.entry_id) is not None


async def reload(hass: HomeAssistant, fleet: MockConfigEntry, wire: Wire) -> None:
    """Let the fleet start anew."""
    assert await hass.config_entries.async_reload(fleet.entry_id)
    await wire.settle()
    wire.rest()


@pytest.fixture
async def settled(
    hass: HomeAssistant, fleet: MockConfigEntry, screen: str, wire: Wire, look: Look
) -> dict[str, er.RegistryEntry]:
    """Let people have made a screen theirs; return its entities."""
    await choose(hass, look, screen, "Aula")
    registry = er.async_get(hass)
    status = look.entity_id("sensor", f"{screen}_status")
    registry.async_update_entity(status, new_entity_id="sensor.by_the_door", name="Door", icon="mdi:door")
    hidden = look.entity_id("button", f"{screen}_shutdown")
    registry.async_update_entity(hidden, hidden_by=er.RegistryEntryHider.USER, labels={"dangerous"})
    disabled = look.entity_id("button", f"{screen}_restart_app")
    registry.async_update_entity(disabled, disabled_by=er.RegistryEntryDisabler.USER)
    area = ar.async_get(hass).async_create("Hall").id
    device_id = look.device(fleet, screen).id
    dr.async_get(hass).async_update_device(device_id, name_by_user="Door", area_id=area, labels={"big"})
    await wire.settle()
    wire.rest()
    return entities(hass, fleet, screen)


@pytest.mark.parametrize(
    ("heard", "status"),
    [(False, ["awaiting_contact"] * 2), (True, ["healthy", "unknown"])],
    ids=["a screen not heard yet", "a screen that is there"],
)
async def test_all_that_people_made_of_a_screen_goes_to_the_one_in_its_place(
    hass: HomeAssistant,
    fleet: MockConfigEntry,
    settled: dict[str, er.RegistryEntry],
    wire: Wire,
    look: Look,
    heard: bool,
    status: list[str],
) -> None:
    """Product, "Devices": name, area, labels, entity ids and group; what the new one had gives way."""
    before = made(hass, fleet, look, UUID)
    for uuid in [OTHER] * heard:
        await wire.hears("infoscreen/discovery", {"uuid": uuid, "hostname": "foyer-2", "model": "Pi 5"})
    wire.rest()
    await replace(hass)
    await wire.settle()
    cleared = {wire.said(f"infoscreen/{UUID}/{end}").payload for end in CLEARED}
    assert cleared == {b""}
    assert wire.said(f"infoscreen/{OTHER}/group_id").payload == b"13"
    assert wire.rest() == []

    for at_first_and_after_a_restart in status:
        assert made(hass, fleet, look, OTHER) == before
        assert not has_device(hass, fleet, UUID)
        assert entities(hass, fleet, UUID) == {}
        assert shown(hass, "sensor.by_the_door") == at_first_and_after_a_restart
        assert look.state("select", f"{OTHER}_group") == "Aula"
        assert look.state("sensor", f"{fleet.entry_id}_screens") == "1"
        await reload(hass, fleet, wire)

    await wire.hears("infoscreen/discovery", {"uuid": OTHER, "hostname": "foyer-2"})
    assert shown(hass, "sensor.by_the_door") == "healthy"
    assert wire.said(f"infoscreen/{OTHER}/discovery_ack").json["group_id"] == 13
    wire.rest()


async def test_entities_of_the_screen_in_anothers_place_live_on_at_once(
    hass: HomeAssistant, settled: dict[str, er.RegistryEntry], wire: Wire
) -> None:
    """Without a reload, which would take the whole fleet away for a moment."""
    await wire.hears(f"infoscreen/{OTHER}/heartbeat", {"process_status": "running"})
    await replace(hass)
    await wire.settle()
    wire.rest()
    process = settled["process_status"].entity_id
    assert shown(hass, process) == "running"
    await wire.hears(f"infoscreen/{OTHER}/heartbeat", {"process_status": "crashed"})
    assert shown(hass, process) == "crashed"


async def test_the_old_screen_returns_only_by_announcing_itself_and_as_a_new_one(
    hass: HomeAssistant, fleet: MockConfigEntry, settled: dict[str, er.RegistryEntry], wire: Wire, look: Look
) -> None:
    """And stays one, also after a restart."""
    await replace(hass)
    await wire.settle()
    wire.rest()
    await wire.hears(f"infoscreen/{UUID}/heartbeat")
    assert not has_device(hass, fleet, UUID)
    await wire.hears("infoscreen/discovery", {"uuid": UUID, "hostname": "foyer-1"})
    for _restart in range(2):
        device = look.device(fleet, UUID)
        assert (device.name_by_user, device.area_id) == (None, None)
        assert look.state("select", f"{UUID}_group") == "unassigned"
        assert look.device(fleet, OTHER).name_by_user == "Door"
        await reload(hass, fleet, wire)


async def test_a_screen_that_is_yet_to_come_is_heard_however_it_spells_itself(
    hass: HomeAssistant, settled: dict[str, er.RegistryEntry], wire: Wire, look: Look
) -> None:
    """Contract, "Topics": published as the screen spells its own."""
    await replace(hass, new="aaaaaaaa-2222-4333-8444-555555555555")
    await wire.settle()
    wire.rest()
    loud = "AAAAAAAA-2222-4333-8444-555555555555"
    await wire.hears(f"infoscreen/{loud}/heartbeat")
    assert look.state("sensor", f"{loud.lower()}_status") == "healthy"
    assert wire.said(f"infoscreen/{loud}/group_id").payload == b"13"
    assert wire.said(f"infoscreen/{loud.lower()}/group_id").payload == b""
    wire.rest()


async def test_a_screen_replaced_twice_ends_where_it_began(
    hass: HomeAssistant, fleet: MockConfigEntry, settled: dict[str, er.RegistryEntry], wire: Wire, look: Look
) -> None:
    """There and back again."""
    await replace(hass)
    await replace(hass, OTHER, UUID)
    await wire.settle()
    wire.rest()
    await reload(hass, fleet, wire)
    assert look.device(fleet, UUID).name_by_user == "Door"
    assert not has_device(hass, fleet, OTHER)
    assert entities(hass, fleet, UUID).keys() == settled.keys()


async def test_commands_of_the_old_screen_that_were_under_way_are_canceled(
    hass: HomeAssistant,
    settled: dict[str, er.RegistryEntry],
    wire: Wire,
    look: Look,
    press: Press,
    pass_time: PassTime,
) -> None:
    """The device they went to is gone; what it acknowledges later changes nothing."""
    await press("reboot")
    command = wire.said(f"infoscreen/{UUID}/commands")
    wire.rest()
    await acknowledge(wire, UUID, command, "accepted")
    await replace(hass)
    await wire.settle()
    wire.rest()
    assert look.state("sensor", f"{OTHER}_last_command") == "canceled"
    await acknowledge(wire, UUID, command, "execution_started")
    await pass_time(300)
    assert look.state("sensor", f"{OTHER}_last_command") == "canceled"


async def test_a_failure_of_the_old_screen_goes_with_it(
    hass: HomeAssistant, settled: dict[str, er.RegistryEntry], wire: Wire, look: Look
) -> None:
    """It was the old device's."""
    failure = {"event": "service_failed", "unit": "x.service", "client_uuid": UUID, "failed_at": "1"}
    await wire.hears(f"infoscreen/{UUID}/service_failed", failure, retain=True)
    assert standing(hass) == {f"service_failed_{UUID}"}
    await replace(hass)
    await wire.settle()
    wire.rest()
    assert standing(hass) == set()
    assert look.state("binary_sensor", f"{OTHER}_service_failed") == "off"


@pytest.mark.parametrize("options", [{"approve_new_screens": True}], ids=["approval"])
@pytest.mark.parametrize("choice", [None, "block"], ids=["waits", "blocked"])
async def test_who_is_put_into_a_place_needs_no_other_word(
    hass: HomeAssistant,
    fleet: MockConfigEntry,
    wire: Wire,
    look: Look,
    hass_client: ClientSessionGenerator,
    choice: str | None,
) -> None:
    """An administrator has named it; announced just now, it is answered too."""
    for uuid in (UUID, OTHER):
        await wire.hears("infoscreen/discovery", {"uuid": uuid, "hostname": uuid[:4]})
    await (await Repair.open(hass, hass_client, f"new_screen_{UUID}")).choose("accept")
    await wire.settle()
    wire.rest()
    if choice:
        await (await Repair.open(hass, hass_client, f"new_screen_{OTHER}")).choose(choice)
    await replace(hass)
    await wire.settle()
    assert standing(hass) == set()
    answered = [said.topic for said in wire.rest() if said.topic.endswith("discovery_ack")]
    assert answered == ([] if choice else [f"infoscreen/{OTHER}/discovery_ack"])
    await wire.hears("infoscreen/discovery", {"uuid": OTHER})
    assert look.state("sensor", f"{OTHER}_status") == "healthy"
    wire.rest()


async def test_a_replacement_that_makes_no_sense_is_refused(
    hass: HomeAssistant, fleet: MockConfigEntry, screen: str, wire: Wire, look: Look
) -> None:
    """And nothing is changed."""
    elsewhere = MockConfigEntry(
        domain="infoscreen",
        title="Annex",
        unique_id="mqtt/annex",
        data={"transport": "mqtt", "topic_prefix": "annex"},
    )
    elsewhere.add_to_hass(hass)
    assert await hass.config_entries.async_setup(elsewhere.entry_id)
    strange = "22222222-2222-4222-8222-222222222222"
    await wire.hears("annex/discovery", {"uuid": strange, "hostname": "annex-1"})
    wire.rest()
    for old, new, key in (
        ("x", OTHER, "uuid_invalid"),
        (UUID, "../etc", "uuid_invalid"),
        (OTHER, UUID, "screen_unknown"),
        (UUID, f" {UUID.upper()} ", "replaced_by_itself"),
        (UUID, strange, "screen_elsewhere"),
    ):
        with pytest.raises(ServiceValidationError) as refused:
            await replace(hass, old, new)
        assert refused.value.translation_key == key
    with pytest.raises(ServiceValidationError) as refused:
        await replace(hass, device_id=look.device(elsewhere, elsewhere.entry_id).id)
    assert refused.value.translation_key == "screen_unknown"
    user = MockUser(groups=[]).add_to_hass(hass)
    user.mock_policy({"entities": True})
    with pytest.raises(Unauthorized):
        await replace(hass, user_id=user.id)
    assert await hass.config_entries.async_unload(elsewhere.entry_id)
    with pytest.raises(ServiceValidationError) as refused:
        await replace(hass, strange, OTHER)
    assert refused.value.translation_key == "fleet_not_loaded"
    assert look.device(fleet, UUID).name == "foyer-1"


async def test_a_replacement_that_could_not_be_saved_is_not_made(
    hass: HomeAssistant, fleet: MockConfigEntry, settled: dict[str, er.RegistryEntry], wire: Wire, look: Look
) -> None:
    """A restart would undo half of it."""
    with (
        full_disk(),
        pytest.raises(HomeAssistantError) as refused,
    ):
        await replace(hass)
    assert refused.value.translation_key == "not_saved"
    await wire.settle()
    assert look.device(fleet, UUID).name_by_user == "Door"
    await reload(hass, fleet, wire)
    assert look.device(fleet, UUID).name_by_user == "Door"
    assert not has_device(hass, fleet, OTHER)


async def test_a_crash_right_after_the_wish_does_not_undo_it(
    hass: HomeAssistant,
    fleet: MockConfigEntry,
    settled: dict[str, er.RegistryEntry],
    wire: Wire,
    look: Look,
    press: Press,
    hass_storage: dict[str, Any],
) -> None:
    """The wish is on disk before anything is done; the next start finds the old screen and goes on."""
    await press("reboot")
    key = f"infoscreen.{fleet.entry_id}.fleet"
    real = Store._async_write_data
    at_the_wish: dict[str, Any] = {}

    async def write(store: Store[Any], data: dict[str, Any]) -> None:
        await real(store, data)
        if store.key == key and not at_the_wish:
            at_the_wish.update(hass_storage[key])

    with patch("homeassistant.helpers.storage.Store._async_write_data", write):
        await replace(hass, new=OTHER)
    await replace(hass, OTHER, UUID)  # the registries are as they were before
    await wire.settle()
    assert await hass.config_entries.async_unload(fleet.entry_id)
    assert [screen["uuid"] for screen in at_the_wish["data"]["screens"]] == [UUID]
    hass_storage[key] = at_the_wish
    await hass.config_entries.async_setup(fleet.entry_id)
    await wire.settle()
    assert wire.rest()
    assert look.device(fleet, OTHER).name_by_user == "Door"
    assert entities(hass, fleet, OTHER).keys() == settled.keys()
    assert look.state("select", f"{OTHER}_group") == "Aula"
    assert look.state("sensor", f"{OTHER}_last_command") == "canceled"
    assert not has_device(hass, fleet, UUID)


THIRD = "33333333-2222-4333-8444-555555555555"


@pytest.mark.parametrize("chain", [[OTHER], [OTHER, THIRD]], ids=["replaced", "replaced twice"])
async def test_registries_that_a_crash_set_back_are_brought_up_again(
    hass: HomeAssistant,
    fleet: MockConfigEntry,
    settled: dict[str, er.RegistryEntry],
    wire: Wire,
    look: Look,
    chain: list[str],
) -> None:
    """Home Assistant writes them a while later than we do, and may have written the new screen's own."""
    for old, new in pairwise([UUID, *chain]):
        await replace(hass, old, new)
    await wire.settle()
    assert await hass.config_entries.async_unload(fleet.entry_id)
    last = chain[-1]
    registry, devices = er.async_get(hass), dr.async_get(hass)
    for name, entity in entities(hass, fleet, last).items():
        registry.async_update_entity(entity.entity_id, new_unique_id=f"{UUID}_{name}")
    device_id = look.device(fleet, last).id
    devices.async_update_device(device_id, new_identifiers={("infoscreen", UUID)})
    devices.async_get_or_create(config_entry_id=fleet.entry_id, identifiers={("infoscreen", last)})
    await hass.config_entries.async_setup(fleet.entry_id)
    await wire.settle()
    wire.rest()
    assert look.device(fleet, last).id == device_id
    assert entities(hass, fleet, last).keys() == settled.keys()
    assert not has_device(hass, fleet, UUID)


async def test_a_replacement_is_forgotten_an_hour_later(
    hass: HomeAssistant,
    fleet: MockConfigEntry,
    settled: dict[str, er.RegistryEntry],
    wire: Wire,
    hass_storage: dict[str, Any],
    pass_time: PassTime,
) -> None:
    """By then all registries are surely written."""
    await replace(hass)
    key = f"infoscreen.{fleet.entry_id}.fleet"
    assert hass_storage[key]["data"]["replaced"].keys() == {UUID}
    await pass_time(3601)
    await reload(hass, fleet, wire)
    await pass_time(11)
    assert hass_storage[key]["data"]["replaced"] == {}


async def test_who_speaks_while_places_are_changed_disturbs_nothing(
    hass: HomeAssistant,
    fleet: MockConfigEntry,
    settled: dict[str, er.RegistryEntry],
    wire: Wire,
    look: Look,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Screens do not wait; the new one is heard a moment later."""
    before = made(hass, fleet, look, UUID)
    real = EntityPlatform.async_remove_entity

    removed = []

    async def remove(platform: EntityPlatform, entity_id: str) -> None:
        removed.append(entity_id)
        if len(removed) == sum(not entity.disabled for entity in settled.values()):
            for uuid in (UUID, OTHER):
                async_fire_mqtt_message(hass, "infoscreen/discovery", json.dumps({"uuid": uuid}))
        await real(platform, entity_id)

    with patch.object(EntityPlatform, "async_remove_entity", remove):
        await replace(hass)
    await wire.settle()
    wire.rest()
    assert made(hass, fleet, look, OTHER) == before
    assert not has_device(hass, fleet, UUID)
    assert "unique IDs" not in caplog.text
    assert shown(hass, "sensor.by_the_door") == "awaiting_contact"


# Two screens with one hardware address


@pytest.fixture
async def reborn(fleet: MockConfigEntry, wire: Wire, pass_time: PassTime) -> str:
    """Let a known screen fall silent, and a new one come with its address; return its repair."""
    await wire.hears("infoscreen/discovery", {"uuid": UUID, "hostname": "foyer-1", "mac": MAC})
    await pass_time(171)
    await wire.hears("infoscreen/discovery", {"uuid": OTHER, "hostname": "fresh", "mac": MAC.upper()})
    wire.rest()
    return f"replace_screen_{OTHER}"


async def test_a_device_that_was_set_up_anew_takes_its_old_place_by_a_repair(
    hass: HomeAssistant,
    fleet: MockConfigEntry,
    reborn: str,
    wire: Wire,
    look: Look,
    hass_client: ClientSessionGenerator,
) -> None:
    """Product, "Devices": held by no other screen; else a repair offers to replace."""
    before = look.device(fleet, UUID).id
    assert told(hass, reborn) == {"new": "fresh", "old": "foyer-1"}
    repair = await Repair.open(hass, hass_client, reborn)
    assert (repair.step["step_id"], repair.step["menu_options"]) == ("init", ["replace", "keep_both"])
    assert (await repair.choose("replace"))["type"] == "create_entry"
    await wire.settle()
    wire.rest()
    device = look.device(fleet, OTHER)
    assert (device.id, device.connections) == (before, {("mac", MAC)})
    assert standing(hass) == set()
    assert not has_device(hass, fleet, UUID)


async def test_two_screens_that_are_two_may_stay_so(
    hass: HomeAssistant, fleet: MockConfigEntry, reborn: str, wire: Wire, hass_client: ClientSessionGenerator
) -> None:
    """Also after a restart, and though both announce themselves again; the form says when both speak."""
    await wire.hears(f"infoscreen/{UUID}/heartbeat")
    repair = await Repair.open(hass, hass_client, reborn)
    assert repair.step["step_id"] == "both_speak"
    assert (await repair.choose("keep_both"))["type"] == "create_entry"
    await reload(hass, fleet, wire)
    for uuid in (UUID, OTHER):
        await wire.hears("infoscreen/discovery", {"uuid": uuid, "mac": MAC, "model": "Pi 5"})
    wire.rest()
    assert standing(hass) == set()
    assert has_device(hass, fleet, UUID)


async def test_the_repair_goes_with_either_of_the_two(
    hass: HomeAssistant, fleet: MockConfigEntry, reborn: str, wire: Wire, look: Look, delete_device: Delete
) -> None:
    """And whoever stays holds the address."""
    assert await delete_device(look.device(fleet, UUID).id) is None
    await wire.settle()
    wire.rest()
    assert standing(hass) == set()
    assert look.device(fleet, OTHER).connections == {("mac", MAC)}


async def test_another_address_ends_the_question(
    hass: HomeAssistant, reborn: str, wire: Wire, look: Look
) -> None:
    """A network adapter was changed."""
    await wire.hears("infoscreen/discovery", {"uuid": OTHER, "mac": "b8:27:eb:00:00:02"})
    wire.rest()
    assert standing(hass) == set()


async def test_the_repair_of_what_was_settled_meanwhile_is_done(
    hass: HomeAssistant, fleet: MockConfigEntry, reborn: str, wire: Wire, hass_client: ClientSessionGenerator
) -> None:
    """Somebody replaced it by the action; what does not run cannot be repaired."""
    first, second = [await Repair.open(hass, hass_client, reborn) for _person in range(2)]
    with full_disk():
        assert (await first.choose("replace"))["reason"] == "not_saved"
    again = await Repair.open(hass, hass_client, reborn)
    with full_disk():
        assert (await again.choose("keep_both"))["reason"] == "not_saved"
    await replace(hass)
    await wire.settle()
    wire.rest()
    assert (await second.choose("replace"))["type"] == "create_entry"


@pytest.mark.parametrize("choice", ["replace", "keep_both"])
async def test_a_fleet_that_does_not_run_is_not_repaired(
    hass: HomeAssistant,
    fleet: MockConfigEntry,
    reborn: str,
    wire: Wire,
    hass_client: ClientSessionGenerator,
    choice: str,
) -> None:
    """It has nobody to replace."""
    repair = await Repair.open(hass, hass_client, reborn)
    assert await hass.config_entries.async_unload(fleet.entry_id)
    assert (await repair.choose(choice))["reason"] == "fleet_not_loaded"
    assert (await Repair.open(hass, hass_client, reborn)).step["reason"] == "fleet_not_loaded"
