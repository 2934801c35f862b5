"""Fields of forms that say which UPS feeds something, and on which terms."""

from collections.abc import Mapping
from typing import Any, Final

from homeassistant.components.binary_sensor import BinarySensorDeviceClass
from homeassistant.const import PERCENTAGE, Platform, UnitOfTime
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers.selector import DeviceSelector, DeviceSelectorConfig, EntityFilterSelectorConfig
import voluptuous as vol

from .const import (
    CONF_SHUTDOWN_TIER,
    CONF_UPS,
    CONF_UPS_RESTORE_CHARGE,
    CONF_UPS_SHUTDOWN_CHARGE,
    CONF_UPS_SHUTDOWN_RUNTIME,
    CONF_UPS_TV_OFF_DELAY,
    DOMAIN,
    MAX_UPS_SHUTDOWN_RUNTIME,
    MAX_UPS_TV_OFF_DELAY,
    SHUTDOWN_TIERS,
)
from .entries import is_ups_server
from .feeds import DEFAULTS
from .form_fields import whole

#: Tells UPSes from our other devices, by an entity that they alone have.
UPS_DEVICE: Final = DeviceSelector(
    DeviceSelectorConfig(
        entity=EntityFilterSelectorConfig(
            integration=DOMAIN,
            domain=Platform.BINARY_SENSOR,
            device_class=BinarySensorDeviceClass.BATTERY,
        )
    )
)
#: Which UPS feeds a group, and on which terms.
GROUP_UPS: Final = vol.Schema(
    {
        vol.Optional(CONF_UPS): UPS_DEVICE,
        vol.Required(CONF_UPS_TV_OFF_DELAY, default=int(DEFAULTS.tv_off_delay.total_seconds())): (
            whole(0, MAX_UPS_TV_OFF_DELAY, UnitOfTime.SECONDS)
        ),
        vol.Required(CONF_UPS_SHUTDOWN_CHARGE, default=DEFAULTS.shutdown_charge): whole(0, 100, PERCENTAGE),
        vol.Required(CONF_UPS_SHUTDOWN_RUNTIME, default=DEFAULTS.shutdown_runtime): (
            whole(0, MAX_UPS_SHUTDOWN_RUNTIME, UnitOfTime.SECONDS)
        ),
        vol.Required(CONF_UPS_RESTORE_CHARGE, default=DEFAULTS.restore_charge): whole(0, 100, PERCENTAGE),
        vol.Required(CONF_SHUTDOWN_TIER, default=DEFAULTS.tier): whole(1, SHUTDOWN_TIERS),
    }
)


def keeping(schema: vol.Schema, known: Mapping[str, Any]) -> dict[vol.Marker, Any]:
    """Return the fields of a schema: what is left out stays as it is known."""
    return {
        vol.Required(marker.schema, default=known[marker.schema])
        if isinstance(marker, vol.Required) and marker.schema in known
        else marker: field
        for marker, field in schema.schema.items()
    }


def given_ups(user_input: Mapping[str, Any]) -> dict[str, Any]:
    """Return what was given of a group's UPS; one that was left out is none."""
    return {
        marker.schema: user_input[marker.schema] for marker in GROUP_UPS.schema if marker.schema in user_input
    }


def feeds_wrongly(hass: HomeAssistant, data: Mapping[str, Any]) -> bool:
    """Tell whether what was chosen as a UPS is none of ours: its entry is no NUT server."""
    device = dr.async_get(hass).async_get(data.get(CONF_UPS, ""))
    entry = hass.config_entries.async_get_entry(device.config_entry_id) if device else None
    ours = entry is not None and entry.domain == DOMAIN and is_ups_server(entry.data)
    return CONF_UPS in data and not ours
