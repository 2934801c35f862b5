"""A fleet in a Home Assistant without sockets; real programs are in tests/e2e."""

from collections.abc import AsyncGenerator, Callable
from pathlib import Path
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.config_entries import ConfigSubentryData
from homeassistant.core import Context, HomeAssistant
from homeassistant.helpers import device_registry as dr, entity_registry as er
from homeassistant.setup import async_setup_component
from hypothesis import settings
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, async_fire_time_changed
from pytest_homeassistant_custom_component.typing import MqttMockHAClient, WebSocketGenerator

import custom_components  # noqa: F401  # before `hass`, or the test kit's own folder wins
from rig.broker import Mosquitto
from rig.tap import Tap

from .fake_nut import FakeNut, fake_nut
from .programs import need
from .wire import Said, Wire

# How long an example takes says more of the machine than of the code; a failure prints how to repeat it.
# Not derandomized, in CI neither: on Python 3.14 hypothesis then warns of its own random generator.
settings.register_profile("infoscreen", max_examples=50, deadline=None, derandomize=False, print_blob=True)
settings.load_profile("infoscreen")

UUID = "0b9e1a52-7c3d-4e5f-8a1b-2c3d4e5f6a7b"
LOGIN = ("infoscreen-server", "a long secret")
OTHER = "11111111-2222-4333-8444-555555555555"
MONDAY = "2026-11-23"

type PassTime = Callable[[float], Any]
type Delete = Callable[[str], Any]
type Press = Callable[..., Any]
type Ask = Callable[..., Any]
type At = Callable[[str], Any]
type Poll = Callable[..., Any]


@pytest.fixture(autouse=True)
def clock_stands_from_the_beginning(request: pytest.FixtureRequest) -> None:
    """Stop the clock of a test that moves it before anything happens, not only when it is first moved."""
    if "freezer" in request.fixturenames:
        request.getfixturevalue("freezer")


@pytest.fixture
def hass_config_dir(hass_tmp_config_dir: str) -> str:
    """Give each test a configuration folder of its own: a fleet keeps files there."""
    return hass_tmp_config_dir


@pytest.fixture
def expected_lingering_timers() -> bool:
    """Let Home Assistant's own MQTT client keep its timers."""
    return True


@pytest.fixture
async def wire(
    hass: HomeAssistant, enable_custom_integrations: None, mqtt_mock: MqttMockHAClient
) -> AsyncGenerator[Wire]:
    """Give the wire; at the end everything said on it has been looked at."""
    wire = Wire(hass, mqtt_mock)
    yield wire
    assert wire.rest() == []


def group(name: str, group_id: int) -> ConfigSubentryData:
    """Return a group as it is configured."""
    return ConfigSubentryData(
        data={"name": name, "group_id": group_id},
        subentry_type="group",
        title=name,
        unique_id=str(group_id),
    )


@pytest.fixture
def options() -> dict[str, Any]:
    """Return the fleet's options; tests that want others override this."""
    return {}


@pytest.fixture
async def monday_morning(hass: HomeAssistant, freezer: FrozenDateTimeFactory) -> None:
    """Begin before school, in Vienna."""
    freezer.move_to(f"{MONDAY} 06:00:00+00:00")
    await hass.config.async_set_time_zone("Europe/Vienna")


@pytest.fixture
def entry(options: dict[str, Any]) -> MockConfigEntry:
    """Return a fleet with two groups, not yet set up."""
    return MockConfigEntry(
        domain="infoscreen",
        title="Infoscreen",
        unique_id="mqtt/infoscreen",
        data={"transport": "mqtt", "topic_prefix": "infoscreen"},
        options=options,
        subentries_data=[group("Foyer", 12), group("Aula", 13)],
    )


@pytest.fixture
async def fleet(hass: HomeAssistant, wire: Wire, entry: MockConfigEntry) -> MockConfigEntry:
    """Set the fleet up."""
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await wire.settle()
    for group_id in (12, 13):
        assert wire.said(f"infoscreen/events/{group_id}").payload == b"[]"
    return entry


