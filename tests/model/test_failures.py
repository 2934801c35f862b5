"""Test when a failed service is told, and when it is over: contract, "service_failed"."""

from datetime import timedelta

import pytest

from custom_components.infoscreen.model.fleet import Screen, ServiceFailure
from custom_components.infoscreen.model.messages import ServiceFailed
from custom_components.infoscreen.model.topics import Topics

from .samples import NOW, UUID, screen, seconds

EARLIER, LATER = "2026-03-02T08:00:00Z", "2026-03-02T09:00:00Z"


def failed(failed_at: str | None = EARLIER) -> ServiceFailed:
    """Return what a screen says of a failure."""
    return ServiceFailed(unit="infoscreen.service", failed_at=failed_at)


def test_a_failure_is_kept_with_when_it_was_received() -> None:
    """The screen's clock may be wrong; its time is the failure's identity alone."""
    assert screen().failed(failed(), NOW).failure == ServiceFailure(
        unit="infoscreen.service", failed_at=EARLIER, received_at=NOW
    )


@pytest.mark.parametrize("failed_at", [EARLIER, None], ids=["with its time", "without one"])
def test_a_failure_that_comes_again_is_the_same(failed_at: str | None) -> None:
    """It stands on the broker, and comes after every connect."""
    once = screen().failed(failed(failed_at), NOW)
    assert once.failed(failed(failed_at), NOW + seconds(60)) is once


def test_a_failure_that_was_cleared_is_not_told_again_and_a_new_one_is() -> None:
    """The broker may not have heard that it was cleared."""
    cleared = screen().failed(failed(), NOW).recovered()
    assert (cleared.failure, cleared.cleared) == (None, EARLIER)
    assert cleared.failed(failed(), NOW) is cleared
    assert cleared.failed(failed(LATER), NOW).failure is not None
    assert cleared.failed(failed(None), NOW).failure is not None


def test_a_screen_without_a_failure_has_nothing_to_clear() -> None:
    """Two people look after one screen."""
    healthy = screen(cleared=EARLIER)
    assert healthy.recovered() is healthy


@pytest.mark.parametrize(
    ("running_since", "over_after"),
    [(None, None), (-3600, 600), (0, 600), (120, 720)],
    ids=["not running", "running all along", "running since", "running again later"],
)
def test_a_failure_is_over_after_ten_minutes_of_running(
    running_since: float | None, over_after: float | None
) -> None:
    """Counted from when it was received, and only while the screen runs."""
    failure = ServiceFailure(unit=None, failed_at=None, received_at=NOW)
    since = None if running_since is None else NOW + seconds(running_since)
    assert failure.over_at(since) == (None if over_after is None else NOW + seconds(over_after))


def test_a_failure_outlives_a_restart() -> None:
    """And so does what was cleared last."""
    before = screen(cleared=EARLIER).failed(failed(LATER), NOW + timedelta(microseconds=1))
    assert Screen.from_stored(before.as_stored()) == before


def test_a_failure_stands_where_the_screen_put_it() -> None:
    """Contract, "Topics": the controller empties it there."""
    assert Topics(prefix="infoscreen").service_failed(UUID) == f"infoscreen/{UUID}/service_failed"
