"""Schedules go out and come in as iCalendar files."""

from collections.abc import Callable
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import ServiceValidationError, Unauthorized
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, MockUser

from .conftest import Look
from .wire import Wire

LESSON = {
    "title": "Maths; room 5, first floor",
    "event_type": "message",
    "text": "Bring:\nruler, compasses",
    "start": "2026-11-23 08:00",
    "end": "2026-11-23 09:00",
    "rrule": "FREQ=WEEKLY;BYDAY=MO,WE;UNTIL=20270630",
    "skip_holidays": True,
    "priority": "important",
}
NIGHT = {
    "title": "Night film",
    "event_type": "video",
    "url": "https://school.example/film.mp4",
    "volume": 0.0,
    "muted": False,
    "start": "2026-11-25 22:00",
    "end": "2026-11-26 06:00",
    "time_zone": "America/New_York",
    "rrule": "FREQ=MONTHLY;BYDAY=-1FR;COUNT=5",
}
FAIR = {
    "title": "Fair",
    "event_type": "presentation",
    "files": ["a.pdf", "b.pdf"],
    "slide_interval": 5,
    "start": "2026-12-01",
    "end": "2026-12-03",
    "all_day": True,
    "rrule": "FREQ=WEEKLY;COUNT=3",
}
TIMETABLE = """BEGIN:VCALENDAR
PRODID:-//School//EN
VERSION:2.0
BEGIN:VEVENT
UID:maths
DTSTAMP:20260101T000000Z
DTSTART;TZID=Europe/Vienna:20261123T080000
DURATION:PT1H
SUMMARY:Maths
LOCATION:https://school.example/maths
RRULE:FREQ=DAILY;COUNT=5
EXDATE;TZID=Europe/Vienna:20261124T080000
END:VEVENT
BEGIN:VEVENT
UID:maths
DTSTAMP:20260101T000000Z
RECURRENCE-ID:20261125T070000Z
DTSTART:20261125T090000Z
DTEND:20261125T100000Z
SUMMARY:Maths, later
LOCATION:https://school.example/maths
END:VEVENT
BEGIN:VEVENT
UID:maths
DTSTAMP:20260101T000000Z
RECURRENCE-ID;TZID=Europe/Vienna:20261126T080000
DTSTART;TZID=Europe/Vienna:20261126T080000
SUMMARY:Maths
STATUS:CANCELLED
END:VEVENT
BEGIN:VEVENT
UID:nothing
DTSTAMP:20260101T000000Z
DTSTART:20261125T100000Z
DTEND:20261125T100000Z
SUMMARY:Zero
END:VEVENT
BEGIN:VEVENT
UID:dates
DTSTAMP:20260101T000000Z
DTSTART:20261125T100000Z
DTEND:20261125T110000Z
RDATE:20261201T100000Z
SUMMARY:Dates
END:VEVENT
BEGIN:VEVENT
UID:cancelled
DTSTAMP:20260101T000000Z
DTSTART:20261125T100000Z
DTEND:20261125T110000Z
SUMMARY:Off
STATUS:CANCELLED
END:VEVENT
BEGIN:VEVENT
UID:holiday
DTSTAMP:20260101T000000Z
DTSTART;VALUE=DATE:20261130
SUMMARY:Open day
END:VEVENT
BEGIN:VEVENT
UID:stranger
DTSTAMP:20260101T000000Z
RECURRENCE-ID:20261125T070000Z
DTSTART:20261125T090000
DTEND:20261125T100000
SUMMARY:Of no series
END:VEVENT
BEGIN:VEVENT
UID:forged
DTSTAMP:20260101T000000Z
DTSTART:20261125T090000
DTEND:20261125T100000
SUMMARY:Forged
X-INFOSCREEN:{ours}
END:VEVENT
BEGIN:VEVENT
UID:whenever
DTSTAMP:20260101T000000Z
SUMMARY:Whenever
END:VEVENT
END:VCALENDAR
"""

ENTRY = """BEGIN:VCALENDAR
PRODID:-//Somebody//EN
VERSION:2.0
BEGIN:VEVENT
UID:a
DTSTAMP:20260101T000000Z
DTSTART{start}
DURATION:P1D
SUMMARY:Club
{more}
END:VEVENT
END:VCALENDAR
"""

type Ask = Callable[..., Any]


@pytest.fixture
async def ask(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, fleet: MockConfigEntry, look: Look, wire: Wire
) -> Ask:
    """Return what calls an action for a group, on a Monday morning in Vienna."""
    freezer.move_to("2026-11-23 06:00:00+00:00")
    await hass.config.async_set_time_zone("Europe/Vienna")

    async def asks(action: str, group_id: int = 12, user_id: str | None = None, **data: Any) -> Any:
        response = await hass.services.async_call(
            "infoscreen",
            action,
            data,
            target={"device_id": look.device(fleet, f"{fleet.entry_id}_group_{group_id}").id},
            blocking=True,
            return_response=action != "delete_event",
            context=Context(user_id=user_id),
        )
        await wire.settle()
        return response

    return asks