@pytest.fixture
async def screen(fleet: MockConfigEntry, wire: Wire) -> str:
    """Let one screen announce itself; return its UUID."""
    await wire.hears("infoscreen/discovery", {"uuid": UUID, "hostname": "foyer-1"})
    wire.rest()
    return UUID


@pytest.fixture
async def nut(
    hass: HomeAssistant, socket_enabled: None, enable_custom_integrations: None
) -> AsyncGenerator[FakeNut]:
    """Serve one UPS on mains; tests add what they need."""
    async with fake_nut({"rack": {"ups.status": "OL", "battery.charge": "100"}}) as nut:
        yield nut


@pytest.fixture
def server_options() -> dict[str, Any]:
    """Return the NUT server's options; tests that want others override this."""
    return {}


@pytest.fixture
def server_data() -> dict[str, Any]:
    """Return what the NUT server's entry holds beside its address; tests that want more override this."""
    return {}


@pytest.fixture
def server_entry(
    nut: FakeNut, server_options: dict[str, Any], server_data: dict[str, Any]
) -> MockConfigEntry:
    """Return the entry of the NUT server, not yet set up."""
    return MockConfigEntry(
        domain="infoscreen",
        title="127.0.0.1",
        unique_id=f"ups/127.0.0.1:{nut.port}",
        data={"host": "127.0.0.1", "port": nut.port, **server_data},
        options=server_options,
    )


@pytest.fixture
def poll(hass: HomeAssistant, freezer: FrozenDateTimeFactory) -> Poll:
    """Return what lets time pass, in seconds, until all that asks a NUT server has its answer."""

    async def passes(seconds: float = 11) -> None:
        freezer.tick(seconds)
        async_fire_time_changed(hass)
        await hass.async_block_till_done(wait_background_tasks=True)

    return passes


