"""What can be turned on and off: outlets of UPSes."""

from functools import partial

from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .nut.runtime import UpsConfigEntry
from .ups.entity import async_add_for_upses
from .ups.switch import switches

PARALLEL_UPDATES = 0


async def async_setup_entry(
    _hass: HomeAssistant, entry: UpsConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Add the outlets of every UPS."""
    async_add_for_upses(entry, async_add_entities, partial(switches, entry))
