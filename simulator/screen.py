"""The screen as a state machine: no I/O, no clock; what it hears and the time go in, effects come out."""

from collections import deque
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from .body import Body
from .commands import Refusal, Stage, legacy_stages, refusal, stages
from .effects import Effect, Subscribe, Unsubscribe
from .state import Event, Fault, Intent, Power
from .wire import (
    Action,
    Capture,
    Channel,
    ErrorCode,
    LogLevel,
    ProcessStatus,
    is_uuid,
    read_group_id,
    read_object,
)

LEGACY_RESTART = "restart"
"""What stands for the id of a restart that came without one."""

type Ear = Callable[[bytes, datetime], list[Effect]]


class Screen(Body):
    """Be an info screen: a computer that listens."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.complaints: deque[str] = deque(maxlen=100)
        """What came to this screen that is not as the contract has it."""

    @property
    def listens_to(self) -> tuple[str, ...]:
        """Return the topics to subscribe to before anything is said, lest an answer be missed."""
        return tuple(self._ears())

    def hears(self, topic: str, payload: bytes, now: datetime) -> list[Effect]:
        """Take a message, whatever it is."""
        ear = self._ears().get(topic)
        if ear is None or not self.state.connected:
            return []
        try:
            effects = ear(payload, now)
        except ValueError as err:
            self.complaints.append(f"{topic}: {err}")
            effects = self.log(LogLevel.WARN, f"Ignored what came on {topic}: {err}", None, now)
        return effects + self.tick(now)

    def _ears(self) -> dict[str, Ear]:
        """Return who takes what comes on which topic."""
        topics, group_id = self._topics, self.state.group_id
        ears: dict[str, Ear] = {
            topics.own("discovery_ack"): self._hear_discovery_ack,
            topics.own("group_id"): self._hear_group_id,
            topics.own("power/intent"): self._hear_own_intent,
        }
        for channel in sorted(self.identity.channels):
            legacy = channel is Channel.RESTART
            ears[topics.takes(channel)] = self._hear_restart if legacy else self._hear_command
        if group_id is not None:
            ears[topics.events(group_id)] = self._hear_events
            ears[topics.group_power(group_id)] = self._hear_group_intent
        return ears

    def _hear_discovery_ack(self, payload: bytes, now: datetime) -> list[Effect]:
        """Stop announcing, and follow the group the controller names: an emptied group_id comes to nobody."""
        match read_object(payload):
            case {"status": "ok", "client_uuid": str(uuid), "group_id": int() | None as group_id} if (
                uuid.lower() == self.identity.uuid.lower()
            ):
                self._become(acknowledged=True)
                return self._join(group_id, now)
        raise ValueError("The payload is no answer to this screen's discovery")

    def _hear_group_id(self, payload: bytes, now: datetime) -> list[Effect]:
        """Follow another group, or none."""
        return self._join(read_group_id(payload), now)

    def _join(self, group_id: int | None, now: datetime) -> list[Effect]:
        """Listen to a group, and to its predecessor no longer."""
        if group_id == self.state.group_id:
            return []
        before = self.listens_to
        effects = self._show((), now)
        self._become(group_id=group_id, group_intent=None)
        after = self.listens_to
        if gone := tuple(topic for topic in before if topic not in after):
            effects.append(Unsubscribe(topics=gone))
        if new := tuple(topic for topic in after if topic not in before):
            effects.append(Subscribe(topics=new))
        return effects

    def _hear_events(self, payload: bytes, now: datetime) -> list[Effect]:
        """Show the first of the group's events."""
        return self._show(Event.read_list(payload, self.state.group_id), now)

    def _hear_group_intent(self, payload: bytes, _: datetime) -> list[Effect]:
        """Switch the TV with the group's."""
        self._become(group_intent=Intent.read(payload, {"group_id": self.state.group_id}))
        return []

    def _hear_own_intent(self, payload: bytes, _: datetime) -> list[Effect]:
        """Switch the TV by itself."""
        self._become(own_intent=Intent.read(payload, {"client_uuid": self.identity.uuid}))
        return []

    def _show(self, events: tuple[Event, ...], now: datetime) -> list[Effect]:
        """Move to other events, with a picture of each stop and start."""
        before = self.state.event
        self._become(events=events)
        event = self.state.event
        if (before and before.id) == (event and event.id):
            return []
        effects: list[Effect] = []
        if before:
            effects += self._voice.dashboard(self.state, now, Capture.EVENT_STOP)
        if event:
            self._become(shown=(*self.state.shown, event.id), pid=self.state.pid + 1)
            effects += self._voice.dashboard(self.state, now, Capture.EVENT_START)
            effects += self._voice.log(
                self.state, now, LogLevel.INFO, f"Showing {event.title}", {"event_id": event.id}
            )
        return effects

    def _hear_restart(self, _: bytes, now: datetime) -> list[Effect]:
        """Reboot without a word, as old software does."""
        if Fault.SILENT in self.state.faults:
            return []
        return self._plan(LEGACY_RESTART, legacy_stages(self._pace), now)

    def _hear_command(self, payload: bytes, now: datetime) -> list[Effect]:
        """Take a command; the same bytes again are its copy for software not yet migrated."""
        if Fault.SILENT in self.state.faults:
            return []
        fields = read_object(payload)
        command_id = fields.get("command_id")
        if not is_uuid(command_id):
            raise ValueError("The command has no id to answer with")
        memory = self.state.memory
        if memory.took(command_id, payload):
            return []
        if memory.knows(command_id):
            message = "Another command had this command_id"
            refused: Refusal | None = Refusal(code=ErrorCode.DUPLICATE_COMMAND, message=message)
        else:
            self._become(memory=memory.take(command_id, payload))
            refused = refusal(fields, self.identity.uuid, now)
        if refused:
            return self._plan(command_id, refused.stages, now)
        return self._plan(command_id, stages(Action(fields["action"]), self._pace, self.state.faults), now)

    def _plan(self, command_id: str, script: tuple[Stage, ...], now: datetime) -> list[Effect]:
        """Plan the next stage of a command, if there is one."""
        if script:
            slow = script[0].ack and Fault.SLOW_ACK in self.state.faults
            wait = script[0].after + (self._pace.slow_ack if slow else timedelta())
            # The script belongs to the key: a refused namesake must not push out the command itself.
            self._agenda.put((command_id, script), now + wait, partial(self._reach, command_id, script))
        return []

    def _reach(self, command_id: str, script: tuple[Stage, ...], now: datetime) -> list[Effect]:
        """Do what the first stage of a command says, and plan the rest."""
        stage, *rest = script
        effects: list[Effect] = []
        if stage.executes:
            self._become(executed=(*self.state.executed, command_id))
        if stage.process:
            started = stage.process is ProcessStatus.STARTING
            self._become(process=stage.process, pid=self.state.pid + started)
            effects += self._voice.heartbeat(self.state, now)
        if stage.ack:
            effects += self._voice.ack(self.state, command_id, stage.ack, stage.error)
        match stage.power:
            case Power.REBOOTING:
                return effects + self._reboot(now, command_id if command_id != LEGACY_RESTART else None)
            case Power.OFF:
                return effects + self.power_off()
        return effects + self._plan(command_id, tuple(rest), now)
