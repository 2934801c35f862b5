"""Test how often something may happen."""

from datetime import timedelta

from custom_components.infoscreen.model.throttle import Throttle

from .samples import NOW, seconds

PERIOD = timedelta(seconds=10)


def test_what_may_happen_once_in_ten_seconds_does() -> None:
    """However often it is tried in between, and not sooner because of a long silence before."""
    throttle = Throttle(1, PERIOD)
    taken = [number for number in range(35) if throttle.take(NOW + seconds(number))]
    assert taken == [0, 10, 20, 30]
    taken = [number for number in range(100, 120) if throttle.take(NOW + seconds(number))]
    assert taken == [100, 110]


def test_some_may_happen_at_once_and_pay_for_it_later() -> None:
    """In the long run there is one in each period."""
    throttle = Throttle(3, PERIOD)
    taken = [number for number in range(41) if throttle.take(NOW + seconds(number))]
    assert taken == [0, 1, 2, 10, 20, 30, 40]


def test_it_is_known_when_the_next_may_happen() -> None:
    """Whoever has to wait need not try."""
    throttle = Throttle(2, PERIOD)
    assert throttle.free_at is None
    assert throttle.take(NOW)
    assert throttle.free_at == NOW
    assert throttle.take(NOW)
    assert throttle.free_at == NOW + PERIOD
    assert not throttle.take(NOW + PERIOD - timedelta.resolution)
    assert throttle.take(NOW + PERIOD)
