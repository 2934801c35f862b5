"""Takes the steps of recovery: does what the next rung of the ladder says, and hears how that ended."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.util import dt as dt_util

from .commander import Commander
from .const import LOGGER
from .coordinator import ScreenCoordinator
from .ladders import Ladders
from .model.lifecycle import Action
from .model.recovery import Rung
from .model.sight import Sight
from .plugs import Plugs
from .steps import async_tell_step

_ACTIONS: Final = {Rung.RESTART_APP: Action.RESTART_APP, Rung.REBOOT_HOST: Action.REBOOT_HOST}


class Climbs:
    """The hands of recovery in one fleet; whoever decides is called after each change of a ladder."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry,
        commander: Commander,
        plugs: Plugs,
        ladders: Ladders,
        changed: Callable[[ScreenCoordinator], None],
    ) -> None:
        self._hass = hass
        self._entry = entry
        self._commander = commander
        self._plugs = plugs
        self._ladders = ladders
        self._changed = changed

    @callback
    def async_step(self, coordinator: ScreenCoordinator, seen: Sight, now: datetime) -> None:
        """Take the next step with a screen."""
        screen = coordinator.screen
        ladder = self._ladders.get(screen.key)
        rung = ladder.next_rung(seen, now, plug=self._plugs.plug_of(screen.key) is not None)
        LOGGER.info("Recovery of %s (%s): %s", screen.name, seen.cause, rung)
        self._ladders.async_put(ladder.stepped(rung, now))
        if rung is not Rung.POWER_CYCLE:
            async_tell_step(self._hass, self._entry, screen, rung, seen.cause)
        if rung is not Rung.MANUAL_INTERVENTION:
            self._entry.async_create_background_task(
                self._hass, self._async_take(coordinator, rung, seen), f"{rung} for {screen.key}"
            )

    async def _async_take(self, coordinator: ScreenCoordinator, rung: Rung, seen: Sight) -> None:
        """Do what a rung says; what cannot be done is over, and the next may follow."""
        ended = partial(self._handle_end, coordinator, rung)
        try:
            if rung is Rung.POWER_CYCLE:
                await self._plugs.async_cycle(coordinator, reason=seen.cause, then=ended)
                return
            command = await self._commander.async_request(
                coordinator, _ACTIONS[rung], reason=seen.cause, ladder=True
            )
        except HomeAssistantError as err:
            LOGGER.info("Recovery of %s: %s was not possible: %s", coordinator.screen.name, rung, err)
            ended(worked=False)
            return
        ladder = self._ladders.get(coordinator.screen.key)
        if ladder.rung is rung:  # the screen may have come back, or gone, meanwhile
            self._ladders.async_put(ladder.sent(command, dt_util.utcnow()))
            self._changed(coordinator)

    @callback
    def _handle_end(self, coordinator: ScreenCoordinator, rung: Rung, *, worked: bool) -> None:
        """Take in that a step that is no command, or none that could be sent, is over."""
        ladder, now = self._ladders.get(coordinator.screen.key), dt_util.utcnow()
        if ladder.rung is rung:
            self._ladders.async_put(ladder.ended(now, worked=worked))
            self._changed(coordinator)
