"""Test what is made of what UPSes say."""

from datetime import UTC, datetime, timedelta

from hypothesis import given, strategies as st
import pytest

from custom_components.infoscreen.model.ups.alert import Alertness
from custom_components.infoscreen.model.ups.status import Level, MainState, Reason, Status, level_of
from custom_components.infoscreen.model.ups.values import (
    Reading,
    Rejection,
    estimated_power,
    reading,
    runtime_text,
    said,
    unescaped,
)

NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)


def status(text: str) -> Status:
    """Return the status of a UPS that says more than that."""
    return Status.of({"ups.status": text, "battery.charge": "80"})


# The status


@pytest.mark.parametrize(
    ("text", "main", "reasons"),
    [
        ("OL", "online", []),
        (" OL CHRG ", "online", []),
        ("OL ECO NEWWORD", "online", []),
        ("ol trim", "online", []),
        ("TRIM", "online", []),
        ("OB", "on_battery", ["on_battery"]),
        ("OB DISCHRG", "on_battery", ["on_battery"]),
        ("DISCHRG OB LB", "low_battery", ["on_battery_low"]),
        ("LB", "low_battery", ["low_battery"]),
        ("OL CHRG LB", "online", ["low_battery_on_mains"]),
        ("OL OB", "online", ["contradictory"]),
        ("FSD OB LB", "forced_shutdown", ["forced_shutdown", "on_battery_low"]),
        ("ALARM OL FSD", "forced_shutdown", ["shutdown_latched", "alarm"]),
        ("OFF", "off", ["output_off"]),
        ("OL OFF", "off", ["output_off_on_mains"]),
        ("OL OVER RB BOOST", "overload", ["overload", "replace_battery"]),
        ("BYPASS BOOST", "bypass", ["bypass"]),
        ("OB CAL", "calibrating", []),
        ("OL TEST", "test", []),
        (
            "OL OVERHEAT COMMFAULT DEPLETED ACFAIL",
            "online",
            ["overheat", "communication_fault", "depleted", "mains_failure"],
        ),
        ("ALARM ", None, ["alarm"]),
        ("NEWWORD", None, []),
        ("WAIT", None, []),
        ("", None, []),
    ],
)
def test_a_status_is_what_its_words_say(text: str, main: str | None, reasons: list[str]) -> None:
    """In any order; unknown words are kept and change nothing."""
    read = status(text)
    assert read.main == main
    assert list(read.reasons()) == reasons
    assert read.flags == tuple(text.upper().split())


def test_wait_with_nothing_beside_it_is_waiting() -> None:
    """A PDU that waits beside other variables, or has no status, is read like any other."""
    assert Status.of({"ups.status": "WAIT"}).main is MainState.WAITING
    assert not status("WAIT").waiting
    assert Status.of({}) == Status()


def test_contradictory_words_are_no_outage() -> None:
    """Some say so while they are on mains."""
    assert [status(text).on_battery for text in ("OB", "OL OB", "OL", "OB LB")] == [True, False, False, True]


def test_a_test_of_ours_is_no_outage() -> None:
    """A battery that fails it is one all the same."""
    assert status("OB").reasons(testing=True) == ()
    assert status("OB LB").reasons(testing=True) == (Reason.ON_BATTERY_LOW,)


def test_the_gravest_reason_decides() -> None:
    """Ok without any."""
    assert level_of(()) is Level.OK
    assert level_of((Reason.ALARM,)) is Level.WARNING
    assert level_of((Reason.OUTPUT_OFF, Reason.ALARM)) is Level.CRITICAL


# The alert over time


def after(*answers: tuple[float, str | None]) -> Alertness:
    """Return what is told after answers at some seconds; None is no answer."""
    alertness = Alertness()
    for seconds, text in answers:
        now = NOW + timedelta(seconds=seconds)
        alertness = alertness.lost(now) if text is None else alertness.heard(status(text), now)
    return alertness


