"""The repairs of UPSes that went, or came after others were chosen."""

from typing import Any

from homeassistant.components.repairs import RepairsFlow, RepairsFlowResult
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.helpers.selector import SelectSelector, SelectSelectorConfig
import voluptuous as vol

from ..issues import plain
from ..nut.moves import async_follow, async_let_go, async_rename
from ..nut.runtime import UpsConfigEntry


def _running(hass: HomeAssistant, entry_id: str) -> UpsConfigEntry | None:
    """Return the NUT server that a repair is about, None while it does not run."""
    entry: UpsConfigEntry | None = hass.config_entries.async_get_entry(entry_id)
    return entry if entry and entry.state is ConfigEntryState.LOADED else None


class UpsNotFoundFlow(RepairsFlow):
    """Ask whether a UPS has another name now, or is no more."""

    def __init__(self, entry_id: str, ups: str) -> None:
        self._entry_id = entry_id
        self._ups = ups

    async def async_step_init(self, _user_input: dict[str, Any] | None = None) -> RepairsFlowResult:
        """Show which it is."""
        return self.async_show_menu(
            step_id="init",
            menu_options=["rename", "remove"],
            description_placeholders={"ups": plain(self._ups)},
        )

    async def async_step_rename(self, user_input: dict[str, Any] | None = None) -> RepairsFlowResult:
        """Ask for its new name."""
        if (entry := _running(self.hass, self._entry_id)) is None:
            return self.async_abort(reason="server_not_loaded")
        coordinator = entry.runtime_data.coordinator
        names = [ups.name for ups in coordinator.data.values() if ups.key != self._ups]
        names += coordinator.others.values()
        if not names:
            return self.async_abort(reason="no_other_ups")
        if user_input is not None:
            await async_rename(self.hass, entry, self._ups, user_input["name"])
            return self.async_create_entry(data={})
        field = SelectSelector(SelectSelectorConfig(options=sorted(names)))
        return self.async_show_form(step_id="rename", data_schema=vol.Schema({vol.Required("name"): field}))

    async def async_step_remove(self, _user_input: dict[str, Any] | None = None) -> RepairsFlowResult:
        """Remove it with all that was known of it."""
        if (entry := _running(self.hass, self._entry_id)) is None:
            return self.async_abort(reason="server_not_loaded")
        async_let_go(self.hass, entry, self._ups)
        return self.async_create_entry(data={})


class UpsFoundFlow(RepairsFlow):
    """Ask whether a UPS is followed too."""

    def __init__(self, entry_id: str, ups: str) -> None:
        self._entry_id = entry_id
        self._ups = ups

    async def async_step_init(self, _user_input: dict[str, Any] | None = None) -> RepairsFlowResult:
        """Begin."""
        return await self.async_step_confirm()

    async def async_step_confirm(self, user_input: dict[str, Any] | None = None) -> RepairsFlowResult:
        """Follow it once that is confirmed."""
        if (entry := _running(self.hass, self._entry_id)) is None:
            return self.async_abort(reason="server_not_loaded")
        if user_input is None:
            return self.async_show_form(step_id="confirm", description_placeholders={"ups": plain(self._ups)})
        async_follow(self.hass, entry, self._ups)
        return self.async_create_entry(data={})
