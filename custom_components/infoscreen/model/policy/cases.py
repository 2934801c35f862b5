"""How the case of one screen goes on in an outage: in line, down, on its way back, or in need of a person."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from ..ups.mains import Mains
from .world import Case, Feed, Seen, Stage, World

#: A screen is given so long to start once it has power again.
TIME_TO_START: Final = timedelta(minutes=5)


@dataclass(frozen=True, kw_only=True, slots=True)
class Cases:
    """What decides on the cases at one moment: the world, and what is known of the mains of each UPS."""

    world: World
    mains_of: Callable[[str], Mains]
    at: datetime

    def followed(self, seen: Seen, case: Case | None) -> Case | None:
        """Return how it stands with a screen now, None where it is in no outage, or back from it."""
        if case is None or case.stage is Stage.WAITING:
            return self._waiting(seen, case)
        if seen.there is True and not seen.going:
            return self._there(seen, case)
        return self._away(seen, case)

    def _waiting(self, seen: Seen, case: Case | None) -> Case | None:
        """Return the place in line of a screen that is to go down, None for one that stays as it is."""
        if seen.feed is None or seen.off or seen.going:
            return None
        if case is not None and case.ups == seen.feed.ups:
            return None if self.mains_of(case.ups).returning else case
        if not is_urgent(seen.feed, self.mains_of(seen.feed.ups), self.at):
            return None
        return Case(ups=seen.feed.ups, tier=seen.feed.terms.tier, stage=Stage.WAITING, since=self.at)

    def _there(self, seen: Seen, case: Case) -> Case | None:
        """Return None for a screen that is back; one that never went down is not asked twice in an outage."""
        stays = case.stage is Stage.DOWN and not self._may_return(seen, case)
        return case if stays else None

    def _away(self, seen: Seen, case: Case) -> Case:
        """Return how it stands with a screen that is down; a person is needed where nothing else helps."""
        if case.stage is Stage.STARTING:
            helpless = self.at >= case.since + TIME_TO_START
        else:
            gone = case.stage is Stage.DOWN and seen.there is False and not seen.going
            helpless = gone and not self.world.has_plug_for(seen) and self._may_return(seen, case)
        return replace(case, stage=Stage.STRANDED, since=self.at) if helpless else case

    def _may_return(self, seen: Seen, case: Case) -> bool:
        return may_return(seen, case, self.mains_of(case.ups), self.at)


def is_urgent(feed: Feed, mains: Mains, now: datetime) -> bool:
    """Tell whether the battery is about to end, on the terms of what it feeds."""
    return mains.urgent(feed.terms.shutdown_charge, feed.terms.shutdown_runtime, now)


def may_return(seen: Seen, case: Case, mains: Mains, now: datetime) -> bool:
    """Tell whether a screen may be turned on: its UPS is charged, or feeds it no more."""
    if seen.feed is None or seen.feed.ups != case.ups:
        return True
    return mains.charged(seen.feed.terms.restore_charge, now)
