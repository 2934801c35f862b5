"""One screen as Home Assistant sees it: a coordinator that is pushed, never polled."""

from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers.update_coordinator import DataUpdateCoordinator
from homeassistant.util import dt as dt_util

from .census import Census
from .const import LOGGER
from .model.fleet import Screen
from .model.health import Pulse, ScreenState
from .model.logbook import Telling
from .model.messages import Message, ProcessStatus
from .model.topics import Kind
from .settling import Settling


class ScreenCoordinator(DataUpdateCoordinator[ScreenState]):
    """Holds what is known of one screen and tells its entities, and no other's, when that changes."""

    def __init__(
        self, hass: HomeAssistant, entry: ConfigEntry, settling: Settling, census: Census, screen: Screen
    ) -> None:
        super().__init__(hass, LOGGER, config_entry=entry, name=f"screen {screen.uuid}", update_interval=None)
        self.data = ScreenState(screen=screen)
        self.pulse = Pulse()
        self.last_heartbeat: datetime | None = None
        self.running_since: datetime | None = None
        self.fallen_at: datetime | None = None  # silent since, having been heard in this connection
        self.telling: Telling | None = None  # the last line of its log that is worth an event
        self._followers: list[CALLBACK_TYPE] = []
        self._settling = settling
        self._census = census
        census.async_move(None, self.data)

    @property
    def screen(self) -> Screen:
        """Return the screen as it is known now."""
        return self.data.screen

    @callback
    def async_show(self, **changes: Any) -> None:
        """Take over changes of the state; entities hear of it only if there are any."""
        if self._take(replace(self.data, **changes)):
            self.async_update_listeners()

    @callback
    def async_tell(self, telling: Telling) -> None:
        """Let the entities hear of a line of the screen's log."""
        self.telling = telling
        self.async_update_listeners()

    def _take(self, state: ScreenState) -> bool:
        """Take over a state, if it is another one; tell whether it is."""
        before = self.data
        if state == before:
            return False
        running = state.alive and state.screen.process_status is ProcessStatus.RUNNING
        self.running_since = (self.running_since or dt_util.utcnow()) if running else None
        self.data = state
        self._census.async_move(before, state)
        return True

    async def async_leave(self) -> None:
        """Let the screen go."""
        self._census.async_move(self.data, None)
        await self.async_shutdown()

    @callback
    def async_listen_from(self, moment: datetime | None) -> None:
        """Begin a fresh grace, or (None) know nothing while the connection is down."""
        self.pulse.listening_since = moment
        self.fallen_at = None
        self.async_show(alive=None, outage=moment is None)

    @callback
    def async_check(self, grace: timedelta, now: datetime) -> bool:
        """Look whether the screen is still alive; tell whether it has just fallen silent."""
        before, alive = self.data.alive, self.pulse.alive(grace, now)
        if before and alive is False and self.data.due and self.screen.off_since is None:
            self.fallen_at = now
        self.async_show(alive=alive)
        return alive is False and before is not False

    @callback
    def async_hear_again(self, kind: Kind, now: datetime) -> None:
        """Take in that the screen, there as it was, repeats itself: it was seen later, and that is all."""
        self.pulse.hear(now, life=True)
        if kind is Kind.HEARTBEAT:
            self._beat(now)

    @callback
    def async_hear(self, kind: Kind, message: Message, now: datetime) -> None:
        """Take in what the screen says."""
        state = self.data
        screen, alive = state.screen.told(message), state.alive
        life = self.pulse.is_life(message, state, now)
        self.pulse.hear(now, life=life)
        if life:
            alive = None if state.outage else True
            self.fallen_at = None
            if not screen.heard or screen.off_since is not None:
                screen = replace(screen, heard=True, off_since=None)
        if kind is Kind.ACK and not screen.migrated:
            screen = replace(screen, migrated=True)
        changed = screen is not state.screen or alive is not state.alive
        if changed and self._take(replace(state, screen=screen, alive=alive)):
            self._settling.async_tell(self.async_update_listeners)
        if kind is Kind.HEARTBEAT:
            self._beat(now)

    def _beat(self, now: datetime) -> None:
        """Take in a heartbeat."""
        self.last_heartbeat = now
        for follow in self._followers:
            follow()

    @callback
    def async_follow_heartbeats(self, follow: CALLBACK_TYPE) -> CALLBACK_TYPE:
        """Call somebody at each heartbeat, until the returned function is called; mostly there is nobody."""
        self._followers.append(follow)
        return partial(self._followers.remove, follow)
