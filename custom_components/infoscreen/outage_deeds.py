"""Does what an outage asks for, and tells what could not be done."""

from collections.abc import Collection, Mapping

from homeassistant.core import callback
from homeassistant.exceptions import HomeAssistantError

from .commander import Commander
from .const import LOGGER
from .fleet import Fleet
from .model.lifecycle import Action
from .model.policy.world import Dark
from .model.power import Target
from .plugs import Plugs
from .power import PowerKeeper
from .recovery import Recovery

# Contract, "Safety lockout", reasons of ours.
_REASON = "ups_low_battery"


class OutageDeeds:
    """The hands of the policy in one fleet."""

    def __init__(
        self, fleet: Fleet, commander: Commander, plugs: Plugs, power: PowerKeeper, recovery: Recovery
    ) -> None:
        self._fleet = fleet
        self._commander = commander
        self._plugs = plugs
        self._power = power
        self._recovery = recovery

    @callback
    def async_black_out(self, before: Mapping[Target, Dark], after: Mapping[Target, Dark]) -> None:
        """Turn TVs off, and let others go."""
        for target in before.keys() - after.keys():
            self._power.async_black_out(target, None)
        for target, dark in after.items():
            if target not in before or before[target].reason is not dark.reason:
                self._power.async_black_out(target, dark.reason)

    @callback
    def async_spare(self, keys: Collection[str]) -> None:
        """Keep recovery from these screens, and from no other."""
        self._recovery.async_spare(keys)

    async def async_shut_down(self, keys: Collection[str]) -> list[str]:
        """Tell screens to shut down; return those to which that could not be sent."""
        screens = [self._fleet.screens[key] for key in keys]
        try:
            outcomes = await self._commander.async_ask(
                dict.fromkeys(screens, Action.SHUTDOWN_HOST), reason=_REASON
            )
        except HomeAssistantError:
            LOGGER.exception("No screen could be shut down")
            return list(keys)
        return [outcome.command.uuid.lower() for outcome in outcomes if outcome.failed]

    async def async_cycle(self, key: str) -> bool:
        """Turn a screen's plug off and on; tell whether it was turned off."""
        coordinator = self._fleet.screens[key]
        try:
            await self._plugs.async_cycle(coordinator, reason=_REASON)
        except HomeAssistantError as err:
            LOGGER.warning("%s cannot be turned on again: %s", coordinator.screen.name, err)
            return False
        return True
