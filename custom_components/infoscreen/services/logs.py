"""Actions on what screens log."""

from typing import Final

from homeassistant.core import HomeAssistant, ServiceCall, ServiceResponse, SupportsResponse, callback
from homeassistant.helpers import config_validation as cv
from homeassistant.util.json import JsonValueType
import voluptuous as vol

from ..const import DOMAIN
from ..model.messages import LogLevel
from ..rights import async_require_admin
from ..targets import targeted_screens_or_all
from .asked import HOW_MUCH, by_entry, moment

GET_LOGS: Final = "get_logs"
_GET_LOGS_SCHEMA: Final = vol.Schema(
    {
        **cv.TARGET_SERVICE_FIELDS,
        vol.Optional("level", default=LogLevel.DEBUG.value): vol.All(
            cv.string, vol.Lower, vol.In([level.value for level in LogLevel])
        ),
        **HOW_MUCH,
    }
)


@callback
def async_register(hass: HomeAssistant) -> None:
    """Register them."""
    hass.services.async_register(DOMAIN, GET_LOGS, _async_get_logs, _GET_LOGS_SCHEMA, SupportsResponse.ONLY)


async def _async_get_logs(call: ServiceCall) -> ServiceResponse:
    """Return the newest lines of each screen's log."""
    await async_require_admin(call.hass, call.context)
    since = moment(call, "since")
    told: dict[str, JsonValueType] = {}
    for entry, coordinators in by_entry(targeted_screens_or_all(call)).items():
        lines = await entry.runtime_data.journal.async_read(
            [coordinator.screen.key for coordinator in coordinators],
            least=LogLevel(call.data["level"]),
            limit=call.data["limit"],
            since=since,
        )
        told |= {
            coordinator.screen.uuid: [line.told for line in lines[coordinator.screen.key]]
            for coordinator in coordinators
        }
    return told
