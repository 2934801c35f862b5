"""One connection of our own, from its opening to its end; when to open another is decided elsewhere."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
import math
import ssl
from typing import Any, Final, Self, cast

import aiomqtt
from homeassistant.const import CONF_HOST, CONF_PASSWORD, CONF_PORT, CONF_USERNAME
from homeassistant.core import HomeAssistant
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode
from paho.mqtt.subscribeoptions import SubscribeOptions

from ..const import CONF_TLS, PUBLISH_AT_ONCE, PUBLISH_TIMEOUT, TRY_TIMEOUT
from . import CannotConnectError, Incoming, InvalidAuthError, NotPublishedError, TlsFailedError
from .tls import Trust, async_shake_hands

# A broker misses us after one and a half times that.
_KEEPALIVE: Final = 60
# Long enough for Home Assistant to restart: what screens acknowledge meanwhile waits at the broker.
_SESSION_SECONDS: Final = 300
# A thousand screens' messages of a minute; it is emptied at each turn, so only a standstill fills it.
_INBOX: Final = 10_000
# MQTT 5: bad user name or password, not authorized.
_UNKNOWN_LOGIN: Final = (134, 135)


class ConnectionLostError(Exception):
    """The connection has ended without our doing."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Address:
    """Where a broker is, and who we are to it."""

    host: str
    port: int
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    trust: Trust | None = None

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Self:
        """Read an entry's data."""
        return cls(
            host=data[CONF_HOST],
            port=data[CONF_PORT],
            username=data.get(CONF_USERNAME) or None,
            password=data.get(CONF_PASSWORD) or None,
            trust=Trust.from_data(data) if data.get(CONF_TLS) else None,
        )


class Connection:
    """A connection that is up, until it is lost or closed."""

    def __init__(self, client: aiomqtt.Client, inbox: asyncio.Queue[aiomqtt.Message]) -> None:
        self._client = client
        self._inbox = inbox
        self._unconfirmed: set[asyncio.Timeout] = set()

    @classmethod
    async def async_open(
        cls, hass: HomeAssistant, address: Address, *, name: str | None = None, keep: bool = False
    ) -> Self:
        """Connect, under a name or none; the broker keeps the session for a while only if told to.

        Raise CannotConnectError, InvalidAuthError or TlsFailedError.
        """
        properties = Properties(PacketTypes.CONNECT)
        if keep:
            properties.SessionExpiryInterval = _SESSION_SECONDS
        inbox = asyncio.Queue[aiomqtt.Message](_INBOX)
        try:
            context = await hass.async_add_executor_job(address.trust.context) if address.trust else None
            client = aiomqtt.Client(
                address.host,
                address.port,
                username=address.username,
                password=address.password,
                identifier=name,
                protocol=aiomqtt.ProtocolVersion.V5,
                queue_type=cast("type[asyncio.Queue[aiomqtt.Message]]", lambda **_: inbox),
                timeout=TRY_TIMEOUT.total_seconds(),
                keepalive=_KEEPALIVE,
                clean_start=not keep,
                properties=properties,
                tls_context=context,
                # Only when true: paho would check host names itself otherwise, with what Python has no more.
                tls_insecure=True if address.trust and address.trust.insecure else None,
            )
            client.pending_calls_threshold = PUBLISH_AT_ONCE
            await _enter(hass, client)
        except (aiomqtt.MqttError, OSError, ValueError) as err:
            raise _as_ours(err) from err
        return cls(client, inbox)

    @classmethod
    async def async_try(cls, hass: HomeAssistant, address: Address) -> Self:
        """Connect to see whether it can be done."""
        if address.trust is not None:
            # A broker that does not trust us says so only after we think that we are connected.
            try:
                context = await hass.async_add_executor_job(address.trust.context)
                await async_shake_hands(address.host, address.port, context)
            except (OSError, ValueError) as err:
                raise _as_ours(err) from err
        return await cls.async_open(hass, address)

    async def async_close(self) -> None:
        """Take leave of the broker, as far as it is still there; what it has not confirmed it never will."""
        try:
            with suppress(aiomqtt.MqttError):
                await self._client.__aexit__(None, None, None)
                while not self._inbox.empty():
                    self._inbox.get_nowait()
                # An end that nobody asked about would be logged as an error; messages tell of it.
                await anext(self._client.messages)
        finally:
            for patience in self._unconfirmed:
                if not patience.expired():
                    patience.reschedule(asyncio.get_running_loop().time())

    async def async_subscribe(self, filters: Mapping[str, int]) -> list[str]:
        """Subscribe to topic filters (with their QoS), and return those that the broker refuses."""
        wanted = [(topic, SubscribeOptions(qos=qos)) for topic, qos in filters.items()]
        try:
            answers = await self._client.subscribe(wanted)
        except aiomqtt.MqttError as err:
            raise ConnectionLostError(str(err)) from err
        return [
            topic
            for topic, answer in zip(filters, answers, strict=True)
            if isinstance(answer, ReasonCode) and answer.is_failure
        ]

    async def async_publish(self, topic: str, payload: bytes, *, retain: bool, expiry: int | None) -> None:
        """Publish with QoS 1 and wait for the broker, as long as that makes sense."""
        properties = Properties(PacketTypes.PUBLISH)
        if expiry is not None:
            properties.MessageExpiryInterval = expiry
        patience = asyncio.timeout(PUBLISH_TIMEOUT.total_seconds())
        try:
            async with patience:
                self._unconfirmed.add(patience)
                await self._client.publish(topic, payload, 1, retain, properties, timeout=math.inf)
        except (aiomqtt.MqttError, TimeoutError, ValueError) as err:
            raise NotPublishedError from err
        finally:
            self._unconfirmed.discard(patience)

    async def async_messages(self) -> AsyncIterator[Incoming]:
        """Go through what comes, until the connection is lost."""
        try:
            async for message in self._client.messages:
                yield _as_incoming(message)
                # aiomqtt takes two turns of the event loop for a message, and one to receive the next.
                while not self._inbox.empty():
                    yield _as_incoming(self._inbox.get_nowait())
        except aiomqtt.MqttError as err:
            raise ConnectionLostError(str(err)) from err


async def _enter(hass: HomeAssistant, client: aiomqtt.Client) -> None:
    """Connect, in a thread that cannot be stopped: what it opens after we are gone is closed at once."""
    opening = hass.async_create_background_task(client.__aenter__(), "connect to a broker")
    try:
        await asyncio.shield(opening)
    except asyncio.CancelledError:
        hass.async_create_background_task(_abandon(client, opening), "leave a broker")
        raise


async def _abandon(client: aiomqtt.Client, opening: asyncio.Task[aiomqtt.Client]) -> None:
    """Close what is still being opened."""
    with suppress(aiomqtt.MqttError, OSError, ValueError):
        await opening
        await client.__aexit__(None, None, None)


def _as_ours(err: Exception) -> CannotConnectError:
    """Return what an error means to us."""
    if isinstance(err, aiomqtt.MqttCodeError) and isinstance(err.rc, ReasonCode):
        known = err.rc.value not in _UNKNOWN_LOGIN
        return CannotConnectError(str(err)) if known else InvalidAuthError(str(err))
    # aiomqtt raises "from None", so the cause is found in the context alone.
    if isinstance(err, ssl.SSLError) or isinstance(err.__context__, ssl.SSLError):
        return TlsFailedError(str(err))
    return CannotConnectError(str(err))


def _as_incoming(message: aiomqtt.Message) -> Incoming:
    return Incoming(message.topic.value, message.payload, message.retain)