async def planned(ask: Ask, group_id: int) -> list[Any]:
    """Return what is planned in a group for a year, whoever's it is."""
    told = await ask("get_events", group_id, start="2026-11-01", end="2027-11-01")
    return [{**each, "event_id": None} for each in told[str(group_id)]]


async def test_nothing_is_lost_on_the_way_out_and_in(
    fleet: MockConfigEntry, ask: Ask, hass_storage: dict[str, Any]
) -> None:
    """Product, "Actions": rules, exceptions, zones, and the fields that calendars do not know."""
    for event in (LESSON, NIGHT, FAIR):
        await ask("add_event", **event)
    await ask("delete_event", event_id=1, scope="occurrence", occurrence="2026-11-25 08:00")
    once = {"event_id": 1, "scope": "occurrence", "occurrence": "2026-11-30 08:00"}
    await ask("update_event", **once, start="2026-11-30 10:00", priority="normal", title="Later")
    await ask("update_event", event_id=3, scope="occurrence", occurrence="2026-12-08", files=["c.pdf"])
    await ask("delete_event", event_id=3, scope="occurrence", occurrence="2026-12-15")
    file = (await ask("export_schedule"))["ical"]
    assert "TZID:America/New_York" in file
    assert await ask("import_schedule", 13, ical=file) == {"13": {"event_ids": [4, 5, 6], "skipped": []}}
    assert await planned(ask, 13) == await planned(ask, 12)

    def content(event: dict[str, Any]) -> dict[str, Any]:
        return {**event, "event_id": 0, "group_id": 0, "rrule": event["rrule"].partition(";UNTIL")[0]}

    stored = hass_storage[f"infoscreen.{fleet.entry_id}.schedule"]["data"]["events"]
    ours, theirs = [content(each) for each in stored[:3]], [content(each) for each in stored[3:]]
    theirs[0]["rrule"] = ours[0]["rrule"]  # the library puts UNTIL before BYDAY
    theirs[1]["rrule"] = ours[1]["rrule"]
    assert theirs == ours


@pytest.mark.parametrize("time_zone", ["Europe/London", "UTC", "Africa/Abidjan"])
async def test_a_series_of_a_zone_that_is_at_utc_stays_on_its_wall(ask: Ask, time_zone: str) -> None:
    """A series that begins in a British winter is at eight in summer, too, in any program."""
    times = {"start": "2026-11-23 08:00", "end": "2026-11-23 09:00", "time_zone": time_zone}
    await ask("add_event", title="Club", event_type="other", **times, rrule="FREQ=WEEKLY")
    await ask("delete_event", event_id=1, scope="occurrence", occurrence="2026-11-30 08:00")
    file = (await ask("export_schedule"))["ical"]
    name = "" if time_zone == "UTC" else f";TZID={time_zone}"
    zulu = "Z" if time_zone == "UTC" else ""
    for line in ("DTSTART{}:20261123T080000{}", "DTEND{}:20261123T090000{}", "EXDATE{}:20261130T080000{}"):
        assert line.format(name, zulu) in file.splitlines()
    await ask("import_schedule", 13, ical=file)
    assert await planned(ask, 13) == await planned(ask, 12)


async def test_a_series_in_utc_recurs_in_utc(ask: Ask) -> None:
    """RFC 5545, 3.3.10: a Sunday of the rule is a Sunday in UTC, though it may be Monday here."""
    start, rule = "20261129T230000Z", "FREQ=WEEKLY;BYDAY=SU;COUNT=2"
    await ask("import_schedule", ical=ENTRY.format(start=f":{start}", more=f"RRULE:{rule}"))
    assert [each["start"] for each in await planned(ask, 12)] == [
        "2026-11-29T23:00:00Z",
        "2026-12-06T23:00:00Z",
    ]


@pytest.mark.parametrize(
    ("start", "more", "starts"),
    [
        (":20261123T070000Z", "CREATED:00001231T000000Z", 1),
        (":20261123T070000Z", "LAST-MODIFIED:152104\nGEO:\nSEQUENCE:", 1),
        (";TZID=Europe/Vienna:20261123T080000", "RRULE:FREQ=WEEKLY;UNTIL=20261207;BYDAY=MO", 3),
        (";TZID=Europe/Vienna:20261123T080000", "RRULE:FREQ=WEEKLY;UNT\n IL=20261207", 3),
        (";VALUE=DATE:20261124", "RRULE:FREQ=WEEKLY;UNTIL=20261208", 3),
        (":20261123T070000Z", "RRULE:FREQ=WEEKLY;UNTIL=20261207", 3),
    ],
    ids=["Google's year zero", "what is not read", "until a day", "folded", "whole days", "in UTC"],
)
async def test_what_others_write_by_mistake_keeps_no_file_out(
    ask: Ask, start: str, more: str, starts: int
) -> None:
    """Calendars that people use write it; a byte order mark is what editors put before it."""
    file = "\ufeff" + ENTRY.format(start=start, more=more)
    assert (await ask("import_schedule", ical=file))["12"]["skipped"] == []
    assert len(await planned(ask, 12)) == starts


