"""The repair of two screens with one hardware address."""

from typing import Any

from homeassistant.components.repairs import RepairsFlow, RepairsFlowResult
from homeassistant.exceptions import HomeAssistantError

from ..issues import plain
from ..model.errors import Refused
from .running import running


class ReplaceScreenFlow(RepairsFlow):
    """Ask whether a screen is the one whose address it has, set up anew; or another one."""

    def __init__(self, entry_id: str, uuid: str, other: str) -> None:
        self._entry_id = entry_id
        self._uuid = uuid
        self._other = other

    async def async_step_init(self, _user_input: dict[str, Any] | None = None) -> RepairsFlowResult:
        """Show who they are; where both speak, say that they can hardly be one."""
        if (runtime := running(self.hass, self._entry_id)) is None:
            return self.async_abort(reason="fleet_not_loaded")
        new, old = (runtime.fleet.screens[uuid.lower()] for uuid in (self._uuid, self._other))
        return self.async_show_menu(
            step_id="both_speak" if new.data.connected and old.data.connected else "init",
            menu_options=["replace", "keep_both"],
            description_placeholders={
                "new": plain(new.screen.name),
                "new_uuid": new.screen.uuid,
                "old": plain(old.screen.name),
                "old_uuid": old.screen.uuid,
            },
        )

    async_step_both_speak = async_step_init  # the same question in other words

    async def async_step_replace(self, _user_input: dict[str, Any] | None = None) -> RepairsFlowResult:
        """Let the new one take the old one's place."""
        if (runtime := running(self.hass, self._entry_id)) is None:
            return self.async_abort(reason="fleet_not_loaded")
        try:
            await runtime.replacement.async_replace(self._other, self._uuid)
        except Refused:
            return self.async_create_entry(data={})  # one of them is gone meanwhile
        except HomeAssistantError:
            return self.async_abort(reason="not_saved")
        return self.async_create_entry(data={})

    async def async_step_keep_both(self, _user_input: dict[str, Any] | None = None) -> RepairsFlowResult:
        """Remember that they are two."""
        if (runtime := running(self.hass, self._entry_id)) is None:
            return self.async_abort(reason="fleet_not_loaded")
        try:
            await runtime.fleet.addresses.async_keep_apart(self._uuid.lower())
        except HomeAssistantError:
            return self.async_abort(reason="not_saved")
        return self.async_create_entry(data={})
