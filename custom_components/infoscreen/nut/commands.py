"""Commands to UPSes: sent once, and what came of it told in people's words."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir
from homeassistant.util import dt as dt_util

from ..const import DOMAIN
from ..errors import failure
from ..issues import async_raise_issue
from ..model.ups.device import Ups
from .client import NoAnswerError
from .coordinator import UpsCoordinator
from .errors import BadLoginError, DeniedError, NutError, RefusedError
from .runtime import UpsConfigEntry

COMMAND_DENIED: Final = "command_denied"
#: So a user is refused who gave a password; all other words ask for a login first.
_NO_RIGHT: Final = "ACCESS-DENIED"
_TESTS: Final = "test.battery.start"


async def async_run(
    hass: HomeAssistant, entry: UpsConfigEntry, ups: Ups, command: str, value: str | None = None
) -> None:
    """Have a UPS carry out a command; it is looked at anew soon after."""
    runtime, name = entry.runtime_data, ups.description or ups.name
    issue_id = f"{COMMAND_DENIED}_{entry.entry_id}_{ups.key}_{command}"
    try:
        async with _test_expected(runtime.coordinator, ups, command):
            await runtime.client.async_run(ups.name, command, value)
    except DeniedError as err:
        if err.code != _NO_RIGHT:
            entry.async_start_reauth(hass)
            raise failure("ups_command_needs_login", ups=name, command=command) from err
        _raise_denied(hass, entry, issue_id, ups, command)
        raise failure("ups_command_denied", ups=name, command=command) from err
    except NoAnswerError as err:
        raise failure("ups_command_unanswered", ups=name, command=command) from err
    except RefusedError as err:
        raise failure("ups_command_refused", ups=name, command=command, code=err.code) from err
    except BadLoginError as err:
        raise failure("ups_command_unsayable", ups=name, command=command) from err
    except NutError as err:
        raise failure("ups_command_not_sent", ups=name, command=command) from err
    ir.async_delete_issue(hass, DOMAIN, issue_id)
    await runtime.coordinator.async_request_refresh()


@asynccontextmanager
async def _test_expected(coordinator: UpsCoordinator, ups: Ups, command: str) -> AsyncIterator[None]:
    """Take what a UPS says from now on for a test of its battery, if it is told to do one."""
    if not command.startswith(_TESTS):
        yield
        return
    now = dt_util.utcnow()
    coordinator.async_take(ups.key, lambda it: it.tested(now))
    await coordinator.async_keep_tests()
    try:
        yield
    except NoAnswerError:
        raise
    except NutError:
        coordinator.async_take(ups.key, lambda it: it.untested(ups))
        await coordinator.async_keep_tests()
        raise


@callback
def async_forget_denied(hass: HomeAssistant, entry: ConfigEntry, key: str | None = None) -> None:
    """Take back what was said of commands that were denied, to one UPS or to all; it may be otherwise now."""
    for (domain, issue_id), issue in list(ir.async_get(hass).issues.items()):
        data = issue.data or {}
        if (domain, issue.translation_key) != (DOMAIN, COMMAND_DENIED):
            continue
        if data.get("entry_id") == entry.entry_id and key in {None, data.get("ups")}:
            ir.async_delete_issue(hass, domain, issue_id)


def _raise_denied(hass: HomeAssistant, entry: ConfigEntry, issue_id: str, ups: Ups, command: str) -> None:
    """Say which line is missing on the server."""
    async_raise_issue(
        hass,
        entry,
        issue_id,
        translation_key=COMMAND_DENIED,
        translation_placeholders={
            "server": entry.title,
            "command": command,
            "user": entry.data.get("username") or "?",
            "line": f"instcmds = {command}",
        },
        ups=ups.key,
    )
