"""A group's own holiday calendar keeps it silent, too."""

from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant, ServiceCall, SupportsResponse
from homeassistant.exceptions import HomeAssistantError
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, async_fire_time_changed

from .conftest import At, Look
from .wire import Wire

CALENDAR = "calendar.school"


class School:
    """A calendar of another integration."""

    def __init__(self, hass: HomeAssistant) -> None:
        self._hass = hass
        self.entries: list[dict[str, str]] = []
        self.broken = False
        hass.services.async_register(
            "calendar", "get_events", self._events, supports_response=SupportsResponse.ONLY
        )

    async def _events(self, call: ServiceCall) -> Any:
        if self.broken:
            raise HomeAssistantError("the cloud is away")
        return {call.data["entity_id"]: {"events": self.entries}}

    def changes(self, state: str) -> None:
        """Let the calendar's state be written."""
        self._hass.states.async_set(CALENDAR, state)


@pytest.fixture
def school(hass: HomeAssistant, fleet: MockConfigEntry) -> School:
    """Return the calendar, which is there only once it has a state."""
    return School(hass)


@pytest.fixture
async def lesson(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, fleet: MockConfigEntry, look: Look, wire: Wire
) -> None:
    """Show something in the Foyer each day, but not on holidays; the Foyer has a holiday calendar."""
    freezer.move_to("2026-11-23 06:00:00+00:00")
    await hass.config.async_set_time_zone("Europe/Vienna")
    foyer = look.device(fleet, f"{fleet.entry_id}_group_12").id
    await hass.services.async_call(
        "infoscreen",
        "add_event",
        {
            "title": "Timetable",
            "event_type": "other",
            "start": "2026-11-20 00:00",
            "end": "2026-11-20 23:00",
            "rrule": "FREQ=DAILY",
            "skip_holidays": True,
        },
        target={"device_id": foyer},
        blocking=True,
    )
    await wire.settle()
    wire.rest()
    await configure(hass, fleet, wire, holiday_calendar=CALENDAR)


async def configure(hass: HomeAssistant, fleet: MockConfigEntry, wire: Wire, **data: Any) -> None:
    """Go through the form of the Foyer."""
    subentry = next(each for each in fleet.subentries.values() if each.unique_id == "12")
    form = await fleet.start_subentry_reconfigure_flow(hass, subentry.subentry_id)
    done = await hass.config_entries.subentries.async_configure(form["flow_id"], {"name": "Foyer", **data})
    assert done["reason"] == "reconfigure_successful"
    await wire.settle()


def shown(wire: Wire) -> list[bool]:
    """Return whether something is shown, each time that changed."""
    return [said.payload != b"[]" for said in wire.rest() if said.topic == "infoscreen/events/12"]


async def test_days_in_it_are_days_off_as_soon_as_it_is_there(
    school: School, lesson: None, wire: Wire
) -> None:
    """Integrations start in any order; whole days and hours count alike."""
    assert shown(wire) == []
    school.entries = [{"start": "2026-11-22", "end": "2026-11-24"}]
    school.changes("on")
    await wire.settle()
    assert shown(wire) == [False]
    school.entries = [{"start": "2026-11-24T08:00:00+01:00", "end": "2026-11-25T00:00:00+01:00"}]
    school.changes("off")
    await wire.settle()
    assert shown(wire) == [True]


@pytest.mark.parametrize(
    ("start", "end", "today"),
    [
        ("2026-11-23T23:00:00+00:00", "2026-11-24T23:00:00+00:00", []),
        ("2026-11-24T00:30:00+02:00", "2026-11-24T23:30:00+02:00", [False]),
    ],
    ids=["a day in UTC", "a zone further east"],
)
async def test_hours_in_another_zone_are_of_the_days_that_they_are_of_here(
    school: School, lesson: None, wire: Wire, at: At, start: str, end: str, today: list[bool]
) -> None:
    """Other calendars tell times in whatever zone; a day off in Vienna is from midnight to midnight there."""
    school.entries = [{"start": start, "end": end}]
    school.changes("off")
    await wire.settle()
    assert shown(wire) == today
    await at("2026-11-24 06:00:00")
    assert True not in shown(wire)
    await at("2026-11-25 06:00:00")
    assert shown(wire)[-1] is True


async def test_it_is_read_each_midnight(
    hass: HomeAssistant, school: School, lesson: None, wire: Wire, freezer: FrozenDateTimeFactory
) -> None:
    """What lies far ahead comes near without its state being written."""
    school.changes("off")
    await wire.settle()
    school.entries = [{"start": "2026-11-24", "end": "2026-11-25"}]
    freezer.move_to("2026-11-23 23:00:00+00:00")
    async_fire_time_changed(hass)
    await wire.settle()
    assert shown(wire)[-1] is False


async def test_one_that_does_not_answer_keeps_its_days(
    school: School, lesson: None, wire: Wire, caplog: pytest.LogCaptureFixture
) -> None:
    """A cloud that is away is no reason to show lessons at Christmas."""
    school.entries = [{"start": "2026-11-23", "end": "2026-11-24"}]
    school.changes("on")
    await wire.settle()
    assert shown(wire) == [False]
    school.broken = True
    school.changes("unavailable")
    await wire.settle()
    assert shown(wire) == []
    assert "calendar.school cannot be read: the cloud is away" in caplog.text


async def test_a_group_without_one_goes_on(
    hass: HomeAssistant, fleet: MockConfigEntry, school: School, lesson: None, wire: Wire
) -> None:
    """Left out in the form it is none; a change of it then means nothing."""
    school.entries = [{"start": "2026-11-23", "end": "2026-11-24"}]
    school.changes("on")
    await wire.settle()
    assert shown(wire) == [False]
    await configure(hass, fleet, wire)
    assert shown(wire) == [True]
    school.changes("off")
    await wire.settle()
    assert shown(wire) == []
