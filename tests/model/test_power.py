"""Test what the TVs of a group should be, and why."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given, strategies as st
import pytest

from custom_components.infoscreen.model.chains import Margins, ShowsFrom, planned
from custom_components.infoscreen.model.power import (
    Hold,
    Power,
    PowerMode,
    PowerReason,
    held_a_while,
    power_at,
)
from custom_components.infoscreen.model.schedule.events import Event, Override, Priority
from custom_components.infoscreen.model.schedule.series import never_off

from .samples import event

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
NOTHING = Margins()


def minutes(number: float) -> timedelta:
    """Return a time span."""
    return timedelta(minutes=number)


def at(time: str) -> datetime:
    """Return a time of that Monday in UTC."""
    return datetime.fromisoformat(f"2026-03-02T{time}").replace(tzinfo=UTC)


def show(event_id: int, start: str, end: str, **changes: object) -> Event:
    """Return an event on that Monday, by its times in UTC."""
    begin, over = (moment.replace(tzinfo=None) for moment in (at(start), at(end)))
    return event(event_id=event_id, start=begin, end=over, time_zone="UTC", **changes)


def from_(*events: Event) -> ShowsFrom:
    """Return what is planned by some events."""
    return lambda since: planned(events, since, never_off)


def seen(power: Power) -> tuple[object, ...]:
    """Return what a power says, but for its window."""
    return power.on, power.reason.value, power.event_ids


BREAKFAST, LUNCH = show(1, "08:00", "09:00"), show(2, "09:10", "10:00")


def shown_in(windows: list[tuple[int, int]]) -> ShowsFrom:
    """Return what yields a show for each window: from which minute of Monday on, and for how many."""
    begin = MONDAY.replace(tzinfo=None)
    return from_(
        *(
            event(
                event_id=number,
                start=begin + minutes(start),
                end=begin + minutes(start + length),
                time_zone="UTC",
            )
            for number, (start, length) in enumerate(windows)
        )
    )


ON_BOTH = Margins(lead=minutes(5), lag=minutes(5))


@pytest.mark.parametrize(
    ("time", "margins", "said"),
    [
        ("07:54", ON_BOTH, (False, "no_active_event", ())),
        ("07:55", ON_BOTH, (True, "active_event", (1,))),
        ("08:00", ON_BOTH, (True, "active_event", (1,))),
        ("09:04", ON_BOTH, (True, "active_event", (1,))),
        ("09:05", ON_BOTH, (True, "active_event", (2,))),
        ("10:04", ON_BOTH, (True, "active_event", (2,))),
        ("10:05", ON_BOTH, (False, "no_active_event", ())),
        ("09:05", Margins(bridge=minutes(10)), (True, "active_event", (1,))),
        ("09:05", Margins(bridge=minutes(9)), (False, "no_active_event", ())),
        ("09:06", Margins(lead=minutes(5), bridge=minutes(5)), (True, "active_event", (2,))),
    ],
)
def test_tvs_are_on_from_lead_to_lag_and_in_short_gaps(
    time: str, margins: Margins, said: tuple[object, ...]
) -> None:
    """Contract, "power intent": ids those active now, else the chain's next or last."""
    assert seen(power_at(at(time), from_(BREAKFAST, LUNCH), margins)) == said


def test_the_window_spans_the_chain_with_lead_and_lag() -> None:
    """Edges, "Power"; without ids there is none."""
    power = power_at(at("08:30"), from_(BREAKFAST, LUNCH), ON_BOTH)
    assert power.window == (at("07:55"), at("10:05"))
    assert power.next_change == at("09:00")
    before = power_at(at("07:00"), from_(BREAKFAST, LUNCH), ON_BOTH)
    assert (before.window, before.next_change, before.state) == (None, at("07:55"), "off")
    after = power_at(at("11:00"), from_(BREAKFAST, LUNCH), ON_BOTH)
    assert (after.window, after.next_change) == (None, None)


