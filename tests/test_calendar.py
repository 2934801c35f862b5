"""A group's schedule is planned on Home Assistant's own calendar page."""

from collections.abc import Callable
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, async_fire_time_changed
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator, WebSocketGenerator

from .conftest import Look
from .wire import Wire

pytestmark = pytest.mark.usefixtures("monday_morning")

LESSON = {
    "summary": "Lesson",
    "dtstart": "2026-11-23T08:00:00+01:00",
    "dtend": "2026-11-23T09:00:00+01:00",
    "location": "https://school.example/lesson",
}

type Say = Callable[..., Any]


@pytest.fixture
def calendar(fleet: MockConfigEntry, look: Look) -> str:
    """Return the Foyer's calendar."""
    return look.entity_id("calendar", f"{fleet.entry_id}_group_12_schedule")


@pytest.fixture
async def say(hass_ws_client: WebSocketGenerator, calendar: str, wire: Wire) -> Say:
    """Return what the calendar's page says; it returns the error, if there is one."""
    client = await hass_ws_client()

    async def says(what: str, **data: Any) -> str | None:
        await client.send_json_auto_id({"type": f"calendar/event/{what}", "entity_id": calendar, **data})
        answer = await client.receive_json()
        await wire.settle()
        return None if answer["success"] else answer["error"]["message"]

    return says


@pytest.fixture
async def shown(hass_client: ClientSessionGenerator, calendar: str) -> Say:
    """Return what the calendar's page shows of two weeks."""
    client = await hass_client()

    async def shows(entity_id: str = calendar) -> list[dict[str, Any]]:
        days = {"start": "2026-11-23T00:00:00+01:00", "end": "2026-12-07T00:00:00+01:00"}
        response = await client.get(f"/api/calendars/{entity_id}", params=days)
        assert response.status == 200
        return list(await response.json())

    return shows


async def days(shown: Say) -> list[str]:
    """Return what is shown on which day."""
    return [f"{each['start']['dateTime'][8:16]} {each['summary']}" for each in await shown()]


async def test_an_event_made_on_the_page_is_published(
    hass: HomeAssistant, say: Say, shown: Say, wire: Wire, freezer: FrozenDateTimeFactory, calendar: str
) -> None:
    """Product, "Schedule": a web address in the place makes a website."""
    assert await say("create", event=LESSON) is None
    (only,) = await shown()
    assert (only["uid"], only["summary"], only["location"]) == ("1", "Lesson", LESSON["location"])
    assert (only["recurrence_id"], only["rrule"], only["description"]) == (None, None, None)
    state = hass.states.get(calendar)
    assert state is not None
    assert (state.state, state.attributes["message"]) == ("off", "Lesson")
    freezer.move_to("2026-11-23 07:00:00+00:00")
    async_fire_time_changed(hass)
    await wire.settle()
    assert wire.said("infoscreen/events/12").json[0]["website"]["url"] == LESSON["location"]
    state = hass.states.get(calendar)
    assert state is not None
    assert state.state == "on"


async def test_a_series_is_made_changed_and_deleted_as_the_page_does_it(say: Say, shown: Say) -> None:
    """Product, "Schedule": this, this and following, all."""
    series = LESSON | {"rrule": "FREQ=DAILY;COUNT=5"}
    assert await say("create", event=series) is None
    first = (await shown())[0]
    assert (first["recurrence_id"], first["rrule"]) == ("2026-11-23T08:00:00+01:00", "FREQ=DAILY;COUNT=5")

    # This one: the page leaves the rule out, other clients send it along.
    for extra in ({}, {"rrule": "FREQ=DAILY;COUNT=5"}):
        moved = (
            LESSON | {"dtstart": "2026-11-24T10:00:00+01:00", "dtend": "2026-11-24T11:00:00+01:00"} | extra
        )
        name = {"uid": "1", "recurrence_id": "2026-11-24T08:00:00+01:00"}
        assert await say("update", event=moved, **name) is None
    again = (await shown())[1]
    assert (again["recurrence_id"], again["start"]["dateTime"]) == (
        "2026-11-24T08:00:00+01:00",
        "2026-11-24T10:00:00+01:00",
    )

    # This and those that follow: the page sends the series' own rule; what remains is two.
    rest = series | {
        "summary": "New",
        "dtstart": "2026-11-26T08:00:00+01:00",
        "dtend": "2026-11-26T09:00:00+01:00",
    }
    following = {"recurrence_id": "2026-11-26T08:00:00+01:00", "recurrence_range": "THISANDFUTURE"}
    assert await say("update", event=rest, uid="1", **following) is None
    assert await days(shown) == [
        "23T08:00 Lesson",
        "24T10:00 Lesson",
        "25T08:00 Lesson",
        "26T08:00 New",
        "27T08:00 New",
    ]

    # All.
    assert await say("update", event=LESSON | {"summary": "Old"}, uid="1") is None
    assert await say("delete", uid="1", recurrence_id="2026-11-23T08:00:00+01:00") is None
    following["recurrence_id"] = "2026-11-27T08:00:00+01:00"
    assert await say("delete", uid="2", **following) is None
    assert await days(shown) == ["24T10:00 Old", "25T08:00 Old", "26T08:00 New"]
    assert await say("delete", uid="1") is None
    assert await days(shown) == ["26T08:00 New"]


