"""Test what a screen does, without a connection and in no time."""

from base64 import b64decode
from dataclasses import replace
from datetime import timedelta
import json
from typing import Any

from hypothesis import given, settings, strategies as st
import pytest

from simulator import Channel, Fault, Memory, Power
from simulator.effects import Publish, Unsubscribe
from simulator.wire import LogLevel, stamp

from .lab import COMMAND_ID, IDENTITY, NOON, UUID, Lab, ack, command, event, intent

STAGES = ["accepted", "execution_started", "completed"]
EVENTS = "infoscreen/events/12"
GROUP_POWER = "infoscreen/groups/12/power/intent"


@pytest.fixture
def lab() -> Lab:
    """Return a connected screen in no group."""
    return Lab().connects()


@pytest.fixture
def member(lab: Lab) -> Lab:
    """Return a connected screen in group 12."""
    return lab.hears("group_id", b"12").forget()


def test_a_screen_announces_itself_until_it_is_answered(lab: Lab) -> None:
    """A controller that was away finds every screen within half a minute."""
    assert len(lab.after(60).said("discovery")) == 2
    assert lab.forget().hears("discovery_ack", ack()).after(300).said("discovery") == []


def test_a_screen_announces_itself_again_after_each_connect(lab: Lab) -> None:
    """The controller may have forgotten it meanwhile."""
    lab.hears("discovery_ack", ack()).screen.disconnected(lab.now)
    lab.effects = lab.screen.connected(lab.now)
    assert len(lab.said("discovery")) == 1


def test_an_answer_for_another_screen_is_no_answer(lab: Lab) -> None:
    """Only its own acknowledgement tells a screen that it is known."""
    lab.hears("discovery_ack", ack() | {"client_uuid": COMMAND_ID})
    assert len(lab.screen.complaints) == 1
    assert len(lab.after(30).said("discovery")) == 1


def test_the_periods_are_the_contracts(lab: Lab) -> None:
    """Controllers count on 65 s between heartbeats and 5 s between health reports."""
    lab.after(650)
    assert [len(lab.said(leaf)) for leaf in ("heartbeat", "health", "dashboard")] == [10, 130, 2]


def test_a_disconnected_screen_says_nothing(lab: Lab) -> None:
    """What nobody can hear is not said later either, except what is told by hand."""
    lab.screen.disconnected(lab.now)
    lab.screen.log(LogLevel.ERROR, "Help", None, lab.now)
    assert lab.after(600).effects == []
    lab.effects = lab.screen.connected(lab.now)
    assert [len(lab.said(leaf)) for leaf in ("heartbeat", "logs/error")] == [1, 1]


@pytest.mark.parametrize(
    ("action", "goes_down"),
    [("reboot_host", True), ("shutdown_host", True), ("restart_app", False)],
    ids=["reboot", "shutdown", "restart of the app"],
)
def test_a_command_sent_on_both_topics_runs_once(lab: Lab, action: str, goes_down: bool) -> None:
    """The second copy is for software not yet migrated, not a second wish."""
    lab.hears("commands", command(action)).hears("command", command(action)).after(10)
    assert lab.acks()[:2] == STAGES[:2]
    assert lab.screen.state.executed == (COMMAND_ID,)
    assert lab.hung_up is goes_down


def test_a_reboot_is_completed_by_the_screen_that_comes_back(lab: Lab) -> None:
    """Between execution_started and completed lies a real silence, and an announcement before the ack."""
    lab.hears("commands", command()).after(10)
    assert (lab.hung_up, lab.screen.state.power, lab.acks()) == (True, Power.REBOOTING, STAGES[:2])
    assert lab.forget().comes_back().acks() == STAGES[2:]
    topics = [effect.topic for effect in lab.effects if isinstance(effect, Publish)]
    assert topics.index("infoscreen/discovery") < topics.index(f"infoscreen/{UUID}/commands/ack")


def test_a_reboot_is_completed_by_a_process_that_only_remembers_it() -> None:
    """A client reads after the boot what it wrote down before."""
    lab = Lab(memory=Memory(rebooting=COMMAND_ID))
    lab.effects = lab.screen.connected(lab.now)
    assert lab.acks() == STAGES[2:]
    assert lab.screen.state.memory.rebooting is None


def test_a_restart_of_the_app_goes_through_stopped_and_starting(lab: Lab) -> None:
    """Controllers show the process on its way."""
    lab.hears("commands", command("restart_app")).after(10)
    assert [note["process_status"] for note in lab.said("heartbeat")] == ["stopped", "starting", "running"]
    assert lab.acks() == STAGES


