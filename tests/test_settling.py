"""What messages change is told at once while they come one by one, and together while they pour in."""

import asyncio
from collections.abc import Callable, Iterator

from freezegun.api import FrozenDateTimeFactory
from homeassistant.const import EVENT_STATE_CHANGED
from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, async_capture_events

from custom_components.infoscreen.settling import Settling

from .conftest import UUID, Look
from .wire import Wire

HEALTH = f"infoscreen/{UUID}/health"


def pictures() -> Iterator[dict[str, dict[str, str]]]:
    """Say again and again that the picture has frozen, and that it moves."""
    while True:
        for picture in ("FROZEN", "OK"):
            yield {"health_metrics": {"screen_health_status": picture}}


async def flood(freezer: FrozenDateTimeFactory, wire: Wire, turns: int) -> None:
    """Let each of so many turns of the loop bring a message that changes something, two thousand a second."""
    for _, said in zip(range(turns), pictures(), strict=False):
        freezer.tick(0.0005)
        wire.brings(HEALTH, said)
        await asyncio.sleep(0)


async def test_what_comes_by_itself_is_told_at_once(
    freezer: FrozenDateTimeFactory, screen: str, wire: Wire, look: Look
) -> None:
    """Nobody waits for what might come."""
    freezer.tick(0.01)
    wire.brings(HEALTH, {"health_metrics": {"screen_health_status": "FROZEN"}})
    assert look.state("sensor", f"{screen}_screen_health") == "frozen"
    await wire.settle()


async def test_what_pours_in_is_told_together(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, screen: str, wire: Wire, look: Look
) -> None:
    """The last word of a flood counts, for the screen, the fleet's counts and its alerts."""
    changed = async_capture_events(hass, EVENT_STATE_CHANGED)
    await flood(freezer, wire, 51)
    await wire.settle()
    assert look.state("sensor", f"{screen}_screen_health") == "frozen"
    assert look.state("sensor", f"{screen}_status") == "warning"
    written = [event.data["entity_id"] for event in changed]
    assert max(written.count(entity_id) for entity_id in written) <= 3


async def test_a_flood_without_end_is_told_of_all_the_same(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, screen: str, wire: Wire
) -> None:
    """Ten times a second, by the clock of the loop."""
    changed = async_capture_events(hass, EVENT_STATE_CHANGED)
    await flood(freezer, wire, 2000)
    told = sum(event.data["entity_id"].endswith("_screen_health") for event in changed)
    assert 8 <= told <= 12
    await wire.settle()


async def test_one_that_fails_takes_nobody_along(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """What else was to be told is told, and what is asked for afterwards."""
    told: list[str] = []

    def tell(name: str) -> Callable[[], None]:
        return lambda: told.append(name)

    def fail() -> None:
        raise ValueError("broken")

    entry.add_to_hass(hass)
    settling = Settling(hass, entry)
    for each in (tell("first"), fail, tell("second")):
        settling.async_soon(each)
    failing = next(iter(entry._tasks))
    with pytest.raises(ValueError, match="broken"):
        await failing
    await hass.async_block_till_done()
    settling.async_soon(tell("third"))
    await hass.async_block_till_done()
    assert told == ["first", "second", "third"]


async def test_what_is_asked_for_twice_is_told_once(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """In the order in which it was asked for; and what one leads to follows."""
    told: list[str] = []
    entry.add_to_hass(hass)
    settling = Settling(hass, entry)

    def first() -> None:
        told.append("first")
        settling.async_soon(second)

    def second() -> None:
        told.append("second")

    for each in (first, second, first):
        settling.async_soon(each)
    await hass.async_block_till_done()
    assert told == ["first", "second"]
