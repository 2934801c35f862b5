"""The repairs about UPSes: what a person has to mend on the NUT server, or to decide here."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import CONF_HOST, CONF_PASSWORD
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir
from homeassistant.util import dt as dt_util

from ..alarm import Alarm
from ..const import CONF_UPSES_LEFT_OUT, DOMAIN
from ..issues import async_raise_issue, plain
from ..model.ups.device import State, Ups
from ..model.ups.status import Reason
from .coordinator import UpsCoordinator

UPS_NOT_FOUND: Final = "ups_not_found"
DATA_STALE: Final = "data_stale"
DRIVER_NOT_CONNECTED: Final = "driver_not_connected"
FSD_LATCHED: Final = "fsd_latched"
UPS_FOUND: Final = "ups_found"
PASSWORD_IN_CLEAR: Final = "password_in_clear"  # noqa: S105  # the name of a repair

#: A driver that lost its device for a moment finds it again by itself.
STALE_AFTER: Final = timedelta(minutes=5)
#: What a password does not leave the machine for.
LOCAL_HOSTS: Final = {"localhost", "127.0.0.1", "::1"}


class _Trouble(NamedTuple):
    """A repair that is due, now or later."""

    key: str
    due: datetime


class Troubles:
    """Lets repairs stand while there is something to repair."""

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry, coordinator: UpsCoordinator) -> None:
        self._hass = hass
        self._entry = entry
        self._coordinator = coordinator
        self._alarm = Alarm(hass, entry, "a UPS has been in trouble for long enough", lambda _: self._look())
        self._standing: set[str] | None = None
        self._left_out = {name.casefold() for name in entry.data.get(CONF_UPSES_LEFT_OUT, ())}

    @callback
    def async_start(self) -> None:
        """Look from now on."""
        self._look_at_password()
        self._look()
        self._entry.async_on_unload(self._coordinator.async_add_listener(self._look))

    def _look_at_password(self) -> None:
        """Say that a password crosses the network in clear text."""
        issue_id = f"{PASSWORD_IN_CLEAR}_{self._entry.entry_id}"
        if CONF_PASSWORD not in self._entry.data or self._entry.data[CONF_HOST] in LOCAL_HOSTS:
            ir.async_delete_issue(self._hass, DOMAIN, issue_id)
            return
        async_raise_issue(
            self._hass,
            self._entry,
            issue_id,
            translation_key=PASSWORD_IN_CLEAR,
            translation_placeholders={"server": self._entry.title},
        )

    @callback
    def _look(self) -> None:
        now, later, due = dt_util.utcnow(), list[datetime](), set[str]()
        for ups in self._coordinator.data.values():
            for trouble in _troubles(ups):
                if trouble.due > now:
                    later.append(trouble.due)
                else:
                    due.add(self._raise(trouble.key, ups))
        for key, name in self._coordinator.others.items():
            if key not in self._left_out:
                due.add(self._offer(key, name))
        for issue_id in (self._known() if self._standing is None else self._standing) - due:
            ir.async_delete_issue(self._hass, DOMAIN, issue_id)
        self._standing = due
        self._alarm.async_set(min(later, default=None))

    def _known(self) -> set[str]:
        """Return the repairs that stand since before the start."""
        prefixes = tuple(
            f"{key}_{self._entry.entry_id}_"
            for key in (UPS_NOT_FOUND, DATA_STALE, DRIVER_NOT_CONNECTED, FSD_LATCHED, UPS_FOUND)
        )
        issues = ir.async_get(self._hass).issues
        return {issue_id for domain, issue_id in issues if domain == DOMAIN and issue_id.startswith(prefixes)}

    def _raise(self, key: str, ups: Ups) -> str:
        """Let a repair stand, unless it does."""
        issue_id = f"{key}_{self._entry.entry_id}_{ups.key}"
        name = plain(ups.description or ups.name)
        if self._standing is not None and issue_id in self._standing:
            return issue_id
        if key == UPS_NOT_FOUND:
            async_raise_issue(
                self._hass,
                self._entry,
                issue_id,
                translation_key=UPS_NOT_FOUND,
                translation_placeholders={"ups": name},
                is_fixable=True,
                ups=ups.key,
            )
            return issue_id
        async_raise_issue(
            self._hass,
            self._entry,
            issue_id,
            translation_key=key,
            translation_placeholders={"ups": name, "server": self._entry.title},
        )
        return issue_id

    def _offer(self, key: str, name: str) -> str:
        """Offer a UPS that came after others were chosen."""
        issue_id = f"{UPS_FOUND}_{self._entry.entry_id}_{key}"
        if self._standing is None or issue_id not in self._standing:
            async_raise_issue(
                self._hass,
                self._entry,
                issue_id,
                translation_key=UPS_FOUND,
                translation_placeholders={"ups": plain(name)},
                is_fixable=True,
                ups=name,
            )
        return issue_id


def _troubles(ups: Ups) -> Iterator[_Trouble]:
    """Return what is to be repaired about a UPS, and from when on."""
    if ups.state is State.NOT_FOUND:
        yield _Trouble(UPS_NOT_FOUND, ups.since)
    if ups.state is State.STALE:
        yield _Trouble(DATA_STALE, ups.since + STALE_AFTER)
    if ups.state is State.DRIVER_LOST:
        yield _Trouble(DRIVER_NOT_CONNECTED, ups.since)
    if Reason.SHUTDOWN_LATCHED in ups.alertness.reasons:
        yield _Trouble(FSD_LATCHED, ups.since)
