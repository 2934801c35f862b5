"""Who follows or fetches the alerts: what is sent, in which language, and to whom."""

from http import HTTPStatus
from typing import Any

from homeassistant.auth.models import Credentials
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, MockUser
from pytest_homeassistant_custom_component.components.diagnostics import get_diagnostics_for_config_entry
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator, WebSocketGenerator

from .conftest import OTHER, UUID, Look, PassTime
from .feed import Feed
from .wire import Wire

CRASHED = {"actual_state": {"status": "crashed"}}
FROZEN = {"health_metrics": {"screen_health_status": "FROZEN"}}
ENGLISH = "The app on foyer-1 has crashed. Restart the app, or the screen if that does not help."
GERMAN = (
    "Die App auf foyer-1 ist abgestürzt. Starten Sie die App neu, oder den Bildschirm, wenn das nicht hilft."
)


@pytest.fixture
async def crashed(screen: str, wire: Wire) -> str:
    """Let the app of a screen crash."""
    await wire.hears(f"infoscreen/{screen}/health", CRASHED)
    return screen


async def add_second(hass: HomeAssistant, wire: Wire) -> MockConfigEntry:
    """Set up a second fleet, with a screen whose picture is frozen."""
    entry = MockConfigEntry(
        domain="infoscreen",
        title="Site 2",
        unique_id="mqtt/site2",
        data={"transport": "mqtt", "topic_prefix": "site2"},
    )
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await wire.settle()
    await wire.hears(f"site2/{OTHER}/health", FROZEN)
    return entry


@pytest.fixture
async def second(hass: HomeAssistant, wire: Wire, fleet: MockConfigEntry) -> MockConfigEntry:
    """Have a second fleet from the start."""
    return await add_second(hass, wire)


async def fetch(
    client: ClientSessionGenerator, query: str = "", *, accept: str | None = None, token: str | None = None
) -> Any:
    """Fetch the alerts over HTTP."""
    session = await (client(token) if token else client())
    headers = {"Accept-Language": accept} if accept is not None else {}
    response = await session.get(f"/api/infoscreen/alerts{query}", headers=headers)
    assert response.status == HTTPStatus.OK
    answer = await response.json()
    assert answer.keys() == {"alerts"}
    return answer["alerts"]


async def token_of(hass: HomeAssistant, user: MockUser) -> str:
    """Let a user log in."""
    user.add_to_hass(hass)
    credentials = Credentials(
        id=f"credentials-{user.id}",
        auth_provider_type="homeassistant",
        auth_provider_id=None,
        data={"username": user.id},
        is_new=False,
    )
    user.credentials.append(credentials)
    refresh = await hass.auth.async_create_refresh_token(user, "https://example.org", credential=credentials)
    return hass.auth.async_create_access_token(refresh)


# HTTP


async def test_the_alerts_are_fetched_over_http(
    fleet: MockConfigEntry, crashed: str, look: Look, hass_client: ClientSessionGenerator
) -> None:
    """Exactly these fields, the time in UTC."""
    (alert,) = await fetch(hass_client)
    assert alert == {
        "id": f"{crashed}_process_crashed",
        "kind": "process_crashed",
        "level": "critical",
        "device_id": look.device(fleet, crashed).id,
        "text": ENGLISH,
        "since": alert["since"],
    }
    assert alert["since"].endswith("Z")


async def test_the_alerts_of_all_fleets_are_one_list(
    hass: HomeAssistant, second: MockConfigEntry, crashed: str, hass_client: ClientSessionGenerator
) -> None:
    """Of those that are loaded; the most urgent first."""
    assert [alert["kind"] for alert in await fetch(hass_client)] == ["process_crashed", "frozen"]
    await hass.config_entries.async_unload(second.entry_id)
    assert [alert["kind"] for alert in await fetch(hass_client)] == ["process_crashed"]


