"""Periods and holidays: planned by administrators, and events left out on days off."""

from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError, Unauthorized
from homeassistant.helpers import issue_registry as ir
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, MockUser

from .conftest import Ask, At, Look
from .disks import full_disk
from .wire import Wire

pytestmark = pytest.mark.usefixtures("monday_morning")

YEAR = {"name": "2026/27", "start": "2026-09-01", "end": "2027-07-02", "period_type": "schuljahr"}
SUMMER = {"name": "Summer", "start": "2027-02-08", "end": "2027-07-02", "period_type": "semester"}
LESSON = {
    "title": "Timetable",
    "event_type": "website",
    "url": "https://school.example/timetable",
    "start": "2026-11-23 08:00:00",
    "end": "2026-11-23 16:00:00",
    "rrule": "FREQ=DAILY",
    "skip_holidays": True,
}


@pytest.fixture
def usual(whole: dict[str, Any]) -> dict[str, Any]:
    """Return the fleet: periods and holidays are its."""
    return whole


async def refused(asked: Any) -> str | None:
    """Return why an action is refused."""
    with pytest.raises(ServiceValidationError) as refusal:
        await asked
    return refusal.value.translation_key


async def test_periods_are_made_changed_and_told(ask: Ask) -> None:
    """Product, "Actions"."""
    assert await ask("add_period", **YEAR) == {"period": 1}
    assert await ask("add_period", **SUMMER | {"display_name": "Summer term"}) == {"period": 2}
    await ask("update_period", period=2, start="2027-02-15")
    assert (await ask("get_periods"))["periods"] == [
        {
            "period": 1,
            "name": "2026/27",
            "display_name": None,
            "start": "2026-09-01",
            "end": "2027-07-02",
            "period_type": "schuljahr",
            "active": True,
            "archived": False,
        },
        {
            "period": 2,
            "name": "Summer",
            "display_name": "Summer term",
            "start": "2027-02-15",
            "end": "2027-07-02",
            "period_type": "semester",
            "active": False,
            "archived": False,
        },
    ]


async def test_the_active_period_changes_at_local_midnight(
    hass: HomeAssistant, fleet: MockConfigEntry, ask: Ask, at: At, look: Look
) -> None:
    """Edges, "Schedule": the instance's time zone; no restart is needed."""
    sensor = ("sensor", f"{fleet.entry_id}_academic_period")
    assert (look.state(*sensor), look.attributes(*sensor).get("period")) == ("unknown", None)
    await ask("add_period", **YEAR)
    await ask("add_period", **SUMMER | {"display_name": "Summer term"})
    assert look.state(*sensor) == "2026/27"
    await at("2027-02-07 22:59:00")
    assert look.state(*sensor) == "2026/27"
    await at("2027-02-07 23:00:00")
    assert look.state(*sensor) == "Summer term"
    assert look.attributes(*sensor)["period_type"] == "semester"


async def test_no_period_for_today_is_a_repair(
    hass: HomeAssistant, fleet: MockConfigEntry, ask: Ask, at: At
) -> None:
    """Product, "Schedule": gone as soon as there is one; nobody who has no periods is bothered."""
    issues, issue = ir.async_get(hass), ("infoscreen", f"no_active_period_{fleet.entry_id}")
    assert issues.async_get_issue(*issue) is None
    await ask("add_period", **SUMMER)
    raised = issues.async_get_issue(*issue)
    assert raised is not None
    assert raised.translation_placeholders == {"fleet": "Infoscreen"}
    await ask("add_period", **YEAR)
    assert issues.async_get_issue(*issue) is None


async def test_a_period_is_made_active_until_midnight(
    hass: HomeAssistant, fleet: MockConfigEntry, ask: Ask, at: At, look: Look, wire: Wire
) -> None:
    """Product, "Schedule": also across a restart."""
    sensor = ("sensor", f"{fleet.entry_id}_academic_period")
    await ask("add_period", **YEAR)
    await ask("add_period", **SUMMER)
    await ask("activate_period", period=2)
    assert look.state(*sensor) == "Summer"
    assert await hass.config_entries.async_reload(fleet.entry_id)
    await wire.settle()
    wire.rest()
    assert look.state(*sensor) == "Summer"
    await at("2026-11-23 23:00:00")
    assert look.state(*sensor) == "2026/27"


