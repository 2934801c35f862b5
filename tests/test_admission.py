"""New screens: let in by themselves, or once somebody has said so."""

from collections.abc import Callable
from functools import partial
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import device_registry as dr, issue_registry as ir
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.components.diagnostics import get_diagnostics_for_config_entry
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from .conftest import OTHER, UUID, Delete, Look, PassTime
from .disks import full_disk
from .repairs import Repair, standing, told
from .wire import Wire

NEW = f"new_screen_{UUID}"
ASKING = pytest.mark.parametrize("options", [{"approve_new_screens": True}], ids=["approval"])

type Open = Callable[[str], Any]


def numbered(number: int) -> str:
    """Return one UUID of many."""
    return f"{number:08x}-0000-4000-8000-000000000000"


def known(hass: HomeAssistant, fleet: MockConfigEntry, uuid: str = UUID) -> bool:
    """Tell whether a screen has a device."""
    devices = dr.async_get(hass)
    return devices.async_get_device_by_identifier(("infoscreen", uuid), fleet.entry_id) is not None


async def announce(wire: Wire, uuid: str = UUID, **said: Any) -> None:
    """Let a screen announce itself."""
    await wire.hears("infoscreen/discovery", {"uuid": uuid, "hostname": "foyer-1", **said})


@pytest.fixture
async def open_repair(hass: HomeAssistant, hass_client: ClientSessionGenerator) -> Open:
    """Return what opens a repair."""
    assert await async_setup_component(hass, "repairs", {})
    return lambda issue_id: Repair.open(hass, hass_client, issue_id)


@ASKING
async def test_a_new_screen_waits_without_an_answer_until_somebody_lets_it_in(
    hass: HomeAssistant, fleet: MockConfigEntry, wire: Wire, look: Look, open_repair: Open
) -> None:
    """Contract, "discovery": where new screens need approval: once approved."""
    await announce(wire, ip="192.0.2.7", model="Pi 4")
    await wire.hears(f"infoscreen/{UUID}/heartbeat")
    await wire.hears(f"infoscreen/{UUID}/health", {})
    assert wire.rest() == []
    assert not known(hass, fleet)
    assert told(hass, NEW) == {"screen": "foyer-1"}

    repair = await open_repair(NEW)
    assert repair.step["menu_options"] == ["accept", "block"]
    assert repair.step["description_placeholders"] == {
        "screen": "foyer-1",
        "uuid": UUID,
        "model": "Pi 4",
        "ip": "192.0.2.7",
    }
    assert (await repair.choose("accept"))["type"] == "create_entry"
    await wire.settle()
    assert standing(hass) == set()
    assert look.device(fleet, UUID).name == "foyer-1"
    assert look.state("sensor", f"{UUID}_status") == "awaiting_contact"
    assert wire.said(f"infoscreen/{UUID}/discovery_ack").json["status"] == "ok"
    wire.rest()

    await announce(wire)
    assert look.state("sensor", f"{UUID}_status") == "healthy"
    assert wire.said(f"infoscreen/{UUID}/discovery_ack").json["client_uuid"] == UUID
    assert wire.said(f"infoscreen/{UUID}/group_id").payload == b""


@ASKING
async def test_an_announcement_of_long_ago_is_not_answered_any_more(
    fleet: MockConfigEntry, wire: Wire, look: Look, open_repair: Open, pass_time: PassTime
) -> None:
    """Whoever sent it has announced itself anew, or is gone; nobody was there to miss it."""
    await announce(wire)
    await pass_time(301)
    await (await open_repair(NEW)).choose("accept")
    await wire.settle()
    assert [said.topic for said in wire.rest()] == []
    await pass_time(171)
    assert look.state("sensor", f"{UUID}_status") == "awaiting_contact"
    assert look.state("binary_sensor", f"{UUID}_connectivity") == "off"


@ASKING
async def test_who_waits_waits_after_a_restart_too(
    hass: HomeAssistant, fleet: MockConfigEntry, wire: Wire, look: Look, open_repair: Open
) -> None:
    """Accepted then, it is known for good."""
    await announce(wire)
    assert await hass.config_entries.async_reload(fleet.entry_id)
    await wire.settle()
    wire.rest()
    assert told(hass, NEW) == {"screen": "foyer-1"}
    await (await open_repair(NEW)).choose("accept")
    assert await hass.config_entries.async_reload(fleet.entry_id)
    await wire.settle()
    wire.rest()
    assert standing(hass) == set()
    assert look.state("sensor", f"{UUID}_status") == "awaiting_contact"


