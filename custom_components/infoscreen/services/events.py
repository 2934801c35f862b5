"""Actions on schedules."""

from functools import partial
from typing import Final

from homeassistant.core import HomeAssistant, ServiceCall, ServiceResponse, SupportsResponse, callback
from homeassistant.helpers import config_validation as cv, entity_registry as er
import voluptuous as vol

from ..const import DOMAIN
from ..entity import refusals_told
from ..model.events import EventType, draft
from ..model.fleet import Group
from ..rights import async_require_control
from ..targets import Targeted, targeted_groups

ADD_EVENT: Final = "add_event"
_ADD_EVENT_SCHEMA: Final = vol.Schema(
    {
        **cv.TARGET_SERVICE_FIELDS,
        vol.Required("title"): cv.string,
        vol.Required("start"): cv.datetime,
        vol.Required("end"): cv.datetime,
        vol.Optional("time_zone"): cv.string,
        vol.Required("event_type"): vol.In([kind.value for kind in EventType]),
        vol.Required("url"): cv.string,
    }
)


@callback
def async_register(hass: HomeAssistant) -> None:
    """Register them."""
    hass.services.async_register(
        DOMAIN, ADD_EVENT, _async_add_event, _ADD_EVENT_SCHEMA, SupportsResponse.OPTIONAL
    )


async def _async_add_event(call: ServiceCall) -> ServiceResponse:
    """Add an event to each group targeted; all of them are on disk when this returns."""
    targets = targeted_groups(call)
    await async_require_control(
        call.hass,
        call.context,
        [entity_id for target in targets for entity_id in _entities(call.hass, target)],
    )
    with refusals_told():
        wanted = await call.hass.async_add_executor_job(
            partial(
                draft,
                title=call.data["title"],
                start=call.data["start"],
                end=call.data["end"],
                time_zone=call.data.get("time_zone", call.hass.config.time_zone),
                url=call.data["url"],
            )
        )
    added: dict[str, int] = {}
    for entry in {target.entry.entry_id: target.entry for target in targets}.values():
        group_ids = [target.thing.group_id for target in targets if target.entry is entry]
        new = await entry.runtime_data.scheduler.async_add(wanted, group_ids)
        added |= {str(group_id): event_id for group_id, event_id in new.items()}
    return {group_id: {"event_id": event_id} for group_id, event_id in added.items()}


def _entities(hass: HomeAssistant, target: Targeted[Group]) -> list[str]:
    """Return the entities of a group: who may control them may change its schedule."""
    registered = er.async_entries_for_config_entry(er.async_get(hass), target.entry.entry_id)
    return [
        entity.entity_id for entity in registered if entity.config_subentry_id == target.thing.subentry_id
    ]
