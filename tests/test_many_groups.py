"""Many groups that change at once: their screens come first."""

from collections.abc import Callable
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import Event, EventStateChangedData, HomeAssistant, callback
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from .conftest import Look, group
from .wire import Wire

GROUPS = range(12, 42)


@pytest.fixture
def entry() -> MockConfigEntry:
    """Return a fleet with thirty groups, not yet set up."""
    return MockConfigEntry(
        domain="infoscreen",
        title="Infoscreen",
        unique_id="mqtt/infoscreen",
        data={"transport": "mqtt", "topic_prefix": "infoscreen"},
        subentries_data=[group(f"Room {group_id}", group_id) for group_id in GROUPS],
    )


async def test_all_lists_are_published_before_the_first_state_is_written(
    hass: HomeAssistant,
    fleet: MockConfigEntry,
    look: Look,
    wire: Wire,
    freezer: FrozenDateTimeFactory,
    pass_time: Callable[[float], Any],
) -> None:
    """A list takes a millisecond, the states of a group's entities take several."""
    freezer.move_to("2026-11-23 06:59:50+00:00")
    await hass.config.async_set_time_zone("UTC")
    wire.rest()
    wish = {"title": "News", "event_type": "message", "text": "News"}
    times = {"start": "2026-11-23 07:00:00", "end": "2026-11-23 08:00:00"}
    rooms = [look.device(fleet, f"{fleet.entry_id}_group_{group_id}").id for group_id in GROUPS]
    target = {"device_id": rooms}
    await hass.services.async_call("infoscreen", "add_event", {**wish, **times}, target=target, blocking=True)
    await wire.settle()
    assert wire.rest() == []
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
