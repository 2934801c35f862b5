"""Whom an action is for: devices, entities, areas, floors and labels resolved to screens or groups."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant, ServiceCall
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import device_registry as dr, entity_registry as er
from homeassistant.helpers.target import TargetSelection, async_extract_referenced_entity_ids

from .const import DOMAIN
from .coordinator import ScreenCoordinator
from .devices import device_name
from .entries import is_ups_server, loaded_fleets
from .errors import refusal
from .fleet import Fleet
from .model.fleet import Group
from .model.ups.device import Ups
from .nut.devices import find_ups
from .nut.runtime import UpsConfigEntry
from .runtime import InfoscreenConfigEntry


@dataclass(frozen=True, kw_only=True, slots=True)
class Targeted[T]:
    """A screen or group that an action is for."""

    entry: InfoscreenConfigEntry
    thing: T


@dataclass(frozen=True, kw_only=True, slots=True)
class _Lack:
    """What is said where there is none of what an action is for: in what was named, and in all of it."""

    named: Callable[[str], ServiceValidationError]
    anywhere: ServiceValidationError


def targeted_groups(call: ServiceCall) -> list[Targeted[Group]]:
    """Return the groups an action is for, each once; a screen stands for its group."""
    return _targeted(call, _groups, _no_group())


def targeted_groups_and_fleets(call: ServiceCall) -> list[Targeted[Group | Fleet]]:
    """Return the groups an action is for, and the fleets whose own device is named: all of them is meant."""

    def things(fleet: Fleet, identifier: str) -> Mapping[str, Group | Fleet]:
        return {"": fleet} if identifier == fleet.identifier else _groups(fleet, identifier)

    return _targeted(call, things, _no_group())


def targeted_groups_of_fleets(call: ServiceCall) -> list[Targeted[Group]]:
    """Return the groups an action is for, each once; a fleet that is named itself stands for all its groups.

    One that merely is in an area or has a label does not: that would be more than was asked for.
    """
    devices = dr.async_get(call.hass)
    named = {
        identifier
        for device_id in _named_devices(call.hass, TargetSelection(call.data))
        if (device := devices.async_get(device_id))
        for _, identifier in device.identifiers
    }

    def groups(fleet: Fleet, identifier: str) -> Mapping[str, Group]:
        if identifier == fleet.identifier and identifier in named:
            return {str(group_id): group for group_id, group in fleet.groups.items()}
        return _groups(fleet, identifier)

    return _targeted(call, groups, _no_group())


def targeted_groups_and_strays(call: ServiceCall) -> list[Targeted[Group | ScreenCoordinator]]:
    """Return the groups an action is for, each once, and the screens that are in none."""

    def groups(fleet: Fleet, identifier: str) -> Mapping[str, Group | ScreenCoordinator]:
        if group := fleet.groups.async_of(identifier):
            return {str(group.group_id): group}
        return {identifier: fleet.screens[identifier]} if identifier in fleet.screens else {}

    return _targeted(call, groups, _no_group())


def targeted_screens(call: ServiceCall) -> list[Targeted[ScreenCoordinator]]:
    """Return the screens an action is for, each once; a group stands for the screens in it."""
    return _targeted(call, _screens, _no_screen())


def targeted_fleet(call: ServiceCall) -> InfoscreenConfigEntry:
    """Return the one fleet an action is for; a screen or group stands for its fleet."""
    nothing = refusal("no_fleet_in_target")
    found = _targeted(call, lambda fleet, _: {"": fleet}, _Lack(named=lambda _: nothing, anywhere=nothing))
    if len(found) > 1:
        names = ", ".join(sorted(target.entry.title for target in found))
        raise refusal("one_fleet_at_a_time", fleets=names)
    return found[0].entry


def targeted_screens_or_all(call: ServiceCall) -> list[Targeted[ScreenCoordinator]]:
    """Return the screens an action is for: a fleet stands for its screens, no target for all of them."""

    def screens(fleet: Fleet, identifier: str) -> Mapping[str, ScreenCoordinator]:
        return fleet.screens if identifier == fleet.identifier else _screens(fleet, identifier)

    if TargetSelection(call.data).has_any_target:
        return _targeted(call, screens, _no_screen())
    return [
        Targeted(entry=entry, thing=coordinator)
        for entry in targeted_fleets_or_all(call)
        for coordinator in entry.runtime_data.fleet.screens.values()
    ]


def targeted_fleets_or_all(call: ServiceCall) -> list[InfoscreenConfigEntry]:
    """Return the fleet an action is for; without a target all that are loaded."""
    if TargetSelection(call.data).has_any_target:
        return [targeted_fleet(call)]
    return loaded_fleets(call.hass)


def targeted_upses(call: ServiceCall) -> list[tuple[UpsConfigEntry, Ups]]:
    """Return the UPSes an action is for, each once."""
    selection = TargetSelection(call.data)
    if not selection.has_any_target:
        raise refusal("no_target")
    named = _named_devices(call.hass, selection)
    upses: list[tuple[UpsConfigEntry, Ups]] = []
    for device_id in sorted(_devices(call.hass, selection) | named):
        entry, key = find_ups(call.hass, device_id) or (None, "")
        if entry is not None and (ups := entry.runtime_data.coordinator.data.get(key)):
            upses.append((entry, ups))
        elif device_id in named:
            device = dr.async_get(call.hass).async_get(device_id)
            raise refusal("no_ups", name=device_name(device, device_id))
    if not upses:
        raise refusal("no_ups_in_target")
    return upses


def by_fleet(targets: Iterable[Targeted[Group]]) -> dict[InfoscreenConfigEntry, list[int]]:
    """Return the ids of the groups of each fleet."""
    group_ids: dict[InfoscreenConfigEntry, list[int]] = {}
    for target in targets:
        group_ids.setdefault(target.entry, []).append(target.thing.group_id)
    return group_ids


def entities_of(hass: HomeAssistant, target: Targeted[Group]) -> list[str]:
    """Return the entities of a group: who may see or control them may see or change its schedule."""
    registered = er.async_entries_for_config_entry(er.async_get(hass), target.entry.entry_id)
    return [
        entity.entity_id for entity in registered if entity.config_subentry_id == target.thing.subentry_id
    ]


def _groups(fleet: Fleet, identifier: str) -> Mapping[str, Group]:
    """Return the group that a device of a fleet is or is in."""
    group = fleet.groups.async_of(identifier)
    return {str(group.group_id): group} if group else {}


def _screens(fleet: Fleet, identifier: str) -> Mapping[str, ScreenCoordinator]:
    """Return the screens that a device of a fleet stands for."""
    if coordinator := fleet.screens.get(identifier):
        return {identifier: coordinator}
    group = fleet.groups.async_of(identifier)
    return fleet.groups.async_screens_of(group.group_id) if group else {}


def _no_group() -> _Lack:
    return _Lack(named=lambda name: refusal("no_group", name=name), anywhere=refusal("no_group_in_target"))


def _no_screen() -> _Lack:
    return _Lack(named=lambda name: refusal("no_screen", name=name), anywhere=refusal("no_screen_in_target"))


def _targeted[T](
    call: ServiceCall, pick: Callable[[Fleet, str], Mapping[str, T]], lack: _Lack
) -> list[Targeted[T]]:
    """Resolve a target.

    What was named itself must be there and be of use; an area, floor or label may hold other things too.
    """
    selection = TargetSelection(call.data)
    if not selection.has_any_target:
        raise refusal("no_target")
    named = _named_devices(call.hass, selection)
    found: dict[tuple[str, str], Targeted[T]] = {}
    for device_id in sorted(_devices(call.hass, selection) | named):
        device, entry = _of_ours(call.hass, device_id)
        if device is None or entry is None:
            if device_id in named:
                raise refusal("not_of_a_fleet", name=device_id)
            continue
        (identifier,) = (identifier for domain, identifier in device.identifiers if domain == DOMAIN)
        things = pick(entry.runtime_data.fleet, identifier)
        if device_id in named and not things:
            raise lack.named(device_name(device, device_id))
        for key, thing in things.items():
            found[entry.entry_id, key] = Targeted(entry=entry, thing=thing)
    if not found:
        raise lack.anywhere
    return list(found.values())


def _named_devices(hass: HomeAssistant, selection: TargetSelection) -> set[str]:
    """Return the devices that were named, by themselves or by an entity of theirs."""
    entities, named = er.async_get(hass), set(selection.device_ids)
    for entity_id in selection.entity_ids:
        entity = entities.async_get(entity_id)
        if entity is None or entity.platform != DOMAIN or entity.device_id is None:
            raise refusal("not_of_a_fleet", name=entity_id)
        named.add(entity.device_id)
    return named


def _devices(hass: HomeAssistant, selection: TargetSelection) -> set[str]:
    """Return all devices in what was targeted."""
    referenced = async_extract_referenced_entity_ids(hass, selection, primary_entities_only=False)
    entities = er.async_get(hass)
    indirect = (entities.async_get(entity_id) for entity_id in referenced.indirectly_referenced)
    return referenced.referenced_devices | {e.device_id for e in indirect if e is not None and e.device_id}


def _of_ours(
    hass: HomeAssistant, device_id: str
) -> tuple[dr.AnyDeviceEntry | None, InfoscreenConfigEntry | None]:
    """Return a device and the fleet it is of, nothing for a stranger's."""
    device = dr.async_get(hass).async_get(device_id)
    entry = hass.config_entries.async_get_entry(device.config_entry_id) if device else None
    if entry is None or entry.domain != DOMAIN or is_ups_server(entry.data):
        return None, None
    if entry.state is not ConfigEntryState.LOADED:
        raise refusal("fleet_not_loaded", name=entry.title)
    return device, entry
