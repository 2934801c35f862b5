"""Test how what screens say is read."""

from collections.abc import Mapping
from dataclasses import fields
from datetime import UTC, datetime
import json
from typing import Any, get_args, get_type_hints

from hypothesis import example, given, strategies as st
import pytest

from custom_components.infoscreen.model.fields import MAX_LOG_SIZE, MAX_TEXT
from custom_components.infoscreen.model.messages import (
    NOTHING,
    Ack,
    AckStatus,
    Discovery,
    Health,
    Heartbeat,
    Log,
    LogLevel,
    Message,
    ProcessStatus,
    RecoveryClass,
    ScreenHealth,
    ServiceCleared,
    ServiceFailed,
)
from custom_components.infoscreen.model.reading import (
    MAX_ERROR_CODE,
    MAX_ERROR_MESSAGE,
    MAX_JSON_SIZE,
    Parsed,
    Rejection,
    gist,
    parse,
)
from custom_components.infoscreen.model.topics import Kind
from custom_components.infoscreen.model.wire import as_json

from .samples import COMMAND_ID, UUID

#: Screenshots are read elsewhere.
KINDS = [kind for kind in Kind if kind not in {Kind.DASHBOARD, Kind.SCREENSHOT}]
OF_A_SCREEN = [kind for kind in KINDS if kind is not Kind.DISCOVERY]

#: The contract's examples, whole.
DISCOVERY = {
    "uuid": UUID,
    "hostname": "foyer-1",
    "ip": "192.0.2.7",
    "mac": "dc:a6:32:01:02:03",
    "model": "Raspberry Pi 4",
    "os_version": "Debian 13",
    "software_version": "2.4.0",
    "recovery_class": "managed_poe_available",
    "watchdog_enabled": False,
    "boot_source": "ssd",
}
HEARTBEAT = {
    "timestamp": "2026-03-02T09:30:00Z",
    "current_process": "display_manager",
    "process_pid": 1234,
    "process_status": "running",
    "current_event_id": 42,
}
HEALTH: dict[str, dict[str, Any] | str] = {
    "timestamp": "2026-03-02T09:30:00Z",
    "expected_state": {"event_id": 42},
    "actual_state": {"process": "display_manager", "pid": 1234, "status": "crashed"},
    "health_metrics": {
        "screen_on": True,
        "last_frame_update": "2026-03-02T09:29:58.250+00:00",
        "screen_health_status": "FROZEN",
    },
    "broker_connection": {
        "broker_reachable": True,
        "reconnect_count": 2,
        "last_disconnect_at": "2026-03-01T23:00:00",
    },
}
ACK = {
    "command_id": COMMAND_ID,
    "status": "failed",
    "error_code": "execution_timeout",
    "error_message": "systemctl did not answer",
}
LOG = {
    "timestamp": "2026-03-02T09:29:58Z",
    "message": "No picture for ten seconds\n",
    "context": {"unit": "display_manager", "lines": [1, None, "<b>no</b>"]},
}
LOGS = {
    Kind.LOG_ERROR: LogLevel.ERROR,
    Kind.LOG_WARN: LogLevel.WARN,
    Kind.LOG_INFO: LogLevel.INFO,
    Kind.LOG_DEBUG: LogLevel.DEBUG,
}
READ: Mapping[Kind, tuple[dict[str, Any], Message]] = {
    Kind.DISCOVERY: (
        DISCOVERY,
        Discovery(
            uuid=UUID,
            hostname="foyer-1",
            ip="192.0.2.7",
            mac="dc:a6:32:01:02:03",
            model="Raspberry Pi 4",
            os_version="Debian 13",
            software_version="2.4.0",
            recovery_class=RecoveryClass.MANAGED_POE_AVAILABLE,
            watchdog_enabled=False,
            boot_source="ssd",
        ),
    ),
    Kind.SERVICE_FAILED: (
        {
            "event": "service_failed",
            "unit": "infoscreen.service",
            "client_uuid": UUID,
            "failed_at": "2026-03-02T09:00:00Z",
        },
        ServiceFailed(unit="infoscreen.service", failed_at="2026-03-02T09:00:00Z"),
    ),
    Kind.HEARTBEAT: (
        HEARTBEAT,
        Heartbeat(
            process="display_manager", pid=1234, process_status=ProcessStatus.RUNNING, current_event=42
        ),
    ),
    Kind.HEALTH: (
        HEALTH,
        Health(
            expected_event=42,
            process="display_manager",
            pid=1234,
            process_status=ProcessStatus.CRASHED,
            screen_on=True,
            last_frame_update=datetime(2026, 3, 2, 9, 29, 58, 250_000, tzinfo=UTC),
            screen_health=ScreenHealth.FROZEN,
            mqtt_reconnects=2,
            mqtt_last_disconnect=datetime(2026, 3, 1, 23, tzinfo=UTC),
        ),
    ),
    Kind.ACK: (
        ACK,
        Ack(
            command_id=COMMAND_ID,
            status=AckStatus.FAILED,
            error_code="execution_timeout",
            error_message="systemctl did not answer",
        ),
    ),
    **{
        kind: (
            LOG,
            Log(
                level=level,
                message="No picture for ten seconds\n",
                context={"unit": "display_manager", "lines": [1, None, "<b>no</b>"]},
                timestamp=datetime(2026, 3, 2, 9, 29, 58, tzinfo=UTC),
            ),
        )
        for kind, level in LOGS.items()
    },
}


