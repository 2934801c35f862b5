"""Test what a mains failure does to TVs and screens, and their way back; product.md, "Power"."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from custom_components.infoscreen.model.lifecycle import Action
from custom_components.infoscreen.model.policy.cases import TIME_TO_START
from custom_components.infoscreen.model.policy.policy import (
    AT_ONCE,
    PLUG_SPACING,
    PLUG_TRIES,
    TIER_SPACING,
    TRY_AGAIN,
    Policy,
)
from custom_components.infoscreen.model.policy.rehearsal import rehearse
from custom_components.infoscreen.model.policy.steps import Deed, Step, steps
from custom_components.infoscreen.model.policy.world import Dark, Feed, Seen, Stage, Terms, World
from custom_components.infoscreen.model.power import PowerReason, Target
from custom_components.infoscreen.model.ups.mains import Answer, Supply

from .samples import NOW, command, seconds

ON_BATTERY = Answer(supply=Supply.BATTERY, charge=90, runtime=3000)
LOW = Answer(supply=Supply.BATTERY, low=True, charge=80)
DRAINED = Answer(supply=Supply.MAINS, charge=20)
CHARGED = Answer(supply=Supply.MAINS, charge=50)


@dataclass
class House:
    """A house with UPSes, TVs and screens in it, looked at every five seconds."""

    world: World = field(default_factory=World)
    policy: Policy = field(default_factory=Policy)
    now: datetime = NOW
    downs: list[tuple[float, str]] = field(default_factory=list)
    plugs: list[tuple[float, str]] = field(default_factory=list)
    told: list[Step] = field(default_factory=list)

    @property
    def seconds(self) -> float:
        """Return how long it has been looked at."""
        return (self.now - NOW).total_seconds()

    def add(self, key: str, tier: int = 1, ups: str = "rack", **how: Any) -> None:
        """Hang up a screen."""
        feed = how.pop("feed", Feed(ups=ups, terms=Terms(tier=tier)))
        self.put(Seen(key=key, feed=feed, there=True, **how))

    def put(self, *seen: Seen) -> None:
        """Let screens be as they are."""
        self.world = replace(self.world, screens={**self.world.screens, **{each.key: each for each in seen}})

    def change(self, *keys: str, **changes: Any) -> None:
        """Let something become of screens."""
        self.put(*(replace(self.world.screens[key], **changes) for key in keys))

    def light(self, *tvs: Target, ups: str = "rack", **terms: Any) -> None:
        """Hang up TVs."""
        feed = Feed(ups=ups, terms=Terms(**terms))
        self.world = replace(self.world, tvs={**self.world.tvs, **dict.fromkeys(tvs, feed)})

    def look(self) -> None:
        """Look once, and do what is to be done."""
        before = self.policy
        self.policy = self.policy.look(self.world, self.now)
        if turn := self.policy.next_down(self.world, self.now):
            self.policy = self.policy.downed(turn, self.now)
            self.downs += [(self.seconds, key) for key in turn]
            self.change(*turn, going=True, counts=True)
        if key := self.policy.next_plug(self.world, self.now):
            self.policy = self.policy.plugged(key, self.world, self.now)
            self.plugs.append((self.seconds, key))
        self.told += steps(before, self.policy)

    def says(self, answer: Answer | None, lasting: float = 5, ups: str = "rack") -> None:
        """Let a UPS say the same for a while, every five seconds; None is no answer."""
        for _ in range(round(lasting / 5)):
            self.hear(answer, ups)
            self.look()
            self.now += seconds(5)

    def hear(self, answer: Answer | None, ups: str) -> None:
        """Take in what a UPS says."""
        before = self.policy
        mains = before.mains_of(ups)
        heard = mains.lost(self.now) if answer is None else mains.heard(answer, self.now)
        self.policy = before.with_mains(ups, heard)
        self.told += steps(before, self.policy)

    def went_down(self, keys: Iterable[str]) -> None:
        """Let screens be off."""
        self.change(*keys, there=False, off=True, going=False, counts=False)

    @property
    def deeds(self) -> list[Deed]:
        """Return what was told."""
        return [step.deed for step in self.told]

    def stage(self, key: str) -> Stage:
        """Return where a screen stands."""
        return self.policy.cases[key].stage


def house(**tiers: int) -> House:
    """Return a house with TVs and screens of these tiers."""
    made = House()
    made.light(12)
    for key, tier in tiers.items():
        made.add(key, tier, plug=f"switch.{key}")
    return made


def test_tvs_go_off_after_the_delay_and_return_with_the_charge() -> None:
    """The delay counts from the first answer; no screen is touched."""
    home = house(a=1)
    home.says(ON_BATTERY, 60)
    assert home.policy.dark == {}
    home.says(ON_BATTERY)
    assert home.policy.dark == {12: Dark(ups="rack", reason=PowerReason.UPS_ON_BATTERY)}
    home.says(DRAINED, 600)
    assert list(home.policy.dark) == [12]
    home.says(CHARGED)
    assert home.policy.dark == {}
    assert home.deeds == [Deed.OUTAGE, Deed.TVS_OFF, Deed.MAINS_BACK, Deed.TVS_BACK]
    assert (home.downs, home.policy.cases) == ([], {})


def test_a_flicker_does_nothing() -> None:
    """Not even with the delay at nothing and the battery low."""
    home = house(a=1)
    home.light(12, tv_off_delay=timedelta())
    home.says(LOW)
    home.says(CHARGED, 60)
    assert (home.told, home.policy.dark, home.policy.cases) == ([], {}, {})


def test_tiers_go_one_after_the_other_at_least_a_minute_apart() -> None:
    """The third first; from the first of a tier to the first of the next."""
    home = house(a=1, b=2, c=3, d=3)
    home.says(ON_BATTERY)
    home.says(LOW, 130)
    assert home.downs == [(5, "c"), (5, "d"), (65, "b"), (125, "a")]
    assert home.policy.dark[12].reason is PowerReason.UPS_LOW_BATTERY
    assert [step.tier for step in home.told if step.deed is Deed.SHUT_DOWN] == [3, 2, 1]


def test_at_most_ten_go_down_at_a_time_and_those_who_hear_it_first() -> None:
    """One that is settled or does not answer makes room for the next, and a tier is whole before the next."""
    home = House()
    keys = [f"s{number:02}" for number in range(12)]
    for key in keys:
        home.add(key, 2)
    home.add("last", 1)
    home.change("s00", there=False)
    home.says(LOW, 100)
    assert [key for _, key in home.downs] == keys[1 : AT_ONCE + 1]
    home.change("s01", counts=False)
    home.says(LOW)
    assert [key for _, key in home.downs[AT_ONCE:]] == ["s11"]
    home.went_down(["s02", "s03"])
    home.says(LOW)
    assert [key for _, key in home.downs[AT_ONCE + 1 :]] == ["s00"]
    home.says(LOW)
    assert [key for _, key in home.downs[AT_ONCE + 2 :]] == ["last"]


def test_mains_that_return_before_a_tier_stop_it() -> None:
    """At their first good answer; who is down stays down until the battery is charged."""
    home = house(a=1, c=3)
    home.says(LOW, 30)
    home.went_down("c")
    home.says(DRAINED, 120)
    assert home.downs == [(5, "c")]
    assert home.deeds[-2:] == [Deed.STOPPED, Deed.MAINS_BACK]
    assert list(home.policy.cases) == ["c"]
    home.says(LOW, 10)
    assert home.downs == [(5, "c"), (155, "a")]


def test_each_screen_is_shut_down_once() -> None:
    """One that would not go down, or came back by hand, is not asked again in the same outage."""
    home = house(a=1)
    home.says(LOW, 10)
    home.change("a", going=False, counts=False)
    home.says(LOW, 300)
    assert home.downs == [(5, "a")]
    home.says(CHARGED, 10)
    assert home.policy.cases == {}
    home.says(LOW, 10)
    assert len(home.downs) == 2


def test_one_that_goes_or_is_off_already_is_left_alone() -> None:
    """It was somebody's wish; it is not turned on behind his back."""
    home = house(a=1, b=1)
    home.went_down("a")
    home.change("b", going=True)
    home.says(LOW, 30)
    home.says(CHARGED, 60)
    assert (home.downs, home.plugs) == ([], [])
    assert home.policy.idle


