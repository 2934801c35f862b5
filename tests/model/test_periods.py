"""Test academic periods: which one is active, and what forbids to change them."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import orjson
import pytest

from custom_components.infoscreen.model.errors import Refused
from custom_components.infoscreen.model.schedule.periods import (
    Held,
    Period,
    PeriodType,
    active_period,
    changed_period,
    check_archive,
    check_delete,
    check_period,
)

from .samples import event

YEAR = Period(
    period_id=1,
    name="2025/26",
    start=date(2025, 9, 1),
    end=date(2026, 7, 3),
    period_type=PeriodType.SCHULJAHR,
)
TERM = Period(
    period_id=2,
    name="Summer",
    start=date(2026, 2, 9),
    end=date(2026, 7, 3),
    period_type=PeriodType.SEMESTER,
    display_name="Summer term",
)
MARCH = datetime(2026, 3, 2, tzinfo=UTC)
DAILY = event(period=1, rrule="FREQ=DAILY")


def refused(check: Any, *args: Any) -> tuple[str, dict[str, str]]:
    """Return why something is turned down."""
    with pytest.raises(Refused) as refusal:
        check(*args)
    return refusal.value.key, refusal.value.placeholders


def test_periods_outlive_a_restart() -> None:
    """And which one is held."""
    assert Period.from_stored(orjson.loads(orjson.dumps(TERM.as_stored()))) == TERM
    held = Held(period_id=1, day=date(2026, 3, 2))
    assert Held.from_stored(orjson.loads(orjson.dumps(held.as_stored()))) == held


def test_a_wish_is_read() -> None:
    """Names are kept without the blanks around, days as days."""
    wish = {
        "name": "  2026/27 ",
        "display_name": "",
        "start": "2026-09-07",
        "end": date(2027, 7, 2),
        "period_type": "trimester",
    }
    assert changed_period(TERM, wish) == Period(
        period_id=2,
        name="2026/27",
        start=date(2026, 9, 7),
        end=date(2027, 7, 2),
        period_type=PeriodType.TRIMESTER,
    )
    assert changed_period(TERM, {}) == TERM
    assert refused(changed_period, TERM, {"start": "autumn"})[0] == "time_not_understood"


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ({"name": ""}, "period_name_invalid"),
        ({"name": "x" * 65}, "period_name_invalid"),
        ({"display_name": "x" * 65}, "period_name_invalid"),
        ({"end": date(2026, 2, 8)}, "period_ends_before_it_starts"),
        ({"name": "2025/26"}, "period_name_taken"),
        ({"period_type": PeriodType.SCHULJAHR}, "period_overlaps"),
    ],
)
def test_these_periods_are_refused(changes: dict[str, Any], key: str) -> None:
    """Product, "Schedule": unique name, start before end, no overlap within a type."""
    assert refused(check_period, replace(TERM, **changes), [YEAR, TERM])[0] == key


def test_archived_periods_are_in_nobodys_way() -> None:
    """Nor is a period in its own; one day is enough."""
    check_period(replace(TERM, name="2025/26"), [replace(YEAR, archived=True), TERM])
    check_period(replace(TERM, period_type=PeriodType.SCHULJAHR), [replace(YEAR, archived=True)])
    check_period(replace(TERM, end=TERM.start), [YEAR, TERM])
    check_period(
        replace(YEAR, period_id=3, name="next", start=date(2026, 7, 4), end=date(2027, 7, 1)), [YEAR]
    )


@pytest.mark.parametrize(
    ("day", "name"),
    [
        (date(2025, 8, 31), None),
        (date(2025, 9, 1), "2025/26"),
        (date(2026, 2, 9), "Summer"),
        (date(2026, 7, 3), "Summer"),
        (date(2026, 7, 4), None),
    ],
)
def test_the_latest_to_begin_that_covers_today_is_active(day: date, name: str | None) -> None:
    """Product, "Schedule": exactly one."""
    active = active_period([TERM, YEAR], day)
    assert (active.name if active else None) == name


def test_one_that_was_made_active_is_so_until_midnight() -> None:
    """Product, "Schedule": unless it is archived meanwhile."""
    today, held = date(2026, 3, 2), Held(period_id=1, day=date(2026, 3, 2))
    assert active_period([TERM, YEAR], today, held) == YEAR
    assert active_period([TERM, YEAR], date(2026, 3, 3), held) == TERM
    assert active_period([TERM, replace(YEAR, archived=True)], today, held) == TERM


def test_a_period_in_use_is_not_archived_and_all_that_is_in_the_way_is_named() -> None:
    """Product, "Schedule": refusals list every blocker."""
    assert refused(check_archive, YEAR, YEAR, [DAILY], MARCH) == (
        "period_active_and_used",
        {"period": "2025/26", "events": "Frühstück & Menü (148)"},
    )
    assert refused(check_archive, YEAR, YEAR, [], MARCH) == ("period_active", {"period": "2025/26"})
    assert refused(check_archive, YEAR, TERM, [DAILY, replace(DAILY, event_id=2)], MARCH) == (
        "period_used",
        {"period": "2025/26", "events": "Frühstück & Menü (148), Frühstück & Menü (2)"},
    )
    assert refused(check_archive, replace(YEAR, archived=True), None, [], MARCH)[0] == "period_archived"


@pytest.mark.parametrize(
    "harmless",
    [
        event(period=1),
        replace(DAILY, period=2),
        replace(DAILY, rrule="FREQ=DAILY;UNTIL=20260228T235959", start=event().start.replace(month=2)),
    ],
    ids=["it does not recur", "it is of another", "it is over"],
)
def test_what_does_not_recur_in_it_is_in_nobodys_way(harmless: Any) -> None:
    """Product, "Schedule": recurring events in it with occurrences to come."""
    if harmless.rrule:
        harmless = replace(harmless, end=harmless.start.replace(hour=16))
    check_archive(YEAR, None, [harmless], MARCH)


def test_only_an_archived_period_without_events_is_deleted() -> None:
    """Product, "Schedule": both blockers are told."""
    archived = replace(YEAR, archived=True)
    check_delete(archived, [replace(DAILY, period=2)])
    assert refused(check_delete, YEAR, []) == ("period_open", {"period": "2025/26"})
    assert refused(check_delete, archived, [DAILY])[0] == "period_linked"
    assert refused(check_delete, YEAR, [event(period=1)]) == (
        "period_open_and_linked",
        {"period": "2025/26", "events": "Frühstück & Menü (148)"},
    )