def test_completed_is_the_last_thing_heard_of_a_shutdown(lab: Lab) -> None:
    """After it the screen is expected offline, until somebody switches it on."""
    lab.hears("commands", command("shutdown_host")).after(600)
    assert lab.acks() == STAGES
    *_, last, end = lab.effects
    assert (isinstance(last, Publish) and last.topic.endswith("/ack"), lab.hung_up) == (True, True)
    assert (lab.screen.state.power, type(end).__name__) == (Power.OFF, "Disconnect")
    lab.screen.disconnected(lab.now)
    lab.screen.power_on(lab.now)
    assert lab.after(40).screen.state.power is Power.UP


def test_a_copy_is_recognised_by_the_next_process() -> None:
    """A client refuses a command it has run even when it was restarted in between."""
    first = Lab().connects().hears("commands", command("restart_app")).after(10)
    second = Lab(memory=first.screen.state.memory).connects()
    assert second.hears("commands", command("restart_app")).after(10).acks() == []
    assert second.screen.state.executed == ()


def test_another_command_under_a_used_id_is_refused(lab: Lab) -> None:
    """An id stands for one command; the command itself goes on."""
    lab.hears("commands", command("restart_app")).hears("commands", command("shutdown_host")).after(10)
    assert sorted(lab.acks()) == sorted([*STAGES, "duplicate_command"])
    assert lab.screen.state.power is Power.UP


@pytest.mark.parametrize("name", sorted(command()))
def test_a_command_without_one_of_its_fields_is_refused(lab: Lab, name: str) -> None:
    """All eight fields are required; without its id there is nothing to answer with."""
    fields = command()
    del fields[name]
    lab.hears("commands", fields).after(10)
    assert lab.acks() == ["missing_field"] * (name != "command_id")
    assert lab.screen.state.executed == ()


@pytest.mark.parametrize(
    "changes",
    [
        {"extra": 1},
        {"schema_version": "2.0"},
        {"client_uuid": COMMAND_ID},
        {"client_uuid": "lobby"},
        {"client_uuid": 7},
        {"action": "explode"},
        {"action": []},
        {"issued_at": "yesterday"},
        {"issued_at": "0001-01-01T00:00:00+01:00"},
        {"expires_at": 1772452800},
        {"requested_by": 0},
        {"requested_by": True},
        {"requested_by": "anna"},
        {"reason": "x" * 2001},
    ],
    ids=lambda changes: " ".join(f"{name} {value!s:.12}" for name, value in changes.items()),
)
def test_a_command_of_another_shape_is_refused(lab: Lab, changes: dict[str, Any]) -> None:
    """A v1 client takes exactly the fields it knows."""
    lab.hears("commands", command(**changes)).after(10)
    assert lab.acks() == ["invalid_schema"]
    assert lab.screen.state.executed == ()


def test_a_uuid_is_the_same_in_capitals(lab: Lab) -> None:
    """UUIDs are compared in lower case."""
    assert lab.hears("commands", command(client_uuid=UUID.upper())).acks() == STAGES[:1]


@pytest.mark.parametrize(
    ("late", "acks"), [(0, STAGES[:1]), (1, ["stale_command"])], ids=["at the end", "a second later"]
)
def test_a_command_is_refused_after_it_expired(lab: Lab, late: int, acks: list[str]) -> None:
    """A command that waited somewhere must not hit a screen by surprise."""
    lab.now = NOON.replace(minute=4, second=late, microsecond=0)
    assert lab.hears("commands", command()).acks() == acks


def test_a_restart_without_an_id_is_never_acknowledged() -> None:
    """A client that listens everywhere would reboot twice, but it would not make up acks."""
    lab = Lab(identity=replace(IDENTITY, channels=frozenset(Channel))).connects()
    lab.hears(f"clients/{UUID}/restart", {"action": "restart"}).after(10)
    assert (lab.comes_back().screen.state.executed, lab.acks()) == (("restart",), [])


def test_a_restart_only_client_obeys_its_own_topic_in_silence() -> None:
    """The oldest software knows no commands and no acks."""
    identity = replace(IDENTITY, channels=frozenset({Channel.RESTART}))
    lab = Lab(identity=identity).connects().hears("commands", command()).after(10)
    assert not lab.screen.state.executed
    lab.hears(f"clients/{UUID}/restart", {"action": "restart"}).after(10)
    assert (lab.screen.state.executed, lab.hung_up) == (("restart",), True)
    lab.comes_back()
    assert [effect for effect in lab.effects if isinstance(effect, Publish) and "ack" in effect.topic] == []


