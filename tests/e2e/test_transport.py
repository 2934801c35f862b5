"""Both transports do the same; what only a connection of our own can do is proven after that."""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
import json
from typing import Any
from uuid import uuid4

import pytest
import pytest_asyncio

from rig.api import Api
from rig.broker import Mosquitto, Tls
from rig.fleet import add_fleet, add_group, add_own_fleet, connection_form, find_group, fleet_form
from rig.hass import Hass
from rig.tap import Tap
from rig.tls import Authority
from rig.waiting import until

from ..programs import need

AUTHORITY = Authority()
LOGIN = ("infoscreen-server", "a long secret")
TRANSPORTS = pytest.mark.parametrize("transport", ["mqtt", "broker"])


@dataclass(frozen=True, kw_only=True)
class Site:
    """A fleet with one screen in it, below a prefix of its own."""

    prefix: str
    entry_id: str
    uuid: str

    def topic(self, end: str) -> str:
        """Return one of the screen's topics."""
        return f"{self.prefix}/{self.uuid}/{end}"

    async def shows(self, api: Api, domain: str, key: str) -> str:
        """Return the id of one of the screen's entities."""
        return await api.entity(domain, f"{self.uuid}_{key}")


async def site(home: Hass, broker: Mosquitto, tap: Tap, prefix: str, entry_id: str) -> Site:
    """Give a new fleet a group, and let a screen announce itself and be answered."""
    await add_group(home.api, entry_id, "Foyer", group_id=12)
    await tap.wait(f"{prefix}/events/12")
    made = Site(prefix=prefix, entry_id=entry_id, uuid=str(uuid4()))
    await broker.wait_subscribed(f"{prefix}/discovery")
    await tap.publish(f"{prefix}/discovery", {"uuid": made.uuid, "hostname": f"{prefix}-1"})
    ack = await tap.wait(made.topic("discovery_ack"))
    assert (ack.json["status"], ack.json["client_uuid"], ack.qos, ack.retain) == ("ok", made.uuid, 1, False)
    await home.api.wait_state(await made.shows(home.api, "binary_sensor", "connectivity"), "on")
    return made


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def sites(home: Hass, broker: Mosquitto) -> dict[str, Site]:
    """Set up a fleet over each transport, behind the same broker."""
    async with Tap(broker) as tap:
        over_core = await add_fleet(home.api, "mqtt-site")
        over_ours = await add_own_fleet(home.api, broker, "broker-site")
        return {
            "mqtt": await site(home, broker, tap, "mqtt-site", over_core),
            "broker": await site(home, broker, tap, "broker-site", over_ours),
        }


@pytest_asyncio.fixture(scope="module", loop_scope="module", autouse=True)
async def guarded(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Mosquitto]:
    """Run a broker that asks for a login, and on its port with TLS for a certificate too.

    From the module's beginning: between its tests sockets are forbidden.
    """
    need("mosquitto")
    tls = Tls(authority=AUTHORITY, server=AUTHORITY.for_server(), ask_clients=True)
    async with Mosquitto(tmp_path_factory.mktemp("guarded"), login=LOGIN, tls=tls) as guarded:
        yield guarded


async def command(home: Hass, site: Site, tap: Tap) -> Any:
    """Restart the screen's app, and return the command as the screen hears it."""
    mark = tap.mark()
    await home.api.act("button.press", entity_id=await site.shows(home.api, "button", "restart_app"))
    return (await tap.wait(site.topic("commands"), since=mark)).json


async def acknowledge(site: Site, tap: Tap, told: Any, *statuses: str) -> None:
    """Let the screen acknowledge a command."""
    for status in statuses:
        ack = {"command_id": told["command_id"], "status": status}
        await tap.publish(site.topic("commands/ack"), ack)


