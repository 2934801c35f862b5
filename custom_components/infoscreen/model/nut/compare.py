"""A configuration held against a server that runs, and against what we use of it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Final

from .findings import File, Finding, Report
from .lexer import lines_of
from .sections import Section, sections_of
from .upsd_conf import DEFAULT_PORT

_LOOPBACK: Final = ("127.", "::1", "localhost")
_ALL: Final = "all"


@dataclass(frozen=True, kw_only=True, slots=True)
class Used:
    """What we use of a server, and what it serves."""

    port: int
    is_local: bool
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    followed: Collection[str] = ()
    served: Collection[str] = ()
    commands: Collection[str] = ()


def compare(texts: Mapping[File, str], used: Used) -> list[Finding]:
    """Return where the files and what is used differ; a file that is left out was not given."""
    found: list[Finding] = []
    for file, check in ((File.UPS, _upses), (File.UPSD, _listening), (File.USERS, _user)):
        if (text := texts.get(file)) is not None:
            report = Report(file)
            check(text, used, report)
            found += report.findings
    return found


def _upses(text: str, used: Used, report: Report) -> None:
    _, *sections = sections_of(text, Report(File.UPS))
    lines = {section.name.casefold(): section for section in sections}
    for name in sorted(used.followed):
        if name.casefold() not in lines:
            report.error(1, "followed_ups_missing", ups=name)
    served = {name.casefold() for name in used.served}
    for key, section in lines.items():
        if key not in served:
            report.warning(section.line, "ups_not_served", ups=section.name)


def _listening(text: str, used: Used, report: Report) -> None:
    listens = [line for line in lines_of(text) if line.texts[0] == "LISTEN" and len(line.texts) > 1]
    ports = {line.texts[2] if len(line.texts) > 2 else f"{DEFAULT_PORT}" for line in listens}
    last = listens[-1].number if listens else 1
    if f"{used.port}" not in (ports or {f"{DEFAULT_PORT}"}):
        report.error(last, "port_not_listened", port=f"{used.port}")
    if not used.is_local and all(line.texts[1].startswith(_LOOPBACK) for line in listens):
        report.error(last, "listens_only_here")


def _user(text: str, used: Used, report: Report) -> None:
    if used.username is None:
        return
    _, *users = sections_of(text, Report(File.USERS))
    user = next((each for each in users if each.name == used.username), None)
    if user is None:
        other = next((each for each in users if each.name.casefold() == used.username.casefold()), None)
        if other is None:
            report.error(1, "our_user_missing", user=used.username)
        else:
            report.error(other.line, "our_user_in_other_case", user=used.username, other=other.name)
        return
    passwords = [each for each in user.entries if each.key.casefold() == "password" and each.value]
    if passwords and passwords[0].value != used.password:
        report.error(passwords[0].line, "our_password_differs", user=user.name)
    denied = {each.casefold() for each in used.commands} - _granted(user)
    if denied and _ALL not in _granted(user):
        report.warning(user.line, "commands_not_granted", user=user.name, commands=", ".join(sorted(denied)))


def _granted(user: Section) -> set[str]:
    return {
        word.text.casefold()
        for each in user.entries
        if each.key.casefold() == "instcmds" and each.equals
        for word in each.values
    }
