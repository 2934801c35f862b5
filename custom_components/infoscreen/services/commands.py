"""Actions that command screens, and the one that takes a command back."""

import asyncio
from functools import partial
from typing import Final

from homeassistant.const import Platform
from homeassistant.core import HomeAssistant, ServiceCall, ServiceResponse, SupportsResponse, callback
from homeassistant.helpers import config_validation as cv, entity_registry as er
from homeassistant.util.json import JsonObjectType, JsonValueType
import voluptuous as vol

from ..const import DOMAIN
from ..coordinator import ScreenCoordinator
from ..entity import refusals_told
from ..errors import refusal
from ..model.commands import checked_reason
from ..model.lifecycle import Action
from ..outcomes import Outcome, raise_failed
from ..rights import async_require_commander, async_require_read
from ..targets import targeted_fleets_or_all, targeted_screens, targeted_screens_or_all
from .asked import HOW_MUCH, by_entry, moment

REBOOT: Final = "reboot"
SHUTDOWN: Final = "shutdown"
RESTART_APP: Final = "restart_app"
CANCEL_COMMAND: Final = "cancel_command"
GET_COMMANDS: Final = "get_commands"
_COMMAND_SCHEMA: Final = vol.Schema(
    {**cv.TARGET_SERVICE_FIELDS, vol.Optional("reason"): vol.Any(None, cv.string)}
)
_GET_COMMANDS_SCHEMA: Final = vol.Schema({**cv.TARGET_SERVICE_FIELDS, **HOW_MUCH})
_CANCEL_SCHEMA: Final = vol.Schema({**cv.TARGET_SERVICE_FIELDS, vol.Required("command_id"): cv.string})


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
    hass.services.async_register(
        DOMAIN, GET_COMMANDS, _async_get_commands, _GET_COMMANDS_SCHEMA, SupportsResponse.ONLY
    )


async def _async_command(action: Action, call: ServiceCall) -> ServiceResponse:
    """Command screens; each one's command has been taken by the broker, or refused, when this returns."""
    targets = targeted_screens(call)
    fleets = by_entry(targets)
    for entry in fleets:
        await async_require_commander(call.hass, [entry], call.context)
    with refusals_told():
        reason = checked_reason(call.data.get("reason"), len(targets))
    asked = await asyncio.gather(
        *(
            entry.runtime_data.commander.async_ask(
                dict.fromkeys(screens, action), reason=reason, context=call.context
            )
            for entry, screens in fleets.items()
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


async def _async_get_commands(call: ServiceCall) -> ServiceResponse:
    """Return each screen's newest commands and what became of them."""
    targets = targeted_screens_or_all(call)
    await async_require_read(
        call.hass,
        call.context,
        [entity_id for target in targets if (entity_id := _last_command(call.hass, target.thing))],
    )
    since = moment(call, "since")
    told: dict[str, JsonValueType] = {}
    for entry, coordinators in by_entry(targets).items():
        pasts = await entry.runtime_data.history.async_read(
            [coordinator.screen.key for coordinator in coordinators],
            limit=call.data["limit"],
            since=since,
        )
        for coordinator in coordinators:
            mine = pasts[coordinator.screen.key]
            told[coordinator.screen.uuid] = [await _with_user(call.hass, past.told) for past in mine]
    return told


def _last_command(hass: HomeAssistant, coordinator: ScreenCoordinator) -> str | None:
    """Return the entity that shows a screen's commands: who may see it may see them all."""
    unique_id = f"{coordinator.screen.key}_last_command"
    return er.async_get(hass).async_get_entity_id(Platform.SENSOR, DOMAIN, unique_id)


async def _with_user(hass: HomeAssistant, told: JsonObjectType) -> JsonObjectType:
    """Return what is told of a command with the name of who asked, while that is known."""
    user = await hass.auth.async_get_user(str(told["user"])) if told["user"] else None
    return told | {"user_name": user.name if user else None}


def _told(outcome: Outcome) -> JsonObjectType:
    """Return what a response tells of one screen's command."""
    command = outcome.command
    return {"command_id": command.command_id, "status": command.state, "error": command.error_code}


async def _async_cancel(call: ServiceCall) -> ServiceResponse:
    """Take a command back, where it is not too late."""
    command_id: str = call.data["command_id"].strip().lower()
    entries = targeted_fleets_or_all(call)
    its = [entry for entry in entries if entry.runtime_data.commander.async_knows(command_id)]
    await async_require_commander(call.hass, its or entries, call.context)
    if not its:
        if any([await entry.runtime_data.history.async_knows(command_id) for entry in entries]):
            raise refusal("command_over", command_id=command_id)
        raise refusal("command_unknown", command_id=command_id)
    with refusals_told():
        canceled = await its[0].runtime_data.commander.async_cancel(command_id)
    return {"status": canceled.state, "may_still_run": canceled.may_still_run}
