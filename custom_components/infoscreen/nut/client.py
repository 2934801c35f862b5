"""A NUT server, asked one question per connection.

A connection that is kept is one answer behind for good once a question was canceled; one that is made
anew each time is not, and faster.
"""

from asyncio import LimitOverrunError, sleep, timeout
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from enum import StrEnum
import re
from socket import gaierror
from typing import Any, Final, override

from aionut import AIONUTClient, NUTCommandError, NUTError as AioNutError, NUTLoginError, NUTTimeoutError
from aionut.client import connected_operation
from aionut.exceptions import NUTProtocolError, NUTValueError
from homeassistant.const import CONF_HOST, CONF_PASSWORD, CONF_PORT, CONF_USERNAME

from .errors import (
    BadLoginError,
    CannotConnectError,
    DeniedError,
    NameNotFoundError,
    NotNutError,
    NutError,
    RefusedError,
    TimedOutError,
)

# In a local network an answer takes milliseconds; a server that hangs costs this twice.
TIMEOUT: Final = 3.0
_CODE: Final = re.compile(r"\bERR ([A-Z][A-Z-]*)")
_TRACKED: Final = re.compile(r"OK TRACKING ([A-Za-z0-9._-]{1,128})\s*$")
_WORD: Final = re.compile(r"[A-Za-z0-9._-]{1,128}")
_PRINTABLE: Final = re.compile(r"[\x20-\x7e]*")
_DENIED: Final = {
    "ACCESS-DENIED",
    "USERNAME-REQUIRED",
    "PASSWORD-REQUIRED",
    "INVALID-USERNAME",
    "INVALID-PASSWORD",
}
#: What a driver says of a command that it did not carry out.
_NOT_DONE: Final = {"FAILED", "INVALID-ARGUMENT", "UNKNOWN"}
# A driver takes as long as its device does.
_LOOK_AGAIN: Final = 0.1
#: Nobody has a variable of this name: to be refused it, one has to be let in first.
_NO_VARIABLE: Final = "infoscreen.login.check"


class Login(StrEnum):
    """What is known of a user name and password after they were tried."""

    NONE = "none"
    VERIFIED = "verified"
    NOT_VERIFIABLE = "not_verifiable"  # wrong, or of a user who may run commands and nothing else


class NoAnswerError(TimedOutError):
    """A command was sent and not answered, or with nonsense: it may have been carried out."""


def quoted(text: str) -> str:
    """Return a text as one word of the protocol, whatever is in it."""
    if not _PRINTABLE.fullmatch(text):
        raise BadLoginError
    return '"' + re.sub(r'(["\\#])', r"\\\1", text) + '"'


class _Connection(AIONUTClient):
    """What aionut leaves out: any question, which a login's check needs, and commands that are sent once."""

    @override
    def disconnect(self) -> None:
        # By itself it forgets a connection whose login was refused, and leaves it open.
        self._connected = self._writer is not None
        super().disconnect()

    @connected_operation
    async def ask(self, line: str) -> str:
        """Say one line, and return the answer."""
        return (await self._write_command_or_raise(f"{line}\n")).strip()

    @connected_operation
    async def order(self, line: str) -> None:
        """Say one line, once, and hear its end: what is not answered, or with nonsense, is not said again."""
        with suppress(NUTLoginError, NUTCommandError):  # an older server cannot tell what drivers do
            await self._write_command_or_raise("SET TRACKING ON\n", "OK")
        try:
            answer = await self._write_command_or_raise(f"{line}\n", "OK")
        except NUTLoginError, NUTCommandError:
            raise
        except (AioNutError, OSError, ValueError) as err:
            raise NoAnswerError from err
        if tracked := _TRACKED.match(answer):
            await self._follow(tracked[1])

    async def _follow(self, command: str) -> None:
        """Wait for what the driver makes of a command; one that never tells is believed to do it."""
        try:
            async with timeout(self.timeout):
                while True:
                    if "PENDING" not in await self._write_command_or_raise(f"GET TRACKING {command}\n"):
                        return
                    await sleep(_LOOK_AGAIN)
        except (AioNutError, OSError, ValueError) as err:
            if _code(err) in _NOT_DONE:
                raise


