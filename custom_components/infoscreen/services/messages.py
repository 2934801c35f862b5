"""The action that shows a message on groups."""

from functools import partial
from typing import Final

from homeassistant.core import HomeAssistant, ServiceCall, callback
from homeassistant.helpers import config_validation as cv
from homeassistant.util import dt as dt_util
import voluptuous as vol

from ..const import DOMAIN
from ..entity import refusals_told
from ..model.schedule.events import Severity, ShownBy
from ..model.schedule.showings import Span, message
from ..rights import async_require_control
from ..targets import by_fleet, entities_of, targeted_groups_of_fleets
from .asked import DURATION
from .fleets import async_show

SHOW_MESSAGE: Final = "show_message"

_SCHEMA: Final = vol.Schema(
    {
        **cv.TARGET_SERVICE_FIELDS,
        vol.Required("text"): object,
        vol.Optional("title"): object,
        vol.Optional("severity", default=Severity.INFO): vol.Coerce(Severity),
        vol.Optional("duration"): DURATION,
    }
)


@callback
def async_register(hass: HomeAssistant) -> None:
    """Register it."""
    hass.services.async_register(DOMAIN, SHOW_MESSAGE, _async_show_message, _SCHEMA)


async def _async_show_message(call: ServiceCall) -> None:
    """Show a message; on disk and handed to the broker when this returns."""
    targets = targeted_groups_of_fleets(call)
    entities = [entity_id for target in targets for entity_id in entities_of(call.hass, target)]
    await async_require_control(call.hass, call.context, entities)
    data = call.data
    with refusals_told():
        span = Span.of(ShownBy.MESSAGE, dt_util.utcnow(), data.get("duration"))
        make = partial(message, data["text"], data.get("title"), span=span, severity=data["severity"])
        await async_show(by_fleet(targets), make)
