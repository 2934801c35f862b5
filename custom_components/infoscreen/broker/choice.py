"""Choose who keeps the connection."""

from collections.abc import Mapping
from typing import Any

from homeassistant.components import mqtt
from homeassistant.const import CONF_HOST, CONF_PORT
from homeassistant.core import HomeAssistant, callback

from ..const import CONF_TOPIC_PREFIX, CONF_TRANSPORT, DEFAULT_PORT, TRANSPORT_BROKER, TRANSPORT_MQTT
from . import Broker
from .hass import HassBroker
from .own import OwnBroker


@callback
def async_make_broker(hass: HomeAssistant, data: Mapping[str, Any]) -> Broker:
    """Return the transport that an entry's data ask for; it is not connected yet."""
    return OwnBroker(hass, data) if data[CONF_TRANSPORT] == TRANSPORT_BROKER else HassBroker(hass)


def own_place(data: Mapping[str, Any]) -> str:
    """Return what tells a broker of our own from all others."""
    return f"{data[CONF_HOST].lower()}:{data[CONF_PORT]}"


def unique_id(data: Mapping[str, Any]) -> str:
    """Return what no two fleets share: broker and prefix."""
    place = own_place(data) if data[CONF_TRANSPORT] == TRANSPORT_BROKER else TRANSPORT_MQTT
    return f"{place}/{data[CONF_TOPIC_PREFIX]}"


@callback
def async_twin(hass: HomeAssistant, data: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the data by which the same fleet would be known if it came through the other transport."""
    entries = hass.config_entries.async_entries(mqtt.DOMAIN, include_ignore=False)
    if not entries:
        return None
    prefix = {CONF_TOPIC_PREFIX: data[CONF_TOPIC_PREFIX]}
    host = entries[0].data[mqtt.CONF_BROKER].lower()
    place = {CONF_HOST: host, CONF_PORT: entries[0].data.get(CONF_PORT, DEFAULT_PORT)}
    if data[CONF_TRANSPORT] == TRANSPORT_MQTT:
        return {CONF_TRANSPORT: TRANSPORT_BROKER} | place | prefix
    return {CONF_TRANSPORT: TRANSPORT_MQTT} | prefix if own_place(data) == own_place(place) else None
