"""Test who belongs to a fleet and what is known of them."""

from dataclasses import fields
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given, strategies as st
import orjson
import pytest

from custom_components.infoscreen.model.errors import Refused
from custom_components.infoscreen.model.fleet import (
    MAX_GROUP_ID,
    MAX_NAME_LENGTH,
    MAX_SCREENS,
    Group,
    Screen,
    checked_group_name,
    free_group_id,
    nearly_full,
    too_many,
)
from custom_components.infoscreen.model.messages import (
    NOTHING,
    Ack,
    AckStatus,
    Discovery,
    Health,
    Heartbeat,
    Message,
    ProcessStatus,
    RecoveryClass,
    ScreenHealth,
)

from .samples import COMMAND_ID, NOW, UUID, screen, seconds

DISCOVERY = Discovery(
    uuid=UUID,
    hostname="foyer-1",
    ip="192.0.2.7",
    mac="DC:A6:32:01:02:03",
    model="Raspberry Pi 4",
    os_version="Debian 13",
    software_version="2.4.0",
    recovery_class=RecoveryClass.SOFTWARE_ONLY,
    watchdog_enabled=False,
    boot_source="ssd",
)
HEARTBEAT = Heartbeat(
    process="display_manager", pid=1234, process_status=ProcessStatus.RUNNING, current_event=42
)
HEALTH = Health(
    expected_event=42,
    process="display_manager",
    pid=1235,
    process_status=ProcessStatus.STARTING,
    screen_on=False,
    last_frame_update=NOW,
    screen_health=ScreenHealth.BLACK,
    mqtt_reconnects=0,
    mqtt_last_disconnect=datetime(2026, 3, 1, tzinfo=UTC),
)
MESSAGES = pytest.mark.parametrize(
    "message", [DISCOVERY, HEARTBEAT, HEALTH], ids=["discovery", "heartbeat", "health"]
)


def known_of(screen_or_message: Screen | Message) -> dict[str, Any]:
    """Return what a message says, or what is known of a screen."""
    return {field.name: getattr(screen_or_message, field.name) for field in fields(screen_or_message)}


# What a screen says of itself


def test_of_a_new_screen_nothing_is_known_but_its_uuid() -> None:
    """Product, "Status": first contact is made by hearing it, not by knowing of it."""
    new = Screen(uuid=UUID)
    assert {name for name, value in known_of(new).items() if value not in (None, False)} == {"uuid"}


@MESSAGES
def test_what_a_screen_says_is_known_of_it(message: Message) -> None:
    """Each field of a message is one of the screen's; what it does not say stays unknown."""
    assert Screen(uuid=UUID).told(message) == Screen(**({"uuid": UUID} | known_of(message)))


@MESSAGES
def test_what_a_screen_says_again_changes_nothing(message: Message) -> None:
    """Health comes every five seconds; the same object means that nobody need be told."""
    told = Screen(uuid=UUID).told(message)
    assert told.told(message) is told


@pytest.mark.parametrize(
    "message",
    [Discovery(uuid=UUID), Heartbeat(), Health(), Ack(command_id=COMMAND_ID, status=AckStatus.COMPLETED)],
    ids=["discovery", "heartbeat", "health", "ack"],
)
def test_what_a_screen_does_not_say_leaves_what_was_known(message: Message) -> None:
    """Contract, "health": a missing field leaves what we knew."""
    told = Screen(uuid=UUID).told(DISCOVERY).told(HEARTBEAT).told(HEALTH)
    assert told.told(message) is told


def test_a_screen_that_shows_nothing_says_so() -> None:
    """Contract, "heartbeat": null for an event is an answer, a missing one is none."""
    told = Screen(uuid=UUID).told(HEARTBEAT).told(Heartbeat(current_event=NOTHING))
    assert told.current_event is NOTHING
    assert told.told(Heartbeat()).current_event is NOTHING
    assert told.told(HEARTBEAT).current_event == 42


def test_a_screen_is_spelled_as_it_last_announced_itself_and_compared_in_lower_case() -> None:
    """Contract, head: published as the screen spells its own."""
    told = Screen(uuid=UUID.lower()).told(Discovery(uuid=UUID.upper()))
    assert (told.uuid, told.key) == (UUID.upper(), UUID.lower())


def test_a_screen_is_called_by_its_host_name() -> None:
    """Without one the beginning of the UUID tells it from others."""
    assert (screen().name, screen(hostname=None).name) == ("foyer-1", UUID[:8])


@pytest.mark.parametrize(
    ("health", "picture"),
    [
        (ScreenHealth.OK, "ok"),
        (ScreenHealth.BLACK, "black"),
        (ScreenHealth.FROZEN, "frozen"),
        (ScreenHealth.UNKNOWN, None),
        (None, None),
    ],
    ids=["ok", "black", "frozen", "said to be unknown", "never said"],
)
def test_a_picture_nobody_knows_is_none(health: ScreenHealth | None, picture: str | None) -> None:
    """Product, "Entities": what is not known is never an option of that name."""
    assert screen(screen_health=health).picture == picture


@pytest.mark.parametrize(
    ("mac", "address"),
    [
        ("dc:a6:32:01:02:03", "dc:a6:32:01:02:03"),
        ("DC-A6-32-01-02-03", "dc:a6:32:01:02:03"),
        (None, None),
        ("unknown", None),
        ("dc:a6:32:01:02", None),
        ("dc:a6:32:01:02:0g", None),
        ("dc:a6:32:01:02:03:04", None),
        ("00:00:00:00:00:00", None),
        ("FF-FF-FF-FF-FF-FF", None),
    ],
    ids=[
        "as usual",
        "in capitals with hyphens",
        "never said",
        "a word",
        "too short",
        "a letter that is no digit",
        "too long",
        "none at all",
        "broadcast",
    ],
)
def test_only_a_valid_address_tells_a_device_from_others(mac: str | None, address: str | None) -> None:
    """Product, "Config entries": a MAC becomes a device connection only if valid."""
    assert screen(mac=mac).hardware_address == address


