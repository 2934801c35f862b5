"""Actions on what screens log."""

from collections import defaultdict
from typing import Final

from homeassistant.core import HomeAssistant, ServiceCall, ServiceResponse, SupportsResponse, callback
from homeassistant.helpers import config_validation as cv
from homeassistant.util import dt as dt_util
from homeassistant.util.json import JsonValueType
import voluptuous as vol

from ..const import DOMAIN
from ..coordinator import ScreenCoordinator
from ..model.messages import LogLevel
from ..rights import async_require_admin
from ..runtime import InfoscreenConfigEntry
from ..targets import targeted_screens_or_all

GET_LOGS: Final = "get_logs"
DEFAULT_LIMIT: Final = 100
MAX_LIMIT: Final = 1000
_GET_LOGS_SCHEMA: Final = vol.Schema(
    {
        **cv.TARGET_SERVICE_FIELDS,
        vol.Optional("level", default=LogLevel.DEBUG.value): vol.All(
            cv.string, vol.Lower, vol.In([level.value for level in LogLevel])
        ),
        vol.Optional("limit", default=DEFAULT_LIMIT): vol.All(vol.Coerce(int), vol.Range(1, MAX_LIMIT)),
        vol.Optional("since"): cv.datetime,
    }
)


@callback
def async_register(hass: HomeAssistant) -> None:
    """Register them."""
    hass.services.async_register(DOMAIN, GET_LOGS, _async_get_logs, _GET_LOGS_SCHEMA, SupportsResponse.ONLY)


async def _async_get_logs(call: ServiceCall) -> ServiceResponse:
    """Return the newest lines of each screen's log."""
    await async_require_admin(call.hass, call.context)
    since = call.data.get("since")
    fleets: defaultdict[InfoscreenConfigEntry, list[ScreenCoordinator]] = defaultdict(list)
    for target in targeted_screens_or_all(call):
        fleets[target.entry].append(target.thing)
    told: dict[str, JsonValueType] = {}
    for entry, coordinators in fleets.items():
        lines = await entry.runtime_data.journal.async_read(
            [coordinator.screen.key for coordinator in coordinators],
            least=LogLevel(call.data["level"]),
            limit=call.data["limit"],
            since=dt_util.as_utc(since) if since else None,
        )
        told |= {
            coordinator.screen.uuid: [line.told for line in lines[coordinator.screen.key]]
            for coordinator in coordinators
        }
    return told
