"""One screen takes another's place."""

from datetime import timedelta

import pytest

from custom_components.infoscreen.model.errors import Refused
from custom_components.infoscreen.model.fleet import Screen
from custom_components.infoscreen.model.replacement import Successor, checked_uuid

from .samples import NOW, UUID


def test_a_screen_in_anothers_place_has_its_group_and_goes_by_its_name() -> None:
    """Until it has one of its own; what it knows of itself stays."""
    old = Screen(uuid="old", hostname="foyer-1", model="Pi 4", group_id=12, heard=True)
    new = Screen(uuid="new", group_id=13)
    assert new.in_place_of(old) == Screen(uuid="new", hostname="foyer-1", group_id=12)
    named = Screen(uuid="new", hostname="fresh", model="Pi 5")
    assert named.in_place_of(old) == Screen(uuid="new", hostname="fresh", model="Pi 5", group_id=12)


def test_what_takes_a_place_is_remembered_for_an_hour() -> None:
    """Home Assistant writes its registries later than we; it is the same after a restart."""
    successor = Successor(uuid=UUID, since=NOW)
    assert successor.key == UUID.lower()
    assert Successor.from_stored(successor.as_stored()) == successor
    assert not successor.is_settled(NOW + timedelta(minutes=59))
    assert successor.is_settled(NOW + timedelta(hours=1))
    assert successor.is_settled(NOW - timedelta(hours=1))


def test_a_uuid_may_stand_between_blanks() -> None:
    """People paste it."""
    assert checked_uuid(f" {UUID}\n") == UUID


@pytest.mark.parametrize("text", ["", "../etc/passwd", f"{UUID}0", "x" * 1000])
def test_this_is_no_uuid(text: str) -> None:
    """It would become part of a topic and of an identifier."""
    with pytest.raises(Refused) as refused:
        checked_uuid(text)
    assert (refused.value.key, refused.value.placeholders) == ("uuid_invalid", {"uuid": text[:100]})
