"""Actions that let an emergency showing take over groups, and that stop it."""

from functools import partial
from typing import Any, Final
from uuid import uuid4

from homeassistant.core import HomeAssistant, ServiceCall, ServiceResponse, SupportsResponse, callback
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.target import TargetSelection
from homeassistant.util import dt as dt_util
import voluptuous as vol

from ..const import DOMAIN
from ..entity import refusals_told
from ..errors import refusal
from ..model.schedule.events import ShownBy
from ..model.schedule.showings import Span, takeover
from ..rights import async_require_admin
from ..targets import by_fleet, targeted_fleets_or_all, targeted_groups_of_fleets
from ..texts import async_text, language_for
from .asked import DURATION, moment
from .fleets import GroupIds, async_in_each, async_show

START_TAKEOVER: Final = "start_takeover"
STOP_TAKEOVER: Final = "stop_takeover"

_START_SCHEMA: Final = vol.Schema(
    {
        **cv.TARGET_SERVICE_FIELDS,
        vol.Optional("title"): object,
        vol.Optional("text"): object,
        vol.Optional("url"): object,
        vol.Optional("media"): object,
        vol.Optional("duration"): DURATION,
        vol.Optional("until"): object,
        vol.Optional("drill", default=False): cv.boolean,
    }
)
_STOP_SCHEMA: Final = vol.Schema(
    {**cv.TARGET_SERVICE_FIELDS, vol.Optional("takeover_id"): vol.Any(None, cv.string)}
)


@callback
def async_register(hass: HomeAssistant) -> None:
    """Register them."""
    optional = SupportsResponse.OPTIONAL
    hass.services.async_register(DOMAIN, START_TAKEOVER, _async_start, _START_SCHEMA, optional)
    hass.services.async_register(DOMAIN, STOP_TAKEOVER, _async_stop, _STOP_SCHEMA)


async def _async_start(call: ServiceCall) -> ServiceResponse:
    """Take over groups; on disk and handed to the broker when this returns."""
    await async_require_admin(call.hass, call.context)
    fleets = by_fleet(targeted_groups_of_fleets(call))
    until, takeover_id = moment(call, "until"), f"{uuid4()}"
    with refusals_told():
        span = Span.of(ShownBy.TAKEOVER, dt_util.utcnow(), call.data.get("duration"), until)
        make = partial(takeover, call.data, span=span, takeover_id=takeover_id, mark=_mark(call))
        await async_show(fleets, make)
    return {"takeover_id": takeover_id, **_who_hears(fleets)}


async def _async_stop(call: ServiceCall) -> None:
    """Stop a takeover, or all; a takeover that is named is stopped everywhere if nothing was targeted."""
    await async_require_admin(call.hass, call.context)
    takeover_id: str | None = (call.data.get("takeover_id") or "").strip() or None
    if takeover_id is not None and not TargetSelection(call.data).has_any_target:
        fleets = {entry: [*entry.runtime_data.fleet.groups] for entry in targeted_fleets_or_all(call)}
    else:
        fleets = by_fleet(targeted_groups_of_fleets(call))
    knows = (
        entry.runtime_data.showings.has_takeover(group_ids, takeover_id)
        for entry, group_ids in fleets.items()
    )
    if takeover_id is not None and not any(knows):
        raise refusal("takeover_unknown", takeover_id=takeover_id)
    await async_in_each(
        {
            entry: entry.runtime_data.showings.async_stop_takeovers(group_ids, takeover_id)
            for entry, group_ids in fleets.items()
        }
    )


def _mark(call: ServiceCall) -> str | None:
    """Return what screens say of a drill, in Home Assistant's language."""
    if not call.data["drill"]:
        return None
    return async_text(call.hass, language_for(call.hass), "takeover_drill", {})


def _who_hears(fleets: GroupIds) -> dict[str, Any]:
    """Return which of the screens are there to hear of it, and which are not."""
    heard: dict[str, list[str]] = {"alive": [], "silent": []}
    for entry, group_ids in fleets.items():
        for coordinator in entry.runtime_data.fleet.screens.values():
            if coordinator.screen.group_id in group_ids:
                alive = coordinator.data.connected is True
                heard["alive" if alive else "silent"].append(coordinator.screen.uuid)
    return heard
