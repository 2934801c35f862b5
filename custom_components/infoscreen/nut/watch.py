"""Watches a configuration of NUT that a person named: a repair stands while something in it is wrong."""

from datetime import datetime, timedelta
from typing import Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers.event import async_track_time_interval

from ..const import CONF_NUT_CONFIG, DOMAIN
from ..issues import async_raise_issue, plain
from ..model.nut.compare import Used
from ..model.nut.findings import Finding, Severity
from .configuration import Stamp, findings_at, listed, stamp, used_now
from .coordinator import UpsCoordinator

NUT_CONFIG: Final = "nut_config"
NUT_CONFIG_UNREADABLE: Final = "nut_config_unreadable"
#: Looking costs a few calls to the file system; a file is read only when it is another one.
_LOOK_EVERY: Final = timedelta(minutes=5)


class ConfigurationWatch:
    """Looks at the files of one server now and then."""

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry, coordinator: UpsCoordinator) -> None:
        self._hass = hass
        self._entry = entry
        self._coordinator = coordinator
        self._path: str | None = entry.data.get(CONF_NUT_CONFIG)
        self._issue_id = f"{NUT_CONFIG}_{entry.entry_id}"
        self._seen: tuple[Stamp, Used | None] | None = None

    async def async_start(self) -> None:
        """Look now and from now on."""
        if self._path is None:
            self._mended()
            return
        self._entry.async_on_unload(
            async_track_time_interval(self._hass, self._async_look, _LOOK_EVERY, cancel_on_shutdown=True)
        )
        await self._async_look()

    async def _async_look(self, _now: datetime | None = None) -> None:
        """Look whether the files or what they are held against are others, and what is wrong then."""
        if self._path is None:
            return
        used = used_now(self._entry.data, self._coordinator) if self._coordinator.answered else None
        try:
            findings = await self._hass.async_add_executor_job(self._look, self._path, used)
        except ServiceValidationError:
            self._say_unreadable(self._path)
            return
        if findings is not None:
            self._say(self._path, [each for each in findings if each.severity is not Severity.INFO])

    def _look(self, path: str, used: Used | None) -> list[Finding] | None:
        """Return what is wrong, None where all is as it was the last time."""
        seen = stamp(self._hass, path), used
        if seen == self._seen:
            return None
        self._seen = None  # what cannot be read was not seen
        findings = findings_at(self._hass, path, used)
        self._seen = seen
        return findings

    @callback
    def _say(self, path: str, findings: list[Finding]) -> None:
        """Let a repair stand, or take it back."""
        if not findings:
            self._mended()
            return
        async_raise_issue(
            self._hass,
            self._entry,
            self._issue_id,
            translation_key=NUT_CONFIG,
            translation_placeholders={
                "server": self._entry.title,
                "path": plain(path),
                "number": f"{len(findings)}",
                "findings": listed(self._hass, findings),
            },
        )

    @callback
    def _say_unreadable(self, path: str) -> None:
        async_raise_issue(
            self._hass,
            self._entry,
            self._issue_id,
            translation_key=NUT_CONFIG_UNREADABLE,
            translation_placeholders={"server": self._entry.title, "path": plain(path)},
        )

    @callback
    def _mended(self) -> None:
        ir.async_delete_issue(self._hass, DOMAIN, self._issue_id)