def test_what_overlaps_is_told_as_it_is_published_each_once() -> None:
    """Product, "Schedule": important first, then what began earlier."""
    long = show(1, "08:00", "12:00")
    important = show(2, "09:00", "10:00", priority=Priority.IMPORTANT)
    power = power_at(at("09:30"), from_(long, important), NOTHING)
    assert (power.event_ids, power.window) == ((2, 1), (at("08:00"), at("12:00")))
    assert power.next_change == at("10:00")


def test_a_filler_opens_no_window() -> None:
    """Product, "Schedule"; one that never ends is not looked through either."""
    filler = show(1, "08:00", "09:00", priority=Priority.FILLER, rrule="FREQ=DAILY")
    assert seen(power_at(at("08:30"), from_(filler), NOTHING)) == (False, "no_active_event", ())


def test_an_occurrence_decides_by_its_own_priority() -> None:
    """One of a filler may be important, one of a series a filler."""
    eight = at("08:00").replace(tzinfo=None)
    raised = Override(occurrence=eight, changes={"priority": Priority.IMPORTANT})
    filler = show(1, "08:00", "09:00", priority=Priority.FILLER, rrule="FREQ=DAILY", overrides=(raised,))
    power = power_at(at("08:30"), from_(filler), NOTHING)
    assert (power.on, power.window) == (True, (at("08:00"), at("09:00")))
    lowered = Override(occurrence=eight, changes={"priority": Priority.FILLER})
    series = show(1, "08:00", "09:00", rrule="FREQ=DAILY", overrides=(lowered,))
    power = power_at(at("08:30"), from_(series), NOTHING)
    assert (power.on, power.next_change) == (False, at("08:00") + timedelta(days=1))


def test_a_takeover_goes_before_a_person_who_goes_before_the_schedule() -> None:
    """Product, "Power"; the newest takeover is the one that is shown."""
    takeovers = [
        show(3, "08:10", "08:50", priority=Priority.TAKEOVER),
        show(4, "08:20", "08:30", priority=Priority.TAKEOVER),
    ]
    off = Hold(mode=PowerMode.OFF)
    events = from_(BREAKFAST, *takeovers)
    assert seen(power_at(at("08:25"), events, NOTHING, off)) == (True, "takeover", (4,))
    assert seen(power_at(at("08:40"), events, NOTHING, off)) == (True, "takeover", (3,))
    held = power_at(at("08:55"), events, NOTHING, off)
    assert seen(held) == (False, "manual_override", (1,))
    assert held.window == (at("08:00"), at("09:00"))


def test_a_ups_that_is_spared_goes_before_a_person_but_not_before_a_takeover() -> None:
    """Product, "Power"; the plan goes on behind, and is told again once mains is back."""
    taken_over = show(3, "08:10", "08:50", priority=Priority.TAKEOVER)
    held, spared = Hold(mode=PowerMode.ON), PowerReason.UPS_ON_BATTERY
    events = from_(BREAKFAST, taken_over)
    assert seen(power_at(at("08:20"), events, NOTHING, held, spared)) == (True, "takeover", (3,))
    dark = power_at(at("08:55"), events, NOTHING, held, spared)
    assert (seen(dark), dark.next_change) == ((False, "ups_on_battery", (1,)), at("09:00"))
    low = power_at(at("08:55"), events, NOTHING, None, PowerReason.UPS_LOW_BATTERY)
    assert seen(low) == (False, "ups_low_battery", (1,))


def test_a_hold_lasts_until_its_end() -> None:
    """Its window is none where nothing is on; its end is a planned change."""
    hold = Hold(mode=PowerMode.ON, until=at("07:00"))
    held = power_at(at("06:00"), from_(BREAKFAST), ON_BOTH, hold)
    assert seen(held) == (True, "manual_override", ())
    assert (held.window, held.next_change) == (None, at("07:00"))
    in_lead = power_at(at("07:57"), from_(BREAKFAST), ON_BOTH, replace(hold, until=None))
    assert (seen(in_lead), in_lead.window) == ((True, "manual_override", ()), None)
    assert seen(power_at(at("07:00"), from_(BREAKFAST), ON_BOTH, hold)) == (False, "no_active_event", ())


