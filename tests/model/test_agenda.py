"""Test who is looked at when."""

from custom_components.infoscreen.model.agenda import Agenda

from .samples import NOW, seconds


def test_an_empty_agenda_wakes_nobody() -> None:
    """There is no first moment, and nobody is due."""
    agenda = Agenda()
    assert agenda.first is None
    assert list(agenda.due(NOW)) == []


def test_whoever_is_first_is_due_first_and_once() -> None:
    """In the order of their moments, whatever the order they were put in."""
    agenda = Agenda()
    agenda.put("b", NOW + seconds(2))
    agenda.put("c", NOW + seconds(3))
    agenda.put("a", NOW + seconds(1))
    assert agenda.first == NOW + seconds(1)
    assert list(agenda.due(NOW + seconds(2))) == ["a", "b"]
    assert agenda.first == NOW + seconds(3)
    assert list(agenda.due(NOW + seconds(2))) == []


def test_the_earliest_moment_of_each_counts() -> None:
    """A later one is asked for anew by whoever was looked at."""
    agenda = Agenda()
    agenda.put("a", NOW + seconds(5))
    agenda.put("a", NOW + seconds(1))
    agenda.put("a", NOW + seconds(9))
    assert list(agenda.due(NOW + seconds(1))) == ["a"]
    assert agenda.first is None


def test_somebody_may_be_put_again_while_others_are_due() -> None:
    """As whoever is looked at will be looked at again."""
    agenda, seen = Agenda(), []
    agenda.put("a", NOW)
    agenda.put("b", NOW)
    for name in agenda.due(NOW):
        seen.append(name)
        agenda.put(name, NOW + seconds(1))
    assert seen == ["a", "b"]
    assert agenda.first == NOW + seconds(1)


def test_whoever_is_gone_is_not_looked_at() -> None:
    """Nor does anybody wake for them; unless they return."""
    agenda = Agenda()
    agenda.put("a", NOW)
    agenda.drop("a")
    agenda.drop("b")
    assert agenda.first is None
    agenda.put("a", NOW + seconds(1))
    assert list(agenda.due(NOW + seconds(1))) == ["a"]
