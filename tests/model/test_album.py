"""Test which screenshots are kept, and what is shown of them when."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given, strategies as st
import pytest

from custom_components.infoscreen.model.album import (
    MAX_FLEET_BYTES,
    MAX_KEPT,
    MAX_SCREEN_BYTES,
    Album,
    Kept,
    crowded_out,
)
from custom_components.infoscreen.model.messages import Capture
from custom_components.infoscreen.model.pictures import PictureFormat

from .samples import NOW, seconds

TTL = timedelta(seconds=120)
MIB = 1024**2


def kept(number: int = 1, at: float = 0, capture: Capture = Capture.PERIODIC, **how: Any) -> Kept:
    """Return a screenshot that came so many seconds after NOW."""
    values: dict[str, Any] = {"format": PictureFormat.JPEG, "size": 1000} | how
    return Kept(number=number, received_at=NOW + seconds(at), capture=capture, **values)


def album(*moments: float, capture: Capture = Capture.PERIODIC) -> Album:
    """Return an album of screenshots that came at these seconds, each looked at when it came."""
    made = Album()
    for moment in moments:
        made = made.with_newest(kept(made.next_number, moment, capture)).at(TTL, NOW + seconds(moment))
    return made


@given(
    number=st.integers(0, 10**12 - 1),
    received_at=st.datetimes(timezones=st.just(UTC)),
    captured_at=st.none() | st.datetimes(timezones=st.just(UTC)),
    capture=st.sampled_from(Capture),
    form=st.sampled_from(PictureFormat),
)
def test_a_files_name_says_all(
    number: int, received_at: datetime, captured_at: datetime | None, capture: Capture, form: PictureFormat
) -> None:
    """There is no index that could be lost or wrong."""
    made = Kept(
        number=number,
        received_at=received_at,
        capture=capture,
        format=form,
        size=5,
        captured_at=captured_at,
    )
    assert Kept.from_name(made.name, 5) == made
    assert "/" not in made.name


def test_a_files_name_can_be_read_by_people() -> None:
    """They look into folders too."""
    made = kept(12, capture=Capture.EVENT_START, captured_at=NOW + seconds(0.5))
    assert made.name == "00000012_20260302T093000.000000Z_20260302T093000.500000Z_event_start.jpg"


@pytest.mark.parametrize(
    "name",
    [
        "",
        "tmp4711",
        "00000001_20260302T093000.000000Z_-_periodic.gif",
        "00000001_20260302T093000.000000Z_-_sometimes.jpg",
        "00000001_20261302T093000.000000Z_-_periodic.jpg",
        "00000001_20260302T093000.000000Z_-_periodic.jpg.tmp",
        "../00000001_20260302T093000.000000Z_-_periodic.jpg",
    ],
    ids=repr,
)
def test_any_other_name_is_none_of_ours(name: str) -> None:
    """Only what is understood whole is taken up again."""
    assert Kept.from_name(name, 5) is None


def test_an_album_is_in_the_order_in_which_things_came() -> None:
    """Clocks are set back; the screenshot that came last is the latest all the same."""
    first, second = kept(1, 3600), kept(2, 0)
    assert Album.of([first, second]).latest == second
    assert Album.of([]).latest is None
    assert Album.of([]).next_number == 1
    assert Album.of([first, second]).next_number == 3
    assert Album.of([first, second]).find(first.name) == first
    assert Album.of([first]).find(second.name) is None


def test_twenty_are_kept_and_the_last_priority_one() -> None:
    """Contract, "dashboard v2"."""
    made = album(0, 1, capture=Capture.EVENT_STOP)
    for number in range(3, 30):
        made = made.with_newest(kept(number, number))
    assert [each.number for each in made.kept] == [*range(29, 29 - MAX_KEPT, -1), 2]
    assert made.latest_priority == made.kept[-1]


def test_the_oldest_go_first_where_room_is_short() -> None:
    """Product, "Bounds": 20 MiB; a small one is not kept for being small."""
    made = Album()
    for number, size in enumerate([1, 8, 8, 8], 1):
        made = made.with_newest(kept(number, size=size * MIB))
    assert [each.number for each in made.kept] == [4, 3]
    assert made.size == 16 * MIB


@given(st.lists(st.tuples(st.integers(1, 8 * MIB), st.sampled_from(Capture)), min_size=1, max_size=60))
def test_an_album_is_always_within_its_bounds(coming: list[tuple[int, Capture]]) -> None:
    """And always has the latest of both sorts."""
    made = Album()
    for number, (size, capture) in enumerate(coming, 1):
        made = made.with_newest(kept(number, capture=capture, size=size))
        assert made.size <= MAX_SCREEN_BYTES
        assert len(made.kept) <= MAX_KEPT + 1
        assert made.latest is not None
        assert made.latest.number == number
    priority = [number for number, (_, capture) in enumerate(coming, 1) if capture.priority]
    last = made.latest_priority.number if made.latest_priority else None
    assert last == max(priority, default=None)


def test_screenshots_that_are_taken_over_come_before_ones_own() -> None:
    """A screen that is replaced has its history go on."""
    old, new = album(0, 60), album(10, 20)
    whole = new.after(old)
    assert [each.number for each in whole.kept] == [4, 3, 2, 1]
    assert [each.received_at for each in whole.kept] == [NOW + seconds(at) for at in (20, 10, 60, 0)]
    assert Album().after(old).kept == old.kept


# What is shown


def test_the_first_screenshot_is_told_at_once_and_the_next_after_five_minutes() -> None:
    """Product, "Bounds"."""
    made = album(0, 60, 120)
    assert made.told == kept(1, 0)
    assert made.next_change(TTL) == NOW + seconds(300)  # both: the state is due, and it grows stale
    assert made.at(TTL, NOW + seconds(299)) == made
    later = made.at(TTL, NOW + seconds(300))
    assert later.told == kept(3, 120)
    assert later.with_newest(kept(4, 310)).at(TTL, NOW + seconds(310)).told == kept(3, 120)


def test_a_priority_screenshot_is_told_at_once() -> None:
    """And a periodic one after it waits its time again."""
    made = album(0, 60).with_newest(kept(3, 70, Capture.EVENT_START)).at(TTL, NOW + seconds(70))
    assert made.told == made.latest
    made = made.with_newest(kept(4, 80)).at(TTL, NOW + seconds(80))
    assert made.told != made.latest


def test_a_clock_that_was_set_back_keeps_nobody_waiting() -> None:
    """Otherwise the state would stand still for an hour."""
    made = album(3600).with_newest(kept(2, 0)).at(TTL, NOW)
    assert made.told == kept(2, 0)


def test_nothing_is_told_of_nothing() -> None:
    """Nor does anything change by itself."""
    assert Album().at(TTL, NOW) == Album()
    assert Album().next_change(TTL) is None


def test_what_was_told_is_taken_back_if_nothing_is_left() -> None:
    """A fleet that is full may have to let go of everything of a screen."""
    made = album(0)
    assert made.without(made.kept).at(TTL, NOW).told is None


@pytest.mark.parametrize(
    ("moments", "stale_after"),
    [
        ((0, 60), 180),
        ((0, 60, 120, 4000, 4060), 180),
        ((0, 100, 400, 500), 300),
        ((0, 1, 2), 30),
        ((0, 60, 60), 180),
    ],
    ids=["two", "a night between", "one left out", "a flood", "two at once"],
)
def test_a_screenshot_grows_stale_after_three_usual_intervals(
    moments: tuple[float, ...], stale_after: float
) -> None:
    """Product; what is usual is what lies in the middle, so that a night counts for nothing."""
    made, last = album(*moments), NOW + seconds(moments[-1])
    made = made.at(TTL, last + seconds(stale_after - 1))
    assert made.stale is False
    assert made.at(TTL, last + seconds(stale_after)).stale is True


@pytest.mark.parametrize("moments", [(), (0,), (0, 0)], ids=["none", "one", "two at once"])
def test_without_an_interval_nothing_is_stale(moments: tuple[float, ...]) -> None:
    """Nobody can know."""
    assert album(*moments).at(TTL, NOW + timedelta(days=365)).stale is False


def test_priority_screenshots_say_nothing_of_the_interval() -> None:
    """They come with events."""
    made = album(0, 60, capture=Capture.EVENT_START)
    assert made.at(TTL, NOW + timedelta(days=1)).stale is False


def test_a_priority_screenshot_is_active_for_its_time() -> None:
    """Contract, "dashboard v2"; a periodic one after it changes nothing of that."""
    made = album(0, capture=Capture.EVENT_START).with_newest(kept(2, 10)).at(TTL, NOW + seconds(10))
    assert made.priority_active is True
    assert made.next_change(TTL) == NOW + TTL
    over = made.at(TTL, NOW + TTL)
    assert over.priority_active is False
    assert over.next_change(TTL) == NOW + seconds(300)


@given(
    coming=st.lists(st.tuples(st.integers(0, 900), st.sampled_from(Capture)), min_size=1, max_size=12),
    later=st.integers(0, 5000),
)
def test_between_two_changes_nothing_changes(coming: list[tuple[int, Capture]], later: int) -> None:
    """So one alarm, set to the next change, misses none."""
    made, now = Album(), NOW
    for wait, capture in coming:
        now += seconds(wait)
        newest = replace(kept(made.next_number, capture=capture), received_at=now)
        made = made.with_newest(newest).at(TTL, now)
    change, then = made.next_change(TTL), now + seconds(later)
    assert change is None or change > now
    if change is None or then < change:
        assert made.at(TTL, then) == made
    else:
        assert made.at(TTL, change) != made


# A fleet


def test_a_fleet_that_fits_lets_nothing_go() -> None:
    """Which is nearly always."""
    assert crowded_out({"a": album(0)}, MAX_FLEET_BYTES, spared=kept(9)) == []


def test_a_full_fleet_lets_go_of_the_oldest() -> None:
    """Product, "Bounds": what is a screen's last, be it ever so old, goes only when nothing else is left."""
    size = MAX_FLEET_BYTES // 8
    old = Album.of([kept(1, 0, size=size), kept(2, 10, size=size), kept(3, 20, size=size)])
    new = Album.of([kept(1, 5, size=size), kept(2, 30, size=size), kept(3, 40, size=size)])
    albums, newest = {"old": old, "new": new}, new.kept[0]

    def gone(total: int) -> list[tuple[str, int]]:
        return [(key, each.number) for key, each in crowded_out(albums, total, spared=newest)]

    assert gone(MAX_FLEET_BYTES + 1) == [("old", 1)]
    assert gone(MAX_FLEET_BYTES + size) == [("old", 1), ("new", 1)]
    everything = [("old", 1), ("new", 1), ("old", 2), ("new", 2), ("old", 3)]
    assert gone(MAX_FLEET_BYTES * 2) == everything
