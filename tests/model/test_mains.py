"""Test what may be done about an outage: nothing for flicker, nothing by old news; product.md, "Power"."""

import pytest

from custom_components.infoscreen.model.ups.mains import CHARGED_AFTER, FRESH_FOR, Answer, Mains, Supply
from custom_components.infoscreen.model.ups.status import Status

from .samples import NOW, seconds

ON_BATTERY = Answer(supply=Supply.BATTERY, charge=90, runtime=3000)
LOW = Answer(supply=Supply.BATTERY, low=True)
ON_MAINS = Answer(supply=Supply.MAINS, charge=40)
UNCLEAR = Answer(supply=Supply.UNCLEAR)


def said(*answers: Answer | None, every: float = 5) -> Mains:
    """Return the mains after answers, each five seconds after the last; None is none."""
    mains = Mains()
    for place, answer in enumerate(answers):
        now = NOW + seconds(place * every)
        mains = mains.lost(now) if answer is None else mains.heard(answer, now)
    return mains


@pytest.mark.parametrize(
    ("status", "supply", "low"),
    [
        ("OL", Supply.MAINS, False),
        ("OL CHRG LB", Supply.MAINS, False),
        ("TRIM", Supply.MAINS, False),
        ("BYPASS", Supply.MAINS, False),
        ("OB DISCHRG", Supply.BATTERY, False),
        ("OB LB", Supply.BATTERY, True),
        ("LB", Supply.BATTERY, True),
        ("FSD OB LB", Supply.BATTERY, True),
        ("FSD", Supply.BATTERY, True),
        ("FSD OL", Supply.MAINS, False),
        ("OL OB", Supply.UNCLEAR, False),
        ("OL OB LB", Supply.UNCLEAR, False),
        ("OB CAL", Supply.UNCLEAR, False),
        ("OB TEST", Supply.UNCLEAR, False),
        ("FSD OB CAL", Supply.BATTERY, True),
        ("OFF", Supply.UNCLEAR, False),
        ("", Supply.UNCLEAR, False),
        ("WAIT", Supply.UNCLEAR, False),
    ],
)
def test_what_a_ups_runs_on(status: str, supply: Supply, low: bool) -> None:
    """A contradiction, a test and silence are no outage; a forced shutdown outlives its reason."""
    answer = Answer.of(Status.of({"ups.status": status}), 90, 3000)
    assert (answer.supply, answer.low, answer.charge, answer.runtime) == (supply, low, 90, 3000)


def test_a_test_that_was_asked_for_is_no_outage() -> None:
    """Many UPSes say nothing but OB during a quick test."""
    assert Answer.of(Status.of({"ups.status": "OB"}), 90, 3000, testing=True).supply is Supply.UNCLEAR


def test_flicker_is_no_outage() -> None:
    """One answer is not enough, however much time passes."""
    mains = said(ON_BATTERY)
    assert not mains.failing(NOW)
    assert not mains.failing(NOW + seconds(20))
    assert said(ON_BATTERY, ON_MAINS).sound
    assert not said(ON_BATTERY, ON_MAINS, ON_BATTERY).failing(NOW + seconds(10))
    assert not said(ON_BATTERY, ON_BATTERY, every=4).failing(NOW + seconds(4))


def test_an_outage_counts_from_its_first_answer() -> None:
    """It is believed when it has lasted, and detected when it began."""
    mains = said(ON_BATTERY, ON_BATTERY)
    assert (mains.failing(NOW + seconds(5)), mains.failed_at) == (True, NOW)
    assert not mains.for_longer(seconds(60), NOW + seconds(59))
    assert mains.for_longer(seconds(60), NOW + seconds(60))
    assert not Mains().for_longer(seconds(0), NOW)


def test_only_fresh_answers_count() -> None:
    """A poll that hangs is no reason to turn anything off."""
    mains = said(ON_BATTERY, ON_BATTERY)
    assert mains.failing(NOW + seconds(5) + FRESH_FOR)
    assert not mains.failing(NOW + seconds(6) + FRESH_FOR)


