"""A NUT server whose every fault has a name: what the client makes of a server is seen by what it is told."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from enum import Enum, auto
import re
from typing import Self


class Fault(Enum):
    """What is wrong with the server as a whole."""

    CLOSES = auto()  # takes connections and says nothing
    HANGS = auto()  # takes connections and lines, and answers none
    WEB = auto()  # something else listens there
    CUT = auto()  # ends lists in the middle
    ASKS_FOR_LOGIN = auto()  # tells nothing to those it does not know


_SAID = {Fault.HANGS: None, Fault.WEB: "HTTP/1.1 400 Bad Request\n"}


def _words(line: str) -> list[str]:
    """Return the words of a line as upsd takes them."""
    found = re.findall(r'"((?:\\.|[^"\\])*)"|([^\s"]+)', line)
    return [re.sub(r"\\(.)", r"\1", quoted) or bare for quoted, bare in found]


class FakeNut:
    """Serves UPSes on loopback as upsd does; what is said to it is kept."""

    def __init__(self, upses: Mapping[str, Mapping[str, str]] | None = None) -> None:
        self.upses: dict[str, dict[str, str]] = {name: dict(values) for name, values in (upses or {}).items()}
        self.descriptions: dict[str, str] = {}
        self.commands: dict[str, set[str]] = {}
        #: What a UPS is answered with instead: an error's word, or None for no answer.
        self.bad: dict[str, str | None] = {}
        #: UPSes of whose variables no values are told: no upsd does so, but what imitates one may.
        self.valueless: set[str] = set()
        self.fault: Fault | None = None
        self.login: tuple[str, str] | None = None
        #: Commands that `login` may not run, and those that are never answered.
        self.denied: set[str] = set()
        #: What is answered to whoever asks for commands, where it is no list of them.
        self.says_of_commands = ""
        #: Variables are told only while it is open; `waits` is set once somebody waits for that.
        self.open, self.waits = asyncio.Event(), asyncio.Event()
        self.open.set()
        self.says_to_login = "ERR ACCESS-DENIED\n"
        self.unanswered: set[str] = set()
        self.garbled: set[str] = set()
        #: What becomes of a command, told piece by piece: drivers are slower than the server.
        self.ends: dict[str, list[str]] = {}
        self.ran: list[str] = []
        self.lines: list[str] = []
        self.host = "127.0.0.1"
        self.port = 0
        self._server: asyncio.Server | None = None
        self._talks: set[asyncio.Task[None]] = set()

    async def start(self) -> Self:
        """Listen, on the port it had before if it had one."""
        self._server = await asyncio.start_server(self._talk, self.host, self.port)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def stop(self) -> None:
        """Be gone."""
        if self._server is not None:
            self._server.close()
            for talk in self._talks:
                talk.cancel()
            await asyncio.gather(*self._talks, return_exceptions=True)
            await self._server.wait_closed()
            self._server = None

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._talks.add(task)
        given: dict[str, str] = {}
        try:
            while self.fault is not Fault.CLOSES and (line := (await reader.readline()).decode()):
                self.lines.append(line.strip())
                if line.startswith("LIST VAR") and not self.open.is_set():
                    self.waits.set()
                    await self.open.wait()
                answer = self._answer(_words(line), given)
                if answer is None:
                    continue
                writer.write(answer.encode("latin-1"))
                await writer.drain()
                if self.fault is Fault.CUT:
                    break
        except ConnectionError, asyncio.CancelledError:
            pass
        finally:
            writer.close()
            self._talks.discard(task)

    def _answer(self, words: list[str], given: dict[str, str]) -> str | None:
        if self.fault in _SAID:
            return _SAID[self.fault]
        answers = {
            "USERNAME": self._take_login,
            "PASSWORD": self._take_login,
            "VER": lambda _words, _given: "Network UPS Tools upsd 2.8.0\n",
            "LIST": self._tell,
            "SET": self._set,
            "LOGIN": lambda _words, given: self._stranger(given) or self.says_to_login,
            "INSTCMD": self._run,
            "GET": self._tell_end,
        }
        answer = answers.get(words[0])
        return answer(words, given) if answer else "ERR UNKNOWN-COMMAND\n"

    def _take_login(self, words: list[str], given: dict[str, str]) -> str:
        given[words[0]] = words[1]
        return "OK\n"

    def _tell(self, words: list[str], given: dict[str, str]) -> str | None:
        if self.fault is Fault.ASKS_FOR_LOGIN and (error := self._stranger(given)):
            return error
        if words[1] == "UPS":
            named = {name: self.descriptions.get(name, "Description unavailable") for name in self.upses}
            return self._list("UPS", [f'UPS {name} "{text}"' for name, text in named.items()])
        what, name = words[1:]
        known = self._known(name)
        if known is None or known in self.bad:
            word = self.bad[known] if known else "UNKNOWN-UPS"
            return None if word is None else f"ERR {word}\n"
        if what == "CMD" and self.says_of_commands:
            return self.says_of_commands
        if what == "CMD":
            return self._list(f"CMD {name}", [f"CMD {name} {each}" for each in self.commands.get(known, ())])
        values = self.upses[known].items()
        escaped = {variable: re.sub(r'(["\\#])', r"\\\1", value) for variable, value in values}
        told = {key: "" if known in self.valueless else f' "{value}"' for key, value in escaped.items()}
        return self._list(f"VAR {name}", [f"VAR {name} {key}{value}" for key, value in told.items()])

    def _set(self, words: list[str], given: dict[str, str]) -> str:
        if words[1] == "TRACKING" and "USERNAME" in given and self.ends:
            return "OK\n"
        return self._stranger(given) or "ERR VAR-NOT-SUPPORTED\n"

    def _tell_end(self, words: list[str], _given: dict[str, str]) -> str:
        return self.ends[words[2]].pop(0)

    def _known(self, name: str) -> str | None:
        return {each.casefold(): each for each in self.upses}.get(name.casefold())

    def _list(self, what: str, lines: list[str]) -> str:
        whole = "".join(f"{line}\n" for line in (f"BEGIN LIST {what}", *lines, f"END LIST {what}"))
        return whole[: len(whole) // 2] if self.fault is Fault.CUT else whole

    def _stranger(self, given: dict[str, str]) -> str | None:
        """Return what somebody is told who is not let in."""
        if "USERNAME" not in given:
            return "ERR USERNAME-REQUIRED\n"
        if "PASSWORD" not in given:
            return "ERR PASSWORD-REQUIRED\n"
        known = self.login == (given["USERNAME"], given["PASSWORD"])
        return None if known else "ERR ACCESS-DENIED\n"

    def _run(self, words: list[str], given: dict[str, str]) -> str | None:
        name, command = words[1:3]
        if command not in self.commands.get(name, ()):
            return "ERR CMD-NOT-SUPPORTED\n"
        if error := self._stranger(given):
            return error
        if command in self.denied:
            return "ERR ACCESS-DENIED\n"
        self.ran.append(" ".join(words[2:]))
        if command in self.garbled:
            return "OK \xff\n"
        if command in self.ends:
            return f"OK TRACKING {command}\n"
        return None if command in self.unanswered else "OK\n"


@asynccontextmanager
async def fake_nut(upses: Mapping[str, Mapping[str, str]] | None = None) -> AsyncGenerator[FakeNut]:
    """Serve some UPSes for a while."""
    server = await FakeNut(upses).start()
    try:
        yield server
    finally:
        await server.stop()
