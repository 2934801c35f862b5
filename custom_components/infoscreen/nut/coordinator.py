"""The UPSes of one NUT server: asked one by one, so that a bad one never hides the others."""

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final, override

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import ConfigEntryAuthFailed
from homeassistant.helpers.dispatcher import async_dispatcher_send
from homeassistant.helpers.update_coordinator import DataUpdateCoordinator, UpdateFailed
from homeassistant.util import dt as dt_util
from homeassistant.util.signal_type import SignalType

from ..alarm import Alarm
from ..const import (
    CONF_NUT_POLL_INTERVAL,
    CONF_NUT_RETRIES,
    CONF_NUT_RETRY_DELAY,
    CONF_UPSES,
    DEFAULT_NUT_POLL_INTERVAL,
    DEFAULT_NUT_RETRIES,
    DEFAULT_NUT_RETRY_DELAY,
    DOMAIN,
    LOGGER,
)
from ..model.ups.device import State, Ups
from ..model.ups.mains import is_pressing
from .battery_tests import BatteryTests
from .client import NutClient, description_of
from .devices import known_upses
from .errors import DeniedError, NutError, RefusedError

# While something is the matter every second counts; a driver asks its UPS every two.
_IN_A_HURRY: Final = timedelta(seconds=5)
# A server that is down is asked again after 5 s, then ever more rarely.
_FIRST_RETRY: Final = timedelta(seconds=5)
_LAST_RETRY: Final = timedelta(seconds=60)
# Each question is a connection of its own.
_AT_ONCE: Final = 4


@dataclass(frozen=True, kw_only=True, slots=True)
class _Answer:
    """What asking for one UPS came to."""

    variables: Mapping[str, str] | None = None
    commands: frozenset[str] | None = None  # asked for only when the UPS is new or was away
    state: State = State.OK
    reason: str = ""


