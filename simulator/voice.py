"""What a screen says: every message with its topic, QoS and retain flag, and how faults distort it."""

from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import NAMESPACE_OID, uuid5

from .commands import Refusal
from .effects import Publish
from .picture import Scene
from .state import Fault, Identity, State
from .wire import AckStatus, Capture, Channel, LogLevel, Topics, stamp, write_json

GARBAGE_TOPICS = ("heartbeat", "health", "logs/error", "dashboard", "screenshot", "commands/ack")


@dataclass(frozen=True, kw_only=True)
class Voice:
    """Word what a screen in some state has to say."""

    identity: Identity
    topics: Topics
    draw: Callable[[Scene], bytes]

    def discovery(self, state: State) -> list[Publish]:
        """Announce the screen."""
        fields = ("uuid", "hostname", "ip", "mac", "model", "os_version", "software_version")
        payload = {name: getattr(self.identity, name) for name in fields}
        return self._say(state, self.topics.discovery, payload, qos=1)

    def heartbeat(self, state: State, now: datetime) -> list[Publish]:
        """Say that the screen lives, and what it runs."""
        payload = {"timestamp": stamp(now), **_process(state)}
        return self._say(state, self.topics.own("heartbeat"), payload)

    def health(self, state: State, now: datetime) -> list[Publish]:
        """Say how the screen does, or babble."""
        if Fault.GARBAGE in state.faults:
            return self._babble(state, now)
        process = _process(state)
        payload = {
            "timestamp": stamp(now),
            "expected_state": {"event_id": process["current_event_id"]},
            "actual_state": {
                "process": process["current_process"],
                "pid": process["process_pid"],
                "status": process["process_status"],
            },
            "health_metrics": {
                "screen_on": state.screen_on(now),
                "last_frame_update": _stamp(state.last_frame),
                "screen_health_status": state.health,
            },
            "broker_connection": {
                "broker_reachable": True,
                "reconnect_count": state.reconnects,
                "last_disconnect_at": _stamp(state.last_disconnect),
            },
        }
        return self._say(state, self.topics.own("health"), payload)

    def dashboard(self, state: State, now: datetime, capture: Capture) -> list[Publish]:
        """Show what the screen shows."""
        if not state.connected or Fault.SILENT in state.faults:
            return []  # a picture is dear to draw
        jpeg = self.draw(self._scene(state, now))
        taken = stamp(now)
        if Channel.COMMANDS not in self.identity.channels:
            return self._screenshot(state, jpeg, taken, capture)
        screenshot = {
            "filename": "latest.jpg",
            "data": b64encode(jpeg).decode(),
            "timestamp": taken,
            "size": len(jpeg),
        }
        payload = {
            "message": {"client_id": self.identity.uuid, "status": "alive"},
            "content": {"screenshot": screenshot},
            "runtime": {
                "process_health": _process(state),
                "system_info": {"hostname": self.identity.hostname, "ip": self.identity.ip},
            },
            "metadata": {
                "schema_version": "2.0",
                "producer": "simclient",
                "published_at": taken,
                "capture": {"type": capture, "captured_at": taken},
            },
        }
        return self._say(state, self.topics.own("dashboard"), payload, qos=1)

    def _screenshot(self, state: State, jpeg: bytes, taken: str, capture: Capture) -> list[Publish]:
        """Show it as older software does: the bare picture, or in JSON if it is more than periodic."""
        topic = self.topics.own("screenshot")
        if capture is Capture.PERIODIC:
            return [Publish(topic=topic, payload=jpeg, qos=0, retain=False)]
        payload = {"image": b64encode(jpeg).decode(), "screenshot_type": capture, "timestamp": taken}
        return self._say(state, topic, payload)

    def log(self, state: State, now: datetime, level: LogLevel, message: str, context: Any) -> list[Publish]:
        """Say a line of the log."""
        payload = {"timestamp": stamp(now), "message": message}
        if context is not None:
            payload["context"] = context
        qos = 0 if level is LogLevel.INFO else 1
        return self._say(state, self.topics.own(f"logs/{level}"), payload, qos=qos)

    def service_failed(self, state: State, now: datetime, unit: str) -> list[Publish]:
        """Say, for all who come later too, that a service is given up."""
        payload = {
            "event": "service_failed",
            "unit": unit,
            "client_uuid": self.identity.uuid,
            "failed_at": stamp(now),
        }
        return self._say(state, self.topics.own("service_failed"), payload, qos=1, retain=True)

    def ack(
        self, state: State, command_id: str, status: AckStatus, error: Refusal | None = None
    ) -> list[Publish]:
        """Acknowledge a stage of a command, on each channel commands with an id come on."""
        payload = {
            "command_id": command_id,
            "status": status,
            "error_code": error and error.code,
            "error_message": error and error.message,
        }
        channels = [
            channel
            for channel in sorted(self.identity.channels, reverse=True)
            if channel is not Channel.RESTART
        ]
        said = [
            note
            for channel in channels
            for note in self._say(state, self.topics.own(f"{channel}/ack"), payload, qos=1)
        ]
        return said * 2 if Fault.DOUBLE_ACK in state.faults else said

    def _say(
        self, state: State, topic: str, payload: dict[str, Any], *, qos: int = 0, retain: bool = False
    ) -> list[Publish]:
        """Word a message, unless nobody would hear it."""
        if not state.connected or Fault.SILENT in state.faults:
            return []
        if Fault.WRONG_UUID in state.faults:
            payload = payload | {"client_uuid": str(uuid5(NAMESPACE_OID, self.identity.uuid))}
        return [Publish(topic=topic, payload=write_json(payload), qos=qos, retain=retain)]

    def _babble(self, state: State, now: datetime) -> list[Publish]:
        """Say bytes without sense and JSON without end, other ones each time."""
        if not state.connected or Fault.SILENT in state.faults:
            return []
        noise = sha256(f"{self.identity.uuid} {now.isoformat()}".encode()).digest()
        broken = b'{"timestamp": "' + noise.hex().encode()
        topics = (self.topics.discovery, *map(self.topics.own, GARBAGE_TOPICS))
        return [Publish(topic=topic, payload=payload) for topic in topics for payload in (noise, broken)]

    def _scene(self, state: State, now: datetime) -> Scene:
        """Describe what is to be seen on the screen."""
        event = state.event
        return Scene(
            hostname=self.identity.hostname,
            title=event.title if event else "Nothing to show",
            detail=event.detail if event else "",
            moment=(state.last_frame or now) if Fault.FROZEN in state.faults else now,
            lit=Fault.BLACK not in state.faults and state.screen_on(now),
        )


def _process(state: State) -> dict[str, Any]:
    """Return what runs on the screen, in the heartbeat's words."""
    return {
        "current_process": state.application,
        "process_pid": state.pid,
        "process_status": state.process_status,
        "current_event_id": state.event and state.event.id,
    }


def _stamp(moment: datetime | None) -> str | None:
    """Write a time that may be unknown."""
    return stamp(moment) if moment else None