@contextmanager
def _translated() -> Iterator[None]:
    """Turn what aionut raises, and lets through, into what went wrong."""
    try:
        yield
    except (AioNutError, EOFError, LimitOverrunError, IndexError) as err:  # IndexError: a line too short
        raise _meant(err) from err


def _meant(err: Exception) -> NutError:
    """Return what an error of aionut means; most say no more than why they came."""
    if isinstance(err, NUTLoginError | NUTCommandError):
        code = _code(err)
        return DeniedError(code) if code in _DENIED else RefusedError(code)
    if isinstance(err, NUTTimeoutError):
        return TimedOutError("timeout")
    cause = err.__cause__
    if isinstance(cause, gaierror) or (
        isinstance(cause, UnicodeError) and not isinstance(cause, UnicodeDecodeError)
    ):
        return NameNotFoundError(str(err))
    if isinstance(err, NUTProtocolError | NUTValueError | LimitOverrunError | IndexError):
        return NotNutError(type(err).__name__)
    return CannotConnectError(str(err) or type(err).__name__)


def _code(err: Exception) -> str:
    """Return the server's word for why not."""
    found = _CODE.search(str(err))
    return found[1] if found else "ERROR"


class NutClient:
    """Asks one server."""

    def __init__(self, data: Mapping[str, Any], *, timeout: float = TIMEOUT) -> None:
        self.host: str = data[CONF_HOST]
        self.port: int = data[CONF_PORT]
        self._username: str | None = data.get(CONF_USERNAME) or None
        self._password: str | None = data.get(CONF_PASSWORD) or None
        self._timeout = timeout

    @property
    def has_login(self) -> bool:
        """Tell whether it says who it is."""
        return self._username is not None

    def _connection(self) -> _Connection:
        return _Connection(
            self.host,
            self.port,
            None if self._username is None else quoted(self._username),
            None if self._password is None else quoted(self._password),
            timeout=self._timeout,
            persistent=False,
        )

    async def async_list(self) -> dict[str, str]:
        """Return the descriptions of all UPSes by name."""
        with _translated():
            listed = await self._connection().list_ups()
        return {name: text for name, text in listed.items() if _PRINTABLE.fullmatch(name)}

    async def async_variables(self, name: str) -> dict[str, str]:
        """Return what a UPS reports."""
        with _translated():
            return await self._connection().list_vars(name)

    async def async_commands(self, name: str) -> frozenset[str]:
        """Return the commands that a UPS knows."""
        with _translated():
            return frozenset(await self._connection().list_commands(name))

    async def async_version(self) -> str:
        """Return what the server calls itself; what says nothing of the sort is no NUT server."""
        with _translated():
            return await self._connection().ask("VER")

    async def async_run(self, name: str, command: str, value: str | None = None) -> None:
        """Have a command carried out, and never ask twice."""
        if not _WORD.fullmatch(command):
            raise RefusedError("CMD-NOT-SUPPORTED")
        line = f"INSTCMD {name} {command}" + (f" {quoted(value)}" if value else "")
        with _translated():
            await self._connection().order(line)

    async def async_verify(self, name: str) -> Login:
        """Find out whether the login is right, as far as that can be found out without a command."""
        if not self.has_login:
            return Login.NONE
        for line in (f"LOGIN {name}", f'SET VAR {name} {_NO_VARIABLE} "1"'):
            try:
                with _translated():
                    await self._connection().ask(line)
            except RefusedError as err:
                if err.code in {"VAR-NOT-SUPPORTED", "READONLY"}:
                    return Login.VERIFIED
            except NutError:
                continue
            else:
                return Login.VERIFIED
        return Login.NOT_VERIFIABLE


def description_of(text: str) -> str:
    """Return what upsd was told a UPS is; what it says where it was told nothing is nothing."""
    return "" if text.casefold() in {"", "description unavailable", "unavailable"} else text
