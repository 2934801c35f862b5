"""What a fleet says, as in the field: nearly every message repeats what is known and is only younger."""

from collections.abc import Iterator
import datetime as dt
import random

import orjson

PREFIX = "infoscreen"
HEALTH_EVERY = 5
HEARTBEAT_EVERY = 65
#: The share of health among the messages, and of those that say something new among the health messages.
HEALTH_SHARE = 0.92
CHANGING = 0.005

type Message = tuple[str, bytes]


def uuids(count: int) -> list[str]:
    """Return the UUIDs of the first so many screens."""
    return [f"be9c0000-0000-4000-8000-{number:012x}" for number in range(count)]


class Voices:
    """A fleet's messages, on a clock of its own that runs as the messages do in the field.

    The first screen speaks only when asked to: what it says marks the end of a burst.
    """

    def __init__(self, count: int) -> None:
        self.uuids = uuids(count)
        self._rate = count * (1 / HEALTH_EVERY + 1 / HEARTBEAT_EVERY)
        self._random = random.Random(count)  # the same messages for everyone
        self._now = dt.datetime(2026, 11, 21, 8, tzinfo=dt.UTC)
        self._frozen: set[str] = set()

    def burst(self, size: int) -> list[Message]:
        """Return so many messages of all screens in turn."""
        speakers = self.uuids[1:]
        return [self._next(speakers[number % len(speakers)]) for number in range(size)]

    def everybody(self) -> list[Message]:
        """Return one health message and one heartbeat of every screen."""
        return [say(uuid) for uuid in self.uuids for say in (self.health, self._heartbeat)]

    def stretch(self, seconds: int) -> Iterator[Message]:
        """Yield what the fleet says in a time in which nothing happens."""
        for second in range(0, seconds, HEALTH_EVERY):
            self._now += dt.timedelta(seconds=HEALTH_EVERY)
            for uuid in self.uuids[1:]:
                yield self.health(uuid)
                if second % HEARTBEAT_EVERY == 0:
                    yield self._heartbeat(uuid)

    def health(self, uuid: str, picture: str | None = None) -> Message:
        """Say how a screen is."""
        health = {
            "timestamp": self._stamp(),
            "expected_state": {"event_id": 42},
            "actual_state": {"process": "display_manager", "pid": 1234, "status": "running"},
            "health_metrics": {
                "screen_on": True,
                "last_frame_update": "2026-11-21T07:58:12Z",
                "screen_health_status": picture or ("FROZEN" if uuid in self._frozen else "OK"),
            },
            "broker_connection": {
                "broker_reachable": True,
                "reconnect_count": 2,
                "last_disconnect_at": "2026-11-21T03:14:07Z",
            },
        }
        return f"{PREFIX}/{uuid}/health", orjson.dumps(health)

    def _heartbeat(self, uuid: str) -> Message:
        """Say that a screen is alive."""
        heartbeat = {
            "timestamp": self._stamp(),
            "current_process": "display_manager",
            "process_pid": 1234,
            "process_status": "running",
            "current_event_id": 42,
        }
        return f"{PREFIX}/{uuid}/heartbeat", orjson.dumps(heartbeat)

    def _next(self, uuid: str) -> Message:
        """Say the next thing; now and then a picture freezes or moves again."""
        self._now += dt.timedelta(seconds=1 / self._rate)
        if self._random.random() >= HEALTH_SHARE:
            return self._heartbeat(uuid)
        if self._random.random() < CHANGING:
            self._frozen ^= {uuid}
        return self.health(uuid)

    def _stamp(self) -> str:
        return self._now.strftime("%Y-%m-%dT%H:%M:%SZ")
