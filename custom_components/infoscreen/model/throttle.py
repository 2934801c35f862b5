"""How often something may happen: so many times at once, and then once in a period."""

from datetime import datetime, timedelta


class Throttle:
    """Lets through what may happen, and tells when the next may."""

    def __init__(self, burst: int, period: timedelta) -> None:
        self._period = period
        self._leeway = period * (burst - 1)
        self._paid_until: datetime | None = None

    @property
    def free_at(self) -> datetime | None:
        """Return from when on the next may happen, None if one always may."""
        return None if self._paid_until is None else self._paid_until - self._leeway

    def take(self, now: datetime) -> bool:
        """Tell whether it may happen now; if so, it has."""
        if self.free_at is not None and now < self.free_at:
            return False
        self._paid_until = max(self._paid_until or now, now) + self._period
        return True
