"""What a screen does of itself: connect, speak regularly, go wrong, go down and come back."""

from collections import deque
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any

from .effects import Agenda, Disconnect, Effect, Publish
from .picture import Scene, draw as draw_picture
from .state import Fault, Identity, Memory, Pace, Power, State
from .voice import Voice
from .wire import AckStatus, Capture, LogLevel, Topics

REGULAR = ("discovery", "heartbeat", "health", "dashboard")


class Body:
    """Be a computer that reports on itself."""

    def __init__(
        self,
        identity: Identity,
        *,
        prefix: str = "infoscreen",
        pace: Pace | None = None,
        memory: Memory | None = None,
        draw: Callable[[Scene], bytes] = draw_picture,
    ) -> None:
        self.identity = identity
        self.state = State(memory=memory or Memory())
        self._pace = pace or Pace()
        self._topics = Topics(prefix=prefix, uuid=identity.uuid)
        self._voice = Voice(identity=identity, topics=self._topics, draw=draw)
        self._agenda = Agenda()
        self._unsaid: deque[Callable[[State], list[Publish]]] = deque(maxlen=100)

    @property
    def next_change(self) -> datetime | None:
        """Return when the screen next wants to be woken by a tick."""
        return self._agenda.next_change

    def connected(self, now: datetime) -> list[Effect]:
        """Begin a connection that listens already: announce the screen, finish a reboot."""
        again = self.state.last_disconnect is not None
        # The broker tells again what still holds, but not that an intent was emptied meanwhile.
        self._become(
            connected=True,
            acknowledged=False,
            own_intent=None,
            group_intent=None,
            reconnects=self.state.reconnects + again,
        )
        steps = (self._announce, self._beat, self._report, self._show_regularly)
        for key, step in zip(REGULAR, steps, strict=True):
            self._agenda.put(key, now, step)
        return [*self.tick(now), *self._returned(), *self._say_unsaid()]

    def disconnected(self, now: datetime) -> None:
        """End a connection."""
        self._agenda.drop(*REGULAR)
        self._become(connected=False, last_disconnect=now)

    def tick(self, now: datetime) -> list[Effect]:
        """Do what is due."""
        effects: list[Effect] = []
        while step := self._agenda.take(now):
            effects += step(now)
        self._look_at_tv(now)
        return effects

    def fault(self, fault: Fault) -> list[Effect]:
        """Go wrong in some way."""
        self._become(faults=self.state.faults | {fault})
        return [] if self.state.reachable else self._hang_up()

    def clear(self, *faults: Fault) -> None:
        """Be rid of these faults, or of all when none is named."""
        self._become(faults=self.state.faults - set(faults or Fault))

    def log(self, level: LogLevel, message: str, context: Any, now: datetime) -> list[Effect]:
        """Say a line of the log, later if nobody listens now."""
        return self._say(lambda state: self._voice.log(state, now, level, message, context))

    def fail_service(self, unit: str, now: datetime) -> list[Effect]:
        """Give a service up, and say so, later if nobody listens now."""
        return self._say(lambda state: self._voice.service_failed(state, now, unit))

    def power_on(self, now: datetime) -> None:
        """Start a computer that is down."""
        if self.state.power is not Power.UP:
            self._agenda.put("boot", now + self._pace.boot, self._boot)

    def power_off(self) -> list[Effect]:
        """Pull the plug."""
        self._agenda.clear()
        self._become(power=Power.OFF)
        return self._hang_up()

    def _look_at_tv(self, now: datetime) -> None:
        """Turn the TV, and look again when the intent ends; it is too slow for what is soon over."""
        on = self.state.screen_on(now)
        if self.state.turns and self.state.turns[-1][1] is on:
            self._agenda.drop("tv")
        elif not self._agenda.has("tv"):
            self._agenda.put("tv", now + self._pace.tv, partial(self._turn_tv, now, on=on))
        intent = self.state.intent
        if intent is not None and on:
            self._agenda.put("intent", intent.expires_at, _wake)
        else:
            self._agenda.drop("intent")

    def _turn_tv(self, told_at: datetime, _: datetime, *, on: bool) -> list[Effect]:
        """Turn the TV; what counts is when it was told."""
        self._become(turns=(*self.state.turns, (told_at, on)))
        return []

    def _become(self, **changes: Any) -> None:
        """Move to the next state."""
        self.state = replace(self.state, **changes)

    def _hang_up(self) -> list[Effect]:
        """Say nothing more, and drop the connection if there is one."""
        effects: list[Effect] = [Disconnect()] if self.state.connected else []
        self._agenda.drop(*REGULAR)
        self._become(connected=False)
        return effects

    def _reboot(self, now: datetime, command_id: str | None) -> list[Effect]:
        """Go down, and come back, which completes the command, unless a fault forbids it."""
        effects = self.power_off()
        self._become(power=Power.REBOOTING, memory=replace(self.state.memory, rebooting=command_id))
        if Fault.REBOOT_NEVER_RETURNS not in self.state.faults:
            self.power_on(now)
        return effects

    def _boot(self, _: datetime) -> list[Effect]:
        """Be up again, having forgotten all that is not written down."""
        self.state = self.state.booted()
        return []

    def _returned(self) -> list[Effect]:
        """Tell that the reboot somebody asked for is over."""
        memory = self.state.memory
        self._become(memory=replace(memory, rebooting=None))
        if memory.rebooting is None:
            return []
        return [*self._voice.ack(self.state, memory.rebooting, AckStatus.COMPLETED)]

    def _say(self, words: Callable[[State], list[Publish]]) -> list[Effect]:
        """Say something now, or with the next connection."""
        if not self.state.connected:
            self._unsaid.append(words)
        return [*words(self.state)]

    def _say_unsaid(self) -> list[Effect]:
        """Say what nobody could hear before."""
        notes: list[Effect] = [note for words in self._unsaid for note in words(self.state)]
        self._unsaid.clear()
        return notes

    def _announce(self, now: datetime) -> list[Effect]:
        """Announce the screen until the controller has answered."""
        if self.state.acknowledged:
            return []
        self._agenda.put("discovery", now + self._pace.discovery, self._announce)
        return [*self._voice.discovery(self.state)]

    def _beat(self, now: datetime) -> list[Effect]:
        """Send the heartbeat."""
        self._agenda.put("heartbeat", now + self._pace.heartbeat, self._beat)
        return [*self._voice.heartbeat(self.state, now)]

    def _report(self, now: datetime) -> list[Effect]:
        """Send the health report."""
        self._agenda.put("health", now + self._pace.health, self._report)
        if Fault.FROZEN not in self.state.faults:
            self._become(last_frame=now)
        return [*self._voice.health(self.state, now)]

    def _show_regularly(self, now: datetime) -> list[Effect]:
        """Send the regular screenshot."""
        self._agenda.put("dashboard", now + self._pace.dashboard, self._show_regularly)
        return [*self._voice.dashboard(self.state, now, Capture.PERIODIC)]


def _wake(_: datetime) -> list[Effect]:
    """Do nothing but wake."""
    return []
