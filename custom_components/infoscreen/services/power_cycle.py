"""The action that turns the plugs of screens off and on."""

from typing import Final

from homeassistant.core import HomeAssistant, ServiceCall, ServiceResponse, SupportsResponse, callback
from homeassistant.helpers import config_validation as cv
import voluptuous as vol

from ..const import DOMAIN
from ..devices import screen_name
from ..entity import refusals_told
from ..errors import async_side_by_side, failure
from ..model.commands import checked_reason
from ..model.lifecycle import State
from ..rights import async_require_admin
from ..targets import targeted_screens

POWER_CYCLE: Final = "power_cycle"
_SCHEMA: Final = vol.Schema({**cv.TARGET_SERVICE_FIELDS, vol.Optional("reason"): vol.Any(None, cv.string)})


@callback
def async_register(hass: HomeAssistant) -> None:
    """Register it."""
    hass.services.async_register(DOMAIN, POWER_CYCLE, _async_power_cycle, _SCHEMA, SupportsResponse.OPTIONAL)


async def _async_power_cycle(call: ServiceCall) -> ServiceResponse:
    """Turn plugs off, side by side; each is on again by itself. One that refuses stops no other."""
    await async_require_admin(call.hass, call.context)
    targets = targeted_screens(call)
    with refusals_told():
        reason = checked_reason(call.data.get("reason"), len(targets))
    ends = await async_side_by_side(
        *(
            target.entry.runtime_data.plugs.async_cycle(target.thing, reason=reason, context=call.context)
            for target in targets
        ),
    )
    errors = {target.thing.screen.key: end for target, end in zip(targets, ends, strict=True) if end}
    if errors and not call.return_response:
        if len(errors) == 1:
            raise next(iter(errors.values()))
        names = [
            screen_name(call.hass, target.entry, target.thing.screen)
            for target in targets
            if target.thing.screen.key in errors
        ]
        raise failure("power_cycles_failed", screens=", ".join(sorted(names)))
    return {
        target.thing.screen.uuid: {
            "command_id": None,
            "status": State.FAILED if target.thing.screen.key in errors else State.EXECUTION_STARTED,
            "error": str(errors[target.thing.screen.key]) if target.thing.screen.key in errors else None,
        }
        for target in targets
    }
