"""Test outages as a whole: whatever UPSes say, screens do and plugs refuse, in any order."""

from dataclasses import replace
from itertools import pairwise
from typing import override

from hypothesis import settings, strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from custom_components.infoscreen.model.policy.cases import TIME_TO_START
from custom_components.infoscreen.model.policy.policy import (
    AT_ONCE,
    PLUG_SPACING,
    Policy,
)
from custom_components.infoscreen.model.policy.world import Stage
from custom_components.infoscreen.model.ups.mains import CHARGED_AFTER, Answer, Supply

from .samples import seconds
from .test_policy import House

UPSES = ("rack", "desk")
TIERS = (3, 2, 1)
ANSWERS = {
    "on mains": Answer(supply=Supply.MAINS, charge=100),
    "drained": Answer(supply=Supply.MAINS, charge=10),
    "mute": Answer(supply=Supply.MAINS),
    "on battery": Answer(supply=Supply.BATTERY, charge=90, runtime=5000),
    "low": Answer(supply=Supply.BATTERY, low=True, charge=90),
    "nearly empty": Answer(supply=Supply.BATTERY, charge=5),
    "ends soon": Answer(supply=Supply.BATTERY, runtime=20),
    "unclear": Answer(supply=Supply.UNCLEAR),
    "silent": None,
}


class Outages(RuleBasedStateMachine):
    """Two UPSes that feed twelve screens each, some of them without a plug and two on one."""

    def __init__(self) -> None:
        super().__init__()
        self.home = House()
        self.said: dict[str, list[Answer | None]] = {ups: [] for ups in UPSES}
        for ups in UPSES:
            self.home.light(ups, ups=ups)
            for number in range(12):
                key = f"{ups}-{number:02}"
                plug = None if number % 5 == 4 else f"switch.{ups}-{max(number, 1)}"
                self.home.add(key, TIERS[number % 3], ups, plug=plug)

    @property
    def screens(self) -> list[str]:
        """Return all screens."""
        return list(self.home.world.screens)

    @rule(
        ups=st.sampled_from(UPSES),
        what=st.sampled_from(sorted(ANSWERS)),
        times=st.sampled_from((1, 1, 2, 3, 15)),
    )
    def says(self, ups: str, what: str, times: int) -> None:
        """Let a UPS say something, the other what it said before."""
        other = next(each for each in UPSES if each != ups)
        for _ in range(times):
            before, downs = self.home.policy, len(self.home.downs)
            for each, answer in ((other, (self.said[other] or [None])[-1]), (ups, ANSWERS[what])):
                self.said[each].append(answer)
                self.home.hear(answer, each)
            self.home.look()
            self.home.now += seconds(5)
            self.check(before, [key for _, key in self.home.downs[downs:]])

    def check(self, before: Policy, down: list[str]) -> None:
        """Hold what went down to the rules."""
        for key in down:
            ups = key.split("-")[0]
            heard = self.said[ups][-1]
            assert heard is None or heard.supply is Supply.BATTERY
            assert len(self.said[ups]) > 1
            case = before.cases.get(key)
            assert case is None or case.stage is Stage.WAITING

    @rule(data=st.data(), off=st.booleans())
    def settles(self, data: st.DataObject, off: bool) -> None:
        """Let screens that go down be down, or not do it."""
        going = [key for key in self.screens if self.home.world.screens[key].going]
        for key in data.draw(st.sets(st.sampled_from(going))) if going else ():
            if off:
                self.home.went_down([key])
            else:
                self.home.change(key, going=False, counts=False)

    @rule()
    def comes_up(self) -> None:
        """Let screens come up whose plugs were turned off and on."""
        started = [key for key, case in self.home.policy.cases.items() if case.stage is Stage.STARTING]
        self.home.change(*started, there=True, off=False)

    @rule(data=st.data())
    def fails(self, data: st.DataObject) -> None:
        """Let a command not go out, or a plug not be there."""
        key = data.draw(st.sampled_from(self.screens))
        case = self.home.policy.cases.get(key)
        if case is not None and case.stage is Stage.DOWN and self.home.world.screens[key].going:
            self.home.policy = self.home.policy.not_downed(key, self.home.now)
            self.home.change(key, going=False, counts=False)
            self.home.downs = [each for each in self.home.downs if each[1] != key]
        self.home.policy = self.home.policy.not_plugged(key, self.home.now)

    @rule(data=st.data(), there=st.sampled_from((True, False, None)))
    def by_hand(self, data: st.DataObject, there: bool | None) -> None:
        """Let somebody turn a screen on or off, or nobody know how it is."""
        self.home.change(data.draw(st.sampled_from(self.screens)), there=there, off=there is False)

    @rule(ready=st.booleans())
    def connects(self, ready: bool) -> None:
        """Let the broker come and go."""
        self.home.world = replace(self.home.world, ready=ready)

    @rule()
    def restarts(self) -> None:
        """Let Home Assistant start anew."""
        self.home.policy = Policy.from_stored(self.home.policy.as_stored())

    @rule()
    @precondition(lambda self: self.home.policy.due(self.home.world, self.home.now) is not None)
    def wakes(self) -> None:
        """Let time pass until it wakes."""
        due = self.home.policy.due(self.home.world, self.home.now)
        assert due is not None
        assert due > self.home.now
        self.home.now = due
        self.home.look()

    @invariant()
    def no_more_go_down_than_may(self) -> None:
        """Product: at most ten at once."""
        assert sum(seen.counts for seen in self.home.world.screens.values()) <= AT_ONCE

    @invariant()
    def plugs_are_turned_off_one_after_the_other(self) -> None:
        """Product: five seconds apart."""
        for (earlier, _), (later, _) in pairwise(self.home.plugs):
            assert later - earlier >= PLUG_SPACING.total_seconds()

    @invariant()
    def nobody_is_told_twice_before_he_is_back(self) -> None:
        """Product: each screen is shut down once; a case ends before another begins."""
        for key, case in self.home.policy.cases.items():
            assert case.stage is not Stage.WAITING or not self.home.world.screens[key].going

    @override
    def teardown(self) -> None:
        """Let the mains be there and everybody do as told: all are back but for those who need a person."""
        self.connects(ready=True)
        self.said["desk"].append(ANSWERS["on mains"])
        for pause in (*[0] * 3, CHARGED_AFTER.seconds, *[0] * 30, TIME_TO_START.seconds, *[0] * 10):
            for key, seen in self.home.world.screens.items():
                if seen.going:
                    self.home.went_down([key])
                if seen.there is None:
                    self.home.change(key, there=True, off=False)
            self.home.now += seconds(pause)
            self.says("rack", "on mains", 1)
            self.comes_up()
        assert self.home.policy.dark == {}
        assert {case.stage for case in self.home.policy.cases.values()} <= {Stage.STRANDED}


TestOutages = Outages.TestCase
TestOutages.settings = settings(max_examples=50, stateful_step_count=20, deadline=None)
