"""What the logbook says of our events."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final

from homeassistant.components.logbook import LOGBOOK_ENTRY_MESSAGE, LOGBOOK_ENTRY_NAME
from homeassistant.const import ATTR_NAME
from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.helpers.translation import async_get_cached_translations

from .const import DOMAIN, EVENT_RECOVERY

type Describe = Callable[[Event], Mapping[str, Any]]
type DescribeEvent = Callable[[str, str, Describe], None]


@callback
def async_describe_events(hass: HomeAssistant, async_describe_event: DescribeEvent) -> None:
    """Say how our events are told, in Home Assistant's language."""
    for event_type, describe in _TOLD.items():
        async_describe_event(DOMAIN, event_type, partial(describe, hass))


def _recovery(hass: HomeAssistant, event: Event) -> Mapping[str, Any]:
    """Tell a step of the recovery ladder."""
    texts = async_get_cached_translations(hass, hass.config.language, "common", DOMAIN)
    above = f"component.{DOMAIN}.common.recovery"
    step, reason = event.data["step"], event.data["reason"]
    why = texts.get(f"{above}_reason_{reason}", reason)
    message = texts.get(f"{above}_step_{step}", step)
    return {
        LOGBOOK_ENTRY_NAME: event.data[ATTR_NAME],
        LOGBOOK_ENTRY_MESSAGE: f"{message} ({why})" if why else message,
    }


_TOLD: Final[Mapping[str, Callable[[HomeAssistant, Event], Mapping[str, Any]]]] = {
    EVENT_RECOVERY: _recovery,
}
