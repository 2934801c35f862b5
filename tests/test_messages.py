"""Messages to groups: by the action, by the notify entity; shown at once, for a while."""

from datetime import UTC, datetime
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import ServiceValidationError, Unauthorized
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, MockUser

from .conftest import Ask, Look, PassTime
from .test_takeovers import AULA, FIRE, FOYER, shown
from .wire import Wire


@pytest.fixture(autouse=True)
async def monday_morning(hass: HomeAssistant, freezer: FrozenDateTimeFactory) -> None:
    """Begin during school."""
    freezer.move_to(datetime(2026, 11, 23, 9, 30, tzinfo=UTC))


async def test_a_message_is_shown_for_a_quarter_of_an_hour(
    fleet: MockConfigEntry,
    ask: Ask,
    wire: Wire,
    look: Look,
    pass_time: PassTime,
) -> None:
    """Product, "Actions": at once, and gone by itself."""
    await ask("show_message", text="Lunch is ready.", title="Lunch")
    (element,) = wire.said(FOYER).json
    assert (element["start"], element["end"]) == ("2026-11-23T09:30:00Z", "2026-11-23T09:45:00Z")
    assert element["message"] == {"text": "Lunch is ready.", "title": "Lunch", "severity": "info"}
    assert look.state("calendar", f"{fleet.entry_id}_group_12_schedule") == "on"
    await pass_time(899)
    assert wire.rest() == []
    await pass_time(1)
    assert shown(wire) == [[]]


async def test_a_message_goes_before_what_is_planned_and_beside_it(ask: Ask, wire: Wire) -> None:
    """Several may be active at once; it is important, whenever it began."""
    day = {"start": "2026-11-23 08:00:00+00:00", "end": "2026-11-23 16:00:00+00:00"}
    await ask("add_event", title="Timetable", event_type="message", text="1 2 3", **day)
    wire.rest()
    await ask("show_message", text="Lunch", severity="warning", duration={"minutes": 5})
    said = wire.said(FOYER).json
    assert [each["title"] for each in said] == ["Lunch", "Timetable"]
    assert said[0]["message"] == {"text": "Lunch", "severity": "warning"}
    assert said[0]["end"] == "2026-11-23T09:35:00Z"


async def test_a_fleet_that_is_named_hears_it_in_all_its_groups(
    ask: Ask,
    wire: Wire,
    whole: dict[str, Any],
) -> None:
    """Named itself, it stands for its groups."""
    await ask("show_message", whole, text="Lunch")
    assert [said.topic for said in wire.rest()] == [FOYER, AULA]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"text": " "}, "nothing to show"),
        ({"text": "x" * 2001}, "2000"),
        ({"text": "x", "title": "y" * 121}, "120"),
        ({"text": "x", "duration": {"days": 8}}, "168 hours"),
        ({"text": "x", "duration": {"days": 9_999_999}}, "168 hours"),
    ],
)
async def test_a_message_that_makes_no_sense_is_refused(
    ask: Ask,
    wire: Wire,
    data: dict[str, Any],
    message: str,
) -> None:
    """Product, "Actions": before anything is sent."""
    with pytest.raises(ServiceValidationError, match=message):
        await ask("show_message", **data)
    assert wire.rest() == []


async def test_whoever_may_not_control_a_group_may_not_speak_there(
    hass: HomeAssistant,
    ask: Ask,
    wire: Wire,
) -> None:
    """Product, "Who may what"."""
    user = MockUser().add_to_hass(hass)
    user.mock_policy({"entities": {"all": {"read": True}}})
    with pytest.raises(Unauthorized):
        await ask("show_message", user_id=user.id, text="Lunch")
    assert wire.rest() == []
    user.mock_policy({"entities": True})
    await ask("show_message", user_id=user.id, text="Lunch")
    assert shown(wire) == [["Lunch"]]


async def notify(hass: HomeAssistant, look: Look, fleet: MockConfigEntry, wire: Wire, **data: Any) -> None:
    """Send a message as to anybody."""
    entity_id = look.entity_id("notify", f"{fleet.entry_id}_group_12_message")
    await hass.services.async_call(
        "notify", "send_message", {"entity_id": entity_id, **data}, blocking=True, context=Context()
    )
    await wire.settle()


async def test_a_group_is_notified_like_anybody(
    hass: HomeAssistant, fleet: MockConfigEntry, wire: Wire, look: Look
) -> None:
    """Product, "Entities": with or without a title."""
    await notify(hass, look, fleet, wire, message="Lunch is ready.", title="Lunch")
    (element,) = wire.said(FOYER).json
    assert element["message"] == {"text": "Lunch is ready.", "title": "Lunch", "severity": "info"}
    await notify(hass, look, fleet, wire, message="Coffee too.")
    assert [each["message"] for each in wire.said(FOYER).json][1] == {
        "text": "Coffee too.",
        "severity": "info",
    }
    with pytest.raises(ServiceValidationError, match="2000"):
        await notify(hass, look, fleet, wire, message="x" * 2001)


async def test_a_message_is_an_event_that_may_be_taken_back(ask: Ask, wire: Wire) -> None:
    """Whoever may plan may also delete it."""
    await ask("show_message", text="Lunch")
    await ask("delete_event", event_id=1)
    assert shown(wire) == [["Lunch"], []]


async def test_a_takeover_hides_messages(ask: Ask, wire: Wire) -> None:
    """Product, "Schedule": it replaces the list."""
    await ask("start_takeover", **FIRE)
    await ask("show_message", text="Lunch")
    assert shown(wire) == [["Evacuation"]]
