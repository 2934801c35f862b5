"""Actions that tell what is planned and why, and that publish it once more."""

from datetime import datetime, timedelta
from typing import Any, Final

from homeassistant.core import HomeAssistant, ServiceCall, ServiceResponse, SupportsResponse, callback
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.target import TargetSelection
from homeassistant.util import dt as dt_util
import voluptuous as vol

from ..const import DOMAIN
from ..errors import refusal
from ..model.fleet import Group
from ..model.schedule.resolver import Reason, Verdict
from ..model.schedule.series import Occurrence
from ..model.wire import as_time
from ..rights import async_require_admin, async_require_read
from ..runtime import InfoscreenConfigEntry
from ..targets import (
    Targeted,
    entities_of,
    targeted_fleets_or_all,
    targeted_groups,
    targeted_groups_and_fleets,
    targeted_groups_and_strays,
)
from .asked import moment

GET_EVENTS: Final = "get_events"
EXPLAIN_SCHEDULE: Final = "explain_schedule"
REPUBLISH: Final = "republish"
# Fifteen years of a daily event are still an answer that can be read.
MAX_RANGE: Final = timedelta(days=5500)

_GET_SCHEMA: Final = vol.Schema(
    {**cv.TARGET_SERVICE_FIELDS, vol.Required("start"): object, vol.Required("end"): object}
)
_EXPLAIN_SCHEMA: Final = vol.Schema({**cv.TARGET_SERVICE_FIELDS, vol.Optional("at"): object})
_REPUBLISH_SCHEMA: Final = vol.Schema(cv.TARGET_SERVICE_FIELDS)


@callback
def async_register(hass: HomeAssistant) -> None:
    """Register them."""
    only = SupportsResponse.ONLY
    hass.services.async_register(DOMAIN, GET_EVENTS, _async_get_events, _GET_SCHEMA, only)
    hass.services.async_register(DOMAIN, EXPLAIN_SCHEDULE, _async_explain, _EXPLAIN_SCHEMA, only)
    hass.services.async_register(DOMAIN, REPUBLISH, _async_republish, _REPUBLISH_SCHEMA)


async def _async_get_events(call: ServiceCall) -> ServiceResponse:
    """Tell what is planned in groups between two moments, one entry for each occurrence."""
    targets = targeted_groups(call)
    await _async_may_see(call, targets)
    begin, end = moment(call, "start"), moment(call, "end")
    if begin is None or end is None or not timedelta() < end - begin <= MAX_RANGE:
        raise refusal("range_invalid", days=f"{MAX_RANGE.days}")
    return {
        str(target.thing.group_id): [
            _listed(occurrence)
            for occurrence in await target.entry.runtime_data.scheduler.async_between(
                target.thing.group_id, begin, end
            )
        ]
        for target in targets
    }


async def _async_explain(call: ServiceCall) -> ServiceResponse:
    """Tell what groups show at a moment, and why."""
    targets = targeted_groups_and_strays(call)
    groups = [
        Targeted(entry=target.entry, thing=target.thing)
        for target in targets
        if isinstance(target.thing, Group)
    ]
    await _async_may_see(call, groups)
    at = moment(call, "at") or dt_util.utcnow()
    answers: dict[str, Any] = {
        target.thing.screen.uuid: _unassigned(at) for target in targets if not isinstance(target.thing, Group)
    }
    return answers | {str(target.thing.group_id): _explained(target, at) for target in groups}


async def _async_republish(call: ServiceCall) -> None:
    """Publish once more what stands on the broker: for some groups, or everything."""
    await async_require_admin(call.hass, call.context)
    whole: list[InfoscreenConfigEntry] = []
    if TargetSelection(call.data).has_any_target:
        for target in targeted_groups_and_fleets(call):
            if isinstance(target.thing, Group):
                _republish_group(target.entry, target.thing.group_id)
            else:
                whole.append(target.entry)
    else:
        whole = targeted_fleets_or_all(call)
    for entry in whole:
        await entry.runtime_data.retained.async_publish_all()


def _republish_group(entry: InfoscreenConfigEntry, group_id: int) -> None:
    """Publish once more what a group shows, and which screens are in it."""
    runtime = entry.runtime_data
    runtime.scheduler.async_republish([group_id])
    runtime.power.async_republish([group_id])
    for coordinator in runtime.fleet.groups.async_screens_of(group_id).values():
        runtime.fleet.groups.async_hold_id(coordinator.screen)


async def _async_may_see(call: ServiceCall, targets: list[Targeted[Group]]) -> None:
    await async_require_read(
        call.hass,
        call.context,
        [entity_id for target in targets for entity_id in entities_of(call.hass, target)],
    )


def _listed(occurrence: Occurrence) -> dict[str, Any]:
    """Return an occurrence as it is told."""
    event = occurrence.event
    return {
        "event_id": event.event_id,
        "title": event.title,
        "start": occurrence.start.date().isoformat() if event.all_day else as_time(occurrence.starts_at),
        "end": occurrence.end.date().isoformat() if event.all_day else as_time(occurrence.ends_at),
        "event_type": event.event_type.value,
        "priority": event.priority.value,
        "occurrence": occurrence.called(),
    }


def _explained(target: Targeted[Group], at: datetime) -> dict[str, Any]:
    answer = target.entry.runtime_data.scheduler.explain(target.thing.group_id, at)
    power = target.entry.runtime_data.power.async_power_at(target.thing.group_id, at)
    return {
        "at": as_time(at),
        "showing": [_told(each) for each in answer.candidates if each.shown],
        "power": power and power.state,
        "reason": answer.reason.value,
        "candidates": [_told(each) for each in answer.candidates],
    }


def _told(verdict: Verdict) -> dict[str, Any]:
    event = verdict.event
    return {"event_id": event.event_id, "title": event.title, "reason": verdict.reason.value}


def _unassigned(at: datetime) -> dict[str, Any]:
    """Return why a screen without a group shows nothing."""
    reason = Reason.UNASSIGNED.value
    return {"at": as_time(at), "showing": [], "power": None, "reason": reason, "candidates": []}
