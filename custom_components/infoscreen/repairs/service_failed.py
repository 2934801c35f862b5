"""The repair of a service that failed."""

from typing import Any

from homeassistant.components.repairs import RepairsFlow, RepairsFlowResult
from homeassistant.config_entries import ConfigEntryState
from homeassistant.exceptions import HomeAssistantError

from ..runtime import InfoscreenConfigEntry


class ServiceFailedFlow(RepairsFlow):
    """Ask whether the failure has been seen to, and clear it."""

    def __init__(self, entry_id: str, uuid: str) -> None:
        self._entry_id = entry_id
        self._uuid = uuid

    async def async_step_init(self, _user_input: dict[str, Any] | None = None) -> RepairsFlowResult:
        """Begin."""
        return await self.async_step_confirm()

    async def async_step_confirm(self, user_input: dict[str, Any] | None = None) -> RepairsFlowResult:
        """Clear the failure once it is confirmed."""
        entry: InfoscreenConfigEntry | None = self.hass.config_entries.async_get_entry(self._entry_id)
        if entry is None or entry.state is not ConfigEntryState.LOADED:
            return self.async_abort(reason="fleet_not_loaded")
        coordinator = entry.runtime_data.fleet.async_find(self._uuid)
        if coordinator is None or (failure := coordinator.screen.failure) is None:
            return self.async_create_entry(data={})
        if user_input is None:
            return self.async_show_form(
                step_id="confirm",
                description_placeholders={"screen": coordinator.screen.name, "unit": failure.unit or "?"},
            )
        try:
            await entry.runtime_data.failures.async_acknowledge(coordinator)
        except HomeAssistantError:
            return self.async_abort(reason="cleared_at_next_connect")
        return self.async_create_entry(data={})
