"""The repair of a screen that nothing but a person can help."""

from typing import Any

from homeassistant.components.repairs import RepairsFlow, RepairsFlowResult
from homeassistant.helpers import device_registry as dr

from ..const import DOMAIN
from ..devices import device_name
from ..issues import plain
from .running import running


class ManualInterventionFlow(RepairsFlow):
    """Ask what has become of a screen: tried once more, or seen to."""

    def __init__(self, entry_id: str, uuid: str) -> None:
        self._entry_id = entry_id
        self._uuid = uuid

    async def async_step_init(self, _user_input: dict[str, Any] | None = None) -> RepairsFlowResult:
        """Offer what can be done; the ladder only where it may be climbed."""
        if (runtime := running(self.hass, self._entry_id)) is None:
            return self.async_abort(reason="fleet_not_loaded")
        device = dr.async_get(self.hass).async_get_device_by_identifier(
            (DOMAIN, self._uuid.lower()), self._entry_id
        )
        if device is None:
            return self.async_create_entry(data={})  # the screen is gone meanwhile
        return self.async_show_menu(
            step_id="init",
            menu_options=["again", "handled"] if runtime.recovery.enabled else ["handled"],
            description_placeholders={
                "screen": plain(device_name(device, self._uuid)),
                "link": f"/config/devices/device/{device.id}",
            },
        )

    async def async_step_again(self, _user_input: dict[str, Any] | None = None) -> RepairsFlowResult:
        """Climb the ladder once more."""
        if (runtime := running(self.hass, self._entry_id)) is None:
            return self.async_abort(reason="fleet_not_loaded")
        coordinator = runtime.fleet.async_find(self._uuid)
        if coordinator is not None and not runtime.recovery.async_again(coordinator):
            return self.async_abort(reason="climbs_spent")
        return self.async_create_entry(data={})

    async def async_step_handled(self, _user_input: dict[str, Any] | None = None) -> RepairsFlowResult:
        """Note that a person has seen to the screen."""
        if (runtime := running(self.hass, self._entry_id)) is None:
            return self.async_abort(reason="fleet_not_loaded")
        if (coordinator := runtime.fleet.async_find(self._uuid)) is not None:
            runtime.recovery.async_handled(coordinator)
        return self.async_create_entry(data={})
