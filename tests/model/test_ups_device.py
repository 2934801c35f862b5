"""One UPS over time."""

from datetime import UTC, datetime, timedelta

import pytest

from custom_components.infoscreen.model.ups.device import TEST_LASTS, State, Ups
from custom_components.infoscreen.model.ups.status import Level

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
LATER = NOW + timedelta(seconds=10)
ONLINE = {
    "ups.status": "OL",
    "battery.charge": "97",
    "battery.runtime": "4980",
    "ups.model": " Eco ",
    "ups.mfr": "?",
}
UPS = Ups(name="Rack", since=NOW)


def test_what_a_ups_says() -> None:
    """Numbers that can be true, texts that say something."""
    ups = UPS.heard(ONLINE | {"input.voltage": "2320"}, LATER)
    assert (ups.key, ups.state, ups.since, ups.last_ok, ups.fresh) == ("rack", State.OK, LATER, LATER, True)
    assert (ups.charge, ups.runtime, ups.value("input.voltage"), ups.value("ups.load")) == (
        97,
        4980,
        None,
        None,
    )
    assert (ups.text("ups.model"), ups.text("ups.mfr"), ups.text("ups.serial")) == ("Eco", None, None)
    assert ups.alertness.level is Level.OK


def test_what_is_said_again_is_not_read_again() -> None:
    """Most answers are as the one before."""
    ups = UPS.heard(ONLINE, NOW)
    again = ups.heard(ONLINE, LATER)
    assert again.readings is ups.readings
    assert again == ups
    assert (again.since, again.last_ok) == (NOW, LATER)


@pytest.mark.parametrize(
    ("variable", "text", "reasons"),
    [
        ("ups.timer.shutdown", "20", ("shutdown_timer",)),
        ("ups.timer.shutdown", "0", ()),
        ("ups.timer.shutdown", "-60", ()),
        ("ups.timer.shutdown", "65535", ()),
        ("battery.packs.bad", "1", ("bad_battery_packs",)),
        ("battery.packs.bad", "0", ()),
        ("battery.packs.bad", "-1", ()),
        ("ups.timer.reboot", "20", ()),
    ],
)
def test_some_numbers_are_grave_by_themselves(variable: str, text: str, reasons: tuple[str, ...]) -> None:
    """Where the status says that all is well; a timer that rests is none."""
    assert UPS.heard(ONLINE | {variable: text}, NOW).alertness.reasons == reasons


def test_waiting_is_no_alarm_and_no_value() -> None:
    """That is what upsd says until a driver has answered."""
    ups = UPS.heard({"ups.status": "WAIT"}, NOW)
    assert (ups.state, ups.fresh, ups.last_ok, ups.alertness.level) == (State.WAITING, False, None, None)


@pytest.mark.parametrize(
    ("code", "state"),
    [
        ("DATA-STALE", State.STALE),
        ("DRIVER-NOT-CONNECTED", State.DRIVER_LOST),
        ("UNKNOWN-UPS", State.NOT_FOUND),
        ("ACCESS-DENIED", State.DENIED),
        ("USERNAME-REQUIRED", State.DENIED),
        ("DATA-ODD", State.ERROR),
    ],
)
def test_what_upsd_means(code: str, state: State) -> None:
    """All three failures of one UPS are told by one word."""
    assert State.of(code) is state


def test_a_ups_that_is_lost_knows_nothing_but_how_it_was() -> None:
    """Nobody may act on old values; how it was last decides what its silence means."""
    lost = UPS.heard(ONLINE | {"ups.status": "OB LB"}, NOW).lost(State.STALE, "DATA-STALE", LATER)
    assert (lost.state, lost.reason, lost.since, lost.fresh) == (State.STALE, "DATA-STALE", LATER, False)
    assert (lost.charge, lost.text("ups.model")) == (None, None)
    assert lost.status.has("OB", "LB")
    assert lost.lost(State.STALE, "DATA-STALE", LATER + timedelta(seconds=5)).since == LATER
    long_after = LATER + timedelta(seconds=15)
    assert lost.alertness.next_change == long_after
    assert lost.passed(long_after).alertness.level is Level.CRITICAL


def test_a_server_that_misses_one_question_leaves_values_but_doubt() -> None:
    """They are shown a little longer, and nobody acts on them."""
    ups = UPS.heard(ONLINE, NOW).doubted(LATER)
    assert (ups.charge, ups.state, ups.fresh) == (97, State.OK, False)
    assert ups.heard(ONLINE, LATER).fresh


def test_a_test_that_was_asked_for_is_no_outage() -> None:
    """Many UPSes say that they are on battery while it runs."""
    asked = UPS.heard(ONLINE, NOW).tested(NOW)
    on_battery = ONLINE | {"ups.status": "OB DISCHRG"}
    during = asked.heard(on_battery, LATER).heard(on_battery, LATER + timedelta(seconds=10))
    assert during.alertness.level is Level.OK
    after = NOW + TEST_LASTS
    still = during.heard(on_battery, after).heard(on_battery, after + timedelta(seconds=5))
    assert still.alertness.level is Level.WARNING
    assert still.test_until is None


def test_a_test_that_is_asked_for_in_an_outage_ends_none() -> None:
    """Who runs on battery already does so for another reason."""
    on_battery = ONLINE | {"ups.status": "OB DISCHRG"}
    ups = UPS.heard(ONLINE, NOW).heard(on_battery, NOW).heard(on_battery, NOW + timedelta(seconds=5))
    later = NOW + timedelta(seconds=30)
    after = ups.tested(later).heard(on_battery, later).heard(on_battery, later + timedelta(seconds=5))
    assert after.alertness.level is Level.WARNING
    assert after.test_until is None


def test_a_test_that_was_refused_is_none() -> None:
    """But the one before it may still run."""
    ups = UPS.heard(ONLINE, NOW)
    assert ups.tested(NOW).untested(ups).test_until is None
    asked = ups.tested(NOW)
    assert asked.tested(LATER).untested(asked).test_until == NOW + TEST_LASTS
