"""A group without screens, for which something is planned, is told of after a week."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from .conftest import Look, choose
from .wire import Wire

DAY = timedelta(days=1).total_seconds()
FOYER = 12

type PassTime = Callable[[float], Any]


@pytest.fixture
def told(hass: HomeAssistant, fleet: MockConfigEntry) -> Callable[[], list[str]]:
    """Return what tells which groups there are repairs for."""
    prefix = f"group_deserted_{fleet.entry_id}_"

    def tells() -> list[str]:
        issues = ir.async_get(hass).issues
        return [issue_id.removeprefix(prefix) for _, issue_id in issues if issue_id.startswith(prefix)]

    return tells


async def plan(hass: HomeAssistant, fleet: MockConfigEntry, look: Look, **fields: Any) -> int:
    """Plan something for the Foyer and return its id."""
    wish = {"title": "News", "event_type": "message", "text": "News", "start": "2020-01-01 08:00:00"}
    added: Any = await hass.services.async_call(
        "infoscreen",
        "add_event",
        {**wish, "end": "2020-01-01 09:00:00", **fields},
        target={"device_id": look.device(fleet, f"{fleet.entry_id}_group_{FOYER}").id},
        blocking=True,
        return_response=True,
    )
    event_id: int = added[f"{FOYER}"]["event_id"]
    return event_id


async def test_a_week_without_screens_is_told_also_over_a_restart(
    hass: HomeAssistant,
    fleet: MockConfigEntry,
    look: Look,
    wire: Wire,
    pass_time: PassTime,
    told: Callable[[], list[str]],
) -> None:
    """Nothing is planned for the other group, so that nobody misses its screens."""
    await plan(hass, fleet, look, rrule="FREQ=DAILY")
    await pass_time(4 * DAY)
    await hass.config_entries.async_reload(fleet.entry_id)
    await pass_time(3 * DAY - 120)
    assert told() == []
    await pass_time(120)
    assert told() == [f"{FOYER}"]
    issue = ir.async_get(hass).async_get_issue("infoscreen", f"group_deserted_{fleet.entry_id}_{FOYER}")
    assert issue is not None
    assert issue.translation_placeholders == {"group": "Foyer", "fleet": "Infoscreen"}
    wire.rest()


async def test_it_is_gone_with_a_screen_and_the_week_begins_anew_with_its_leave(
    hass: HomeAssistant,
    fleet: MockConfigEntry,
    screen: str,
    look: Look,
    wire: Wire,
    pass_time: PassTime,
    told: Callable[[], list[str]],
) -> None:
    """A minute after the screen has come."""
    await plan(hass, fleet, look, rrule="FREQ=DAILY")
    await pass_time(8 * DAY)
    assert told() == [f"{FOYER}"]
    await choose(hass, look, screen, "Foyer")
    await pass_time(61)
    assert told() == []
    await choose(hass, look, screen, "unassigned")
    await pass_time(61)
    await pass_time(7 * DAY - 120)
    assert told() == []
    await pass_time(120)
    assert told() == [f"{FOYER}"]
    wire.rest()


async def test_it_is_gone_at_once_with_the_last_event_and_back_with_the_next(
    hass: HomeAssistant,
    fleet: MockConfigEntry,
    look: Look,
    wire: Wire,
    pass_time: PassTime,
    told: Callable[[], list[str]],
) -> None:
    """What is over does not count as planned."""
    await plan(hass, fleet, look)
    await pass_time(8 * DAY)
    assert told() == []
    event_id = await plan(hass, fleet, look, rrule="FREQ=DAILY")
    assert told() == [f"{FOYER}"]
    foyer = {"device_id": look.device(fleet, f"{fleet.entry_id}_group_{FOYER}").id}
    await hass.services.async_call(
        "infoscreen", "delete_event", {"event_id": event_id}, target=foyer, blocking=True
    )
    assert told() == []
    wire.rest()


async def test_it_is_gone_with_the_group(
    hass: HomeAssistant,
    fleet: MockConfigEntry,
    look: Look,
    wire: Wire,
    pass_time: PassTime,
    told: Callable[[], list[str]],
) -> None:
    """Its events are gone, too."""
    await plan(hass, fleet, look, rrule="FREQ=DAILY")
    await pass_time(8 * DAY)
    (group,) = (each for each in fleet.subentries.values() if each.unique_id == f"{FOYER}")
    hass.config_entries.async_remove_subentry(fleet, group.subentry_id)
    await wire.settle()
    await pass_time(61)
    assert told() == []
    wire.rest()
