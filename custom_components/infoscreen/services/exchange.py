"""Actions that take schedules in from iCalendar files, and give them out."""

from dataclasses import replace
from typing import Any, Final

from homeassistant.core import HomeAssistant, ServiceCall, ServiceResponse, SupportsResponse, callback
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.translation import async_get_exception_message
import voluptuous as vol

from ..const import DOMAIN
from ..entity import refusals_told
from ..exchange import Read, read_ical, write_ical
from ..rights import async_require_admin, async_require_read
from ..targets import by_fleet, entities_of, targeted_groups
from .fleets import async_in_each

IMPORT_SCHEDULE: Final = "import_schedule"
EXPORT_SCHEDULE: Final = "export_schedule"

_IMPORT_SCHEMA: Final = vol.Schema({**cv.TARGET_SERVICE_FIELDS, vol.Required("ical"): cv.string})
_EXPORT_SCHEMA: Final = vol.Schema(cv.TARGET_SERVICE_FIELDS)


@callback
def async_register(hass: HomeAssistant) -> None:
    """Register them."""
    optional, only = SupportsResponse.OPTIONAL, SupportsResponse.ONLY
    hass.services.async_register(DOMAIN, IMPORT_SCHEDULE, _async_import, _IMPORT_SCHEMA, optional)
    hass.services.async_register(DOMAIN, EXPORT_SCHEDULE, _async_export, _EXPORT_SCHEMA, only)


async def _async_import(call: ServiceCall) -> ServiceResponse:
    """Take a file's events into groups; they are on disk when this returns."""
    await async_require_admin(call.hass, call.context)
    fleets = by_fleet(targeted_groups(call))
    reads = {}
    with refusals_told():
        for entry in fleets:
            terms = entry.runtime_data.scheduler.terms
            reads[entry] = await call.hass.async_add_executor_job(read_ical, call.data["ical"], terms)
    added = await async_in_each(
        {
            entry: entry.runtime_data.scheduler.async_add_all(
                [replace(draft, group_id=group_id) for group_id in group_ids for draft in reads[entry].drafts]
            )
            for entry, group_ids in fleets.items()
        }
    )
    told: dict[str, Any] = {
        str(group_id): {
            "event_ids": [event.event_id for event in added[entry] if event.group_id == group_id],
            "skipped": _skipped(reads[entry]),
        }
        for entry, group_ids in fleets.items()
        for group_id in group_ids
    }
    return told


async def _async_export(call: ServiceCall) -> ServiceResponse:
    """Give out what is planned in groups as one file."""
    targets = targeted_groups(call)
    entities = [entity_id for target in targets for entity_id in entities_of(call.hass, target)]
    await async_require_read(call.hass, call.context, entities)
    events = [
        event
        for target in targets
        for event in target.entry.runtime_data.scheduler.events_of(target.thing.group_id)
        if event.showing is None
    ]
    return {"ical": await call.hass.async_add_executor_job(write_ical, events)}


def _skipped(read: Read) -> list[dict[str, Any]]:
    """Return what was not taken, by its line, and why."""
    return [
        {
            "line": each.line,
            "title": each.title,
            "reason": async_get_exception_message(DOMAIN, each.refusal.key, each.refusal.placeholders),
        }
        for each in read.skipped
    ]