@ASKING
async def test_a_decision_is_on_disk_when_it_is_told(
    hass: HomeAssistant, fleet: MockConfigEntry, wire: Wire, open_repair: Open, hass_storage: dict[str, Any]
) -> None:
    """It survives a kill -9; what the disk did not take is said."""
    for uuid in (UUID, OTHER):
        await announce(wire, uuid)
    await (await open_repair(NEW)).choose("accept")
    await (await open_repair(f"new_screen_{OTHER}")).choose("block")
    stored = hass_storage[f"infoscreen.{fleet.entry_id}.fleet"]["data"]
    assert [[screen["uuid"] for screen in stored[key]] for key in ("screens", "blocked", "waiting")] == [
        [UUID],
        [OTHER],
        [],
    ]
    await wire.settle()
    wire.rest()
    await announce(wire, numbered(1))
    repair = await open_repair(f"new_screen_{numbered(1)}")
    with full_disk():
        assert (await repair.choose("accept"))["reason"] == "not_saved"
    await wire.settle()
    wire.rest()


@ASKING
async def test_a_blocked_screen_is_not_heard_until_the_options_take_it_out(
    hass: HomeAssistant, fleet: MockConfigEntry, wire: Wire, open_repair: Open
) -> None:
    """Also after a restart; there is no device by which it could be deleted."""
    await announce(wire)
    await announce(wire, OTHER)
    for uuid in (UUID, OTHER):
        assert (await (await open_repair(f"new_screen_{uuid}")).choose("block"))["type"] == "create_entry"
    for _restart in range(2):
        await announce(wire)
        await wire.hears(f"infoscreen/{UUID}/heartbeat")
        assert (standing(hass), known(hass, fleet), wire.rest()) == (set(), False, [])
        assert await hass.config_entries.async_reload(fleet.entry_id)
        await wire.settle()
        wire.rest()

    options = hass.config_entries.options
    for still_blocked, waiting in (([UUID, OTHER], set()), ([OTHER], {NEW})):
        form = await options.async_init(fleet.entry_id)
        done = await options.async_configure(
            form["flow_id"], {"screens": {"blocked_screens": still_blocked}, "commands": {}}
        )
        assert done["type"] is FlowResultType.CREATE_ENTRY
        assert "blocked_screens" not in fleet.options
        await wire.settle()
        await announce(wire)
        await announce(wire, OTHER)
        assert standing(hass) == waiting


async def test_options_without_the_blocked_screens_leave_them_blocked(
    hass: HomeAssistant, fleet: MockConfigEntry, wire: Wire
) -> None:
    """Where there are none, or the fleet does not run, the form does not ask."""
    options = hass.config_entries.options
    assert await hass.config_entries.async_unload(fleet.entry_id)
    form = await options.async_init(fleet.entry_id)
    assert form["data_schema"] is not None
    assert "blocked_screens" not in form["data_schema"].schema["screens"].schema.schema
    done = await options.async_configure(form["flow_id"], {"screens": {}, "commands": {}})
    assert done["type"] is FlowResultType.CREATE_ENTRY


@ASKING
async def test_a_screen_that_was_deleted_is_asked_for_anew(
    hass: HomeAssistant,
    fleet: MockConfigEntry,
    wire: Wire,
    look: Look,
    open_repair: Open,
    delete_device: Delete,
) -> None:
    """Product, "Devices": it returns only by discovery, and here only with a person's word."""
    await announce(wire)
    await (await open_repair(NEW)).choose("accept")
    await wire.settle()
    assert await delete_device(look.device(fleet, UUID).id) is None
    await wire.hears(f"infoscreen/{UUID}/heartbeat")
    assert standing(hass) == set()
    await announce(wire)
    assert standing(hass) == {NEW}
    wire.rest()


