"""Test the topics against the contract's table."""

from hypothesis import given, strategies as st
import pytest

from custom_components.infoscreen.model.errors import Refused
from custom_components.infoscreen.model.topics import (
    MAX_PREFIX_LENGTH,
    Kind,
    Topics,
    checked_prefix,
    is_uuid,
    legacy_restart,
)

from .samples import UUID

TOPICS = Topics(prefix="site1/infoscreen")


def test_we_listen_to_the_contracts_topics_below_the_prefix() -> None:
    """Contract, "Topics": the default prefix is replaced, two levels work as one."""
    assert TOPICS.subscriptions() == {
        "site1/infoscreen/discovery": Kind.DISCOVERY,
        "site1/infoscreen/+/heartbeat": Kind.HEARTBEAT,
        "site1/infoscreen/+/health": Kind.HEALTH,
        "site1/infoscreen/+/commands/ack": Kind.ACK,
        "site1/infoscreen/+/command/ack": Kind.COMPAT_ACK,
        "site1/infoscreen/+/service_failed": Kind.SERVICE_FAILED,
        "site1/infoscreen/+/logs/error": Kind.LOG_ERROR,
        "site1/infoscreen/+/logs/warn": Kind.LOG_WARN,
        "site1/infoscreen/+/logs/info": Kind.LOG_INFO,
        "site1/infoscreen/+/logs/debug": Kind.LOG_DEBUG,
        "site1/infoscreen/+/dashboard": Kind.DASHBOARD,
        "site1/infoscreen/+/screenshot": Kind.SCREENSHOT,
    }


def test_acks_and_discoveries_are_heard_at_least_once() -> None:
    """Contract, "Topics": QoS 1; health is 0, and a heartbeat may be either."""
    assert {kind: kind.qos for kind in Kind} == {
        Kind.DISCOVERY: 1,
        Kind.HEARTBEAT: 0,
        Kind.HEALTH: 0,
        Kind.ACK: 1,
        Kind.COMPAT_ACK: 1,
        Kind.SERVICE_FAILED: 1,
        Kind.LOG_ERROR: 1,
        Kind.LOG_WARN: 1,
        Kind.LOG_INFO: 0,
        Kind.LOG_DEBUG: 0,
        Kind.DASHBOARD: 0,
        Kind.SCREENSHOT: 0,
    }


@pytest.mark.parametrize(
    ("ours", "topic"),
    [
        (TOPICS.discovery_ack(UUID), f"site1/infoscreen/{UUID}/discovery_ack"),
        (TOPICS.group_id(UUID), f"site1/infoscreen/{UUID}/group_id"),
        (TOPICS.commands(UUID), f"site1/infoscreen/{UUID}/commands"),
        (TOPICS.compat_commands(UUID), f"site1/infoscreen/{UUID}/command"),
        (TOPICS.events(12), "site1/infoscreen/events/12"),
        (TOPICS.power_intent(12), "site1/infoscreen/groups/12/power/intent"),
        (legacy_restart(UUID), f"clients/{UUID}/restart"),
    ],
    ids=["discovery ack", "group", "commands", "commands, older clients", "events", "power", "restart only"],
)
def test_we_speak_on_the_contracts_topics(ours: str, topic: str) -> None:
    """Contract, "Topics": the UUID as the screen spells it, and `clients/` is never prefixed."""
    assert ours == topic


def test_what_stands_of_a_screen_is_its_group_and_its_failure() -> None:
    """Contract, "Topics": the retained ones; they are emptied when the screen is no more."""
    above = f"site1/infoscreen/{UUID}"
    assert TOPICS.standing_of(UUID) == (
        f"{above}/group_id",
        f"{above}/service_failed",
        f"{above}/power/intent",
    )


@pytest.mark.parametrize("kind", ["heartbeat", "health", "commands/ack", "command/ack"])
def test_a_screens_topic_says_who_speaks(kind: str) -> None:
    """Contract, "Topics": {uuid} is the level below the prefix."""
    assert TOPICS.speaker(f"site1/infoscreen/{UUID}/{kind}") == UUID


@pytest.mark.parametrize(
    "level",
    [
        "foyer-1",
        "",
        UUID[:-1],
        f"{UUID}0",
        UUID.replace("-", ""),
        f"{{{UUID}}}",
        f"{UUID}\n",
        UUID.replace("0", "\N{FULLWIDTH DIGIT ZERO}"),
        UUID.replace("a", "g"),
    ],
    ids=[
        "a name",
        "nothing",
        "a digit short",
        "a digit long",
        "no hyphens",
        "braces",
        "a line end",
        "digits that are no ASCII",
        "a letter that is no digit",
    ],
)
def test_a_level_that_is_no_uuid_has_no_speaker(level: str) -> None:
    """Contract, head: such a message is dropped; 8-4-4-4-12 hexadecimal digits and nothing else."""
    assert TOPICS.speaker(f"site1/infoscreen/{level}/heartbeat") is None


@given(st.uuids(allow_nil=True))
def test_every_uuid_is_one_in_both_cases(uuid: object) -> None:
    """Contract, head: screens spell theirs as they like."""
    assert is_uuid(str(uuid))
    assert is_uuid(str(uuid).upper())


@given(st.text(max_size=40))
def test_no_topic_is_too_strange_to_be_asked_for_its_speaker(topic: str) -> None:
    """Any client of the broker may publish anywhere."""
    assert TOPICS.speaker(topic) is None


@pytest.mark.parametrize(
    ("text", "prefix"),
    [
        ("infoscreen", "infoscreen"),
        ("  infoscreen ", "infoscreen"),
        ("site1/infoscreen", "site1/infoscreen"),
        ("Straße-1/a.b_c/Schirme", "Straße-1/a.b_c/Schirme"),
        ("costs$", "costs$"),
        ("x" * MAX_PREFIX_LENGTH, "x" * MAX_PREFIX_LENGTH),
    ],
    ids=["one level", "surrounding space", "two levels", "other letters", "a dollar inside", "longest"],
)
def test_these_are_prefixes(text: str, prefix: str) -> None:
    """Contract, head: the prefix is configurable per fleet."""
    assert checked_prefix(text) == prefix


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "/infoscreen",
        "infoscreen/",
        "site1//infoscreen",
        "site1/+",
        "info#screen",
        "$SYS/infoscreen",
        "$share/group/infoscreen",
        "info screen",
        "info\0screen",
        "x" * (MAX_PREFIX_LENGTH + 1),
    ],
    ids=[
        "nothing",
        "space",
        "slash before",
        "slash after",
        "empty level",
        "plus",
        "hash",
        "the broker's own",
        "a shared subscription",
        "space inside",
        "NUL",
        "too long",
    ],
)
def test_these_are_no_prefixes(text: str) -> None:
    """They would make topics that nobody may publish on, or filters that hear others."""
    with pytest.raises(Refused) as refused:
        checked_prefix(text)
    assert refused.value.key == "invalid_prefix"
    assert refused.value.placeholders == {"prefix": text.strip()[:MAX_PREFIX_LENGTH]}
