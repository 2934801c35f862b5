"""Switches an entity of somebody else's, and looks whether it followed."""

import asyncio

from homeassistant.const import ATTR_ENTITY_ID, SERVICE_TURN_OFF, SERVICE_TURN_ON, STATE_OFF, STATE_ON
from homeassistant.core import Event, EventStateChangedData, HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.event import async_track_state_change_event

from .const import LOGGER, SWITCH_READ_BACK, SWITCH_TIMEOUT


async def async_switched(hass: HomeAssistant, entity_id: str, *, on: bool) -> bool:
    """Switch an entity, and tell whether it then shows what was wanted."""
    wanted, service = (STATE_ON, SERVICE_TURN_ON) if on else (STATE_OFF, SERVICE_TURN_OFF)
    domain = entity_id.partition(".")[0]
    seen = asyncio.Event()

    @callback
    def look(_event: Event[EventStateChangedData] | None = None) -> None:
        if (state := hass.states.get(entity_id)) is not None and state.state == wanted:
            seen.set()

    stop = async_track_state_change_event(hass, entity_id, look)
    try:
        async with asyncio.timeout(SWITCH_TIMEOUT.total_seconds()):
            await hass.services.async_call(domain, service, {ATTR_ENTITY_ID: entity_id}, blocking=True)
        look()
        async with asyncio.timeout(SWITCH_READ_BACK.total_seconds()):
            await seen.wait()
    except (HomeAssistantError, TimeoutError) as err:
        LOGGER.warning("%s does not follow %s: %r", entity_id, service, err)
        return False
    finally:
        stop()
    return True
