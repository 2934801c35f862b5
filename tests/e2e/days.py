"""Lets days go by for real programs in a minute: turns their clock, and waits for them."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Iterator
from datetime import datetime, timedelta
from functools import partial
from itertools import count
import json

import aiomqtt

from rig.clock import Clock
from rig.waiting import PATIENCE, until
from simulator import SimulatedScreen

#: How far the clock runs by itself at each moment: not into the next second.
RUN = timedelta(seconds=0.9)
#: As long as MQTT can have it, in seconds: a turn of the clock must not look like a broker that fell silent.
KEEPALIVE = 65535
#: Lets Home Assistant answer, once the automation is turned on.
ECHO = """
automation:
  - alias: Echo
    mode: queued
    triggers: [{trigger: mqtt, topic: rig/echo}]
    actions: [{action: mqtt.publish, data: {topic: rig/echoed, payload: "{{ trigger.payload }}"}}]
"""
HEARS = ("infoscreen/+/health", "rig/echoed")


class Days:
    """Screens and Home Assistant, who live by a clock that is turned from moment to moment."""

    def __init__(self, clock: Clock, client: aiomqtt.Client, screens: Iterable[SimulatedScreen]) -> None:
        self.clock = clock
        self.screens = tuple(screens)
        self._client = client
        self._numbers = count(1)

    async def live(self, moments: Iterable[datetime]) -> AsyncIterator[datetime]:
        """Go through moments, at each of which everybody has done what is due; the clock stands meanwhile."""
        for moment in self._pass(moments):
            await self._hear_screens(moment)
            await self.hear_home()
            yield moment

    def pass_by(self, moments: Iterable[datetime]) -> None:
        """Let moments go by for the screens alone."""
        for _ in self._pass(moments):
            pass

    def _pass(self, moments: Iterable[datetime]) -> Iterator[datetime]:
        """Turn the clock to each moment that is to come."""
        begin = self.clock.stop()
        for moment in sorted({moment for moment in moments if moment > begin}):
            self.clock.turn(moment, RUN)
            for screen in self.screens:
                screen.wake()
            yield moment

    async def _hear_screens(self, moment: datetime) -> None:
        """Wait until the screens have reported; what is heard here is sent to Home Assistant as well."""
        since = moment.replace(microsecond=0)  # as exact as reports are
        missing = {f"infoscreen/{screen.identity.uuid}/health" for screen in self.screens}
        async with asyncio.timeout(PATIENCE):
            while missing:
                message = await anext(self._client.messages)
                if message.topic.value in missing and _said_at(message) >= since:
                    missing.remove(message.topic.value)

    async def hear_home(self) -> None:
        """Wait until Home Assistant has said all it had to say, and knows that it arrived.

        The first question wakes it; each brings along what was kept back on its way before it.
        """
        for _ in range(3):
            number = str(next(self._numbers)).encode()
            await until(partial(self._answers, number), "Home Assistant's echo")

    async def _answers(self, number: bytes) -> bool:
        """Ask, and tell whether there was an answer before the question seems lost."""
        await self._client.publish("rig/echo", number)
        try:
            async with asyncio.timeout(2):
                while (await anext(self._client.messages)).payload != number:
                    pass
        except TimeoutError:
            return False
        return True


def _said_at(report: aiomqtt.Message) -> datetime:
    """Return when a screen wrote a report."""
    assert isinstance(report.payload, bytes)
    return datetime.fromisoformat(json.loads(report.payload)["timestamp"])
