"""Set how a fleet behaves: the options, in sections."""

from collections.abc import Mapping
from typing import Any, Final

from homeassistant.config_entries import ConfigFlowResult, OptionsFlow
from homeassistant.data_entry_flow import section
from homeassistant.helpers.selector import BooleanSelector
import voluptuous as vol

from .const import (
    CONF_COMMAND_EXPIRY,
    CONF_COMMANDS_FOR_ALL_USERS,
    CONF_COMPATIBILITY_TOPICS,
    CONF_HEARTBEAT_GRACE,
    CONF_REFRESH,
    DEFAULT_COMMAND_EXPIRY,
    DEFAULT_HEARTBEAT_GRACE,
    MAX_COMMAND_EXPIRY,
    MAX_HEARTBEAT_GRACE,
    MAX_REFRESH,
    MIN_COMMAND_EXPIRY,
    MIN_HEARTBEAT_GRACE,
    MIN_REFRESH,
)
from .form_fields import whole

OPTIONS: Final[Mapping[str, Mapping[str, tuple[Any, Any]]]] = {
    "screens": {
        CONF_HEARTBEAT_GRACE: (
            DEFAULT_HEARTBEAT_GRACE,
            whole(MIN_HEARTBEAT_GRACE, MAX_HEARTBEAT_GRACE, "s"),
        ),
        CONF_COMPATIBILITY_TOPICS: (True, BooleanSelector()),
    },
    "commands": {
        CONF_COMMAND_EXPIRY: (DEFAULT_COMMAND_EXPIRY, whole(MIN_COMMAND_EXPIRY, MAX_COMMAND_EXPIRY, "s")),
        CONF_COMMANDS_FOR_ALL_USERS: (False, BooleanSelector()),
    },
    "schedule": {CONF_REFRESH: (0, whole(0, MAX_REFRESH, "s"))},
}


class FleetOptionsFlow(OptionsFlow):
    """Set how a fleet behaves."""

    async def async_step_init(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask for all options, section by section; they are kept flat."""
        options, errors = dict(self.config_entry.options), dict[str, str]()
        if user_input is not None:
            options |= {key: value for values in user_input.values() for key, value in values.items()}
            if not 0 < options[CONF_REFRESH] < MIN_REFRESH:
                return self.async_create_entry(data=options)
            errors["base"] = "refresh_too_often"
        schema = {
            vol.Required(name): section(
                vol.Schema(
                    {
                        vol.Required(key, default=options.get(key, default)): field
                        for key, (default, field) in fields.items()
                    }
                )
            )
            for name, fields in OPTIONS.items()
        }
        return self.async_show_form(step_id="init", data_schema=vol.Schema(schema), errors=errors)
