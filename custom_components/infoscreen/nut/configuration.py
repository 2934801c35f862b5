"""The configuration of NUT: read where Home Assistant may, looked through, and told in people's words."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from os import fstat
from pathlib import Path
from stat import S_IROTH
from typing import Any, Final

from homeassistant.const import CONF_HOST, CONF_PASSWORD, CONF_PORT, CONF_USERNAME
from homeassistant.core import HomeAssistant, callback

from ..errors import refusal
from ..issues import plain
from ..model.nut.compare import Used, compare
from ..model.nut.findings import File, Finding, Severity
from ..model.nut.validate import validate
from ..model.ups.device import State
from ..texts import async_text, language_for
from .coordinator import UpsCoordinator
from .troubles import LOCAL_HOSTS

#: A configuration of a hundred UPSes has 20,000.
MAX_LENGTH: Final = 200_000
#: So many findings are read in a form or a repair; the action returns all.
_MOST_SHOWN: Final = 10
_GRAVITY: Final = tuple(Severity)


@dataclass(frozen=True, kw_only=True, slots=True)
class Given:
    """What is to be looked at: texts, which of their files everybody may read, and whether it is a folder."""

    texts: Mapping[File, str]
    exposed: frozenset[File] = frozenset()
    whole: bool = False


type Stamp = tuple[tuple[File, int, int, int], ...]


def read(hass: HomeAssistant, path: str) -> Given:
    """Read one file, or those that are in a folder; not in the event loop."""
    if not _is_allowed(hass, path):
        raise refusal("nut_path_not_allowed", path=path)
    there = {file: each for file, each in _paths(path).items() if each.is_file()}
    if not there:
        raise refusal("nut_no_file", path=path, files=", ".join(File))
    found = {file: _read(hass, each) for file, each in there.items()}
    return Given(
        texts={file: text for file, (text, _) in found.items()},
        exposed=frozenset(file for file, (_, mode) in found.items() if mode & S_IROTH),
        whole=Path(path).is_dir(),
    )


def stamp(hass: HomeAssistant, path: str) -> Stamp:
    """Return what is another when a file came, went or was changed; not in the event loop."""
    stamps = []
    for file, each in _paths(path).items() if _is_allowed(hass, path) else ():
        try:
            found = each.stat()
        except OSError:
            continue
        stamps.append((file, found.st_mtime_ns, found.st_ctime_ns, found.st_size))
    return tuple(stamps)


def findings_in(given: Given, used: Used | None) -> list[Finding]:
    """Return what is wrong, also held against what is used of a server."""
    for file, text in given.texts.items():
        if len(text) > MAX_LENGTH:
            raise refusal("nut_file_too_long", file=file, limit=f"{MAX_LENGTH}")
    findings = validate(given.texts, exposed=given.exposed, whole=given.whole)
    return findings + compare(given.texts, used) if used else findings


def findings_at(hass: HomeAssistant, path: str, used: Used | None) -> list[Finding]:
    """Return what is wrong with what can be read there; not in the event loop."""
    return findings_in(read(hass, path), used)


def used_of(
    data: Mapping[str, Any], followed: Collection[str], served: Collection[str], commands: Collection[str]
) -> Used:
    """Return what is used of a server by an entry with these data."""
    return Used(
        port=data[CONF_PORT],
        is_local=data[CONF_HOST] in LOCAL_HOSTS,
        username=data.get(CONF_USERNAME),
        password=data.get(CONF_PASSWORD),
        followed=frozenset(followed),
        served=frozenset(served),
        commands=frozenset(commands),
    )


@callback
def used_now(data: Mapping[str, Any], coordinator: UpsCoordinator) -> Used:
    """Return what is used of a server that is followed."""
    upses = coordinator.data.values()
    return used_of(
        data,
        followed=[ups.name for ups in upses],
        served=[
            *(ups.name for ups in upses if ups.state is not State.NOT_FOUND),
            *coordinator.others.values(),
        ],
        commands=commands_of(coordinator),
    )


@callback
def commands_of(coordinator: UpsCoordinator) -> set[str]:
    """Return all commands that the UPSes of a server know."""
    return {command for ups in coordinator.data.values() for command in ups.commands}


@callback
def told(hass: HomeAssistant, finding: Finding) -> dict[str, Any]:
    """Return a finding in Home Assistant's language."""
    language = language_for(hass)
    return {
        "file": finding.file.value,
        "line": finding.line,
        "code": finding.code,
        "severity": finding.severity.value,
        "text": async_text(hass, language, finding.text_key, finding.placeholders),
        "fix": async_text(hass, language, finding.fix_key, finding.placeholders),
    }


@callback
def listed(hass: HomeAssistant, findings: Iterable[Finding]) -> str:
    """Return the gravest findings as a list for people to read."""
    gravest = sorted(findings, key=lambda finding: _GRAVITY.index(finding.severity))[:_MOST_SHOWN]
    lines = (told(hass, finding) for finding in gravest)
    return "\n".join(
        f"- {line['file']}:{line['line']}: {plain(line['text'])} {plain(line['fix'])}" for line in lines
    )


def _paths(path: str) -> dict[File, Path]:
    """Return where the files are, if they are there: in a folder, or the one that is named."""
    place = Path(path)
    if place.is_dir():
        return {file: place / file for file in File}
    return {file: place for file in File if file == place.name}


def _is_allowed(hass: HomeAssistant, path: str) -> bool:
    """Tell whether Home Assistant was given leave to read something; links are followed."""
    try:
        return hass.config.is_allowed_path(path)
    except OSError, ValueError:
        return False


def _read(hass: HomeAssistant, path: Path) -> tuple[str, int]:
    """Return a file's text and mode, one character too far if it is too long; NUT drops what is not ASCII."""
    if not _is_allowed(hass, f"{path}"):
        raise refusal("nut_path_not_allowed", path=f"{path}")
    try:
        with path.open("rb") as file:
            return file.read(MAX_LENGTH + 1).decode("utf-8", "replace"), fstat(file.fileno()).st_mode
    except OSError as err:
        raise refusal(
            "nut_file_unreadable", path=f"{path}", error=err.strerror or type(err).__name__
        ) from err
