"""Test when TVs are told, when a hand is seen, and when one has not followed for too long."""

from datetime import timedelta

import pytest

from custom_components.infoscreen.model.tvs import Doubt, Tv

from .samples import NOW, seconds

OFF = Tv().shows(NOW, on=False)


def test_a_tv_that_does_not_follow_is_told_three_times_twenty_seconds_apart() -> None:
    """Edges, "Power"; then it is left alone."""
    tv, now, told = OFF.wants(on=True), NOW, []
    while (due := tv.due(now)) is not None:
        now = due
        told.append(now - NOW)
        tv = tv.called(now)
    assert told == [seconds(0), seconds(20), seconds(40)]
    assert tv.wants(on=False).wants(on=True).due(now) == now


def test_a_tv_that_is_as_it_should_be_is_told_nothing() -> None:
    """Nor is one that nobody tells, or that cannot be reached."""
    assert OFF.wants(on=False).due(NOW) is None
    assert OFF.due(NOW) is None
    assert Tv().wants(on=True).due(NOW) is None
    followed = OFF.wants(on=True).called(NOW).shows(NOW + seconds(3), on=True)
    assert followed.due(NOW + seconds(20)) is None
    assert followed.wants(on=True) is followed


def test_a_tv_of_which_nobody_knows_whether_it_is_on_is_told_too() -> None:
    """Infrared remotes hear nothing back."""
    assert Tv().shows(NOW, on=None).wants(on=True).due(NOW) == NOW


def test_a_tv_that_comes_back_is_set_right() -> None:
    """Edges, "Power": away is nobody's hand; all tries are before it again."""
    tv = OFF.wants(on=True)
    for _ in range(3):
        tv = tv.called(NOW)
    later = NOW + timedelta(hours=1)
    away = tv.shows(later, on=None, away=True)
    assert away.due(later) is None
    assert not away.is_hand(later, on=False)
    assert away.shows(later, on=False).due(later) == later


ON = Tv().shows(NOW, on=True).wants(on=True)


@pytest.mark.parametrize(
    ("tv", "on", "after", "hand"),
    [
        (ON, False, 0, True),
        (ON.called(NOW), False, 9.9, False),
        (ON.called(NOW), False, 10, True),
        (ON, True, 0, False),
        (ON, None, 0, False),
        (ON.wants(on=None), False, 0, False),
        (ON.wants(on=False), False, 0, False),
        (ON.wants(on=False), True, 0, False),
        (ON.shows(NOW, on=None), False, 0, False),
    ],
    ids=[
        "never told",
        "just told",
        "told a while ago",
        "still on",
        "nobody knows",
        "nobody tells it",
        "followed late",
        "has yet to follow",
        "it was not known before",
    ],
)
def test_a_hand_is_a_change_that_nobody_asked_for(tv: Tv, on: bool | None, after: float, hand: bool) -> None:
    """Edges, "Power": nor within ten seconds after one of our calls."""
    assert tv.is_hand(NOW + seconds(after), on=on) is hand


def test_nobody_fights_with_a_hand() -> None:
    """Until something else is wanted; a TV that only stumbled is told again, but not for ever."""
    later = NOW + seconds(60)
    assert ON.shows(later, on=False).due(later) is None
    assert ON.shows(later, on=False).wants(on=False).wants(on=True).due(later) == later
    stumbling = Tv().shows(NOW, on=False).wants(on=True)
    for _ in range(3):
        assert stumbling.due(NOW) is not None
        stumbling = stumbling.called(NOW).shows(NOW, on=True).shows(NOW, on=False)
    assert stumbling.due(NOW) is None


def test_who_says_otherwise_for_two_minutes_is_believed() -> None:
    """Product, "Power": each by itself, and each from the moment on that something else was wanted."""
    doubt = Doubt().heard(NOW, {"tv": True, "sensor": False, "screen": None}, wanted=True)
    assert (doubt.began, doubt.due) == (NOW, NOW + seconds(120))
    doubt = doubt.heard(NOW + seconds(60), {"tv": False, "sensor": False}, wanted=True)
    assert not doubt.stands(NOW + seconds(119))
    assert doubt.stands(NOW + seconds(120))
    slow = doubt.heard(NOW + seconds(100), {"tv": False, "sensor": True}, wanted=True)
    assert (slow.began, slow.stands(NOW + seconds(120))) == (NOW + seconds(60), False)
    turned = doubt.heard(NOW + seconds(110), {"tv": True}, wanted=False)
    assert turned.began == NOW + seconds(110)


def test_nobody_can_say_otherwise_where_nothing_is_wanted() -> None:
    """Power publishing is off, or all agree."""
    for doubt in (
        Doubt().heard(NOW, {"tv": False}, wanted=None),
        Doubt().heard(NOW, {"tv": False}, wanted=False),
    ):
        assert (doubt.due, doubt.stands(NOW + seconds(999))) == (None, False)
