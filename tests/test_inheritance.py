"""A screen that takes another's place hangs on its plug, and inherits what recovery knows of it."""

from types import MappingProxyType
from typing import Any

from homeassistant.config_entries import ConfigSubentry
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er, issue_registry as ir
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from .conftest import OTHER, UUID, Look, PassTime
from .plug import Plug, add_plugs
from .wire import Wire

RUNNING = {"process_status": "running"}


@pytest.fixture
def options() -> dict[str, Any]:
    """Return options with which screens are recovered."""
    return {"crash_recovery_enabled": True}


@pytest.fixture
async def plugs(hass: HomeAssistant, fleet: MockConfigEntry) -> list[Plug]:
    """Let there be plugs: in the foyer, and on the workbench."""
    return await add_plugs(hass, "foyer", "workbench")


async def hang(hass: HomeAssistant, fleet: MockConfigEntry, look: Look, screen: str, plug: str) -> None:
    """Let a screen hang on a plug."""
    hass.config_entries.async_add_subentry(
        fleet,
        ConfigSubentry(
            data=MappingProxyType({"screen": look.device(fleet, screen).id, "plug": plug}),
            subentry_type="hardware",
            title=screen,
            unique_id=screen,
        ),
    )
    await hass.async_block_till_done()


async def reload(hass: HomeAssistant, fleet: MockConfigEntry, wire: Wire) -> None:
    """Let the fleet start anew."""
    assert await hass.config_entries.async_reload(fleet.entry_id)
    await wire.settle()
    wire.rest()


async def replace(hass: HomeAssistant, wire: Wire) -> None:
    """Let the other screen take the first one's place."""
    uuids = {"old_uuid": UUID, "new_uuid": OTHER}
    await hass.services.async_call("infoscreen", "replace_screen", uuids, blocking=True)
    await wire.settle()
    wire.rest()


def hardware(fleet: MockConfigEntry) -> list[tuple[str | None, str, str]]:
    """Return which screen has which plug, and of which device that is."""
    described = fleet.get_subentries_of_type("hardware")
    return [(each.unique_id, each.data["plug"], each.data["screen"]) for each in described]


def sent(wire: Wire) -> list[tuple[str, str]]:
    """Return which commands went out to whom; the rest is forgotten."""
    return [
        (said.topic.split("/")[1], said.json["action"])
        for said in wire.rest()
        if said.topic.endswith("/commands")
    ]


def asks(hass: HomeAssistant) -> list[str]:
    """Return for whom a person is asked."""
    prefix = "manual_intervention_"
    return [each.removeprefix(prefix) for _, each in ir.async_get(hass).issues if each.startswith(prefix)]


@pytest.mark.parametrize(
    ("hung", "left"),
    [
        ({UUID: "switch.foyer"}, "switch.foyer"),
        ({OTHER: "switch.workbench"}, "switch.workbench"),
        ({UUID: "switch.foyer", OTHER: "switch.workbench"}, "switch.foyer"),
    ],
    ids=["the old one", "the new one", "both"],
)
async def test_a_successor_hangs_on_the_plug_of_the_place(
    hass: HomeAssistant,
    fleet: MockConfigEntry,
    screen: str,
    wire: Wire,
    look: Look,
    plugs: list[Plug],
    hung: dict[str, str],
    left: str,
) -> None:
    """With the button that people have; its own plug is kept where there was none."""
    await wire.hears("infoscreen/discovery", {"uuid": OTHER})
    for uuid, plug in hung.items():
        await hang(hass, fleet, look, uuid, plug)
        button = look.entity_id("button", f"{uuid}_power_cycle")
        er.async_get(hass).async_update_entity(button, disabled_by=None)
    await reload(hass, fleet, wire)
    device_id = look.device(fleet, UUID).id
    await replace(hass, wire)
    assert hardware(fleet) == [(OTHER, left, device_id)]
    entity_id = look.entity_id("button", f"{OTHER}_power_cycle")
    await hass.services.async_call("button", "press", {"entity_id": entity_id}, blocking=True)
    assert [plug.entity_id for plug in plugs if plug.told] == [left]


async def test_hardware_that_a_crash_left_behind_follows_at_the_next_start(
    hass: HomeAssistant, fleet: MockConfigEntry, screen: str, wire: Wire, look: Look, plugs: list[Plug]
) -> None:
    """Home Assistant writes it a while later than we do."""
    await hang(hass, fleet, look, UUID, "switch.foyer")
    device_id = look.device(fleet, UUID).id
    await replace(hass, wire)
    assert await hass.config_entries.async_unload(fleet.entry_id)
    (subentry,) = fleet.get_subentries_of_type("hardware")
    hass.config_entries.async_update_subentry(fleet, subentry, unique_id=UUID)
    assert await hass.config_entries.async_setup(fleet.entry_id)
    await wire.settle()
    wire.rest()
    assert hardware(fleet) == [(OTHER, "switch.foyer", device_id)]


@pytest.mark.parametrize("known", [False, True], ids=["new", "known"])
async def test_a_successor_begins_at_the_foot_of_the_ladder(
    hass: HomeAssistant,
    fleet: MockConfigEntry,
    screen: str,
    wire: Wire,
    look: Look,
    plugs: list[Plug],
    pass_time: PassTime,
    known: bool,
) -> None:
    """Its predecessor is replaced while its plug is off: that goes on again, and nobody hears of the end."""
    await hang(hass, fleet, look, UUID, "switch.foyer")
    for seconds in (171, 181, 241, 62):
        await pass_time(seconds)
    assert sent(wire) == [(UUID, "reboot_host")]
    assert plugs[0].told == [False]
    if known:
        await wire.hears("infoscreen/discovery", {"uuid": OTHER})
    await replace(hass, wire)
    await pass_time(11)
    assert plugs[0].told == [False, True]
    await wire.hears(f"infoscreen/{OTHER}/heartbeat", RUNNING)
    for _ in range(4):
        await pass_time(171)
    assert sent(wire) == [(OTHER, "reboot_host")]
    assert asks(hass) == []


async def test_the_question_to_a_person_goes_along_until_the_successor_is_well(
    hass: HomeAssistant, fleet: MockConfigEntry, screen: str, wire: Wire, look: Look, pass_time: PassTime
) -> None:
    """Whoever replaced the screen has not seen it run yet; a restart does not change that."""
    for seconds in (171, 181, 241, 61):
        await pass_time(seconds)
    assert asks(hass) == [UUID]
    await replace(hass, wire)
    assert asks(hass) == [OTHER]
    await reload(hass, fleet, wire)
    assert asks(hass) == [OTHER]
    await wire.hears(f"infoscreen/{OTHER}/heartbeat", RUNNING)
    assert look.attributes("sensor", f"{OTHER}_status")["reasons"] == ["manual_intervention_required"]
    await pass_time(61)
    assert asks(hass) == []
    assert look.state("sensor", f"{OTHER}_status") == "healthy"
