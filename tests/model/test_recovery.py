"""Test the recovery ladder: which step, when, and when to stop; product.md, "Recovery"."""

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from hypothesis import given, strategies as st
import pytest

from custom_components.infoscreen.model.commands import Command
from custom_components.infoscreen.model.fleet import ServiceFailure
from custom_components.infoscreen.model.health import ScreenState
from custom_components.infoscreen.model.lifecycle import Action, State
from custom_components.infoscreen.model.messages import ProcessStatus
from custom_components.infoscreen.model.recovery import (
    MAX_CLIMBING,
    Ladder,
    Rules,
    Rung,
    first_in_line,
    held_until,
)
from custom_components.infoscreen.model.sight import Cause, Sight, sight

from .samples import NOW, UUID, command, on_the_wire, screen, seconds

RULES = Rules(enabled=True, grace=seconds(180), lockout=timedelta(minutes=15))
KEY = UUID.lower()
LADDER = Ladder(key=KEY)

CRASHED = Sight(cause=Cause.PROCESS_CRASHED, speaks=True)
SILENT = Sight(cause=Cause.HEARTBEAT_STALE)
WELL = Sight(speaks=True)
UNKNOWN = Sight()
OFF = Sight(meant_off=True)


# What is seen


def seen(*, mended_at: datetime | None = None, ups_event: bool = False, **changes: Any) -> Sight:
    """Return what the ladder sees of a screen that is there but for these changes."""
    of_state = {name: changes.pop(name) for name in ("alive", "outage", "due") if name in changes}
    state = replace(ScreenState(screen=screen(**changes), alive=True, outage=False), **of_state)
    return sight(state, mended_at, ups_event=ups_event)


FAILURE = ServiceFailure(unit="infoscreen.service", failed_at=None, received_at=NOW)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, WELL),
        ({"alive": False}, SILENT),
        ({"alive": False, "process_status": ProcessStatus.CRASHED}, SILENT),
        ({"process_status": ProcessStatus.CRASHED}, CRASHED),
        ({"failure": FAILURE}, Sight(cause=Cause.SERVICE_FAILED, speaks=True)),
        ({"failure": FAILURE, "process_status": ProcessStatus.CRASHED}, CRASHED),
        ({"failure": FAILURE, "mended_at": NOW - seconds(1)}, Sight(cause=Cause.SERVICE_FAILED, speaks=True)),
        ({"failure": FAILURE, "mended_at": NOW + seconds(1)}, WELL),
        ({"alive": None, "process_status": ProcessStatus.CRASHED}, UNKNOWN),
        ({"alive": None, "outage": True}, UNKNOWN),
        ({"alive": False, "ups_event": True}, UNKNOWN),
        ({"alive": False, "heard": False}, UNKNOWN),
        ({"alive": False, "off_since": NOW}, OFF),
        ({"failure": FAILURE, "off_since": NOW}, OFF),
        ({"alive": False, "due": False}, OFF),
        ({"alive": False, "due": False, "failure": FAILURE}, OFF),
        ({"due": False, "process_status": ProcessStatus.CRASHED}, CRASHED),
    ],
    ids=[
        "well",
        "silent",
        "silent, whatever it said last",
        "crashed",
        "a service failed",
        "crashed and a service failed",
        "failed anew after a step",
        "failed, but a step worked since",
        "not heard since a start",
        "the broker is out",
        "the power is out",
        "never heard",
        "shut down",
        "shut down with a failed service",
        "silent while not due",
        "silent while not due, with a failed service",
        "crashed while not due",
    ],
)
def test_what_the_ladder_sees(changes: dict[str, Any], expected: Sight) -> None:
    """What nobody can know and what is meant to be is no cause."""
    assert seen(**changes) == expected


# When the first step is due


def troubled(look: Sight = CRASHED, **changes: Any) -> Ladder:
    """Return the ladder of a screen in trouble since now."""
    return replace(LADDER, **changes).saw(look, NOW)


def test_trouble_must_have_lasted_before_anything_is_done() -> None:
    """Product: the grace; many come back by themselves."""
    ladder = troubled().saw(SILENT, NOW + seconds(100))
    assert ladder.due(SILENT, RULES) == NOW + RULES.grace
    back = ladder.saw(WELL, NOW + seconds(120))
    assert back.due(WELL, RULES) is None
    assert back.saw(CRASHED, NOW + seconds(130)).due(CRASHED, RULES) == NOW + seconds(310)