@pytest.mark.parametrize(
    ("answers", "level"),
    [
        ([], None),
        ([(0, "OL")], "ok"),
        ([(0, "OL"), (10, "OB")], "ok"),
        ([(0, "OL"), (10, "OB"), (14, "OB")], "ok"),
        ([(0, "OL"), (10, "OB"), (15, "OB")], "warning"),
        ([(0, "OL"), (10, "OB"), (15, "OB"), (20, "OL")], "warning"),
        ([(0, "OL"), (10, "OB"), (15, "OB"), (20, "OL"), (25, "OL")], "ok"),
        ([(0, "OL"), (10, "OB"), (15, "OB"), (20, "OL"), (25, "OB"), (30, "OL")], "warning"),
        ([(0, "OL"), (10, "OB LB")], "critical"),
        ([(0, "OB LB"), (5, "OB"), (10, "OB")], "warning"),
        ([(0, "OL RB"), (5, "OB RB")], "warning"),
        ([(0, "OL"), (5, "OL OB"), (10, "OL OB")], "warning"),
        ([(0, "OL"), (5, None), (19, None)], "ok"),
        ([(0, "OL"), (5, None), (20, None)], None),
        ([(0, "OB"), (5, None), (19, None)], "ok"),
        ([(0, "OB"), (5, None), (20, None)], "critical"),
        ([(0, "OB"), (5, None), (20, None), (25, None), (60, None)], "critical"),
        ([(0, "OB"), (5, None), (20, None), (30, "OL"), (40, "OL")], "ok"),
        ([(0, None)], None),
        ([(0, "OL"), (5, "")], None),
    ],
)
def test_the_level_is_calm(answers: list[tuple[float, str | None]], level: str | None) -> None:
    """On battery counts after five seconds, its end with the second good answer, silence after fifteen."""
    assert after(*answers).level == level


def test_reasons_that_are_no_less_grave_are_told_at_once() -> None:
    """Only being on battery has to last."""
    assert after((0, "OL RB"), (5, "OL ALARM")).reasons == (Reason.ALARM,)
    assert after((0, "OL RB"), (5, "OB RB"), (10, "OB RB")).reasons == (
        Reason.ON_BATTERY,
        Reason.REPLACE_BATTERY,
    )


def test_flicker_is_told_once() -> None:
    """As an event, for those who look for its cause."""
    assert after((0, "OL"), (10, "OB"), (12, "OL")).flickered
    assert not after((0, "OL"), (10, "OB"), (12, "OL"), (14, "OL")).flickered
    assert not after((0, "OL"), (10, "OB"), (12, "OB LB")).flickered


def test_time_alone_makes_the_difference() -> None:
    """One timer, set for the moment that the model names."""
    waiting = after((0, "OL"), (10, "OB"))
    assert waiting.next_change == NOW + timedelta(seconds=15)
    assert waiting.passed(NOW + timedelta(seconds=14)) == waiting
    assert waiting.passed(NOW + timedelta(seconds=15)).reasons == (Reason.ON_BATTERY,)
    lost = after((0, "OB"), (10, None))
    assert lost.next_change == NOW + timedelta(seconds=25)
    assert lost.passed(NOW + timedelta(seconds=25)).reasons == (Reason.LOST_ON_BATTERY,)
    assert after((0, "OL")).next_change is None


def test_a_driver_that_reconnects_ends_nothing() -> None:
    """WAIT is what upsd says until the driver has answered."""
    told = after((0, "OB LB")).heard(Status.of({"ups.status": "WAIT"}), NOW + timedelta(seconds=5))
    assert told.level is Level.CRITICAL


@given(st.lists(st.tuples(st.integers(0, 30), st.sampled_from(["OL", "OB", "OB LB", "OL RB", "WAIT", None]))))
def test_there_is_always_a_level_that_fits(steps: list[tuple[int, str | None]]) -> None:
    """Whatever happens, what passes at the named moment changes that moment."""
    seconds = 0
    answers = [(seconds := seconds + step, text) for step, text in steps]
    told = after(*answers)
    if told.next_change is not None:
        assert told.passed(told.next_change).next_change is None


# Values


