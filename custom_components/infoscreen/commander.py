"""Sends commands and follows them to their end: asks the model, does what it says, sets a timer."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import uuid4

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.dispatcher import async_dispatcher_send
from homeassistant.util import dt as dt_util
from homeassistant.util.signal_type import SignalType

from .alarm import Alarm
from .broker import Broker, NotPublishedError
from .const import (
    CONF_COMMAND_EXPIRY,
    CONF_COMPATIBILITY_TOPICS,
    DEFAULT_COMMAND_EXPIRY,
    DOMAIN,
)
from .coordinator import ScreenCoordinator
from .fleet import Fleet
from .model.commands import PUBLISH_FAILED, Action, Command, State
from .model.fleet import Screen
from .model.messages import Message
from .model.topics import legacy_restart
from .model.wire import as_json
from .store import FleetStore

_LEGACY_RESTART = as_json({"action": "restart"})


class Commander:
    """All commands of one fleet that are under way."""

    def __init__(
        self, hass: HomeAssistant, entry: ConfigEntry, broker: Broker, fleet: Fleet, store: FleetStore
    ) -> None:
        self._hass = hass
        self._entry = entry
        self._broker = broker
        self._fleet = fleet
        self._store = store
        self._open: dict[str, dict[str, Command]] = {}  # by screen, by command id
        self.changed = SignalType[()](f"{DOMAIN}_{entry.entry_id}_commands")
        self._alarm = Alarm(hass, entry, "a command takes too long", self._pass_time)

    @property
    def pending(self) -> int:
        """Return how many commands are under way."""
        return sum(map(len, self._open.values()))

    @callback
    def async_start(self) -> None:
        """Take up what was under way, and show each screen's newest command."""
        for command in sorted(self._store.commands.values(), key=lambda command: command.issued_at):
            if not command.over:
                self._open.setdefault(command.uuid.lower(), {})[command.command_id] = command
            if coordinator := self._fleet.async_find(command.uuid):
                coordinator.async_show(command=command)
        self._pass_time(dt_util.utcnow())

    async def async_request(
        self, coordinator: ScreenCoordinator, action: Action, *, reason: str | None, user: str | None
    ) -> Command:
        """Send a command; return when the broker has taken it, raise when it did not."""
        now = dt_util.utcnow()
        expiry = self._entry.options.get(CONF_COMMAND_EXPIRY, DEFAULT_COMMAND_EXPIRY)
        command = Command(
            command_id=str(uuid4()),
            uuid=coordinator.screen.uuid,
            action=action,
            issued_at=now,
            expires_at=now + timedelta(seconds=expiry),
            since=now,
            reason=reason,
            user=user,
        )
        self._open.setdefault(coordinator.screen.key, {})[command.command_id] = command
        self._forget_past(coordinator)
        self._note(coordinator, command)
        await self._store.async_save()
        await self._send(coordinator, command)
        after = self._current(command)
        if after.error_code == PUBLISH_FAILED:
            raise HomeAssistantError(
                translation_domain=DOMAIN,
                translation_key="command_not_published",
                translation_placeholders={"screen": coordinator.screen.name},
            )
        return after

    async def async_request_all(
        self, actions: Mapping[ScreenCoordinator, Action], *, reason: str | None, user: str | None
    ) -> None:
        """Send commands side by side; no failure stops another, and all that failed are named at the end."""
        asked = [
            self.async_request(coordinator, action, reason=reason, user=user)
            for coordinator, action in actions.items()
        ]
        ends = await asyncio.gather(*asked, return_exceptions=True)
        failed = []
        for coordinator, end in zip(actions, ends, strict=True):
            if isinstance(end, HomeAssistantError):
                failed.append(coordinator.screen.name)
            elif isinstance(end, BaseException):
                raise end
        if failed:
            raise HomeAssistantError(
                translation_domain=DOMAIN,
                translation_key="commands_not_published",
                translation_placeholders={"screens": ", ".join(sorted(failed))},
            )

    def _forget_past(self, coordinator: ScreenCoordinator) -> None:
        """Make room for a screen's newest command; those under way are kept beside it."""
        self._store.commands = {
            kept.command_id: kept
            for kept in self._store.commands.values()
            if not kept.over or kept.uuid.lower() != coordinator.screen.key
        }

    def _current(self, command: Command) -> Command:
        """Return a command as it stands by now: others may have changed it while we waited."""
        return self._store.commands.get(command.command_id, command)

    async def _send(self, coordinator: ScreenCoordinator, command: Command) -> None:
        """Publish a command to every topic on which its screen may listen; the primary one decides."""
        taken = False
        if self._broker.connected and not self._current(command).over:
            self._change(coordinator, command, command.handed_over(dt_util.utcnow()))
            ways = self._ways(coordinator.screen, command)
            taken, *_others = await asyncio.gather(
                *(self._is_taken(command, topic, payload) for topic, payload in ways.items())
            )
        now, current = dt_util.utcnow(), self._current(command)
        self._change(coordinator, current, current.taken(now) if taken else current.not_taken(now))

    def _ways(self, screen: Screen, command: Command) -> dict[str, bytes]:
        """Return what to publish where, the primary topic first."""
        topics, payload = self._fleet.topics, as_json(command.payload())
        ways = {topics.commands(screen.uuid): payload}
        if self._entry.options.get(CONF_COMPATIBILITY_TOPICS, True):
            ways[topics.compat_commands(screen.uuid)] = payload
            if command.action is Action.REBOOT_HOST and not screen.migrated:
                ways[legacy_restart(screen.uuid)] = _LEGACY_RESTART
        return ways

    async def _is_taken(self, command: Command, topic: str, payload: bytes) -> bool:
        """Publish to one topic and tell whether the broker took it."""
        expiry = int((command.expires_at - command.issued_at).total_seconds())
        try:
            await self._broker.async_publish(topic, payload, expiry=expiry)
        except NotPublishedError:
            return False
        return True

    @callback
    def async_heard(
        self, coordinator: ScreenCoordinator, message: Message, last_heard: datetime | None, now: datetime
    ) -> None:
        """Take in that a screen spoke, having last been heard then; its commands may have come further."""
        if not (commands := self._open.get(coordinator.screen.key)):
            return
        for command in list(commands.values()):
            stage = command
            for following in command.heard(message, now, last_heard=last_heard):
                stage = self._change(coordinator, stage, following)

    @callback
    def async_fell_silent(self, coordinator: ScreenCoordinator, now: datetime) -> None:
        """Take in that a screen has been silent beyond the grace; a shutdown may be over."""
        for command in list(self._open.get(coordinator.screen.key, {}).values()):
            self._change(coordinator, command, command.fell_silent(now))

    async def async_move(self, old: str, new: str) -> None:
        """Give a screen's commands to another one; those under way were for a device that is gone."""
        now, commands, coordinator = dt_util.utcnow(), self._store.commands, self._fleet.async_find(new)
        self._open.pop(old, None)
        moved = {key: command for key, command in commands.items() if command.uuid.lower() == old}
        for key, command in moved.items():
            commands[key] = replace(command.reached(State.CANCELED, now), uuid=new)
            if coordinator:
                self._note(coordinator, commands[key])
        self._set_alarm()

    def _change(self, coordinator: ScreenCoordinator, before: Command, after: Command) -> Command:
        """Take over what became of a command."""
        if after is before:
            return after
        if after.over:
            commands = self._open.get(coordinator.screen.key, {})
            commands.pop(after.command_id, None)
            if not commands:
                self._open.pop(coordinator.screen.key, None)
        else:
            self._open.setdefault(coordinator.screen.key, {})[after.command_id] = after
        self._note(coordinator, after)
        if after.action is Action.SHUTDOWN_HOST and after.state is State.COMPLETED:
            self._fleet.async_went_off(coordinator, coordinator.pulse.last_heard or after.since)
        return after

    def _note(self, coordinator: ScreenCoordinator, command: Command) -> None:
        """Store and show a command, and set the timer anew."""
        self._store.commands[command.command_id] = command
        self._store.async_save_soon(0)
        async_dispatcher_send(self._hass, self.changed)
        shown = coordinator.data.command
        if shown is None or shown.issued_at <= command.issued_at:
            coordinator.async_show(command=command)
        self._set_alarm()

    @callback
    def _pass_time(self, now: datetime) -> None:
        """Let every deadline up to now have its effect."""
        for key, commands in list(self._open.items()):
            if (coordinator := self._fleet.screens.get(key)) is None:
                del self._open[key]
                continue
            for command in list(commands.values()):
                self._change(coordinator, command, command.at(now))
        self._set_alarm()

    def _set_alarm(self) -> None:
        """Wake at the next deadline of any command."""
        dues = (command.due for commands in self._open.values() for command in commands.values())
        self._alarm.async_set(min((due for due in dues if due is not None), default=None))
