"""The config entry that entities with devices need."""

from typing import Any

from homeassistant.config_entries import ConfigFlow, ConfigFlowResult


class FloorFlow(ConfigFlow, domain="floor"):
    """Asks nothing."""

    async def async_step_user(self, _user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Make the entry at once."""
        return self.async_create_entry(title="Floor", data={})
