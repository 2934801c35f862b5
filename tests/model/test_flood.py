"""What is a flood of messages."""

import pytest

from custom_components.infoscreen.model.flood import FLOOD, Flood


@pytest.mark.parametrize(
    ("messages", "seconds", "pours"),
    [
        (1, 0.001, False),
        (2, 0.001, True),
        (FLOOD, 1, False),
        (FLOOD + 1, 1, True),
        (1, 0, True),
        (0, 0, False),
    ],
)
def test_more_than_a_thousand_a_second_since_the_last_change_are_a_flood(
    messages: int, seconds: float, pours: bool
) -> None:
    """What came before the last change counts no more."""
    flood = Flood()
    flood.heard = 5000
    flood.pours(4.0)
    flood.heard += messages
    assert flood.pours(4.0 + seconds) is pours


def test_the_first_change_after_a_long_time_is_told_at_once() -> None:
    """However many messages changed nothing meanwhile."""
    flood = Flood()
    flood.heard = 100_000
    assert not flood.pours(3600)
