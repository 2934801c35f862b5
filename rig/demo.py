"""A Home Assistant with a simulated fleet of screens, on this machine only, until Ctrl-C."""

import argparse
import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack
import datetime as dt
import fcntl
from pathlib import Path
import shutil
import signal
import sys
from typing import TextIO

import aiohttp

from .api import DOMAIN
from .broker import Amqtt, Broker, Mosquitto
from .fleet import add_fleet, add_group, add_mqtt, find_group, move_mqtt
from .hass import RESTART, Hass
from .ports import free_port, is_free
from .process import ProgramError
from .screens import ROOT, Screens, share_out, wait_healthy
from .waiting import RigError

FOLDER = ROOT / ".demo"
OWNER = ("demo", "demo")
GROUPS = ("Foyer", "Classrooms")
USUAL_PORT = 8123


def _say(text: str) -> None:
    """Tell the person at the terminal."""
    print(text, flush=True)


def _options() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="script/demo", description=__doc__)
    parser.add_argument(
        "--port", type=int, help=f"Home Assistant's port (default: {USUAL_PORT} if it is free)"
    )
    parser.add_argument("--screens", type=int, default=6, help="how many screens (default: 6)")
    parser.add_argument("--broker", choices=("mosquitto", "amqtt"), help="default: Mosquitto where installed")
    parser.add_argument("--folder", type=Path, default=FOLDER, help="where runs are kept (default: .demo)")
    parser.add_argument("--fresh", action="store_true", help="forget earlier runs")
    parser.add_argument("--check", action="store_true", help="end when all is well (0) or not (1)")
    return parser.parse_args()


def _lock(folder: Path) -> TextIO:
    """Keep a second demo out for as long as the returned file is open."""
    folder.mkdir(parents=True, exist_ok=True)
    lock = (folder / "lock").open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise RigError(f"another demo is running in {folder}") from None
    return lock


def _clear(folder: Path, *, everything: bool) -> None:
    """Remove the last run's logs, or all that earlier runs left."""
    for path in folder.iterdir():
        if path.is_dir() and everything:
            shutil.rmtree(path)
    for log in folder.rglob("*.log"):
        log.unlink()


def _choose_port(wanted: int | None) -> int:
    """Choose Home Assistant's port."""
    if wanted is not None and not is_free(wanted):
        raise RigError(f"port {wanted} is taken; choose another one or leave --port out")
    return wanted or (USUAL_PORT if is_free(USUAL_PORT) else free_port())


