"""A group without screens, for which something is planned, is told of after a week."""

from collections.abc import AsyncGenerator, Callable
from datetime import timedelta
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from .conftest import Ask, Look, PassTime, choose
from .wire import Wire

DAY = timedelta(days=1).total_seconds()

type Told = Callable[[], list[str]]
type Plan = Callable[..., Any]


@pytest.fixture
def told(hass: HomeAssistant, fleet: MockConfigEntry) -> Told:
    """Return what tells which groups there are repairs for."""
    prefix = f"group_deserted_{fleet.entry_id}_"

    def tells() -> list[str]:
        issues = ir.async_get(hass).issues
        return [issue_id.removeprefix(prefix) for _, issue_id in issues if issue_id.startswith(prefix)]

    return tells


@pytest.fixture
async def plan(ask: Ask, wire: Wire) -> AsyncGenerator[Plan]:
    """Return what plans something for the Foyer; what is said of it on the wire is looked at elsewhere."""

    async def plans(**fields: Any) -> int:
        news = {"title": "News", "event_type": "message", "text": "News"}
        times = {"start": "2020-01-01 08:00:00", "end": "2020-01-01 09:00:00"}
        added = await ask("add_event", **news, **times, **fields)
        event_id: int = added["12"]["event_id"]
        return event_id

    yield plans
    wire.rest()


async def test_a_week_without_screens_is_told_also_over_a_restart(
    hass: HomeAssistant, fleet: MockConfigEntry, plan: Plan, pass_time: PassTime, told: Told
) -> None:
    """Nothing is planned for the other group, so that nobody misses its screens."""
    await plan(rrule="FREQ=DAILY")
    await pass_time(4 * DAY)
    await hass.config_entries.async_reload(fleet.entry_id)
    await pass_time(3 * DAY - 120)
    assert told() == []
    await pass_time(120)
    assert told() == ["12"]
    issue = ir.async_get(hass).async_get_issue("infoscreen", f"group_deserted_{fleet.entry_id}_12")
    assert issue is not None
    assert issue.translation_placeholders == {"group": "Foyer", "fleet": "Infoscreen"}


async def test_it_is_gone_with_a_screen_and_the_week_begins_anew_with_its_leave(
    hass: HomeAssistant, screen: str, look: Look, plan: Plan, pass_time: PassTime, told: Told
) -> None:
    """A minute after the screen has come."""
    await plan(rrule="FREQ=DAILY")
    await pass_time(8 * DAY)
    assert told() == ["12"]
    await choose(hass, look, screen, "Foyer")
    await pass_time(61)
    assert told() == []
    await choose(hass, look, screen, "unassigned")
    await pass_time(61)
    await pass_time(7 * DAY - 120)
    assert told() == []
    await pass_time(120)
    assert told() == ["12"]


async def test_it_is_gone_at_once_with_the_last_event_and_back_with_the_next(
    ask: Ask, plan: Plan, pass_time: PassTime, told: Told
) -> None:
    """What is over does not count as planned."""
    await plan()
    await pass_time(8 * DAY)
    assert told() == []
    event_id = await plan(rrule="FREQ=DAILY")
    assert told() == ["12"]
    await ask("delete_event", event_id=event_id)
    assert told() == []


async def test_it_is_gone_with_the_group(
    hass: HomeAssistant, fleet: MockConfigEntry, plan: Plan, wire: Wire, pass_time: PassTime, told: Told
) -> None:
    """Its events are gone, too."""
    await plan(rrule="FREQ=DAILY")
    await pass_time(8 * DAY)
    (group,) = (each for each in fleet.subentries.values() if each.unique_id == "12")
    hass.config_entries.async_remove_subentry(fleet, group.subentry_id)
    await wire.settle()
    await pass_time(61)
    assert told() == []