async def test_alerts_are_fetched_by_level(
    second: MockConfigEntry, crashed: str, hass_client: ClientSessionGenerator
) -> None:
    """Of that level, and no other."""
    found = {
        level: [alert["kind"] for alert in await fetch(hass_client, f"?level={level}")]
        for level in ("critical", "warning", "info")
    }
    assert found == {"critical": ["process_crashed"], "warning": ["frozen"], "info": []}


async def test_a_level_that_is_none_is_refused_with_those_there_are(
    fleet: MockConfigEntry, hass_client: ClientSessionGenerator
) -> None:
    """In the language that is asked for, as any other text."""
    client = await hass_client()
    response = await client.get("/api/infoscreen/alerts?level=panic&language=de")
    assert response.status == HTTPStatus.BAD_REQUEST
    assert await response.json() == {
        "message": "panic ist keine Dringlichkeit einer Meldung. "
        "Wählen Sie eine von critical, warning, info, oder lassen Sie sie weg.",
        "code": "alert_level_unknown",
    }


async def test_nobody_fetches_without_a_login(
    fleet: MockConfigEntry, crashed: str, hass_client_no_auth: ClientSessionGenerator
) -> None:
    """Product, "Who may what"."""
    client = await hass_client_no_auth()
    response = await client.get("/api/infoscreen/alerts")
    assert response.status == HTTPStatus.UNAUTHORIZED


@pytest.mark.parametrize(
    ("query", "accept", "home", "text"),
    [
        ("?language=de", None, "en", GERMAN),
        ("?language=de-AT", "en", "en", GERMAN),
        ("?language=tlh", "de", "de", ENGLISH),
        ("?language=x/y", "de", "de", ENGLISH),
        ("?language=*", "de", "de", ENGLISH),
        ("", "de", "en", GERMAN),
        ("", "fr-FR, de-AT;q=0.8, en;q=0.5", "en", GERMAN),
        ("", "de;q=0, en;q=0.1", "de", ENGLISH),
        ("", "*", "de", GERMAN),
        ("", ";;, =,q=9", "de", GERMAN),
        ("", None, "de", GERMAN),
        ("", "fr", "fr", ENGLISH),
    ],
    ids=[
        "asked for",
        "a kind of German",
        "unknown",
        "no language",
        "any",
        "accepted",
        "the first that there is",
        "not accepted",
        "anything accepted",
        "nonsense",
        "Home Assistant's",
        "nothing that there is",
    ],
)
async def test_the_texts_are_in_the_language_of_whoever_asks(
    hass: HomeAssistant,
    crashed: str,
    hass_client: ClientSessionGenerator,
    query: str,
    accept: str | None,
    home: str,
    text: str,
) -> None:
    """The one asked for, else one that is accepted, else Home Assistant's; English where there is none."""
    hass.config.language = home
    assert [alert["text"] for alert in await fetch(hass_client, query, accept=accept)] == [text]


# The websocket


async def test_who_subscribes_hears_what_stands_and_what_becomes_of_it(
    crashed: str, wire: Wire, hass_ws_client: WebSocketGenerator
) -> None:
    """In the language asked for; and nothing after the end."""
    feed = await Feed.connect(hass_ws_client)
    (alert,) = await feed.subscribe(language="de")
    assert alert["text"] == GERMAN
    await wire.hears(f"infoscreen/{crashed}/health", {"actual_state": {"status": "running"}})
    (cleared,) = await feed.rest()
    assert cleared == {"type": "cleared", **alert, "downtime": 0}
    await feed.unsubscribe()
    await wire.hears(f"infoscreen/{crashed}/health", CRASHED)
    assert await feed.rest() == []


async def test_a_subscription_may_be_to_one_fleet(
    second: MockConfigEntry, crashed: str, wire: Wire, hass_ws_client: WebSocketGenerator
) -> None:
    """Or to all of them."""
    of_one, of_all = await Feed.connect(hass_ws_client), await Feed.connect(hass_ws_client)
    assert [alert["kind"] for alert in await of_one.subscribe(entry_id=second.entry_id)] == ["frozen"]
    assert [alert["kind"] for alert in await of_all.subscribe()] == ["process_crashed", "frozen"]
    await wire.hears(f"infoscreen/{crashed}/health", {"actual_state": {"status": "running"}})
    assert await of_one.rest() == []
    assert await of_all.told() == [("cleared", "process_crashed")]