def read(kind: Kind, payload: Any) -> Parsed:
    """Read a JSON payload that our screen sent."""
    return parse(kind, UUID, json.dumps(payload).encode())


@pytest.mark.parametrize("kind", READ, ids=lambda kind: kind.name.lower())
def test_the_contracts_own_messages_are_read_whole(kind: Kind) -> None:
    """Contract, "Screen → controller"; an older client's ack is the same message on another topic."""
    payload, message = READ[kind]
    assert read(kind, payload) == Parsed(message=message)


def test_an_ack_on_the_older_topic_is_the_same_ack() -> None:
    """Contract, "Topics": a client may send both."""
    assert read(Kind.COMPAT_ACK, ACK) == read(Kind.ACK, ACK)


@pytest.mark.parametrize(
    ("kind", "payload", "message"),
    [
        (Kind.DISCOVERY, {"uuid": UUID}, Discovery(uuid=UUID)),
        (Kind.HEARTBEAT, {}, Heartbeat()),
        (Kind.HEALTH, {}, Health()),
        (
            Kind.ACK,
            {"command_id": COMMAND_ID, "status": "accepted"},
            Ack(command_id=COMMAND_ID, status=AckStatus.ACCEPTED),
        ),
    ],
    ids=["discovery", "heartbeat", "health", "ack"],
)
def test_what_is_not_certain_may_be_missing(kind: Kind, payload: Any, message: Message) -> None:
    """Contract: of a discovery only `uuid` is certain, every block of health may be missing."""
    assert read(kind, payload) == Parsed(message=message)


@pytest.mark.parametrize(
    ("kind", "payload", "message"),
    [
        (
            Kind.DISCOVERY,
            dict.fromkeys(DISCOVERY) | {"uuid": UUID, "hardware_token": None},
            Discovery(uuid=UUID),
        ),
        (Kind.HEARTBEAT, dict.fromkeys(HEARTBEAT), Heartbeat(current_event=NOTHING)),
        (Kind.HEALTH, dict.fromkeys(HEALTH), Health()),
        (
            Kind.HEALTH,
            {block: dict.fromkeys(values) for block, values in HEALTH.items() if isinstance(values, Mapping)},
            Health(expected_event=NOTHING),
        ),
        (
            Kind.ACK,
            {"command_id": COMMAND_ID, "status": "completed", "error_code": None, "error_message": None},
            Ack(command_id=COMMAND_ID, status=AckStatus.COMPLETED),
        ),
    ],
    ids=["discovery", "heartbeat", "blocks of health", "fields of health", "ack"],
)
def test_what_is_not_certain_may_be_null(kind: Kind, payload: Any, message: Message) -> None:
    """Contract, "health": null is missing; of an event id it says that there is none."""
    assert read(kind, payload) == Parsed(message=message)


def test_nothing_unknown_is_kept() -> None:
    """Contract, "discovery": take what is there, keep nothing unknown."""
    assert read(Kind.DISCOVERY, {"uuid": UUID, "password": "secret"}) == Parsed(message=Discovery(uuid=UUID))


