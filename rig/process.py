"""Start a program, see it ready, end it."""

import asyncio
from asyncio.subprocess import DEVNULL, STDOUT, Process as Child
from collections.abc import Awaitable, Callable
import os
from pathlib import Path
import shutil

from .waiting import RigError, until


class ProgramError(RigError):
    """A program did not do what it should; the error shows the end of its log."""

    def __init__(self, what: str, process: Process) -> None:
        super().__init__(f"{what}; the end of {process.log}:\n{process.tail()}")


def find_program(name: str) -> str | None:
    """Find a program, also where only administrators look."""
    return shutil.which(name, path=os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin", "/sbin")))


def _leash() -> list[str]:
    """Prefix a command so that the program is told to end when the rig dies without a word."""
    setpriv = find_program("setpriv")  # util-linux; elsewhere only an orderly end ends the programs
    return [setpriv, "--pdeathsig", "TERM", "--"] if setpriv else []


class Process:
    """A program, with its output in a file, deaf to the terminal's Ctrl-C."""

    def __init__(self, name: str, log: Path) -> None:
        self.name = name
        self.log = log
        self._child: Child | None = None

    @property
    def running(self) -> bool:
        """Tell whether the program was started and has not ended."""
        return self._child is not None and self._child.returncode is None

    @property
    def pid(self) -> int:
        """Return the id of the running program."""
        if self._child is None or not self.running:
            raise RigError(f"{self.name} is not running")
        return self._child.pid

    async def start(self, *command: str, folder: Path, **environment: str) -> None:
        """Start the program in a folder; its output is appended to the log."""
        if self.running:
            raise RigError(f"{self.name} is running already")
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as output:
            self._child = await asyncio.create_subprocess_exec(
                *_leash(),
                *command,
                stdin=DEVNULL,
                stdout=output,
                stderr=STDOUT,
                cwd=folder,
                env=os.environ | environment,
                process_group=0,
            )

    async def ready(self, check: Callable[[], Awaitable[bool]], *, within: float) -> None:
        """Wait until the check holds; give up at once when the program ends before."""

        async def alive_and_ready() -> bool:
            if not self.running:
                raise RigError(f"{self.name} ended while starting")
            return await check()

        try:
            await until(alive_and_ready, f"{self.name} ready", within=within)
        except RigError as error:
            raise ProgramError(str(error), self) from None

    async def ended(self) -> int:
        """Wait for the program's end and return its exit code."""
        if self._child is None:
            raise RigError(f"{self.name} was never started")
        return await self._child.wait()

    async def terminate(self, within: float = 30) -> None:
        """Ask the program to end, and insist when it does not."""
        if self._child is None or not self.running:
            return
        self._child.terminate()
        try:
            await asyncio.wait_for(self._child.wait(), within)
        except TimeoutError:
            await self.kill()

    async def kill(self) -> None:
        """End the program the way a power cut does."""
        if self._child is not None and self.running:
            self._child.kill()
            await self._child.wait()

    def tail(self, lines: int = 25) -> str:
        """Return the last lines of the log."""
        text = self.log.read_text(errors="replace") if self.log.exists() else ""
        return "\n".join(text.splitlines()[-lines:])
