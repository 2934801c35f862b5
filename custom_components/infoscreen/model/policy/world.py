"""What the policy for mains failures looks at, and what it remembers of TVs and screens."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Self

from ..power import PowerReason, Target


@dataclass(frozen=True, kw_only=True, slots=True)
class Terms:
    """When a group's TVs go off, when its screens go down, and when all may return."""

    tv_off_delay: timedelta = timedelta(seconds=60)
    shutdown_charge: int = 30  # percent
    shutdown_runtime: int = 300  # seconds
    restore_charge: int = 50
    tier: int = 1  # 3 goes first


@dataclass(frozen=True, kw_only=True, slots=True)
class Feed:
    """Which UPS feeds something, and on which terms."""

    ups: str
    terms: Terms


@dataclass(frozen=True, kw_only=True, slots=True)
class Seen:
    """What counts of a screen for the policy."""

    key: str
    feed: Feed | None = None
    there: bool | None = None  # None while nobody can know
    off: bool = False  # shut down, by whomever
    going: bool = False  # a shutdown is under way
    counts: bool = False  # … to which the screen answers as it should: one of those that go down at a time
    quiet_from: datetime | None = None  # when one that is off has stopped for certain
    plug: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class World:
    """All that the policy looks at: what is fed by which UPS, and how the screens are."""

    tvs: Mapping[Target, Feed] = field(default_factory=dict)
    screens: Mapping[str, Seen] = field(default_factory=dict)
    ready: bool = True  # commands can be sent

    @property
    def feeds(self) -> Iterator[Feed]:
        """Return what is fed by any UPS, again and again where many are."""
        yield from self.tvs.values()
        yield from (seen.feed for seen in self.screens.values() if seen.feed)

    def has_plug_for(self, seen: Seen) -> bool:
        """Tell whether a screen has a plug, and nobody runs on it who would go off too."""
        if seen.plug is None:
            return False
        return not any(other.there is True and not other.going for other in self.on_plug(seen.plug))

    def on_plug(self, plug: str) -> list[Seen]:
        """Return the screens that hang on a plug."""
        return [seen for seen in self.screens.values() if seen.plug == plug]


class Stage(StrEnum):
    """Where a screen stands that an outage shuts down."""

    WAITING = "waiting"  # for its turn
    DOWN = "down"  # told to shut down
    STARTING = "starting"  # its plug was turned off and on
    STRANDED = "stranded"  # a person has to turn it on


@dataclass(frozen=True, kw_only=True, slots=True)
class Case:
    """A screen that an outage shuts down, until it is back."""

    ups: str
    tier: int
    stage: Stage
    since: datetime  # for one that waits: from when on it may go
    tries: int = 0

    def as_stored(self) -> dict[str, Any]:
        """Return it as JSON."""
        return {
            "ups": self.ups,
            "tier": self.tier,
            "stage": self.stage.value,
            "since": self.since.isoformat(),
            "tries": self.tries,
        }

    @classmethod
    def from_stored(cls, stored: Mapping[str, Any]) -> Self:
        """Read it back."""
        values = {"stage": Stage(stored["stage"]), "since": datetime.fromisoformat(stored["since"])}
        return cls(**{**stored, **values})


@dataclass(frozen=True, kw_only=True, slots=True)
class Turn:
    """Which tier of a UPS went down last."""

    tier: int | None  # None once the outage is over: the next begins with its own first
    at: datetime  # of the first screen in it

    def as_stored(self) -> dict[str, Any]:
        """Return it as JSON."""
        return {"tier": self.tier, "at": self.at.isoformat()}

    @classmethod
    def from_stored(cls, stored: Mapping[str, Any]) -> Self:
        """Read it back."""
        return cls(tier=stored["tier"], at=datetime.fromisoformat(stored["at"]))


@dataclass(frozen=True, kw_only=True, slots=True)
class Dark:
    """TVs that are off to spare a UPS."""

    ups: str
    reason: PowerReason

    def as_stored(self) -> dict[str, Any]:
        """Return it as JSON."""
        return {"ups": self.ups, "reason": self.reason.value}

    @classmethod
    def from_stored(cls, stored: Mapping[str, Any]) -> Self:
        """Read it back."""
        return cls(ups=stored["ups"], reason=PowerReason(stored["reason"]))
