"""The device registry's picture of UPSes: one device each, on no other."""

from typing import Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import device_registry as dr

from ..model.ups.device import State
from .coordinator import UpsCoordinator
from .devices import known_upses, remove_device, ups_identifier

_DEVICE_INFO: Final = {
    "manufacturer": ("device.mfr", "ups.mfr"),
    "model": ("device.model", "ups.model"),
    "serial_number": ("device.serial", "ups.serial"),
    "sw_version": ("ups.firmware",),
}


class Register:
    """Registers the UPSes of one server, and what they newly say of themselves."""

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry, coordinator: UpsCoordinator) -> None:
        self._hass = hass
        self._registry = dr.async_get(hass)
        self._entry = entry
        self._coordinator = coordinator
        self._told: dict[str, dict[str, str | None]] = {}

    @callback
    def async_start(self) -> None:
        """Register those there are, and follow them; who is not chosen any more goes."""
        for key in known_upses(self._hass, self._entry):
            if key not in self._coordinator.data:
                remove_device(self._hass, self._entry, key)
        self._look()
        self._entry.async_on_unload(self._coordinator.async_add_listener(self._look))

    @callback
    def _look(self) -> None:
        for gone in self._told.keys() - self._coordinator.data.keys():
            del self._told[gone]
        for key, ups in self._coordinator.data.items():
            if ups.state is not State.OK and (key in self._told or self._is_registered(key)):
                continue  # it says nothing new, and perhaps not even its name
            told = {"name": ups.description or ups.name} | {
                field: next(filter(None, map(ups.text, variables)), None)
                for field, variables in _DEVICE_INFO.items()
            }
            if told != self._told.get(key):
                self._told[key] = told
                self._registry.async_get_or_create(
                    config_entry_id=self._entry.entry_id,
                    identifiers={ups_identifier(self._entry, key)},
                    **{field: text for field, text in told.items() if text},  # type: ignore[arg-type]
                )

    def _is_registered(self, key: str) -> bool:
        identifier = ups_identifier(self._entry, key)
        return self._registry.async_get_device_by_identifier(identifier, self._entry.entry_id) is not None