def test_a_hardware_token_stands_in_for_a_model() -> None:
    """Contract, "discovery": one or the other; the model where both are there."""
    both = {"uuid": UUID, "hardware_token": "a1b2"}
    assert read(Kind.DISCOVERY, both).message == Discovery(uuid=UUID, model="a1b2")
    assert read(Kind.DISCOVERY, both | {"model": "Pi 5"}).message == Discovery(uuid=UUID, model="Pi 5")


@pytest.mark.parametrize("payload", [b"", b"alive", b"\xff\x00", b"[]", b"17", b'{"current'], ids=repr)
def test_any_heartbeat_is_a_sign_of_life(payload: bytes) -> None:
    """Contract, "heartbeat": empty or non-JSON payloads still count."""
    assert parse(Kind.HEARTBEAT, UUID, payload) == Parsed(message=Heartbeat())


@pytest.mark.parametrize(
    "kind", [kind for kind in KINDS if kind is not Kind.HEARTBEAT], ids=lambda kind: kind.name.lower()
)
@pytest.mark.parametrize("payload", [b" ", b"alive", b"\xff", b"[]", b'{"a":NaN}'], ids=repr)
def test_any_other_message_must_be_a_json_object(kind: Kind, payload: bytes) -> None:
    """Nothing can be made of it, and it is counted."""
    assert parse(kind, UUID, payload) == Parsed(rejection=Rejection.INVALID_JSON)


PIECES = (
    *('{"process_pid":', '{"actual_state":', '"timestamp"', ":", " : ", '"', '\\"', "\\", ",", "}", "}}"),
    *("[", "]", '"2026-11-21T08:00:00Z"', "08:00", '"timestamp":"1"', ',"timestamp": "2",', "1", "true", "é"),
)


@pytest.mark.parametrize("kind", [Kind.HEALTH, Kind.HEARTBEAT], ids=lambda kind: kind.name.lower())
@given(payload=st.lists(st.sampled_from(PIECES), max_size=12).map("".join).map(str.encode))
@example(payload=b'{"process_pid":1,"timestamp":"1"}')
@example(payload=b'{"timestamp":"\\","process_pid":true,"a":"1"}')
def test_the_gist_is_what_was_said(kind: Kind, payload: bytes) -> None:
    """Leaving out the time leaves out nothing else."""
    words = gist(kind, payload)
    assert words is not None
    assert parse(kind, UUID, words) == parse(kind, UUID, payload)


@pytest.mark.parametrize("kind", [Kind.HEALTH, Kind.HEARTBEAT], ids=lambda kind: kind.name.lower())
def test_the_gist_of_what_is_said_later_is_the_same(kind: Kind) -> None:
    """Nearly all messages are only younger than the last."""
    earlier, later = (
        b'{"timestamp": "2026-11-21T08:00:00Z", "a": 1}',
        b'{"timestamp": "2026-11-21T08:00:05Z", "a": 1}',
    )
    assert gist(kind, earlier) == gist(kind, bytearray(later))
    assert gist(kind, earlier) != gist(kind, later.replace(b"1}", b"true}"))  # which are equal in Python


@pytest.mark.parametrize("kind", Kind, ids=lambda kind: kind.name.lower())
def test_there_is_a_gist_of_little_that_is_repeated(kind: Kind) -> None:
    """What is long is not kept, nor what is said once."""
    repeated = kind in {Kind.HEALTH, Kind.HEARTBEAT}
    assert (gist(kind, b" " * 1024) is not None) is repeated
    assert gist(kind, b" " * 1025) is None


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name.lower())
def test_more_than_64_kib_is_not_read(kind: Kind) -> None:
    """Contract, "Bounds": one screen must not keep a thousand waiting."""
    payload = json.dumps(DISCOVERY | ACK | LOG | {"event": "service_failed"}).encode()
    assert parse(kind, UUID, payload.ljust(MAX_JSON_SIZE)).rejection is None
    assert parse(kind, UUID, payload.ljust(MAX_JSON_SIZE + 1)) == Parsed(rejection=Rejection.TOO_LARGE)
    assert MAX_JSON_SIZE == 65_536


