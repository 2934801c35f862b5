"""A mains failure at a UPS: TVs go off, screens go down tier by tier, and all come back."""

from collections.abc import Callable
from itertools import pairwise
from types import MappingProxyType
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.config_entries import ConfigSubentry, ConfigSubentryData
from homeassistant.const import EVENT_STATE_CHANGED
from homeassistant.core import Context, Event, EventStateChangedData, HomeAssistant, callback
from homeassistant.exceptions import Unauthorized
from homeassistant.helpers import device_registry as dr
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, MockUser
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from .conftest import Look, Poll, acknowledge, choose
from .fake_nut import FakeNut
from .plug import Plug, add_plugs, hardware
from .wire import Said, Wire

FOYER, AULA = "infoscreen/groups/12/power/intent", "infoscreen/groups/13/power/intent"
A, B, C, D = (f"{digit * 8}-0000-4000-8000-000000000000" for digit in "abcd")

type Call = Callable[..., Any]


@pytest.fixture
def options() -> dict[str, Any]:
    """Tell the TVs of the fleet when to be on."""
    return {"power_intent_enabled": True}


@pytest.fixture
async def plugs(hass: HomeAssistant, enable_custom_integrations: None) -> dict[str, Plug]:
    """Put plugs into Home Assistant, before anybody else has switches."""
    return dict(zip((A, B, C), await add_plugs(hass, *"abc"), strict=True))


@pytest.fixture
def rack(plugs: dict[str, Plug], server: MockConfigEntry, look: Look) -> str:
    """Return the device of the UPS."""
    return look.device(server, f"{server.entry_id}_rack").id


@pytest.fixture
def entry(options: dict[str, Any], rack: str) -> MockConfigEntry:
    """Return a fleet with two groups on the UPS, of which the Aula goes first, and plugs for some."""

    def group(name: str, group_id: int, **ups: Any) -> ConfigSubentryData:
        return ConfigSubentryData(
            data={"name": name, "group_id": group_id, "ups": rack, **ups},
            subentry_type="group",
            title=name,
            unique_id=str(group_id),
        )

    return MockConfigEntry(
        domain="infoscreen",
        title="Infoscreen",
        unique_id="mqtt/infoscreen",
        data={"transport": "mqtt", "topic_prefix": "infoscreen"},
        options=options,
        subentries_data=[
            group("Foyer", 12),
            group("Aula", 13, shutdown_tier=3),
            *(hardware(uuid, plug=f"switch.{uuid[0]}") for uuid in (A, B, C)),
        ],
    )


@pytest.fixture
async def screens(hass: HomeAssistant, fleet: MockConfigEntry, wire: Wire, look: Look) -> None:
    """Hang up two screens in each group, the last without a plug, and keep all TVs on."""
    for uuid, group in {A: "Foyer", B: "Aula", C: "Aula", D: "Foyer"}.items():
        await wire.hears("infoscreen/discovery", {"uuid": uuid, "hostname": uuid[0]})
        await choose(hass, look, uuid, group)
    groups = [look.device(fleet, f"{fleet.entry_id}_group_{group_id}").id for group_id in (12, 13)]
    data = {"device_id": groups, "power_mode": "on"}
    await hass.services.async_call("infoscreen", "set_power", data, blocking=True)
    await wire.settle()
    wire.rest()


@pytest.fixture
def ups(nut: FakeNut, poll: Poll, wire: Wire) -> Call:
    """Return what lets the UPS say something for a while, the screens speaking all along."""
    away: set[str] = set()

    async def says(status: str, lasting: float = 11, *, off: set[str] | None = None, **values: str) -> None:
        away.clear()
        away.update(off or ())
        nut.upses["rack"] = {"ups.status": status} | {
            f"battery.{name}": value for name, value in values.items()
        }
        while lasting > 0:
            step = min(lasting, 5)
            await poll(step)
            for uuid in {A, B, C, D} - away:
                await wire.hears(f"infoscreen/{uuid}/health", {})
            lasting -= step

    return says


