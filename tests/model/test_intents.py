"""Test what screens hear of power, and that those who obey it are never dark in a window."""

from dataclasses import replace
from datetime import datetime, timedelta

from hypothesis import given, strategies as st
import pytest

from custom_components.infoscreen.model.chains import Margins
from custom_components.infoscreen.model.intents import Pace, Transition, follow, intent_payload
from custom_components.infoscreen.model.power import Hold, Power, PowerMode, PowerReason, power_at
from custom_components.infoscreen.model.schedule.events import Event, Priority
from custom_components.infoscreen.model.wire import as_json
from simulator.state import Intent, State
from tests.schema import faults, schema

from .samples import UUID, event, golden, on_the_wire, seconds
from .test_power import MONDAY, at, changing, from_, holds, margins_, minutes, show, shown_in, windows

INTENT_ID = "9d3f5c1e-4b7a-4d2c-9e8f-0a1b2c3d4e5f"
PACE = Pace(poll=seconds(30), multiplier=3, minimum=seconds(90))
QUIET = Pace(poll=seconds(30), multiplier=3, minimum=seconds(90), heartbeat=False)

MORNING = show(148, "08:00", "09:00")
TAKEN_OVER = show(149, "08:10", "08:50", priority=Priority.TAKEOVER)
OFF = Power(on=False, reason=PowerReason.NO_ACTIVE_EVENT)
ON = Power(on=True, reason=PowerReason.ACTIVE_EVENT, event_ids=(1,))


BY_HAND = Hold(mode=PowerMode.OFF)
GOLDEN = [
    ("active_event", "08:05", None, None),
    ("no_active_event", "10:00", None, None),
    ("manual_override", "08:05", BY_HAND, None),
    ("takeover", "08:20", None, None),
    ("ups_on_battery", "08:05", None, PowerReason.UPS_ON_BATTERY),
    ("ups_low_battery", "08:05", BY_HAND, PowerReason.UPS_LOW_BATTERY),
]


@pytest.mark.parametrize(("name", "time", "hold", "blackout"), GOLDEN)
def test_an_intent_goes_out_as_the_contract_wants_it(
    name: str, time: str, hold: Hold | None, blackout: PowerReason | None
) -> None:
    """Contract, "power intent"."""
    power = power_at(at(time), from_(MORNING, TAKEN_OVER), Margins(lead=minutes(5)), hold, blackout)
    transition = follow(None, power, INTENT_ID)
    assert on_the_wire(intent_payload({"group_id": 12}, transition, power, at(time), PACE)) == golden(
        f"intent_{name}"
    )


def test_a_screens_own_intent_has_its_uuid_instead_of_a_group() -> None:
    """Contract, "power intent": as the screen spells it."""
    power = power_at(at("08:05"), from_(MORNING, TAKEN_OVER), Margins(), BY_HAND)
    own = intent_payload({"client_uuid": UUID}, follow(None, power, INTENT_ID), power, at("08:05"), PACE)
    assert on_the_wire(own) == golden("intent_own")
    assert list(faults(golden("intent_own"), schema("own_power_intent"))) == []


@pytest.mark.parametrize("name", [name for name, *_ in GOLDEN])
def test_an_intent_is_valid(name: str) -> None:
    """And the schema tells what is not."""
    intent = golden(f"intent_{name}")
    assert list(faults(intent, schema("power_intent"))) == []
    assert list(faults(intent | {"active_event_ids": ["1"]}, schema("power_intent"))) == [
        "$.active_event_ids[0]: type"
    ]
    assert len(list(faults(golden("intent_own"), schema("power_intent")))) == 2


def test_an_intent_holds_for_some_polls_but_not_less_than_the_minimum() -> None:
    """Contract, "power intent": whatever is planned."""
    assert PACE.expires_at(MONDAY, at("00:01")) == MONDAY + seconds(90)
    slow = Pace(poll=seconds(60), multiplier=4, minimum=seconds(90))
    assert slow.expires_at(MONDAY, None) == MONDAY + seconds(240)


def test_without_heartbeats_it_holds_until_after_the_next_planned_change() -> None:
    """Contract and edges; a day where nothing is planned, renewed before that is over."""
    assert QUIET.expires_at(MONDAY, at("08:00")) == at("08:00") + seconds(90)
    assert QUIET.expires_at(MONDAY, None) == MONDAY + timedelta(hours=24)
    assert QUIET.due_at(MONDAY, at("08:00")) == at("08:00")
    assert MONDAY < QUIET.due_at(MONDAY, None) < MONDAY + timedelta(hours=24)


def test_it_is_due_with_the_next_heartbeat_or_an_earlier_change() -> None:
    """A change does not wait for a heartbeat."""
    assert PACE.due_at(MONDAY, None) == MONDAY + seconds(30)
    assert PACE.due_at(MONDAY, at("08:00")) == MONDAY + seconds(30)
    assert PACE.due_at(MONDAY, MONDAY + seconds(7)) == MONDAY + seconds(7)