@pytest.mark.parametrize("kind", OF_A_SCREEN, ids=lambda kind: kind.name.lower())
@pytest.mark.parametrize(
    "claimed",
    ["11111111-2222-4333-8444-555555555555", "", 5, False, [UUID]],
    ids=["another screen", "nobody", "a number", "no", "a list"],
)
def test_a_screen_speaks_for_itself_only(kind: Kind, claimed: Any) -> None:
    """Contract, head: a `client_uuid` that differs from the topic's is a spoof, dropped and counted."""
    assert read(kind, ACK | {"client_uuid": claimed}) == Parsed(rejection=Rejection.SPOOFED)


@pytest.mark.parametrize("kind", OF_A_SCREEN, ids=lambda kind: kind.name.lower())
@pytest.mark.parametrize("claimed", [UUID, UUID.upper(), UUID.lower(), None], ids=repr)
def test_a_screen_may_say_who_it_is(kind: Kind, claimed: str | None) -> None:
    """Contract, head: UUIDs are compared in lower case."""
    said = LOG | ACK | {"event": "service_failed", "client_uuid": claimed}
    assert read(kind, said).rejection is None


@pytest.mark.parametrize("uuid", [None, "", "foyer-1", 5, UUID[:-1], f"{UUID}{UUID}"], ids=repr)
def test_a_discovery_without_a_uuid_is_nobodys(uuid: Any) -> None:
    """Contract, head: a UUID is 8-4-4-4-12 hexadecimal digits."""
    assert read(Kind.DISCOVERY, DISCOVERY | {"uuid": uuid}) == Parsed(rejection=Rejection.INVALID_UUID)


@pytest.mark.parametrize(
    "payload",
    [
        {"status": "accepted"},
        {"command_id": COMMAND_ID},
        {"command_id": 5, "status": "accepted"},
        {"command_id": " ", "status": "accepted"},
        {"command_id": COMMAND_ID, "status": "done"},
        {"command_id": COMMAND_ID, "status": ["accepted"]},
    ],
    ids=["no id", "no status", "a number for an id", "a blank id", "an unknown status", "a list of one"],
)
def test_an_ack_of_nothing_or_saying_nothing_is_dropped(payload: Any) -> None:
    """Contract, "ack": it is about one command and names one of four stages."""
    assert read(Kind.ACK, payload) == Parsed(rejection=Rejection.WRONG_TYPE)


@pytest.mark.parametrize(
    ("kind", "field", "value"),
    [
        (Kind.DISCOVERY, "hostname", 7),
        (Kind.DISCOVERY, "recovery_class", "by_hand"),
        (Kind.DISCOVERY, "watchdog_enabled", "yes"),
        (Kind.DISCOVERY, "watchdog_enabled", 1),
        (Kind.HEARTBEAT, "current_process", ["display_manager"]),
        (Kind.HEARTBEAT, "process_pid", "1234"),
        (Kind.HEARTBEAT, "process_pid", True),
        (Kind.HEARTBEAT, "process_pid", -1),
        (Kind.HEARTBEAT, "process_pid", 12.0),
        (Kind.HEARTBEAT, "process_pid", 2**63),
        (Kind.HEARTBEAT, "process_status", "RUNNING"),
        (Kind.HEARTBEAT, "current_event_id", "42"),
        (Kind.ACK, "error_code", 500),
        (Kind.ACK, "error_message", {"text": "no"}),
        (Kind.LOG_ERROR, "context", ["no"]),
        (Kind.LOG_ERROR, "timestamp", 1772443800),
    ],
    ids=[
        "a number for a text",
        "an unknown word",
        "a text for a yes",
        "a number for a yes",
        "a list for a text",
        "a text for a number",
        "a yes for a number",
        "a negative number",
        "a fraction",
        "a number too large for any database",
        "a word in the wrong case",
        "a text for an event",
        "a number for an error code",
        "an object for an error message",
        "a list for a context",
        "a number for a time",
    ],
)
def test_a_field_of_the_wrong_type_is_left_out_and_the_rest_is_used(
    kind: Kind, field: str, value: Any
) -> None:
    """Edges, "Screens": such a message counts once as rejected, and its other fields are used."""
    payload, _ = READ[kind]
    rest = {name: kept for name, kept in payload.items() if name != field}
    assert read(kind, {**payload, field: value}) == Parsed(
        message=read(kind, rest).message, rejection=Rejection.WRONG_TYPE
    )