@pytest.mark.parametrize(
    ("ladder", "look", "rules"),
    [
        (troubled(), CRASHED, replace(RULES, enabled=False)),
        (troubled(), UNKNOWN, RULES),
        (LADDER, CRASHED, RULES),
        (troubled(rests=True), CRASHED, RULES),
        (troubled(rung=Rung.MANUAL_INTERVENTION, asked_at=NOW), CRASHED, RULES),
        (troubled(rung=Rung.REBOOT_HOST, since=NOW), CRASHED, RULES),
    ],
    ids=["switched off", "nobody knows", "not looked at", "a person's", "at the top", "a step is under way"],
)
def test_nothing_is_due(ladder: Ladder, look: Sight, rules: Rules) -> None:
    """Whatever time it is."""
    assert ladder.due(look, rules) is None


def test_a_climb_may_follow_another_only_after_the_lockout() -> None:
    """One climb per quarter of an hour, counted from its beginning."""
    ladder = troubled(climbs=(NOW - timedelta(minutes=30), NOW - timedelta(minutes=5)))
    assert ladder.due(CRASHED, RULES) == NOW + timedelta(minutes=10)
    hurried = replace(ladder, climbs=(), hurry=True)
    assert hurried.due(CRASHED, RULES) == NOW


# Which step


@pytest.mark.parametrize(
    ("rung", "look", "plug", "expected"),
    [
        (None, CRASHED, True, Rung.RESTART_APP),
        (None, SILENT, True, Rung.REBOOT_HOST),
        (Rung.RESTART_APP, CRASHED, True, Rung.REBOOT_HOST),
        (Rung.REBOOT_HOST, CRASHED, True, Rung.POWER_CYCLE),
        (Rung.REBOOT_HOST, SILENT, False, Rung.MANUAL_INTERVENTION),
        (Rung.POWER_CYCLE, SILENT, True, Rung.MANUAL_INTERVENTION),
    ],
    ids=["it speaks", "it is silent", "restarted", "rebooted", "rebooted, no plug", "all was tried"],
)
def test_the_next_step_is_the_mildest_that_can_help(
    rung: Rung | None, look: Sight, plug: bool, expected: Rung
) -> None:
    """Product: restart_app only while it still speaks."""
    assert replace(LADDER, rung=rung).next_rung(look, NOW, plug=plug) is expected


def test_a_screen_that_climbed_three_times_within_a_day_needs_a_person() -> None:
    """A rolling day; a climb under way goes on."""
    hours = [timedelta(hours=number) for number in (23, 10, 1)]
    ladder = replace(LADDER, climbs=tuple(NOW - each for each in hours))
    assert ladder.next_rung(CRASHED, NOW, plug=True) is Rung.MANUAL_INTERVENTION
    assert not ladder.spent(NOW + timedelta(hours=1))
    assert ladder.next_rung(CRASHED, NOW + timedelta(hours=1), plug=True) is Rung.RESTART_APP
    climbing = replace(ladder, rung=Rung.RESTART_APP)
    assert climbing.next_rung(CRASHED, NOW, plug=True) is Rung.REBOOT_HOST
    assert ladder.stepped(Rung.MANUAL_INTERVENTION, NOW).climbs == ladder.climbs


# On the way


@pytest.mark.parametrize(
    ("rung", "patience"), [(Rung.RESTART_APP, 60), (Rung.REBOOT_HOST, 60), (Rung.POWER_CYCLE, 150)]
)
def test_the_next_step_waits_to_see_what_the_last_one_did(rung: Rung, patience: float) -> None:
    """The cooldown; after the plug a host has to start."""
    ladder = troubled().stepped(rung, NOW + seconds(200)).ended(NOW + seconds(230), worked=False)
    assert ladder.due(SILENT, RULES) == NOW + seconds(230 + patience)
    assert ladder.mended_at is None