@pytest.fixture
def obeyed(wire: Wire) -> Call:
    """Return what lets screens do as they are told; it returns who was told to go down."""

    async def obeys() -> list[str]:
        down = [said for said in wire.rest() if said.topic.endswith("/commands")]
        for command in down:
            assert (command.json["action"], command.json["reason"]) == ("shutdown_host", "ups_low_battery")
            uuid = command.topic.split("/")[1]
            await acknowledge(wire, uuid, command, "accepted", "execution_started", "completed")
        wire.rest()
        return sorted(command.topic.split("/")[1] for command in down)

    return obeys


def gist(said: Said) -> tuple[str, str]:
    """Return what matters of an intent."""
    return said.json["desired_state"], said.json["reason"]


def power(wire: Wire, topic: str = FOYER) -> list[tuple[str, str]]:
    """Return what the TVs of a group were told, each change once."""
    told = [(said.json["desired_state"], said.json["reason"]) for said in wire.rest() if said.topic == topic]
    return list(dict.fromkeys(told))


def alerts(look: Look, fleet: MockConfigEntry) -> str:
    """Return how many alerts there are."""
    return look.state("sensor", f"{fleet.entry_id}_alerts")


ON = ("on", "manual_override")
SPARED = ("off", "ups_on_battery")
LOW = ("off", "ups_low_battery")


async def test_flicker_does_nothing(wire: Wire, screens: None, ups: Call, obeyed: Call) -> None:
    """Two seconds of darkness are none, whatever the battery says of itself meanwhile."""
    await ups("OB LB", 6, charge="5")
    await ups("OL", 40, charge="100")
    said = wire.rest()
    assert {each.json["desired_state"] for each in said if each.topic == FOYER} == {"on"}
    assert not [each for each in said if each.topic.endswith("/commands")]


async def test_tvs_go_off_after_a_minute_and_return_with_the_charge(
    wire: Wire, screens: None, ups: Call, look: Look, fleet: MockConfigEntry
) -> None:
    """Above what a person decided; the reason is told, and alerts stand, the UPS's own too, until then."""
    foyer = f"{fleet.entry_id}_group_12"
    await ups("OB", 60, charge="90", runtime="3000")
    assert power(wire) == [ON]
    await ups("OB", 15, charge="80", runtime="2800")
    assert power(wire)[-1] == SPARED
    assert look.state("sensor", f"{foyer}_power_reason") == "ups_on_battery"
    assert alerts(look, fleet) == "3"
    await ups("OL", 40, charge="49")
    assert power(wire) == [SPARED]
    await ups("OL", 15, charge="50")
    assert power(wire)[-1] == ON
    assert alerts(look, fleet) == "0"


@pytest.fixture
def cycled(hass: HomeAssistant) -> list[tuple[float, str]]:
    """Return which plugs were turned off, and when."""
    cycled: list[tuple[float, str]] = []

    @callback
    def note(event: Event[EventStateChangedData]) -> None:
        state = event.data["new_state"]
        if state is not None and state.domain == "switch" and state.state == "off":
            cycled.append((dt_util.utcnow().timestamp(), state.entity_id))

    hass.bus.async_listen(EVENT_STATE_CHANGED, note)
    return cycled


async def test_tiers_go_down_in_order_each_screen_once(
    wire: Wire, screens: None, ups: Call, obeyed: Call, look: Look, fleet: MockConfigEntry
) -> None:
    """The third tier first, and a minute later the next."""
    await ups("OB DISCHRG LB", 20, charge="80", runtime="2500")
    assert await obeyed() == [B, C]
    await ups("OB DISCHRG LB", 30, charge="75", off={B, C})
    assert await obeyed() == []
    await ups("OB DISCHRG LB", 40, charge="70", off={B, C})
    assert await obeyed() == [A, D]
    assert look.state("sensor", f"{fleet.entry_id}_group_12_power_reason") == "ups_low_battery"
    await ups("OB DISCHRG LB", 60, charge="30", off={A, B, C, D})
    await ups("OL CHRG LB", 60, charge="20", off={A, B, C, D})
    assert await obeyed() == []


