"""The repair of a screen that nothing but a person can help."""

from typing import Any, Final

from homeassistant.components.repairs import RepairsFlow, RepairsFlowResult
from homeassistant.config_entries import ConfigEntryState
from homeassistant.helpers import issue_registry as ir

from ..coordinator import ScreenCoordinator
from ..recovery import Recovery
from ..runtime import InfoscreenConfigEntry

AGAIN: Final = "again"
HANDLED: Final = "handled"


class ManualInterventionFlow(RepairsFlow):
    """Ask what has become of a screen: tried once more, or seen to."""

    def __init__(self, entry_id: str, uuid: str) -> None:
        self._entry_id = entry_id
        self._uuid = uuid

    async def async_step_init(self, _user_input: dict[str, Any] | None = None) -> RepairsFlowResult:
        """Offer what can be done; the ladder only where it may be climbed."""
        found = self._find()
        if found is None:
            return self.async_abort(reason="fleet_not_loaded")
        recovery, _ = found
        issue = ir.async_get(self.hass).async_get_issue(self.handler, self.issue_id)
        return self.async_show_menu(
            step_id="init",
            menu_options=[AGAIN, HANDLED] if recovery.enabled else [HANDLED],
            description_placeholders=issue.translation_placeholders if issue else None,
        )

    async def async_step_again(self, _user_input: dict[str, Any] | None = None) -> RepairsFlowResult:
        """Climb the ladder once more."""
        if (found := self._find()) is None:
            return self.async_abort(reason="fleet_not_loaded")
        recovery, coordinator = found
        if coordinator is not None and not recovery.async_again(coordinator):
            return self.async_abort(reason="climbs_spent")
        return self.async_create_entry(data={})

    async def async_step_handled(self, _user_input: dict[str, Any] | None = None) -> RepairsFlowResult:
        """Note that a person has seen to the screen."""
        if (found := self._find()) is None:
            return self.async_abort(reason="fleet_not_loaded")
        recovery, coordinator = found
        if coordinator is not None:
            recovery.async_handled(coordinator)
        return self.async_create_entry(data={})

    def _find(self) -> tuple[Recovery, ScreenCoordinator | None] | None:
        """Return the recovery of a fleet that runs, and the screen if it is still there."""
        entry: InfoscreenConfigEntry | None = self.hass.config_entries.async_get_entry(self._entry_id)
        if entry is None or entry.state is not ConfigEntryState.LOADED:
            return None
        runtime = entry.runtime_data
        return runtime.recovery, runtime.fleet.async_find(self._uuid)