async def test_a_schools_timetable_comes_in(ask: Ask) -> None:
    """Conventions as on the calendar's page; what makes no sense is named with its line."""
    forged = b'{"event_type": "message", "text": "x", "volume": "loud"}'.hex()
    taken = (await ask("import_schedule", ical=TIMETABLE.replace("{ours}", forged)))["12"]
    assert taken["event_ids"] == [1, 2]
    assert [(each["line"], each["title"]) for each in taken["skipped"]] == [
        (31, "Zero"),
        (38, "Dates"),
        (68, "Forged"),
        (76, "Whenever"),
    ]
    assert "not after its start" in taken["skipped"][0]["reason"]
    told = [(each["start"], each["title"], each["event_type"]) for each in await planned(ask, 12)]
    assert told == [
        ("2026-11-23T07:00:00Z", "Maths", "website"),
        ("2026-11-25T09:00:00Z", "Maths, later", "website"),
        ("2026-11-27T07:00:00Z", "Maths", "website"),
        ("2026-11-30", "Open day", "message"),
    ]


@pytest.mark.parametrize(
    "written",
    [
        lambda ical: f"\ufeff{ical}",
        lambda ical: ical.replace("BEGIN:VEVENT", "Begin:vEvent"),
        lambda ical: ical.replace("SUMMARY:Maths", "SUMMARY:M\u2028BEGIN:VEVENT\u2028", 1),
    ],
    ids=["byte order mark", "case", "other ends of lines"],
)
async def test_a_file_may_be_written_in_several_ways(ask: Ask, written: Callable[[str], str]) -> None:
    """RFC 5545: names in any case, and lines end as lines of files do."""
    taken = (await ask("import_schedule", ical=written(TIMETABLE)))["12"]
    assert taken["event_ids"] == [1, 2]
    assert [each["line"] for each in taken["skipped"]] == [31, 38, 68, 76]


@pytest.mark.parametrize(
    ("was", "becomes"),
    [("DURATION:PT1H", "DURATION:P999999999D"), ("RECURRENCE-ID:20261125T070000Z", "RECURRENCE-ID:never")],
    ids=["end beyond the calendar", "no occurrence"],
)
async def test_an_entry_that_cannot_be_read_spares_the_others(ask: Ask, was: str, becomes: str) -> None:
    """It is named with its line."""
    taken = (await ask("import_schedule", ical=TIMETABLE.replace(was, becomes)))["12"]
    assert taken["event_ids"]
    assert {each["title"] for each in taken["skipped"]} & {"Maths", "Maths, later"}


async def test_a_period_comes_in_where_it_is_known(
    hass: HomeAssistant, fleet: MockConfigEntry, ask: Ask, look: Look, hass_storage: dict[str, Any]
) -> None:
    """Ids of another fleet's periods mean nothing here."""
    year = {"name": "2026/27", "start": "2026-09-01", "end": "2027-07-02", "period_type": "schuljahr"}
    target = {"device_id": look.device(fleet, fleet.entry_id).id}
    await hass.services.async_call("infoscreen", "add_period", year, target=target, blocking=True)
    await ask("add_event", **LESSON, period=1)
    file = (await ask("export_schedule"))["ical"]
    await ask("import_schedule", 13, ical=file)
    stored = hass_storage[f"infoscreen.{fleet.entry_id}.schedule"]["data"]["events"]
    assert [each["period"] for each in stored] == [1, 1]


@pytest.mark.parametrize(
    ("ical", "key"),
    [
        ("hello", "ical_invalid"),
        ("BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:never\nEND:VEVENT\nEND:VCALENDAR", "ical_invalid"),
    ],
    ids=["another file", "an entry that cannot be read"],
)
async def test_a_file_that_is_none_is_refused(ask: Ask, ical: str, key: str) -> None:
    """As a whole, and nothing is changed."""
    with pytest.raises(ServiceValidationError) as refused:
        await ask("import_schedule", ical=ical)
    assert refused.value.translation_key == key
    assert await planned(ask, 12) == []


async def test_a_file_that_is_too_long_is_refused(ask: Ask) -> None:
    """Ten million characters are more than any school plans."""
    with pytest.raises(ServiceValidationError) as refused:
        await ask("import_schedule", ical="x" * 10_000_001)
    assert refused.value.translation_key == "ical_too_long"


async def test_imports_are_for_administrators_and_exports_for_who_may_read(
    hass: HomeAssistant, ask: Ask, hass_read_only_user: MockUser
) -> None:
    """Product, "Who may what"."""
    with pytest.raises(Unauthorized):
        await ask("import_schedule", ical=TIMETABLE, user_id=hass_read_only_user.id)
    assert "VCALENDAR" in (await ask("export_schedule", user_id=hass_read_only_user.id))["ical"]
    stranger = MockUser(groups=[]).add_to_hass(hass)
    stranger.mock_policy({})
    with pytest.raises(Unauthorized):
        await ask("export_schedule", user_id=stranger.id)