@pytest.mark.parametrize(
    ("block", "field", "value"),
    [
        ("expected_state", "event_id", {}),
        ("actual_state", "status", "zombie"),
        ("health_metrics", "screen_on", "on"),
        ("health_metrics", "last_frame_update", "just now"),
        ("health_metrics", "last_frame_update", 1772443800),
        ("health_metrics", "screen_health_status", "PURPLE"),
        ("broker_connection", "reconnect_count", -2),
        ("broker_connection", "last_disconnect_at", ""),
    ],
    ids=repr,
)
def test_a_wrong_field_of_a_block_leaves_the_rest_of_health(block: str, field: str, value: Any) -> None:
    """Edges, "Screens": an unknown word never erases what is known, it is left out."""
    values: Any = HEALTH[block]
    rest = {name: kept for name, kept in values.items() if name != field}
    assert read(Kind.HEALTH, {**HEALTH, block: {**values, field: value}}) == Parsed(
        message=read(Kind.HEALTH, {**HEALTH, block: rest}).message, rejection=Rejection.WRONG_TYPE
    )


@pytest.mark.parametrize("block", ["expected_state", "actual_state", "health_metrics", "broker_connection"])
def test_a_block_that_is_none_leaves_the_others(block: str) -> None:
    """Contract, "health": every block may be missing, one of the wrong type is as good as missing."""
    rest = {name: kept for name, kept in HEALTH.items() if name != block}
    assert read(Kind.HEALTH, {**HEALTH, block: [1]}) == Parsed(
        message=read(Kind.HEALTH, rest).message, rejection=Rejection.WRONG_TYPE
    )


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("  display_manager\n", "display_manager"),
        ("", None),
        (" ", None),
        ("a\0b", "a\N{REPLACEMENT CHARACTER}b"),
        ("x" * 300, "x" * MAX_TEXT),
        ("x" * 100_0, "x" * MAX_TEXT),
        ("x" * (MAX_TEXT - 1) + " y", "x" * (MAX_TEXT - 1)),
    ],
    ids=["surrounding space", "nothing", "a blank", "NUL", "too long", "far too long", "a blank at the cut"],
)
def test_a_text_is_made_fit_to_be_shown(said: str, shown: str | None) -> None:
    """Home Assistant refuses states longer than 255 characters, and databases refuse NUL."""
    assert read(Kind.HEARTBEAT, {"current_process": said}) == Parsed(message=Heartbeat(process=shown))


def test_a_state_of_home_assistant_holds_255_characters() -> None:
    """What a screen says is shown as one."""
    assert MAX_TEXT == 255


@pytest.mark.parametrize("number", [0, 2**63 - 1], ids=["nothing", "the largest of a database"])
def test_whole_numbers_begin_at_nought(number: int) -> None:
    """Contract, "health": a screen that never reconnected says 0, which is not the same as nothing said."""
    said = {"broker_connection": {"reconnect_count": number}}
    assert read(Kind.HEALTH, said) == Parsed(message=Health(mqtt_reconnects=number))


def test_errors_are_cut_to_the_contracts_lengths() -> None:
    """Contract, "ack": a code of at most 128 characters and a message of at most 4000."""
    message = read(Kind.ACK, ACK | {"error_code": "c" * 129, "error_message": "m" * 4001}).message
    assert message == Ack(
        command_id=COMMAND_ID, status=AckStatus.FAILED, error_code="c" * 128, error_message="m" * 4000
    )


# Logs


