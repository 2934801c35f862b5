"""An outage as it would go, from the first second to the last screen: nothing is done, all is told."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from ..ups.mains import Answer, Supply
from .policy import Policy
from .steps import Step, stage_of, steps
from .world import Seen, Stage, World

_POLL: Final = timedelta(seconds=5)
#: So long a screen takes to go down, as one that answers does, and to be back once it has power.
_GOES_DOWN: Final = timedelta(seconds=20)
_COMES_UP: Final = timedelta(seconds=60)
#: An outage in which somebody never gets a turn ends all the same.
_LONGEST: Final = timedelta(hours=12)

_ON_BATTERY: Final = Answer(supply=Supply.BATTERY, charge=100)
_LOW: Final = Answer(supply=Supply.BATTERY, low=True)
_FULL: Final = Answer(supply=Supply.MAINS, charge=100)


@dataclass(frozen=True, kw_only=True, slots=True)
class Rehearsed:
    """A step of the rehearsal, and how long after the mains failed it comes."""

    after: timedelta
    step: Step


def rehearse(ups: str, world: World, start: datetime) -> Iterator[Rehearsed]:
    """Tell what an outage of one UPS would do: TVs off, the battery low, the mains back, the battery full.

    All screens that it feeds are taken for well.
    """
    now, policy, says = start, Policy(), _ON_BATTERY
    since: dict[str, datetime] = {}  # each screen's stage
    while now <= start + _LONGEST:
        before = policy
        seen = _as_they_are(ups, world, policy, since, now)
        policy = policy.with_mains(ups, policy.mains_of(ups).heard(says, now)).look(seen, now)
        if turn := policy.next_down(seen, now):
            policy = policy.downed(turn, now)
        if key := policy.next_plug(seen, now):
            policy = policy.plugged(key, seen, now)
        for step in steps(before, policy):
            yield Rehearsed(after=now - start, step=step)
        if policy.mains_of(ups).sound and not policy.dark and _settled(policy):
            return
        since |= {key: now for key in policy.cases if stage_of(policy, key) is not stage_of(before, key)}
        says = _next(says, seen, policy, now - start)
        now += _POLL


def _next(says: Answer, world: World, policy: Policy, lasted: timedelta) -> Answer:
    """Return what the UPS says next: low once all TVs are off, and full once all screens are down."""
    if says is _ON_BATTERY:
        delays = [feed.terms.tv_off_delay for feed in world.tvs.values()]
        return says if lasted <= max(delays, default=timedelta()) else _LOW
    waits = any(case.stage is Stage.WAITING for case in policy.cases.values())
    goes = any(seen.going for seen in world.screens.values())
    return _LOW if waits or goes else _FULL


def _as_they_are(ups: str, world: World, policy: Policy, since: dict[str, datetime], now: datetime) -> World:
    """Return what one UPS feeds, with the screens as they would be by then."""
    screens = {}
    for key, seen in world.screens.items():
        if seen.feed is not None and seen.feed.ups == ups:
            screens[key] = _as_it_is(seen, policy, since.get(key, now), now)
    tvs = {key: feed for key, feed in world.tvs.items() if feed.ups == ups}
    return World(tvs=tvs, screens=screens)


def _as_it_is(seen: Seen, policy: Policy, since: datetime, now: datetime) -> Seen:
    """Return a screen as it would be by then."""
    stage, lasted = stage_of(policy, seen.key), now - since
    going = stage is Stage.DOWN and lasted < _GOES_DOWN
    there = going or stage in (None, Stage.WAITING) or (stage is Stage.STARTING and lasted >= _COMES_UP)
    return replace(seen, there=there, off=not there, going=going, counts=going, quiet_from=None)


def _settled(policy: Policy) -> bool:
    """Tell whether everybody is back, or waits for a person."""
    return all(case.stage is Stage.STRANDED for case in policy.cases.values())