@TRANSPORTS
async def test_a_command_is_followed_to_its_end(
    home: Hass, sites: dict[str, Site], tap: Tap, transport: str
) -> None:
    """Published once, unretained, on the topic and on the older one; each ack is heard."""
    site = sites[transport]
    last_command = await site.shows(home.api, "sensor", "last_command")
    told = await command(home, site, tap)
    await home.api.wait_state(last_command, "published")
    await acknowledge(site, tap, told, "accepted", "execution_started")
    await home.api.wait_state(last_command, "execution_started")
    await acknowledge(site, tap, told, "completed")
    await home.api.wait_state(last_command, "completed")
    heard = tap.find(f"{site.prefix}/+/commands") + tap.find(f"{site.prefix}/+/command")
    assert [(each.json, each.qos, each.retain) for each in heard] == [(told, 1, False)] * 2


@TRANSPORTS
async def test_what_a_group_shows_stands_on_the_broker(
    home: Hass, broker: Mosquitto, sites: dict[str, Site], transport: str
) -> None:
    """Also for whoever comes later."""
    now = datetime.now(UTC)
    await home.api.act(
        "infoscreen.add_event",
        {
            "title": "Timetable",
            "event_type": "website",
            "url": "https://school.example/timetable",
            "start": (now - timedelta(hours=1)).isoformat(timespec="seconds"),
            "end": (now + timedelta(hours=1)).isoformat(timespec="seconds"),
        },
        device_id=await find_group(home.api, sites[transport].entry_id, "Foyer"),
    )
    async with Tap(broker) as latecomer:
        shown = await latecomer.wait(f"{transport}-site/events/12", lambda each: each.retain)
        assert [event["title"] for event in json.loads(shown.payload)] == ["Timetable"]


async def test_both_are_back_after_the_brokers_restart(
    home: Hass, broker: Mosquitto, sites: dict[str, Site]
) -> None:
    """The broker has forgotten everything; what must stand is published again."""
    shown = {
        transport: await site.shows(home.api, "binary_sensor", "connectivity")
        for transport, site in sites.items()
    }
    await broker.stop()
    for entity_id in shown.values():
        await home.api.wait_state(entity_id, "unknown")
    mark = broker.mark()
    await broker.start()
    async with Tap(broker) as tap:
        for transport, site in sites.items():
            stands = await tap.wait(f"{site.prefix}/events/12", within=30)
            assert [event["title"] for event in json.loads(stands.payload)] == ["Timetable"]
            await broker.wait_subscribed(f"{site.prefix}/+/heartbeat", since=mark)
            await tap.publish(site.topic("heartbeat"))
            await home.api.wait_state(shown[transport], "on")


async def test_a_fleet_hears_once_after_home_assistants_mqtt_and_the_fleet_were_reloaded(
    home: Hass, broker: Mosquitto, sites: dict[str, Site], tap: Tap
) -> None:
    """Home Assistant keeps what was subscribed to before its own reload, even if it is given up then."""
    site = sites["mqtt"]
    (connection,) = await home.api.entries("mqtt")
    mark = broker.mark()
    for entry_id in (connection["entry_id"], site.entry_id):
        await home.api.reload_entry(entry_id)
        await home.api.wait_entry(entry_id)
    await broker.wait_subscribed(f"{site.prefix}/discovery", since=mark)
    await tap.publish(f"{site.prefix}/discovery", {"uuid": site.uuid})
    await asyncio.sleep(1)
    assert len(tap.find(site.topic("discovery_ack"))) == 1


async def test_the_same_fleet_is_not_set_up_over_the_other_transport(
    home: Hass, broker: Mosquitto, sites: dict[str, Site]
) -> None:
    """It would be answered twice."""
    (await fleet_form(home.api, "mqtt", "broker-site")).expect("abort", reason="already_configured")
    form = await fleet_form(home.api, "broker", "mqtt-site")
    (await form.submit(connection_form(broker))).expect("abort", reason="already_configured")


async def test_an_ack_given_while_home_assistant_restarts_is_heard(
    home: Hass, sites: dict[str, Site], tap: Tap
) -> None:
    """The broker keeps it for a connection of our own; Home Assistant's begins clean."""
    site = sites["broker"]
    told = await command(home, site, tap)
    await home.stop()
    await acknowledge(site, tap, told, "accepted", "execution_started", "completed")
    await home.start()
    await home.api.wait_entry(site.entry_id)
    await home.api.wait_state(await site.shows(home.api, "sensor", "last_command"), "completed")