def test_one_that_waits_and_goes_by_itself_waits_no_more() -> None:
    """Nor one whose UPS is another one's business by now."""
    home = house(a=1, b=1, c=3)
    home.says(LOW, 10)
    home.change("a", going=True)
    home.change("b", feed=None)
    home.says(LOW, 70)
    assert home.downs == [(5, "c")]
    home.change("a", going=False, feed=Feed(ups="other", terms=Terms()))
    home.says(LOW, 10)
    assert list(home.policy.cases) == ["c"]


def test_a_command_that_was_not_taken_is_sent_again() -> None:
    """It never went out, so the screen was not shut down."""
    home = house(a=1)
    home.says(LOW, 10)
    home.policy = home.policy.not_downed("a", home.now)
    home.change("a", going=False, counts=False)
    home.says(LOW, TRY_AGAIN.total_seconds())
    assert len(home.downs) == 1
    home.says(LOW)
    assert len(home.downs) == 2
    assert home.policy.not_downed("nobody", home.now) is home.policy


def test_nothing_is_sent_while_nothing_can_be() -> None:
    """The turn is kept."""
    home = house(a=1)
    home.world = replace(home.world, ready=False)
    home.says(LOW, 30)
    assert home.downs == []
    home.world = replace(home.world, ready=True)
    home.says(LOW)
    assert home.downs == [(30, "a")]


