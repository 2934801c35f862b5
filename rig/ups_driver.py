"""A driver of our own for upsd: it says what a test wants, and keeps the commands that reach it."""

import asyncio
from pathlib import Path
import re
import shlex


class UpsDriver:
    """Speaks as a driver on the socket where upsd looks for one; upsd does not ask which program it is."""

    #: What upsd has to be told that it is.
    NAME = "own"

    def __init__(self, folder: Path, ups: str, values: dict[str, str], commands: set[str]) -> None:
        self.ran: list[str] = []
        #: Commands that reach it and that its device does not carry out.
        self.fails: set[str] = set()
        self._path = folder / f"{self.NAME}-{ups}"
        self._values = values
        self._commands = commands
        self._fresh = True
        self._server: asyncio.Server | None = None
        self._upsd: set[asyncio.StreamWriter] = set()

    async def start(self) -> None:
        """Wait for upsd, which comes within two seconds."""
        self._server = await asyncio.start_unix_server(self._talk, self._path)

    async def stop(self) -> None:
        """Be gone."""
        if self._server is not None:
            self._server.close()
            self._server.close_clients()
            await self._server.wait_closed()

    def say(self, variable: str, value: str) -> None:
        """Report something else from now on."""
        self._values[variable] = value
        self._tell(f'SETINFO {variable} "{value}"')

    def forget(self, command: str) -> None:
        """Know a command no more."""
        self._commands.discard(command)
        self._tell(f"DELCMD {command}")

    def lose_device(self, *, lost: bool = True) -> None:
        """Say that the device is not heard, or that it is again."""
        self._fresh = not lost
        self._tell("DATASTALE" if lost else "DATAOK")

    def _tell(self, *lines: str) -> None:
        for writer in self._upsd:
            writer.write("".join(f"{line}\n" for line in lines).encode("ascii"))

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._upsd.add(writer)
        try:
            while line := await reader.readline():
                for answer in self._answers(shlex.split(line.decode("ascii"))):
                    writer.write(f"{answer}\n".encode("ascii"))
        except ConnectionError:
            pass
        finally:
            self._upsd.discard(writer)
            writer.close()

    def _answers(self, words: list[str]) -> list[str]:
        """Return what upsd is answered with."""
        match words:
            case ["PING"]:
                return ["PONG"]
            case ["DUMPALL"]:
                values = [f'SETINFO {variable} "{value}"' for variable, value in self._values.items()]
                commands = [f"ADDCMD {command}" for command in sorted(self._commands)]
                return [*values, *commands, "DATAOK" if self._fresh else "DATASTALE", "DUMPDONE"]
            case ["INSTCMD", *command, "TRACKING", number]:
                return [f"TRACKING {number} {self._run(command)}"]
            case ["INSTCMD", *command]:
                self._run(command)
        return []

    def _run(self, command: list[str]) -> int:
        """Carry a command out, as far as it is one of an outlet; return what upsd takes for its end."""
        self.ran.append(" ".join(command))
        if command[0] in self.fails:
            return 3
        if switched := re.fullmatch(r"(outlet\.\d+)\.load\.(on|off)", command[0]):
            self.say(f"{switched[1]}.status", switched[2])
        return 0
