"""Set how a fleet behaves: the options are asked for, checked and kept."""

from collections.abc import Mapping
from typing import Any, Final

from homeassistant.config_entries import ConfigEntryState, ConfigFlowResult
from homeassistant.data_entry_flow import section
from homeassistant.helpers.selector import (
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
)
import voluptuous as vol

from .const import (
    CONF_GOTENBERG_URL,
    CONF_MEDIA_BASE_URL,
    CONF_REFRESH,
    CONF_TABLE_ENABLED,
    CONF_TABLE_URL,
    CONF_URL_ALLOWLIST,
    MIN_REFRESH,
)
from .model.errors import Refused
from .model.fleet import Screen
from .model.schedule.addresses import checked_hosts, checked_url
from .option_fields import OPTIONS, PLAN_NEXT
from .planning_flow import PlanningFlow
from .runtime import InfoscreenConfigEntry

#: Not an option, but found among them: the screens that are blocked, to take some out.
BLOCKED_SCREENS: Final = "blocked_screens"
#: What may be left empty; a person who empties such a field sends the section without it.
_MAY_BE_EMPTY: Final = (CONF_TABLE_URL, CONF_MEDIA_BASE_URL, CONF_GOTENBERG_URL)


class _Section(section):
    """A section of the form: sent whole, what is missing in it is empty; sent in part, the rest stays."""

    def __call__(self, value: dict[str, Any]) -> dict[str, Any]:
        fields: Mapping[Any, Any] = self.schema.schema
        if all(field in value for field in fields if isinstance(field, vol.Required)):
            value = {key: "" for key in _MAY_BE_EMPTY if key in fields} | value
        checked: dict[str, Any] = super().__call__(value)
        return checked


class FleetOptionsFlow(PlanningFlow):
    """Set how a fleet behaves, and go on to plan its periods and holidays."""

    def __init__(self) -> None:
        super().__init__()
        self._blocked: Mapping[str, Screen] = {}  # as the form shows them

    async def async_step_init(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask for all options, section by section; they are kept flat, and a section left out stays."""
        options, errors = dict(self.config_entry.options), dict[str, str]()
        if user_input is not None:
            options |= {key: value for values in user_input.values() for key, value in values.items()}
            if 0 < options.get(CONF_REFRESH, 0) < MIN_REFRESH:
                errors["base"] = "refresh_too_often"
            if self.lacks_period(options.get(PLAN_NEXT, "nothing")):
                errors["base"] = "no_period"
            self._check_hosts(options, errors)
            self._check_addresses(options, errors)
            if not errors:
                still_blocked, plan = options.pop(BLOCKED_SCREENS, None), options.pop(PLAN_NEXT, "nothing")
                if still_blocked is not None:
                    await self._unblock(set(still_blocked))
                return await self.async_plan(plan, options)
        schema = {
            vol.Optional(name): _Section(
                vol.Schema(
                    {
                        (vol.Optional if key in _MAY_BE_EMPTY else vol.Required)(
                            key, default=options.get(key, default)
                        ): field
                        for key, (default, field) in fields.items()
                    }
                    | (self._blocked_screens(options) if name == "screens" else {})
                ),
                {"collapsed": name != "screens"},
            )
            for name, fields in OPTIONS.items()
        }
        return self.async_show_form(step_id="init", data_schema=vol.Schema(schema), errors=errors)

    def _check_hosts(self, options: dict[str, Any], errors: dict[str, str]) -> None:
        """Say that one of the hosts that may be shown is none: with it alone nothing would be shown."""
        try:
            if CONF_URL_ALLOWLIST in options:
                options[CONF_URL_ALLOWLIST] = checked_hosts(options[CONF_URL_ALLOWLIST])
        except Refused as err:
            errors["base"] = err.key

    def _check_addresses(self, options: Mapping[str, Any], errors: dict[str, str]) -> None:
        """Say which of the addresses is none."""
        try:
            if options.get(CONF_TABLE_ENABLED):
                checked_url(options.get(CONF_TABLE_URL, ""), options.get(CONF_URL_ALLOWLIST, ()))
        except Refused as err:
            errors["base"] = err.key
        try:
            if base := options.get(CONF_MEDIA_BASE_URL):
                checked_url(base)
        except Refused:
            errors["base"] = "media_base_url_invalid"
        if not _is_server(options.get(CONF_GOTENBERG_URL, "")):
            errors["base"] = "gotenberg_url_invalid"

    def _blocked_screens(self, given: Mapping[str, Any]) -> dict[vol.Marker, Any]:
        """Return the field in which blocked screens stand, none where there are none."""
        entry: InfoscreenConfigEntry = self.config_entry
        if entry.state is ConfigEntryState.LOADED:
            self._blocked = dict(entry.runtime_data.admission.blocked)
        if not self._blocked:
            return {}
        options = [
            SelectOptionDict(value=key, label=f"{screen.name} ({screen.uuid})")
            for key, screen in self._blocked.items()
        ]
        field = SelectSelector(
            SelectSelectorConfig(options=options, multiple=True, mode=SelectSelectorMode.DROPDOWN)
        )
        shown = [key for key in given.get(BLOCKED_SCREENS, self._blocked) if key in self._blocked]
        return {vol.Optional(BLOCKED_SCREENS, default=shown): field}

    async def _unblock(self, still_blocked: set[str]) -> None:
        """Hear the screens again that were taken out."""
        entry: InfoscreenConfigEntry = self.config_entry
        out = self._blocked.keys() - still_blocked
        if out and entry.state is ConfigEntryState.LOADED:
            await entry.runtime_data.admission.async_unblock(out)


def _is_server(url: str) -> bool:
    """Tell whether there can be a server at an address, or none is given."""
    try:
        return not url.strip() or bool(checked_url(url))
    except Refused:
        return False