@pytest.mark.parametrize(
    ("state", "ended", "worked"),
    [
        (State.PUBLISHED, False, False),
        (State.AWAITING_RECONNECT, False, False),
        (State.TIMED_OUT, True, False),
        (State.EXPIRED, True, False),
        (State.FAILED, True, False),
        (State.BLOCKED_SAFETY, True, False),
        (State.COMPLETED, True, True),
    ],
)
def test_a_step_ends_with_its_command(state: State, ended: bool, worked: bool) -> None:
    """Each rung has its time-out: the command's own."""
    sent = command(state=State.PUBLISHED, ladder=True)
    ladder = troubled().stepped(Rung.REBOOT_HOST, NOW).sent(sent, NOW)
    after = ladder.followed(replace(sent, state=state), NOW + seconds(5))
    assert (after.ended_at == NOW + seconds(5)) is ended
    assert (after.mended_at == NOW + seconds(5)) is worked
    assert after.followed(None, NOW + seconds(9)).ended_at is not None
    assert troubled().followed(None, NOW) == troubled()


def test_a_reboot_of_the_ladder_that_never_returns_is_followed_by_the_next_step() -> None:
    """Contract, "Lifecycle": after a minute timed out, a person or the next recovery rung."""
    rebooting = command(state=State.AWAITING_RECONNECT, ladder=True)
    assert rebooting.at(NOW + timedelta(hours=1)).state is State.TIMED_OUT
    by_hand = command(state=State.AWAITING_RECONNECT)
    assert by_hand.at(NOW + timedelta(hours=1)).state is State.MANUAL_INTERVENTION_REQUIRED


def test_a_climb_is_over_when_the_screen_was_well_for_a_minute() -> None:
    """Fine points; a crash in between goes on where it was."""
    ladder = troubled(asked_at=NOW).stepped(Rung.RESTART_APP, NOW).ended(NOW, worked=True)
    well = ladder.saw(WELL, NOW + seconds(10))
    assert well.over_at == NOW + seconds(70)
    assert well.at(NOW + seconds(69)).rung is Rung.RESTART_APP
    assert well.saw(CRASHED, NOW + seconds(50)).at(NOW + seconds(100)).rung is Rung.RESTART_APP
    over = well.at(NOW + seconds(70))
    assert (over.rung, over.asked, over.climbs, over.over_at) == (None, False, (NOW,), None)


def test_a_screen_that_is_meant_to_be_off_is_left_in_peace() -> None:
    """Somebody shut it down while it climbed."""
    climbing = troubled().stepped(Rung.RESTART_APP, NOW)
    assert climbing.saw(OFF, NOW).rung is None
    top = climbing.stepped(Rung.MANUAL_INTERVENTION, NOW)
    assert top.saw(OFF, NOW).rung is Rung.MANUAL_INTERVENTION
    assert climbing.left().rung is None
    assert top.left() == top


def test_climbs_are_forgotten_after_a_day() -> None:
    """A rolling day; what is empty is not worth keeping."""
    ladder = replace(LADDER, climbs=(NOW,))
    assert ladder.at(NOW + timedelta(hours=23)).worth_keeping
    assert not ladder.at(NOW + timedelta(hours=24)).worth_keeping
    assert not LADDER.saw(WELL, NOW).worth_keeping


# A person


def given_up(command_id: str, since: datetime = NOW) -> Command:
    """Return a command that asks for a person."""
    return command(command_id=command_id, state=State.MANUAL_INTERVENTION_REQUIRED, since=since)


def test_a_person_is_asked_once_for_each_command_that_ended_in_that() -> None:
    """What was handled stays handled; whoever is asked was asked since the first."""
    asked = LADDER.given_up(given_up("one", NOW - seconds(7)))
    assert asked.asked_at == NOW - seconds(7)
    assert asked.given_up(given_up("two")).asked_at == NOW - seconds(7)
    assert troubled().stepped(Rung.MANUAL_INTERVENTION, NOW).asked_at == NOW
    handled = asked.handled()
    assert (handled.asked, handled.rests) == (False, True)
    assert handled.given_up(given_up("one")) == handled
    assert handled.given_up(given_up("two")).asked


def test_a_successor_begins_at_the_foot_of_the_ladder() -> None:
    """Steps were for a device that is gone; what was counted and asked goes along."""
    there = troubled(asked_at=NOW, climbs=(NOW,), command_id="one", rung=Rung.REBOOT_HOST, since=NOW)
    assert there.moved("new") == Ladder(key="new", asked_at=NOW, climbs=(NOW,))