def test_a_straggler_of_an_earlier_tier_goes_at_once() -> None:
    """Its turn has been; the others' turn goes on."""
    home = house(a=1, b=2)
    home.says(LOW, 10)
    home.add("c", 3)
    home.says(LOW)
    assert home.downs == [(5, "b"), (10, "c")]
    home.says(LOW, 60)
    assert home.downs[2:] == [(65, "a")]


def test_who_fell_silent_with_its_battery_low_is_taken_for_empty() -> None:
    """And who fell silent otherwise stops all that was under way."""
    home = house(a=1)
    home.says(LOW)
    home.says(None, 20)
    assert home.downs == [(20, "a")]
    other = house(a=1, b=3)
    other.says(Answer(supply=Supply.BATTERY, charge=29), 10)
    other.says(None, 300)
    assert other.downs == [(5, "b")]
    assert list(other.policy.dark) == [12]


def test_plugs_are_cycled_five_seconds_apart_once_the_battery_is_charged() -> None:
    """The last tier to go down comes back first."""
    home = house(a=1, b=2, c=3)
    home.says(LOW, 130)
    home.went_down("abc")
    home.says(DRAINED, 100)
    assert home.plugs == []
    home.says(CHARGED, 20)
    assert [key for _, key in home.plugs] == ["a", "b", "c"]
    assert [
        later - earlier for (earlier, _), (later, _) in zip(home.plugs, home.plugs[1:], strict=False)
    ] == [PLUG_SPACING.total_seconds()] * 2
    assert home.policy.next_plug(home.world, home.now - seconds(6)) is None
    home.change(*"abc", there=True, off=False)
    home.says(CHARGED)
    assert home.policy.cases == {}


def test_a_plug_waits_until_its_screen_has_stopped_for_certain() -> None:
    """While it goes down, while nobody knows, and for the moment after its last word."""
    home = house(a=1)
    home.says(LOW, 10)
    home.says(CHARGED, 20)
    assert home.plugs == []
    home.change("a", going=False, counts=False, there=None)
    home.says(CHARGED, 20)
    assert home.plugs == []
    home.went_down("a")
    home.change("a", quiet_from=home.now + seconds(10))
    assert home.policy.due(home.world, home.now) == home.now + seconds(10)
    home.says(CHARGED, 15)
    assert home.plugs == [(60, "a")]


def test_screens_on_one_plug_come_back_together() -> None:
    """It is turned off once, and only when nobody on it would mind."""
    home = house(a=1)
    home.add("b", plug="switch.a")
    home.add("healthy", plug="switch.a", feed=None)
    home.says(LOW, 10)
    home.went_down("ab")
    home.change("healthy", there=None)
    home.says(CHARGED, 30)
    assert home.plugs == []
    home.went_down(["healthy"])
    home.says(CHARGED, 30)
    assert [key for _, key in home.plugs] == ["a"]
    assert (home.stage("a"), home.stage("b")) == (Stage.STARTING, Stage.STARTING)


