"""Actions on NUT, the service that watches over UPSes."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from stat import S_IROTH
from typing import Any, Final

from homeassistant.const import CONF_HOST, CONF_PASSWORD, CONF_PORT, CONF_USERNAME
from homeassistant.core import HomeAssistant, ServiceCall, ServiceResponse, SupportsResponse, callback
from homeassistant.helpers import config_validation as cv
import voluptuous as vol

from ..const import DOMAIN
from ..entries import loaded_ups_servers
from ..errors import refusal
from ..model.nut.compare import Used, compare
from ..model.nut.findings import File, Finding
from ..model.nut.validate import validate
from ..model.ups.device import State
from ..nut.troubles import LOCAL_HOSTS
from ..rights import async_require_admin
from ..texts import async_text, language_for

VALIDATE_NUT_CONFIG: Final = "validate_nut_config"

#: A configuration of a hundred UPSes has 20,000.
MAX_LENGTH: Final = 200_000
_FIELDS: Final = {
    "ups_conf": File.UPS,
    "upsd_conf": File.UPSD,
    "upsd_users": File.USERS,
    "nut_conf": File.NUT,
}
_PATH: Final = "path"
_ENTRY: Final = "config_entry_id"
_SCHEMA: Final = vol.Schema({vol.Optional(field): cv.string for field in (*_FIELDS, _PATH, _ENTRY)})


@dataclass(frozen=True, kw_only=True, slots=True)
class _Given:
    """What is to be looked at: texts, which of their files everybody may read, and whether it is a folder."""

    texts: Mapping[File, str]
    exposed: frozenset[File] = frozenset()
    whole: bool = False


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
    return {"findings": [_told(call.hass, finding) for finding in findings], "compared": used is not None}


def _used(hass: HomeAssistant, entry_id: str) -> Used:
    """Return what is used of a server that is followed."""
    entry = next((each for each in loaded_ups_servers(hass) if each.entry_id == entry_id), None)
    if entry is None:
        raise refusal("nut_server_not_followed", entry=entry_id)
    coordinator = entry.runtime_data.coordinator
    upses = coordinator.data.values()
    return Used(
        port=entry.data[CONF_PORT],
        is_local=entry.data[CONF_HOST] in LOCAL_HOSTS,
        username=entry.data.get(CONF_USERNAME),
        password=entry.data.get(CONF_PASSWORD),
        followed=[ups.name for ups in upses],
        served=[
            *(ups.name for ups in upses if ups.state is not State.NOT_FOUND),
            *coordinator.others.values(),
        ],
        commands={command for ups in upses for command in ups.commands},
    )


def _findings(
    hass: HomeAssistant, texts: Mapping[File, str], path: str | None, used: Used | None
) -> list[Finding]:
    given = _Given(texts=texts) if path is None else _read(hass, path)
    for file, text in given.texts.items():
        if len(text) > MAX_LENGTH:
            raise refusal("nut_file_too_long", file=file, limit=f"{MAX_LENGTH}")
    findings = validate(given.texts, exposed=given.exposed, whole=given.whole)
    return findings + compare(given.texts, used) if used else findings


def _read(hass: HomeAssistant, path: str) -> _Given:
    """Read one file, or those that are in a folder."""
    if not _is_allowed(hass, path):
        raise refusal("nut_path_not_allowed", path=path)
    place = Path(path)
    folder = place.is_dir()
    paths = (
        {file: place / file for file in File}
        if folder
        else {file: place for file in File if file == place.name}
    )
    there = {file: each for file, each in paths.items() if each.is_file()}
    if not there:
        raise refusal("nut_no_file", path=path, files=", ".join(File))
    return _Given(
        texts={file: _text(hass, each) for file, each in there.items()},
        exposed=frozenset(file for file, each in there.items() if each.stat().st_mode & S_IROTH),
        whole=folder,
    )


def _is_allowed(hass: HomeAssistant, path: str) -> bool:
    """Tell whether Home Assistant was given leave to read something; links are followed."""
    try:
        return hass.config.is_allowed_path(path)
    except OSError, ValueError:
        return False


def _text(hass: HomeAssistant, path: Path) -> str:
    """Read one file, one character too far if it is too long; NUT drops what is not ASCII in any case."""
    if not _is_allowed(hass, f"{path}"):
        raise refusal("nut_path_not_allowed", path=f"{path}")
    try:
        with path.open("rb") as file:
            return file.read(MAX_LENGTH + 1).decode("utf-8", "replace")
    except OSError as err:
        raise refusal(
            "nut_file_unreadable", path=f"{path}", error=err.strerror or type(err).__name__
        ) from err


def _told(hass: HomeAssistant, finding: Finding) -> dict[str, Any]:
    """Return a finding in Home Assistant's language."""
    language = language_for(hass)
    return {
        "file": finding.file.value,
        "line": finding.line,
        "code": finding.code,
        "severity": finding.severity.value,
        "text": async_text(hass, language, finding.text_key, finding.placeholders),
        "fix": async_text(hass, language, finding.fix_key, finding.placeholders),
    }