@pytest.fixture
async def server(hass: HomeAssistant, server_entry: MockConfigEntry, poll: Poll) -> MockConfigEntry:
    """Set the NUT server up, once the clock stands still."""
    server_entry.add_to_hass(hass)
    await hass.config_entries.async_setup(server_entry.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    return server_entry


@pytest.fixture
async def mosquitto(
    hass: HomeAssistant, tmp_path: Path, socket_enabled: None, enable_custom_integrations: None
) -> AsyncGenerator[Mosquitto]:
    """Run a real broker that lets in only whom it knows."""
    need("mosquitto")
    async with Mosquitto(tmp_path / "broker", login=LOGIN) as mosquitto:
        yield mosquitto


@pytest.fixture
async def tap(mosquitto: Mosquitto) -> AsyncGenerator[Tap]:
    """Hear everything on the real broker, and speak for the screens."""
    async with Tap(mosquitto) as tap:
        yield tap


class Look:
    """Looks things up by unique id, as nobody can know an entity id beforehand."""

    def __init__(self, hass: HomeAssistant) -> None:
        self._hass = hass

    def entity_id(self, domain: str, unique_id: str) -> str:
        """Return the entity id of an entity that must exist."""
        entity_id = er.async_get(self._hass).async_get_entity_id(domain, "infoscreen", unique_id)
        assert entity_id is not None, f"{domain} {unique_id} does not exist"
        return entity_id

    def state(self, domain: str, unique_id: str) -> str:
        """Return what an entity shows."""
        state = self._hass.states.get(self.entity_id(domain, unique_id))
        assert state is not None
        return state.state

    def attributes(self, domain: str, unique_id: str) -> dict[str, Any]:
        """Return an entity's attributes."""
        state = self._hass.states.get(self.entity_id(domain, unique_id))
        assert state is not None
        return dict(state.attributes)

    def device(self, entry: MockConfigEntry, identifier: str) -> dr.DeviceEntry:
        """Return a device that must exist."""
        device = dr.async_get(self._hass).async_get_device_by_identifier(
            ("infoscreen", identifier), entry.entry_id
        )
        assert isinstance(device, dr.DeviceEntry)
        return device


@pytest.fixture
def look(hass: HomeAssistant) -> Look:
    """Return the looking glass."""
    return Look(hass)


@pytest.fixture
def foyer(fleet: MockConfigEntry, look: Look) -> dict[str, Any]:
    """Return the Foyer as a target."""
    return {"device_id": look.device(fleet, f"{fleet.entry_id}_group_12").id}


@pytest.fixture
def whole(fleet: MockConfigEntry, look: Look) -> dict[str, Any]:
    """Return everything as a target."""
    return {"device_id": look.device(fleet, fleet.entry_id).id}


@pytest.fixture
def usual(foyer: dict[str, Any]) -> dict[str, Any]:
    """Return what actions are called for, the Foyer; tests that want others override this."""
    return foyer


@pytest.fixture
def ask(hass: HomeAssistant, wire: Wire, usual: dict[str, Any]) -> Ask:
    """Return what calls an action for the usual target, or for another; it returns what there is to tell."""

    async def calls(
        action: str, target: dict[str, Any] | None = None, user_id: str | None = None, **data: Any
    ) -> Any:
        answers = hass.services.supports_response("infoscreen", action).value != "none"
        answer = await hass.services.async_call(
            "infoscreen",
            action,
            data,
            target=usual if target is None else target,
            blocking=True,
            return_response=answers,
            context=Context(user_id=user_id),
        )
        await wire.settle()
        return answer

    return calls


@pytest.fixture
def pass_time(hass: HomeAssistant, freezer: FrozenDateTimeFactory, wire: Wire) -> Callable[[float], Any]:
    """Return what lets time pass, in seconds."""

    async def passes(seconds: float) -> None:
        freezer.tick(seconds)
        async_fire_time_changed(hass)
        await wire.settle()

    return passes


@pytest.fixture
def at(hass: HomeAssistant, freezer: FrozenDateTimeFactory, wire: Wire) -> At:
    """Return what moves the clock to a time in UTC, on the Monday unless a day is given."""

    async def moves(time: str) -> None:
        freezer.move_to(f"{time if ' ' in time else f'{MONDAY} {time}'}+00:00")
        async_fire_time_changed(hass)
        await wire.settle()

    return moves


@pytest.fixture
async def detailed(
    hass: HomeAssistant, fleet: MockConfigEntry, screen: str, wire: Wire, pass_time: PassTime
) -> str:
    """Enable what is disabled by default; half a minute later Home Assistant reloads the entry for it."""
    registry = er.async_get(hass)
    for entity in er.async_entries_for_config_entry(registry, fleet.entry_id):
        if entity.disabled_by is not None:
            registry.async_update_entity(entity.entity_id, disabled_by=None)
    await pass_time(31)
    wire.rest()
    return screen


@pytest.fixture
def press(hass: HomeAssistant, screen: str, look: Look) -> Press:
    """Return what presses a button of the screen."""

    async def presses(key: str, user_id: str | None = None) -> None:
        await hass.services.async_call(
            "button",
            "press",
            {"entity_id": look.entity_id("button", f"{screen}_{key}")},
            blocking=True,
            context=Context(user_id=user_id),
        )

    return presses


@pytest.fixture
async def delete_device(hass: HomeAssistant, hass_ws_client: WebSocketGenerator) -> Delete:
    """Return what deletes a device as its page does; it returns the error, if any."""
    assert await async_setup_component(hass, "config", {})
    client = await hass_ws_client(hass)

    async def deletes(device_id: str) -> str | None:
        answer = await client.remove_device(device_id)
        return None if answer["success"] else answer["error"]["code"]

    return deletes


async def acknowledge(wire: Wire, screen: str, command: Said, *statuses: str) -> None:
    """Let the screen acknowledge stages of a command."""
    for status in statuses:
        await wire.hears(
            f"infoscreen/{screen}/commands/ack", {"command_id": command.json["command_id"], "status": status}
        )


async def choose(
    hass: HomeAssistant, look: Look, screen: str, option: str, user_id: str | None = None
) -> None:
    """Put a screen into a group by its select."""
    await hass.services.async_call(
        "select",
        "select_option",
        {"entity_id": look.entity_id("select", f"{screen}_group"), "option": option},
        blocking=True,
        context=Context(user_id=user_id),
    )