def test_what_a_person_handled_rests_until_the_screen_is_well() -> None:
    """It was carried to the workshop; nobody reboots it there."""
    handled = troubled(asked_at=NOW, rung=Rung.MANUAL_INTERVENTION).handled()
    assert handled.due(SILENT, RULES) is None
    well = handled.saw(WELL, NOW).at(NOW + seconds(60))
    assert well.saw(SILENT, NOW + seconds(90)).due(SILENT, RULES) == NOW + seconds(270)


def test_a_person_may_have_it_tried_once_more() -> None:
    """From the first rung, without the grace; the pause between climbs is kept."""
    again = troubled(
        asked_at=NOW, rung=Rung.MANUAL_INTERVENTION, climbs=(NOW - timedelta(minutes=10),)
    ).again()
    assert (again.asked, again.due(CRASHED, RULES)) == (False, NOW + timedelta(minutes=5))
    assert again.next_rung(CRASHED, NOW, plug=False) is Rung.RESTART_APP
    assert not again.stepped(Rung.RESTART_APP, NOW).hurry


@pytest.mark.parametrize(
    ("commands", "until"),
    [
        ([], None),
        ([command(state=State.PUBLISHED, ladder=True)], None),
        ([command(state=State.COMPLETED)], 60),
        ([command(state=State.COMPLETED, since=NOW - seconds(60))], None),
        ([command(action=Action.RESTART_APP, state=State.TIMED_OUT)], 60),
        ([command(state=State.TIMED_OUT)], 60),
        ([command(state=State.AWAITING_RECONNECT, late=True)], 150),
        ([command(state=State.QUEUED, since=NOW - seconds(9))], 1),
        ([command(state=State.ACK_RECEIVED), command(state=State.COMPLETED)], 60),
    ],
    ids=[
        "none",
        "the ladder's own",
        "just over",
        "over for a minute",
        "timed out for good",
        "timed out, and something is to come",
        "under way",
        "overdue",
        "several",
    ],
)
def test_a_persons_command_holds_the_ladder(commands: list[Command], until: float | None) -> None:
    """Fine points: not terminal, or terminal for less than 60 s."""
    assert held_until(commands, NOW) == (None if until is None else NOW + seconds(until))


# The fleet


def test_those_longest_in_trouble_go_first_as_far_as_there_is_room() -> None:
    """Five at a time; the rest waits its turn."""
    waiting = [replace(LADDER, key=str(number)).saw(SILENT, NOW - seconds(number)) for number in range(9)]
    assert [ladder.key for ladder in first_in_line(waiting, 2)] == ["8", "7", "6"]
    assert first_in_line(waiting, 5) == []


@pytest.mark.parametrize(
    "ladder",
    [
        LADDER,
        replace(LADDER, climbs=(NOW, NOW + seconds(1))),
        troubled().stepped(Rung.REBOOT_HOST, NOW).sent(command(state=State.COMPLETED), NOW),
        LADDER.given_up(given_up("one")).handled(),
        LADDER.given_up(given_up("one")),
    ],
    ids=["empty", "climbed", "on a rung", "handled", "asked"],
)
def test_a_ladder_outlives_a_restart(ladder: Ladder) -> None:
    """Where it stands and how often it climbed; how the screen is will be seen anew."""
    stored = on_the_wire(ladder.as_stored())
    assert Ladder.from_stored(stored) == replace(ladder, trouble_since=None, well_since=None)


@pytest.mark.parametrize(
    ("commands", "followed", "ended"),
    [
        ([], False, True),
        ([command(ladder=True)], True, False),
        ([command(ladder=True, state=State.COMPLETED)], True, True),
        ([command()], False, True),
        ([command(ladder=True, issued_at=NOW - seconds(1))], False, True),
        ([command(ladder=True, uuid="another")], False, True),
    ],
    ids=["none", "its own", "its own, over", "a person's", "an older one", "another screen's"],
)
def test_a_step_goes_on_after_a_restart_if_its_command_was_made(
    commands: list[Command], followed: bool, ended: bool
) -> None:
    """Or else it counts as failed: nobody can tell whether it was begun."""
    ladder = troubled().stepped(Rung.REBOOT_HOST, NOW).resumed(commands, NOW)
    assert (ladder.command_id is not None, ladder.ended_at is not None) == (followed, ended)


