"""Events: what a group is to show, from when to when, and how often again."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, Self

from .clock import checked_zone, moment_of, zone_named
from .rules import Rule, read_rule


class EventType(StrEnum):
    """What kind of content an event shows."""

    PRESENTATION = "presentation"
    WEBSITE = "website"
    WEBUNTIS = "webuntis"
    VIDEO = "video"
    MESSAGE = "message"
    OTHER = "other"


class Priority(StrEnum):
    """What goes before what, from the first to the last."""

    TAKEOVER = "takeover"
    IMPORTANT = "important"
    NORMAL = "normal"
    FILLER = "filler"


class Severity(StrEnum):
    """How grave a message is."""

    INFO = "info"
    WARNING = "warning"
    CRITICAL = "critical"


class ShownBy(StrEnum):
    """What showed something at once."""

    MESSAGE = "message"
    PLAYER = "player"
    TAKEOVER = "takeover"


RANK: Final = {priority: rank for rank, priority in enumerate(Priority)}
#: What people may plan; a takeover is started.
PLANNED: Final = tuple(priority for priority in Priority if priority is not Priority.TAKEOVER)


@dataclass(frozen=True, kw_only=True, slots=True)
class Override:
    """One occurrence of a series that is not like the others."""

    occurrence: datetime
    """When it would have begun, on the wall."""
    changes: Mapping[str, Any]
    """The fields of the event that are different, `start` and `end` among them."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Showing:
    """What is known of an event that nobody planned: it is shown at once, for a while."""

    by: ShownBy
    takeover_id: str | None = None
    """Shared by the events of one takeover, one in each group."""
    mark: str | None = None
    """What screens say before the title: that this is a drill."""
    untitled: bool = False
    """The title was made of the text, and is not to be read twice."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Event:
    """Something to show. Start and end are wall-clock times in its time zone: 08:00 stays 08:00.

    All day is from midnight to midnight of the wall; the end is then the first day that is free again.
    What shows the content is None where the fleet's own choice holds.
    """

    event_id: int
    group_id: int
    title: str
    start: datetime
    end: datetime
    time_zone: str
    event_type: EventType
    all_day: bool = False
    priority: Priority = Priority.NORMAL

    url: str | None = None
    media: str | None = None
    files: tuple[str, ...] = ()
    text: str | None = None
    severity: Severity | None = None
    slide_interval: int | None = None
    page_progress: bool | None = None
    auto_progress: bool | None = None
    autoplay: bool | None = None
    loop: bool | None = None
    volume: float | None = None
    muted: bool | None = None

    rrule: str | None = None
    exdates: frozenset[datetime] = frozenset()
    overrides: tuple[Override, ...] = ()
    skip_holidays: bool = False
    period: int | None = None
    showing: Showing | None = None

    rule: Rule | None = field(init=False, repr=False, compare=False, default=None)
    apart: frozenset[datetime] = field(init=False, repr=False, compare=False, default=frozenset())
    """The starts of the rule that do not stand for an occurrence as it is."""

    def __post_init__(self) -> None:
        zone = checked_zone(self.time_zone)
        if self.rrule is not None:
            object.__setattr__(self, "rule", read_rule(self.rrule, self.start, zone, all_day=self.all_day))
            apart = self.exdates.union(override.occurrence for override in self.overrides)
            object.__setattr__(self, "apart", apart)

    @property
    def starts_at(self) -> datetime:
        """Return the moment of its start; of a series, that from which its rule counts."""
        return moment_of(self.start, zone_named(self.time_zone))

    @property
    def ends_at(self) -> datetime:
        """Return the moment of its end."""
        return moment_of(self.end, zone_named(self.time_zone))

    @property
    def headline(self) -> str:
        """Return the title as screens show it."""
        mark = self.showing.mark if self.showing else None
        return f"{mark}: {self.title}" if mark else self.title

    @property
    def takeover(self) -> Showing | None:
        """Return what is known of a takeover, None of anything else."""
        return self.showing if self.showing and self.showing.by is ShownBy.TAKEOVER else None

    @property
    def all_media(self) -> tuple[str, ...]:
        """Return the media of its occurrences, each once and in their order."""
        changes = (override.changes for override in self.overrides)
        ways = [(self.files, self.media), *((each.get("files", ()), each.get("media")) for each in changes)]
        return tuple(dict.fromkeys(each for files, film in ways for each in (*files, film) if each))

    def single(self, start: datetime, changes: Mapping[str, Any]) -> Self:
        """Return the event as one of its occurrences by itself."""
        alone = replace(self, rrule=None, exdates=frozenset(), overrides=())
        return replace(alone, **{"start": start, "end": start + (self.end - self.start), **changes})

    def as_stored(self) -> dict[str, Any]:
        """Return the event as JSON; what was never said is left out."""
        values = {name: getattr(self, name) for name in _DEFAULTS}
        return {
            name: _stored(value)
            for name, value in values.items()
            if name in _REQUIRED or value != _DEFAULTS[name]
        }

    @classmethod
    def from_stored(cls, stored: Mapping[str, Any]) -> Self:
        """Read an event back."""
        return cls(**_read(stored))


_DEFAULTS: Final = {each.name: each.default for each in fields(Event) if each.init}
_REQUIRED: Final = frozenset(["event_id", "group_id", "title", "start", "end", "time_zone", "event_type"])


def _stored(value: object) -> Any:
    """Write a value of an event as JSON."""
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, frozenset):
        return sorted(map(_stored, value))
    if isinstance(value, tuple):
        return [_stored(each) for each in value]
    if isinstance(value, Override):
        changes = {name: _stored(change) for name, change in value.changes.items()}
        return {**changes, "occurrence": value.occurrence.isoformat()}
    if isinstance(value, Showing):
        return asdict(value)
    return value


_READERS: Final[Mapping[str, Any]] = {
    "start": datetime.fromisoformat,
    "end": datetime.fromisoformat,
    "event_type": EventType,
    "priority": Priority,
    "severity": Severity,
    "files": tuple,
    "exdates": lambda dates: frozenset(map(datetime.fromisoformat, dates)),
    "overrides": lambda kept: tuple(map(_override, kept)),
    "showing": lambda showing: Showing(**{**showing, "by": ShownBy(showing["by"])}),
}


def _read(stored: Mapping[str, Any]) -> dict[str, Any]:
    """Read the fields of an event back, as far as they are there."""
    return {
        name: _READERS[name](stored[name]) if name in _READERS else stored[name]
        for name in _DEFAULTS
        if name in stored
    }


def _override(stored: Mapping[str, Any]) -> Override:
    """Read an occurrence back that is not like the others."""
    return Override(occurrence=datetime.fromisoformat(stored["occurrence"]), changes=_read(stored))