async def test_all_come_back_by_their_plugs_and_a_person_is_asked_for_the_one_without(
    hass_client: ClientSessionGenerator,
    wire: Wire,
    screens: None,
    ups: Call,
    obeyed: Call,
    plugs: dict[str, Plug],
    cycled: list[tuple[float, str]],
    look: Look,
    fleet: MockConfigEntry,
) -> None:
    """One after the other, so that they do not draw all at once; those first who went down last."""
    await ups("OB LB", 20)
    assert await obeyed() == [B, C]
    await ups("OB LB", 60, off={B, C})
    assert await obeyed() == [A, D]
    await ups("OL CHRG", 60, charge="49", off={A, B, C, D})
    assert cycled == []
    await ups("OL CHRG", 40, charge="50", off={A, B, C, D})
    assert power(wire)[-1] == ON
    assert [plug for _, plug in cycled] == ["switch.a", "switch.b", "switch.c"]
    assert all(5 <= later - earlier < 6 for (earlier, _), (later, _) in pairwise(cycled))
    assert [plug.told for plug in plugs.values()] == [[False, True]] * 3
    client = await hass_client()
    answer = await client.get("/api/infoscreen/alerts?language=en")
    (alert,) = (await answer.json())["alerts"]
    assert (alert["kind"], alert["device_id"]) == ("off_after_outage", look.device(fleet, D).id)
    assert alert["text"].startswith("d is still off after the mains failure at rack")
    await ups("OL CHRG", 30, charge="52")
    assert alerts(look, fleet) == "0"
    assert await obeyed() == []


async def test_mains_that_return_before_a_tier_stop_it(
    hass: HomeAssistant, wire: Wire, screens: None, ups: Call, obeyed: Call, plugs: dict[str, Plug]
) -> None:
    """Who stayed on was never told; who went down comes back."""
    steps: list[Event[dict[str, Any]]] = []

    @callback
    def note(event: Event[dict[str, Any]]) -> None:
        steps.append(event)

    hass.bus.async_listen("infoscreen_outage", note)
    await ups("OB", 20, charge="29", runtime="2500")
    assert await obeyed() == [B, C]
    await ups("OL", 60, charge="60", off={B, C})
    assert await obeyed() == []
    assert [plugs[uuid].told for uuid in (A, B, C)] == [[], [False, True], [False, True]]
    await ups("OL", 20, charge="60")
    told = [(step.data["step"], step.data["name"], step.data["screens"]) for step in steps]
    assert (told[0], *sorted(told[1:3]), *told[3:6], *sorted(told[6:])) == (
        ("outage", "rack", 0),
        ("tvs_off", "Aula", 0),
        ("tvs_off", "Foyer", 0),
        ("shut_down", "rack", 2),
        ("stopped", "rack", 2),
        ("mains_back", "rack", 0),
        ("tvs_back", "Aula", 0),
        ("tvs_back", "Foyer", 0),
    )
    wire.rest()


async def test_a_restart_in_the_middle_changes_nothing(
    hass: HomeAssistant,
    wire: Wire,
    screens: None,
    ups: Call,
    obeyed: Call,
    plugs: dict[str, Plug],
    fleet: MockConfigEntry,
) -> None:
    """Nobody is told twice, no TV is told to go on, and nobody is forgotten."""
    await ups("OB LB", 20)
    assert await obeyed() == [B, C]
    assert await hass.config_entries.async_reload(fleet.entry_id)
    await wire.settle()
    assert power(wire) == [LOW]
    await ups("OB LB", 60, off={B, C})
    assert await obeyed() == [A, D]
    assert await hass.config_entries.async_reload(fleet.entry_id)
    await wire.settle()
    await ups("OL", 40, charge="90", off={A, B, C, D})
    assert [plug.told for plug in plugs.values()] == [[False, True]] * 3
    assert await obeyed() == []


async def test_who_was_not_told_to_go_down_before_a_restart_is_told_after_it(
    hass: HomeAssistant, wire: Wire, screens: None, ups: Call, obeyed: Call, fleet: MockConfigEntry
) -> None:
    """A kill between the disk and the wire must not leave screens on until the battery is empty."""
    with wire.kills():
        await ups("OB LB", 15)
        assert await hass.config_entries.async_reload(fleet.entry_id)
    await wire.settle()
    assert await obeyed() == []
    await ups("OB LB", 35)
    assert await obeyed() == [B, C]
    await ups("OB LB", 10, off={B, C})
    assert await obeyed() == []