@ASKING
async def test_a_failure_that_stands_is_told_once_its_screen_is_let_in(
    hass: HomeAssistant, fleet: MockConfigEntry, wire: Wire, look: Look, open_repair: Open
) -> None:
    """It came with the connection, and would not come again before the next."""
    failure = {"event": "service_failed", "unit": "x.service", "client_uuid": UUID, "failed_at": "1"}
    await wire.hears(f"infoscreen/{UUID}/service_failed", failure, retain=True)
    await announce(wire)
    assert standing(hass) == {NEW}
    await (await open_repair(NEW)).choose("accept")
    await wire.settle()
    assert standing(hass) == {f"service_failed_{UUID}"}
    assert look.state("binary_sensor", f"{UUID}_service_failed") == "on"
    wire.rest()


@ASKING
async def test_what_a_screen_calls_itself_is_text_where_people_decide(
    hass: HomeAssistant, fleet: MockConfigEntry, wire: Wire
) -> None:
    """Repairs are shown as Markdown, and anybody on the broker can choose a host name."""
    await announce(wire, hostname="![x](//evil)<b>`")
    assert told(hass, NEW) == {"screen": "x(//evil)b"}


@ASKING
async def test_twenty_are_asked_for_one_by_one_and_the_rest_is_one_question(
    hass: HomeAssistant, fleet: MockConfigEntry, wire: Wire, open_repair: Open
) -> None:
    """Fine points: one collected repair rather than forty; when there is room, the next are asked for."""
    for number in range(23):
        await announce(wire, numbered(number), hostname=f"s{number}")
    rest = f"new_screens_{fleet.entry_id}"
    assert standing(hass) == {f"new_screen_{numbered(number)}" for number in range(20)} | {rest}
    assert told(hass, rest) == {"fleet": "Infoscreen", "number": "3"}
    await (await open_repair(f"new_screen_{numbered(0)}")).choose("block")
    assert f"new_screen_{numbered(20)}" in standing(hass)
    assert told(hass, rest) == {"fleet": "Infoscreen", "number": "2"}
    assert await hass.config_entries.async_unload(fleet.entry_id)
    wire.rest()


@pytest.fixture
async def flood(fleet: MockConfigEntry, wire: Wire) -> list[str]:
    """Let twenty new screens come at once, and five more; return who waits."""
    for number in range(25):
        await wire.hears(f"infoscreen/{numbered(number)}/heartbeat")
    return [numbered(number) for number in range(20, 25)]


async def test_those_beyond_twenty_a_minute_wait_in_one_repair(
    hass: HomeAssistant, fleet: MockConfigEntry, wire: Wire, flood: list[str], pass_time: PassTime
) -> None:
    """Product, "Devices": then only by approval, however often they speak afterwards."""
    assert standing(hass) == {f"new_screens_{fleet.entry_id}"}
    assert told(hass, f"new_screens_{fleet.entry_id}") == {"fleet": "Infoscreen", "number": "5"}
    await pass_time(61)
    await wire.hears(f"infoscreen/{flood[0]}/heartbeat")
    assert not known(hass, fleet, flood[0])
    await wire.hears(f"infoscreen/{UUID}/heartbeat")
    assert known(hass, fleet)


@pytest.mark.parametrize(("choice", "let_in"), [("accept_all", True), ("block_all", False)])
async def test_all_of_them_are_decided_at_once(
    hass: HomeAssistant,
    fleet: MockConfigEntry,
    wire: Wire,
    flood: list[str],
    open_repair: Open,
    pass_time: PassTime,
    choice: str,
    let_in: bool,
) -> None:
    """The person knows whether there was a delivery, or somebody plays."""
    repair = await open_repair(f"new_screens_{fleet.entry_id}")
    assert repair.step["description_placeholders"] == {"number": "5"}
    assert (await repair.choose(choice))["type"] == "create_entry"
    await wire.settle()
    assert {known(hass, fleet, uuid) for uuid in flood} == {let_in}
    assert standing(hass) == set()
    await pass_time(61)
    for uuid in flood:
        await announce(wire, uuid)
    assert {known(hass, fleet, uuid) for uuid in flood} == {let_in}
    wire.rest()