def test_news_is_what_screens_hear() -> None:
    """When the next change is planned is not on the wire, but without heartbeats in the expiry."""
    later = Power(on=False, reason=PowerReason.NO_ACTIVE_EVENT, next_change=MONDAY)
    assert PACE.is_news(OFF, None)
    assert PACE.is_news(ON, OFF)
    assert not PACE.is_news(later, OFF)
    assert QUIET.is_news(later, OFF)
    assert not QUIET.is_news(OFF, OFF)


def test_another_state_or_reason_is_a_transition_and_nothing_else_is() -> None:
    """Contract, "power intent"."""
    first = follow(None, ON, "first")
    assert first == Transition(intent_id="first", on=True, reason=PowerReason.ACTIVE_EVENT)
    other_ids = Power(on=True, reason=PowerReason.ACTIVE_EVENT, event_ids=(2,))
    assert follow(first, other_ids, "second") is first
    by_hand = Power(on=True, reason=PowerReason.MANUAL_OVERRIDE)
    assert follow(first, by_hand, "second").intent_id == "second"
    assert follow(first, OFF, "second").intent_id == "second"


def test_a_transition_is_read_back_as_it_was() -> None:
    """A reader that was restarted goes on with the id it knows."""
    first = follow(None, ON, INTENT_ID)
    assert Transition.from_stored(first.as_stored()) == first


@given(windows=windows, margins=margins_, hold=holds)
def test_who_obeys_what_stands_is_never_dark_in_a_window(
    windows: list[tuple[int, int]], margins: Margins, hold: Hold | None
) -> None:
    """It reads what is retained, and takes what has expired for off; heartbeats are off."""
    shows = shown_in(windows)
    told = list(changing(shows, margins, hold))
    for minute in range(800):
        now = MONDAY + minutes(minute)
        issued_at, standing = [each for each in told if each[0] <= now][-1]
        lit = standing.on and now < QUIET.expires_at(issued_at, standing.next_change)
        late = standing.next_change is None and now >= QUIET.due_at(issued_at, None)
        assert late or lit is power_at(now, shows, margins, hold).on


minute = st.integers(0, 240)
spans = st.lists(st.tuples(minute, st.integers(1, 60)), max_size=4)


@given(
    plans=st.dictionaries(minute, spans, min_size=1, max_size=3),
    held=st.dictionaries(minute, holds, max_size=2),
    restarts=st.sets(minute, max_size=3),
    margins=margins_,
)
def test_through_edits_holds_and_restarts_nobody_is_dark_in_a_window(
    plans: dict[int, list[tuple[int, int]]],
    held: dict[int, Hold | None],
    restarts: set[int],
    margins: Margins,
) -> None:
    """A screen that knows only what stands, and lets it expire; a restart takes a minute.

    While Home Assistant is there, no off is published inside a window or between those that touch.
    """
    plan: list[tuple[int, int]] = []
    hold: Hold | None = None
    told: Transition | None = None
    screen = State()
    down = 0
    for half in range(2 * 320):
        now = MONDAY + half * seconds(30)
        if half % 2 == 0:
            plan, hold = plans.get(half // 2, plan), held.get(half // 2, hold)
            down = 2 if half // 2 in restarts else down
        down -= 1
        if down >= 0:
            told = told and Transition.from_stored(told.as_stored())
            continue
        power = power_at(now, from_(*shown(plan)), margins, hold)
        told = follow(told, power, f"id-{half}")
        payload = as_json(intent_payload({"group_id": 12}, told, power, now, PACE))
        screen = replace(screen, group_intent=Intent.read(payload, {"group_id": 12}))
        standing = hold.standing(now) if hold else None
        lit = standing.mode is PowerMode.ON if standing else meant(plan, margins, now)
        assert screen.screen_on(now) is lit
        if lit:
            assert screen.screen_on(now + seconds(89))


def shown(plan: list[tuple[int, int]]) -> list[Event]:
    """Return events for windows in minutes."""
    begin = MONDAY.replace(tzinfo=None)
    return [
        event(
            event_id=number,
            start=begin + minutes(start),
            end=begin + minutes(start + length),
            time_zone="UTC",
        )
        for number, (start, length) in enumerate(plan)
    ]


def meant(plan: list[tuple[int, int]], margins: Margins, now: datetime) -> bool:
    """Tell, as people count, whether a moment is in a window with its lead and lag, or in a short gap."""
    windows = [
        (MONDAY + minutes(start) - margins.lead, MONDAY + minutes(start + length) + margins.lag)
        for start, length in plan
    ]
    over = [end for _, end in windows if end <= now]
    ahead = [begin for begin, _ in windows if now < begin]
    bridged = bool(over and ahead) and min(ahead) - max(over) <= margins.bridge
    return bridged or any(begin <= now < end for begin, end in windows)
