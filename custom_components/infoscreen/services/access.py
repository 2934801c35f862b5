"""Actions on who may speak on the broker."""

from typing import Final

from homeassistant.core import HomeAssistant, ServiceCall, ServiceResponse, SupportsResponse, callback
from homeassistant.helpers import config_validation as cv
import voluptuous as vol

from ..const import DOMAIN
from ..rights import async_require_admin
from ..targets import targeted_fleet

BROKER_ACL: Final = "broker_acl"


@callback
def async_register(hass: HomeAssistant) -> None:
    """Register them."""
    hass.services.async_register(
        DOMAIN, BROKER_ACL, _async_broker_acl, vol.Schema(cv.TARGET_SERVICE_FIELDS), SupportsResponse.ONLY
    )


async def _async_broker_acl(call: ServiceCall) -> ServiceResponse:
    """Hand out a fleet's access list."""
    await async_require_admin(call.hass, call.context)
    entry = targeted_fleet(call)
    handed_out = await entry.runtime_data.access.async_export()
    return {"acl": handed_out.text(entry.title), "users": [*handed_out.users]}
