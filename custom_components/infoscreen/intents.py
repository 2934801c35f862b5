"""Lets power intents stand on the broker: told when there is news, and again before their time runs out."""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from functools import partial
from uuid import uuid4

from homeassistant.config_entries import ConfigEntry
from homeassistant.util import dt as dt_util

from .fleet import Fleet
from .model.intents import follow, intent_payload
from .model.power import Power, Target
from .model.wire import as_json
from .pacing import configured_pace
from .retained import Retained
from .store import FleetStore


class Intents:
    """The intents of one fleet; they are written when they are published, so none is old."""

    def __init__(
        self,
        entry: ConfigEntry,
        retained: Retained,
        fleet: Fleet,
        store: FleetStore,
        power_of: Callable[[Target, datetime], Power],
    ) -> None:
        self._entry = entry
        self._retained = retained
        self._fleet = fleet
        self._store = store
        self._power_of = power_of
        self._pace = configured_pace(entry.options)
        self._told_at: dict[Target, datetime] = {}  # of those that are told
        self._told_on: dict[Target, str] = {}
        self._issued_at: dict[Target, datetime] = {}

    def __iter__(self) -> Iterator[Target]:
        """Go through those whose intent is on the broker."""
        return iter(list(self._store.power_intents))

    def begin_anew(self) -> None:
        """Take over the options as they are now, and tell everybody once more."""
        self._pace = configured_pace(self._entry.options)
        self._told_at = {}

    def follow(self, target: Target, power: Power, before: Power | None, now: datetime) -> None:
        """Take in what TVs should be, and tell them if that is news."""
        standing = self._store.power_intents.get(target)
        transition = follow(standing, power, str(uuid4()))
        if transition is not standing:
            self._store.power_intents[target] = transition
            self._store.async_save_soon()
        known = target in self._told_at and self._told_on[target] == self._topic(target)
        if not known or self._pace.is_news(power, before):
            self.tell(target, now)

    def tell(self, target: Target, now: datetime) -> None:
        """Let an intent stand on the broker, or again."""
        topic = self._told_on[target] = self._topic(target)
        self._told_at[target] = now
        self._retained.async_hold(topic, partial(self._payload, target))

    def is_due(self, target: Target, now: datetime) -> bool:
        """Tell whether one that is told is to be told again."""
        told_at = self._told_at.get(target)
        return told_at is not None and self._pace.due_at(told_at, None) <= now

    def due_at(self, target: Target, next_change: datetime | None) -> datetime | None:
        """Return when to look at one again: when it changes, or is to be told again."""
        told_at = self._told_at.get(target)
        return self._pace.due_at(told_at, next_change) if told_at else next_change

    def drop(self, targets: Iterable[Target]) -> list[str]:
        """Tell some no more; return what is to be taken off the broker."""
        dropped = [target for target in targets if self._store.power_intents.pop(target, None)]
        for target in dropped:
            self._told_at.pop(target, None)
        return [self._topic(target) for target in dropped if self._is_known(target)]

    def _is_known(self, target: Target) -> bool:
        """Tell whether there is a topic; that of a screen that is no more is emptied with its others."""
        return isinstance(target, int) or target in self._fleet.screens

    def _uuid(self, key: str) -> str:
        """Return a screen's UUID as the screen spells it."""
        return self._fleet.screens[key].screen.uuid

    def _topic(self, target: Target) -> str:
        """Return where an intent stands."""
        topics = self._fleet.topics
        if isinstance(target, int):
            return topics.power_intent(target)
        return topics.own_power_intent(self._uuid(target))

    def _payload(self, target: Target) -> bytes:
        """Write an intent as of now; one clock set back does not make it older than the last."""
        now = dt_util.utcnow()
        power = self._power_of(target, now)
        issued_at = self._issued_at[target] = max(now, self._issued_at.get(target, now))
        whose = {"group_id": target} if isinstance(target, int) else {"client_uuid": self._uuid(target)}
        transition = self._store.power_intents[target]
        return as_json(intent_payload(whose, transition, power, issued_at, self._pace))
