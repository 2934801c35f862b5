"""Hears the screens: every message is read by the model here, and reaches the one it is about."""

from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import CALLBACK_TYPE, callback
from homeassistant.helpers.dispatcher import async_dispatcher_connect, async_dispatcher_send
from homeassistant.util import dt as dt_util
from homeassistant.util.signal_type import SignalType

from .admission import Admission
from .alarm import Alarm
from .broker import Broker, Incoming
from .commander import Commander
from .const import DOMAIN, REJECTED_PERIOD
from .coordinator import ScreenCoordinator
from .failures import Failures
from .fleet import Fleet
from .model.admission import Entrance
from .model.health import ScreenState
from .model.messages import Ack, Discovery, Message
from .model.reading import Rejection, gist, parse
from .model.topics import Kind
from .watch import Watch

# Enough to see what a broken client does, few enough to read.
_REMEMBERED: Final = 20
_MAX_TOPIC: Final = 200


@dataclass(frozen=True, kw_only=True, slots=True)
class Rejected:
    """A message that was not used, or not wholly; never its payload."""

    at: datetime
    reason: Rejection
    topic: str


type Reject = Callable[[Rejection, Incoming], None]
type Hearer = Callable[[str, Kind, Incoming, Reject], None]


class Listener:
    """Listens to all that the screens of one fleet publish."""

    def __init__(  # noqa: PLR0913, PLR0917  # from here messages reach every part
        self,
        entry: ConfigEntry,
        broker: Broker,
        fleet: Fleet,
        commander: Commander,
        watch: Watch,
        failures: Failures,
        admission: Admission,
    ) -> None:
        self._hass = fleet.hass
        self._entry = entry
        self._broker = broker
        self._fleet = fleet
        self._flood = fleet.settling.flood
        self._commander = commander
        self._ledger = commander.ledger
        self._watch = watch
        self._failures = failures
        self._admission = admission
        #: By topic: what was said last, by whom, and how that screen is since.
        self._said: dict[str, tuple[bytes, ScreenCoordinator, ScreenState]] = {}
        self._takers: dict[type, Callable[[str, ScreenCoordinator | None, Any, datetime], None]] = {}
        self._hearers: dict[Kind, Hearer] = {}
        self._unlisten: list[CALLBACK_TYPE] = []
        self.rejected: Counter[Rejection] = Counter()
        self.rejected_changed = SignalType[()](f"{DOMAIN}_{entry.entry_id}_rejected")
        self._alarm = Alarm(fleet.hass, entry, "messages were rejected", self._tell)
        self.last_rejected: deque[Rejected] = deque(maxlen=_REMEMBERED)

    @callback
    def async_hand[M: Message](
        self, kind: type[M], taker: Callable[[str, ScreenCoordinator | None, M, datetime], None]
    ) -> None:
        """Hand messages that are no signs of life to somebody, with the screen they are of if it is known."""
        self._takers[kind] = taker

    @callback
    def async_hand_over(self, kind: Kind, hearer: Hearer) -> None:
        """Let somebody else read what screens say of one kind; nothing of it is a sign of life."""
        self._hearers[kind] = hearer

    async def async_start(self) -> None:
        """Listen until told to stop, or the entry is unloaded."""
        forget = async_dispatcher_connect(self._hass, self._fleet.screen_removed, self._forget)
        self._entry.async_on_unload(forget)
        self._entry.async_on_unload(self.async_stop)
        for topic, kind in self._fleet.topics.subscriptions().items():
            hear = partial(self._handle, kind)
            self._unlisten.append(await self._broker.async_listen(topic, kind.qos, hear))

    @callback
    def async_stop(self) -> None:
        """Hear nothing more."""
        while self._unlisten:
            self._unlisten.pop()()

    @callback
    def _handle(self, kind: Kind, incoming: Incoming) -> None:
        """Take in one message."""
        self._flood.heard += 1
        if incoming.retained and kind is not Kind.SERVICE_FAILED:
            return  # what stands on the broker says nothing of how a screen is now
        words = gist(kind, incoming.payload)
        if words is None or not self._repeats(kind, words, incoming.topic):
            self._read(kind, words, incoming)

    def _repeats(self, kind: Kind, words: bytes, topic: str) -> bool:
        """Take in what a screen has said before, as it does nearly always; tell whether it was that."""
        if (said := self._said.get(topic)) is None or not self._ledger.idle:
            return False
        before, coordinator, state = said
        if words != before or coordinator.data is not state:
            return False
        coordinator.async_hear_again(kind, dt_util.utcnow())
        return True

    def _read(self, kind: Kind, words: bytes | None, incoming: Incoming) -> None:
        """Read a message that may say something new."""
        uuid = None if kind is Kind.DISCOVERY else self._fleet.topics.speaker(incoming.topic)
        if uuid is None and kind is not Kind.DISCOVERY:
            self._reject(Rejection.INVALID_UUID, incoming)
            return
        if uuid is not None and (hearer := self._hearers.get(kind)) is not None:
            hearer(uuid, kind, incoming, self._reject)
            return
        parsed = parse(kind, uuid, incoming.payload)
        if parsed.rejection is not None:
            self._reject(parsed.rejection, incoming)
        if (message := parsed.message) is None:
            return
        uuid = message.uuid if isinstance(message, Discovery) else uuid or ""
        if taker := self._takers.get(type(message)):
            taker(uuid, self._fleet.async_find(uuid), message, dt_util.utcnow())
            return
        self._deliver(uuid, kind, message, incoming)
        if words is not None and parsed.rejection is None:
            self._remember(uuid, words, incoming.topic)

    def _remember(self, uuid: str, words: bytes, topic: str) -> None:
        """Remember what a screen that is there has said, under the one spelling of its UUID that it uses."""
        coordinator = self._fleet.async_find(uuid)
        if coordinator is not None and coordinator.data.connected and coordinator.screen.uuid == uuid:
            self._said[topic] = words, coordinator, coordinator.data

    def _deliver(self, uuid: str, kind: Kind, message: Message, incoming: Incoming) -> None:
        """Bring a message to its screen, a new one if need be."""
        now = dt_util.utcnow()
        self._watch.async_heard(now)
        coordinator = self._fleet.async_find(uuid)
        if coordinator is None:
            if isinstance(message, Ack) or (
                self._fleet.async_is_forgotten(uuid) and kind is not Kind.DISCOVERY
            ):
                return
            entrance = self._admission.async_ask(uuid, message, now)
            if entrance is Entrance.FULL:
                self._reject(Rejection.TOO_MANY_SCREENS, incoming)
            if entrance is not Entrance.WELCOME:
                return
            coordinator = self._fleet.async_welcome(uuid, kind, message, now)
            self._failures.async_follow(coordinator, now)
        else:
            screen = coordinator.data.screen
            if not screen.heard and screen.uuid != uuid:
                self._fleet.async_spell(coordinator, uuid)
            self._hear(coordinator, kind, message, now)
        self._watch.async_ensure()
        if isinstance(message, Discovery):
            self._admission.async_answer(coordinator, message.uuid, now)

    def _hear(self, coordinator: ScreenCoordinator, kind: Kind, message: Message, now: datetime) -> None:
        """Let a known screen's coordinator, and its commands, hear a message."""
        last_heard, known = coordinator.pulse.last_heard, coordinator.data
        running_since = coordinator.running_since
        coordinator.async_hear(kind, message, now)
        if coordinator.data is not known:
            if coordinator.screen is not known.screen:
                self._fleet.async_keep(coordinator)
            if coordinator.running_since != running_since:
                self._failures.async_follow(coordinator, now)
        self._commander.async_heard(coordinator, message, last_heard, now)

    @callback
    def _forget(self, _key: str) -> None:
        """Read all anew: a screen is no more, or is another one."""
        self._said.clear()

    def _reject(self, reason: Rejection, incoming: Incoming) -> None:
        """Count what cannot be used."""
        self.rejected[reason] += 1
        self.last_rejected.append(
            Rejected(at=dt_util.utcnow(), reason=reason, topic=incoming.topic[:_MAX_TOPIC])
        )
        if not self._alarm.is_set:
            self._alarm.async_set(dt_util.utcnow() + REJECTED_PERIOD)

    @callback
    def _tell(self, _now: datetime) -> None:
        """Say that messages were rejected since the last time."""
        async_dispatcher_send(self._hass, self.rejected_changed)
