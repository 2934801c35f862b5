"""Spares UPSes in an outage: asks the model what is to be done, has it done, sets a timer."""

import asyncio
from collections.abc import Coroutine
from datetime import datetime
from typing import Any

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.start import async_at_started
from homeassistant.util import dt as dt_util

from .alarm import Alarm
from .model.policy.policy import Policy
from .model.policy.rehearsal import Rehearsed, rehearse
from .model.policy.steps import steps
from .model.policy.world import World
from .model.ups.device import Ups
from .model.ups.mains import Answer, Mains
from .outage_deeds import OutageDeeds
from .outage_news import OutageNews
from .store import FleetStore
from .surroundings import Surroundings


class Outages:
    """What mains failures do to one fleet; what they have done so far is in the store."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry,
        store: FleetStore,
        surroundings: Surroundings,
        deeds: OutageDeeds,
        news: OutageNews,
    ) -> None:
        self._hass = hass
        self._entry = entry
        self._store = store
        self._surroundings = surroundings
        self._deeds = deeds
        self._news = news
        self._alarm = Alarm(hass, entry, "an outage goes on", self._look)
        self._soon: asyncio.Handle | None = None
        self._over = False

    @callback
    def async_take_up(self) -> None:
        """Keep off what was off, before anybody is told otherwise."""
        self._deeds.async_black_out({}, self._store.policy.dark)

    @callback
    def async_start(self) -> None:
        """Follow the UPSes and what they feed."""
        self._surroundings.async_start(self._look_soon)
        world, now = self._surroundings.world(), dt_util.utcnow()
        policy = self._store.policy = self._store.policy.resumed(world, self._surroundings.commands, now)
        self._show(policy, world, now)
        self._entry.async_on_unload(async_at_started(self._hass, self._look_started))
        self._entry.async_on_unload(self._leave)

    @callback
    def _leave(self) -> None:
        """Look no more, whatever happens while others leave."""
        self._over = True
        if self._soon is not None:
            self._soon.cancel()

    @callback
    def async_read(self) -> None:
        """Take over what is configured now."""
        self._surroundings.async_read()
        self._look_soon()

    @callback
    def async_rehearse(self) -> dict[str, list[Rehearsed]]:
        """Tell what an outage of each UPS would do, and do nothing."""
        world, now = self._surroundings.world(), dt_util.utcnow()
        return {ups: [*rehearse(ups, world, now)] for ups in sorted(self._surroundings.feeds.upses)}

    @callback
    def _look_soon(self) -> None:
        """Look once at all that changes in the same moment."""
        if self._soon is None and not self._over:
            self._soon = self._hass.loop.call_soon(self._look_now)

    @callback
    def _look_started(self, _hass: HomeAssistant) -> None:
        self._look_soon()

    @callback
    def _look_now(self) -> None:
        self._soon = None
        self._look(dt_util.utcnow())

    @callback
    def _look(self, now: datetime) -> None:
        """Do what is to be done now; as nearly always, nothing."""
        before = self._store.policy
        policy = self._store.policy = self._heard(before, now)
        if policy.idle and before.idle:
            return
        world = self._surroundings.world()
        policy = policy.look(world, now)
        if down := policy.next_down(world, now):
            policy = policy.downed(down, now)
        if (plugged := policy.next_plug(world, now)) is not None:
            policy = policy.plugged(plugged, world, now)
        self._store.policy = policy
        if policy.as_stored() != before.as_stored():
            self._store.async_save_soon(0)
        self._deeds.async_black_out(before.dark, policy.dark)
        self._news.async_tell(steps(before, policy))
        self._show(policy, world, now)
        if down:
            self._start(self._async_shut_down(down), "shut screens down")
        if plugged is not None:
            self._start(self._async_cycle(plugged), "turn a screen on")

    def _heard(self, policy: Policy, now: datetime) -> Policy:
        """Take in what the UPSes say, or that they say nothing; while all starts, that means nothing."""
        for device_id in self._surroundings.feeds.upses:
            ups, mains = self._surroundings.ups(device_id), policy.mains_of(device_id)
            if ups is not None and ups.fresh:
                policy = policy.with_mains(device_id, _answered(mains, ups))
            elif self._hass.is_running:
                policy = policy.with_mains(device_id, mains.lost(now))
        return policy

    def _show(self, policy: Policy, world: World, now: datetime) -> None:
        """Let everybody know how things stand, and wake for what comes next."""
        self._deeds.async_spare({key for key, seen in world.screens.items() if policy.minds(seen)})
        self._surroundings.async_watch(policy.cases.keys())
        self._news.async_show(policy, now)
        self._alarm.async_set(policy.due(world, now))

    def _start(self, deed: Coroutine[Any, Any, None], name: str) -> None:
        """Have something done that takes a while."""
        self._entry.async_create_background_task(self._hass, deed, name)

    async def _async_shut_down(self, keys: list[str]) -> None:
        """Shut screens down; who could not be told waits for another turn."""
        for key in await self._deeds.async_shut_down(keys):
            self._store.policy = self._store.policy.not_downed(key, dt_util.utcnow())
        self._look_soon()

    async def _async_cycle(self, key: str) -> None:
        """Turn a screen on by its plug."""
        if not await self._deeds.async_cycle(key):
            self._store.policy = self._store.policy.not_plugged(key, dt_util.utcnow())
            self._look_soon()


def _answered(mains: Mains, ups: Ups) -> Mains:
    """Return the mains after the last answer of a UPS; one that was read is not read again."""
    if ups.last_ok is None or ups.last_ok == mains.heard_at:
        return mains
    testing = ups.test_until is not None and ups.last_ok < ups.test_until
    return mains.heard(Answer.of(ups.status, ups.charge, ups.runtime, testing=testing), ups.last_ok)
