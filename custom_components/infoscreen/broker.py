"""The one door to MQTT: what the rest needs of a broker, and Home Assistant's own connection as one."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol, cast, override

from homeassistant.components import mqtt
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError

from .const import PUBLISH_TIMEOUT, TRY_TIMEOUT


@dataclass(frozen=True, kw_only=True, slots=True)
class Incoming:
    """One message as it came."""

    topic: str
    payload: bytes
    retained: bool


type Listener = Callable[[Incoming], None]


class NotPublishedError(Exception):
    """The broker did not take a message, or nobody knows."""


class CannotConnectError(Exception):
    """The broker is not there, or does not let us listen."""


class Broker(Protocol):
    """A connection to a broker; every transport behaves like this."""

    @property
    def connected(self) -> bool:
        """Tell whether the connection is up."""

    async def async_ready(self) -> bool:
        """Wait until the transport can be used; it need not be connected yet."""

    async def async_try(self, filters: Mapping[str, int]) -> None:
        """Raise CannotConnectError unless connected and granted every topic filter (with its QoS)."""

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


class HassBroker(Broker):
    """The connection of Home Assistant's MQTT integration."""

    def __init__(self, hass: HomeAssistant) -> None:
        self._hass = hass

    @property
    @override
    def connected(self) -> bool:
        try:
            return mqtt.is_connected(self._hass)
        except KeyError:  # the integration is not set up
            return False

    @override
    async def async_ready(self) -> bool:
        return await mqtt.async_wait_for_mqtt_client(self._hass)

    @override
    async def async_try(self, filters: Mapping[str, int]) -> None:
        if not await self.async_ready() or not self.connected:
            raise CannotConnectError
        try:
            async with asyncio.timeout(TRY_TIMEOUT.total_seconds()):
                await asyncio.gather(*(self._granted(topic, qos) for topic, qos in filters.items()))
        except (TimeoutError, HomeAssistantError) as err:
            raise CannotConnectError from err

    async def _granted(self, topic: str, qos: int) -> None:
        """Subscribe, wait for the broker's answer, and unsubscribe."""
        answered = asyncio.Event()
        unsubscribe = await mqtt.async_subscribe(self._hass, topic, _ignore, qos, encoding=None)
        unwatch = mqtt.async_on_subscribe_done(self._hass, topic, qos, answered.set)
        try:
            await answered.wait()
        finally:
            unwatch()
            unsubscribe()

    @override
    async def async_listen(self, topic: str, qos: int, listener: Listener) -> CALLBACK_TYPE:
        @callback
        def heard(message: mqtt.ReceiveMessage) -> None:
            payload = cast("bytes", message.payload)  # no encoding was asked for
            listener(Incoming(topic=message.topic, payload=payload, retained=message.retain))

        return await mqtt.async_subscribe(self._hass, topic, heard, qos, encoding=None)

    @override
    @callback
    def async_watch(self, watcher: Callable[[bool], None]) -> CALLBACK_TYPE:
        return mqtt.async_subscribe_connection_status(self._hass, watcher)

    @override
    async def async_publish(
        self, topic: str, payload: bytes, *, retain: bool = False, expiry: int | None = None
    ) -> None:
        # Paho would keep a message and deliver it after the reconnect, an hour-old reboot among them.
        if not self.connected:
            raise NotPublishedError
        try:
            async with asyncio.timeout(PUBLISH_TIMEOUT.total_seconds()):
                await self._publish(topic, payload, retain=retain, expiry=expiry)
        except (TimeoutError, HomeAssistantError) as err:
            raise NotPublishedError from err

    async def _publish(self, topic: str, payload: bytes, *, retain: bool, expiry: int | None) -> None:
        """Publish; a protocol older than MQTT 5 refuses an expiry beforehand, and goes without."""
        try:
            await mqtt.async_publish(self._hass, topic, payload, 1, retain, message_expiry_interval=expiry)
        except ServiceValidationError:
            await mqtt.async_publish(self._hass, topic, payload, 1, retain)


@callback
def _ignore(_message: mqtt.ReceiveMessage) -> None:
    """Hear nothing: a trial is about the broker's answer alone."""
