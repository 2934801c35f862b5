"""The access list that is handed out, in a real Mosquitto with one account for each screen."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
import secrets
from typing import Any
from uuid import uuid4

import aiomqtt
import pytest
import pytest_asyncio

from rig.broker import Mosquitto
from rig.fleet import add_group, add_own_fleet, find_group
from rig.hass import Hass
from rig.ports import HOST
from rig.tap import Tap
from simulator import Pace, SimulatedScreen, identities
from simulator.wire import Channel

PREFIX = "site1/infoscreen"
SERVER = "infoscreen-server"
OBSERVER = ("observer", secrets.token_urlsafe())
# The tests' own ear and voice, beside what is handed out.
OBSERVES = "user observer\ntopic readwrite #\n"
PACE = replace(
    Pace(),
    health=timedelta(seconds=0.5),
    heartbeat=timedelta(seconds=1),
    discovery=timedelta(seconds=1),
    dashboard=timedelta(seconds=2),
    stage=timedelta(seconds=0.2),
    boot=timedelta(seconds=2),
    first_retry=timedelta(seconds=0.2),
    last_retry=timedelta(seconds=0.5),
)
SAYS = (
    *("commands/ack", "command/ack", "heartbeat", "health", "dashboard", "screenshot"),
    *("logs/error", "logs/warn", "logs/info", "service_failed"),
)
HEARS = ("discovery_ack", "group_id", "commands", "command", "power/intent")


@dataclass(frozen=True, kw_only=True)
class Site:
    """A fleet behind a broker that denies what is not granted."""

    entry_id: str
    foyer: SimulatedScreen
    aula: SimulatedScreen
    nowhere: SimulatedScreen
    restarts: SimulatedScreen

    @property
    def screens(self) -> tuple[SimulatedScreen, ...]:
        """Return all screens."""
        return self.foyer, self.aula, self.nowhere, self.restarts


def account(screen: SimulatedScreen) -> tuple[str, str]:
    """Return a screen's login."""
    assert screen.username is not None
    assert screen.password is not None
    return screen.username, screen.password


def topic(screen: SimulatedScreen, end: str) -> str:
    """Return one of a screen's topics."""
    return f"{PREFIX}/{screen.identity.uuid}/{end}"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def broker(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Mosquitto]:
    """Run a broker whose accounts may do anything as yet."""
    broker = Mosquitto(tmp_path_factory.mktemp("broker"), login=OBSERVER, acl="pattern readwrite #\n")
    broker.accounts[SERVER] = secrets.token_urlsafe()
    for identity in identities(4):
        broker.accounts[f"infoscreen-client-{identity.uuid[:8]}"] = secrets.token_urlsafe()
    async with broker:
        yield broker


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def home(tmp_path_factory: pytest.TempPathFactory, broker: Mosquitto) -> AsyncGenerator[Hass]:
    """Run a Home Assistant without an MQTT connection of its own."""
    async with Hass(tmp_path_factory.mktemp("home")) as home:
        yield home


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site(home: Hass, broker: Mosquitto) -> AsyncGenerator[Site]:
    """Let the fleet become known, hand its access list out, and start the broker anew with it."""
    entry_id = await add_own_fleet(
        home.api, broker, PREFIX, username=SERVER, password=broker.accounts[SERVER]
    )
    for name, group_id in (("Foyer", 12), ("Aula", 13)):
        await add_group(home.api, entry_id, name, group_id=group_id)
    *others, last = identities(4)
    screens = [
        SimulatedScreen(
            identity,
            port=broker.port,
            prefix=PREFIX,
            pace=PACE,
            username=(user := f"infoscreen-client-{identity.uuid[:8]}"),
            password=broker.accounts[user],
        )
        for identity in (*others, replace(last, channels=frozenset({Channel.RESTART})))
    ]
    for screen in screens:
        screen.start()
    for screen, group in zip(screens, ("Foyer", "Aula"), strict=False):
        select = await shows(home, screen, "group", "select")
        await home.api.act("select.select_option", {"option": group}, entity_id=select)
    (device,) = (
        row["id"]
        for row in await home.api.devices(entry_id)
        if row["identifiers"] == [["infoscreen", entry_id]]
    )
    told = await home.api.ask("infoscreen.broker_acl", device_id=device)
    assert sorted(told["users"]) == sorted(broker.accounts)
    await broker.stop()
    broker.acl = f"{OBSERVES}\n{told['acl']}"
    await broker.start()
    for screen in screens:
        await screen.until(lambda state: state.acknowledged)
        await home.api.wait_state(await shows(home, screen, "status"), "healthy", within=30)
    yield Site(entry_id=entry_id, foyer=screens[0], aula=screens[1], nowhere=screens[2], restarts=screens[3])
    for screen in screens:
        await screen.stop()


