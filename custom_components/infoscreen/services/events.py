"""Actions on events: made, changed, deleted, detached."""

from functools import partial
from typing import Any, Final

from homeassistant.core import HomeAssistant, ServiceCall, ServiceResponse, SupportsResponse, callback
from homeassistant.helpers import config_validation as cv
import voluptuous as vol

from ..const import DOMAIN
from ..entity import refusals_told
from ..errors import refusal
from ..model.fleet import Group
from ..model.schedule.drafts import draft
from ..model.schedule.edits import Scope, delete_event, detach_occurrence, update_event
from ..model.schedule.events import PLANNED, EventType
from ..rights import async_require_control
from ..runtime import InfoscreenConfigEntry
from ..targets import Targeted, by_fleet, entities_of, targeted_groups
from .fleets import async_in_each

ADD_EVENT: Final = "add_event"
UPDATE_EVENT: Final = "update_event"
DELETE_EVENT: Final = "delete_event"
DETACH_OCCURRENCE: Final = "detach_occurrence"

#: Of a group, not of the event.
_NO_WISHES: Final = {*cv.TARGET_SERVICE_FIELDS, "event_id", "scope", "occurrence"}

_YES_OR_NO: Final = vol.Any(None, cv.boolean)
_FIELDS: Final = {
    vol.Optional("title"): object,
    vol.Optional("start"): object,
    vol.Optional("end"): object,
    vol.Optional("all_day"): cv.boolean,
    vol.Optional("time_zone"): vol.Any(None, cv.string),
    vol.Optional("url"): object,
    vol.Optional("media"): object,
    vol.Optional("files"): vol.Any(None, vol.All(cv.ensure_list, [object])),
    vol.Optional("text"): object,
    vol.Optional("slide_interval"): vol.Any(None, vol.All(vol.Coerce(int), vol.Range(1, 3600))),
    vol.Optional("page_progress"): _YES_OR_NO,
    vol.Optional("auto_progress"): _YES_OR_NO,
    vol.Optional("autoplay"): _YES_OR_NO,
    vol.Optional("loop"): _YES_OR_NO,
    vol.Optional("volume"): vol.Any(None, vol.All(vol.Coerce(float), vol.Range(0, 1))),
    vol.Optional("muted"): _YES_OR_NO,
    vol.Optional("rrule"): object,
    vol.Optional("skip_holidays"): cv.boolean,
    vol.Optional("period"): object,
    vol.Optional("priority"): vol.In([priority.value for priority in PLANNED]),
}
_EVENT_TYPE: Final = vol.In([kind.value for kind in EventType])
_WHICH: Final = {**cv.TARGET_SERVICE_FIELDS, vol.Required("event_id"): vol.Any(vol.Coerce(int), cv.string)}
_SCOPE: Final = {
    vol.Optional("scope"): vol.In([scope.value for scope in Scope]),
    vol.Optional("occurrence"): object,
}
_ADD_SCHEMA: Final = vol.Schema(
    {**cv.TARGET_SERVICE_FIELDS, vol.Required("event_type"): _EVENT_TYPE, **_FIELDS}
)
_UPDATE_SCHEMA: Final = vol.Schema({**_WHICH, **_SCOPE, vol.Optional("event_type"): _EVENT_TYPE, **_FIELDS})
_DELETE_SCHEMA: Final = vol.Schema({**_WHICH, **_SCOPE})
_DETACH_SCHEMA: Final = vol.Schema(
    {**_WHICH, vol.Optional("occurrence"): object, vol.Optional("event_type"): _EVENT_TYPE, **_FIELDS}
)


@callback
def async_register(hass: HomeAssistant) -> None:
    """Register them."""
    optional = SupportsResponse.OPTIONAL
    hass.services.async_register(DOMAIN, ADD_EVENT, _async_add_event, _ADD_SCHEMA, optional)
    hass.services.async_register(DOMAIN, UPDATE_EVENT, _async_update_event, _UPDATE_SCHEMA, optional)
    hass.services.async_register(DOMAIN, DELETE_EVENT, _async_delete_event, _DELETE_SCHEMA)
    hass.services.async_register(DOMAIN, DETACH_OCCURRENCE, _async_detach, _DETACH_SCHEMA, optional)


async def _async_add_event(call: ServiceCall) -> ServiceResponse:
    """Add an event to each group targeted; all of them are on disk when this returns."""
    fleets = by_fleet(await _async_allowed(call))
    drafts = {}
    with refusals_told():
        for entry in fleets:
            terms = entry.runtime_data.scheduler.terms
            drafts[entry] = await call.hass.async_add_executor_job(draft, _wish(call), terms)
    added = await async_in_each(
        {
            entry: entry.runtime_data.scheduler.async_add(drafts[entry], group_ids)
            for entry, group_ids in fleets.items()
        }
    )
    return {
        str(group_id): {"event_id": event_id} for new in added.values() for group_id, event_id in new.items()
    }


async def _async_update_event(call: ServiceCall) -> ServiceResponse:
    """Change an event; on disk when this returns."""
    entry = await _async_holder(call)
    scope, occurrence = _which(call)
    terms = entry.runtime_data.scheduler.terms
    return await _async_edit(
        call,
        entry,
        partial(update_event, scope=scope, occurrence=occurrence, wish=_wish(call), terms=terms),
    )


async def _async_delete_event(call: ServiceCall) -> None:
    """Delete an event, or occurrences of it; on disk when this returns."""
    entry = await _async_holder(call)
    scope, occurrence = _which(call)
    await _async_edit(call, entry, partial(delete_event, scope=scope, occurrence=occurrence))


async def _async_detach(call: ServiceCall) -> ServiceResponse:
    """Make an occurrence an event of its own; on disk when this returns."""
    entry = await _async_holder(call)
    terms = entry.runtime_data.scheduler.terms
    return await _async_edit(
        call,
        entry,
        partial(detach_occurrence, occurrence=call.data.get("occurrence"), wish=_wish(call), terms=terms),
    )


async def _async_edit(call: ServiceCall, entry: InfoscreenConfigEntry, change: Any) -> ServiceResponse:
    with refusals_told():
        event_id = await entry.runtime_data.scheduler.async_edit(call.data["event_id"], change)
    return {"event_id": event_id}


def _which(call: ServiceCall) -> tuple[Scope, object]:
    """Return how much of a series is meant; naming an occurrence never means all of them."""
    occurrence = call.data.get("occurrence")
    implied = Scope.OCCURRENCE if occurrence else Scope.SERIES
    return Scope(call.data.get("scope", implied)), occurrence


async def _async_allowed(call: ServiceCall) -> list[Targeted[Group]]:
    """Return the groups an action is for, if the caller may control them."""
    targets = targeted_groups(call)
    await async_require_control(
        call.hass,
        call.context,
        [entity_id for target in targets for entity_id in entities_of(call.hass, target)],
    )
    return targets


async def _async_holder(call: ServiceCall) -> InfoscreenConfigEntry:
    """Return the fleet whose event is meant: one of a group that was targeted."""
    event_id = call.data["event_id"]
    for target in await _async_allowed(call):
        event = target.entry.runtime_data.scheduler.event(event_id)
        if event is not None and event.group_id == target.thing.group_id:
            return target.entry
    raise refusal("event_unknown", event_id=f"{event_id}")


def _wish(call: ServiceCall) -> dict[str, Any]:
    """Return what was said of the event itself."""
    return {name: value for name, value in call.data.items() if name not in _NO_WISHES}
