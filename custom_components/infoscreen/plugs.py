"""The plugs that screens hang on: off, ten seconds of nothing, on again, come what may."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final, Protocol

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import (
    EVENT_HOMEASSISTANT_STOP,
    STATE_OFF,
    STATE_ON,
    STATE_UNAVAILABLE,
    STATE_UNKNOWN,
)
from homeassistant.core import (
    CALLBACK_TYPE,
    Context,
    Event,
    EventStateChangedData,
    HassJob,
    HomeAssistant,
    callback,
)
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers.dispatcher import async_dispatcher_send
from homeassistant.helpers.event import async_call_later, async_track_state_change_event
from homeassistant.helpers.start import async_at_started
from homeassistant.util.signal_type import SignalType

from .const import (
    DOMAIN,
    PLUG_OFF_TIME,
    PLUG_RETRY,
    PLUG_TRIES,
)
from .coordinator import ScreenCoordinator
from .entries import loaded_fleets
from .errors import failure
from .fleet import Fleet
from .hardware import async_forget_hardware, async_move_hardware, plugs_of
from .issues import async_raise_issue
from .model.recovery import Rung
from .steps import async_tell_step
from .store import FleetStore
from .switching import async_switched, async_told

PLUG_STAYS_OFF: Final = "plug_stays_off"


def issue_id(plug: str) -> str:
    """Return the id of the repair for a plug that could not be turned on again."""
    return f"{PLUG_STAYS_OFF}_{plug}"


class Ended(Protocol):
    """Somebody who wants to hear how a plug that was turned off came on again."""

    def __call__(self, *, worked: bool) -> None:
        """Hear whether it did."""


class Plugs:
    """The plugs of one fleet's screens."""

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry, fleet: Fleet, store: FleetStore) -> None:
        self._hass = hass
        self._entry = entry
        self._fleet = fleet
        self._store = store
        self._plugs: dict[str, str] = {}
        self._cycles: dict[str, Ended | None] = {}  # by plug
        self._timers: dict[str, CALLBACK_TYPE] = {}
        self._told: dict[str, CALLBACK_TYPE] = {}  # plugs that people were told of, and what unfollows them
        self.changed = SignalType[()](f"{DOMAIN}_{entry.entry_id}_plugs")

    def plug_of(self, key: str) -> str | None:
        """Return the plug that a screen hangs on."""
        return self._plugs.get(key)

    @callback
    def async_start(self) -> None:
        """Turn on again what was off when Home Assistant went down; leave nothing off behind."""
        self.async_read()
        for plug in self._store.plugs_off:
            self._cycles[plug] = None
        self._entry.async_on_unload(async_at_started(self._hass, self._resume))
        self._entry.async_on_unload(self._hass.bus.async_listen(EVENT_HOMEASSISTANT_STOP, self._leave))
        self._entry.async_on_unload(self._leave)

    @callback
    def _resume(self, _hass: HomeAssistant) -> None:
        """Turn on what is off, now that the plugs' own integrations are there."""
        for plug in self._store.plugs_off:
            self._on_after(plug, timedelta())

    @callback
    def async_read(self) -> None:
        """Take over the plugs as they are configured now."""
        if (plugs := plugs_of(self._entry)) != self._plugs:
            self._plugs = plugs
            async_dispatcher_send(self._hass, self.changed)

    async def async_move(self, old: str, new: str) -> None:
        """Let a screen hang where the one hung whose place it takes."""
        async_move_hardware(self._hass, self._entry, old, new)
        self.async_read()

    @callback
    def async_forget(self, key: str) -> None:
        """Forget what a screen hung on that is no more."""
        async_forget_hardware(self._hass, self._entry, key)
        self.async_read()

    async def async_cycle(
        self,
        coordinator: ScreenCoordinator,
        *,
        reason: str | None,
        context: Context | None = None,
        then: Ended | None = None,
    ) -> None:
        """Turn a screen's plug off; it is on again by itself, and `then` hears whether that worked.

        Raises if nothing was done: the plug is not there, or feeds a screen that is well.
        """
        plug = self._checked(coordinator)
        self._cycles[plug] = then
        try:
            await self._off(plug, coordinator)
        except BaseException:
            self._cycles[plug] = None
            self._on_after(plug, timedelta())  # whatever went wrong, it is not to stay off
            raise
        async_tell_step(
            self._hass, self._entry, coordinator.screen, Rung.POWER_CYCLE, reason, context=context
        )
        self._on_after(plug, PLUG_OFF_TIME)

    def _checked(self, coordinator: ScreenCoordinator) -> str:
        """Return the plug of a screen if it may be turned off now."""
        screen, plug = coordinator.screen, self._plugs.get(coordinator.screen.key)
        if plug is None:
            raise failure("no_plug", screen=screen.name)
        if plug in self._cycles:
            raise failure("plug_busy", screen=screen.name, plug=plug)
        state = self._hass.states.get(plug)
        if state is None or state.state == STATE_UNAVAILABLE:
            raise failure("plug_unavailable", screen=screen.name, plug=plug)
        for other in self._others(plug, screen.key):
            if other.data.connected is not False and other.data.remedy is None:
                raise failure("plug_shared", screen=screen.name, plug=plug, other=other.screen.name)
        return plug

    def _others(self, plug: str, key: str) -> Iterator[ScreenCoordinator]:
        """Return the other screens that hang on a plug, those of other fleets included."""
        for entry in loaded_fleets(self._hass):
            for other, others_plug in plugs_of(entry).items():
                if others_plug != plug or (entry is self._entry and other == key):
                    continue
                fleet: Fleet = entry.runtime_data.fleet
                if coordinator := fleet.screens.get(other):
                    yield coordinator

    async def _off(self, plug: str, coordinator: ScreenCoordinator) -> None:
        """Turn a plug off and see it off; that it is to be on again is on disk before."""
        self._store.plugs_off.add(plug)
        await self._store.async_save()
        if not await async_switched(self._hass, plug, on=False):
            raise failure("plug_not_off", screen=coordinator.screen.name, plug=plug)

    def _on_after(self, plug: str, wait: timedelta, tries: int = PLUG_TRIES) -> None:
        """Turn a plug on, in a while; nothing sleeps until then."""

        async def turn_on(_now: datetime) -> None:
            await self._on(plug, tries)

        self._timers[plug] = async_call_later(self._hass, wait, HassJob(turn_on, cancel_on_shutdown=True))

    async def _on(self, plug: str, tries: int) -> None:
        """Turn a plug on and see it on; tell a person if it will not."""
        worked = await async_switched(self._hass, plug, on=True)
        if worked:
            self._is_on(plug)
        elif tries > 1:
            self._on_after(plug, PLUG_RETRY, tries - 1)
            return
        else:
            self._tell(plug)
        if then := self._cycles.pop(plug, None):
            then(worked=worked)

    def _is_on(self, plug: str) -> None:
        """Have nothing more to do with a plug."""
        self._store.plugs_off.discard(plug)
        self._store.async_save_soon(0)
        ir.async_delete_issue(self._hass, DOMAIN, issue_id(plug))

    def _tell(self, plug: str) -> None:
        """Ask a person to turn a plug on; once it is, by whomever, nothing is left to do."""
        async_raise_issue(
            self._hass,
            self._entry,
            issue_id(plug),
            translation_key=PLUG_STAYS_OFF,
            translation_placeholders={"plug": plug},
        )
        self._unfollow(plug)
        self._told[plug] = async_track_state_change_event(self._hass, plug, self._changed)

    @callback
    def _changed(self, event: Event[EventStateChangedData]) -> None:
        """See whether a plug that people were told of is on, or can be reached again."""
        plug, before, after = event.data["entity_id"], event.data["old_state"], event.data["new_state"]
        was_away = before is not None and before.state in (STATE_UNAVAILABLE, STATE_UNKNOWN)
        if after is not None and after.state == STATE_ON:
            self._unfollow(plug)
            self._is_on(plug)
        elif after is not None and after.state == STATE_OFF and was_away:
            self._unfollow(plug)
            self._on_after(plug, timedelta())

    def _unfollow(self, plug: str) -> None:
        """Look no longer at a plug that people were told of."""
        if unfollow := self._told.pop(plug, None):
            unfollow()

    @callback
    def _leave(self, _stop: Event | None = None) -> None:
        """Turn on what is off, as nobody would after this; that it was is on disk until it is seen on."""
        for cancel in self._timers.values():
            cancel()
        for plug in list(self._told):
            self._unfollow(plug)
        for plug in self._store.plugs_off:
            self._hass.async_create_task(async_told(self._hass, plug, on=True), f"turn {plug} on again")