@pytest.mark.parametrize(
    "payload", [{}, {"message": None}, {"message": ["no"]}], ids=["none", "null", "a list"]
)
def test_a_log_without_a_message_says_nothing(payload: Any) -> None:
    """Contract, "log": all but the message may be missing."""
    assert read(Kind.LOG_ERROR, payload) == Parsed(rejection=Rejection.WRONG_TYPE)
    assert read(Kind.LOG_ERROR, {"message": ""}).message == Log(level=LogLevel.ERROR, message="")


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("x" * 4097, "x" * 4096),
        ("é" * 4000, "é" * 2048),
        ("x" + "é" * 4000, "x" + "é" * 2047),
        ("\N{TELEVISION}" * 2000, "\N{TELEVISION}" * 1024),
        ("a\0b", "a\N{REPLACEMENT CHARACTER}b"),
        ("a\ud83db", "a\N{REPLACEMENT CHARACTER}b"),
        ("\udcfa" * 4096, "\N{REPLACEMENT CHARACTER}" * 1365),
        ("  <b>\x1b[31m</b>\t", "  <b>\x1b[31m</b>\t"),
    ],
    ids=[
        "too long",
        "two bytes a character",
        "a character at the cut",
        "four bytes a character",
        "NUL",
        "half a character",
        "nothing but halves",
        "all else as it is",
    ],
)
def test_texts_of_a_log_are_cut_between_characters(said: str, kept: str) -> None:
    """Contract, "Bounds": 4 KiB each, cut; what cannot be stored is replaced, never an error."""
    assert read(Kind.LOG_WARN, {"message": said, "context": said}) == Parsed(
        message=Log(level=LogLevel.WARN, message=kept, context=kept)
    )


def nested(depth: int) -> dict[str, Any]:
    """Return objects in one another."""
    return {"in": nested(depth - 1)} if depth else {}


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ({}, {}),
        ({"a\0": ["b\0", {"c\ud800": "\ud800"}]}, {"a�": ["b�", {"c�": "�"}]}),
        ({"long": "x" * 5000}, '{"long": "' + "x" * 4086),
        (nested(19), nested(19)),
        (nested(20), json.dumps(nested(20))),
        (nested(300), json.dumps(nested(300))),
        ({"huge": 2**70}, {"huge": float(2**70)}),
        ({"huge": 2**70, "half": "\ud800"}, '{"huge": 1180591620717411303424, "half": "�"}'),
    ],
    ids=["empty", "to be cleaned", "too large", "deep", "too deep", "far too deep", "huge", "huge and half"],
)
def test_an_object_beside_a_log_stays_one_as_far_as_it_can(said: Any, kept: Any) -> None:
    """Contract, "log": the context is an object or a text; what cannot stay an object is its text."""
    message = read(Kind.LOG_INFO, {"message": "m", "context": said}).message
    assert message == Log(level=LogLevel.INFO, message="m", context=kept)


@pytest.mark.parametrize(
    "payload",
    [b'{"message": "\xff"}', b'{"message": "\\ud800", "context": NaN}', b'{"message":' + b"[" * 60_000],
    ids=["no UTF-8", "no number", "without end"],
)
def test_a_log_must_be_json_all_the_same(payload: bytes) -> None:
    """It is read more leniently than other messages, and no more than that."""
    assert parse(Kind.LOG_ERROR, UUID, payload) == Parsed(rejection=Rejection.INVALID_JSON)


# What follows holds for whatever anybody publishes.

NAMES = sorted({*DISCOVERY, *HEARTBEAT, *HEALTH, *ACK, *LOG, "hardware_token", "client_uuid"})
BLOCKS = sorted({name for block in HEALTH.values() if isinstance(block, dict) for name in block})
WORDS = st.sampled_from(
    [UUID, UUID.lower(), COMMAND_ID, "2026-03-02T09:30:00", "running", "BLACK", "accepted", "manual_only"]
)
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=20),
    WORDS,
    st.integers(250, 260).map("x ".__mul__),
)
JSON = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(BLOCKS), inner, max_size=4),
    max_leaves=8,
)
OBJECTS = st.fixed_dictionaries({}, optional=dict.fromkeys(NAMES, JSON))
#: Most messages that nobody meant are of nobody; these are ours in what decides that.
IDENTITY = {
    "uuid": UUID,
    "client_uuid": UUID,
    "command_id": "1",
    "status": "failed",
    "event": "service_failed",
    "message": "m",
}
OURS = OBJECTS.map(lambda values: values | IDENTITY)


def declared(hint: Any) -> set[type]:
    """Return the types that a field's annotation allows, exactly: a bool is no int here."""
    hint = getattr(hint, "__value__", hint)
    parts = get_args(hint)
    here = {hint if isinstance(hint, type) else type(hint)}
    return {kind for part in parts for kind in declared(part)} if parts else here


