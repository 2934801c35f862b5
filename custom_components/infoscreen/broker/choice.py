"""Choose who keeps the connection."""

from collections.abc import Mapping
from typing import Any

from homeassistant.core import HomeAssistant, callback

from . import Broker
from .hass import HassBroker


@callback
def async_make_broker(hass: HomeAssistant, _data: Mapping[str, Any]) -> Broker:
    """Return the transport that an entry's data ask for; it is not connected yet."""
    return HassBroker(hass)
