"""What the benchmarks take for granted of the integration."""

from collections import Counter

from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er

from benchmarks.ours import Ours


async def test_the_floor_of_memory_has_as_many_entities_as_a_screen(hass: HomeAssistant, screen: str) -> None:
    """What a screen of ours registers is what its floor is made of."""
    registered = Counter(
        each.disabled for each in er.async_get(hass).entities.values() if each.unique_id.startswith(screen)
    )
    assert registered == {False: Ours.per_screen, True: Ours.disabled_per_screen}
