"""Actions that command screens, and the one that takes a command back."""

import asyncio
from functools import partial
from typing import Final

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant, ServiceCall, ServiceResponse, SupportsResponse, callback
from homeassistant.helpers import config_validation as cv
from homeassistant.util.json import JsonObjectType
import voluptuous as vol

from ..const import DOMAIN
from ..coordinator import ScreenCoordinator
from ..entity import refusals_told
from ..model.commands import checked_reason
from ..model.errors import Refused
from ..model.lifecycle import Action
from ..outcomes import Outcome, raise_failed
from ..rights import async_require_commander
from ..runtime import InfoscreenConfigEntry
from ..targets import Targeted, targeted_screens

REBOOT: Final = "reboot"
SHUTDOWN: Final = "shutdown"
RESTART_APP: Final = "restart_app"
CANCEL_COMMAND: Final = "cancel_command"
_COMMAND_SCHEMA: Final = vol.Schema({**cv.TARGET_SERVICE_FIELDS, vol.Optional("reason"): cv.string})
_CANCEL_SCHEMA: Final = vol.Schema({vol.Required("command_id"): cv.string})


@callback
def async_register(hass: HomeAssistant) -> None:
    """Register them."""
    optional, schema = SupportsResponse.OPTIONAL, _COMMAND_SCHEMA
    reboot, shutdown, restart_app = (
        partial(_async_command, action)
        for action in (Action.REBOOT_HOST, Action.SHUTDOWN_HOST, Action.RESTART_APP)
    )
    hass.services.async_register(DOMAIN, REBOOT, reboot, schema, optional)
    hass.services.async_register(DOMAIN, SHUTDOWN, shutdown, schema, optional)
    hass.services.async_register(DOMAIN, RESTART_APP, restart_app, schema, optional)
    hass.services.async_register(DOMAIN, CANCEL_COMMAND, _async_cancel, _CANCEL_SCHEMA, optional)


async def _async_command(action: Action, call: ServiceCall) -> ServiceResponse:
    """Command screens; each one's command has been taken by the broker, or refused, when this returns."""
    targets = targeted_screens(call)
    by_entry = _by_entry(targets)
    for entry in by_entry:
        await async_require_commander(call.hass, [entry], call.context)
    with refusals_told():
        reason = checked_reason(call.data.get("reason"), len(targets))
    asked = await asyncio.gather(
        *(
            entry.runtime_data.commander.async_ask(
                dict.fromkeys(screens, action), reason=reason, context=call.context
            )
            for entry, screens in by_entry.items()
        ),
        return_exceptions=True,
    )
    outcomes = []
    for those in asked:
        if isinstance(those, BaseException):
            raise those
        outcomes += those
    if not call.return_response:
        raise_failed(outcomes)
    return {outcome.command.uuid: _told(outcome) for outcome in outcomes}


def _by_entry(
    targets: list[Targeted[ScreenCoordinator]],
) -> dict[InfoscreenConfigEntry, list[ScreenCoordinator]]:
    """Return the screens of each fleet."""
    screens: dict[InfoscreenConfigEntry, list[ScreenCoordinator]] = {}
    for target in targets:
        screens.setdefault(target.entry, []).append(target.thing)
    return screens


def _told(outcome: Outcome) -> JsonObjectType:
    """Return what a response tells of one screen's command."""
    command = outcome.command
    return {"command_id": command.command_id, "status": command.state, "error": command.error_code}


async def _async_cancel(call: ServiceCall) -> ServiceResponse:
    """Take a command back, where it is not too late."""
    command_id: str = call.data["command_id"].strip().lower()
    entries: list[InfoscreenConfigEntry] = [
        entry
        for entry in call.hass.config_entries.async_entries(DOMAIN)
        if entry.state is ConfigEntryState.LOADED
    ]
    its = [entry for entry in entries if entry.runtime_data.commander.async_knows(command_id)]
    await async_require_commander(call.hass, its or entries, call.context)
    with refusals_told():
        if not its:
            raise Refused("command_unknown", command_id=command_id)
        canceled = await its[0].runtime_data.commander.async_cancel(command_id)
    return {"status": canceled.state, "may_still_run": canceled.may_still_run}
