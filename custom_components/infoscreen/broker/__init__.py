"""The one door to MQTT: what the rest needs of a broker, whoever keeps the connection to it."""

from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from typing import NamedTuple, Protocol

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import CALLBACK_TYPE, callback


class Incoming(NamedTuple):
    """One message as it came; made for each, and so of the kind that costs least."""

    topic: str
    payload: bytes
    retained: bool


type Listener = Callable[[Incoming], None]


class NotPublishedError(Exception):
    """The broker did not take a message, or nobody knows."""


class CannotConnectError(Exception):
    """The broker is not there, or does not let us listen."""


class InvalidAuthError(CannotConnectError):
    """The broker does not know these credentials."""


class TlsFailedError(CannotConnectError):
    """The broker is there, but one side does not trust the other."""


class Broker(Protocol):
    """A connection to a broker; every transport behaves like this."""

    @property
    def connected(self) -> bool:
        """Tell whether the connection is up."""

    async def async_start(self, entry: ConfigEntry) -> None:
        """Make the connection usable until the entry is unloaded; it may come up a little later.

        Raise ConfigEntryNotReady or ConfigEntryAuthFailed where that cannot be hoped for.
        """

    async def async_try(self, filters: Mapping[str, int]) -> None:
        """Raise CannotConnectError unless connected and granted every topic filter (with its QoS)."""

    def visit(self, entry: ConfigEntry) -> AbstractAsyncContextManager[None]:
        """Be connected for a moment for the sake of an entry that does not run; raise CannotConnectError."""

    async def async_listen(self, topic: str, qos: int, listener: Listener) -> CALLBACK_TYPE:
        """Call the listener with every message on a topic filter, until the returned function is called."""

    @callback
    def async_watch(self, watcher: Callable[[bool], None]) -> CALLBACK_TYPE:
        """Call the watcher whenever the connection comes up or goes down."""

    async def async_publish(
        self, topic: str, payload: bytes, *, retain: bool = False, expiry: int | None = None
    ) -> None:
        """Publish with QoS 1 and wait for the broker; raise NotPublishedError rather than queue.

        `expiry` in seconds: where the protocol can, the broker forgets an undelivered message then.
        """