@pytest.mark.parametrize(
    ("channels", "topics"),
    [
        ([Channel.COMMANDS], ["commands/ack"]),
        ([Channel.COMMAND], ["command/ack"]),
        ([*Channel], ["commands/ack", "command/ack"]),
    ],
    ids=["migrated", "not migrated", "listening everywhere"],
)
def test_a_screen_acknowledges_where_it_is_commanded(channels: list[Channel], topics: list[str]) -> None:
    """A client answers on the channels it knows, and the oldest has no answers."""
    lab = Lab(identity=replace(IDENTITY, channels=frozenset(channels))).connects()
    lab.hears("commands", command()).hears("command", command())
    said = [effect.topic for effect in lab.effects if isinstance(effect, Publish)]
    assert said == [f"infoscreen/{UUID}/{topic}" for topic in topics]


def test_a_screen_follows_its_group(member: Lab) -> None:
    """A screen shows its group's events, and nobody's when it has none."""
    member.hears(EVENTS, [event(1), event(2)]).hears("group_id", b"13")
    assert member.subscribed == ["infoscreen/events/13", "infoscreen/groups/13/power/intent"]
    assert Unsubscribe(topics=(EVENTS, GROUP_POWER)) in member.effects
    member.hears(EVENTS, [event(3)])
    member.hears("infoscreen/events/13", [event(4, group_id=13)]).hears("group_id", b"")
    assert member.screen.state.shown == (1, 4)
    assert (member.screen.state.group_id, member.screen.state.event) == (None, None)


def test_a_group_emptied_meanwhile_is_left_by_the_answer(member: Lab) -> None:
    """Who was away when a retained message was emptied never hears of it otherwise."""
    assert member.hears("discovery_ack", ack(None)).screen.state.group_id is None


@pytest.mark.parametrize(
    ("event_type", "application"),
    [
        ("website", "chromium"),
        ("webuntis", "chromium"),
        ("presentation", "impressive"),
        ("video", "vlc"),
        ("message", "message"),
        ("other", "other"),
    ],
)
def test_each_type_of_event_has_its_program(member: Lab, event_type: str, application: str) -> None:
    """The process tells what is shown."""
    health = member.hears(EVENTS, [event(7, event_type)]).health()
    assert health["actual_state"]["process"] == application
    assert health["expected_state"]["event_id"] == 7


def test_a_change_of_event_is_pictured_once(member: Lab) -> None:
    """The same list again changes nothing; the next event stops one and starts the other."""
    for events in ([event(1)], [event(1), event(2)], [event(2)], []):
        member.hears(EVENTS, events)
    captures = [note["metadata"]["capture"]["type"] for note in member.said("dashboard")]
    assert captures == ["event_start", "event_stop", "event_start", "event_stop"]


def test_older_software_shows_its_pictures_on_the_older_topic() -> None:
    """The periodic ones as they are, the others in JSON."""
    identity = replace(IDENTITY, channels=frozenset({Channel.COMMAND}))
    lab = Lab(identity=identity).connects().after(300)
    (raw,) = [
        note for note in lab.effects if isinstance(note, Publish) and note.topic.endswith("/screenshot")
    ]
    assert raw.payload.startswith(b"lobby|")
    lab.forget().hears("group_id", b"12").hears(EVENTS, [event(1)])
    (shown,) = lab.said("screenshot")
    assert (shown["screenshot_type"], b64decode(shown["image"])[:6]) == ("event_start", b"lobby|")
    assert lab.said("dashboard") == []


@pytest.mark.parametrize(
    ("own", "group", "is_on"),
    [
        (None, None, True),
        (None, "on", True),
        (None, "off", False),
        ("on", "off", True),
        ("off", "on", False),
    ],
    ids=["no intent", "group on", "group off", "own on over group off", "own off over group on"],
)
def test_the_tv_follows_the_intent(member: Lab, own: str | None, group: str | None, is_on: bool) -> None:
    """A screen's own intent overrides its group's; without any the TV is on."""
    member.hears(GROUP_POWER, intent(group, group_id=12) if group else b"")
    member.hears("power/intent", intent(own, client_uuid=UUID) if own else b"")
    assert member.health()["health_metrics"]["screen_on"] is is_on


