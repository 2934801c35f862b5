"""The least an integration can do: hear a fleet's messages and nothing more, and publish for many groups.

With a config entry, which only the floor of memory has, it also has entities.
"""

import asyncio

from homeassistant.components import mqtt
from homeassistant.config_entries import ConfigEntry
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.typing import ConfigType

CONFIG_SCHEMA = cv.empty_config_schema("floor")
# What ours listens to, with the same quality of service.
FILTERS = {
    "infoscreen/discovery": 1,
    "infoscreen/+/heartbeat": 0,
    "infoscreen/+/health": 0,
    "infoscreen/+/commands/ack": 1,
    "infoscreen/+/command/ack": 1,
}
MARKER = "infoscreen/marker"
CHANGE = "infoscreen/change"


async def async_setup(hass: HomeAssistant, _config: ConfigType) -> bool:
    """Subscribe; without a broker, which is set up after the first start, there is nothing to do."""
    if not await mqtt.async_wait_for_mqtt_client(hass):
        return True

    @callback
    def nothing(_message: mqtt.ReceiveMessage) -> None:
        """Do nothing."""

    @callback
    def mark(message: mqtt.ReceiveMessage) -> None:
        """Show that everything before the marker was heard."""
        hass.states.async_set("floor.marker", str(message.payload))

    @callback
    def change(message: mqtt.ReceiveMessage) -> None:
        """Publish the payload for as many groups as the topic's last level says."""
        groups = range(1, int(message.topic.rpartition("/")[2]) + 1)
        hass.async_create_task(
            publish([f"infoscreen/events/{group}" for group in groups], str(message.payload))
        )

    async def publish(topics: list[str], payload: str) -> None:
        await asyncio.gather(*(mqtt.async_publish(hass, topic, payload, 1, retain=True) for topic in topics))

    await mqtt.async_subscribe(hass, f"{CHANGE}/+", change, 0)
    for topic, qos in FILTERS.items():
        await mqtt.async_subscribe(hass, topic, nothing, qos, encoding=None)
    await mqtt.async_subscribe(hass, MARKER, mark, 0)
    return True


async def async_setup_entry(hass: HomeAssistant, entry: ConfigEntry) -> bool:
    """Set up the entities."""
    await hass.config_entries.async_forward_entry_setups(entry, [Platform.SENSOR])
    return True
