"""Whether silence is a screen's own or the broker's: product.md, "Status"."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

# So many of the screens that were there fall silent within one grace …
OUTAGE_SHARE: Final = 0.8
# … and at least so many: two screens on one plug are no broker.
OUTAGE_SCREENS: Final = 3


def is_outage(there: int, fallen: Iterable[datetime], grace: timedelta, now: datetime) -> bool:
    """Tell whether the screens fell silent together; `there` are those that still speak.

    `fallen` are the moments at which screens that had been speaking fell silent. A screen that was away
    before says nothing of the broker.
    """
    together = sum(now - moment < grace for moment in fallen)
    return together >= OUTAGE_SCREENS and together >= OUTAGE_SHARE * (there + together)
