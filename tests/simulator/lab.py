"""A screen on the bench: a clock turned by hand, and everything it says, in order."""

from datetime import UTC, datetime, timedelta
import json
from typing import Any

from simulator import Identity, Screen
from simulator.effects import Disconnect, Effect, Publish, Subscribe
from simulator.picture import Scene

UUID = "9b8d1856-ff34-4864-a726-12de072d0f77"
COMMAND_ID = "0d3f5b0e-6f0c-4a53-9a5d-1d6f2b1f7a11"
INTENT_ID = "5e1c9c0e-3d6b-4a0f-8f57-6d1a3c1b9f20"
NOON = datetime(2026, 3, 2, 12, 0, 0, 250_000, tzinfo=UTC)

IDENTITY = Identity(uuid=UUID, hostname="lobby", ip="192.0.2.7", mac="02:00:5e:00:53:07")


def command(action: str = "reboot_host", **changes: Any) -> dict[str, Any]:
    """Word a command as a controller does."""
    fields = {
        "schema_version": "1.0",
        "command_id": COMMAND_ID,
        "client_uuid": UUID,
        "action": action,
        "issued_at": "2026-03-02T12:00:00Z",
        "expires_at": "2026-03-02T12:04:00Z",
        "requested_by": None,
        "reason": "operator_request",
    }
    return fields | changes


def event(id_: int, event_type: str = "website", *, group_id: int = 12) -> dict[str, Any]:
    """Word an event as a controller does."""
    blocks: dict[str, dict[str, Any]] = {
        "website": {"website": {"type": "browser", "url": "https://example.org/news"}},
        "webuntis": {"website": {"type": "browser", "url": "https://example.org/untis"}},
        "presentation": {"presentation": {"type": "slideshow", "files": []}},
        "video": {"video": {"type": "media", "url": "https://example.org/film.mp4"}},
        "message": {"message": {"text": "Fire drill at ten"}},
        "other": {},
    }
    return {
        "id": id_,
        "group_id": group_id,
        "title": f"Event {id_}",
        "start": "2026-03-02T08:00:00Z",
        "end": "2026-03-02T16:00:00Z",
        "event_type": event_type,
        "recurrence_rule": None,
        "recurrence_end": None,
        **blocks[event_type],
    }


def intent(desired_state: str, **whose: Any) -> dict[str, Any]:
    """Word a power intent as a controller does."""
    return {
        "schema_version": "1.0",
        "intent_id": INTENT_ID,
        "desired_state": desired_state,
        "reason": "active_event" if desired_state == "on" else "no_active_event",
        "issued_at": "2026-03-02T12:00:00Z",
        "expires_at": "2026-03-02T12:01:30Z",
        "poll_interval_sec": 30,
        "active_event_ids": [],
        "event_window_start": None,
        "event_window_end": None,
        **whose,
    }


def ack(group_id: int | None = None) -> dict[str, Any]:
    """Word the answer to a discovery as a controller does."""
    return {
        "status": "ok",
        "client_uuid": UUID,
        "group_id": group_id,
        "issued_at": "2026-03-02T12:00:00Z",
    }


def draw(scene: Scene) -> bytes:
    """Draw a scene in words."""
    lit = "lit" if scene.lit else "dark"
    return f"{scene.hostname}|{scene.title}|{scene.detail}|{scene.moment:%H:%M:%S}|{lit}".encode()


class Lab:
    """Put a screen on the bench."""

    def __init__(self, **options: Any) -> None:
        self.now = NOON
        self.screen = Screen(options.pop("identity", IDENTITY), draw=draw, **options)
        self.effects: list[Effect] = []

    def connects(self) -> Lab:
        """Give the screen a connection, and forget what it says first."""
        self.effects = self.screen.connected(self.now)
        return self.forget()

    def forget(self) -> Lab:
        """Forget what was said so far."""
        self.effects.clear()
        return self

    def hears(self, leaf: str, payload: Any) -> Lab:
        """Tell the screen something on one of its topics, or on a whole one."""
        topic = leaf if leaf.startswith(("infoscreen/", "clients/")) else f"infoscreen/{UUID}/{leaf}"
        data = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
        self.effects += self.screen.hears(topic, data, self.now)
        return self

    def after(self, seconds: float) -> Lab:
        """Let time pass, waking the screen whenever it wants."""
        end = self.now + timedelta(seconds=seconds)
        while (moment := self.screen.next_change) and moment <= end:
            self.now = moment
            self.effects += self.screen.tick(moment)
        self.now = end
        return self

    def comes_back(self) -> Lab:
        """Carry out a disconnection, and connect again once the screen is up."""
        self.screen.disconnected(self.now)
        self.after(40)
        self.effects += self.screen.connected(self.now)
        return self

    @property
    def hung_up(self) -> bool:
        """Tell whether the screen dropped its connection."""
        return Disconnect() in self.effects

    @property
    def subscribed(self) -> list[str]:
        """Return what the screen wants to hear in addition."""
        return [topic for effect in self.effects if isinstance(effect, Subscribe) for topic in effect.topics]

    def said(self, leaf: str) -> list[dict[str, Any]]:
        """Return what was said on a topic that ends so."""
        notes = [effect for effect in self.effects if isinstance(effect, Publish)]
        return [json.loads(note.payload) for note in notes if note.topic.endswith(f"/{leaf}")]

    def acks(self) -> list[str]:
        """Return the stages acknowledged on the newer topic, with the error if there is one."""
        return [note["error_code"] or note["status"] for note in self.said("commands/ack")]

    def health(self) -> dict[str, Any]:
        """Return the next health report."""
        return self.forget().after(5).said("health")[-1]
