"""Sends commands and follows them to their end: asks the model, does what it says, sets a timer."""

import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import uuid4

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import Context, HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.dispatcher import async_dispatcher_send
from homeassistant.util import dt as dt_util
from homeassistant.util.signal_type import SignalType

from .alarm import Alarm
from .announcer import Announcer
from .const import CONF_COMMAND_EXPIRY, DEFAULT_COMMAND_EXPIRY, DOMAIN
from .coordinator import ScreenCoordinator
from .devices import screen_name
from .fleet import Fleet
from .history import History
from .ledger import Ledger
from .model.commands import Command
from .model.errors import Refused
from .model.lifecycle import Action, State
from .model.lockout import locked_until
from .model.messages import Ack, Message
from .outcomes import Outcome, raise_failed
from .sender import Sender
from .store import FleetStore


class Commander:
    """All commands of one fleet that are under way."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry,
        sender: Sender,
        fleet: Fleet,
        store: FleetStore,
        history: History,
    ) -> None:
        self._hass = hass
        self._entry = entry
        self._sender = sender
        self._fleet = fleet
        self._store = store
        self._history = history
        self._announcer = Announcer(hass, entry)
        #: What there is of commands, for those who look after screens.
        self.ledger = Ledger(store, history)
        self._ran: set[str] = set()  # canceled, and carried out all the same
        above = f"{DOMAIN}_{entry.entry_id}_command"
        self.changed = SignalType[()](f"{above}s")
        self.ended = SignalType[ScreenCoordinator, Command](f"{above}_ended")
        self.ran_canceled = SignalType[ScreenCoordinator, Command](f"{above}_ran_canceled")
        self._alarm = Alarm(hass, entry, "a command takes too long", self._pass_time)

    @property
    def pending(self) -> int:
        """Return how many commands are under way."""
        return self.ledger.pending

    @callback
    def async_start(self) -> None:
        """Take up what was under way, and show each screen's newest command."""
        now = dt_util.utcnow()
        for command in self.ledger.async_load():
            if (coordinator := self._fleet.async_find(command.uuid)) is None:
                continue
            if self.ledger.async_is_newest(command):
                coordinator.async_show(command=command)
            if not command.over:
                self._change(coordinator, command, command.resumed(now))
        self._set_alarm()

    # Asking

    async def async_request(
        self,
        coordinator: ScreenCoordinator,
        action: Action,
        *,
        reason: str | None,
        context: Context | None = None,
        ladder: bool = False,
    ) -> Command:
        """Send a command; return when the broker has taken it, raise when it did not or must not.

        Of the recovery ladder, a reboot that times out rests there: what comes next is the ladder's to say.
        """
        outcomes = await self.async_ask({coordinator: action}, reason=reason, context=context, ladder=ladder)
        raise_failed(outcomes)
        return outcomes[0].command

    async def async_ask(
        self,
        actions: Mapping[ScreenCoordinator, Action],
        *,
        reason: str | None,
        context: Context | None = None,
        ladder: bool = False,
    ) -> list[Outcome]:
        """Send commands side by side; no failure stops another. Each is on disk before it is published."""
        now, known = dt_util.utcnow(), self.ledger.async_by_screen()
        asked: list[tuple[ScreenCoordinator, Command, datetime | None]] = []
        for coordinator, action in actions.items():
            command = self._make(coordinator, action, reason, context, now, ladder=ladder)
            until = locked_until(action, known.get(coordinator.screen.key, ()), now)
            asked.append((coordinator, command.blocked(now) if until else command, until))
        self.ledger.async_make_room({coordinator.screen.key for coordinator in actions}, now)
        for coordinator, command, _ in asked:
            self._begin(coordinator, command, context)
        try:
            await self._store.async_save()
        except HomeAssistantError:
            for coordinator, command, _ in asked:
                self._change(coordinator, self._current(command), self._current(command).not_taken(now))
            raise
        await asyncio.gather(*(self._send(coordinator, command) for coordinator, command, _ in asked))
        return [
            Outcome(
                screen=screen_name(self._hass, self._entry, coordinator.screen),
                command=self._current(command),
                locked_until=until,
            )
            for coordinator, command, until in asked
        ]

    async def async_cancel(self, command_id: str) -> Command:
        """Take a command back; raise Refused where that cannot be done any more."""
        command = self.ledger.async_get(command_id)
        coordinator = self._fleet.async_find(command.uuid) if command else None
        if command is None or coordinator is None:
            raise Refused("command_unknown", command_id=command_id)
        canceled = self._change(coordinator, command, command.canceled(dt_util.utcnow()))
        await self._store.async_save()
        return canceled

    @callback
    def async_knows(self, command_id: str) -> bool:
        """Tell whether a command is of this fleet."""
        return self.ledger.async_get(command_id) is not None

    async def async_forget(self, key: str) -> None:
        """Let the commands of a screen go that was deleted."""
        self.ledger.async_drop(key)
        self._set_alarm()
        await self._history.async_forget(key)

    def _make(
        self,
        coordinator: ScreenCoordinator,
        action: Action,
        reason: str | None,
        context: Context | None,
        now: datetime,
        *,
        ladder: bool,
    ) -> Command:
        """Return a new command."""
        expiry = self._entry.options.get(CONF_COMMAND_EXPIRY, DEFAULT_COMMAND_EXPIRY)
        return Command(
            command_id=str(uuid4()),
            uuid=coordinator.screen.uuid,
            action=action,
            issued_at=now,
            expires_at=now + timedelta(seconds=expiry),
            since=now,
            reason=reason,
            user=context.user_id if context else None,
            ladder=ladder,
        )

    def _begin(self, coordinator: ScreenCoordinator, command: Command, context: Context | None) -> None:
        """Take up a new command: from now on it is the one that is shown."""
        self._announcer.async_asked(coordinator.screen, command, context)
        self.ledger.async_begin(command)
        self._show(coordinator, command)
        if command.over:
            self._end(coordinator, command)

    def _current(self, command: Command) -> Command:
        """Return a command as it stands by now: others may have changed it while we waited."""
        return self.ledger.async_get(command.command_id) or command

    async def _send(self, coordinator: ScreenCoordinator, command: Command) -> None:
        """Hand a command over, unless it has come to its end already or nothing could take it."""
        taken, current = False, self._current(command)
        if self._sender.ready and not current.over:
            handed_over = self._change(coordinator, current, current.handed_over(dt_util.utcnow()))
            taken = await self._sender.async_send(coordinator.screen, handed_over)
        now, current = dt_util.utcnow(), self._current(command)
        self._change(coordinator, current, current.taken(now) if taken else current.not_taken(now))

    # Following

    @callback
    def async_heard(
        self, coordinator: ScreenCoordinator, message: Message, last_heard: datetime | None, now: datetime
    ) -> None:
        """Take in that a screen spoke, having last been heard then; its commands may have come further."""
        commands = self.ledger.async_open(coordinator.screen.key)
        for command in commands:
            stage = command
            for following in command.heard(message, now, last_heard=last_heard):
                stage = self._change(coordinator, stage, following)
        if isinstance(message, Ack) and message.command_id not in {each.command_id for each in commands}:
            self._history.async_heard(coordinator.screen.key, message, now)
            self._heard_afterwards(coordinator, message)

    def _heard_afterwards(self, coordinator: ScreenCoordinator, ack: Ack) -> None:
        """Take in an ack of a command that is over: nothing changes, but a person may want to know."""
        command = self.ledger.async_get(ack.command_id)
        if command is None or command.uuid.lower() != coordinator.screen.key:
            return
        if command.state is State.CANCELED and ack.runs and command.command_id not in self._ran:
            self._ran.add(command.command_id)
            self._announcer.async_ran_canceled(coordinator.screen, command)
            async_dispatcher_send(self._hass, self.ran_canceled, coordinator, command)

    @callback
    def async_fell_silent(self, coordinator: ScreenCoordinator, now: datetime) -> None:
        """Take in that a screen has been silent beyond the grace; a shutdown may be over."""
        for command in self.ledger.async_open(coordinator.screen.key):
            self._change(coordinator, command, command.fell_silent(now))

    async def async_move(self, old: str, new: str) -> None:
        """Give a screen's commands to another one; those under way were for a device that is gone."""
        coordinator = self._fleet.async_find(new)
        for command in self.ledger.async_move(old, new, dt_util.utcnow()):
            if coordinator is not None:
                self._show(coordinator, command)
        self._set_alarm()
        await self._history.async_move(old, new)

    def _change(self, coordinator: ScreenCoordinator, before: Command, after: Command) -> Command:
        """Take over what became of a command; of a screen that was deleted meanwhile, nothing."""
        if after is before or self._fleet.screens.get(coordinator.screen.key) is not coordinator:
            return after
        self.ledger.async_put(after)
        self._show(coordinator, after)
        if after.action is Action.SHUTDOWN_HOST and after.state is State.COMPLETED:
            self._fleet.async_went_off(coordinator, coordinator.pulse.last_heard or after.since)
        if after.settled and after.state is not before.state:
            self._end(coordinator, after)
        return after

    def _end(self, coordinator: ScreenCoordinator, command: Command) -> None:
        """Tell that a command has ended."""
        self._announcer.async_ended(coordinator.screen, command)
        async_dispatcher_send(self._hass, self.ended, coordinator, command)

    def _show(self, coordinator: ScreenCoordinator, command: Command) -> None:
        """Show a command, if it is its screen's newest, and set the timer anew."""
        async_dispatcher_send(self._hass, self.changed)
        if self.ledger.async_is_newest(command):
            coordinator.async_show(command=command)
        self._set_alarm()

    @callback
    def _pass_time(self, now: datetime) -> None:
        """Let every deadline up to now have its effect."""
        for key in self.ledger.screens:
            if (coordinator := self._fleet.screens.get(key)) is None:
                self.ledger.async_drop(key)
                continue
            for command in self.ledger.async_open(key):
                self._change(coordinator, command, command.at(now))
        self._set_alarm()

    def _set_alarm(self) -> None:
        """Wake at the next deadline of any command."""
        self._alarm.async_set(self.ledger.due)
