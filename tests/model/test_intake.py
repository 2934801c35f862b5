"""Test what waits to be looked at, and what is forgotten."""

from datetime import timedelta
from typing import Any

from hypothesis import given, strategies as st

from custom_components.infoscreen.model.intake import (
    BURST,
    MAX_LINE,
    MAX_LINE_BYTES,
    PACE,
    Intake,
    Waiting,
)

from .samples import NOW

MIB = 1024**2


def waiting(key: str, thing: int, size: int = 1, *, hasty: bool = False) -> Waiting[int]:
    """Return something that waits."""
    return Waiting(key=key, size=size, hasty=hasty, thing=thing)


def taken(intake: Intake[int], now: Any = NOW) -> list[tuple[str, int]]:
    """Return all that can be taken, each looked at before the next."""
    found = []
    while (each := intake.take(now)) is not None:
        found.append((each.key, each.thing))
        intake.done(each.key)
    return found


def test_screens_take_turns_and_each_keeps_its_order() -> None:
    """The latest screenshot must be the one that came last."""
    intake: Intake[int] = Intake()
    for each in (waiting("a", 1), waiting("a", 2), waiting("b", 3), waiting("a", 4), waiting("b", 5)):
        intake.put(each, NOW)
    assert taken(intake) == [("a", 1), ("b", 3), ("a", 2), ("b", 5), ("a", 4)]
    assert intake.size == 0


def test_one_of_a_screen_is_looked_at_at_a_time() -> None:
    """Or a small one would overtake the large one before it."""
    intake: Intake[int] = Intake()
    intake.put(waiting("a", 1), NOW)
    intake.put(waiting("a", 2), NOW)
    first = intake.take(NOW)
    assert first is not None
    assert intake.take(NOW) is None
    assert intake.next_free(NOW) is None
    intake.done("a")
    assert taken(intake) == [("a", 2)]


def test_a_screen_in_haste_goes_first() -> None:
    """Somebody may be waiting for its picture."""
    intake: Intake[int] = Intake()
    for each in (waiting("a", 1), waiting("b", 2), waiting("b", 3, hasty=True), waiting("c", 4)):
        intake.put(each, NOW)
    assert taken(intake) == [("b", 2), ("b", 3), ("a", 1), ("c", 4)]


def test_the_oldest_of_a_long_line_is_forgotten_unless_it_is_in_haste() -> None:
    """As many wait as are kept."""
    intake: Intake[int] = Intake()
    for number in range(MAX_LINE + 2):
        intake.put(waiting("a", number, hasty=number == 0), NOW)
    assert [thing for _, thing in taken(intake)] == [0, *range(3, MAX_LINE + 2)]


def test_a_line_of_large_ones_is_shorter() -> None:
    """Two of the largest that are allowed."""
    intake: Intake[int] = Intake()
    for number in range(3):
        intake.put(waiting("a", number, 12 * MIB), NOW)
    assert intake.size == MAX_LINE_BYTES
    assert [thing for _, thing in taken(intake)] == [1, 2]


def test_all_lines_together_have_a_bound() -> None:
    """The heaviest gives way, even if it is in haste."""
    intake: Intake[int] = Intake(max_bytes=10)
    intake.put(waiting("a", 1, 2), NOW)
    intake.put(waiting("b", 2, 4, hasty=True), NOW)
    intake.put(waiting("b", 3, 4, hasty=True), NOW)
    intake.put(waiting("c", 4, 5), NOW)
    assert taken(intake) == [("b", 3), ("a", 1)]


def test_one_that_is_larger_than_all_may_be_is_forgotten() -> None:
    """It leaves no empty line behind."""
    intake: Intake[int] = Intake(max_bytes=10)
    intake.put(waiting("a", 1, 11), NOW)
    assert intake.size == 0
    assert taken(intake) == []


def test_who_sends_too_much_is_looked_at_at_a_pace() -> None:
    """Thirty at once, then one in five seconds; of what came meanwhile the newest will do."""
    intake: Intake[int] = Intake()
    for number in range(BURST):
        intake.put(waiting("a", number), NOW)
        assert taken(intake) == [("a", number)]
    for number in range(100, 110):
        intake.put(waiting("a", number), NOW)
    intake.put(waiting("b", 1), NOW)
    assert taken(intake) == [("b", 1)]
    assert intake.next_free(NOW) == NOW + PACE
    assert taken(intake, NOW + PACE) == [("a", 108)]
    assert taken(intake, NOW + 2 * PACE) == [("a", 109)]
    assert intake.next_free(NOW + 2 * PACE) is None


def test_a_screen_that_was_quiet_may_send_as_much_again() -> None:
    """What it did long ago is paid for."""
    intake: Intake[int] = Intake()
    for moment in (NOW, NOW + timedelta(hours=1)):
        for number in range(BURST):
            intake.put(waiting("a", number), moment)
            assert taken(intake, moment) == [("a", number)]


def test_a_screen_that_is_gone_is_forgotten() -> None:
    """With what it had waiting and had sent too much of."""
    intake: Intake[int] = Intake()
    for number in range(BURST + 1):
        intake.put(waiting("a", number), NOW)
        taken(intake)
    intake.forget("a")
    assert intake.size == 0
    intake.put(waiting("a", 1), NOW)
    assert taken(intake) == [("a", 1)]


@given(
    st.lists(st.tuples(st.sampled_from("abc"), st.integers(1, 6), st.booleans(), st.booleans()), max_size=60)
)
def test_whatever_comes_the_bound_holds_and_order_is_kept(
    coming: list[tuple[str, int, bool, bool]],
) -> None:
    """Nobody's later one is ever looked at before an earlier one."""
    intake: Intake[int] = Intake(max_bytes=20)
    seen: list[tuple[str, int]] = []
    for number, (key, size, hasty, look) in enumerate(coming):
        intake.put(waiting(key, number, size, hasty=hasty), NOW)
        assert intake.size <= 20
        seen += taken(intake) if look else []
    seen += taken(intake)
    for key in "abc":
        things = [thing for whose, thing in seen if whose == key]
        assert things == sorted(things)
