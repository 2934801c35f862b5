"""The action that tells what an outage would do, and does nothing."""

from typing import Final

from homeassistant.core import HomeAssistant, ServiceCall, ServiceResponse, SupportsResponse, callback
from homeassistant.helpers import config_validation as cv
from homeassistant.util.json import JsonObjectType
import voluptuous as vol

from ..const import DOMAIN
from ..model.policy.rehearsal import Rehearsed
from ..rights import async_require_admin
from ..runtime import InfoscreenConfigEntry
from ..targets import targeted_fleets_or_all

REHEARSE_OUTAGE: Final = "rehearse_outage"


@callback
def async_register(hass: HomeAssistant) -> None:
    """Register it."""
    hass.services.async_register(
        DOMAIN,
        REHEARSE_OUTAGE,
        _async_rehearse,
        vol.Schema(cv.TARGET_SERVICE_FIELDS),
        SupportsResponse.ONLY,
    )


async def _async_rehearse(call: ServiceCall) -> ServiceResponse:
    """Tell of each UPS what its outage would do to the fleets that it feeds, step by step."""
    await async_require_admin(call.hass, call.context)
    told: dict[str, list[JsonObjectType]] = {}
    for entry in targeted_fleets_or_all(call):
        for ups, rehearsed in entry.runtime_data.outages.async_rehearse().items():
            told.setdefault(ups, []).extend(_told(entry, each) for each in rehearsed)
    return {ups: [*steps] for ups, steps in told.items()}


def _told(entry: InfoscreenConfigEntry, rehearsed: Rehearsed) -> JsonObjectType:
    """Return a step as a response tells it: how many seconds after the mains failed, and to whom."""
    step, fleet = rehearsed.step, entry.runtime_data.fleet
    return {
        "after": int(rehearsed.after.total_seconds()),
        "step": step.deed.value,
        "reason": step.reason and step.reason.value,
        "tier": step.tier,
        "groups": [target for target in step.tvs if isinstance(target, int)],
        "screens": [
            fleet.screens[target].screen.uuid
            for target in (*step.tvs, *step.screens)
            if isinstance(target, str)
        ],
    }
