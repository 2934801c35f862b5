"""The recovery ladder of a screen: which step is next and when; product.md, "Recovery". Time is an input."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, Final, Self

from .commands import Command
from .lifecycle import State
from .sight import Sight

#: How many screens of a fleet climb at a time: a rack of them that went down together comes up in turn.
MAX_CLIMBING: Final = 5
MAX_CLIMBS: Final = 3
CLIMBS_PERIOD: Final = timedelta(hours=24)
#: So long a screen must be well before its climb is over, or a loop of crashes would look like recoveries.
WELL_AGAIN: Final = timedelta(seconds=60)
#: So long a person's command counts as under way after its end: its effect takes a moment to be seen.
AFTER_A_PERSON: Final = timedelta(seconds=60)


class Rung(StrEnum):
    """The steps of the ladder, from the mildest up."""

    RESTART_APP = "restart_app"
    REBOOT_HOST = "reboot_host"
    POWER_CYCLE = "power_cycle"
    MANUAL_INTERVENTION = "manual_intervention"


_ORDER: Final = {rung: place for place, rung in enumerate(Rung)}

# How long after the end of a step the next may follow. A host that was cut off first has to start:
# as long as the contract gives a reboot.
_COOLDOWN: Final = timedelta(seconds=60)
_PATIENCE: Final = {Rung.POWER_CYCLE: timedelta(seconds=150)}
_A_MOMENT: Final = timedelta(seconds=1)
_THE_END: Final = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, kw_only=True, slots=True)
class Rules:
    """How a fleet wants its screens recovered."""

    enabled: bool
    grace: timedelta
    lockout: timedelta


@dataclass(frozen=True, kw_only=True, slots=True)
class Ladder:
    """Where a screen stands on the ladder, and what it took to get there."""

    key: str  # of the screen
    climbs: tuple[datetime, ...] = ()  # when each of the last began
    rung: Rung | None = None  # None: not climbing
    since: datetime | None = None  # on this rung
    command_id: str | None = None  # of the rung's command, once it is known
    ended_at: datetime | None = None  # the rung's step; None while it is under way
    mended_at: datetime | None = None  # a step last did what it should
    asked_at: datetime | None = None  # since when a person is needed
    asked_for: str | None = None  # the command whose end a person was last asked for
    rests: bool = False  # a person has taken over, until the screen is well
    hurry: bool = False  # a person wants it tried at once
    trouble_since: datetime | None = None
    well_since: datetime | None = None

    @property
    def climbing(self) -> bool:
        """Tell whether the screen is on its way up; at the top it is a person's."""
        return self.rung not in (None, Rung.MANUAL_INTERVENTION)

    @property
    def asked(self) -> bool:
        """Tell whether a person is needed."""
        return self.asked_at is not None

    @property
    def worth_keeping(self) -> bool:
        """Tell whether there is anything to remember."""
        return replace(self, well_since=None) != Ladder(key=self.key)

    def saw(self, seen: Sight, now: datetime) -> Self:
        """Return the ladder after a look at its screen; one that is meant to be off is left in peace."""
        trouble = (self.trouble_since or now) if seen.cause else None
        well = (self.well_since or now) if seen.well else None
        after = replace(self, trouble_since=trouble, well_since=well)
        return after.down() if seen.meant_off and self.climbing else after

    def at(self, now: datetime) -> Self:
        """Return the ladder after all that time alone has done to it."""
        recent = tuple(moment for moment in self.climbs if moment + CLIMBS_PERIOD > now)
        after = self if recent == self.climbs else replace(self, climbs=recent)
        if self.well_since is None or self.well_since + WELL_AGAIN > now:
            return after
        return replace(after.down(), asked_at=None, rests=False, hurry=False)

    def due(self, seen: Sight, rules: Rules) -> datetime | None:
        """Return when the next step may follow, None while none may."""
        idle = not rules.enabled or self.rests or self.rung is Rung.MANUAL_INTERVENTION
        if idle or seen.cause is None or self.trouble_since is None:
            return None
        if self.rung is not None:
            return None if self.ended_at is None else self.ended_at + _PATIENCE.get(self.rung, _COOLDOWN)
        patient = self.trouble_since if self.hurry else self.trouble_since + rules.grace
        return max([patient, *(moment + rules.lockout for moment in self.climbs[-1:])])

    @property
    def over_at(self) -> datetime | None:
        """Return when what there is will be over, as the screen is well."""
        open_ = self.rung is not None or self.asked or self.rests or self.hurry
        return self.well_since + WELL_AGAIN if open_ and self.well_since else None

    def next_rung(self, seen: Sight, now: datetime, *, plug: bool) -> Rung:
        """Return the step that comes next; the mildest that can help."""
        if self.rung is None and self.spent(now):
            return Rung.MANUAL_INTERVENTION
        helps = {Rung.RESTART_APP: seen.speaks, Rung.POWER_CYCLE: plug}
        height = -1 if self.rung is None else _ORDER[self.rung]
        return next(rung for rung in Rung if _ORDER[rung] > height and helps.get(rung, True))

    def spent(self, now: datetime) -> bool:
        """Tell whether the screen has climbed as often as it may in a day."""
        return sum(moment + CLIMBS_PERIOD > now for moment in self.climbs) >= MAX_CLIMBS

    def stepped(self, rung: Rung, now: datetime) -> Self:
        """Take a step; the first begins a climb, the last asks a person."""
        last = rung is Rung.MANUAL_INTERVENTION
        begins = self.rung is None and not last
        return replace(
            self,
            rung=rung,
            since=now,
            command_id=None,
            ended_at=None,
            climbs=(*self.climbs, now) if begins else self.climbs,
            asked_at=self.asked_at or (now if last else None),
            hurry=False,
        )

    def sent(self, command: Command, now: datetime) -> Self:
        """Follow the rung's command from now on."""
        return replace(self, command_id=command.command_id).followed(command, now)

    def resumed(self, commands: Iterable[Command], now: datetime) -> Self:
        """Take up the rung's step after a restart that came before its command was known; or give it up."""
        if not self.climbing or self.since is None or self.command_id or self.ended_at:
            return self
        for command in commands:
            if command.ladder and command.uuid.lower() == self.key and command.issued_at >= self.since:
                return self.sent(command, now)
        return self.ended(now, worked=False)

    def followed(self, command: Command | None, now: datetime) -> Self:
        """Take in how the rung's command stands; one that is not known any more is over."""
        if self.command_id is None or self.ended_at is not None or not (command is None or command.settled):
            return self
        return self.ended(now, worked=command is not None and command.state is State.COMPLETED)

    def ended(self, now: datetime, *, worked: bool) -> Self:
        """End the rung's step; whether it helped, the screen will show."""
        return replace(self, ended_at=now, mended_at=now if worked else self.mended_at)

    def given_up(self, command: Command) -> Self:
        """Ask a person as a command, of whomever, ended in that; once for each."""
        if command.command_id == self.asked_for:
            return self
        return replace(self, asked_at=self.asked_at or command.since, asked_for=command.command_id)

    def handled(self) -> Self:
        """Leave the screen to the person who has taken over."""
        return replace(self.down(), asked_at=None, rests=True, hurry=False)

    def again(self) -> Self:
        """Try once more as a person wishes, without waiting for the grace."""
        return replace(self.down(), asked_at=None, rests=False, hurry=True)

    def left(self) -> Self:
        """Come down, as the fleet or the screen is not to be recovered any more."""
        return self.down() if self.climbing else self

    def moved(self, key: str) -> Self:
        """Return the ladder for a screen in this one's place: its steps were for a device that is gone."""
        return replace(self.down(), key=key, trouble_since=None, well_since=None)

    def down(self) -> Self:
        """Leave the ladder."""
        return replace(self, rung=None, since=None, command_id=None, ended_at=None)

    def as_stored(self) -> dict[str, Any]:
        """Return what outlives a restart, as JSON; how the screen is will be seen anew."""
        values = {name: getattr(self, name) for name in _STORED}
        return {
            name: value.isoformat() if isinstance(value, datetime) else value
            for name, value in values.items()
            if value
        } | {"climbs": [moment.isoformat() for moment in self.climbs]}

    @classmethod
    def from_stored(cls, stored: Mapping[str, Any]) -> Self:
        """Read a ladder back."""
        values = {name: stored[name] for name in _STORED if name in stored}
        values |= {name: datetime.fromisoformat(values[name]) for name in _TIMES if name in values}
        if "rung" in values:
            values["rung"] = Rung(values["rung"])
        return cls(**values, climbs=tuple(map(datetime.fromisoformat, stored["climbs"])))


_SEEN: Final = {"trouble_since", "well_since", "climbs"}
_STORED: Final = tuple(field.name for field in fields(Ladder) if field.name not in _SEEN)
_TIMES: Final = ("since", "ended_at", "mended_at", "asked_at")


def held_until(commands: Iterable[Command], now: datetime) -> datetime | None:
    """Return until when the commands of others keep the ladder waiting, None if they do not.

    While one is under way that is when to look again.
    """
    ends = (
        command.since + AFTER_A_PERSON if command.settled else max(command.due or now, now + _A_MOMENT)
        for command in commands
        if not command.ladder
    )
    return max((end for end in ends if end > now), default=None)


def first_in_line(waiting: Iterable[Ladder], climbing: int) -> list[Ladder]:
    """Return whose turn it is to begin: as many as there is room for, longest in trouble first."""
    line = sorted(waiting, key=lambda ladder: (ladder.trouble_since or _THE_END, ladder.key))
    return line[: max(0, MAX_CLIMBING - climbing)]
