"""Test whose turn it is, and what becomes of conversions that fail."""

from datetime import timedelta

import pytest

from custom_components.infoscreen.model.conversions import (
    BACK_OFF,
    LOOK_AGAIN,
    MAX_DETAIL,
    Conversion,
    Failure,
    State,
    Trouble,
    answer_failure,
    next_due,
    next_up,
    pdf_failure,
    sent_name,
    shortened,
)

from .samples import NOW

SECOND = timedelta(seconds=1)


def asked(sha256: str, due: timedelta = timedelta()) -> Conversion:
    """Return a conversion that waits."""
    return Conversion(sha256=sha256, path=f"/media/{sha256}.pptx", due=NOW + due)


def tried(trouble: Trouble, times: int) -> Conversion:
    """Return a conversion that failed so many times in the same way."""
    conversion = asked("a")
    for _ in range(times):
        conversion = conversion.begun().failed(Failure(trouble=trouble), NOW)
    return conversion


def test_whoever_waits_longest_is_next() -> None:
    """A retry takes its place behind those that came meanwhile."""
    waiting = [asked("a", 2 * SECOND), asked("b", SECOND), asked("c", 3 * SECOND), asked("d").begun()]
    assert next_up(waiting, NOW) is None
    assert next_due(waiting) == NOW + SECOND
    assert next_up(waiting, NOW + 2 * SECOND) == waiting[1]


def test_nothing_waits_where_nothing_is_due() -> None:
    """What is under way, ready or failed for good waits for nothing."""
    done = [asked("a").begun(), asked("b").begun().ready(), tried(Trouble.REFUSED, 1)]
    assert (next_up(done, NOW), next_due(done)) == (None, None)


def test_those_that_came_at_once_keep_their_order() -> None:
    """Moments are no better than a clock."""
    waiting = [asked("b"), asked("a"), asked("c")]
    assert next_up(waiting, NOW) == waiting[0]


@pytest.mark.parametrize(
    "trouble",
    [Trouble.SERVER_FAILED, Trouble.UNREACHABLE, Trouble.CUT_OFF, Trouble.TOO_SLOW, Trouble.NOT_KEPT],
)
def test_what_may_pass_is_tried_twice_more(trouble: Trouble) -> None:
    """Fine points, "Content": with back-off."""
    first, second, third = (tried(trouble, times) for times in (1, 2, 3))
    assert (first.state, first.due) == (State.PENDING, NOW + BACK_OFF[0])
    assert (second.state, second.due) == (State.PENDING, NOW + BACK_OFF[1])
    assert third.state is State.FAILED
    assert third.failure == Failure(trouble=trouble)


@pytest.mark.parametrize("trouble", [Trouble.REFUSED, Trouble.NO_PDF, Trouble.TOO_LARGE])
def test_a_last_word_is_not_asked_for_again(trouble: Trouble) -> None:
    """The file would be the same."""
    failed = tried(trouble, 1)
    assert (failed.state, failed.due) == (State.FAILED, None)


def test_only_a_server_that_is_away_is_looked_for() -> None:
    """It has said nothing of the file; all others have."""
    looked_for = {trouble: tried(trouble, 3).due for trouble in Trouble}
    assert looked_for == dict.fromkeys(Trouble) | {Trouble.UNREACHABLE: NOW + LOOK_AGAIN}
    assert tried(Trouble.UNREACHABLE, 4).due == NOW + LOOK_AGAIN


def test_once_a_server_answers_those_it_was_away_for_follow() -> None:
    """The others wait as they did."""
    later = NOW + timedelta(minutes=5)
    away, failing, under_way = (
        tried(Trouble.UNREACHABLE, 3),
        tried(Trouble.SERVER_FAILED, 1),
        asked("b").begun(),
    )
    assert away.reachable(later).due == later
    assert failing.reachable(NOW) == failing
    assert under_way.reachable(NOW) == under_way
    assert away.begun().reachable(NOW).due is None
    assert tried(Trouble.UNREACHABLE, 1).reachable(later).due == NOW + BACK_OFF[0]
    assert asked("c").reachable(later) == asked("c")


def test_a_new_beginning_has_all_its_tries() -> None:
    """A person asked for it, or there is another server."""
    again = tried(Trouble.REFUSED, 1).again(NOW)
    assert (again.state, again.due, again.tries) == (State.PENDING, NOW, 0)


def test_a_restart_asks_again_only_a_server_that_was_away() -> None:
    """What it refused, it would refuse again."""
    refused, away, ready = (
        tried(Trouble.REFUSED, 1),
        tried(Trouble.UNREACHABLE, 3),
        asked("a").begun().ready(),
    )
    assert (refused.taken_up(NOW), ready.taken_up(NOW)) == (refused, ready)
    assert away.taken_up(NOW).due == NOW


def test_what_is_ready_has_no_failure() -> None:
    """Whatever went before."""
    ready = tried(Trouble.CUT_OFF, 1).begun().ready()
    assert (ready.state, ready.failure, ready.name) == (State.READY, None, "a.pptx")


@pytest.mark.parametrize(
    ("status", "text", "failure"),
    [
        (400, "corrupted", Failure(trouble=Trouble.REFUSED, detail="400: corrupted")),
        (307, "", Failure(trouble=Trouble.REFUSED, detail="307")),
        (499, " \n", Failure(trouble=Trouble.REFUSED, detail="499")),
        (500, "out of\nmemory", Failure(trouble=Trouble.SERVER_FAILED, detail="500: out of memory")),
    ],
)
def test_an_answer_says_whose_fault_it_is(status: int, text: str, failure: Failure) -> None:
    """From 500 on it is the server's."""
    assert answer_failure(status, text) == failure


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("  two\r\n\tlines\x00 ", "two lines"),
        ("a" * MAX_DETAIL, "a" * MAX_DETAIL),
        ("a" * (MAX_DETAIL + 1), "a" * (MAX_DETAIL - 1) + "…"),
    ],
    ids=["signs that cannot be seen", "as long as may be", "too long"],
)
def test_what_others_say_is_a_line_in_bounds(text: str, line: str) -> None:
    """It is shown to people."""
    assert shortened(text) == line


def test_a_pdf_is_known_by_its_two_ends() -> None:
    """One that was cut off has no end, if nobody else says where it is; anything else begins otherwise."""
    assert pdf_failure(b"%PDF-1.7\n", b"startxref\n9\n%%EOF\n", is_whole=False) is None
    assert pdf_failure(b"%PDF-1.7\n", b"endobj\n", is_whole=True) is None
    assert pdf_failure(b"%PDF-1.7\n", b"endobj\n", is_whole=False) == Failure(trouble=Trouble.CUT_OFF)
    for is_whole in (True, False):
        no_pdf = Failure(trouble=Trouble.NO_PDF)
        assert pdf_failure(b"<html>%PDF-", b"%%EOF", is_whole=is_whole) == no_pdf
        assert pdf_failure(b"", b"", is_whole=is_whole) == no_pdf


@pytest.mark.parametrize(
    ("name", "sent"),
    [
        ("Pläne „2026“.pptx", "Pläne „2026“.pptx"),
        ('a"b\\c\r\nd.odp', "a_b_c__d.odp"),
        (f"{'ä' * 200}.pptx", f"{'ä' * 100}.pptx"),
    ],
    ids=["as it is", "what a header cannot hold", "long"],
)
def test_a_file_is_sent_under_its_own_name(name: str, sent: str) -> None:
    """It keeps its ending in any case."""
    assert sent_name(name) == sent
