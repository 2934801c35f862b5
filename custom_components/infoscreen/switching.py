"""Switches an entity of somebody else's, and looks whether it followed; whatever goes wrong there is told."""

import asyncio

from homeassistant.const import ATTR_ENTITY_ID, SERVICE_TURN_OFF, SERVICE_TURN_ON, STATE_OFF, STATE_ON
from homeassistant.core import Event, EventStateChangedData, HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.event import async_track_state_change_event

from .const import LOGGER, SWITCH_READ_BACK, SWITCH_TIMEOUT


async def async_told(hass: HomeAssistant, entity_id: str, *, on: bool) -> bool:
    """Tell an entity to go on or off; return whether its integration, which may be anybody's, took that."""
    service = SERVICE_TURN_ON if on else SERVICE_TURN_OFF
    try:
        async with asyncio.timeout(SWITCH_TIMEOUT.total_seconds()):
            await hass.services.async_call(
                entity_id.partition(".")[0], service, {ATTR_ENTITY_ID: entity_id}, blocking=True
            )
    except (HomeAssistantError, TimeoutError) as err:
        LOGGER.warning("%s does not follow %s: %r", entity_id, service, err)
        return False
    except Exception:
        LOGGER.exception("%s fails at %s", entity_id, service)
        return False
    return True


async def async_switched(hass: HomeAssistant, entity_id: str, *, on: bool) -> bool:
    """Switch an entity, and tell whether it then shows what was wanted."""
    wanted, seen = STATE_ON if on else STATE_OFF, asyncio.Event()

    @callback
    def look(_event: Event[EventStateChangedData] | None = None) -> None:
        if (state := hass.states.get(entity_id)) is not None and state.state == wanted:
            seen.set()

    stop = async_track_state_change_event(hass, entity_id, look)
    try:
        if not await async_told(hass, entity_id, on=on):
            return False
        look()
        async with asyncio.timeout(SWITCH_READ_BACK.total_seconds()):
            await seen.wait()
    except TimeoutError:
        LOGGER.warning("%s does not show %s", entity_id, wanted)
        return False
    finally:
        stop()
    return True