@pytest.mark.parametrize("until", [None, at("07:00")])
def test_a_hold_is_read_back_as_it_was(until: datetime | None) -> None:
    """It survives a restart."""
    hold = Hold(mode=PowerMode.OFF, until=until)
    assert Hold.from_stored(hold.as_stored()) == hold


def test_a_chain_without_beginning_and_end_has_them_a_month_away_all_day_long() -> None:
    """Nobody would hear the same window twice otherwise."""
    midnight = MONDAY.replace(tzinfo=None)
    day = timedelta(days=1)
    always = event(start=midnight, end=midnight + day, time_zone="UTC", rrule="FREQ=DAILY")
    power = power_at(at("08:30") + timedelta(days=100), from_(always), NOTHING)
    later = power_at(at("23:30") + timedelta(days=100), from_(always), NOTHING)
    assert power.window == later.window
    assert power.window == (MONDAY + timedelta(days=68), MONDAY + timedelta(days=133))
    assert power.next_change == MONDAY + timedelta(days=101)


def test_the_next_window_is_found_however_far_it_is() -> None:
    """Summer holidays are longer than a month."""
    begin = at("08:00") + timedelta(days=180)
    far = event(
        start=begin.replace(tzinfo=None), end=begin.replace(tzinfo=None) + minutes(60), time_zone="UTC"
    )
    assert power_at(MONDAY, from_(far), ON_BOTH).next_change == begin - minutes(5)


times = st.integers(0, 600)
windows = st.lists(st.tuples(times, st.integers(1, 120)), max_size=6)
margins_ = st.builds(
    Margins,
    lead=st.integers(0, 30).map(minutes),
    lag=st.integers(0, 30).map(minutes),
    bridge=st.integers(0, 30).map(minutes),
)
holds = st.none() | st.builds(
    Hold,
    mode=st.sampled_from([PowerMode.ON, PowerMode.OFF]),
    until=st.none() | times.map(lambda minute: MONDAY + minutes(minute)),
)


def changing(shows: ShowsFrom, margins: Margins, hold: Hold | None) -> Iterator[tuple[datetime, Power]]:
    """Yield what is told, from one planned change to the next."""
    now: datetime | None = MONDAY
    while now is not None:
        power = power_at(now, shows, margins, hold)
        yield now, power
        now = power.next_change


@given(windows=windows, margins=margins_, hold=holds)
def test_nothing_is_off_in_a_window_or_between_those_that_touch(
    windows: list[tuple[int, int]], margins: Margins, hold: Hold | None
) -> None:
    """Minute by minute, against what people mean; and who wakes at the planned changes only misses none."""
    shows = shown_in(windows)
    spans = [
        (MONDAY + minutes(start) - margins.lead, MONDAY + minutes(start + length) + margins.lag)
        for start, length in windows
    ]
    told = list(changing(shows, margins, hold))
    for minute in range(800):
        now = MONDAY + minutes(minute)
        over = max((end for begin, end in spans if begin <= now), default=None)
        ahead = min((begin for begin, _ in spans if now < begin), default=None)
        inside = any(begin <= now < end for begin, end in spans)
        bridged = over is not None and ahead is not None and over <= now and ahead - over <= margins.bridge
        held = hold is not None and (hold.until is None or now < hold.until)
        wanted = hold.mode is PowerMode.ON if hold and held else inside or bridged
        power = power_at(now, shows, margins, hold)
        assert power.on is wanted
        assert power.told == [each for moment, each in told if moment <= now][-1].told


def test_a_hand_holds_for_a_while_and_no_longer_than_the_schedule_stays() -> None:
    """What a person chose to last holds again after it."""
    lasting = Hold(mode=PowerMode.OFF)
    short = held_a_while(None, PowerMode.ON, at("10:30"), None)
    cut = held_a_while(lasting, PowerMode.ON, at("10:30"), at("10:15"))
    assert short == Hold(mode=PowerMode.ON, until=at("10:30"))
    assert cut == Hold(mode=PowerMode.ON, until=at("10:15"), under=lasting)
    assert held_a_while(cut, PowerMode.OFF, at("10:40"), at("11:00")) == Hold(
        mode=PowerMode.OFF, until=at("10:40"), under=lasting
    )