class Demo:
    """The programs of the demo and what is set up in them."""

    def __init__(self, options: argparse.Namespace) -> None:
        self._folder = options.folder / "broker"
        self._told = self._folder / "told"  # what Home Assistant was last told of the broker
        self.broker = self._make_broker(options.broker or ("mosquitto" if Mosquitto.installed() else "amqtt"))
        self.hass = Hass(options.folder, port=_choose_port(options.port), owner=OWNER, linked=True)
        self.screens = Screens(options.folder, self.broker, count=options.screens)
        self.programs = (self.broker.process, self.hass.process, self.screens.process)
        self._api = self.hass.api

    def _make_broker(self, kind: str) -> Broker:
        """Choose the broker, on the port of the last run if that is still free."""
        told = int(self._told.read_text().split()[1]) if self._told.exists() else 0
        port = told if told and is_free(told) else free_port()
        if kind == "amqtt":
            return Amqtt(self._folder, port=port)
        return Mosquitto(self._folder, port=port, persistent=True)

    async def start(self, stack: AsyncExitStack) -> None:
        """Start the programs and set up what is not set up yet; the stack ends them."""
        await stack.enter_async_context(self.broker)
        await stack.enter_async_context(self.hass)
        await self._connect()
        entries = await self._api.entries()
        entry_id = entries[0]["entry_id"] if entries else await add_fleet(self._api)
        await self._api.wait_entry(entry_id, within=60)
        await stack.enter_async_context(self.screens)
        _say(f"\n  Home Assistant: {self.hass.url}\n  User: {OWNER[0]}  Password: {OWNER[1]}\n")
        await self._furnish(entry_id)
        await share_out(self._api, self.screens.count, GROUPS)
        _say(f"{self.screens.count} screens are there, in the groups {' and '.join(GROUPS)}.")

    async def _connect(self) -> None:
        """Set up MQTT, or tell Home Assistant where the broker is now."""
        truth = f"{self.broker.protocol} {self.broker.port}"
        entries = await self._api.entries("mqtt")
        if not entries:
            await add_mqtt(self._api, self.broker)
        elif not self._told.exists() or self._told.read_text() != truth:
            await move_mqtt(self._api, entries[0]["entry_id"], self.broker)
        self._told.write_text(truth)

    async def _furnish(self, entry_id: str) -> None:
        """Make the groups that are missing; a new first group gets something to show."""
        there = {subentry["title"] for subentry in await self._api.subentries(entry_id)}
        for name in GROUPS:
            if name not in there:
                await add_group(self._api, entry_id, name)
        if GROUPS[0] in there:
            return
        start = dt.datetime.now(dt.UTC).replace(microsecond=0)
        event = {
            "title": "Welcome",
            "start": start.isoformat(),
            "end": (start + dt.timedelta(hours=1)).isoformat(),
            "event_type": "website",
            "url": "https://www.home-assistant.io/",
        }
        device_id = await find_group(self._api, entry_id, GROUPS[0])
        await self._api.act(f"{DOMAIN}.add_event", event, device_id=device_id)

    async def check(self) -> None:
        """See that the screens are healthy and Home Assistant has nothing to say against our integration."""
        await wait_healthy(self._api, self.screens.count)
        self.hass.log.check(DOMAIN)
        _say("All screens are healthy and the log is clean.")

    async def stay(self) -> None:
        """Stay until Ctrl-C or SIGTERM; a Home Assistant that restarts itself is started again."""
        stop = asyncio.Event()
        _on_signals(stop.set)
        _say("Ctrl-C ends it.")
        asked = asyncio.create_task(stop.wait())
        while not asked.done():
            ends = {asyncio.create_task(program.ended()): program for program in self.programs}
            done, waiting = await asyncio.wait([asked, *ends], return_when=asyncio.FIRST_COMPLETED)
            for task in waiting - {asked}:
                task.cancel()
            for task in done - {asked}:
                program = ends[task]
                if program is not self.hass.process or task.result() != RESTART:
                    raise ProgramError(f"{program.name} ended by itself", program)
                await self.hass.start()
        _say("\nEnding.")


def _on_signals(end: Callable[[], object]) -> None:
    """Answer Ctrl-C or SIGTERM in order, once; who insists gets the hard end."""
    loop = asyncio.get_running_loop()
    signals = (signal.SIGINT, signal.SIGTERM)

    def answer() -> None:
        for each in signals:
            loop.remove_signal_handler(each)
        end()

    for each in signals:
        loop.add_signal_handler(each, answer)


async def _run(options: argparse.Namespace) -> None:
    """Run the demo to its end."""
    working = asyncio.current_task()
    assert working is not None
    _on_signals(working.cancel)
    demo = Demo(options)
    async with AsyncExitStack() as stack:
        try:
            await demo.start(stack)
            await (demo.check() if options.check else demo.stay())
        except ProgramError:
            raise
        except (RigError, aiohttp.ClientError) as error:
            # The log of the program that is no more tells why; else Home Assistant's does.
            dead = [each for each in demo.programs if each.log.exists() and not each.running]
            raise ProgramError(str(error), (dead or [demo.hass.process])[0]) from None


def main() -> int:
    """Run the demo and return the exit code."""
    options = _options()
    try:
        with _lock(options.folder):
            _clear(options.folder, everything=options.fresh)
            asyncio.run(_run(options))
    except (RigError, aiohttp.ClientError) as error:
        print(f"demo: {error}", file=sys.stderr)
        return 1
    except asyncio.CancelledError, KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