async def test_an_outage_that_is_kept_with_a_screen_that_is_gone_goes_on_without_it(
    hass: HomeAssistant,
    wire: Wire,
    screens: None,
    ups: Call,
    obeyed: Call,
    fleet: MockConfigEntry,
    hass_storage: dict[str, Any],
) -> None:
    """A kill right after the screen was deleted leaves the disk so; the fleet must start all the same."""
    await ups("OB LB", 20)
    assert await obeyed() == [B, C]
    assert await hass.config_entries.async_unload(fleet.entry_id)
    stored = hass_storage[f"infoscreen.{fleet.entry_id}.fleet"]["data"]
    stored["screens"] = [screen for screen in stored["screens"] if screen["uuid"] != B]
    assert B in stored["policy"]["cases"]
    assert await hass.config_entries.async_setup(fleet.entry_id)
    await ups("OB LB", 60, off={B, C})
    assert await obeyed() == [A, D]
    stored = hass_storage[f"infoscreen.{fleet.entry_id}.fleet"]["data"]
    assert stored["policy"]["cases"].keys() == {A, C, D}


async def test_a_fleet_that_is_unloaded_does_nothing_more(
    hass: HomeAssistant,
    wire: Wire,
    screens: None,
    ups: Call,
    obeyed: Call,
    freezer: FrozenDateTimeFactory,
    fleet: MockConfigEntry,
) -> None:
    """Also where something happened in its last moment: who takes it up looks for itself."""
    with wire.refuses():
        await ups("OB LB", 15)
    await wire.breaks()
    wire.rest()
    freezer.tick(30)

    @callback
    def mend() -> None:
        hass.async_create_task(wire.mends())

    fleet.async_on_unload(mend)
    assert await hass.config_entries.async_unload(fleet.entry_id)
    await wire.settle()
    assert await obeyed() == []