DECLARED = {
    of: {name: declared(hint) for name, hint in get_type_hints(of).items()}
    for of in (Discovery, Heartbeat, Health, Ack, ServiceFailed, ServiceCleared)
}

LONGEST = {"error_code": MAX_ERROR_CODE, "error_message": MAX_ERROR_MESSAGE}


def assert_as_declared(parsed: Parsed) -> None:
    """Check that nothing came in that the model does not expect."""
    assert parsed.message is not None or parsed.rejection is not None
    if isinstance(parsed.message, Log):
        assert_as_a_log_is(parsed.message)
        return
    for message in (message for message in [parsed.message] if message is not None):
        values = {field.name: getattr(message, field.name) for field in fields(message)}
        allowed = DECLARED[type(message)]
        assert {name: value for name, value in values.items() if type(value) not in allowed[name]} == {}
        for name, text in ((name, value) for name, value in values.items() if type(value) is str):
            assert 0 < len(text) <= LONGEST.get(name, MAX_TEXT)
            assert text == text.strip()
            assert "\0" not in text
        for moment in (value for value in values.values() if isinstance(value, datetime)):
            assert moment.tzinfo is UTC
        for number in (value for value in values.values() if type(value) is int):
            assert 0 <= number < 2**63


def assert_as_a_log_is(log: Log) -> None:
    """Check that a line is bounded, and can be stored and shown."""
    assert isinstance(log.context, dict | str | None)
    assert log.timestamp is None or log.timestamp.tzinfo is UTC
    assert len(log.message.encode()) <= MAX_LOG_SIZE
    context = log.context.encode() if isinstance(log.context, str) else as_json(log.context or {})
    assert len(context) <= MAX_LOG_SIZE
    assert "\0" not in log.message


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name.lower())
@given(payload=st.binary(max_size=60))
def test_no_bytes_make_us_stumble(kind: Kind, payload: bytes) -> None:
    """Anybody with an account may publish anything."""
    assert_as_declared(parse(kind, UUID, payload))


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name.lower())
@given(payload=JSON | OBJECTS)
def test_no_json_makes_us_stumble(kind: Kind, payload: Any) -> None:
    """Whatever is read, the values are of the declared types."""
    assert_as_declared(read(kind, payload))


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name.lower())
@given(payload=OURS)
def test_a_message_of_ours_is_used_whatever_its_fields_hold(kind: Kind, payload: Any) -> None:
    """Edges, "Screens": wrong fields are left out, the rest is used."""
    parsed = read(kind, payload)
    assert parsed.message is not None
    assert parsed.rejection in {None, Rejection.WRONG_TYPE}
    assert_as_declared(parsed)


def test_every_kind_of_message_has_been_looked_at() -> None:
    """A new kind without an example here would go untested."""
    assert {*READ, Kind.COMPAT_ACK} == set(KINDS)
    assert {type(message) for _, message in READ.values()} | {ServiceCleared} == {*DECLARED, Log}


def test_an_empty_payload_clears_a_failure() -> None:
    """Contract, "service_failed": from anywhere."""
    assert parse(Kind.SERVICE_FAILED, UUID, b"") == Parsed(message=ServiceCleared())


@pytest.mark.parametrize(
    ("payload", "message"),
    [
        ({"event": "service_failed"}, ServiceFailed()),
        ({"unit": "infoscreen.service"}, ServiceFailed(unit="infoscreen.service")),
        ({"failed_at": "2026-03-02T09:00:00Z"}, ServiceFailed(failed_at="2026-03-02T09:00:00Z")),
        ({}, None),
        ({"event": "started", "unit": ["infoscreen.service"]}, None),
    ],
    ids=["named", "with a unit", "with a time", "empty", "of something else"],
)
def test_a_failure_says_that_it_is_one(payload: Any, message: ServiceFailed | None) -> None:
    """By its name, its unit or its time; anything else would call a person for nothing."""
    rejection = None if message else Rejection.WRONG_TYPE
    assert read(Kind.SERVICE_FAILED, payload) == Parsed(message=message, rejection=rejection)
