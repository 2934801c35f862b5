"""What must stand on the broker: our retained topics, published when they change and after every connect."""

import asyncio
from collections.abc import Callable, Iterable, Iterator
from itertools import batched
from typing import Final

from homeassistant.config_entries import ConfigEntry, ConfigEntryState
from homeassistant.core import HomeAssistant, callback

from .broker import Broker, NotPublishedError
from .const import LOGGER, PUBLISH_AT_ONCE
from .store import FleetStore

# Unloading waits for what is being published.
_RUNS: Final = (
    ConfigEntryState.SETUP_IN_PROGRESS,
    ConfigEntryState.LOADED,
    ConfigEntryState.UNLOAD_IN_PROGRESS,
)

type Payload = bytes | Callable[[], bytes]
"""What stands on a topic; or who says so at the moment of publishing, for what would grow old."""


class Retained:
    """Remembers the payload of each retained topic; an empty one takes the topic off the broker.

    While the broker is away nothing is queued: what changed meanwhile is published fresh at the next
    connect, together with all the rest.
    """

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry, broker: Broker, store: FleetStore) -> None:
        self._hass = hass
        self._entry = entry
        self._broker = broker
        self._store = store
        self._payloads: dict[str, Payload] = dict.fromkeys(store.emptying, b"")
        self._begun = self._over = False
        self._unfollow = entry.async_on_state_change(self._follow_entry)

    def __iter__(self) -> Iterator[str]:
        """Go through the topics that have something on them."""
        return iter([topic for topic, payload in self._payloads.items() if payload])

    @callback
    def _follow_entry(self) -> None:
        """Publish no more changes once the fleet is unloaded: another may have taken it up."""
        if self._entry.state not in _RUNS and not self._over:
            self._over, self._begun = True, False
            self._hass.loop.call_soon(self._unfollow)  # the entry is going through those who follow

    @callback
    def async_hold(self, topic: str, payload: Payload) -> asyncio.Task[None] | None:
        """Let a payload stand on a topic from now on; return what publishes it, if that can be done now."""
        self._payloads[topic] = payload
        self._store.emptying.discard(topic)
        if self._begun and self._broker.connected:
            return self._entry.async_create_task(self._hass, self.async_publish(topic), f"publish {topic}")
        return None

    async def async_publish(self, topic: str) -> None:
        """Publish what stands on a topic."""
        if (payload := self._payloads.get(topic)) is None:
            return  # it was taken off meanwhile
        try:
            said = payload() if callable(payload) else payload
        except Exception:  # a fault with one keeps nothing else from being published
            LOGGER.exception("What is to stand on %s could not be written", topic)
            return
        try:
            await self._broker.async_publish(topic, said, retain=True)
        except NotPublishedError:
            LOGGER.debug("%s was not published; it will be at the next connect", topic)
            return
        if topic in self._store.emptying:
            self._store.emptying.remove(topic)
            self._payloads.pop(topic, None)
            self._store.async_save_soon()

    async def async_publish_all(self) -> None:
        """Publish everything, after a start or a reconnect; from here on each change by itself."""
        self._begun = True
        await self._publish_side_by_side(list(self._payloads))

    @callback
    def async_let_go(self, topics: Iterable[str]) -> list[str]:
        """Let nothing stand on topics any more; whoever says so has them emptied a moment later."""
        emptied = list(topics)
        self._payloads |= dict.fromkeys(emptied, b"")
        self._store.emptying.update(emptied)
        return emptied

    async def async_empty(self, topics: Iterable[str]) -> None:
        """Take topics off the broker for good; the wish is on disk before it is tried."""
        emptied = self.async_let_go(topics)
        await self._store.async_save()
        await self._publish_side_by_side(emptied)

    async def _publish_side_by_side(self, topics: list[str]) -> None:
        for batch in batched(topics, PUBLISH_AT_ONCE, strict=False):
            await asyncio.gather(*(self.async_publish(topic) for topic in batch))
