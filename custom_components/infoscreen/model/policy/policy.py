"""What a mains failure does to TVs and screens, and their way back; product.md, "Power". Time is an input."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Final, Self

from ..commands import Command
from ..lifecycle import Action
from ..power import PowerReason, Target
from ..ups.mains import Mains
from .cases import TIME_TO_START, Cases, is_urgent, may_return
from .world import Case, Dark, Seen, Stage, Turn, World

#: So many screens of a fleet are going down at a time.
AT_ONCE: Final = 10
#: From the first screen of a tier to the first of the next: by then it shows whether the mains come back.
TIER_SPACING: Final = timedelta(seconds=60)
#: Between two plugs: what starts up draws most.
PLUG_SPACING: Final = timedelta(seconds=5)
#: When to try again what could not be done: the broker took no command, a plug was not there yet.
TRY_AGAIN: Final = timedelta(seconds=30)
#: A plug's own network may have lost its power too.
PLUG_TRIES: Final = 5

_NO_MAINS: Final = Mains()


@dataclass(frozen=True, kw_only=True, slots=True)
class Policy:
    """What outages have done to one fleet so far; what it may do next is asked of it with the world as it is.

    It is looked at whenever something changes and when it says so; nothing happens in between.
    """

    mains: Mapping[str, Mains] = field(default_factory=dict)  # by UPS
    dark: Mapping[Target, Dark] = field(default_factory=dict)
    cases: Mapping[str, Case] = field(default_factory=dict)  # by screen
    turns: Mapping[str, Turn] = field(default_factory=dict)  # by UPS
    plugged_at: datetime | None = None  # when a plug was last turned off and on

    def mains_of(self, ups: str) -> Mains:
        """Return what is known of the mains of a UPS."""
        return self.mains.get(ups, _NO_MAINS)

    @property
    def idle(self) -> bool:
        """Tell whether there is no outage, and everything is back from the last."""
        return not (self.dark or self.cases or any(mains.failed_at for mains in self.mains.values()))

    def minds(self, seen: Seen) -> bool:
        """Tell whether a screen is in an outage, or not back from one."""
        return seen.key in self.cases or (
            seen.feed is not None and self.mains_of(seen.feed.ups).failed_at is not None
        )

    def with_mains(self, ups: str, mains: Mains) -> Self:
        """Take in what a UPS says, or that it says nothing."""
        return self if mains == self.mains.get(ups) else replace(self, mains={**self.mains, ups: mains})

    # What follows from how things are

    def look(self, world: World, now: datetime) -> Self:
        """Return what follows at once: TVs off and on, who is to go down and who is back."""
        cases = dict(self._followed(world, now))
        used = {feed.ups for feed in world.feeds} | {case.ups for case in cases.values()}
        mains = {ups: mains for ups, mains in self.mains.items() if ups in used}
        after = replace(self, mains=mains, dark=dict(self._darkened(world, now)), cases=cases)
        waits = {case.ups for case in cases.values() if case.stage is Stage.WAITING}
        turns = {
            ups: turn if ups in waits or after.mains_of(ups).failing(now) else replace(turn, tier=None)
            for ups, turn in self.turns.items()
            if ups in used
        }
        return replace(after, turns=turns)

    def _darkened(self, world: World, now: datetime) -> Iterator[tuple[Target, Dark]]:
        """Yield the TVs that are to be off, and why."""
        for tvs, feed in world.tvs.items():
            mains, terms, dark = self.mains_of(feed.ups), feed.terms, self.dark.get(tvs)
            if dark is not None and dark.ups != feed.ups:
                dark = None
            if is_urgent(feed, mains, now):
                dark = Dark(ups=feed.ups, reason=PowerReason.UPS_LOW_BATTERY)
            elif dark is None and mains.failing(now) and mains.for_longer(terms.tv_off_delay, now):
                dark = Dark(ups=feed.ups, reason=PowerReason.UPS_ON_BATTERY)
            elif dark is not None and mains.charged(terms.restore_charge, now):
                dark = None
            if dark is not None:
                yield tvs, dark

    def _followed(self, world: World, now: datetime) -> Iterator[tuple[str, Case]]:
        """Yield the screens that go down, are down or are on their way back."""
        cases = Cases(world=world, mains_of=self.mains_of, at=now)
        for key, seen in world.screens.items():
            if (case := cases.followed(seen, self.cases.get(key))) is not None:
                yield key, case

    # Down

    def next_down(self, world: World, now: datetime) -> list[str]:
        """Return the screens whose turn it is to be shut down, those that can hear it first."""
        if not world.ready:
            return []
        line = self._line(now)
        tiers: dict[str, int] = {}  # the first in line of each UPS
        for case in line.values():
            tiers[case.ups] = max(case.tier, tiers.get(case.ups, case.tier))
        due = {ups for ups, tier in tiers.items() if self._tier_due(ups, tier, now) <= now}
        turn = [key for key, case in line.items() if case.ups in due and case.tier == tiers[case.ups]]
        turn.sort(key=lambda key: (-line[key].tier, world.screens[key].there is False, key))
        under_way = sum(seen.counts for seen in world.screens.values())
        return turn[: max(0, AT_ONCE - under_way)]

    def _line(self, now: datetime) -> dict[str, Case]:
        """Return who may go down now as far as its UPS is concerned."""
        return {
            key: case
            for key, case in self.cases.items()
            if case.stage is Stage.WAITING and case.since <= now and self.mains_of(case.ups).failing(now)
        }

    def _tier_due(self, ups: str, tier: int, now: datetime) -> datetime:
        """Return when a tier of a UPS may go; stragglers of an earlier one go at once."""
        turn = self.turns.get(ups)
        if turn is None or (turn.tier is not None and tier >= turn.tier):
            return now
        return turn.at + TIER_SPACING

    def downed(self, keys: Iterable[str], now: datetime) -> Self:
        """Note that screens are told to shut down."""
        told = {key: replace(self.cases[key], stage=Stage.DOWN, since=now) for key in keys}
        turns = dict(self.turns)
        for case in told.values():
            turn = turns.get(case.ups)
            if turn is None or turn.tier is None or case.tier < turn.tier:
                turns[case.ups] = Turn(tier=case.tier, at=now)
        return replace(self, cases={**self.cases, **told}, turns=turns)

    def not_downed(self, key: str, now: datetime) -> Self:
        """Let a screen wait once more to which no command could be sent."""
        case = self.cases.get(key)
        if case is None or case.stage is not Stage.DOWN:
            return self
        again = replace(case, stage=Stage.WAITING, since=now + TRY_AGAIN)
        return replace(self, cases={**self.cases, key: again})

    def resumed(self, world: World, commands: Mapping[str, Iterable[Command]], now: datetime) -> Self:
        """Take up again after a restart: who was to be shut down, but was never told, waits once more.

        A kill may have left a screen behind here that is no more.
        """
        kept = {key: case for key, case in self.cases.items() if key in world.screens}
        after = replace(self, cases=kept)
        for key, case in kept.items():
            told = [
                command.published_at is not None
                for command in commands.get(key, ())
                if command.action is Action.SHUTDOWN_HOST and command.issued_at >= case.since
            ]
            if told and not any(told):
                after = after.not_downed(key, now)
        return after

    # Back

    def next_plug(self, world: World, now: datetime) -> str | None:
        """Return the screen whose plug is to be turned off and on now; the last to go down come first."""
        if self.plugged_at is not None and now < self.plugged_at + PLUG_SPACING:
            return None
        return next((key for key, case in self._returning(world, now) if case.since <= now), None)

    def _returning(self, world: World, now: datetime) -> Iterator[tuple[str, Case]]:
        """Yield the screens that may be turned on and have a plug that nobody on it objects to."""
        down = [(key, case) for key, case in self.cases.items() if case.stage is Stage.DOWN]
        for key, case in sorted(down, key=lambda each: (each[1].tier, each[0])):
            seen = world.screens.get(key)
            if seen is None or seen.plug is None:
                continue
            if not may_return(seen, case, self.mains_of(case.ups), now):
                continue
            if all(self._is_off(other, now) for other in world.on_plug(seen.plug)):
                yield key, case

    @staticmethod
    def _is_off(seen: Seen, now: datetime) -> bool:
        """Tell whether a plug may be turned off as far as one screen on it is concerned."""
        down = seen.there is False and not seen.going
        return down and (seen.quiet_from is None or seen.quiet_from <= now)

    def plugged(self, key: str, world: World, now: datetime) -> Self:
        """Note that a screen's plug is turned off and on, and with it those that hang there too."""
        plug = world.screens[key].plug or ""
        started = {
            other.key: replace(self.cases[other.key], stage=Stage.STARTING, since=now)
            for other in world.on_plug(plug)
            if other.key in self.cases
        }
        return replace(self, cases={**self.cases, **started}, plugged_at=now)

    def not_plugged(self, key: str, now: datetime) -> Self:
        """Try a screen's plug once more in a while, or leave it to a person."""
        case = self.cases.get(key)
        if case is None or case.stage is not Stage.STARTING:
            return self
        tries = case.tries + 1
        if tries >= PLUG_TRIES:
            after = replace(case, stage=Stage.STRANDED, since=now, tries=tries)
        else:
            after = replace(case, stage=Stage.DOWN, since=now + TRY_AGAIN, tries=tries)
        return replace(self, cases={**self.cases, key: after})

    # Time

    def due(self, world: World, now: datetime) -> datetime | None:
        """Return when to look again if nothing changes, None if nothing would follow."""
        return min((moment for moment in self._moments(world) if moment > now), default=None)

    def _moments(self, world: World) -> Iterator[datetime]:
        """Yield the moments at which time alone may make a difference."""
        for mains in self.mains.values():
            yield from filter(None, (mains.dead_at, mains.charged_at))
        for feed in world.tvs.values():
            if (failed_at := self.mains_of(feed.ups).failed_at) is not None:
                yield failed_at + feed.terms.tv_off_delay
        for key, case in self.cases.items():
            yield case.since + (TIME_TO_START if case.stage is Stage.STARTING else timedelta())
            seen = world.screens.get(key)
            if seen is not None and seen.quiet_from is not None:
                yield seen.quiet_from
        if self.cases:
            yield from (turn.at + TIER_SPACING for turn in self.turns.values())
        if self.cases and self.plugged_at is not None:
            yield self.plugged_at + PLUG_SPACING

    # What outlives a restart

    def as_stored(self) -> dict[str, Any]:
        """Return it as JSON."""
        return {
            "mains": {ups: mains.as_stored() for ups, mains in self.mains.items() if mains.worth_keeping},
            "dark": {f"{tvs}": dark.as_stored() for tvs, dark in self.dark.items()},
            "cases": {key: case.as_stored() for key, case in self.cases.items()},
            "turns": {ups: turn.as_stored() for ups, turn in self.turns.items()},
        }

    @classmethod
    def from_stored(cls, stored: Mapping[str, Any]) -> Self:
        """Read it back."""
        return cls(
            mains={ups: Mains.from_stored(each) for ups, each in stored["mains"].items()},
            dark={_target(tvs): Dark.from_stored(each) for tvs, each in stored["dark"].items()},
            cases={key: Case.from_stored(each) for key, each in stored["cases"].items()},
            turns={ups: Turn.from_stored(each) for ups, each in stored.get("turns", {}).items()},
        )


def _target(stored: str) -> Target:
    """Return whose TVs were stored: a group's id is a number, which the key of a screen never is."""
    return int(stored) if stored.isdigit() else stored