def test_the_tv_goes_off_when_nobody_renews_the_intent(member: Lab) -> None:
    """An intent holds until it expires, so that a dead controller leaves no TV burning."""
    member.hears(GROUP_POWER, intent("on", group_id=12)).after(84)
    assert member.health()["health_metrics"]["screen_on"] is True
    assert member.health()["health_metrics"]["screen_on"] is False


def test_a_tv_remembers_when_it_was_told_to_turn(member: Lab) -> None:
    """To the moment at which an intent ends; what is over within a second it is too slow for."""
    member.after(2)
    off, on, again = (intent(state, group_id=12) for state in ("off", "on", "off"))
    first = member.hears(GROUP_POWER, off).now
    second = member.after(10).hears(GROUP_POWER, on).now
    member.after(10).hears(GROUP_POWER, again).after(0.5).hears(GROUP_POWER, on).after(100)
    expired = NOON.replace(minute=1, second=30, microsecond=0)
    assert member.screen.state.turns == (
        (NOON, True),
        (first, False),
        (second, True),
        (expired, False),
    )


def test_an_intent_emptied_meanwhile_holds_no_longer(member: Lab) -> None:
    """Who was away when a retained message was emptied never hears of it, only of those that still hold."""
    member.hears("power/intent", intent("off", client_uuid=UUID)).hears(
        GROUP_POWER, intent("off", group_id=12)
    )
    member.screen.disconnected(member.now)
    member.screen.connected(member.now)
    assert member.health()["health_metrics"]["screen_on"] is True


@pytest.mark.parametrize(
    ("leaf", "payload"),
    [
        ("group_id", b"twelve"),
        ("group_id", b"2147483648"),
        (EVENTS, {"id": 1}),
        (EVENTS, [event(1, group_id=13)]),
        (EVENTS, [event(1) | {"event_type": "opera"}]),
        (GROUP_POWER, intent("on", group_id=13)),
        (GROUP_POWER, intent("perhaps", group_id=12)),
        ("power/intent", intent("on", client_uuid=COMMAND_ID)),
        ("power/intent", b"[" * 100_000),
        ("commands", b"\xff"),
    ],
)
def test_what_breaks_the_contract_is_named_and_changes_nothing(member: Lab, leaf: str, payload: Any) -> None:
    """A test of a controller asserts that nobody complained."""
    before = member.screen.state
    member.hears(leaf, payload)
    assert member.screen.state == before
    assert len(member.screen.complaints) == 1
    assert len(member.said("logs/warn")) == 1


def test_a_silent_screen_neither_speaks_nor_obeys(lab: Lab) -> None:
    """It keeps its connection, which is what makes it hard to tell."""
    lab.screen.fault(Fault.SILENT)
    assert lab.hears("commands", command()).after(600).effects == []
    assert (lab.screen.state.connected, lab.screen.state.executed) == (True, ())
    lab.screen.clear()
    assert lab.after(5).said("health")


def test_an_offline_screen_drops_its_connection_until_cleared(lab: Lab) -> None:
    """A cable is pulled and plugged in again."""
    lab.effects += lab.screen.fault(Fault.OFFLINE)
    assert (lab.hung_up, lab.screen.state.reachable) == (True, False)
    lab.screen.clear(Fault.OFFLINE)
    assert lab.screen.state.reachable


@pytest.mark.parametrize(
    ("fault", "block", "name", "value"),
    [
        (Fault.CRASHED, "actual_state", "status", "crashed"),
        (Fault.BLACK, "health_metrics", "screen_health_status", "BLACK"),
        (Fault.FROZEN, "health_metrics", "screen_health_status", "FROZEN"),
        (Fault.FROZEN, "health_metrics", "last_frame_update", stamp(NOON)),
    ],
    ids=["crashed", "black", "frozen", "last frame of a frozen one"],
)
def test_a_fault_shows_in_the_health(lab: Lab, fault: Fault, block: str, name: str, value: str) -> None:
    """Health tells what is wrong, and that it is well again."""
    lab.screen.fault(fault)
    assert lab.health()[block][name] == value
    lab.screen.clear()
    assert lab.health()[block][name] != value


def test_slow_acks_come_late_but_all(lab: Lab) -> None:
    """A controller flags a command nobody acknowledges in time, and must take the ack afterwards."""
    lab.screen.fault(Fault.SLOW_ACK)
    lab.hears("commands", command("restart_app"))
    assert lab.after(29).acks() == []
    assert lab.after(1).acks() == STAGES[:1]
    assert lab.after(100).acks() == STAGES


