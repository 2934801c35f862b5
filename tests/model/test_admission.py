"""Who becomes known by itself, who waits, and who is not heard."""

from collections.abc import Collection

import pytest

from custom_components.infoscreen.model.admission import (
    MAX_BLOCKED,
    MAX_WAITING,
    Entrance,
    asked_singly,
    entrance,
    with_blocked,
)
from custom_components.infoscreen.model.fleet import Screen

MANY = [str(number) for number in range(MAX_WAITING)]


@pytest.mark.parametrize(
    ("waiting", "blocked", "ask", "answer"),
    [
        ([], [], False, Entrance.WELCOME),
        ([], [], True, Entrance.WAITS),
        (["new"], [], False, Entrance.WAITS),
        (["new"], ["new"], False, Entrance.BLOCKED),
        (MANY[1:], [], True, Entrance.WAITS),
        (MANY, [], True, Entrance.FULL),
        (MANY, [], False, Entrance.WELCOME),
        ([*MANY, "new"], [], True, Entrance.WAITS),
    ],
    ids=[
        "nobody asks",
        "a person is asked",
        "waits already",
        "blocked",
        "the last that is remembered",
        "one too many",
        "one too many, but nobody asks",
        "waits already among many",
    ],
)
def test_a_screen_that_is_not_known(
    waiting: Collection[str], blocked: Collection[str], ask: bool, answer: Entrance
) -> None:
    """Fine points, "Screens": who waits once, waits until a person has decided."""
    assert entrance("new", waiting=waiting, blocked=blocked, ask=ask) is answer
    assert MAX_WAITING == 1000


def test_the_first_twenty_are_asked_for_one_by_one_where_all_are_approved() -> None:
    """Fine points, "Screens": one collected repair rather than forty."""
    assert asked_singly(MANY, approve=True) == MANY[:20]
    assert asked_singly(MANY[:3], approve=True) == MANY[:3]
    assert asked_singly(MANY, approve=False) == []


def test_the_oldest_block_is_forgotten_when_there_are_too_many() -> None:
    """Who is blocked anew counts as new."""
    screens = {str(number): Screen(uuid=str(number)) for number in range(MAX_BLOCKED + 1)}
    first, *others = screens
    blocked = with_blocked({key: screens[key] for key in [first, *others[:-1]]}, {})
    assert list(blocked) == [first, *others[:-1]]
    assert list(with_blocked(blocked, {others[-1]: screens[others[-1]]})) == others
    assert list(with_blocked(blocked, {first: screens[first]})) == [*others[:-1], first]
    assert MAX_BLOCKED == 2000
