"""The options of a NUT server: how it is followed."""

from typing import Any, Final

from homeassistant.config_entries import ConfigFlowResult, OptionsFlow
import voluptuous as vol

from .const import (
    CONF_NUT_POLL_INTERVAL,
    CONF_NUT_RETRIES,
    CONF_NUT_RETRY_DELAY,
    DEFAULT_NUT_POLL_INTERVAL,
    DEFAULT_NUT_RETRIES,
    DEFAULT_NUT_RETRY_DELAY,
    MAX_NUT_POLL_INTERVAL,
    MAX_NUT_RETRIES,
    MAX_NUT_RETRY_DELAY,
    MIN_NUT_POLL_INTERVAL,
    MIN_NUT_RETRY_DELAY,
)
from .form_fields import whole

_SCHEMA: Final = vol.Schema(
    {
        vol.Required(CONF_NUT_POLL_INTERVAL, default=DEFAULT_NUT_POLL_INTERVAL): whole(
            MIN_NUT_POLL_INTERVAL, MAX_NUT_POLL_INTERVAL, "s"
        ),
        vol.Required(CONF_NUT_RETRIES, default=DEFAULT_NUT_RETRIES): whole(0, MAX_NUT_RETRIES),
        vol.Required(CONF_NUT_RETRY_DELAY, default=DEFAULT_NUT_RETRY_DELAY): whole(
            MIN_NUT_RETRY_DELAY, MAX_NUT_RETRY_DELAY, "s"
        ),
    }
)


class UpsOptionsFlow(OptionsFlow):
    """Set how a NUT server is followed."""

    async def async_step_init(self, _user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Begin."""
        return await self.async_step_ups()

    async def async_step_ups(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask for all options."""
        if user_input is not None:
            return self.async_create_entry(data=user_input)
        return self.async_show_form(
            step_id="ups",
            data_schema=self.add_suggested_values_to_schema(_SCHEMA, self.config_entry.options),
        )
