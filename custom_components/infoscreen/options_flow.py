"""Set how a fleet behaves: the options, in sections."""

from collections.abc import Mapping
from typing import Any, Final

from homeassistant.config_entries import ConfigFlowResult, OptionsFlow
from homeassistant.data_entry_flow import section
from homeassistant.helpers.selector import BooleanSelector, DeviceSelector, DeviceSelectorConfig
import voluptuous as vol

from .const import (
    CONF_COMMAND_EXPIRY,
    CONF_COMMANDS_FOR_ALL_USERS,
    CONF_COMPATIBILITY_TOPICS,
    CONF_HEARTBEAT_GRACE,
    CONF_RECOVERY_ENABLED,
    CONF_RECOVERY_GRACE,
    CONF_RECOVERY_LEFT_OUT,
    CONF_RECOVERY_LOCKOUT,
    DEFAULT_COMMAND_EXPIRY,
    DEFAULT_HEARTBEAT_GRACE,
    DEFAULT_RECOVERY_GRACE,
    DEFAULT_RECOVERY_LOCKOUT,
    MAX_COMMAND_EXPIRY,
    MAX_HEARTBEAT_GRACE,
    MAX_RECOVERY_GRACE,
    MAX_RECOVERY_LOCKOUT,
    MIN_COMMAND_EXPIRY,
    MIN_HEARTBEAT_GRACE,
    MIN_RECOVERY_GRACE,
    MIN_RECOVERY_LOCKOUT,
)
from .form_fields import SCREEN_DEVICES, whole

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
    "recovery": {
        CONF_RECOVERY_ENABLED: (False, BooleanSelector()),
        CONF_RECOVERY_GRACE: (
            DEFAULT_RECOVERY_GRACE,
            whole(MIN_RECOVERY_GRACE, MAX_RECOVERY_GRACE, "s"),
        ),
        CONF_RECOVERY_LOCKOUT: (
            DEFAULT_RECOVERY_LOCKOUT,
            whole(MIN_RECOVERY_LOCKOUT, MAX_RECOVERY_LOCKOUT, "min"),
        ),
        CONF_RECOVERY_LEFT_OUT: (
            [],
            DeviceSelector(DeviceSelectorConfig(entity=SCREEN_DEVICES, multiple=True)),
        ),
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
