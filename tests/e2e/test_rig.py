"""The rig itself: what the other end-to-end tests rely on."""

import asyncio
from asyncio.subprocess import PIPE
from datetime import UTC, datetime, timedelta
from pathlib import Path
import sys

from rig.broker import Mosquitto
from rig.clock import Clock
from rig.hass import Hass
from rig.tap import Tap
from rig.waiting import heard

from ..programs import need


async def test_a_message_goes_from_home_assistant_to_the_broker_and_back(
    home: Hass, broker: Mosquitto, tap: Tap
) -> None:
    """Everything else rests on this path."""
    received = await home.api.subscribe("mqtt/subscribe", topic="rig/in")
    await broker.wait_subscribed("rig/in")

    await home.api.act("mqtt.publish", {"topic": "rig/out", "payload": "hello", "qos": 1})
    assert (await tap.wait("rig/out")).text == "hello"

    await tap.publish("rig/in", "hello yourself")
    await heard(received, lambda message: message["payload"] == "hello yourself", "the answer")


WAITS = """
from datetime import UTC, datetime
from threading import Event
import time

begin = time.monotonic()
Event().wait(0.2)
time.sleep(0.2)
print(0.4 <= time.monotonic() - begin < 20)
input()
print(time.monotonic() - begin > 86400, datetime.now(UTC))
time.sleep(0.01)
print(datetime.now(UTC))
"""


async def test_a_program_lives_by_the_clock_it_is_given(tmp_path: Path) -> None:
    """It waits as long as ever, sees the clock turned, and sees it stand still."""
    need("cc")
    start = datetime(2026, 10, 22, 4, tzinfo=UTC)
    clock = Clock(tmp_path, start, timedelta(hours=1))
    program = await asyncio.create_subprocess_exec(
        sys.executable, "-uc", WAITS, stdin=PIPE, stdout=PIPE, env=clock.environment
    )
    assert program.stdout is not None
    assert await program.stdout.readline() == b"True\n"
    clock.turn(start + timedelta(days=2), timedelta())
    later = "2026-10-24 04:00:00+00:00"
    said, _ = await program.communicate(b"\n")
    assert said.decode() == f"True {later}\n{later}\n"
    assert program.returncode == 0
