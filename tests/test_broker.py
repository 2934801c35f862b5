"""A broker that refuses, does not answer, or speaks an older protocol."""

import asyncio
from collections.abc import Generator
from datetime import timedelta
from itertools import count
from typing import Any
from unittest.mock import Mock, patch

from homeassistant.components import mqtt
from homeassistant.components.mqtt.models import DATA_MQTT
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    MockMqttReasonCode,
)
from pytest_homeassistant_custom_component.typing import MqttMockHAClient, MqttMockPahoClient

from .conftest import Look, PassTime, Press, acknowledge, choose
from .wire import Wire


async def never(*_: Any, **__: Any) -> None:
    """Answer never."""
    await asyncio.Event().wait()


@pytest.fixture
def impatient() -> Any:
    """Wait for the broker a moment only."""
    with patch("custom_components.infoscreen.broker.hass.PUBLISH_TIMEOUT", timedelta(seconds=0.01)):
        yield


@pytest.mark.parametrize("answer", [HomeAssistantError("no"), never], ids=["refuses", "does not answer"])
async def test_a_command_the_broker_does_not_take_has_failed(
    screen: str,
    wire: Wire,
    look: Look,
    press: Press,
    mqtt_mock: MqttMockHAClient,
    impatient: None,
    answer: Any,
) -> None:
    """Whoever asked is told at once, and not later that it worked after all."""
    with (
        patch.object(mqtt_mock, "async_publish", side_effect=answer),
        pytest.raises(HomeAssistantError) as told,
    ):
        await press("reboot")
    assert told.value.translation_key == "command_not_published"
    assert look.state("sensor", f"{screen}_last_command") == "failed"
    assert look.attributes("sensor", f"{screen}_last_command")["error_code"] == "mqtt_publish_failed"


async def test_an_ack_that_overtakes_the_brokers_answer_counts(
    hass: HomeAssistant, screen: str, wire: Wire, look: Look, press: Press, mqtt_mock: MqttMockHAClient
) -> None:
    """Contract: accepted before published; never go backwards."""
    sent = asyncio.Event()

    async def slowly(*_: Any, **__: Any) -> None:
        sent.set()
        await asyncio.sleep(0.05)

    with patch.object(mqtt_mock, "async_publish", side_effect=slowly):
        pressed = hass.async_create_task(press("restart_app"))
        await sent.wait()
        command_id = look.attributes("sensor", f"{screen}_last_command")["command_id"]
        assert look.state("sensor", f"{screen}_last_command") == "publish_in_progress"
        await wire.hears(
            f"infoscreen/{screen}/commands/ack", {"command_id": command_id, "status": "accepted"}
        )
        await pressed
    assert look.state("sensor", f"{screen}_last_command") == "ack_received"


async def test_what_the_broker_did_not_take_stands_after_the_next_connect(
    hass: HomeAssistant, screen: str, wire: Wire, look: Look, mqtt_mock: MqttMockHAClient
) -> None:
    """The choice holds, the screen hears of it later."""
    with patch.object(mqtt_mock, "async_publish", side_effect=HomeAssistantError("no")):
        await choose(hass, look, screen, "Foyer")
        await wire.settle()
    assert look.state("select", f"{screen}_group") == "Foyer"
    await wire.breaks()
    await wire.mends()
    assert wire.said(f"infoscreen/{screen}/group_id").payload == b"12"
    wire.rest()


async def test_a_discovery_that_cannot_be_answered_is_answered_the_next_time(
    fleet: MockConfigEntry, screen: str, wire: Wire, mqtt_mock: MqttMockHAClient
) -> None:
    """Screens announce themselves until they are acknowledged."""
    with patch.object(mqtt_mock, "async_publish", side_effect=HomeAssistantError("no")):
        await wire.hears("infoscreen/discovery", {"uuid": screen})
    await wire.hears("infoscreen/discovery", {"uuid": screen})
    wire.said(f"infoscreen/{screen}/discovery_ack")
    wire.rest()


async def test_an_older_protocol_carries_commands_without_expiry(
    screen: str, wire: Wire, look: Look, press: Press, mqtt_mock: MqttMockHAClient
) -> None:
    """MQTT 3.1.1 has none; Home Assistant refuses to be asked for it."""
    mqtt_mock.is_mqttv5 = False
    real = mqtt_mock._mock_wraps
    real.is_mqttv5 = False
    await press("restart_app")
    assert look.state("sensor", f"{screen}_last_command") == "published"
    said = [one.expiry for one in wire.rest() if one.topic.endswith("/commands")]
    assert said == [240, None]


