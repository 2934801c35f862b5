"""The action that keeps the TVs of groups on or off, or lets the schedule decide again."""

from typing import Final

from homeassistant.core import HomeAssistant, ServiceCall, callback
from homeassistant.helpers import config_validation as cv
from homeassistant.util import dt as dt_util
import voluptuous as vol

from ..const import DOMAIN
from ..errors import refusal
from ..model.power import PowerMode
from ..rights import async_require_control
from ..targets import by_fleet, entities_of, targeted_groups
from .asked import moment
from .fleets import async_in_each

SET_POWER: Final = "set_power"

_SCHEMA: Final = vol.Schema(
    {
        **cv.TARGET_SERVICE_FIELDS,
        vol.Required("power_mode"): vol.Coerce(PowerMode),
        vol.Optional("until"): object,
    }
)


@callback
def async_register(hass: HomeAssistant) -> None:
    """Register it."""
    hass.services.async_register(DOMAIN, SET_POWER, _async_set_power, _SCHEMA)


async def _async_set_power(call: ServiceCall) -> None:
    """Hold groups by hand; without an end until somebody lets go."""
    targets = targeted_groups(call)
    await async_require_control(
        call.hass,
        call.context,
        [entity_id for target in targets for entity_id in entities_of(call.hass, target)],
    )
    until = moment(call, "until")
    if until is not None and until <= dt_util.utcnow():
        raise refusal("until_is_past", until=f"{call.data['until']}")
    await async_in_each(
        {
            entry: entry.runtime_data.power.async_set(group_ids, call.data["power_mode"], until)
            for entry, group_ids in by_fleet(targets).items()
        }
    )
