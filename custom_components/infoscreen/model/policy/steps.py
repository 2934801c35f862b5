"""What the policy has done from one look to the next, told one thing at a time."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from operator import itemgetter

from ..power import PowerReason, Target
from .policy import Policy
from .world import Case, Stage


class Deed(StrEnum):
    """What an outage brings, in the order in which it comes."""

    OUTAGE = "outage"
    TVS_OFF = "tvs_off"
    SHUT_DOWN = "shut_down"
    STOPPED = "stopped"
    MAINS_BACK = "mains_back"
    TVS_BACK = "tvs_back"
    POWER_CYCLE = "power_cycle"
    NEEDS_PERSON = "needs_person"


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """One of them: what was done, for which UPS, and to whom."""

    deed: Deed
    ups: str
    reason: PowerReason | None = None
    tvs: tuple[Target, ...] = ()
    screens: tuple[str, ...] = ()
    tier: int | None = None


def steps(before: Policy, after: Policy) -> Iterator[Step]:
    """Yield what has happened in between."""
    yield from _outages(before, after)
    yield from _tvs(before, after)
    came = _by_ups(after, lambda key, case: case.stage is not stage_of(before, key))
    for (ups, stage, tier), screens in came.items():
        if stage in _DEEDS:
            down = stage is Stage.DOWN
            yield Step(deed=_DEEDS[stage], ups=ups, screens=screens, tier=tier if down else None)


_DEEDS = {
    Stage.DOWN: Deed.SHUT_DOWN,
    Stage.STARTING: Deed.POWER_CYCLE,
    Stage.STRANDED: Deed.NEEDS_PERSON,
}


def stage_of(policy: Policy, key: str) -> Stage | None:
    """Return where a screen stood."""
    case = policy.cases.get(key)
    return case.stage if case else None


def _outages(before: Policy, after: Policy) -> Iterator[Step]:
    """Yield the outages that have begun, stopped short of somebody, or are over."""
    for ups, mains in after.mains.items():
        had = before.mains_of(ups)
        if mains.confirmed and not had.confirmed:
            yield Step(deed=Deed.OUTAGE, ups=ups)
        spared = tuple(
            key
            for key, case in before.cases.items()
            if case.ups == ups and case.stage is Stage.WAITING and key not in after.cases
        )
        if spared and mains.returning:
            yield Step(deed=Deed.STOPPED, ups=ups, screens=spared)
        if had.confirmed and not mains.confirmed:
            yield Step(deed=Deed.MAINS_BACK, ups=ups)


def _tvs(before: Policy, after: Policy) -> Iterator[Step]:
    """Yield the TVs that were turned off, for another reason too, and those that were given back."""
    went: dict[tuple[str, PowerReason], list[Target]] = {}
    for tvs, dark in after.dark.items():
        if before.dark.get(tvs) != dark:
            went.setdefault((dark.ups, dark.reason), []).append(tvs)
    for (ups, reason), those in went.items():
        yield Step(deed=Deed.TVS_OFF, ups=ups, reason=reason, tvs=tuple(those))
    came: dict[str, list[Target]] = {}
    for tvs, dark in before.dark.items():
        if tvs not in after.dark:
            came.setdefault(dark.ups, []).append(tvs)
    for ups, those in came.items():
        yield Step(deed=Deed.TVS_BACK, ups=ups, tvs=tuple(those))


def _by_ups(
    policy: Policy, counts: Callable[[str, Case], bool]
) -> dict[tuple[str, Stage, int], tuple[str, ...]]:
    """Return screens by their UPS, where they stand and their tier."""
    found: dict[tuple[str, Stage, int], tuple[str, ...]] = {}
    for key, case in sorted(policy.cases.items(), key=itemgetter(0)):
        if counts(key, case):
            place = (case.ups, case.stage, case.tier)
            found[place] = (*found.get(place, ()), key)
    return found
