"""A connection of our own as our broker: opened, kept, and opened again whenever it is lost."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final, override
import zlib

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import EVENT_HOMEASSISTANT_STOP
from homeassistant.core import CALLBACK_TYPE, Event, HomeAssistant, callback
from homeassistant.exceptions import ConfigEntryAuthFailed, ConfigEntryNotReady
from paho.mqtt.matcher import MQTTMatcher

from ..const import CONF_TOPIC_PREFIX, DOMAIN, LOGGER
from . import Broker, CannotConnectError, Incoming, InvalidAuthError, Listener, NotPublishedError
from .connection import Address, Connection, ConnectionLostError

# A broker that restarts is back in a second or two; one that stays away is not hammered.
_FIRST_PAUSE: Final = 1.0
_LONGEST_PAUSE: Final = 60.0


@dataclass(frozen=True, slots=True)
class _Listening:
    """A topic filter, and who hears what comes on it."""

    topic: str
    qos: int
    listener: Listener


class OwnBroker(Broker):
    """A broker that we connect to ourselves."""

    def __init__(self, hass: HomeAssistant, data: Mapping[str, Any]) -> None:
        self._hass = hass
        self._address = Address.from_data(data)
        self._prefix: str = data[CONF_TOPIC_PREFIX]
        # Set while it is up and hears everything that it should.
        self._connection: Connection | None = None
        self._pause = _FIRST_PAUSE
        self._watchers: list[Callable[[bool], None]] = []
        self._listenings: list[_Listening] = []
        self._heard_by = MQTTMatcher()
        self._somebody_listens = asyncio.Event()
        self._staying: asyncio.Task[None] | None = None

    @property
    @override
    def connected(self) -> bool:
        return self._connection is not None

    def _name(self, entry: ConfigEntry) -> str:
        """Return who we are to the broker.

        Another prefix makes another session, else the old one's subscriptions would stay in it.
        """
        return f"infoscreen-{entry.entry_id}-{zlib.crc32(self._prefix.encode()):08x}"

    async def _open(self, entry: ConfigEntry) -> Connection:
        """Connect, in the session that the broker keeps for us while we restart."""
        return await Connection.async_open(self._hass, self._address, name=self._name(entry), keep=True)

    @override
    async def async_start(self, entry: ConfigEntry) -> None:
        place = f"{self._address.host}:{self._address.port}"
        try:
            connection = await self._open(entry)
        except InvalidAuthError as err:
            raise ConfigEntryAuthFailed(
                translation_domain=DOMAIN,
                translation_key="broker_refuses_login",
                translation_placeholders={"broker": place},
            ) from err
        except CannotConnectError as err:
            raise ConfigEntryNotReady(
                translation_domain=DOMAIN,
                translation_key="broker_not_reached",
                translation_placeholders={"broker": place, "error": str(err)},
            ) from err
        task = self._staying = entry.async_create_background_task(
            self._hass, self._stay(entry, connection), f"connection to {place}"
        )

        async def leave(_event: Event) -> None:
            """Leave what comes from now on to the session: it would be taken in, and not stored any more."""
            task.cancel()
            await asyncio.wait([task])

        entry.async_on_unload(self._hass.bus.async_listen_once(EVENT_HOMEASSISTANT_STOP, leave))

    async def _stay(self, entry: ConfigEntry, connection: Connection) -> None:
        """Live with a connection, and with the next one when it is lost."""
        while True:
            began = self._hass.loop.time()
            try:
                await self._live(connection)
            except ConnectionLostError as err:
                LOGGER.debug("The connection to %s was lost: %s", self._address.host, err)
                self._tell(None)
            finally:
                self._connection = None
                await connection.async_close()
            # Not at once: two that throw each other out would connect a thousand times a second.
            if self._hass.loop.time() - began > _LONGEST_PAUSE:
                self._pause = _FIRST_PAUSE
            connection = await self._return(entry)

    async def _live(self, connection: Connection) -> None:
        """Subscribe, and hand on what comes.

        The broker delivers what it kept for us as soon as we connect, so nothing is taken in until
        somebody listens.
        """
        await self._somebody_listens.wait()
        await self._subscribe(connection, {each.topic: each.qos for each in self._listenings})
        self._tell(connection)
        async for incoming in connection.async_messages():
            self._hand_on(incoming)

    async def _return(self, entry: ConfigEntry) -> Connection:
        """Connect again, however long it takes."""
        while True:
            await asyncio.sleep(self._pause)
            self._pause = min(2 * self._pause, _LONGEST_PAUSE)
            try:
                return await self._open(entry)
            except InvalidAuthError:
                # It is tried on: it may be the broker's own list of users that is not there yet.
                entry.async_start_reauth(self._hass)
            except CannotConnectError as err:
                LOGGER.debug("%s is not reached: %s", self._address.host, err)

    async def _subscribe(self, connection: Connection, filters: Mapping[str, int]) -> None:
        """Ask for topics; a broker that has changed its mind about some is told of, and kept."""
        if refused := await connection.async_subscribe(filters):
            LOGGER.warning("%s does not let us listen to %s", self._address.host, ", ".join(refused))

    def _tell(self, connection: Connection | None) -> None:
        """Tell the watchers that the connection is up or down, if that is new."""
        known, self._connection = self.connected, connection
        if known is not self.connected:
            for watcher in list(self._watchers):
                watcher(self.connected)

    def _hand_on(self, incoming: Incoming) -> None:
        """Bring a message to those who listen; a fault in one of them is no reason to hear no more."""
        for listeners in self._heard_by.iter_match(incoming.topic):
            for listener in listeners:
                try:
                    listener(incoming)
                except Exception:
                    LOGGER.exception("A message on %s could not be handled", incoming.topic)

    @override
    async def async_try(self, filters: Mapping[str, int]) -> None:
        connection = await Connection.async_try(self._hass, self._address)
        try:
            if refused := await connection.async_subscribe(filters):
                raise CannotConnectError(", ".join(refused))
        except ConnectionLostError as err:
            raise CannotConnectError(str(err)) from err
        finally:
            await connection.async_close()

    @override
    @asynccontextmanager
    async def visit(self, entry: ConfigEntry) -> AsyncIterator[None]:
        # Under our usual name, but without keeping the session: it ends with this visit.
        connection = await Connection.async_open(self._hass, self._address, name=self._name(entry))
        self._connection = connection
        try:
            yield
        finally:
            self._connection = None
            await connection.async_close()

    @override
    async def async_listen(self, topic: str, qos: int, listener: Listener) -> CALLBACK_TYPE:
        listening = _Listening(topic, qos, listener)
        self._listenings.append(listening)
        self._sort()

        @callback
        def unlisten() -> None:
            """Hear no more; the broker's session stays as it is, for a reload must miss nothing.

            With the last listener the connection is left, or what comes would be taken in for nobody.
            """
            self._listenings.remove(listening)
            self._sort()
            if not self._listenings and self._staying is not None:
                self._staying.cancel()

        # At the start this does not wait: all that one caller listens to is there before anything is heard.
        self._somebody_listens.set()
        if self._connection is not None:
            await self._subscribe(self._connection, {topic: qos})
        return unlisten

    def _sort(self) -> None:
        """Sort the listeners by topic filter."""
        self._heard_by = MQTTMatcher()
        for topic in {each.topic for each in self._listenings}:
            self._heard_by[topic] = [each.listener for each in self._listenings if each.topic == topic]

    @override
    @callback
    def async_watch(self, watcher: Callable[[bool], None]) -> CALLBACK_TYPE:
        self._watchers.append(watcher)
        return lambda: self._watchers.remove(watcher)

    @override
    async def async_publish(
        self, topic: str, payload: bytes, *, retain: bool = False, expiry: int | None = None
    ) -> None:
        # Nothing is handed to a client that is not connected: it would deliver it at some later time.
        if self._connection is None:
            raise NotPublishedError
        await self._connection.async_publish(topic, payload, retain=retain, expiry=expiry)