async def test_a_period_is_put_away_taken_back_and_deleted(ask: Ask, foyer: dict[str, Any]) -> None:
    """Product, "Schedule": with all that forbids it."""
    await ask("add_period", **YEAR)
    await ask("add_period", **SUMMER)
    await ask("add_holiday", period=2, name="Easter", start="2027-03-26", end="2027-03-29")
    await ask("add_event", target=foyer, **LESSON | {"period": 2})
    assert await refused(ask("archive_period", period=1)) == "period_active"
    assert await refused(ask("archive_period", period=2)) == "period_used"
    assert await refused(ask("delete_period", period=2)) == "period_open_and_linked"
    await ask("update_event", target=foyer, event_id=1, period=None)
    await ask("archive_period", period=2)
    assert await refused(ask("activate_period", period=2)) == "period_archived"
    await ask("restore_period", period=2)
    assert await refused(ask("delete_period", period=2)) == "period_open"
    await ask("archive_period", period=2)
    await ask("delete_period", period=2)
    assert [each["period"] for each in (await ask("get_periods"))["periods"]] == [1]
    assert (await ask("get_holidays"))["holidays"] == []


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ({"name": "2026/27"}, "period_name_taken"),
        ({"period_type": "schuljahr"}, "period_overlaps"),
        ({"end": "2027-01-01"}, "period_ends_before_it_starts"),
        ({"start": "soon"}, "time_not_understood"),
        ({"start": "2027-04-01"}, "period_loses_holidays"),
        ({"period": 9}, "period_unknown"),
        ({"period": "autumn"}, "period_unknown"),
    ],
)
async def test_a_period_that_makes_no_sense_is_refused(ask: Ask, changes: dict[str, Any], key: str) -> None:
    """And nothing is changed."""
    await ask("add_period", **YEAR)
    await ask("add_period", **SUMMER)
    await ask("add_holiday", period=2, name="Easter", start="2027-03-26", end="2027-03-29")
    before = await ask("get_periods")
    assert await refused(ask("update_period", **{"period": 2} | changes)) == key
    assert await ask("get_periods") == before


async def test_nothing_is_shown_on_a_holiday_from_the_moment_it_is_planned(
    ask: Ask, at: At, foyer: dict[str, Any], wire: Wire
) -> None:
    """Product, "Schedule": re-evaluated whenever holidays change."""
    await ask("add_period", **YEAR)
    await ask("add_event", target=foyer, **LESSON)
    await at("2026-11-23 07:00:00")
    assert len(wire.said("infoscreen/events/12").json) == 1
    holiday = await ask("add_holiday", name="Storm", start="2026-11-23")
    assert wire.said("infoscreen/events/12").payload == b"[]"
    explained = (await ask("explain_schedule", target=foyer))["12"]
    assert (explained["reason"], explained["candidates"][0]["reason"]) == ("holiday", "holiday")
    await ask("update_holiday", holiday_id=holiday["holiday_id"], start="2026-11-24")
    assert len(wire.said("infoscreen/events/12").json) == 1
    await at("2026-11-23 15:00:00")
    wire.rest()
    await at("2026-11-24 07:00:00")
    assert wire.rest() == []
    await ask("delete_holiday", holiday_id=holiday["holiday_id"])
    assert len(wire.said("infoscreen/events/12").json) == 1


async def test_holidays_of_one_name_become_one(ask: Ask) -> None:
    """Product, "Schedule": also those that adjoin; the answer names the one that is left."""
    await ask("add_period", **YEAR)
    first = await ask("add_holiday", name="Autumn", start="2026-10-26", end="2026-10-30")
    assert await ask("add_holiday", name="AUTUMN ", start="2026-10-31") == first
    (only,) = (await ask("get_holidays", period=1))["holidays"]
    assert only == {
        "holiday_id": 1,
        "period": 1,
        "name": "AUTUMN",
        "region": None,
        "start": "2026-10-26",
        "end": "2026-10-31",
    }
    assert (await ask("get_holidays", period=2))["holidays"] == []
    assert await refused(ask("add_holiday", name="Other", start="2026-10-30")) == "holiday_conflict"
    assert await refused(ask("add_holiday", name="Other", start="2028-10-30")) == "holiday_outside_period"
    assert await refused(ask("update_holiday", holiday_id=9, name="x")) == "holiday_unknown"
    assert await refused(ask("delete_holiday", holiday_id="autumn")) == "holiday_unknown"