async def test_a_subscription_to_what_is_no_fleet_is_refused(
    hass: HomeAssistant, fleet: MockConfigEntry, hass_ws_client: WebSocketGenerator
) -> None:
    """Neither nothing nor another integration's."""
    feed = await Feed.connect(hass_ws_client)
    (mqtt,) = hass.config_entries.async_entries("mqtt")
    assert await feed.refused(entry_id="nothing") == "not_found"
    assert await feed.refused(entry_id=mqtt.entry_id) == "not_found"


async def test_a_subscription_survives_a_reload(
    hass: HomeAssistant, fleet: MockConfigEntry, crashed: str, wire: Wire, hass_ws_client: WebSocketGenerator
) -> None:
    """A fleet that is unloaded is no all-clear: the list begins anew, and so does what is sent."""
    feed = await Feed.connect(hass_ws_client)
    assert len(await feed.subscribe()) == 1
    assert await hass.config_entries.async_unload(fleet.entry_id)
    assert await feed.snapshot() == []
    assert await hass.config_entries.async_setup(fleet.entry_id)
    await wire.settle()
    assert await feed.snapshot() == []
    await wire.hears(f"infoscreen/{crashed}/health", CRASHED)
    assert await feed.told() == [("raised", "process_crashed")]
    wire.rest()


async def test_a_subscription_hears_of_a_fleet_that_comes_later(
    hass: HomeAssistant, crashed: str, wire: Wire, hass_ws_client: WebSocketGenerator
) -> None:
    """Cards stay open for weeks. Entries of others, and a fleet's other name, are nothing to them."""
    feed = await Feed.connect(hass_ws_client)
    assert len(await feed.subscribe()) == 1
    (other := MockConfigEntry(domain="other")).add_to_hass(hass)
    for entry in (other, *hass.config_entries.async_entries("infoscreen")):
        hass.config_entries.async_update_entry(entry, title=f"{entry.title} 2")
    await hass.async_block_till_done()
    assert await feed.rest() == []
    fleet = await add_second(hass, wire)
    assert fleet.state is ConfigEntryState.LOADED
    (event, *others) = await feed.rest()
    assert (event["type"], len(event["alerts"])) == ("snapshot", 1)
    assert [(other["type"], other["kind"]) for other in others] == [("raised", "frozen")]


# Who may


async def test_whoever_may_read_the_list_sees_the_alerts(
    hass: HomeAssistant,
    second: MockConfigEntry,
    crashed: str,
    wire: Wire,
    look: Look,
    hass_client: ClientSessionGenerator,
    hass_ws_client: WebSocketGenerator,
) -> None:
    """Product, "Who may what": a user who may read one fleet's sensor sees that fleet's and no other's."""
    user = MockUser(groups=[])
    readable = look.entity_id("sensor", f"{second.entry_id}_alerts")
    user.mock_policy({"entities": {"entity_ids": {readable: {"read": True}}}})
    token = await token_of(hass, user)
    assert [alert["kind"] for alert in await fetch(hass_client, token=token)] == ["frozen"]
    feed = await Feed.connect(hass_ws_client, access_token=token)
    assert [alert["kind"] for alert in await feed.subscribe()] == ["frozen"]
    await wire.hears(f"infoscreen/{UUID}/health", {"actual_state": {"status": "running"}})
    assert await feed.rest() == []


# Diagnostics


async def test_diagnostics_count_the_alerts(
    hass: HomeAssistant,
    fleet: MockConfigEntry,
    crashed: str,
    wire: Wire,
    hass_client: ClientSessionGenerator,
    pass_time: PassTime,
) -> None:
    """By what they are about."""
    await wire.hears(f"infoscreen/{OTHER}/health", CRASHED)
    diagnostics = await get_diagnostics_for_config_entry(hass, hass_client, fleet)
    assert diagnostics["alerts"] == {"process_crashed": 2}
