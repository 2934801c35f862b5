"""Test the broker's access list against the contract's "Who may say what"."""

from dataclasses import replace
from pathlib import Path

from hypothesis import given, strategies as st
import pytest

from custom_components.infoscreen.model.access import AccessList, access_list
from custom_components.infoscreen.model.fleet import Screen
from custom_components.infoscreen.model.topics import Topics, checked_prefix

from .samples import UUID

GOLDEN = Path(__file__).parent / "golden" / "broker.acl"
PREFIX = "site1/infoscreen"
TWIN = f"{UUID[:8].lower()}-0000-4000-8000-000000000000"
FOYER = Screen(uuid=UUID, hostname="foyer-1", group_id=12)
HALL = Screen(uuid="99999999-7c3d-4e5f-8a1b-2c3d4e5f6a7b")


def listed(*screens: Screen, compatibility: bool = True) -> AccessList:
    """Return the access list of some screens."""
    return access_list(PREFIX, screens, compatibility=compatibility)


def test_the_list_is_the_contracts() -> None:
    """Line by line: a screen in a group, one in none, and the server."""
    assert listed(HALL, FOYER).text("Infoscreen") == GOLDEN.read_text(encoding="utf-8")


def test_without_compatibility_nobody_is_told_to_restart_outside_the_prefix() -> None:
    """Nothing else differs."""
    lines = listed(FOYER).text("Infoscreen").splitlines()
    granted = [line for line in lines if "clients/" not in line]
    assert len(granted) == len(lines) - 2
    assert listed(FOYER, compatibility=False).text("Infoscreen").splitlines() == granted


def test_two_screens_that_begin_alike_have_accounts_with_the_whole_uuid() -> None:
    """However they spell it; a third keeps its short name."""
    assert listed(FOYER, Screen(uuid=TWIN), HALL).users == [
        "infoscreen-server",
        f"infoscreen-client-{TWIN}",
        f"infoscreen-client-{UUID}",
        "infoscreen-client-99999999",
    ]


def test_everything_that_is_listened_to_may_be_heard() -> None:
    """A kind of message that the broker does not deliver would never arrive."""
    (server,) = listed().accounts
    granted = [topic.split("/") for topic in server.hears]
    for topic in Topics(prefix=PREFIX).subscriptions():
        levels = topic.split("/")
        assert any(
            len(each) == len(levels)
            and all(mine in {"+", level} for mine, level in zip(each, levels, strict=True))
            for each in granted
        ), topic


@pytest.mark.parametrize(
    ("changed", "differs"),
    [
        (listed(HALL, FOYER), False),
        (listed(replace(FOYER, hostname="hall-1"), HALL), False),
        (listed(replace(FOYER, group_id=13), HALL), True),
        (listed(replace(FOYER, group_id=None), HALL), True),
        (listed(FOYER), True),
        (listed(FOYER, HALL, compatibility=False), True),
        (access_list("infoscreen", (FOYER, HALL), compatibility=True), True),
    ],
    ids=["order", "name", "another group", "no group", "a screen less", "option", "prefix"],
)
def test_the_digest_tells_what_is_granted(changed: AccessList, differs: bool) -> None:
    """Names are remarks."""
    assert (changed.digest != listed(FOYER, HALL).digest) is differs


@given(name=st.text(), title=st.text())
def test_no_name_grants_anything(name: str, title: str) -> None:
    """A screen chooses its host name, and a line of its own would be a right of its own choice."""
    plain = listed(replace(FOYER, hostname="foyer-1"))
    other = listed(replace(FOYER, hostname=name)).text(title).replace("\r", "\n").split("\n")
    granted = [line for line in plain.text("Infoscreen").split("\n") if not line.startswith("#")]
    assert [line for line in other if not line.startswith("#")] == granted


@pytest.mark.parametrize("prefix", ["%u/%c", "50%", "ümläut/schild", "a$b", "a\\b", 'a"b'])
def test_a_prefix_stands_in_every_topic_as_it_is(prefix: str) -> None:
    """In `topic` lines Mosquitto fills nothing in; one word after the access is the topic."""
    text = access_list(checked_prefix(prefix), (FOYER,), compatibility=False).text("Infoscreen")
    topics = [line.split(" ", 2) for line in text.splitlines() if line.startswith("topic ")]
    assert {(access, topic.startswith(f"{prefix}/")) for _, access, topic in topics} == {
        ("read", True),
        ("write", True),
    }
