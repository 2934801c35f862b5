"""Whether messages come one by one or pour in."""

from typing import Final

# Far beyond what a fleet says by itself: 500 screens say about 110.
FLOOD: Final = 1000  # messages a second


class Flood:
    """How many messages have come, and how fast they came since something last changed.

    Every message moves it, so it is no value.
    """

    __slots__ = ("_before", "_changed_at", "heard")

    def __init__(self) -> None:
        self.heard = 0
        self._before, self._changed_at = 0, 0.0

    def pours(self, now: float) -> bool:
        """Tell, at a change, whether messages have poured in since the one before; `now` in seconds."""
        pours = self.heard - self._before > (now - self._changed_at) * FLOOD
        self._before, self._changed_at = self.heard, now
        return pours