def test_one_good_answer_stops_and_the_second_ends_it() -> None:
    """Whoever is about to be shut down is spared at once; the TVs wait for certainty."""
    once = said(ON_BATTERY, ON_BATTERY, ON_MAINS)
    assert (once.failing(NOW + seconds(10)), once.returning, once.sound) == (False, True, False)
    assert said(ON_BATTERY, ON_BATTERY, ON_MAINS, ON_MAINS).sound
    again = said(ON_BATTERY, ON_BATTERY, ON_MAINS, ON_BATTERY)
    assert (again.failing(NOW + seconds(15)), again.failed_at) == (True, NOW)
    assert not said(ON_BATTERY, ON_BATTERY, ON_MAINS, ON_BATTERY, ON_MAINS).sound


def test_a_contradiction_pauses_an_outage() -> None:
    """Edges: `OL OB` together, and the policy does not act; nor is it an end."""
    mains = said(ON_BATTERY, ON_BATTERY, UNCLEAR)
    assert (mains.failing(NOW + seconds(10)), mains.returning, mains.failed_at) == (False, False, NOW)
    assert said(ON_BATTERY, UNCLEAR).failed_at is None


def test_one_that_falls_silent_on_battery_does_nothing() -> None:
    """Only fresh data acts; what an outage was goes on once it is heard again."""
    mains = said(ON_BATTERY, ON_BATTERY, None, None)
    assert not mains.failing(NOW + seconds(600))
    assert mains.failed_at == NOW
    assert mains.heard(ON_BATTERY, NOW + seconds(600)).failing(NOW + seconds(600))
    assert said(ON_BATTERY, None).failed_at is None
    assert not said(ON_MAINS, None).sound


def test_one_that_falls_silent_with_its_battery_low_is_empty() -> None:
    """After fifteen seconds, as upsmon has it; before, nobody knows."""
    mains = said(LOW, None, None)
    assert mains.dead_at == NOW + seconds(20)
    assert not mains.failing(NOW + seconds(19))
    assert mains.failing(NOW + seconds(20))
    assert mains.urgent(0, 0, NOW + seconds(20))
    assert not said(LOW, ON_BATTERY, None).urgent(30, 300, NOW + seconds(60))


@pytest.mark.parametrize(
    ("answer", "urgent"),
    [
        (ON_BATTERY, False),
        (LOW, True),
        (Answer(supply=Supply.BATTERY, charge=30, runtime=300), False),
        (Answer(supply=Supply.BATTERY, charge=29.9), True),
        (Answer(supply=Supply.BATTERY, runtime=299), True),
        (Answer(supply=Supply.BATTERY), False),
        (Answer(supply=Supply.MAINS, charge=1), False),
    ],
    ids=["plenty", "it says so", "at the bounds", "charge", "runtime", "no numbers", "recharging"],
)
def test_when_the_battery_is_about_to_end(answer: Answer, urgent: bool) -> None:
    """By what it says itself, or by one of its numbers below its bound."""
    assert said(answer, answer).urgent(30, 300, NOW + seconds(5)) is urgent


def test_when_the_battery_could_take_another_outage() -> None:
    """By its charge; one that never tells it gets ten minutes."""
    mains = said(ON_BATTERY, ON_BATTERY, ON_MAINS, ON_MAINS)
    assert mains.charged(40, NOW + seconds(15))
    assert not mains.charged(41, NOW + seconds(15) + CHARGED_AFTER)
    assert not said(ON_BATTERY, ON_BATTERY, ON_MAINS).charged(0, NOW + seconds(10))
    mute = Answer(supply=Supply.MAINS)
    blind = said(LOW, LOW, mute, mute)
    assert blind.charged_at == NOW + seconds(15) + CHARGED_AFTER
    assert not blind.charged(50, NOW + seconds(14) + CHARGED_AFTER)
    assert blind.charged(50, NOW + seconds(15) + CHARGED_AFTER)
    assert said(mute).charged(50, NOW)


def test_what_outlives_a_restart() -> None:
    """When the outage began and how grave it was; that nothing is fresh any more goes without saying."""
    mains = said(LOW, LOW)
    read = Mains.from_stored(mains.as_stored())
    assert (read.failed_at, read.confirmed, read.low, read.answer) == (NOW, True, True, None)
    assert not read.failing(NOW + seconds(6))
    assert read.lost(NOW + seconds(10)).failing(NOW + seconds(25))
    assert not read.lost(NOW + seconds(600)).failing(NOW + seconds(700))
    over = said(LOW, LOW, ON_MAINS, ON_MAINS)
    assert Mains.from_stored(over.as_stored()).back_at == NOW + seconds(15)
