"""Who decides on TVs instead of the schedule: people, for a while or for good, and a UPS to be spared."""

from collections.abc import Container, Iterator, Mapping
from datetime import datetime

from homeassistant.exceptions import HomeAssistantError

from .model.power import Hold, PowerReason, Target
from .store import FleetStore


class Decisions:
    """What was decided for groups and screens of one fleet; holds are stored, what spares a UPS is not."""

    def __init__(self, store: FleetStore) -> None:
        self._store = store
        self._blackouts: dict[Target, PowerReason] = {}

    def __contains__(self, target: Target) -> bool:
        """Tell whether somebody decides on a group or a screen."""
        return target in self._store.power_holds or target in self._blackouts

    def screens(self) -> Iterator[str]:
        """Go through the screens that are decided on apart from their group."""
        decided = self._store.power_holds.keys() | self._blackouts.keys()
        return (target for target in decided if isinstance(target, str))

    def hold_of(self, target: Target) -> Hold | None:
        """Return how a group or a screen is held by hand."""
        return self._store.power_holds.get(target)

    def blackout_of(self, *targets: Target) -> PowerReason | None:
        """Return why the first of some that is off to spare a UPS is."""
        return next((self._blackouts[each] for each in targets if each in self._blackouts), None)

    async def async_hold(self, holds: Mapping[Target, Hold | None]) -> None:
        """Hold some by hand, or (None) let go; on disk when this returns."""
        before = {target: self.hold_of(target) for target in holds}
        for target, hold in holds.items():
            self._put(target, hold)
        try:
            await self._store.async_save()
        except HomeAssistantError:
            for target, hold in holds.items():
                if self.hold_of(target) is hold:  # nobody has decided otherwise meanwhile
                    self._put(target, before[target])
            raise

    def black_out(self, target: Target, reason: PowerReason | None) -> None:
        """Take in that TVs are to be off to spare a UPS, or (None) no more."""
        self._blackouts.pop(target, None)
        if reason is not None:
            self._blackouts[target] = reason

    def pass_time(self, target: Target, now: datetime) -> None:
        """End a hold whose time is over."""
        hold = self.hold_of(target)
        if hold is not None and (standing := hold.standing(now)) is not hold:
            self._put(target, standing)

    def keep(self, known: Container[Target]) -> None:
        """Forget all but these."""
        for target in [target for target in self._store.power_holds if target not in known]:
            self.forget(target)
        self._blackouts = {key: reason for key, reason in self._blackouts.items() if key in known}

    def forget(self, target: Target) -> None:
        """Forget what was decided on one."""
        self._blackouts.pop(target, None)
        self._put(target, None)

    def move(self, old: str, new: str) -> None:
        """Hold a screen as the one was held whose place it takes."""
        if hold := self.hold_of(old):
            self._put(new, hold)
        self.forget(old)

    def _put(self, target: Target, hold: Hold | None) -> None:
        """Let a hold stand, or none."""
        if hold is not self.hold_of(target):
            self._store.power_holds.pop(target, None)
            if hold is not None:
                self._store.power_holds[target] = hold
            self._store.async_save_soon()