# What outlives a restart


@pytest.mark.parametrize("watchdog", [True, False, None], ids=["on", "off", "not known"])
def test_who_a_screen_is_outlives_a_restart(watchdog: bool | None) -> None:
    """Identity, group, first contact and a shutdown; how it is doing is heard again within seconds."""
    kept = screen(
        **(known_of(DISCOVERY) | {"watchdog_enabled": watchdog}), group_id=12, migrated=True, off_since=NOW
    )
    assert read_back(kept.told(HEARTBEAT).told(HEALTH)) == kept


def test_a_screen_of_which_nothing_is_known_outlives_a_restart() -> None:
    """One that was never heard must not come back as heard."""
    assert read_back(Screen(uuid=UUID)) == Screen(uuid=UUID)


def read_back(kept: Screen) -> Screen:
    """Return a screen after a restart."""
    return Screen.from_stored(orjson.loads(orjson.dumps(kept.as_stored())))


# Groups


@pytest.mark.parametrize(
    ("given_name", "name"),
    [(" Foyer ", "Foyer"), ("Straße & Hof", "Straße & Hof"), ("x" * 64, "x" * 64)],
    ids=["surrounding space", "other letters", "longest"],
)
def test_these_are_names_of_groups(given_name: str, name: str) -> None:
    """Product, "Config entries": at most 64 characters."""
    assert checked_group_name(given_name, {"aula"}) == name
    assert MAX_NAME_LENGTH == 64


@pytest.mark.parametrize(
    ("name", "key", "placeholders"),
    [
        ("", "group_name_missing", {}),
        ("  ", "group_name_missing", {}),
        ("x" * 65, "group_name_too_long", {"name": "x" * 64}),
        ("unassigned", "group_name_reserved", {"name": "unassigned"}),
        (" Unassigned", "group_name_reserved", {"name": "Unassigned"}),
        ("AULA", "group_name_taken", {"name": "AULA"}),
        ("STRASSE", "group_name_taken", {"name": "STRASSE"}),
    ],
    ids=["nothing", "blanks", "too long", "reserved", "reserved in capitals", "taken", "taken as ß"],
)
def test_these_are_no_names_of_groups(name: str, key: str, placeholders: dict[str, str]) -> None:
    """Product, "Config entries": unique, and never the word for "in no group"."""
    with pytest.raises(Refused) as refused:
        checked_group_name(name, {"aula", "straße".casefold()})
    assert (refused.value.key, refused.value.placeholders) == (key, placeholders)


def test_a_group_is_known_by_its_id_on_the_wire() -> None:
    """Contract, "Topics": the integer id is what screens know."""
    assert Group(group_id=12, name="Foyer", subentry_id="a") == Group(
        group_id=12, name="Foyer", subentry_id="a"
    )


@pytest.mark.parametrize(
    ("used", "free"),
    [
        (set(), 1),
        ({1}, 2),
        ({1, 2, 40}, 41),
        ({MAX_GROUP_ID}, 1),
        ({1, 2, 4, MAX_GROUP_ID}, 3),
    ],
    ids=["first", "second", "after a gap", "after the last", "in a gap after the last"],
)
def test_a_new_group_gets_the_id_after_the_highest(used: set[int], free: int) -> None:
    """People expect that, and ids from an old server may begin anywhere."""
    assert free_group_id(used) == free


@given(st.sets(st.integers(1, 30) | st.integers(MAX_GROUP_ID - 30, MAX_GROUP_ID)))
def test_no_group_id_is_given_twice_or_out_of_range(used: set[int]) -> None:
    """Product, "Config entries": 31 bits, never reused."""
    assert MAX_GROUP_ID == 2**31 - 1
    assert 1 <= free_group_id(used) <= MAX_GROUP_ID
    assert free_group_id(used) not in used


# Newcomers


@pytest.mark.parametrize(
    ("ages", "waits"),
    [([], False), ([0.0] * 19, False), ([0.0] * 20, True), ([59.999] * 20, True), ([60.0] * 20, False)],
    ids=["the first", "the twentieth", "the twenty-first", "almost a minute later", "a minute later"],
)
def test_more_than_twenty_new_screens_a_minute_wait(ages: list[float], waits: bool) -> None:
    """Product, "Config entries": anybody who may publish can make up UUIDs."""
    assert too_many([NOW - seconds(age) for age in ages], 0, NOW) is waits


def test_more_than_five_hundred_screens_wait() -> None:
    """Product, "Config entries": 500 a fleet, however slowly they come."""
    long_ago = [NOW - timedelta(days=1)] * 30
    assert too_many(long_ago, 499, NOW) is False
    assert too_many(long_ago, 500, NOW) is True
    assert MAX_SCREENS == 500


@pytest.mark.parametrize(
    ("screens", "entities", "near"),
    [(0, 0, False), (449, 8999, False), (450, 0, True), (0, 9000, True)],
    ids=["empty", "room for fifty", "the 450th screen", "nine thousand entities"],
)
def test_a_fleet_that_is_nearly_full(screens: int, entities: int, near: bool) -> None:
    """Product, "Config entries": a repair says so in time."""
    assert nearly_full(screens, entities) is near
