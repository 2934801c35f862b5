"""A real NUT: upsd, and for each UPS a driver that reads what the UPS says from a file."""

import asyncio
from collections.abc import Mapping
import os
from pathlib import Path
import signal
from typing import Final, Self

from .ports import HOST, free_port, listens
from .process import Process
from .ups_driver import UpsDriver
from .waiting import RigError, until

#: Debian's /usr/sbin/upsd is a wrapper that refuses to run; elsewhere there is none.
_PLACES: Final = (Path("/lib/nut"), Path("/usr/lib/nut"), Path("/usr/libexec/nut-driver"), Path("/usr/sbin"))
#: So long upsd believes a driver that says nothing; short, for tests wait for it.
_MAX_AGE: Final = 5


def _program(name: str) -> Path | None:
    return next((place / name for place in _PLACES if (place / name).exists()), None)


class Nut:
    """A NUT server on loopback; nothing of it stands outside of its folder."""

    def __init__(self, folder: Path, users: str = "") -> None:
        self.folder = folder
        self.port = free_port()
        self.users = users
        self.upsd = Process("upsd", folder / "upsd.log")
        self.drivers: dict[str, Process] = {}
        self._own: dict[str, UpsDriver] = {}
        self._seconds = 0

    @staticmethod
    def installed() -> bool:
        """Tell whether this machine has a NUT server and its driver for tests."""
        return _program("upsd") is not None and _program("dummy-ups") is not None

    async def __aenter__(self) -> Self:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.folder.chmod(0o700)
        self._write("upsd.conf", f"LISTEN {HOST} {self.port}\nMAXAGE {_MAX_AGE}\nSTATEPATH {self.folder}\n")
        self._write("upsd.users", self.users)
        self._list()
        return self

    async def __aexit__(self, *_: object) -> None:
        for process in (self.upsd, *self.drivers.values()):
            await process.kill()
        for driver in self._own.values():
            await driver.stop()

    async def start(self) -> None:
        """Start upsd and wait until it listens."""
        await self.upsd.start(
            str(_found("upsd")), "-FF", *self._as_root(), folder=self.folder, **self._environment
        )
        await self.upsd.ready(lambda: listens(self.port), within=15)

    async def add(self, name: str, **values: str) -> None:
        """Have one more UPS; a running upsd is told."""
        self.drivers[name] = Process(f"the driver of {name}", self.folder / f"{name}.log")
        self._list()
        self.say(name, **values)
        await self.start_driver(name)
        self.reload()

    async def add_own(self, name: str, commands: set[str], **values: str) -> UpsDriver:
        """Have one more UPS, behind a driver that shows which commands reach it."""
        driver = self._own[name] = UpsDriver(self.folder, name, _dotted(values), commands)
        await driver.start()
        self._list()
        self.reload()
        return driver

    async def start_driver(self, name: str) -> None:
        """Start the driver of a UPS."""
        await self.drivers[name].start(
            str(_found("dummy-ups")),
            "-a",
            name,
            "-F",
            *self._as_root(),
            folder=self.folder,
            **self._environment,
        )

    async def remove(self, name: str) -> None:
        """Have one UPS less."""
        await self.drivers.pop(name).kill()
        self._list()
        self.reload()

    def say(self, name: str, **values: str) -> None:
        """Let a UPS report something else from now on; its driver notices within two seconds."""
        # The driver looks at whole seconds.
        self._seconds += 2
        text = "".join(f"{key}: {value}\n" for key, value in _dotted(values).items())
        self._write(f"{name}.dev", text, later=self._seconds)

    async def let_in(self, users: str) -> None:
        """Have other users, or the same with other rights, and wait until upsd takes note."""
        self._write("upsd.users", users)
        before = self._reloads()
        self.reload()

        async def noted() -> bool:
            return self._reloads() > before

        await until(noted, "upsd reads its configuration", every=0.02)

    def _reloads(self) -> int:
        return self.upsd.log.read_text(errors="replace").count("SIGHUP: reloading")

    def reload(self) -> None:
        """Let upsd read its configuration anew."""
        if self.upsd.running:
            os.kill(self.upsd.pid, signal.SIGHUP)

    async def order_shutdown(self, name: str, user: str, password: str) -> None:
        """Do as upsmon does when it gives up: what is ordered stays until upsd ends."""
        reader, writer = await asyncio.open_connection(HOST, self.port)
        try:
            for line in (f"USERNAME {user}", f"PASSWORD {password}", f"LOGIN {name}", f"FSD {name}"):
                writer.write(f"{line}\n".encode())
                answer = (await reader.readline()).decode().strip()
                if not answer.startswith("OK"):
                    raise RigError(f"{line.split()[0]} was answered with {answer}")
        finally:
            writer.close()

    @staticmethod
    def hold(process: Process) -> None:
        """Let a process hang."""
        os.kill(process.pid, signal.SIGSTOP)

    @staticmethod
    def release(process: Process) -> None:
        """Let it go on."""
        os.kill(process.pid, signal.SIGCONT)

    @property
    def _environment(self) -> Mapping[str, str]:
        return {f"NUT_{what}": str(self.folder) for what in ("CONFPATH", "STATEPATH", "ALTPIDPATH")}

    @staticmethod
    def _as_root() -> tuple[str, ...]:
        """Stay who we are; by itself it would become a user who cannot enter the folder."""
        return ("-u", "root") if os.getuid() == 0 else ()

    def _list(self) -> None:
        sections = (f"[{name}]\ndriver = dummy-ups\nport = {name}.dev\n" for name in self.drivers)
        own = (f"[{name}]\ndriver = {UpsDriver.NAME}\nport = none\n" for name in self._own)
        self._write("ups.conf", "".join((*sections, *own)))

    def _write(self, name: str, text: str, *, later: int = 0) -> None:
        """Write a file in one go, for somebody may be reading it; `later` by so many seconds than now."""
        path, draft = self.folder / name, self.folder / f"{name}.new"
        draft.touch(mode=0o600)
        draft.write_text(text, encoding="ascii")
        stamp = draft.stat().st_mtime + later
        os.utime(draft, (stamp, stamp))
        draft.replace(path)


def _dotted(values: Mapping[str, str]) -> dict[str, str]:
    return {key.replace("__", "."): value for key, value in values.items()}


def _found(name: str) -> Path:
    program = _program(name)
    if program is None:
        raise RigError(f"{name} is not installed")
    return program