async def test_a_login_that_is_withdrawn_is_asked_for_and_the_fleet_returns(
    home: Hass, guarded: Mosquitto
) -> None:
    """At run time; what is wrong is told as wrong."""
    wrong = await fleet_form(home.api, "broker", "guarded-site")
    refused = await wrong.submit(connection_form(guarded, password=LOGIN[0]))
    refused.expect("form", errors={"base": "invalid_auth"})
    entry_id = (await refused.submit(connection_form(guarded))).expect("create_entry").result["entry_id"]
    await home.api.wait_entry(entry_id)
    await guarded.stop()
    guarded.login = (LOGIN[0], "another secret")
    await guarded.start()

    async def asked() -> Any:
        flows = await home.api.waiting_flows()
        return next((flow for flow in flows if flow["context"]["source"] == "reauth"), None)

    flow = await home.api.resume_flow((await until(asked, "a login is asked for"))["flow_id"])
    again = await flow.submit({"username": LOGIN[0], "password": "guessed"})
    again.expect("form", step_id="reauth_confirm", errors={"base": "invalid_auth"})
    done = await again.submit(dict(zip(("username", "password"), guarded.login, strict=True)))
    done.expect("abort", reason="reauth_successful")
    await home.api.wait_entry(entry_id)
    async with Tap(guarded) as tap:
        await site(home, guarded, tap, "guarded-site", entry_id)
    await home.api.remove_entry(entry_id)
    async with Tap(guarded) as tap:
        await asyncio.sleep(0.5)
        assert tap.messages == []


async def test_certificates_make_both_sides_trust_each_other(home: Hass, guarded: Mosquitto) -> None:
    """An expired one is refused in the form, a missing one by the broker."""
    form = await fleet_form(home.api, "broker", "tls-site")
    expired = Authority(lasts=timedelta(days=-1)).certificate
    encrypted: dict[str, Any] = {"port": guarded.tls_port, "tls": True}

    form = await form.submit(
        connection_form(guarded, **encrypted, certificate=await home.api.upload(expired))
    )
    form.expect("form", errors={"certificate": "certificate_expired"})
    encrypted["certificate"] = await home.api.upload(AUTHORITY.certificate)
    form = await form.submit(connection_form(guarded, **encrypted))
    form.expect("form", errors={"base": "tls_failed"})
    ours = AUTHORITY.for_client(lasts=timedelta(days=20))
    encrypted["client_cert"] = await home.api.upload(ours.certificate)
    encrypted["client_key"] = await home.api.upload(ours.key)
    done = (await form.submit(connection_form(guarded, **encrypted))).expect("create_entry")
    entry_id = done.result["entry_id"]
    await home.api.wait_entry(entry_id)
    async with Tap(guarded) as tap:
        await site(home, guarded, tap, "tls-site", entry_id)
    assert [issue["translation_key"] for issue in await home.api.issues()] == [
        "certificate_expiring_client_cert"
    ]
    told = str(await home.api.diagnostics(entry_id))
    assert "PRIVATE KEY" not in told
    assert guarded.login is not None
    assert guarded.login[1] not in told


async def test_a_broker_with_a_certificate_of_ours_alone_is_trusted(
    home: Hass, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """TLS without certificates for clients."""
    tls = Tls(authority=AUTHORITY, server=AUTHORITY.for_server())
    async with Mosquitto(tmp_path_factory.mktemp("trusted"), tls=tls) as broker, Tap(broker) as tap:
        fields = {"port": broker.tls_port, "tls": True}
        authority = await home.api.upload(AUTHORITY.certificate)
        entry_id = await add_own_fleet(home.api, broker, "trusted-site", certificate=authority, **fields)
        await site(home, broker, tap, "trusted-site", entry_id)
        await home.api.remove_entry(entry_id)
