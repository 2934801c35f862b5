"""Makes backups hold the databases as they were at one moment."""

import asyncio

from homeassistant.core import HomeAssistant

from .const import LOGGER
from .database import UnavailableError
from .entries import loaded_fleets
from .runtime import FleetRuntime


async def async_pre_backup(hass: HomeAssistant) -> None:
    """Bring everything into the files, and leave them alone; what comes meanwhile waits in memory."""
    await asyncio.gather(*(_hold(runtime) for runtime in _fleets(hass)))


async def async_post_backup(hass: HomeAssistant) -> None:
    """Go on."""
    for runtime in _fleets(hass):
        runtime.database.async_release()


async def _hold(runtime: FleetRuntime) -> None:
    await runtime.journal.async_flush()
    try:
        await runtime.database.async_hold()
    except UnavailableError:
        # A backup without our logs is better than none.
        LOGGER.warning("The backup may lack what %s holds", runtime.database.path)


def _fleets(hass: HomeAssistant) -> list[FleetRuntime]:
    return [entry.runtime_data for entry in loaded_fleets(hass)]