async def test_some_are_let_in_some_blocked_and_the_rest_waits_on(
    hass: HomeAssistant, fleet: MockConfigEntry, wire: Wire, flood: list[str], open_repair: Open
) -> None:
    """Nobody can be both; while somebody waits the repair stands."""
    repair = await open_repair(f"new_screens_{fleet.entry_id}")
    form = await repair.choose("choose")
    assert [field["name"] for field in form["data_schema"]] == ["accept", "block"]
    refused = await repair.submit(accept=flood[:2], block=flood[1:3])
    assert refused["errors"] == {"base": "accepted_and_blocked"}
    assert (await repair.submit(accept=flood[:2], block=flood[2:3]))["reason"] == "others_wait"
    await wire.settle()
    assert [known(hass, fleet, uuid) for uuid in flood] == [True, True, False, False, False]
    assert told(hass, f"new_screens_{fleet.entry_id}") == {"fleet": "Infoscreen", "number": "2"}
    wire.rest()


async def test_who_came_after_the_question_is_not_part_of_the_answer(
    hass: HomeAssistant, fleet: MockConfigEntry, wire: Wire, flood: list[str], open_repair: Open
) -> None:
    """Nobody is let in whom nobody has seen."""
    repair = await open_repair(f"new_screens_{fleet.entry_id}")
    await wire.hears(f"infoscreen/{UUID}/heartbeat")
    assert (await repair.choose("accept_all"))["reason"] == "others_wait"
    await wire.settle()
    assert not known(hass, fleet)
    wire.rest()


async def test_of_a_thousand_who_wait_the_next_is_only_counted(
    hass: HomeAssistant,
    fleet: MockConfigEntry,
    wire: Wire,
    flood: list[str],
    hass_client: ClientSessionGenerator,
) -> None:
    """Whoever floods the broker must not fill the memory too."""
    for number in range(25, 1021):
        await wire.hears(f"infoscreen/{numbered(number)}/heartbeat")
    assert told(hass, f"new_screens_{fleet.entry_id}") == {"fleet": "Infoscreen", "number": "1000"}
    diagnostics: Any = await get_diagnostics_for_config_entry(hass, hass_client, fleet)
    assert diagnostics["rejected"] == {"too_many_screens": 1}
    assert len(diagnostics["waiting"]) == 1000


async def test_a_repair_that_was_seen_to_meanwhile_is_done(
    hass: HomeAssistant, fleet: MockConfigEntry, wire: Wire, flood: list[str], open_repair: Open
) -> None:
    """Two people look after one fleet; and what does not run cannot be repaired."""
    mine, theirs = [await open_repair(f"new_screens_{fleet.entry_id}") for _person in range(2)]
    await theirs.choose("block_all")
    assert (await mine.choose("accept_all"))["type"] == "create_entry"
    await wire.settle()
    assert not known(hass, fleet, flood[0])


@pytest.mark.parametrize(
    ("options", "which"),
    [({}, max), ({"approve_new_screens": True}, min)],
    ids=["asked together", "asked one by one"],
)
async def test_a_fleet_that_does_not_run_lets_nobody_in(
    hass: HomeAssistant,
    fleet: MockConfigEntry,
    wire: Wire,
    open_repair: Open,
    options: dict[str, Any],
    which: Callable[[set[str]], str],
) -> None:
    """It could not tell them."""
    for number in range(21):
        await wire.hears(f"infoscreen/{numbered(number)}/heartbeat")
    issue_id = which(standing(hass))
    repair = await open_repair(issue_id)
    assert await hass.config_entries.async_unload(fleet.entry_id)
    assert (await repair.choose(repair.step["menu_options"][0]))["reason"] == "fleet_not_loaded"
    assert (await open_repair(issue_id)).step["reason"] == "fleet_not_loaded"


@ASKING
async def test_removing_a_fleet_takes_along_what_it_asked(
    hass: HomeAssistant, fleet: MockConfigEntry, wire: Wire
) -> None:
    """Nothing is left behind."""
    await announce(wire)
    stranger = partial(ir.async_create_issue, hass, severity=ir.IssueSeverity.WARNING, translation_key="x")
    stranger("stranger", "x", is_fixable=False)
    await hass.config_entries.async_remove(fleet.entry_id)
    assert standing(hass) == set()
    assert ir.async_get(hass).async_get_issue("stranger", "x") is not None
    wire.rest()
