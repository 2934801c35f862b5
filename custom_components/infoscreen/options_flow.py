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
    CONF_LOG_MAX_DAYS,
    CONF_LOG_MAX_ENTRIES,
    DEFAULT_COMMAND_EXPIRY,
    DEFAULT_HEARTBEAT_GRACE,
    DEFAULT_LOG_MAX_DAYS,
    DEFAULT_LOG_MAX_ENTRIES,
    MAX_COMMAND_EXPIRY,
    MAX_HEARTBEAT_GRACE,
    MAX_LOG_MAX_DAYS,
    MAX_LOG_MAX_ENTRIES,
    MIN_COMMAND_EXPIRY,
    MIN_HEARTBEAT_GRACE,
    MIN_LOG_MAX_DAYS,
    MIN_LOG_MAX_ENTRIES,
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
    "logs": {
        CONF_LOG_MAX_ENTRIES: (DEFAULT_LOG_MAX_ENTRIES, whole(MIN_LOG_MAX_ENTRIES, MAX_LOG_MAX_ENTRIES)),
        CONF_LOG_MAX_DAYS: (DEFAULT_LOG_MAX_DAYS, whole(MIN_LOG_MAX_DAYS, MAX_LOG_MAX_DAYS, "d")),
    },
}


class FleetOptionsFlow(OptionsFlow):
    """Set how a fleet behaves."""

    async def async_step_init(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask for all options, section by section; they are kept flat."""
        if user_input is not None:
            given = {key: value for values in user_input.values() for key, value in values.items()}
            return self.async_create_entry(data={**self.config_entry.options, **given})
        options = self.config_entry.options
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
        return self.async_show_form(step_id="init", data_schema=vol.Schema(schema))
