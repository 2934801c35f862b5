"""The outlets of a UPS, and the dates of its battery."""

from datetime import date

import pytest

from custom_components.infoscreen.model.ups.outlets import Outlet, outlets
from custom_components.infoscreen.model.ups.values import plausible_date

BOTH = {"outlet.1.load.on", "outlet.1.load.off"}
TODAY = date(2026, 11, 21)


@pytest.mark.parametrize(
    ("switchable", "commands", "switched"),
    [("yes", BOTH, True), ("1", BOTH, True), ("no", BOTH, False), ("yes", {"outlet.1.load.on"}, False)],
)
def test_an_outlet_is_switched_only_if_it_can_be_turned_on_again(
    switchable: str, commands: set[str], switched: bool
) -> None:
    """By its own word and by its commands."""
    variables = {"outlet.1.status": "on", "outlet.1.switchable": switchable, "outlet.desc": "all"}
    assert outlets(variables, commands) == [Outlet(number="1", switchable=switched)]


def test_an_outlet_has_its_names() -> None:
    """Of the entity, and of what switches it."""
    outlet = Outlet(number="2", switchable=True)
    assert (outlet.key, outlet.command(on=True), outlet.command(on=False)) == (
        "outlet_2_status",
        "outlet.2.load.on",
        "outlet.2.load.off",
    )


@pytest.mark.parametrize(
    ("said", "is_on"), [("On", True), ("Closed", True), ("off", False), ("open", False), ("?", None)]
)
def test_drivers_have_several_words_for_on(said: str, is_on: bool | None) -> None:
    """And some for nothing."""
    assert Outlet(number="1", switchable=False).is_on({"outlet.1.status": said}) is is_on


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("2024/05/06", "2024-05-06"),
        ("2024-5-6", "2024-05-06"),
        ("2027/01/01", "2027-01-01"),
        ("2028/01/01", None),
        ("1994/12/31", None),
        ("2020/02/30", None),
        ("2065/165/165", None),
        ("10/25/93", None),
        ("CPS", None),
        (None, None),
    ],
)
def test_a_date_is_one_that_a_battery_in_use_can_have(said: str | None, shown: str | None) -> None:
    """Half of them are not."""
    assert plausible_date(said, TODAY) == shown
