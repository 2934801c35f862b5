"""What is asked of a NUT server, and what is made of its answers."""

from collections.abc import AsyncGenerator
from socket import gaierror
from unittest.mock import patch

import pytest

from custom_components.infoscreen.nut.client import Login, NoAnswerError, NutClient
from custom_components.infoscreen.nut.errors import (
    BadLoginError,
    CannotConnectError,
    DeniedError,
    NameNotFoundError,
    NotNutError,
    NutError,
    RefusedError,
    TimedOutError,
)

from .fake_nut import FakeNut, Fault, fake_nut

VALUES = {"ups.status": "OL CHRG", "battery.charge": "100", "ups.serial": "##\\##", "ups.model": '"Exide" 5'}


@pytest.fixture
async def server(socket_enabled: None) -> AsyncGenerator[FakeNut]:
    """Serve two UPSes."""
    async with fake_nut({"rack": VALUES, "Office": {"ups.status": "OB"}}) as server:
        server.commands["rack"] = {"beeper.toggle", "test.battery.start"}
        server.login = ("monitor", "secret")
        yield server


def client(
    server: FakeNut, username: str | None = None, password: str | None = None, host: str = "127.0.0.1"
) -> NutClient:
    """Return a client in a hurry."""
    data = {"host": host, "port": server.port, "username": username, "password": password}
    return NutClient(data, timeout=0.2)


async def test_what_a_server_tells(server: FakeNut) -> None:
    """Names, values and commands, without saying who asks."""
    asked = client(server)
    assert await asked.async_list() == {
        "rack": "Description unavailable",
        "Office": "Description unavailable",
    }
    assert (await asked.async_variables("rack"))["battery.charge"] == "100"
    assert await asked.async_commands("rack") == {"beeper.toggle", "test.battery.start"}
    assert not any(line.startswith(("USERNAME", "PASSWORD")) for line in server.lines)


@pytest.mark.parametrize("password", ["a b", "a=b", "a#b", "a\\b", 'a"b', "ab'", " "])
async def test_a_password_may_be_of_any_printable_characters(server: FakeNut, password: str) -> None:
    """Half of them mean something to the protocol."""
    server.login = ("the monitor", password)
    server.fault = Fault.ASKS_FOR_LOGIN
    assert "rack" in await client(server, "the monitor", password).async_list()


@pytest.mark.parametrize("password", ["a\nb", "a\rb", "käse", "\x7f"])
async def test_a_password_that_cannot_be_said_is_not_said(server: FakeNut, password: str) -> None:
    """A new line in it would be a command."""
    with pytest.raises(BadLoginError):
        await client(server, "monitor", password).async_list()
    assert server.lines == []


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fault.CLOSES, CannotConnectError),
        (Fault.HANGS, TimedOutError),
        (Fault.WEB, NotNutError),
        (Fault.CUT, CannotConnectError),
        (Fault.ASKS_FOR_LOGIN, DeniedError),
    ],
)
async def test_each_fault_of_a_server_has_its_name(
    server: FakeNut, fault: Fault, error: type[NutError]
) -> None:
    """The form says which step failed."""
    server.fault = fault
    with pytest.raises(error) as raised:
        await client(server).async_list()
    assert type(raised.value) is error


async def test_a_list_without_an_end_is_not_taken_in(server: FakeNut) -> None:
    """Nobody has a UPS with so many variables; memory is not for whoever answers there."""
    server.upses["rack"] = {f"variable.{number}": "x" * 100 for number in range(1000)}
    with pytest.raises(NotNutError):
        await client(server).async_variables("rack")


async def test_a_server_that_is_not_there_and_a_name_that_is_not(server: FakeNut) -> None:
    """Two steps of the form."""
    await server.stop()
    with pytest.raises(CannotConnectError):
        await client(server).async_list()
    for error in (gaierror("unknown"), UnicodeError("label empty or too long")):
        with patch("socket.getaddrinfo", side_effect=error), pytest.raises(NameNotFoundError):
            await client(server, host="nowhere.invalid").async_list()


async def test_an_error_of_one_ups_is_told_by_its_word(server: FakeNut) -> None:
    """They all come as the same class."""
    server.bad["rack"] = "DATA-STALE"
    with pytest.raises(RefusedError) as raised:
        await client(server).async_variables("rack")
    assert raised.value.code == "DATA-STALE"