def test_a_screen_on_the_plug_of_one_that_runs_needs_a_person() -> None:
    """Nobody is cut off to bring back another."""
    home = house(a=1)
    home.add("healthy", plug="switch.a", feed=None)
    home.says(LOW, 10)
    home.went_down("a")
    home.says(CHARGED, 30)
    assert (home.plugs, home.stage("a")) == ([], Stage.STRANDED)


def test_a_screen_without_a_plug_needs_a_person() -> None:
    """So does one that does not come back although its plug was turned off and on; until it is there."""
    home = house(a=1)
    home.add("b")
    home.says(LOW, 10)
    home.went_down("ab")
    home.says(CHARGED, 10)
    assert (home.stage("a"), home.stage("b")) == (Stage.STARTING, Stage.STRANDED)
    home.says(CHARGED, TIME_TO_START.total_seconds())
    assert home.stage("a") is Stage.STRANDED
    assert [step.screens for step in home.told if step.deed is Deed.NEEDS_PERSON] == [("b",), ("a",)]
    home.change(*"ab", there=True, off=False)
    home.says(CHARGED)
    assert home.policy.cases == {}


def test_a_plug_that_will_not_is_tried_again_and_then_left_to_a_person() -> None:
    """Its own network may start slowly."""
    home = house(a=1)
    home.says(LOW, 10)
    home.went_down("a")
    for tried in range(PLUG_TRIES):
        home.says(CHARGED, 45)
        assert len(home.plugs) == tried + 1
        home.policy = home.policy.not_plugged("a", home.now)
    assert home.stage("a") is Stage.STRANDED
    assert home.policy.not_plugged("a", home.now) is home.policy
    assert home.policy.not_plugged("nobody", home.now) is home.policy


def test_what_a_ups_feeds_no_more_returns() -> None:
    """Nobody else would bring it back."""
    home = house(a=1)
    home.says(LOW, 15)
    home.went_down("a")
    home.change("a", feed=None)
    home.light(12, ups="other")
    home.says(LOW)
    assert home.policy.dark == {}
    assert [key for _, key in home.plugs] == ["a"]
    home.world = World()
    home.look()
    assert (home.policy.cases, home.policy.mains) == ({}, {})


def test_outages_of_two_ups_do_not_mix() -> None:
    """Each has its own mains and its own screens; what goes down at a time is counted together."""
    home = house(a=1)
    home.light("13-5e", ups="other")
    home.add("b", 2, ups="other")
    home.says(LOW, 10)
    home.says(ON_BATTERY, 10, ups="other")
    assert [key for _, key in home.downs] == ["a"]
    home.went_down("a")
    home.says(CHARGED, 15)
    home.says(LOW, 10, ups="other")
    assert [key for _, key in home.downs] == ["a", "b"]
    assert list(home.policy.dark) == ["13-5e"]
    assert (home.stage("a"), home.stage("b")) == (Stage.STARTING, Stage.DOWN)


def test_who_is_in_an_outage() -> None:
    """Recovery leaves those alone."""
    home = house(a=1)
    home.add("b", feed=None)
    assert not home.policy.minds(home.world.screens["a"])
    home.says(LOW, 10)
    assert home.policy.minds(home.world.screens["a"])
    assert not home.policy.minds(home.world.screens["b"])
    home.went_down("a")
    home.says(DRAINED, 10)
    assert home.policy.minds(home.world.screens["a"])


def test_it_says_when_to_look_again() -> None:
    """For the TVs, the next tier, the silence of a UPS and its charge."""
    home = house(a=1, b=2)
    assert home.policy.due(home.world, home.now) is None
    home.says(ON_BATTERY, 10)
    assert home.policy.due(home.world, home.now) == NOW + seconds(60)
    home.says(LOW)
    assert home.policy.due(home.world, home.now) == NOW + seconds(60)
    home.says(LOW, 50)
    assert home.policy.due(home.world, home.now) == NOW + seconds(10) + TIER_SPACING
    home.says(None)
    assert home.policy.due(home.world, home.now) == NOW + seconds(80)
    home.went_down("b")
    home.says(CHARGED, 10)
    assert home.policy.due(home.world, home.now - seconds(4)) == home.now - seconds(5) + PLUG_SPACING
    assert home.policy.due(World(), home.now) == home.now - seconds(5) + TIME_TO_START


