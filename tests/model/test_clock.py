"""Times as people and automations give them."""

from datetime import UTC, date, datetime

import pytest

from custom_components.infoscreen.model.errors import Refused
from custom_components.infoscreen.model.schedule.clock import read_moment, zone_named

VIENNA = zone_named("Europe/Vienna")


@pytest.mark.parametrize(
    ("given", "moment"),
    [
        ("2026-10-25 02:30", datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),
        ("2026-10-25T02:30:00+01:00", datetime(2026, 10, 25, 1, 30, tzinfo=UTC)),
        ("2026-10-25T01:30:00.25Z", datetime(2026, 10, 25, 1, 30, 0, 250_000, tzinfo=UTC)),
        (date(2026, 10, 26), datetime(2026, 10, 25, 23, tzinfo=UTC)),
    ],
    ids=["on the wall, twice", "with offset", "to the fraction", "a day"],
)
def test_a_moment_with_an_offset_is_exactly_that(given: object, moment: datetime) -> None:
    """The wall shows the doubled hour twice; who says which one is meant, means it."""
    assert read_moment(given, VIENNA) == moment


def test_a_moment_that_is_none_is_refused() -> None:
    """And one that nobody lives to see."""
    for given in ("yesterday", "0001-01-01T00:00:00+14:00"):
        with pytest.raises(Refused):
            read_moment(given, VIENNA)
