"""The repair of an office file that did not become a PDF."""

from typing import Any

from homeassistant.components.repairs import RepairsFlow, RepairsFlowResult

from ..issues import plain
from .running import running


class ConversionFailedFlow(RepairsFlow):
    """Tell why, and convert it once more."""

    def __init__(self, entry_id: str, sha256: str) -> None:
        self._entry_id = entry_id
        self._sha256 = sha256

    async def async_step_init(self, _user_input: dict[str, Any] | None = None) -> RepairsFlowResult:
        """Begin."""
        return await self.async_step_confirm()

    async def async_step_confirm(self, user_input: dict[str, Any] | None = None) -> RepairsFlowResult:
        """Try again once that is wanted."""
        if (runtime := running(self.hass, self._entry_id)) is None:
            return self.async_abort(reason="fleet_not_loaded")
        converter = runtime.converter
        if (reason := converter.reason_of(self._sha256)) is None:
            return self.async_create_entry(data={})  # it is on its way again, or there already
        if user_input is None:
            name = converter.conversions[self._sha256].name
            return self.async_show_form(
                step_id="confirm", description_placeholders={"file": plain(name), "reason": reason}
            )
        converter.async_try_again(self._sha256)
        return self.async_create_entry(data={})
