"""Test when silence is the broker's: product.md, "Status"."""

from datetime import timedelta

import pytest

from custom_components.infoscreen.model.outage import is_outage

from .samples import NOW, seconds

GRACE = seconds(170)


@pytest.mark.parametrize(
    ("there", "fallen", "outage"),
    [
        (0, 3, True),
        (0, 2, False),
        (1, 4, True),
        (1, 3, False),
        (2, 8, True),
        (3, 8, False),
        (500, 0, False),
        (0, 0, False),
    ],
)
def test_it_takes_four_fifths_and_three(there: int, fallen: int, outage: bool) -> None:
    """Two screens on one plug are no broker, and three of four are not enough."""
    assert is_outage(there, [NOW] * fallen, GRACE, NOW) is outage


def test_only_those_that_fell_within_one_grace_fell_together() -> None:
    """A screen that has been away for long says nothing of the broker."""
    long_ago, just_in_time = NOW - GRACE, NOW - GRACE + timedelta(microseconds=1)
    assert is_outage(0, [long_ago] * 9, GRACE, NOW) is False
    assert is_outage(0, [just_in_time] * 3, GRACE, NOW) is True
