"""Fields that the forms share."""

from typing import Final

from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.selector import (
    EntityFilterSelectorConfig,
    EntitySelector,
    EntitySelectorConfig,
    NumberSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
)
import voluptuous as vol

from .const import DOMAIN

#: Tells screens from the other devices of a fleet, by an entity that they alone have.
SCREEN_DEVICES: Final = EntityFilterSelectorConfig(
    integration=DOMAIN,
    domain=Platform.IMAGE,
)
#: What a TV can be for Home Assistant.
TV_DOMAINS: Final = (
    Platform.MEDIA_PLAYER,
    Platform.SWITCH,
    Platform.REMOTE,
    Platform.LIGHT,
    "input_boolean",
)


def tvs(hass: HomeAssistant, *, multiple: bool = False) -> EntitySelector:
    """Return a field for TVs; our own players are none: a group would turn itself."""
    players = [
        entity.entity_id
        for entity in er.async_get(hass).entities.values()
        if entity.platform == DOMAIN and entity.domain == Platform.MEDIA_PLAYER
    ]
    return EntitySelector(
        EntitySelectorConfig(domain=[*TV_DOMAINS], multiple=multiple, exclude_entities=players)
    )


def whole(minimum: int, maximum: int, unit: str | None = None) -> vol.All:
    """Return a field for a whole number."""
    config = NumberSelectorConfig(min=minimum, max=maximum, step=1, mode=NumberSelectorMode.BOX)
    if unit:
        config["unit_of_measurement"] = unit
    return vol.All(NumberSelector(config), vol.Coerce(int))