@pytest.mark.parametrize(
    ("login", "known"),
    [
        ((None, None), Login.NONE),
        (("monitor", "secret"), Login.VERIFIED),
        (("monitor", "wrong"), Login.NOT_VERIFIABLE),
        (("monitor", None), Login.NOT_VERIFIABLE),
    ],
)
async def test_a_login_is_verified_as_far_as_that_goes(
    server: FakeNut, login: tuple[str | None, str | None], known: Login
) -> None:
    """A server that lets anybody read says yes to every password."""
    assert await client(server, *login).async_verify("rack") is known


@pytest.mark.parametrize("answer", ["OK\n", "ERR ALREADY-LOGGED-IN\n"])
async def test_a_login_is_right_if_it_may_watch(server: FakeNut, answer: str) -> None:
    """Or if it is refused something that only those who are let in are refused."""
    server.says_to_login = answer
    assert await client(server, "monitor", "secret").async_verify("rack") is Login.VERIFIED


async def test_a_command_is_sent_once_even_if_it_is_not_answered(server: FakeNut) -> None:
    """Twice, a beeper would be as it was, and an outlet would cycle two times."""
    server.unanswered = {"beeper.toggle"}
    with pytest.raises(NoAnswerError):
        await client(server, "monitor", "secret").async_run("rack", "beeper.toggle")
    assert server.ran == ["beeper.toggle"]


async def test_a_command_whose_answer_says_nothing_is_not_sent_again(server: FakeNut) -> None:
    """It may have been carried out as well."""
    server.garbled = {"beeper.toggle"}
    with pytest.raises(NoAnswerError):
        await client(server, "monitor", "secret").async_run("rack", "beeper.toggle")
    assert server.ran == ["beeper.toggle"]


async def test_a_command_that_could_not_be_sent_was_not_carried_out(server: FakeNut) -> None:
    """Nobody need look whether it was."""
    server.fault = Fault.HANGS
    with pytest.raises(TimedOutError) as raised:
        await client(server, "monitor", "secret").async_run("rack", "beeper.toggle")
    assert not isinstance(raised.value, NoAnswerError)
    assert server.ran == []


@pytest.mark.parametrize("word", ["FAILED", "UNKNOWN", "INVALID-ARGUMENT"])
async def test_what_a_driver_does_not_do_is_told(server: FakeNut, word: str) -> None:
    """The server takes a command, and hears of its end a little later."""
    server.ends = {"beeper.toggle": ["PENDING\n", f"ERR {word}\n"]}
    with pytest.raises(RefusedError) as raised:
        await client(server, "monitor", "secret").async_run("rack", "beeper.toggle")
    assert raised.value.code == word
    assert server.ran == ["beeper.toggle"]


@pytest.mark.parametrize(
    "ends",
    [["PENDING\n", "SUCCESS\n"], ["PENDING\n"] * 100, ["ERR FEATURE-NOT-CONFIGURED\n"], ["\xff\n"], [""]],
)
async def test_a_command_that_was_taken_is_sent_once_whatever_is_told_of_its_end(
    server: FakeNut, ends: list[str]
) -> None:
    """Some drivers never tell."""
    server.ends = {"beeper.toggle": ends}
    await client(server, "monitor", "secret").async_run("rack", "beeper.toggle")
    assert server.ran == ["beeper.toggle"]


async def test_a_command_may_have_a_value_but_no_second_line(server: FakeNut) -> None:
    """What stands in it is one word."""
    asked = client(server, "monitor", "secret")
    await asked.async_run("rack", "test.battery.start", '6"0 #')
    assert server.ran == ['test.battery.start 6"0 #']
    with pytest.raises(BadLoginError):
        await asked.async_run("rack", "test.battery.start", "1\nINSTCMD rack load.off")
    with pytest.raises(RefusedError):
        await asked.async_run("rack", "beeper.toggle\nFSD rack")
    assert server.ran == ['test.battery.start 6"0 #']


async def test_a_command_that_the_user_may_not_run(server: FakeNut) -> None:
    """The right user, and the wrong right."""
    server.denied = {"beeper.toggle"}
    with pytest.raises(DeniedError):
        await client(server, "monitor", "secret").async_run("rack", "beeper.toggle")
