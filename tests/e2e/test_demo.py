"""The README's first command."""

import asyncio
from pathlib import Path
import sys

import pytest

from ..programs import need


@pytest.mark.parametrize("broker", ["mosquitto", "amqtt"])
async def test_the_demo_comes_up_with_a_healthy_fleet_and_a_clean_log(tmp_path: Path, broker: str) -> None:
    """A newcomer's first minute; where no Mosquitto is installed, with a broker from PyPI."""
    need("mosquitto")
    arguments = ("--check", "--folder", str(tmp_path), "--screens", "2", "--broker", broker)
    demo = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "rig.demo",
        *arguments,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await demo.communicate()
    assert demo.returncode == 0, said.decode()
    assert b"Password: demo" in said
