"""Home Assistant's own connection as our broker."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any, override

from homeassistant.components import mqtt
from homeassistant.config_entries import ConfigEntry
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.exceptions import ConfigEntryNotReady, HomeAssistantError, ServiceValidationError

from ..const import DOMAIN, PUBLISH_TIMEOUT, TRY_TIMEOUT
from . import Broker, CannotConnectError, Incoming, Listener, NotPublishedError


class HassBroker(Broker):
    """The connection of Home Assistant's MQTT integration."""

    def __init__(self, hass: HomeAssistant) -> None:
        self._hass = hass

    @property
    @override
    def connected(self) -> bool:
        return _connected(self._hass)

    @override
    async def async_start(self, entry: ConfigEntry) -> None:
        if not await mqtt.async_wait_for_mqtt_client(self._hass):
            raise ConfigEntryNotReady(translation_domain=DOMAIN, translation_key="mqtt_not_ready")

    @override
    async def async_try(self, filters: Mapping[str, int]) -> None:
        if not await mqtt.async_wait_for_mqtt_client(self._hass) or not self.connected:
            raise CannotConnectError
        try:
            async with asyncio.timeout(TRY_TIMEOUT.total_seconds()):
                await asyncio.gather(*(self._granted(topic, qos) for topic, qos in filters.items()))
        except (TimeoutError, HomeAssistantError) as err:
            raise CannotConnectError from err

    async def _granted(self, topic: str, qos: int) -> None:
        """Subscribe, wait for the broker's answer, and unsubscribe."""
        subscription = _Subscription(self._hass, topic, lambda _message: None)
        await subscription.async_start(qos)
        try:
            await subscription.answered.wait()
        finally:
            subscription.async_stop()

    @override
    @asynccontextmanager
    async def visit(self, entry: ConfigEntry) -> AsyncIterator[None]:
        yield  # the connection is there whether or not a fleet runs

    @override
    async def async_listen(self, topic: str, qos: int, listener: Listener) -> CALLBACK_TYPE:
        subscription = _Subscription(self._hass, topic, listener)
        await subscription.async_start(qos)
        return subscription.async_stop

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


class _Subscription:
    """A topic filter on Home Assistant's connection, given up only when the broker has answered for it.

    Home Assistant asks the broker for one filter after another, and looks each up once more when it is
    its turn. One that is gone by then breaks off the round: what anybody else wanted in it is never heard.
    Whatever Home Assistant keeps of it, over a reload of its MQTT for one, is deaf once this is stopped.
    """

    def __init__(self, hass: HomeAssistant, topic: str, listener: Listener) -> None:
        self.answered = asyncio.Event()
        self._hass = hass
        self._topic = topic
        self._listener: Listener | None = listener
        self._undo: list[CALLBACK_TYPE] = []

    async def async_start(self, qos: int) -> None:
        """Listen until stopped."""
        hass, topic = self._hass, self._topic
        self._undo = [
            await mqtt.async_subscribe(hass, topic, self._heard, qos, encoding=None),
            mqtt.async_subscribe_connection_status(hass, self._connection_changed),
            # The answer is told for the highest QoS that anybody wants of the filter.
            *(mqtt.async_on_subscribe_done(hass, topic, wanted, self._answer) for wanted in range(3)),
        ]

    @callback
    def async_stop(self) -> None:
        """Hear nothing more, and unsubscribe as soon as that harms nobody."""
        self._listener = None
        self._leave()

    @callback
    def _heard(self, message: mqtt.ReceiveMessage) -> None:
        if self._listener is not None:
            payload: Any = message.payload  # bytes: no encoding was asked for
            self._listener(Incoming(message.topic, payload, message.retain))

    @callback
    def _answer(self) -> None:
        self.answered.set()
        self._leave()

    @callback
    def _connection_changed(self, _: object) -> None:
        if not _connected(self._hass):
            self.answered.clear()  # all is asked for anew after the next connect
            self._leave()

    def _leave(self) -> None:
        """Unsubscribe if this is over, and the broker has answered or never will."""
        if self._listener is None and (self.answered.is_set() or not _connected(self._hass)):
            undo, self._undo = self._undo, []
            for each in undo:
                each()


def _connected(hass: HomeAssistant) -> bool:
    try:
        return mqtt.is_connected(hass)
    except KeyError:  # the integration is not set up
        return False
