"""Counts are kept by each change; they must never drift from what counting anew would give."""

from collections import Counter
from dataclasses import replace

from hypothesis import given, strategies as st

from custom_components.infoscreen.model.fleet import ServiceFailure
from custom_components.infoscreen.model.health import ScreenState
from custom_components.infoscreen.model.lifecycle import Action
from custom_components.infoscreen.model.messages import ProcessStatus, ScreenHealth
from custom_components.infoscreen.model.tally import Tally, Trait, traits

from .samples import NOW, screen

STATES = st.none() | st.builds(
    ScreenState,
    screen=st.builds(
        screen,
        heard=st.booleans(),
        group_id=st.sampled_from([None, 12, 13]),
        off_since=st.sampled_from([None, NOW]),
        process_status=st.none() | st.sampled_from(ProcessStatus),
        screen_health=st.none() | st.sampled_from(ScreenHealth),
    ),
    alive=st.none() | st.booleans(),
    outage=st.booleans(),
)


@given(st.lists(st.tuples(st.integers(0, 3), STATES)))
def test_counts_never_drift(moves: list[tuple[int, ScreenState | None]]) -> None:
    """Whatever becomes of screens, in whatever order."""
    tally = Tally()
    now: dict[int, ScreenState | None] = {}
    for number, state in moves:
        before = {(group, trait): tally.count(trait, group) for group in (None, 12, 13) for trait in Trait}
        changed = tally.move(now.get(number), state)
        now[number] = state
        after = {(group, trait): tally.count(trait, group) for group in (None, 12, 13) for trait in Trait}
        assert changed == {key[0] for key in before if before[key] != after[key]}
    anew: Counter[tuple[int | None, Trait]] = Counter()
    for state in filter(None, now.values()):
        anew.update((group, trait) for trait in traits(state) for group in {None, state.screen.group_id})
    assert {(group, trait): tally.count(trait, group) for group, trait in anew} == anew


def test_a_screen_counts_by_what_it_is() -> None:
    """Known, there, and how it is doing."""
    there = ScreenState(screen=screen(), alive=True, outage=False)
    crashed = screen(process_status=ProcessStatus.CRASHED)
    frozen = screen(screen_health=ScreenHealth.FROZEN)
    assert [*traits(there)] == [Trait.SCREENS, Trait.ONLINE]
    assert [*traits(replace(there, alive=False))] == [Trait.SCREENS, Trait.OFFLINE]
    assert [*traits(replace(there, screen=crashed))] == [Trait.SCREENS, Trait.ONLINE, Trait.CRITICAL]
    assert [*traits(replace(there, screen=frozen))] == [Trait.SCREENS, Trait.ONLINE, Trait.WARNING]


def test_what_brings_a_screen_back_depends_on_whether_it_still_speaks() -> None:
    """Product, "Entities": restart_unresponsive."""
    there = ScreenState(screen=screen(), alive=True, outage=False)
    crashed = replace(there, screen=screen(process_status=ProcessStatus.CRASHED))
    assert there.remedy is None
    assert crashed.remedy is Action.RESTART_APP
    assert replace(crashed, alive=False).remedy is Action.REBOOT_HOST
    failed = screen(failure=ServiceFailure(unit="app", failed_at=None, received_at=NOW))
    assert replace(there, alive=False, screen=failed).remedy is Action.REBOOT_HOST
    assert replace(there, alive=False, screen=failed, due=False).remedy is None
    assert replace(there, screen=failed).remedy is None
    off = replace(failed, off_since=NOW)
    assert replace(there, alive=False, screen=off).remedy is None
    assert replace(crashed, alive=None, outage=True).remedy is None
    assert replace(there, alive=False, screen=screen(off_since=NOW)).remedy is None
