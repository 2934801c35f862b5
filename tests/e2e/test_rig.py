"""The rig itself: what the other end-to-end tests rely on."""

from rig.broker import Mosquitto
from rig.hass import Hass
from rig.tap import Tap
from rig.waiting import heard


async def test_a_message_goes_from_home_assistant_to_the_broker_and_back(
    home: Hass, broker: Mosquitto, tap: Tap
) -> None:
    """Everything else rests on this path."""
    received = await home.api.subscribe("mqtt/subscribe", topic="rig/in")
    await broker.wait_subscribed("rig/in")

    await home.api.act("mqtt.publish", {"topic": "rig/out", "payload": "hello", "qos": 1})
    assert (await tap.wait("rig/out")).text == "hello"

    await tap.publish("rig/in", "hello yourself")
    await heard(received, lambda message: message["payload"] == "hello yourself", "the answer")
