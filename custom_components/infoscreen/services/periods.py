"""Actions on academic periods; for administrators."""

from typing import Any, Final

from homeassistant.core import HomeAssistant, ServiceCall, ServiceResponse, SupportsResponse, callback
from homeassistant.helpers import config_validation as cv
import voluptuous as vol

from ..academics import Academics
from ..const import DOMAIN
from ..entity import refusals_told
from ..model.schedule.periods import PeriodType
from ..rights import async_require_admin
from ..targets import targeted_fleet

ADD_PERIOD: Final = "add_period"
UPDATE_PERIOD: Final = "update_period"
ARCHIVE_PERIOD: Final = "archive_period"
RESTORE_PERIOD: Final = "restore_period"
ACTIVATE_PERIOD: Final = "activate_period"
DELETE_PERIOD: Final = "delete_period"
GET_PERIODS: Final = "get_periods"

_TYPE: Final = vol.In([kind.value for kind in PeriodType])
_WHICH: Final = {**cv.TARGET_SERVICE_FIELDS, vol.Required("period"): vol.Any(vol.Coerce(int), cv.string)}
_FLEET_SCHEMA: Final = vol.Schema(cv.TARGET_SERVICE_FIELDS)
_ADD_SCHEMA: Final = vol.Schema(
    {
        **cv.TARGET_SERVICE_FIELDS,
        vol.Required("name"): object,
        vol.Optional("display_name"): object,
        vol.Required("start"): object,
        vol.Required("end"): object,
        vol.Required("period_type"): _TYPE,
    }
)
_UPDATE_SCHEMA: Final = vol.Schema(
    {
        **_WHICH,
        vol.Optional("name"): object,
        vol.Optional("display_name"): object,
        vol.Optional("start"): object,
        vol.Optional("end"): object,
        vol.Optional("period_type"): _TYPE,
    }
)
_WHICH_SCHEMA: Final = vol.Schema(_WHICH)


@callback
def async_register(hass: HomeAssistant) -> None:
    """Register them."""
    optional, only = SupportsResponse.OPTIONAL, SupportsResponse.ONLY
    hass.services.async_register(DOMAIN, ADD_PERIOD, _async_add, _ADD_SCHEMA, optional)
    hass.services.async_register(DOMAIN, UPDATE_PERIOD, _async_update, _UPDATE_SCHEMA)
    hass.services.async_register(DOMAIN, ARCHIVE_PERIOD, _async_archive, _WHICH_SCHEMA)
    hass.services.async_register(DOMAIN, RESTORE_PERIOD, _async_restore, _WHICH_SCHEMA)
    hass.services.async_register(DOMAIN, ACTIVATE_PERIOD, _async_activate, _WHICH_SCHEMA)
    hass.services.async_register(DOMAIN, DELETE_PERIOD, _async_delete, _WHICH_SCHEMA)
    hass.services.async_register(DOMAIN, GET_PERIODS, _async_get, _FLEET_SCHEMA, only)


async def async_administered(call: ServiceCall) -> Academics:
    """Return the periods and holidays of the fleet an action is for, if the caller may change them."""
    await async_require_admin(call.hass, call.context)
    return targeted_fleet(call).runtime_data.academics


async def _async_add(call: ServiceCall) -> ServiceResponse:
    academics = await async_administered(call)
    with refusals_told():
        return {"period": await academics.async_add_period(call.data)}


async def _async_update(call: ServiceCall) -> None:
    academics = await async_administered(call)
    with refusals_told():
        await academics.async_update_period(call.data["period"], call.data)


async def _async_archive(call: ServiceCall) -> None:
    academics = await async_administered(call)
    with refusals_told():
        await academics.async_archive_period(call.data["period"])


async def _async_restore(call: ServiceCall) -> None:
    academics = await async_administered(call)
    with refusals_told():
        await academics.async_restore_period(call.data["period"])


async def _async_activate(call: ServiceCall) -> None:
    academics = await async_administered(call)
    with refusals_told():
        await academics.async_activate_period(call.data["period"])


async def _async_delete(call: ServiceCall) -> None:
    academics = await async_administered(call)
    with refusals_told():
        await academics.async_delete_period(call.data["period"])


async def _async_get(call: ServiceCall) -> ServiceResponse:
    academics = targeted_fleet(call).runtime_data.academics
    active = academics.active
    told: list[Any] = [
        {
            "period": period.period_id,
            "name": period.name,
            "display_name": period.display_name,
            "start": period.start.isoformat(),
            "end": period.end.isoformat(),
            "period_type": period.period_type.value,
            "active": active is not None and period.period_id == active.period_id,
            "archived": period.archived,
        }
        for period in academics.periods
    ]
    return {"periods": told}
