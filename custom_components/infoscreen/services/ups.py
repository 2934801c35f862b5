"""The action that has UPSes carry out commands, those that cut power included."""

import asyncio
from typing import Final

from homeassistant.core import HomeAssistant, ServiceCall, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import config_validation as cv
import voluptuous as vol

from ..const import DOMAIN, LOGGER
from ..errors import failure, refusal
from ..model.ups.device import Ups
from ..nut.commands import async_run
from ..rights import async_require_admin
from ..targets import targeted_upses

RUN_UPS_COMMAND: Final = "run_ups_command"
_SCHEMA: Final = vol.Schema(
    {
        **cv.TARGET_SERVICE_FIELDS,
        vol.Required("command"): cv.string,
        vol.Optional("value"): vol.Any(None, cv.string),
        vol.Optional("confirm", default=False): cv.boolean,
    }
)


@callback
def async_register(hass: HomeAssistant) -> None:
    """Register it."""
    hass.services.async_register(DOMAIN, RUN_UPS_COMMAND, _async_run, _SCHEMA)


async def _async_run(call: ServiceCall) -> None:
    """Have a command carried out, side by side where there are several UPSes; it is sent once."""
    await async_require_admin(call.hass, call.context)
    command, value = call.data["command"].strip(), call.data.get("value")
    targets = targeted_upses(call)
    if not call.data["confirm"]:
        raise refusal("ups_command_unconfirmed", command=command)
    for _, ups in targets:
        _check(ups, command)
    ends = await asyncio.gather(
        *(async_run(call.hass, entry, ups, command, value) for entry, ups in targets), return_exceptions=True
    )
    failed: list[str] = []
    for (_, ups), end in zip(targets, ends, strict=True):
        if isinstance(end, BaseException):
            if len(targets) == 1 or not isinstance(end, HomeAssistantError):
                raise end
            LOGGER.warning("%s", end)
            failed.append(ups.description or ups.name)
    if failed:
        raise failure("ups_commands_failed", command=command, upses=", ".join(sorted(failed)))


def _check(ups: Ups, command: str) -> None:
    """Refuse what a UPS does not know."""
    name = ups.description or ups.name
    if not ups.commands:
        raise refusal("ups_has_no_commands", ups=name)
    if command not in ups.commands:
        known = ", ".join(sorted(ups.commands))
        raise refusal("ups_command_unknown", ups=name, command=command, commands=known)