@pytest.mark.parametrize(
    "ladder",
    [
        LADDER,
        troubled().stepped(Rung.MANUAL_INTERVENTION, NOW),
        troubled().stepped(Rung.REBOOT_HOST, NOW).sent(command(ladder=True), NOW),
        troubled().stepped(Rung.REBOOT_HOST, NOW).ended(NOW, worked=False),
    ],
    ids=["idle", "at the top", "followed", "ended"],
)
def test_what_was_not_cut_off_is_left_as_it_is(ladder: Ladder) -> None:
    """By the restart."""
    assert ladder.resumed([], NOW) == ladder


class Run:
    """A fleet of screens in which things go wrong, and the steps that were taken."""

    def __init__(self, number: int) -> None:
        self.now = NOW
        self.sights = {str(key): WELL for key in range(number)}
        self.ladders = {key: Ladder(key=key) for key in self.sights}
        self.steps: dict[str, list[tuple[datetime, Rung]]] = {key: [] for key in self.sights}
        self.began: list[tuple[datetime, str]] = []

    def happens(self, key: str, look: Sight) -> None:
        """Let a screen be seen anew."""
        self.sights[key] = look
        self.ladders[key] = self.ladders[key].saw(look, self.now)

    def passes(self, time: timedelta, *, works: bool) -> None:
        """Let time pass in steps of twenty seconds, each step of the ladder taking one of them."""
        for _ in range(time // seconds(20)):
            self.now += seconds(20)
            for key, ladder in self.ladders.items():
                under_way = ladder.climbing and ladder.ended_at is None
                self.ladders[key] = ladder.ended(self.now, worked=works) if under_way else ladder
            self.look()

    def look(self) -> None:
        """Take the steps that are due, as a fleet does."""
        waiting = []
        for key, ladder in list(self.ladders.items()):
            current = self.ladders[key] = ladder.at(self.now)
            due = current.due(self.sights[key], RULES)
            if due is not None and due <= self.now:
                waiting += [current] if current.rung is None else []
                if current.rung is not None:
                    self.step(current)
        for ladder in first_in_line(waiting, self.climbing):
            self.step(ladder)
        assert self.climbing <= MAX_CLIMBING

    def step(self, ladder: Ladder) -> None:
        """Take one."""
        look = self.sights[ladder.key]
        assert look.cause is not None, "a step for nothing"
        rung = ladder.next_rung(look, self.now, plug=ladder.key < "4")
        self.steps[ladder.key].append((self.now, rung))
        if ladder.rung is None and rung is not Rung.MANUAL_INTERVENTION:
            self.began.append((self.now, ladder.key))
        self.ladders[ladder.key] = ladder.stepped(rung, self.now)

    @property
    def climbing(self) -> int:
        """Return how many climb."""
        return sum(ladder.climbing for ladder in self.ladders.values())


@given(st.data())
def test_the_ladder_never_does_too_much(data: st.DataObject) -> None:
    """A minute between steps, three climbs a day and a pause between them, five at once, whatever happens."""
    run = Run(8)
    for _ in range(data.draw(st.integers(1, 25))):
        look = data.draw(st.sampled_from([CRASHED, SILENT, WELL, UNKNOWN, OFF]))
        for key in data.draw(st.sets(st.sampled_from(sorted(run.sights)), min_size=1)):
            run.happens(key, look)
        time = seconds(data.draw(st.sampled_from([20, 60, 200, 1000])))
        run.passes(time, works=data.draw(st.booleans()))
    for key, steps in run.steps.items():
        moments = [moment for moment, _ in steps]
        pauses = [after - before for before, after in pairwise(moments)]
        assert all(pause >= seconds(60) for pause in pauses)
        began = [moment for moment, of in run.began if of == key]
        assert all(
            sum(start <= moment < start + timedelta(hours=24) for moment in began) <= 3 for start in began
        )
        assert all(b - a >= RULES.lockout for a, b in pairwise(began))