async def test_our_own_fields_survive_an_edit_made_there(
    hass: HomeAssistant, fleet: MockConfigEntry, look: Look, say: Say, wire: Wire
) -> None:
    """Product, "Schedule": the page knows a title, a place and a description."""
    await hass.services.async_call(
        "infoscreen",
        "add_event",
        {
            "title": "Slides",
            "event_type": "other",
            "start": "2026-11-23 06:00",
            "end": "2026-11-23 20:00",
            "priority": "important",
            "skip_holidays": True,
            "rrule": "FREQ=WEEKLY",
        },
        target={"device_id": look.device(fleet, f"{fleet.entry_id}_group_12").id},
        blocking=True,
    )
    await wire.settle()
    wire.rest()
    edited = {k: v for k, v in LESSON.items() if k != "location"} | {"dtstart": "2026-11-23T06:30:00+01:00"}
    assert await say("update", event=edited, uid="1") is None
    (element,) = wire.said("infoscreen/events/12").json
    assert (element["title"], element["event_type"], element["recurrence_rule"]) == (
        "Lesson",
        "other",
        "FREQ=WEEKLY",
    )


async def test_whole_days_are_days(say: Say, shown: Say) -> None:
    """An all-day end is exclusive, there as here."""
    day = {"summary": "Fair", "dtstart": "2026-11-25", "dtend": "2026-11-26", "rrule": "FREQ=WEEKLY;COUNT=2"}
    assert await say("create", event=day) is None
    first, second = await shown()
    assert (first["start"], first["end"]) == ({"date": "2026-11-25"}, {"date": "2026-11-26"})
    assert first["description"] == "Fair"
    assert await say("delete", uid="1", recurrence_id=second["recurrence_id"]) is None
    assert len(await shown()) == 1


@pytest.mark.parametrize(
    ("said", "error"),
    [
        ({"what": "create", "event": LESSON | {"location": "ftp://school.example"}}, "no web address"),
        (
            {"what": "create", "event": LESSON | {"description": "media-source://x/y.html"}},
            "What kind of media",
        ),
        ({"what": "delete", "uid": "9"}, "There is no event 9"),
        ({"what": "delete", "uid": "x"}, "There is no event x"),
        ({"what": "delete", "uid": "1", "recurrence_id": "2026-11-29"}, "has no occurrence"),
    ],
)
async def test_what_cannot_be_read_is_refused_with_a_reason(
    say: Say, shown: Say, said: dict[str, Any], error: str
) -> None:
    """Product, "Schedule": the page shows it."""
    assert await say("create", event=LESSON) is None
    assert error in str(await say(**said))
    assert len(await shown()) == 1


async def test_an_event_of_another_group_is_not_there(
    hass: HomeAssistant, fleet: MockConfigEntry, look: Look, say: Say, hass_ws_client: WebSocketGenerator
) -> None:
    """Whoever may control one calendar has no say in another."""
    assert await say("create", event=LESSON) is None
    aula = look.entity_id("calendar", f"{fleet.entry_id}_group_13_schedule")
    assert "There is no event 1" in str(await say("delete", uid="1", entity_id=aula))


