"""Say what a screen is plugged into and how its TV is reached: a subentry of its fleet."""

from collections.abc import Mapping
from typing import Any, Final

from homeassistant.components.sensor import SensorDeviceClass
from homeassistant.config_entries import ConfigEntryState, ConfigSubentryFlow, SubentryFlowResult
from homeassistant.const import Platform, UnitOfPower
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers.device_registry import AnyDeviceEntry
from homeassistant.helpers.entity import get_device_class
from homeassistant.helpers.selector import (
    DeviceSelector,
    DeviceSelectorConfig,
    EntitySelector,
    EntitySelectorConfig,
    NumberSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
)
import voluptuous as vol

from .const import (
    CONF_PLUG,
    CONF_POWER_ON_ABOVE,
    CONF_POWER_SENSOR,
    CONF_SCREEN,
    CONF_TV_ENTITY,
    CONF_UPS,
)
from .devices import device_name
from .form_fields import SCREEN_DEVICES, TV_DOMAINS, tvs
from .runtime import InfoscreenConfigEntry
from .ups_fields import UPS_DEVICE, feeds_wrongly

FIELDS: Final = {
    vol.Optional(CONF_PLUG): EntitySelector(EntitySelectorConfig(domain=Platform.SWITCH)),
    vol.Optional(CONF_TV_ENTITY): EntitySelector(EntitySelectorConfig(domain=[*TV_DOMAINS])),
    vol.Optional(CONF_POWER_SENSOR): EntitySelector(
        EntitySelectorConfig(domain=Platform.SENSOR, device_class=SensorDeviceClass.POWER)
    ),
    vol.Optional(CONF_POWER_ON_ABOVE): NumberSelector(
        NumberSelectorConfig(
            min=0,
            step="any",
            mode=NumberSelectorMode.BOX,
            unit_of_measurement=UnitOfPower.WATT,
        )
    ),
    vol.Optional(CONF_UPS): UPS_DEVICE,
}
NEW: Final = vol.Schema(
    {vol.Required(CONF_SCREEN): DeviceSelector(DeviceSelectorConfig(entity=SCREEN_DEVICES)), **FIELDS}
)
CHANGED: Final = vol.Schema(FIELDS)


class HardwareSubentryFlow(ConfigSubentryFlow):
    """Describe the hardware round one screen."""

    async def async_step_user(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Ask which screen, and what it hangs on."""
        entry: InfoscreenConfigEntry = self._get_entry()
        if entry.state is not ConfigEntryState.LOADED:
            return self.async_abort(reason="fleet_not_loaded")
        errors: dict[str, str] = {}
        if user_input is not None:
            errors = self._wrong(user_input)
            screen = self._screen(entry, user_input[CONF_SCREEN])
            if screen is None:
                errors[CONF_SCREEN] = "not_a_screen"
            elif not errors:
                device, key = screen
                return self.async_create_entry(title=device_name(device, key), data=user_input, unique_id=key)
        return self._form("user", NEW, user_input or {}, errors)

    async def async_step_reconfigure(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Ask what has changed; the screen stays."""
        subentry = self._get_reconfigure_subentry()
        errors: dict[str, str] = {}
        if user_input is not None:
            errors = self._wrong(user_input)
            if not errors:
                data = {CONF_SCREEN: subentry.data[CONF_SCREEN], **user_input}
                return self.async_update_and_abort(self._get_entry(), subentry, data=data)
        return self._form("reconfigure", CHANGED, user_input or subentry.data, errors)

    def _form(
        self, step_id: str, schema: vol.Schema, values: Mapping[str, Any], errors: dict[str, str]
    ) -> SubentryFlowResult:
        schema = schema.extend({vol.Optional(CONF_TV_ENTITY): tvs(self.hass)})
        return self.async_show_form(
            step_id=step_id, data_schema=self.add_suggested_values_to_schema(schema, values), errors=errors
        )

    def _screen(self, entry: InfoscreenConfigEntry, device_id: str) -> tuple[AnyDeviceEntry, str] | None:
        """Return the device of a screen of this fleet, and the screen's key."""
        device = dr.async_get(self.hass).async_get(device_id)
        if device is None or device.config_entry_id != entry.entry_id:
            return None
        keys = [key for domain, key in device.identifiers if key in entry.runtime_data.fleet.screens]
        return (device, keys[0]) if keys else None

    def _wrong(self, data: Mapping[str, Any]) -> dict[str, str]:
        """Return what the form says of fields that are not what they should be."""
        errors: dict[str, str] = {}
        if CONF_POWER_SENSOR in data and not self._measures_power(data[CONF_POWER_SENSOR]):
            errors[CONF_POWER_SENSOR] = "not_a_power_sensor"
        if feeds_wrongly(self.hass, data):
            errors[CONF_UPS] = "not_a_ups"
        return errors

    def _measures_power(self, entity_id: str) -> bool:
        try:
            return get_device_class(self.hass, entity_id) == SensorDeviceClass.POWER
        except HomeAssistantError:
            return False
