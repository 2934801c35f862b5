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
        try:
            return mqtt.is_connected(self._hass)
        except KeyError:  # the integration is not set up
            return False

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
        answered = asyncio.Event()
        unsubscribe = await mqtt.async_subscribe(self._hass, topic, _ignore, qos, encoding=None)
        unwatch = mqtt.async_on_subscribe_done(self._hass, topic, qos, answered.set)
        try:
            await answered.wait()
        finally:
            unwatch()
            unsubscribe()

    @override
    @asynccontextmanager
    async def visit(self, entry: ConfigEntry) -> AsyncIterator[None]:
        yield  # the connection is there whether or not a fleet runs

    @override
    async def async_listen(self, topic: str, qos: int, listener: Listener) -> CALLBACK_TYPE:
        @callback
        def heard(message: mqtt.ReceiveMessage) -> None:
            payload: Any = message.payload  # bytes: no encoding was asked for
            listener(Incoming(message.topic, payload, message.retain))

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
