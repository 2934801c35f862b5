"""Many groups that change at once: their screens come first."""

import asyncio
from collections.abc import Callable
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import Event, EventStateChangedData, HomeAssistant, callback
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, async_fire_time_changed

from .conftest import Look, choose, group
from .wire import Wire

GROUPS = range(12, 42)
LISTS = {f"infoscreen/events/{group_id}" for group_id in GROUPS}
INTENTS = {f"infoscreen/groups/{group_id}/power/intent" for group_id in GROUPS}


@pytest.fixture
def entry(options: dict[str, Any]) -> MockConfigEntry:
    """Return a fleet with thirty groups, not yet set up."""
    return MockConfigEntry(
        domain="infoscreen",
        title="Infoscreen",
        unique_id="mqtt/infoscreen",
        data={"transport": "mqtt", "topic_prefix": "infoscreen"},
        options=options,
        subentries_data=[group(f"Room {group_id}", group_id) for group_id in GROUPS],
    )


@pytest.fixture
async def planned(
    hass: HomeAssistant,
    fleet: MockConfigEntry,
    look: Look,
    wire: Wire,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Plan the same for all, ten seconds before it begins."""
    freezer.move_to("2026-11-23 06:59:50+00:00")
    await hass.config.async_set_time_zone("UTC")
    wire.rest()
    wish = {"title": "News", "event_type": "message", "text": "News"}
    times = {"start": "2026-11-23 07:00:00", "end": "2026-11-23 08:00:00"}
    rooms = [look.device(fleet, f"{fleet.entry_id}_group_{group_id}").id for group_id in GROUPS]
    target = {"device_id": rooms}
    await hass.services.async_call("infoscreen", "add_event", {**wish, **times}, target=target, blocking=True)
    await wire.settle()
    assert not any(said.topic in LISTS for said in wire.rest())


@pytest.mark.usefixtures("planned")
async def test_all_lists_are_published_before_the_first_state_is_written(
    hass: HomeAssistant, wire: Wire, pass_time: Callable[[float], Any]
) -> None:
    """A list takes a millisecond, the states of a group's entities take several."""
    answered: list[str] = []
    written: dict[str, int] = {}

    @callback
    def note(event: Event[EventStateChangedData]) -> None:
        if event.data["entity_id"].startswith("calendar."):
            written[event.data["entity_id"]] = len(answered)

    hass.bus.async_listen("state_changed", note)
    with wire.answers_late(answered):
        await pass_time(10)
    assert written == dict.fromkeys(written, len(GROUPS))
    assert len(written) == len(GROUPS)


@pytest.mark.parametrize("options", [{"power_intent_enabled": True}])
@pytest.mark.usefixtures("planned")
async def test_tvs_are_told_once_all_lists_are_published(
    wire: Wire, pass_time: Callable[[float], Any]
) -> None:
    """TVs take seconds to come on, and are to show the new list then."""
    answered: list[str] = []
    with wire.answers_late(answered):
        await pass_time(10)
    assert {*answered[: len(GROUPS)]} == LISTS
    assert {*answered[len(GROUPS) :]} == INTENTS
    assert len(answered) == 2 * len(GROUPS)

    answered.clear()
    with wire.answers_late(answered):
        await pass_time(30)
    assert sorted(answered) == sorted(INTENTS)  # nobody's next turn was lost


@pytest.mark.parametrize("options", [{"power_intent_enabled": True}])
async def test_one_that_leaves_before_its_turn_holds_up_nobody(
    hass: HomeAssistant,
    detailed: str,
    planned: None,  # after the screen's entities are there
    look: Look,
    wire: Wire,
    freezer: FrozenDateTimeFactory,
) -> None:
    """A screen is told apart no more, as a person lets go while the broker is busy."""
    mode = {"entity_id": look.entity_id("select", f"{detailed}_power_mode")}
    await choose(hass, look, detailed, "Room 12")
    await hass.services.async_call("select", "select_option", {**mode, "option": "on"}, blocking=True)
    await wire.settle()
    wire.rest()
    answered: list[str] = []
    broker_is_free = asyncio.Event()
    with wire.answers_late(answered, broker_is_free):
        freezer.tick(10)
        async_fire_time_changed(hass)
        await hass.services.async_call("select", "select_option", {**mode, "option": "auto"}, blocking=True)
        broker_is_free.set()
        await wire.settle()
    assert {*answered} == LISTS | INTENTS | {f"infoscreen/{detailed}/power/intent"}
    assert len(answered) == 2 * len(GROUPS) + 1  # emptied, and not told before


@pytest.mark.parametrize("options", [{"power_intent_enabled": True}])
@pytest.mark.usefixtures("planned")
async def test_nobody_is_told_after_the_fleet_was_unloaded(
    hass: HomeAssistant, fleet: MockConfigEntry, wire: Wire, freezer: FrozenDateTimeFactory
) -> None:
    """Those who have not had their turn get none."""
    answered: list[str] = []
    broker_is_free = asyncio.Event()
    with wire.answers_late(answered, broker_is_free):
        freezer.tick(10)
        async_fire_time_changed(hass)
        unloading = hass.async_create_task(hass.config_entries.async_unload(fleet.entry_id))
        await asyncio.sleep(0)
        broker_is_free.set()
        assert await unloading
        await wire.settle()
    assert {*answered} == LISTS