async def test_a_list_of_holidays_is_taken_line_by_line(ask: Ask) -> None:
    """Product, "Actions": counts, and conflicts with their lines."""
    assert await refused(ask("import_holidays", content="x;2026-12-24")) == "period_missing"
    await ask("add_period", **YEAR)
    content = "Name;Von;Bis\nHerbst;26.10.2026;31.10.2026\nReformation;31.10.2026;\nnie;irgendwann;"
    taken = await ask("import_holidays", content=content)
    assert taken == {
        "inserted": 1,
        "updated": 0,
        "merged": 0,
        "skipped": 2,
        "conflicts": [
            {
                "line": 3,
                "text": "Reformation;31.10.2026;",
                "holiday": {
                    "holiday_id": 1,
                    "period": 1,
                    "name": "Herbst",
                    "region": None,
                    "start": "2026-10-26",
                    "end": "2026-10-31",
                },
            },
            {"line": 4, "text": "nie;irgendwann;", "holiday": None},
        ],
    }
    assert await refused(ask("import_holidays", content="", period=1)) == "holiday_file_empty"


async def test_periods_and_holidays_survive_a_restart(
    hass: HomeAssistant, fleet: MockConfigEntry, ask: Ask, wire: Wire
) -> None:
    """And ids are not given twice."""
    await ask("add_period", **YEAR)
    await ask("add_holiday", name="Autumn", start="2026-10-26")
    before = await ask("get_periods"), await ask("get_holidays")
    assert await hass.config_entries.async_reload(fleet.entry_id)
    await wire.settle()
    wire.rest()
    assert (await ask("get_periods"), await ask("get_holidays")) == before
    await ask("delete_holiday", holiday_id=1)
    assert await ask("add_holiday", name="Autumn", start="2026-10-26") == {"holiday_id": 2}


async def test_what_could_not_be_saved_is_not_so(ask: Ask) -> None:
    """Nobody is told of a success that a restart would undo."""
    with (
        full_disk(),
        pytest.raises(HomeAssistantError) as failed,
    ):
        await ask("add_period", **YEAR)
    assert failed.value.translation_key == "not_saved"
    assert (await ask("get_periods"))["periods"] == []


async def test_only_administrators_plan_the_year_and_all_may_look(
    hass: HomeAssistant, ask: Ask, hass_read_only_user: MockUser
) -> None:
    """Product, "Who may what"."""
    reader = hass_read_only_user.id
    await ask("add_period", **YEAR)
    changes: dict[str, dict[str, Any]] = {
        "add_period": SUMMER,
        "update_period": {"period": 1},
        "archive_period": {"period": 1},
        "restore_period": {"period": 1},
        "activate_period": {"period": 1},
        "delete_period": {"period": 1},
        "add_holiday": {"name": "x", "start": "2026-12-24"},
        "update_holiday": {"holiday_id": 1},
        "delete_holiday": {"holiday_id": 1},
        "import_holidays": {"content": "x"},
    }
    for action, data in changes.items():
        with pytest.raises(Unauthorized):
            await ask(action, user_id=reader, **data)
    assert len((await ask("get_periods", user_id=reader))["periods"]) == 1
    assert (await ask("get_holidays", user_id=reader))["holidays"] == []


async def test_periods_are_of_one_fleet(
    hass: HomeAssistant, fleet: MockConfigEntry, ask: Ask, foyer: dict[str, Any], look: Look, wire: Wire
) -> None:
    """A group stands for its fleet; of two nobody knows which is meant, of none neither."""
    assert (await ask("get_periods", target=foyer))["periods"] == []
    assert await refused(ask("get_periods", target={})) == "no_target"
    assert await refused(ask("get_periods", target={"area_id": "nowhere"})) == "no_fleet_in_target"
    other = MockConfigEntry(
        domain="infoscreen",
        title="Other",
        unique_id="mqtt/other",
        data={"transport": "mqtt", "topic_prefix": "other"},
    )
    other.add_to_hass(hass)
    assert await hass.config_entries.async_setup(other.entry_id)
    await wire.settle()
    both = [look.device(each, each.entry_id).id for each in (fleet, other)]
    assert await refused(ask("get_periods", target={"device_id": both})) == "one_fleet_at_a_time"


async def test_a_fleet_that_is_removed_leaves_no_repair_behind(
    hass: HomeAssistant, fleet: MockConfigEntry, ask: Ask, wire: Wire
) -> None:
    """Nobody could mend it any more."""
    await ask("add_period", **SUMMER)
    issue = ("infoscreen", f"no_active_period_{fleet.entry_id}")
    assert ir.async_get(hass).async_get_issue(*issue) is not None
    await hass.config_entries.async_remove(fleet.entry_id)
    await wire.settle()
    wire.rest()
    assert ir.async_get(hass).async_get_issue(*issue) is None