@pytest.mark.parametrize(
    ("variable", "text", "expected"),
    [
        ("battery.charge", " 098 ", 98.0),
        ("battery.charge", "103", 100.0),
        ("battery.charge", "120", "implausible"),
        ("battery.charge", "-1", "implausible"),
        ("battery.charge", "98,5", "not_a_number"),
        ("battery.charge", "Unknown", None),
        ("battery.charge", "", None),
        ("battery.runtime", "4980", 4980.0),
        ("battery.runtime", "64:41", "not_a_number"),
        ("battery.runtime", "65535", "implausible"),
        ("battery.runtime", "3932100", "implausible"),
        ("ups.load", "4.6e254", "not_a_number"),
        ("ups.load", "150", 150.0),
        ("ups.load", "660", "implausible"),
        ("ups.efficiency", "LoadTooLow", "not_a_number"),
        ("ups.temperature", "XX.X", None),
        ("ups.temperature", "302.0", "implausible"),
        ("ups.temperature", "0.0", "implausible"),
        ("ambient.temperature", "0.0", 0.0),
        ("input.voltage", "0.0", 0.0),
        ("input.voltage", "0117.50", 117.5),
        ("input.L1-N.voltage", "2320", "implausible"),
        ("input.L1-L2.voltage", "400.1", 400.1),
        ("input.frequency", "5.0", "implausible"),
        ("outlet.1.current", "0.30", 0.3),
        ("ups.timer.shutdown", "-60", "implausible"),
        ("battery.voltage.nominal", "0", "implausible"),
        ("own.number", "-5", -5.0),
        ("own.number", "2147483647", "implausible"),
    ],
)
def test_a_number_is_one_that_can_be_true(variable: str, text: str, expected: float | str | None) -> None:
    """What a UPS does not know is nothing to reject."""
    assert reading({variable: text}, variable) == (
        Reading(rejection=Rejection(expected)) if isinstance(expected, str) else Reading(value=expected)
    )


def test_a_battery_that_rests_has_no_runtime_of_nothing() -> None:
    """On battery it is the truth."""
    variables = {"battery.runtime": "0", "ups.status": "OL"}
    assert reading(variables, "battery.runtime").value is None
    assert reading(variables | {"ups.status": "OB LB"}, "battery.runtime").value == 0


def test_a_probe_that_is_not_there_measures_nothing() -> None:
    """It says so itself, each of several for itself."""
    variables = {"ambient.present": "no", "ambient.humidity": "40", "ambient.2.temperature": "21"}
    assert reading(variables, "ambient.humidity") == Reading()
    assert reading(variables, "ambient.2.temperature") == Reading(value=21)


@pytest.mark.parametrize(
    ("variables", "power"),
    [
        ({"ups.load": "20", "ups.realpower.nominal": "900"}, 180.0),
        ({"ups.load": "20", "ups.realpower.nominal": "900", "ups.realpower": "170"}, None),
        ({"ups.load": "20", "ups.power.nominal": "1500"}, None),
        ({"ups.realpower.nominal": "900"}, None),
    ],
)
def test_power_is_estimated_where_it_can_be(variables: dict[str, str], power: float | None) -> None:
    """Volt-amperes are no watts."""
    assert estimated_power(variables) == power


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(4980, "1h 23m"), (3900, "1h 5m"), (2040, "34m"), (45, "45s"), (0, "0s"), (3600, "1h 0m"), (None, None)],
)
def test_runtime_is_told_as_people_say_it(seconds: float | None, text: str | None) -> None:
    """Hours and minutes; seconds where there is nothing else."""
    assert runtime_text(seconds) == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (r"\#\#\#\#", "####"),
        (r"\"Exide\"", '"Exide"'),
        (r"\\ 1000i", r"\ 1000i"),
        ("a\\", "a"),
        ("a b", "a b"),
    ],
)
def test_what_upsd_escapes_is_as_it_was(text: str, expected: str) -> None:
    """The library does not undo it."""
    assert unescaped(text) == expected


def test_texts_that_say_nothing_are_none() -> None:
    """Blanks at the ends change from answer to answer."""
    assert [said(text) for text in (" QB07  ", "N/A", "(null)", " ", None)] == [
        "QB07",
        None,
        None,
        None,
        None,
    ]