async def shows(home: Hass, screen: SimulatedScreen, key: str, domain: str = "sensor") -> str:
    """Return the id of one of a screen's entities."""
    return await home.api.entity(domain, f"{screen.identity.uuid}_{key}")


async def press(home: Hass, screen: SimulatedScreen, key: str) -> None:
    """Press one of a screen's buttons."""
    await home.api.act("button.press", entity_id=await shows(home, screen, key, "button"))


async def show(home: Hass, site: Site, group: str) -> int:
    """Let a group show something for an hour, and return the event's id."""
    now = datetime.now(UTC)
    added = await home.api.ask(
        "infoscreen.add_event",
        {
            "title": group,
            "event_type": "website",
            "url": "https://school.example/timetable",
            "start": (now - timedelta(hours=1)).isoformat(timespec="seconds"),
            "end": (now + timedelta(hours=1)).isoformat(timespec="seconds"),
        },
        device_id=await find_group(home.api, site.entry_id, group),
    )
    ((_, event),) = added.items()
    event_id: int = event["event_id"]
    return event_id


def intent(**whose: Any) -> dict[str, Any]:
    """Return a power intent."""
    now = datetime.now(UTC)
    return whose | {
        "schema_version": "1.0",
        "intent_id": str(uuid4()),
        "desired_state": "on",
        "reason": "manual_override",
        "issued_at": now.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "expires_at": (now + timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "poll_interval_sec": 30,
        "active_event_ids": [],
        "event_window_start": None,
        "event_window_end": None,
    }


async def test_a_screen_says_and_hears_all_it_must(
    home: Hass, broker: Mosquitto, site: Site, tap: Tap
) -> None:
    """Announced and recognised again since the list is in force; told its group and what that shows."""
    screen = site.foyer
    await screen.until(lambda state: state.group_id == 12)
    event_id = await show(home, site, "Foyer")
    await screen.until(lambda state: event_id in state.shown)
    async with Tap(broker, login=(SERVER, broker.accounts[SERVER])) as server:
        await server.publish(f"{PREFIX}/groups/12/power/intent", intent(group_id=12), retain=True)
        await server.publish(topic(screen, "power/intent"), intent(client_uuid=screen.identity.uuid))
    await screen.until(lambda state: state.group_intent and state.own_intent)
    await press(home, screen, "restart_app")
    await home.api.wait_state(await shows(home, screen, "last_command"), "completed")
    for level in ("error", "warn", "info"):
        screen.log(level, "Something to say")
    screen.fail_service("infoscreen.service")
    async with Tap(broker, login=account(screen)) as older:
        await older.publish(topic(screen, "screenshot"), b"\xff\xd8")
    for end in SAYS:
        await tap.wait(topic(screen, end))
    await home.api.wait_state(await shows(home, screen, "service_failed", "binary_sensor"), "on")
    await press(home, screen, "acknowledge_service_failed")
    await tap.wait(topic(screen, "service_failed"), lambda each: not each.payload)
    assert screen.complaints == []


async def test_the_server_does_all_it_must(home: Hass, site: Site) -> None:
    """A reboot to its end, and one for a client that knows of nothing but restarts."""
    await press(home, site.aula, "reboot")
    done = await home.api.wait_state(await shows(home, site.aula, "last_command"), "completed", within=40)
    assert site.aula.executed == [done["attributes"]["command_id"]]
    await press(home, site.restarts, "reboot")
    await site.restarts.until(lambda state: state.executed == ("restart",) and state.connected)


async def test_a_screen_speaks_for_nobody_else(broker: Mosquitto, site: Site, tap: Tap) -> None:
    """Nor for the server, nor elsewhere on the broker; only its own last word is heard."""
    own, other = site.foyer, site.aula
    denied = (
        *(topic(other, end) for end in (*SAYS, *HEARS)),
        *(topic(own, end) for end in (*HEARS, "logs", "logs/error/more")),
        *(f"{PREFIX}/{place}" for place in ("events/12", "events/13", "groups/12/power/intent")),
        *(f"clients/{screen.identity.uuid}/restart" for screen in (own, other)),
        *("infoscreen/discovery", "homeassistant/sensor/x/config", f"{PREFIX}/discovery/more"),
    )
    forged = b'{"forged": true}'
    async with Tap(broker, login=account(own)) as forger:
        for each in denied:
            await forger.publish(each, forged)
        await forger.publish(topic(own, "logs/info"), forged)
    await tap.wait(topic(own, "logs/info"), lambda message: message.payload == forged)
    assert [each.topic for each in tap.messages if each.payload == forged] == [topic(own, "logs/info")]


async def test_a_screen_hears_nothing_that_is_not_for_it(
    home: Hass, broker: Mosquitto, site: Site, tap: Tap
) -> None:
    """It may subscribe to everything, and is delivered its own and its group's alone."""
    own, other = site.foyer, site.aula
    async with Tap(broker, login=account(own)) as spy:
        event_id = await show(home, site, "Aula")
        await press(home, other, "restart_app")
        await home.api.wait_state(await shows(home, other, "last_command"), "completed")
        await other.until(lambda state: event_id in state.shown)
        await tap.publish(f"{PREFIX}/groups/13/power/intent", intent(group_id=13), retain=True)
        await tap.publish(topic(other, "power/intent"), intent(client_uuid=other.identity.uuid))
        await press(home, own, "restart_app")
        await spy.wait(topic(own, "command"))
        heard = {message.topic for message in spy.messages}
    assert heard == {
        *(topic(own, end) for end in ("group_id", "commands", "command")),
        *(f"{PREFIX}/{place}" for place in ("events/12", "groups/12/power/intent")),
    }


@pytest.mark.parametrize(
    "login",
    [(None, None), ("somebody", "a password"), (SERVER, "a password")],
    ids=["anonymous", "unknown", "wrong password"],
)
async def test_strangers_are_refused(
    broker: Mosquitto, site: Site, login: tuple[str | None, str | None]
) -> None:
    """The broker lets in only whom it knows."""
    username, password = login
    stranger = aiomqtt.Client(HOST, broker.port, username=username, password=password)
    with pytest.raises(aiomqtt.MqttError, match=r"[Nn]ot authori[sz]ed"):
        await stranger.__aenter__()


async def test_an_account_that_is_revoked_stops_that_screen_alone(
    home: Hass, broker: Mosquitto, site: Site, tap: Tap
) -> None:
    """At once, and for good; nobody else loses the connection."""
    gone = site.nowhere
    others = [screen for screen in site.screens if screen is not gone]
    before = [screen.state.reconnects for screen in others]
    del broker.accounts[account(gone)[0]]
    mark = tap.mark()
    await broker.reload()
    await gone.until(lambda state: not state.connected)
    await tap.never(topic(gone, "#"), seconds=3)
    assert not gone.state.connected
    assert [screen.state.reconnects for screen in others] == before
    for screen in others:
        await tap.wait(topic(screen, "heartbeat"), since=mark)
    await press(home, site.foyer, "restart_app")
    await home.api.wait_state(await shows(home, site.foyer, "last_command"), "completed")