async def test_a_low_battery_of_before_a_long_restart_shuts_nobody_down(
    hass: HomeAssistant,
    wire: Wire,
    screens: None,
    ups: Call,
    obeyed: Call,
    nut: FakeNut,
    fleet: MockConfigEntry,
    server: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """The mains are back, and Home Assistant is up before the server that could say so."""
    await ups("OB LB", 10)
    assert await hass.config_entries.async_unload(fleet.entry_id)
    assert await hass.config_entries.async_unload(server.entry_id)
    await nut.stop()
    freezer.tick(600)
    await hass.config_entries.async_setup(server.entry_id)
    assert await hass.config_entries.async_setup(fleet.entry_id)
    wire.rest()
    await ups("OL", 60)
    assert power(wire, AULA) in ([], [ON])
    assert await obeyed() == []


@pytest.mark.parametrize(
    ("status", "goes"),
    [("OB LB", [B, C]), ("OB", []), ("OL", [])],
    ids=["battery low", "on battery", "on mains"],
)
async def test_a_ups_that_falls_silent_counts_as_what_it_last_said(
    wire: Wire, screens: None, ups: Call, obeyed: Call, nut: FakeNut, status: str, goes: list[str]
) -> None:
    """After fifteen seconds; only one whose battery was low does anything."""
    await ups(status, 11)
    nut.bad["rack"] = "DATA-STALE"
    await ups(status, 15)
    assert await obeyed() == []
    await ups(status, 15)
    assert await obeyed() == goes
    await ups(status, 90, off=set(goes))
    assert power(wire, AULA) == [LOW if goes else ON]


async def test_a_contradiction_and_a_latched_shutdown_do_nothing(
    wire: Wire, screens: None, ups: Call, obeyed: Call
) -> None:
    """Edges: `OL OB` together, and the policy does not act; `FSD OL` stays until upsd restarts."""
    await ups("OL OB LB", 100, charge="5")
    await ups("FSD OL", 100, charge="5")
    assert power(wire) == [ON]
    assert await obeyed() == []


async def test_a_forced_shutdown_is_acted_upon(wire: Wire, screens: None, ups: Call, obeyed: Call) -> None:
    """Whoever forced it will cut the power."""
    await ups("FSD OB", 20, charge="90")
    assert await obeyed() == [B, C]


async def test_what_the_broker_did_not_take_is_sent_again(
    wire: Wire, screens: None, ups: Call, obeyed: Call
) -> None:
    """Once; and while the connection is down nothing is tried."""
    with wire.refuses():
        await ups("OB LB", 15)
    assert await obeyed() == []
    await wire.breaks()
    await ups("OB LB", 35)
    assert await obeyed() == []
    await wire.mends()
    assert await obeyed() == [B, C]
    await ups("OB LB", 10, off={B, C})
    assert await obeyed() == []


async def test_a_plug_that_is_away_is_tried_again(
    wire: Wire, screens: None, ups: Call, obeyed: Call, plugs: dict[str, Plug]
) -> None:
    """Its own network may have lost its power too."""
    await ups("OB LB", 20)
    assert await obeyed() == [B, C]
    plugs[B].become(available=False)
    await ups("OL", 60, charge="90", off={B, C})
    assert (plugs[B].told, plugs[C].told) == ([], [False, True])
    plugs[B].become(available=True)
    await ups("OL", 60, charge="90", off={B, C})
    assert plugs[B].told == [False, True]
    wire.rest()


async def test_at_most_ten_go_down_at_a_time(
    hass: HomeAssistant, wire: Wire, screens: None, ups: Call, look: Look, fleet: MockConfigEntry
) -> None:
    """The rest follows as they settle."""
    more = [f"eeeeeeee-0000-4000-8000-0000000000{number:02}" for number in range(10)]
    for uuid in more:
        await wire.hears("infoscreen/discovery", {"uuid": uuid})
        await choose(hass, look, uuid, "Aula")
    wire.rest()
    await ups("OB LB", 15)
    down = [said for said in wire.rest() if said.topic.endswith("/commands")]
    assert len(down) == 10
    for command in down[:3]:
        uuid = command.topic.split("/")[1]
        await acknowledge(wire, uuid, command, "accepted", "execution_started", "completed")
    await wire.settle()
    assert len([said for said in wire.rest() if said.topic.endswith("/commands")]) == 2


async def test_recovery_leaves_screens_alone_that_an_outage_took(
    hass: HomeAssistant, wire: Wire, screens: None, ups: Call, fleet: MockConfigEntry
) -> None:
    """A screen that crashes on battery is not restarted; once all is well again it is."""
    hass.config_entries.async_update_entry(
        fleet, options={**fleet.options, "crash_recovery_enabled": True, "crash_recovery_grace_seconds": 30}
    )
    await wire.settle()
    await ups("OB", 10, charge="90")
    await wire.hears(f"infoscreen/{A}/heartbeat", {"process_status": "crashed"})
    await ups("OB", 60, charge="90")
    assert not [said for said in wire.rest() if said.topic.endswith("/commands")]
    await ups("OL", 75, charge="90")
    assert wire.said(f"infoscreen/{A}/commands").json["action"] == "restart_app"
    wire.rest()


async def test_a_screen_with_a_ups_of_its_own_goes_with_that(
    hass: HomeAssistant,
    wire: Wire,
    screens: None,
    nut: FakeNut,
    ups: Call,
    poll: Poll,
    obeyed: Call,
    look: Look,
    fleet: MockConfigEntry,
    server: MockConfigEntry,
) -> None:
    """On its group's terms; its TV goes off alone."""
    nut.upses["desk"] = {"ups.status": "OL"}
    await poll(11)
    desk = look.device(server, f"{server.entry_id}_desk").id
    subentry = ConfigSubentry(
        data=MappingProxyType({"screen": look.device(fleet, D).id, "ups": desk}),
        subentry_type="hardware",
        title="d",
        unique_id=D,
    )
    hass.config_entries.async_add_subentry(fleet, subentry)
    await wire.settle()
    nut.upses["desk"] = {"ups.status": "OB LB"}
    await ups("OL", 20, charge="100")
    assert gist(wire.said(f"infoscreen/{D}/power/intent")) == LOW
    assert await obeyed() == [D]
    assert power(wire) == []


async def test_a_ups_that_is_deleted_lets_go(
    hass: HomeAssistant, wire: Wire, screens: None, ups: Call, rack: str
) -> None:
    """Or the TVs would be off for ever."""
    await ups("OB", 70, charge="90")
    assert power(wire)[-1] == SPARED
    dr.async_get(hass).async_remove_device(rack)
    await wire.settle()
    assert power(wire)[-1] == ON


async def test_a_ups_that_was_deleted_and_returns_feeds_again(
    hass: HomeAssistant,
    wire: Wire,
    screens: None,
    ups: Call,
    obeyed: Call,
    rack: str,
    server: MockConfigEntry,
) -> None:
    """Under the id that it had, so its groups name it still: nobody would think of choosing it anew."""
    dr.async_get(hass).async_remove_device(rack)
    await wire.settle()
    assert await hass.config_entries.async_reload(server.entry_id)
    assert dr.async_get(hass).async_get(rack) is not None
    await ups("OB LB", 20)
    assert await obeyed() == [B, C]


async def test_a_rehearsal_tells_all_and_does_nothing(
    hass: HomeAssistant, wire: Wire, screens: None, rack: str, fleet: MockConfigEntry
) -> None:
    """For administrators; who, when and in which order."""
    act = hass.services.async_call
    user = MockUser(groups=[]).add_to_hass(hass)
    with pytest.raises(Unauthorized):
        await act(
            "infoscreen",
            "rehearse_outage",
            {},
            blocking=True,
            return_response=True,
            context=Context(user_id=user.id),
        )
    told = await act("infoscreen", "rehearse_outage", {}, blocking=True, return_response=True)
    steps: list[dict[str, Any]] = dict[str, Any](told or {})[rack]
    assert [(step["after"], step["step"], step["groups"], step["screens"]) for step in steps] == [
        (5, "outage", [], []),
        (60, "tvs_off", [12, 13], []),
        (70, "tvs_off", [12, 13], []),
        (70, "shut_down", [], [B, C]),
        (130, "shut_down", [], [A, D]),
        (160, "mains_back", [], []),
        (160, "tvs_back", [12, 13], []),
        (160, "power_cycle", [], [A]),
        (160, "needs_person", [], [D]),
        (165, "power_cycle", [], [B]),
        (170, "power_cycle", [], [C]),
    ]
    assert power(wire) == []


async def test_the_form_of_a_group_asks_for_its_ups_and_keeps_what_was_said(
    hass: HomeAssistant, wire: Wire, fleet: MockConfigEntry, rack: str, look: Look
) -> None:
    """Product, "Config entries": with defaults; only a UPS is one."""
    manager = hass.config_entries.subentries
    form = await manager.async_init((fleet.entry_id, "group"), context={"source": "user"})
    screenless = look.device(fleet, f"{fleet.entry_id}_group_12").id
    wrong = await manager.async_configure(form["flow_id"], {"name": "Library", "ups": screenless})
    assert wrong["errors"] == {"ups": "not_a_ups"}
    given = {"name": "Library", "ups": rack, "ups_tv_off_delay": 5, "shutdown_tier": 2}
    await manager.async_configure(form["flow_id"], given)
    (subentry,) = (each for each in fleet.subentries.values() if each.title == "Library")
    terms = {"ups_shutdown_charge": 30, "ups_shutdown_runtime": 300, "ups_restore_charge": 50}
    assert subentry.data.items() >= (given | terms).items()
    change = await fleet.start_subentry_reconfigure_flow(hass, subentry.subentry_id)
    wrong = await manager.async_configure(change["flow_id"], {"name": "Library", "ups": screenless})
    assert wrong["errors"] == {"ups": "not_a_ups"}
    await manager.async_configure(change["flow_id"], {"name": "Library", "ups_restore_charge": 60})
    (subentry,) = (each for each in fleet.subentries.values() if each.title == "Library")
    assert "ups" not in subentry.data
    assert (subentry.data["ups_tv_off_delay"], subentry.data["ups_restore_charge"]) == (5, 60)
    await wire.settle()
    wire.rest()
