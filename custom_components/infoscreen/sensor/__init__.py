"""What screens, groups and the fleet show and how they are."""

from functools import partial
from typing import Any

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from ..coordinator import ScreenCoordinator
from ..entity import GroupEntity, ScreenEntity, async_add_for_groups, async_add_for_screens
from ..entries import is_ups_server
from ..model.fleet import Group
from ..ups.entity import async_add_for_upses
from ..ups.sensor import sensors
from .academic import AcademicPeriod
from .fleet import (
    FLEET_COUNTS,
    GROUP_ONLINE,
    FleetCount,
    GroupCount,
    PendingCommands,
    RejectedMessages,
    StandingAlerts,
)
from .group import GroupCurrentEvent, GroupNextEvent, GroupPowerReason
from .screen import EVENTS, SCREEN, STATUS, LastHeartbeat, ScreenEvent, ScreenSensor, ScreenStatus

PARALLEL_UPDATES = 0


async def async_setup_entry(
    hass: HomeAssistant, entry: ConfigEntry[Any], async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Add the sensors of the fleet, its screens and its groups, or of UPSes."""
    if is_ups_server(entry.data):
        async_add_for_upses(entry, async_add_entities, partial(sensors, entry))
        return

    def of_screen(coordinator: ScreenCoordinator) -> list[ScreenEntity]:
        return [
            ScreenStatus(coordinator, STATUS),
            *(ScreenSensor(coordinator, description) for description in SCREEN),
            LastHeartbeat(coordinator),
            *(ScreenEvent(entry, coordinator, description) for description in EVENTS),
        ]

    def of_group(group: Group) -> list[GroupEntity]:
        return [
            GroupCurrentEvent(entry, group),
            GroupNextEvent(entry, group),
            GroupPowerReason(entry, group),
            GroupCount(entry, group, GROUP_ONLINE),
        ]

    async_add_entities(
        [
            *(FleetCount(entry, description) for description in FLEET_COUNTS),
            AcademicPeriod(entry),
            PendingCommands(entry),
            RejectedMessages(entry),
            StandingAlerts(entry),
        ]
    )
    async_add_for_screens(hass, entry, async_add_entities, of_screen)
    async_add_for_groups(hass, entry, async_add_entities, of_group)
