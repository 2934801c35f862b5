"""What helps to find a fault about UPSes: all they say, what of it is not believed, and what they can do."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Final

from homeassistant.components.diagnostics import REDACTED

from .client import Login, NutClient
from .errors import NutError
from .runtime import UpsConfigEntry

#: upsd shows what ups.conf says of a driver, passwords included; these are none.
_PARAMETER: Final = "driver.parameter."
_HARMLESS: Final = {
    "bus",
    "mibs",
    "pollfreq",
    "pollinterval",
    "productid",
    "snmp_version",
    "subdriver",
    "synchronous",
    "vendorid",
}
#: By these one device is told from all others.
_OWN: Final = {"macaddr", "serial"}


async def async_server_diagnostics(entry: UpsConfigEntry) -> dict[str, Any]:
    """Tell how a NUT server and its UPSes are."""
    coordinator = entry.runtime_data.coordinator
    return {
        "entry": {"data": dict(entry.data), "options": dict(entry.options)},
        "server": await _server(entry.runtime_data.client, next(iter(coordinator.data), None)),
        "reached": coordinator.last_update_success,
        "not_followed": sorted(coordinator.others.values()),
        "upses": {key: ups_diagnostics(entry, key) for key in coordinator.data},
    }


def ups_diagnostics(entry: UpsConfigEntry, key: str) -> dict[str, Any]:
    """Tell how one UPS is."""
    coordinator = entry.runtime_data.coordinator
    ups = coordinator.data[key]
    return {
        "name": ups.name,
        "state": ups.state,
        "reason": ups.reason,
        "since": ups.since,
        "last_ok": ups.last_ok,
        "variables": _without_secrets(ups.variables),
        "commands": sorted(ups.commands),
        "alertness": asdict(ups.alertness),
        "rejected": {
            f"{variable}: {why}": times
            for (of, variable, why), times in coordinator.rejected.items()
            if of == key
        },
    }


def _without_secrets(variables: Mapping[str, str]) -> dict[str, str]:
    return {name: REDACTED if _is_secret(name) else value for name, value in variables.items()}


def _is_secret(variable: str) -> bool:
    """Tell whether a variable may be a secret; what no one thought of is one."""
    if variable.startswith(_PARAMETER):
        return variable.removeprefix(_PARAMETER) not in _HARMLESS
    return variable.rpartition(".")[2] in _OWN


async def _server(client: NutClient, ups: str | None) -> dict[str, str]:
    """Ask the server what it is, and whether it knows the login."""
    try:
        version = await client.async_version()
    except NutError as err:
        return {"error": type(err).__name__}
    return {"version": version, "login": await client.async_verify(ups) if ups else Login.NONE}