async def test_two_commands_under_way_are_told_apart(
    screen: str, wire: Wire, look: Look, press: Press, pass_time: PassTime
) -> None:
    """Commands may overlap; the newest is the one shown, the older goes on all the same."""
    await press("restart_app")
    first = wire.said(f"infoscreen/{screen}/commands")
    await pass_time(5)
    await press("restart_app")
    second = wire.said(f"infoscreen/{screen}/commands")
    wire.rest()
    await acknowledge(wire, screen, first, "accepted", "execution_started", "completed")
    assert look.attributes("sensor", f"{screen}_last_command")["command_id"] == second.json["command_id"]
    assert look.state("sensor", f"{screen}_last_command") == "published"
    await acknowledge(wire, screen, second, "accepted")
    assert look.state("sensor", f"{screen}_last_command") == "ack_received"


async def turns() -> None:
    """Let the event loop turn until Home Assistant has asked the broker for what it will ask."""
    for _ in range(10):
        await asyncio.sleep(0)


@pytest.fixture
def hasty() -> Generator[None]:
    """Let Home Assistant collect nothing for a while before it subscribes or unsubscribes."""
    client = "homeassistant.components.mqtt.client"
    with (
        patch(f"{client}.INITIAL_SUBSCRIBE_COOLDOWN", 0),
        patch(f"{client}.SUBSCRIBE_COOLDOWN", 0),
        patch(f"{client}.UNSUBSCRIBE_COOLDOWN", 0),
    ):
        yield


class Subscribing:
    """The broker's side of subscriptions: it answers them when it is told to."""

    def __init__(self, hass: HomeAssistant, client: MqttMockPahoClient) -> None:
        self._hass = hass
        self._client = client
        self._numbers = count(10_000)
        self._unanswered: list[int] = []
        self.asked: list[str] = []
        client.subscribe.side_effect = self._subscribe

    def _subscribe(self, topics: str | list[tuple[str, int]], *_: Any, **__: Any) -> tuple[int, int]:
        self.asked += [topics] if isinstance(topics, str) else [topic for topic, _ in topics]
        self._unanswered.append(number := next(self._numbers))
        return 0, number

    @property
    def given_up(self) -> set[str]:
        """Return the topics that were unsubscribed."""
        return {topic for call in self._client.unsubscribe.call_args_list for topic in call.args[0]}

    async def answers(self) -> None:
        """Answer all that is asked, and what is asked then."""
        await turns()
        while self._unanswered:
            self._client.on_subscribe(Mock(), 0, self._unanswered.pop(), [MockMqttReasonCode()], None)
            await turns()


@pytest.fixture
async def subscribing(
    hass: HomeAssistant, hasty: None, wire: Wire, mqtt_client_mock: MqttMockPahoClient
) -> Subscribing:
    """Let the broker answer when it is told to, once what Home Assistant itself subscribes to is answered."""
    subscribing = Subscribing(hass, mqtt_client_mock)
    await subscribing.answers()
    subscribing.asked.clear()
    return subscribing


async def test_a_fleet_unloaded_while_home_assistant_subscribes_takes_nothing_from_others(
    hass: HomeAssistant, subscribing: Subscribing, entry: MockConfigEntry, wire: Wire
) -> None:
    """Home Assistant asks the broker for one filter after the other, and stumbles over one that is gone."""
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await mqtt.async_subscribe(hass, "somebody/elses", lambda _message: None)
    await turns()
    assert len(subscribing.asked) == 1
    assert await hass.config_entries.async_unload(entry.entry_id)
    await turns()
    wire.rest()
    await subscribing.answers()
    assert subscribing.asked[-1] == "somebody/elses"
    await turns()
    ours = {topic for topic in subscribing.asked if topic.startswith("infoscreen/+/")}
    assert subscribing.given_up == ours
    assert len(ours) > 10


async def test_a_fleet_unloaded_before_the_broker_answers_is_gone_with_the_connection(
    hass: HomeAssistant, subscribing: Subscribing, entry: MockConfigEntry, wire: Wire
) -> None:
    """What nobody answers any more need not be waited for."""
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await turns()
    assert await hass.config_entries.async_unload(entry.entry_id)
    client = hass.data[DATA_MQTT].client
    assert client.is_active_subscription("infoscreen/+/heartbeat")
    await wire.breaks()
    assert not client.is_active_subscription("infoscreen/+/heartbeat")
    wire.rest()
