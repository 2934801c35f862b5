"""What a person decides about UPSes that came, went or have another name."""

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import device_registry as dr, entity_registry as er

from ..const import CONF_UPSES
from .commands import async_forget_denied
from .devices import remove_device, ups_identifier
from .runtime import UpsConfigEntry


@callback
def async_follow(hass: HomeAssistant, entry: ConfigEntry, name: str) -> None:
    """Follow one more of a server's UPSes; the entry is taken up anew by that."""
    _choose(hass, entry, [*entry.data.get(CONF_UPSES, ()), name])


@callback
def async_let_go(hass: HomeAssistant, entry: UpsConfigEntry, key: str) -> None:
    """Forget a UPS that is no more."""
    entry.runtime_data.coordinator.async_forget(key)
    async_forget_denied(hass, entry, key)
    remove_device(hass, entry, key)
    if (chosen := entry.data.get(CONF_UPSES)) is not None:
        _choose(hass, entry, [name for name in chosen if name.casefold() != key])


async def async_rename(hass: HomeAssistant, entry: ConfigEntry, key: str, name: str) -> None:
    """Let a UPS go on under another name, with its device, its entities and their history."""
    await hass.config_entries.async_unload(entry.entry_id)
    new = name.casefold()
    remove_device(hass, entry, new)  # it was taken for another one meanwhile
    entities, devices = er.async_get(hass), dr.async_get(hass)
    before, after = f"{entry.entry_id}_{key}_", f"{entry.entry_id}_{new}_"
    if device := devices.async_get_device_by_identifier(ups_identifier(entry, key), entry.entry_id):
        for entity in er.async_entries_for_device(entities, device.id, include_disabled_entities=True):
            if entity.unique_id.startswith(before):
                unique_id = after + entity.unique_id.removeprefix(before)
                entities.async_update_entity(entity.entity_id, new_unique_id=unique_id)
        devices.async_update_device(device.id, new_identifiers={ups_identifier(entry, new)})
    if (chosen := entry.data.get(CONF_UPSES)) is not None:
        kept = [each for each in chosen if each.casefold() not in {key, new}]
        _choose(hass, entry, [*kept, name])
    await hass.config_entries.async_setup(entry.entry_id)


def _choose(hass: HomeAssistant, entry: ConfigEntry, names: list[str]) -> None:
    hass.config_entries.async_update_entry(entry, data={**entry.data, CONF_UPSES: names})
