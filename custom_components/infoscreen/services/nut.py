"""Actions on NUT, the service that watches over UPSes."""

from collections.abc import Mapping
from typing import Final

from homeassistant.core import HomeAssistant, ServiceCall, ServiceResponse, SupportsResponse, callback
from homeassistant.helpers import config_validation as cv
import voluptuous as vol

from ..const import DOMAIN
from ..entries import loaded_ups_servers
from ..errors import refusal
from ..model.nut.compare import Used
from ..model.nut.findings import File, Finding
from ..nut.configuration import Given, findings_in, read, told, used_now
from ..rights import async_require_admin

VALIDATE_NUT_CONFIG: Final = "validate_nut_config"

_FIELDS: Final = {
    "ups_conf": File.UPS,
    "upsd_conf": File.UPSD,
    "upsd_users": File.USERS,
    "nut_conf": File.NUT,
}
_PATH: Final = "path"
_ENTRY: Final = "config_entry_id"
_SCHEMA: Final = vol.Schema({vol.Optional(field): cv.string for field in (*_FIELDS, _PATH, _ENTRY)})


@callback
def async_register(hass: HomeAssistant) -> None:
    """Register them."""
    hass.services.async_register(DOMAIN, VALIDATE_NUT_CONFIG, _async_validate, _SCHEMA, SupportsResponse.ONLY)


async def _async_validate(call: ServiceCall) -> ServiceResponse:
    """Tell what is wrong with a configuration of NUT, also held against a server that is followed."""
    await async_require_admin(call.hass, call.context)
    texts = {file: call.data[field] for field, file in _FIELDS.items() if field in call.data}
    if bool(texts) == (_PATH in call.data):
        raise refusal("nut_text_or_path")
    used = _used(call.hass, call.data[_ENTRY]) if _ENTRY in call.data else None
    findings = await call.hass.async_add_executor_job(_findings, call.hass, texts, call.data.get(_PATH), used)
    return {"findings": [told(call.hass, finding) for finding in findings], "compared": used is not None}


def _used(hass: HomeAssistant, entry_id: str) -> Used:
    """Return what is used of a server that is followed."""
    entry = next((each for each in loaded_ups_servers(hass) if each.entry_id == entry_id), None)
    if entry is None:
        raise refusal("nut_server_not_followed", entry=entry_id)
    return used_now(entry.data, entry.runtime_data.coordinator)


def _findings(
    hass: HomeAssistant, texts: Mapping[File, str], path: str | None, used: Used | None
) -> list[Finding]:
    return findings_in(Given(texts=texts) if path is None else read(hass, path), used)
