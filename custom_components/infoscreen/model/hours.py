"""When screens are due: outside of that, silence and a dark picture call nobody."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

type Window = tuple[datetime, datetime]


@dataclass(frozen=True, kw_only=True, slots=True)
class Hours:
    """The times in which screens are due, from a start to an end each; None is round the clock.

    Nights and holidays are what lies between them.
    """

    windows: tuple[Window, ...] | None = None

    def due_for(self, grace: timedelta, moment: datetime) -> datetime | None:
        """Return from when on, at the moment or later, screens have been due for a whole grace.

        None is never, as far as is known.
        """
        if self.windows is None:
            return moment
        candidates = ((max(moment, start + grace), end) for start, end in self._unbroken())
        return next((due for due, end in candidates if due < end), None)

    def _unbroken(self) -> Iterator[Window]:
        """Return the windows in order; those that touch or overlap are one."""
        begin: datetime | None = None
        over: datetime | None = None
        for start, end in sorted(self.windows or ()):
            if begin is not None and over is not None and start <= over:
                over = max(over, end)
                continue
            if begin is not None and over is not None:
                yield begin, over
            begin, over = start, end
        if begin is not None and over is not None:
            yield begin, over


ROUND_THE_CLOCK: Final = Hours()
#: While it is not known when screens will be due again.
NEVER: Final = Hours(windows=())


def since(moment: datetime) -> Hours:
    """Return the hours of screens that are due from a moment on, until somebody says otherwise."""
    return Hours(windows=((moment, datetime.max.replace(tzinfo=UTC)),))
