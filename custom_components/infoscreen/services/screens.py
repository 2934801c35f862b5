"""Actions on screens."""

from typing import Final

from homeassistant.core import HomeAssistant, ServiceCall, callback
from homeassistant.helpers import config_validation as cv, entity_registry as er
import voluptuous as vol

from ..const import DOMAIN
from ..devices import screen_name
from ..errors import async_side_by_side, raise_together, refusal
from ..failures import ClearedLaterError
from ..model.fleet import UNASSIGNED
from ..rights import async_require_admin, async_require_control
from ..targets import targeted_screens
from .fleets import async_in_each

ASSIGN_GROUP: Final = "assign_group"
ACKNOWLEDGE: Final = "acknowledge_service_failed"
_ASSIGN_GROUP_SCHEMA: Final = vol.Schema(
    {**cv.TARGET_SERVICE_FIELDS, vol.Optional("group"): vol.Any(None, cv.string)}
)


@callback
def async_register(hass: HomeAssistant) -> None:
    """Register them."""
    hass.services.async_register(
        DOMAIN, ACKNOWLEDGE, _async_acknowledge, vol.Schema(cv.TARGET_SERVICE_FIELDS)
    )
    hass.services.async_register(DOMAIN, ASSIGN_GROUP, _async_assign_group, _ASSIGN_GROUP_SCHEMA)


async def _async_assign_group(call: ServiceCall) -> None:
    """Put screens into a group of their fleet, or into none; on disk and told to them when this returns."""
    await async_require_admin(call.hass, call.context)
    targets = targeted_screens(call)
    wanted: str | None = call.data.get("group")
    if wanted is not None and wanted.strip().casefold() == UNASSIGNED:
        wanted = None  # as the select says it
    moves = {}
    for entry in {target.entry.entry_id: target.entry for target in targets}.values():
        fleet = entry.runtime_data.fleet
        group = None if wanted is None else fleet.groups.async_named(wanted)
        if wanted is not None and group is None:
            raise refusal("group_unknown", group=wanted, fleet=entry.title)
        screens = [target.thing for target in targets if target.entry is entry]
        moves[entry] = screens, group.group_id if group else None
    await async_in_each(
        {
            entry: entry.runtime_data.fleet.groups.async_assign(screens, group_id)
            for entry, (screens, group_id) in moves.items()
        }
    )


async def _async_acknowledge(call: ServiceCall) -> None:
    """Clear the failures of services that a person has seen to; one failure to do so stops no other."""
    targets = targeted_screens(call)
    entities = er.async_get(call.hass)
    await async_require_control(
        call.hass,
        call.context,
        [
            entity_id
            for target in targets
            if (
                entity_id := entities.async_get_entity_id(
                    "button", DOMAIN, f"{target.thing.screen.key}_{ACKNOWLEDGE}"
                )
            )
        ],
    )
    ends = await async_side_by_side(
        *(target.entry.runtime_data.failures.async_acknowledge(target.thing) for target in targets)
    )
    failed = [
        (screen_name(call.hass, target.entry, target.thing.screen), end)
        for target, end in zip(targets, ends, strict=True)
        if end
    ]
    later = [screen for _, end in failed if isinstance(end, ClearedLaterError) for screen in end.screens]
    if later and len(later) == len(failed):
        raise ClearedLaterError(*later)
    raise_together(failed)