def test_double_acks_say_everything_twice(lab: Lab) -> None:
    """Acks may come twice."""
    lab.screen.fault(Fault.DOUBLE_ACK)
    assert lab.hears("commands", command()).acks() == STAGES[:1] * 2


def test_a_failed_command_is_not_executed(lab: Lab) -> None:
    """A screen may try in vain."""
    lab.screen.fault(Fault.FAILED)
    assert lab.hears("commands", command()).after(10).acks() == [*STAGES[:2], "execution_failed"]
    assert (lab.screen.state.executed, lab.hung_up) == ((), False)


def test_a_reboot_that_never_returns_waits_for_the_button(lab: Lab) -> None:
    """Only its plug brings such a screen back."""
    lab.screen.fault(Fault.REBOOT_NEVER_RETURNS)
    lab.hears("commands", command()).after(86_400)
    assert (lab.screen.state.power, lab.hung_up) == (Power.REBOOTING, True)
    lab.screen.power_on(lab.now)
    assert lab.after(40).screen.state.power is Power.UP


def test_a_power_cut_comes_without_a_word(lab: Lab) -> None:
    """A plug is pulled under a command, which is never completed."""
    lab.hears("commands", command("restart_app")).forget()
    lab.effects += lab.screen.power_off()
    assert (lab.hung_up, len(lab.after(600).effects)) == (True, 1)
    assert lab.screen.state.executed == ()


def test_a_wrong_uuid_is_in_every_payload(lab: Lab) -> None:
    """A controller drops what claims to be from another screen than its topic says."""
    lab.screen.fault(Fault.WRONG_UUID)
    lab.after(65)
    notes = [*lab.said("heartbeat"), *lab.said("health")]
    assert {note["client_uuid"] for note in notes}.isdisjoint({UUID})


def test_garbage_comes_instead_of_health(lab: Lab) -> None:
    """A controller survives bytes that mean nothing."""
    lab.screen.fault(Fault.GARBAGE)
    notes = [effect.payload for effect in lab.after(5).effects if isinstance(effect, Publish)]
    assert len(notes) > 10
    for payload in notes:
        with pytest.raises((UnicodeDecodeError, json.JSONDecodeError)):
            json.loads(payload.decode())


def test_a_failed_service_is_told_to_all_who_come_later(lab: Lab) -> None:
    """Only this message of a screen is retained."""
    lab.effects += lab.screen.fail_service("infoscreen.service", lab.now)
    lab.after(300)
    retained = [effect for effect in lab.effects if isinstance(effect, Publish) and effect.retain]
    assert [note.topic for note in retained] == [f"infoscreen/{UUID}/service_failed"]


def test_a_faster_life_keeps_its_proportions() -> None:
    """Speed divides every period and duration."""
    pace = Lab().screen._pace
    fast = pace.times(60)
    assert fast.health == pace.health / 60 == timedelta(seconds=5) / 60
    assert fast.boot / fast.heartbeat == pytest.approx(pace.boot / pace.heartbeat, rel=1e-4)


TOPICS = ["discovery_ack", "group_id", "power/intent", "commands", "command", EVENTS, GROUP_POWER]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda children: st.lists(children, max_size=4) | st.dictionaries(st.text(), children, max_size=4),
    max_leaves=8,
)
WELL_KNOWN = st.sampled_from(
    [command(), event(1), intent("on", group_id=12), ack(12), {"client_uuid": UUID}, {"action": "restart"}]
)


@given(topic=st.sampled_from(TOPICS), payload=st.binary(max_size=200))
@settings(database=None, deadline=None)
def test_no_bytes_make_a_screen_stumble(topic: str, payload: bytes) -> None:
    """Anything may come on any topic."""
    Lab().connects().hears("group_id", b"12").hears(topic, payload).after(10)


@given(
    topic=st.sampled_from(TOPICS),
    known=WELL_KNOWN,
    name=st.sampled_from(sorted(command() | event(1))),
    value=JSON,
)
@settings(database=None, deadline=None, max_examples=300)
def test_no_json_makes_a_screen_stumble(topic: str, known: dict[str, Any], name: str, value: Any) -> None:
    """One strange field in a message that is otherwise as it should be is the worst of strangers."""
    lab = Lab().connects().hears("group_id", b"12")
    for payload in (known | {name: value}, [known | {name: value}], value):
        lab.hears(topic, payload)
    lab.after(100)