@pytest.fixture
async def follow(
    hass: HomeAssistant, wire: Wire, freezer: FrozenDateTimeFactory, hass_ws_client: WebSocketGenerator
) -> Say:
    """Return what opens a calendar as the page does, and returns what tells what it has shown since."""
    client = await hass_ws_client()
    year = {"start": "2026-09-01T00:00:00+02:00", "end": "2027-09-01T00:00:00+02:00"}

    async def shown() -> list[list[str]]:
        freezer.tick(2)  # core tells once a second
        async_fire_time_changed(hass)
        await wire.settle()
        await client.send_json_auto_id({"type": "ping"})
        lists = []
        while (message := await client.receive_json())["type"] == "event":
            lists.append([each["summary"] for each in message["event"]["events"]])
        return lists

    async def opens(entity_id: str) -> Say:
        await client.send_json_auto_id({"type": "calendar/event/subscribe", "entity_id": entity_id, **year})
        assert (await client.receive_json())["success"]
        return shown

    return opens


async def test_whoever_has_a_calendar_open_sees_what_is_planned_far_ahead(
    say: Say, follow: Say, calendar: str
) -> None:
    """Core's calendar tells of each state that is written; the next event may stay the same one."""
    shown = await follow(calendar)
    assert await shown() == [[]]
    assert await say("create", event=LESSON) is None
    assert await shown() == [["Lesson"]]
    later = {"dtstart": "2026-12-24T08:00:00+01:00", "dtend": "2026-12-24T09:00:00+01:00"}
    assert await say("create", event=LESSON | later) is None
    assert await shown() == [["Lesson", "Lesson"]]


async def test_whoever_has_the_holidays_open_sees_those_far_ahead(
    hass: HomeAssistant, fleet: MockConfigEntry, look: Look, follow: Say
) -> None:
    """As with what is planned."""

    async def ask(action: str, **data: str) -> None:
        target = {"device_id": look.device(fleet, fleet.entry_id).id}
        await hass.services.async_call("infoscreen", action, data, target=target, blocking=True)

    await ask("add_period", name="26", start="2026-09-01", end="2027-07-02", period_type="schuljahr")
    await ask("add_holiday", name="Advent", start="2026-12-01")
    shown = await follow(look.entity_id("calendar", f"{fleet.entry_id}_holidays"))
    assert await shown() == [["Advent"]]
    await ask("add_holiday", name="Easter", start="2027-03-29")
    assert await shown() == [["Advent", "Easter"]]


async def test_core_triggers_know_of_our_events(
    hass: HomeAssistant, say: Say, calendar: str, wire: Wire, freezer: FrozenDateTimeFactory
) -> None:
    """Home Assistant's own actions, too, see what is planned."""
    assert await say("create", event=LESSON | {"rrule": "FREQ=DAILY"}) is None
    found: Any = await hass.services.async_call(
        "calendar",
        "get_events",
        {"entity_id": calendar, "duration": {"days": 3}},
        blocking=True,
        return_response=True,
    )
    assert [each["start"] for each in found[calendar]["events"]] == [
        f"2026-11-{day}T08:00:00+01:00" for day in (23, 24, 25)
    ]


async def test_the_fleets_holidays_are_a_calendar(
    hass: HomeAssistant, fleet: MockConfigEntry, look: Look, shown: Say, wire: Wire
) -> None:
    """Product, "Entities": those of periods that are archived are not in it."""
    calendar = look.entity_id("calendar", f"{fleet.entry_id}_holidays")
    target = {"device_id": look.device(fleet, fleet.entry_id).id}
    year = {"name": "2026/27", "start": "2026-09-01", "end": "2027-07-02", "period_type": "schuljahr"}
    old = {"name": "2025/26", "start": "2025-09-01", "end": "2026-11-22", "period_type": "trimester"}
    for action, data in (
        ("add_period", year),
        ("add_period", old),
        ("add_holiday", {"name": "Autumn", "start": "2026-10-26", "end": "2026-10-31", "region": "Vienna"}),
        ("add_holiday", {"name": "Advent", "start": "2026-12-01", "end": "2026-12-02", "region": "Vienna"}),
        ("add_holiday", {"name": "Gone", "start": "2026-11-22", "period": 2}),
        ("archive_period", {"period": 2}),
    ):
        await hass.services.async_call("infoscreen", action, data, target=target, blocking=True)
    (advent,) = await shown(calendar)
    assert (advent["summary"], advent["location"]) == ("Advent", "Vienna")
    assert (advent["start"], advent["end"]) == ({"date": "2026-12-01"}, {"date": "2026-12-03"})
    state = hass.states.get(calendar)
    assert state is not None
    assert (state.state, state.attributes["message"]) == ("off", "Advent")