def test_it_outlives_a_restart_in_the_middle() -> None:
    """Nobody is shut down twice, and all come back."""
    home = house(a=1, c=3)
    home.says(LOW, 10)
    home.went_down("c")
    home.policy = Policy.from_stored(home.policy.as_stored())
    home.says(LOW, 65)
    assert home.downs == [(5, "c"), (65, "a")]
    home.went_down("a")
    home.policy = Policy.from_stored(home.policy.as_stored())
    home.says(CHARGED, 30)
    assert [key for _, key in home.plugs] == ["a", "c"]
    assert home.policy.dark == {}
    assert Policy.from_stored(Policy().as_stored()) == Policy()


def test_who_was_not_told_to_go_down_before_a_restart_is_told_after_it() -> None:
    """Whom the command reached, or whose command is not remembered any more, is not told twice."""
    home = house(a=1, b=1, c=1, d=3)
    home.says(LOW, 70)
    home.change("a", "b", "c", "d", going=False, counts=False)
    sent = command(action=Action.SHUTDOWN_HOST, issued_at=home.now, published_at=home.now)
    unsent = replace(sent, published_at=None)
    earlier = replace(unsent, issued_at=NOW)
    other = replace(unsent, action=Action.REBOOT_HOST)
    known = {"a": [sent, unsent], "b": [earlier, other], "c": [earlier, unsent]}
    home.policy = home.policy.resumed(home.world, known, home.now)
    told = len(home.downs)
    home.says(LOW, TRY_AGAIN.total_seconds() + 5)
    assert [key for _, key in home.downs[told:]] == ["c"]


def test_tiers_of_a_second_ups_are_apart_too() -> None:
    """Also while the first is still on battery, all of whose screens are down."""
    home = house(a=3, b=1)
    home.add("x", 3, ups="other")
    home.add("y", 1, ups="other")
    home.says(LOW, 100)
    home.downs.clear()
    began = home.seconds
    for _ in range(20):
        home.hear(LOW, "rack")
        home.says(LOW, 5, ups="other")
    assert home.downs == [(began + 5, "x"), (began + 65, "y")]


def test_a_screen_that_is_gone_after_a_restart_is_no_case_any_more() -> None:
    """A kill may come between its deletion and the end of its case."""
    home = house(a=1, b=1)
    home.says(LOW, 70)
    home.world = replace(home.world, screens={"a": home.world.screens["a"]})
    assert home.policy.resumed(home.world, {}, home.now).cases == {"a": home.policy.cases["a"]}


def test_the_same_word_changes_nothing() -> None:
    """So nothing is written for it."""
    policy = Policy()
    lost = policy.with_mains("rack", policy.mains_of("rack").lost(NOW))
    assert lost.with_mains("rack", lost.mains_of("rack").lost(NOW + seconds(5))) is lost


def test_a_rehearsal_tells_all_and_does_nothing() -> None:
    """Tiers in order, and everybody's way back."""
    home = house(a=1, c=3)
    home.add("b", 3)
    home.add("elsewhere", ups="other")
    home.light("13-5e", ups="other")
    home.change("a", there=False, off=True)
    told = [
        (each.after.total_seconds(), each.step.deed, each.step.screens or each.step.tvs)
        for each in rehearse("rack", home.world, NOW)
    ]
    assert told == [
        (5, Deed.OUTAGE, ()),
        (60, Deed.TVS_OFF, (12,)),
        (70, Deed.TVS_OFF, (12,)),
        (70, Deed.SHUT_DOWN, ("b", "c")),
        (130, Deed.SHUT_DOWN, ("a",)),
        (160, Deed.MAINS_BACK, ()),
        (160, Deed.TVS_BACK, (12,)),
        (160, Deed.POWER_CYCLE, ("a",)),
        (160, Deed.NEEDS_PERSON, ("b",)),
        (165, Deed.POWER_CYCLE, ("c",)),
    ]


def test_a_rehearsal_without_screens_or_tvs() -> None:
    """It comes to its end all the same."""
    lit = House()
    lit.light(12)
    assert [each.step.deed for each in rehearse("rack", lit.world, NOW)] == [
        Deed.OUTAGE,
        Deed.TVS_OFF,
        Deed.TVS_OFF,
        Deed.MAINS_BACK,
        Deed.TVS_BACK,
    ]
    assert [each.step.deed for each in rehearse("rack", World(), NOW)] == []
