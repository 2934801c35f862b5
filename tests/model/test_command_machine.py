"""Test a screen's commands as a whole: whatever is asked for, heard, lost or repeated, in any order."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count, pairwise
from typing import override

from hypothesis import settings, strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, multiple, rule
import orjson

from custom_components.infoscreen.model.commands import Command
from custom_components.infoscreen.model.errors import Refused
from custom_components.infoscreen.model.lifecycle import ORDER, Action, State
from custom_components.infoscreen.model.lockout import LIMIT, PERIOD, is_remembered, locked_until
from custom_components.infoscreen.model.messages import Ack, AckStatus, Discovery, Health, Message

from .samples import NOW, UUID, command, seconds

EXPIRY = seconds(240)
#: The longest way from an ack: accepted, started, awaited, given up, a person called.
LONGEST = EXPIRY + seconds(25 + 10 + 150 + 60)
RESTARTS = {Action.REBOOT_HOST, Action.RESTART_APP}


@dataclass
class Client:
    """A screen's client: it refuses what has expired, and runs nothing twice."""

    received: dict[str, Command] = field(default_factory=dict)
    executed: list[str] = field(default_factory=list)

    def receive(self, sent: Command, now: datetime) -> None:
        """Carry a command out, unless it was carried out before or is too old."""
        if sent.command_id not in self.received and now <= sent.expires_at:
            self.received[sent.command_id] = sent
            self.executed.append(sent.command_id)


class Commands(RuleBasedStateMachine):
    """A controller with one screen, as `commander` handles it, over a wire that loses and repeats."""

    asked = Bundle("asked")

    def __init__(self) -> None:
        super().__init__()
        self.now = NOW
        self.ids = count()
        self.known: dict[str, Command] = {}
        self.past: dict[str, list[Command]] = {}
        self.last_heard: datetime | None = None
        self.client = Client()

    def take(self, after: Command) -> None:
        """Take over what became of a command."""
        self.past[after.command_id].append(after)
        self.known[after.command_id] = after

    def hear(self, message: Message) -> None:
        """Let the controller hear the screen."""
        for before in list(self.known.values()):
            for stage in before.heard(message, self.now, last_heard=self.last_heard):
                self.take(stage)
        self.last_heard = self.now

    @rule(target=asked, actions=st.lists(st.sampled_from(Action), min_size=1, max_size=5), sent=st.booleans())
    def ask(self, actions: list[Action], sent: bool) -> object:
        """Ask for commands side by side; the lockout may forbid some, and all may still wait to be sent."""
        new = [command_id for action in actions for command_id in self.begin(action)]
        for command_id in new if sent else []:
            self.publish(command_id, arrives=True, answered=True)
        return multiple(*new)

    def begin(self, action: Action) -> list[str]:
        """Ask for one command; return its id unless it is blocked."""
        new = command(
            command_id=f"{next(self.ids)}",
            action=action,
            issued_at=self.now,
            since=self.now,
            expires_at=self.now + EXPIRY,
        )
        self.known = {kept.command_id: kept for kept in self.known.values() if is_remembered(kept, self.now)}
        until = locked_until(action, self.known.values(), self.now)
        self.past[new.command_id] = [new]
        self.take(new.blocked(self.now) if until else new)
        assert until is None or self.now < until <= self.now + PERIOD
        return [] if until else [new.command_id]

    @rule(which=asked, arrives=st.booleans(), answered=st.booleans())
    def publish(self, which: str, arrives: bool, answered: bool) -> None:
        """Hand a command to the transport; it may arrive without an answer, and an answer may be lost."""
        before = self.known.get(which)
        if before is None or before.state is not State.QUEUED:
            return
        handed_over = before.handed_over(self.now)
        self.take(handed_over)
        if arrives or answered:
            self.client.receive(handed_over, self.now)
        self.take(handed_over.taken(self.now) if answered else handed_over.not_taken(self.now))

    @rule(which=asked, statuses=st.lists(st.sampled_from(AckStatus), min_size=1, max_size=4))
    def acknowledge(self, which: str, statuses: list[AckStatus]) -> None:
        """Acknowledge anything, in any order, be it received or not."""
        for status in statuses:
            self.hear(Ack(command_id=which, status=status))

    @rule(message=st.sampled_from([Discovery(uuid=UUID), Health()]))
    def live(self, message: Message) -> None:
        """Show a sign of life."""
        self.hear(message)

    @rule(which=asked)
    def deliver_again(self, which: str) -> None:
        """Deliver a message once more, as QoS 1 may; its copy on the older topic is another."""
        if which in self.client.received:
            self.client.receive(self.client.received[which], self.now)

    @rule(span=st.sampled_from([1, 8, 20, 60, 150, 900]))
    def pass_time(self, span: int) -> None:
        """Let time pass, and every deadline have its effect."""
        self.now += seconds(span)
        for before in list(self.known.values()):
            self.take(before.at(self.now))

    @rule(span=st.sampled_from([0, 5, 30, 300, 3600]))
    def restart(self, span: int) -> None:
        """Kill Home Assistant, and start it again."""
        stored = orjson.dumps([kept.as_stored() for kept in self.known.values()])
        self.now += seconds(span)
        self.last_heard = None
        for raw in orjson.loads(stored):
            self.take(Command.from_stored(raw).resumed(self.now))

    @rule()
    def fall_silent(self) -> None:
        """Be silent beyond the grace."""
        self.now += seconds(170)
        for before in list(self.known.values()):
            self.take(before.at(self.now).fell_silent(self.now))

    @rule(which=asked)
    def cancel(self, which: str) -> None:
        """Take a command back, if it can be."""
        if (before := self.known.get(which)) is None:
            return
        try:
            self.take(before.canceled(self.now))
        except Refused:
            assert before.state not in (State.QUEUED, State.PUBLISHED)

    @invariant()
    def nothing_goes_backwards_or_beyond_its_end(self) -> None:
        """Contract, "Lifecycle"."""
        for stages in self.past.values():
            for before, after in pairwise(stages):
                assert ORDER[after.state] >= ORDER[before.state]
                assert not before.over or after == before

    @invariant()
    def nothing_runs_twice(self) -> None:
        """Contract, "command"."""
        assert len(self.client.executed) == len(set(self.client.executed))

    @invariant()
    def the_lockout_is_never_exceeded(self) -> None:
        """Contract, "Safety lockout": in no quarter of an hour are there more than three."""
        sent = sorted(
            stages[-1].issued_at
            for stages in self.past.values()
            if stages[-1].action in RESTARTS and stages[-1].published_at is not None
        )
        for first, fourth in zip(sent, sent[LIMIT:], strict=False):
            assert fourth - first >= PERIOD

    @override
    def teardown(self) -> None:
        """Let only time pass: each command ends, or rests, within its longest way."""
        later = self.now + LONGEST
        for kept in self.known.values():
            ended = kept.at(later)
            assert ended.settled
            assert ended.since <= max(kept.issued_at, self.now) + LONGEST
            assert ended.at(later + timedelta(days=1)) is ended


TestCommands = Commands.TestCase
TestCommands.settings = settings(max_examples=200, stateful_step_count=25)
