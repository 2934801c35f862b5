"""The connection round a screen: it carries messages both ways, and wakes the screen when it asks for it."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager, suppress
from dataclasses import KW_ONLY, asdict, dataclass, field
from datetime import UTC, datetime
from functools import partial
import json
import logging
from pathlib import Path
from socket import IPPROTO_TCP, TCP_NODELAY
from typing import Any, Self, assert_never

from aiomqtt import Client, MqttError

from .effects import Disconnect, Effect, Publish, Subscribe, Unsubscribe
from .screen import Screen
from .state import Fault, Identity, Memory, Pace, State
from .wire import LogLevel

_LOGGER = logging.getLogger(__name__)


class _HungUp(Exception):
    """The screen wants no connection any more."""


@dataclass(eq=False)
class SimulatedScreen:
    """Run a screen against a broker, from entering the context to leaving it."""

    identity: Identity
    _: KW_ONLY
    host: str = "127.0.0.1"
    port: int = 1883
    prefix: str = "infoscreen"
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    speed: float = 1
    pace: Pace = field(default_factory=Pace)
    state_dir: Path | None = None
    clock: Callable[[], datetime] = field(default=partial(datetime.now, UTC), repr=False)

    def __post_init__(self) -> None:
        """Prepare the screen, with what a former life of it wrote down."""
        self._pace = self.pace.times(self.speed)
        self._memory = self._recall()
        self._screen = Screen(self.identity, prefix=self.prefix, pace=self._pace, memory=self._memory)
        self._outbox: asyncio.Queue[Effect] = asyncio.Queue()
        self._reachable = asyncio.Event()
        self._changed = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._alarm: asyncio.TimerHandle | None = None

    async def __aenter__(self) -> Self:
        """Start."""
        self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        """Stop."""
        await self.stop()

    @property
    def state(self) -> State:
        """Return all the screen knows and is."""
        return self._screen.state

    @property
    def executed(self) -> list[str]:
        """Return the ids of the commands really executed, in their order."""
        return list(self.state.executed)

    @property
    def shown(self) -> list[int]:
        """Return the ids of the events shown, in their order."""
        return list(self.state.shown)

    @property
    def turns(self) -> list[tuple[datetime, bool]]:
        """Return when the TV was turned on and off, in that order."""
        return list(self.state.turns)

    @property
    def complaints(self) -> list[str]:
        """Return what came to the screen that is not as the contract has it."""
        return list(self._screen.complaints)

    def start(self) -> None:
        """Switch the screen on; it connects by itself, whenever a broker is there."""
        self._follow([])
        self._task = asyncio.create_task(self._run(), name=f"screen {self.identity.hostname}")

    async def stop(self) -> None:
        """End the connection and everything that was to come."""
        if self._task:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
        if self._alarm:
            self._alarm.cancel()

    async def until(self, holds: Callable[[State], object]) -> State:
        """Wait until the screen's state is as wished."""
        while not holds(self.state):
            await self._changed.wait()
        return self.state

    def fault(self, fault: Fault) -> None:
        """Go wrong in some way, until cleared."""
        self._follow(self._screen.fault(fault))

    def clear(self, *faults: Fault) -> None:
        """Be rid of these faults, or of all when none is named."""
        self._screen.clear(*faults)
        self._follow([])

    def log(self, level: str, message: str, context: Any = None) -> None:
        """Say a line of the log."""
        self._follow(self._screen.log(LogLevel(level), message, context, self.clock()))

    def fail_service(self, unit: str) -> None:
        """Report a service that systemd gave up."""
        self._follow(self._screen.fail_service(unit, self.clock()))

    def power_on(self) -> None:
        """Start a computer that is down: after a shutdown, a reboot that never returned, a power cut."""
        self._screen.power_on(self.clock())
        self._follow([])

    def power_off(self) -> None:
        """Pull the plug."""
        self._follow(self._screen.power_off())

    def _follow(self, effects: Iterable[Effect]) -> None:
        """Queue what the screen wants done, and do what its new state asks for."""
        state = self.state
        if state.memory != self._memory:  # before any ack leaves: what ran must never run again
            self._memory = state.memory
            self._remember()
        for effect in effects:
            self._outbox.put_nowait(effect)
        if state.reachable:
            self._reachable.set()
        else:
            self._reachable.clear()
        if self._alarm:
            self._alarm.cancel()
        if moment := self._screen.next_change:
            wait = (moment - self.clock()).total_seconds()
            self._alarm = asyncio.get_running_loop().call_later(max(0, wait), self.wake)
        self._changed.set()
        self._changed = asyncio.Event()

    def wake(self) -> None:
        """Let the screen do what is due; it does so by itself unless its clock was turned."""
        self._follow(self._screen.tick(self.clock()))

    async def _run(self) -> None:
        """Keep a connection as long as the screen wants one."""
        retry = self._pace.first_retry
        while True:
            await self._reachable.wait()
            try:
                async with self._connection() as client:
                    retry = self._pace.first_retry
                    await self._converse(client)
            except* _HungUp:
                _LOGGER.debug("%s hung up", self.identity.hostname)
            except* (MqttError, OSError) as errors:
                _LOGGER.debug("%s has no connection: %s", self.identity.hostname, errors.exceptions)
                await asyncio.sleep(retry.total_seconds())
                retry = min(retry * 2, self._pace.last_retry)

    async def _converse(self, client: Client) -> None:
        """Hear and speak until the connection ends, from either side."""
        await client.subscribe([(topic, 1) for topic in self._screen.listens_to])
        if not self.state.reachable:  # it went wrong while the connection was being made
            return
        self._outbox = asyncio.Queue()  # what was meant for the former connection is lost with it
        self._follow(self._screen.connected(self.clock()))
        try:
            async with asyncio.TaskGroup() as conversation:
                conversation.create_task(self._speak(client))
                async for message in client.messages:
                    topic, payload = message.topic.value, message.payload
                    self._follow(self._screen.hears(topic, payload, self.clock()))
        finally:
            self._screen.disconnected(self.clock())
            self._follow([])

    async def _speak(self, client: Client) -> None:
        """Carry out effects one after the other, which keeps messages in their order."""
        while True:
            match await self._outbox.get():
                case Publish(topic=topic, payload=payload, qos=qos, retain=retain):
                    await client.publish(topic, payload, qos, retain)
                case Subscribe(topics=topics):
                    await client.subscribe([(topic, 1) for topic in topics])
                case Unsubscribe(topics=topics):
                    await client.unsubscribe(list(topics))
                case Disconnect():
                    raise _HungUp
                case unknown:
                    assert_never(unknown)

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[Client]:
        """Connect, leaving no half-made connection behind when stopped meanwhile."""
        client = Client(
            self.host,
            self.port,
            username=self.username,
            password=self.password,
            identifier=f"infoscreen-client-{self.identity.uuid}",
            # What is said next does not wait until the last word has arrived.
            socket_options=[(IPPROTO_TCP, TCP_NODELAY, True)],
        )
        opening = asyncio.create_task(client.__aenter__())
        try:
            await asyncio.shield(opening)
        except asyncio.CancelledError:
            with suppress(MqttError):
                await opening
                await client.__aexit__(None, None, None)
            raise
        try:
            yield client
        finally:
            await client.__aexit__(None, None, None)

    @property
    def _file(self) -> Path | None:
        """Return where the screen writes down what must outlive it."""
        return self.state_dir and self.state_dir / f"{self.identity.uuid}.json"

    def _recall(self) -> Memory:
        """Read what a former life wrote down; without any, or with an unreadable one, life begins anew."""
        if self._file is None:
            return Memory()
        try:
            written = json.loads(self._file.read_bytes())
            taken = tuple((str(command_id), str(digest)) for command_id, digest in written["taken"])
            return Memory(taken=taken, rebooting=written["rebooting"])
        except FileNotFoundError, ValueError, KeyError, TypeError:
            return Memory()

    def _remember(self) -> None:
        """Write down what must outlive the screen, wholly or not at all."""
        if self._file is None:
            return
        self._file.parent.mkdir(parents=True, exist_ok=True)
        draft = self._file.with_suffix(".new")
        draft.write_text(json.dumps(asdict(self._memory)))
        draft.replace(self._file)
