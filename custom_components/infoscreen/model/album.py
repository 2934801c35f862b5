"""The screenshots that are kept of a screen, and what of them is shown when."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
import re
from typing import Final, Self

from .messages import Capture
from .pictures import PictureFormat

# Contract, "dashboard v2": the last twenty, and the last priority one.
MAX_KEPT: Final = 20
# Product, "Bounds".
MAX_SCREEN_BYTES: Final = 20 * 1024**2
MAX_FLEET_BYTES: Final = 4 * 1024**3
PERIODIC_PERIOD: Final = timedelta(minutes=5)
# Once a fleet is full, so little less is kept that not every picture has to look for the oldest one.
_FULL: Final = 63 / 64

# A screen that floods us has no usual interval worth a state each time it pauses.
_SHORTEST: Final = timedelta(seconds=10)
_STALE_AFTER: Final = 3

_NAME: Final = re.compile(
    r"(?P<number>\d{8,12})_(?P<received>[\dT.]{22}Z)_(?P<captured>[\dT.]{22}Z|-)"
    r"_(?P<capture>[a-z_]+)\.(?P<format>[a-z]+)",
    re.ASCII,
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Kept:
    """A screenshot that is kept; its file's name says all that is known of it."""

    number: int  # counts a screen's screenshots as they came: clocks are set back, this is not
    received_at: datetime
    capture: Capture
    format: PictureFormat
    size: int
    captured_at: datetime | None = None  # by the screen's own clock: shown, never compared

    @property
    def name(self) -> str:
        """Return the name of its file."""
        captured = _written(self.captured_at) if self.captured_at else "-"
        return f"{self.number:08}_{_written(self.received_at)}_{captured}_{self.capture}.{self.format}"

    @classmethod
    def from_name(cls, name: str, size: int) -> Self | None:
        """Return what a file of ours holds, None if it is none of ours."""
        if (found := _NAME.fullmatch(name)) is None:
            return None
        try:
            return cls(
                number=int(found["number"]),
                received_at=datetime.fromisoformat(found["received"]),
                capture=Capture(found["capture"]),
                format=PictureFormat(found["format"]),
                size=size,
                captured_at=None if found["captured"] == "-" else datetime.fromisoformat(found["captured"]),
            )
        except ValueError:
            return None


def _written(moment: datetime) -> str:
    """Write a moment so that it can be part of a file's name."""
    text = moment.astimezone(UTC).isoformat(timespec="microseconds")
    return text.removesuffix("+00:00").replace("-", "").replace(":", "") + "Z"


@dataclass(frozen=True, kw_only=True, slots=True)
class Album:
    """A screen's screenshots, newest first, and what is shown of them since the last look."""

    kept: tuple[Kept, ...] = ()
    told: Kept | None = None  # the one whose time the image's state says
    told_at: datetime | None = None
    stale: bool = False
    priority_active: bool = False

    @classmethod
    def of(cls, kept: Iterable[Kept]) -> Self:
        """Return the album of what was found."""
        return cls(kept=tuple(sorted(kept, key=lambda each: each.number, reverse=True)))

    @property
    def latest(self) -> Kept | None:
        """Return the screenshot that came last."""
        return self.kept[0] if self.kept else None

    @property
    def latest_priority(self) -> Kept | None:
        """Return the priority screenshot that came last."""
        return next((each for each in self.kept if each.capture.priority), None)

    @property
    def size(self) -> int:
        """Return how many bytes are kept."""
        return sum(each.size for each in self.kept)

    @property
    def next_number(self) -> int:
        """Return the number of the next screenshot."""
        return self.kept[0].number + 1 if self.kept else 1

    @property
    def last(self) -> set[Kept]:
        """Return what goes last: the latest, and the latest priority one."""
        return {each for each in (self.latest, self.latest_priority) if each is not None}

    def find(self, name: str) -> Kept | None:
        """Return the screenshot with this file name."""
        return next((each for each in self.kept if each.name == name), None)

    def with_newest(self, newest: Kept) -> Self:
        """Return the album with one more screenshot, without those there is no room for any more."""
        return replace(self, kept=(newest, *self.kept)).trimmed()

    def trimmed(self) -> Self:
        """Return the album without what there is no room for; the oldest go first."""
        last = self.last
        room, kept = MAX_SCREEN_BYTES - sum(each.size for each in last), []
        for place, each in enumerate(self.kept):
            if each not in last:
                room = room - each.size if place < MAX_KEPT else -1
            if each in last or room >= 0:
                kept.append(each)
        return replace(self, kept=tuple(kept))

    def without(self, gone: Iterable[Kept]) -> Self:
        """Return the album without some of its screenshots."""
        out = set(gone)
        return replace(self, kept=tuple(each for each in self.kept if each not in out))

    def after(self, older: Album) -> Self:
        """Return the album with another's screenshots before its own, which are numbered anew."""
        ahead = older.next_number - 1
        kept = [replace(each, number=each.number + ahead) for each in self.kept]
        return replace(self, kept=(*kept, *older.kept))

    def at(self, ttl: timedelta, now: datetime) -> Self:
        """Return the album as it is shown at a moment; priority screenshots are shown as such so long."""
        latest, priority, stale_at = self.latest, self.latest_priority, self._stale_at
        told, told_at = self.told, self.told_at
        if latest != told and (latest is None or self._is_due(latest, now)):
            told, told_at = latest, now
        return replace(
            self,
            told=told,
            told_at=told_at,
            stale=stale_at is not None and now >= stale_at,
            priority_active=priority is not None and now < priority.received_at + ttl,
        )

    def next_change(self, ttl: timedelta) -> datetime | None:
        """Return when something else will be shown though no screenshot comes."""
        moments = [
            self.told_at + PERIODIC_PERIOD if self.told_at and self.told != self.latest else None,
            self._stale_at if not self.stale else None,
            self.latest_priority.received_at + ttl
            if self.priority_active and self.latest_priority is not None
            else None,
        ]
        return min((moment for moment in moments if moment is not None), default=None)

    def _is_due(self, latest: Kept, now: datetime) -> bool:
        """Tell whether the image's state may move: periodic screenshots have to wait their time."""
        waited = now - self.told_at if self.told_at else PERIODIC_PERIOD
        return latest.capture.priority or not timedelta(0) <= waited < PERIODIC_PERIOD

    @property
    def _stale_at(self) -> datetime | None:
        """Return when the latest screenshot is older than one usually gets, None where nobody can know."""
        periodic = [each.received_at for each in self.kept if not each.capture.priority]
        gaps = sorted(later - earlier for later, earlier in pairwise(periodic) if later > earlier)
        if self.latest is None or not gaps:
            return None
        return self.latest.received_at + _STALE_AFTER * max(gaps[len(gaps) // 2], _SHORTEST)


def crowded_out(albums: Mapping[str, Album], size: int, *, spared: Kept) -> list[tuple[str, Kept]]:
    """Return what must go, oldest first, for a fleet of so many bytes to fit; none while it fits.

    What is a screen's last goes only when nothing else is left.
    """
    if size <= MAX_FLEET_BYTES:
        return []
    candidates = [
        (key, each, each in album.last)
        for key, album in albums.items()
        for each in album.kept
        if each is not spared
    ]
    candidates.sort(key=lambda candidate: (candidate[2], candidate[1].received_at, candidate[1].number))
    gone = []
    for key, each, _is_last in candidates:
        if size <= MAX_FLEET_BYTES * _FULL:
            break
        gone.append((key, each))
        size -= each.size
    return gone
