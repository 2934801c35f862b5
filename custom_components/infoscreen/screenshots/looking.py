"""Looks at what screens send as screenshots: a few at a time, where nobody waits for it."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.util import dt as dt_util

from ..alarm import Alarm
from ..broker import Incoming
from ..listener import Reject
from ..model.intake import Intake, Waiting
from ..model.messages import Screenshot
from ..model.pictures import NoPictureError, PictureFormat
from ..model.reading import Rejection
from ..model.screenshots import ReadScreenshot, is_hasty, read_screenshot, refused_at_sight
from ..model.topics import Kind
from .verify import verify

# Fifty megapixels are 200 MB once decoded: two may be, a third would be too much for a small machine.
_AT_ONCE: Final = 2


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class _Taken:
    """What was taken from the wire."""

    uuid: str
    kind: Kind
    incoming: Incoming
    received_at: datetime
    reject: Reject


@dataclass(frozen=True, kw_only=True, slots=True)
class Verified:
    """A screenshot whose picture is one."""

    screenshot: Screenshot
    format: PictureFormat
    received_at: datetime


class Looking:
    """Reads and verifies the screenshots of one fleet, and hands on by their screens' keys what is good."""

    def __init__(
        self, hass: HomeAssistant, entry: ConfigEntry, keep: Callable[[str, Verified], Awaitable[None]]
    ) -> None:
        self._hass = hass
        self._entry = entry
        self._keep = keep
        self._intake: Intake[_Taken] = Intake()
        self._running: set[asyncio.Task[None]] = set()
        self._closed = False
        self._alarm = Alarm(hass, entry, "a flood of screenshots may go on", self._go_on)

    @property
    def waiting_bytes(self) -> int:
        """Return how many bytes wait to be looked at."""
        return self._intake.size

    @callback
    def async_put(self, uuid: str, kind: Kind, incoming: Incoming, reject: Reject) -> None:
        """Let a message wait until it is looked at, unless it is not worth that."""
        if rejection := refused_at_sight(kind, incoming.payload):
            reject(rejection, incoming)
            return
        now = dt_util.utcnow()
        taken = _Taken(uuid=uuid, kind=kind, incoming=incoming, received_at=now, reject=reject)
        size, hasty = len(incoming.payload), is_hasty(incoming.payload)
        self._intake.put(Waiting(key=uuid.lower(), size=size, hasty=hasty, thing=taken), now)
        self._go_on(now)

    @callback
    def async_forget(self, key: str) -> None:
        """Forget what waits of a screen that is no more."""
        self._intake.forget(key)

    async def async_close(self) -> None:
        """Begin nothing more, and return once what was begun is done."""
        self._closed = True
        if self._running:
            await asyncio.wait(self._running)

    @callback
    def _go_on(self, now: datetime) -> None:
        """Look at what waits, as far as may be."""
        while len(self._running) < _AT_ONCE and not self._closed:
            if (waiting := self._intake.take(now)) is None:
                break
            task = self._entry.async_create_background_task(
                self._hass, self._look_at(waiting.key, waiting.thing), "look at a screenshot"
            )
            self._running.add(task)
            task.add_done_callback(partial(self._looked, waiting.key))
        self._alarm.async_set(self._intake.next_free(now))

    @callback
    def _looked(self, key: str, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        self._intake.done(key)
        if not self._closed:
            self._go_on(dt_util.utcnow())

    async def _look_at(self, key: str, taken: _Taken) -> None:
        """Find out what a message is worth."""
        read, found = await self._hass.async_add_executor_job(_examine, taken)
        if read.rejection is not None:
            taken.reject(read.rejection, taken.incoming)
        if read.screenshot is not None and found is not None:
            await self._keep(
                key, Verified(screenshot=read.screenshot, format=found, received_at=taken.received_at)
            )


def _examine(taken: _Taken) -> tuple[ReadScreenshot, PictureFormat | None]:
    """Read a screenshot and decode its picture: megabytes, for the executor."""
    read = read_screenshot(taken.kind, taken.uuid, taken.incoming.payload)
    if read.screenshot is None:
        return read, None
    try:
        return read, verify(read.screenshot.picture)
    except NoPictureError:
        return ReadScreenshot(rejection=Rejection.INVALID_IMAGE), None
