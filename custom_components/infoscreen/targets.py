"""Whom an action is for: devices, entities, areas, floors and labels resolved to groups."""

from dataclasses import dataclass

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant, ServiceCall
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import device_registry as dr, entity_registry as er
from homeassistant.helpers.target import TargetSelection, async_extract_referenced_entity_ids

from .const import DOMAIN
from .model.fleet import Group
from .runtime import InfoscreenConfigEntry


@dataclass(frozen=True, kw_only=True, slots=True)
class Targeted:
    """A group that an action is for."""

    entry: InfoscreenConfigEntry
    group: Group


def targeted_groups(call: ServiceCall) -> list[Targeted]:
    """Return the groups an action is for, each once; a screen stands for its group.

    What was named itself must be there and have a group; an area, floor or label may hold other things too.
    """
    selection = TargetSelection(call.data)
    if not selection.has_any_target:
        raise _refusal("no_target")
    named = _named_devices(call.hass, selection)
    found: dict[tuple[str, int], Targeted] = {}
    for device_id in sorted(_devices(call.hass, selection) | named):
        targeted = _group_of(call.hass, device_id, must=device_id in named)
        if targeted is not None:
            found[targeted.entry.entry_id, targeted.group.group_id] = targeted
    if not found:
        raise _refusal("no_group_in_target")
    return list(found.values())


def _refusal(key: str, **placeholders: str) -> ServiceValidationError:
    return ServiceValidationError(
        translation_domain=DOMAIN, translation_key=key, translation_placeholders=placeholders
    )


def _named_devices(hass: HomeAssistant, selection: TargetSelection) -> set[str]:
    """Return the devices that were named, by themselves or by an entity of theirs."""
    entities, named = er.async_get(hass), set(selection.device_ids)
    for entity_id in selection.entity_ids:
        entity = entities.async_get(entity_id)
        if entity is None or entity.platform != DOMAIN or entity.device_id is None:
            raise _refusal("not_of_a_fleet", name=entity_id)
        named.add(entity.device_id)
    return named


def _devices(hass: HomeAssistant, selection: TargetSelection) -> set[str]:
    """Return all devices in what was targeted."""
    referenced = async_extract_referenced_entity_ids(hass, selection, primary_entities_only=False)
    entities = er.async_get(hass)
    indirect = (entities.async_get(entity_id) for entity_id in referenced.indirectly_referenced)
    return referenced.referenced_devices | {e.device_id for e in indirect if e is not None and e.device_id}


def _group_of(hass: HomeAssistant, device_id: str, *, must: bool) -> Targeted | None:
    """Return the group that a device is or is in; where it must have one, refuse to go on without."""
    device = dr.async_get(hass).async_get(device_id)
    entry: InfoscreenConfigEntry | None = (
        hass.config_entries.async_get_entry(device.config_entry_id)
        if device and device.config_entry_id
        else None
    )
    if device is None or entry is None or entry.domain != DOMAIN:
        if must:
            raise _refusal("not_of_a_fleet", name=device_id)
        return None
    name = device.name_by_user or device.name or device_id
    if entry.state is not ConfigEntryState.LOADED:
        raise _refusal("fleet_not_loaded", name=entry.title)
    fleet = entry.runtime_data.fleet
    for domain, identifier in device.identifiers:
        if domain != DOMAIN:
            continue
        group = fleet.async_group_of(identifier)
        if group is not None:
            return Targeted(entry=entry, group=group)
    if must:
        raise _refusal("no_group", name=name)
    return None