class UpsCoordinator(DataUpdateCoordinator[Mapping[str, Ups]]):
    """Holds what is known of each UPS, by its key, and tells when that changes."""

    def __init__(
        self, hass: HomeAssistant, entry: ConfigEntry, client: NutClient, tests: BatteryTests
    ) -> None:
        super().__init__(
            hass,
            LOGGER,
            config_entry=entry,
            name=f"NUT server {entry.title}",
            update_interval=_interval(entry),
            always_update=False,
        )
        self.data = {}
        #: Values that no UPS can have, by UPS, variable and why; each is logged once.
        self.rejected: Counter[tuple[str, str, str]] = Counter()
        #: UPSes of the server that were not chosen, by key.
        self.others: Mapping[str, str] = {}
        self.server = f"{client.host}:{client.port}"
        #: Whether the server has told what it serves, be it nothing.
        self.answered = False
        self._client = client
        self._tests = tests
        self._entry = entry
        self._chosen: list[str] | None = entry.data.get(CONF_UPSES)
        self._known = {name.casefold(): name for name in self._chosen or known_upses(hass, entry)}
        self._untold: set[str] = set()  # of which the commands are still to be asked for
        self._failures = 0
        self._alarm = Alarm(hass, entry, "a UPS has been so for long enough", self._pass_time)
        self._semaphore = asyncio.Semaphore(_AT_ONCE)

    @override
    @callback
    def _async_refresh_finished(self) -> None:
        async_dispatcher_send(self.hass, asked(self._entry.entry_id))

    @callback
    def async_take(self, key: str, change: Callable[[Ups], Ups]) -> None:
        """Let something become of one UPS between two questions."""
        if (ups := self.data.get(key)) is not None:
            self.data = {**self.data, key: change(ups)}

    async def async_keep_tests(self) -> None:
        """Keep which UPSes test their batteries; on disk when this returns."""
        await self._tests.async_keep(self.data.values())

    @callback
    def async_forget(self, key: str) -> None:
        """Let a UPS go that is no more."""
        self._known.pop(key, None)
        self.data = {other: ups for other, ups in self.data.items() if other != key}
        self.async_update_listeners()

    @override
    async def _async_update_data(self) -> Mapping[str, Ups]:
        try:
            listed = await self._client.async_list()
        except NutError as err:
            return self._failed(err)
        returned, self._failures, self.answered = self._failures > 0, 0, True
        names = {name.casefold(): name for name in listed}
        if self._chosen is None:
            self._known |= names
        others = {key: name for key, name in names.items() if key not in self._known}
        if others != self.others:
            self.others = others
            self.hass.loop.call_soon(self.async_update_listeners)  # what is followed may be as it was
        keys = [*self._known]  # one may be removed while they are asked
        asked_for = [self._ask(key, names.get(key), returned=returned) for key in keys]
        answers = dict(zip(keys, await asyncio.gather(*asked_for), strict=True))
        # From here on nothing is waited for: what became of a UPS meanwhile is not lost.
        data = {
            key: self._told(self._named(key, names.get(key), listed), answer)
            for key, answer in answers.items()
            if key in self._known
        }
        if any(ups.state is State.DENIED for ups in data.values()):
            self._entry.async_start_reauth(self.hass)
        calm = all(ups.state is State.OK and not is_pressing(ups.status) for ups in data.values())
        interval = _interval(self._entry)
        self.update_interval = interval if calm else min(interval, _IN_A_HURRY)
        self._set_alarm(data)
        return data

    async def _ask(self, key: str, name: str | None, *, returned: bool) -> _Answer:
        """Ask for one UPS; whatever is wrong with it stays with it."""
        if name is None:
            return _Answer(state=State.NOT_FOUND, reason="UNKNOWN-UPS")
        known = self.data.get(key)
        async with self._semaphore:
            try:
                variables = await self._client.async_variables(name)
            except (DeniedError, RefusedError) as err:
                return _Answer(state=State.of(err.code), reason=err.code)
            except NutError as err:
                return _Answer(state=State.ERROR, reason=str(err))
            commands = None
            if returned or known is None or not known.fresh or key in self._untold:
                commands = await self._commands(key, name)
        return _Answer(variables=variables, commands=commands)

    async def _commands(self, key: str, name: str) -> frozenset[str] | None:
        """Ask for the commands of a UPS; one that tells none can be read all the same."""
        self._untold.discard(key)
        try:
            return await self._client.async_commands(name)
        except DeniedError, RefusedError:
            return None
        except NutError:  # it was not understood, or cut off
            self._untold.add(key)
            return None

    def _named(self, key: str, name: str | None, listed: Mapping[str, str]) -> Ups:
        """Return a UPS as the server calls it now."""
        ups = self.data.get(key) or Ups(
            name=self._known[key], since=dt_util.utcnow(), test_until=self._tests.until(key)
        )
        if name is None or (ups.name == name and ups.description == description_of(listed[name])):
            return ups
        return replace(ups, name=name, description=description_of(listed[name]))

    def _told(self, before: Ups, answer: _Answer) -> Ups:
        """Return a UPS after it was asked."""
        now = dt_util.utcnow()
        if answer.variables is None:
            return before.lost(answer.state, answer.reason, now)
        ups = before.heard(answer.variables, now)
        self._count_rejected(before, ups)
        return ups if answer.commands is None else replace(ups, commands=answer.commands)

    def _count_rejected(self, before: Ups, ups: Ups) -> None:
        """Count what cannot be true, each time it is said anew."""
        if ups.readings is before.readings:
            return
        for variable, read in ups.readings.items():
            if read.rejection is None:
                continue
            which = (ups.key, variable, read.rejection.value)
            if which not in self.rejected:
                LOGGER.info(
                    "%s reports %r as %s, which cannot be true; it is not shown",
                    ups.name,
                    ups.variables[variable][:80],
                    variable,
                )
            self.rejected[which] += 1

    def _failed(self, err: NutError) -> Mapping[str, Ups]:
        """Give the server some more tries before it counts as down; a login is no matter of luck."""
        now, denied = dt_util.utcnow(), isinstance(err, DeniedError)
        self._failures += 1
        if denied and not self.answered:
            raise ConfigEntryAuthFailed(
                translation_domain=DOMAIN,
                translation_key="nut_login_refused",
                translation_placeholders={"server": self.server},
            ) from err
        retries = self._entry.options.get(CONF_NUT_RETRIES, DEFAULT_NUT_RETRIES)
        if self.answered and not denied and self._failures <= retries:
            delay = self._entry.options.get(CONF_NUT_RETRY_DELAY, DEFAULT_NUT_RETRY_DELAY)
            self.update_interval = timedelta(seconds=delay)
            data = {key: ups.doubted(now) for key, ups in self.data.items()}
            self._set_alarm(data)
            return data
        if denied:
            self._entry.async_start_reauth(self.hass)
        self.data = {key: ups.lost(State.SERVER_LOST, str(err), now) for key, ups in self.data.items()}
        self._set_alarm()
        downs = self._failures if denied else self._failures - retries - 1
        self.update_interval = min(_FIRST_RETRY * 2 ** min(max(downs, 0), 5), _LAST_RETRY)
        raise UpdateFailed(
            translation_domain=DOMAIN,
            translation_key="nut_server_failed",
            translation_placeholders={"server": self.server, "error": str(err) or type(err).__name__},
        ) from err

    def _set_alarm(self, data: Mapping[str, Ups] | None = None) -> None:
        """Look again when time alone makes a difference."""
        changes = (ups.alertness.next_change for ups in (self.data if data is None else data).values())
        self._alarm.async_set(min(filter(None, changes), default=None))

    @callback
    def _pass_time(self, now: datetime) -> None:
        passed = {key: ups.passed(now) for key, ups in self.data.items()}
        changed, self.data = passed != self.data, passed
        self._set_alarm()
        if changed:
            self.async_update_listeners()


def asked(entry_id: str) -> SignalType[()]:
    """Return the signal that a server was asked, also where it said what it had said before."""
    return SignalType(f"{DOMAIN}_{entry_id}_asked")


def _interval(entry: ConfigEntry) -> timedelta:
    options: Mapping[str, Any] = entry.options
    return timedelta(seconds=options.get(CONF_NUT_POLL_INTERVAL, DEFAULT_NUT_POLL_INTERVAL))
