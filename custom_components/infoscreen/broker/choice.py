"""Choose who keeps the connection."""

from collections.abc import Mapping
from typing import Any

from homeassistant.const import CONF_HOST, CONF_PORT
from homeassistant.core import HomeAssistant, callback

from ..const import CONF_TOPIC_PREFIX, CONF_TRANSPORT, TRANSPORT_BROKER, TRANSPORT_MQTT
from . import Broker
from .hass import HassBroker
from .own import OwnBroker


@callback
def async_make_broker(hass: HomeAssistant, data: Mapping[str, Any]) -> Broker:
    """Return the transport that an entry's data ask for; it is not connected yet."""
    return OwnBroker(hass, data) if data[CONF_TRANSPORT] == TRANSPORT_BROKER else HassBroker(hass)


def unique_id(data: Mapping[str, Any]) -> str:
    """Return what no two fleets share: broker and prefix."""
    own = data[CONF_TRANSPORT] == TRANSPORT_BROKER
    place = own_place(data[CONF_HOST], data[CONF_PORT]) if own else TRANSPORT_MQTT
    return f"{place}/{data[CONF_TOPIC_PREFIX]}"


def own_place(host: str, port: int) -> str:
    """Return what tells a broker from all others."""
    return f"{host.lower()}:{port}"
