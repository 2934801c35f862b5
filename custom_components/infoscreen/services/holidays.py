"""Actions on holidays; for administrators."""

from typing import Any, Final

from homeassistant.core import HomeAssistant, ServiceCall, ServiceResponse, SupportsResponse, callback
from homeassistant.helpers import config_validation as cv
import voluptuous as vol

from ..academics import Academics
from ..const import DOMAIN
from ..entity import refusals_told
from ..model.errors import Refused
from ..model.schedule.holidays import Holiday
from ..targets import targeted_fleet
from .periods import async_administered

ADD_HOLIDAY: Final = "add_holiday"
UPDATE_HOLIDAY: Final = "update_holiday"
DELETE_HOLIDAY: Final = "delete_holiday"
GET_HOLIDAYS: Final = "get_holidays"
IMPORT_HOLIDAYS: Final = "import_holidays"

_PERIOD: Final = {
    **cv.TARGET_SERVICE_FIELDS,
    vol.Optional("period"): vol.Any(None, vol.Coerce(int), cv.string),
}
_WHICH: Final = {**cv.TARGET_SERVICE_FIELDS, vol.Required("holiday_id"): vol.Any(vol.Coerce(int), cv.string)}
_ADD_SCHEMA: Final = vol.Schema(
    {
        **_PERIOD,
        vol.Required("name"): object,
        vol.Optional("region"): object,
        vol.Required("start"): object,
        vol.Optional("end"): object,
    }
)
_UPDATE_SCHEMA: Final = vol.Schema(
    {
        **_WHICH,
        vol.Optional("name"): object,
        vol.Optional("region"): object,
        vol.Optional("start"): object,
        vol.Optional("end"): object,
    }
)
_DELETE_SCHEMA: Final = vol.Schema(_WHICH)
_GET_SCHEMA: Final = vol.Schema(_PERIOD)
_IMPORT_SCHEMA: Final = vol.Schema({**_PERIOD, vol.Required("content"): cv.string})


@callback
def async_register(hass: HomeAssistant) -> None:
    """Register them."""
    optional, only = SupportsResponse.OPTIONAL, SupportsResponse.ONLY
    hass.services.async_register(DOMAIN, ADD_HOLIDAY, _async_add, _ADD_SCHEMA, optional)
    hass.services.async_register(DOMAIN, UPDATE_HOLIDAY, _async_update, _UPDATE_SCHEMA, optional)
    hass.services.async_register(DOMAIN, DELETE_HOLIDAY, _async_delete, _DELETE_SCHEMA)
    hass.services.async_register(DOMAIN, GET_HOLIDAYS, _async_get, _GET_SCHEMA, only)
    hass.services.async_register(DOMAIN, IMPORT_HOLIDAYS, _async_import, _IMPORT_SCHEMA, optional)


async def _async_add(call: ServiceCall) -> ServiceResponse:
    academics = await async_administered(call)
    with refusals_told():
        return {"holiday_id": await academics.async_add_holiday(_period(academics, call), call.data)}


async def _async_update(call: ServiceCall) -> ServiceResponse:
    academics = await async_administered(call)
    with refusals_told():
        return {"holiday_id": await academics.async_update_holiday(call.data["holiday_id"], call.data)}


async def _async_delete(call: ServiceCall) -> None:
    academics = await async_administered(call)
    with refusals_told():
        await academics.async_delete_holiday(call.data["holiday_id"])


async def _async_get(call: ServiceCall) -> ServiceResponse:
    academics = targeted_fleet(call).runtime_data.academics
    wanted = call.data.get("period")
    told: list[Any] = [
        _told(holiday) for holiday in academics.holidays if wanted is None or holiday.period == wanted
    ]
    return {"holidays": told}


async def _async_import(call: ServiceCall) -> ServiceResponse:
    academics = await async_administered(call)
    with refusals_told():
        imported = await academics.async_import_holidays(_period(academics, call), call.data["content"])
    conflicts: list[Any] = [
        {
            "line": conflict.row.line,
            "text": conflict.row.text,
            "holiday": _told(conflict.holiday) if conflict.holiday else None,
        }
        for conflict in imported.conflicts
    ]
    return {**imported.counts, "conflicts": conflicts}


def _period(academics: Academics, call: ServiceCall) -> int:
    """Return the period that is meant: the active one if none is named."""
    if (wanted := call.data.get("period")) is not None:
        return academics.period(wanted).period_id
    if academics.active is None:
        raise Refused("period_missing")
    return academics.active.period_id


def _told(holiday: Holiday) -> dict[str, Any]:
    """Return a holiday as it is told."""
    return {
        "holiday_id": holiday.holiday_id,
        "period": holiday.period,
        "name": holiday.name,
        "region": holiday.region,
        "start": holiday.start.isoformat(),
        "end": holiday.end.isoformat(),
    }
