"""Which commands there are: those under way, each screen's newest, and those that still count."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from typing import Final

from homeassistant.core import callback

from .history import History
from .model.commands import Command
from .model.lifecycle import State
from .model.lockout import is_remembered
from .store import FleetStore

# What is under way is saved at once, together with all that changes in the same moment.
_AT_ONCE: Final = 0


class Ledger:
    """The commands of one fleet; what outlives a restart is in the store, what is past in the history."""

    def __init__(self, store: FleetStore, history: History) -> None:
        self._store = store
        self._history = history
        self._open: dict[str, dict[str, Command]] = {}  # by screen, by command id
        self._newest: dict[str, str] = {}  # by screen: a command's id

    @callback
    def async_load(self) -> list[Command]:
        """Take up what was stored, and return it in the order in which it was asked for."""
        known = list(self._store.commands.values())
        for command in known:
            self._newest[command.uuid.lower()] = command.command_id
            self._file(command)
            if command.over:
                self._history.async_note(command)  # its end may have been lost on the way there
        return known

    @property
    def pending(self) -> int:
        """Return how many commands are under way."""
        return sum(not command.settled for commands in self._open.values() for command in commands.values())

    @property
    def idle(self) -> bool:
        """Tell whether no screen has a command that is not over."""
        return not self._open

    @property
    def due(self) -> datetime | None:
        """Return when the next command changes by itself."""
        dues = (command.due for commands in self._open.values() for command in commands.values())
        return min((due for due in dues if due is not None), default=None)

    @property
    def screens(self) -> list[str]:
        """Return the screens that have commands under way."""
        return list(self._open)

    @callback
    def async_open(self, key: str) -> list[Command]:
        """Return a screen's commands that are not over."""
        commands = self._open.get(key)
        return list(commands.values()) if commands else []

    @callback
    def async_get(self, command_id: str) -> Command | None:
        """Return a command as it stands, None if it is not remembered."""
        return self._store.commands.get(command_id)

    @callback
    def async_by_screen(self) -> dict[str, list[Command]]:
        """Return what is remembered of each screen's commands."""
        commands: dict[str, list[Command]] = {}
        for command in self._store.commands.values():
            commands.setdefault(command.uuid.lower(), []).append(command)
        return commands

    @callback
    def async_is_newest(self, command: Command) -> bool:
        """Tell whether a command is the newest of its screen."""
        return self._newest.get(command.uuid.lower()) == command.command_id

    @callback
    def async_begin(self, command: Command) -> None:
        """Take up a new command."""
        self._newest[command.uuid.lower()] = command.command_id
        self.async_put(command)

    @callback
    def async_put(self, command: Command) -> None:
        """Note how a command stands now."""
        self._file(command)
        self._store.commands[command.command_id] = command
        self._store.async_save_soon(_AT_ONCE)
        self._history.async_note(command)

    def _file(self, command: Command) -> None:
        """Put a command among those under way, or take it from there."""
        commands = self._open.setdefault(command.uuid.lower(), {})
        commands.pop(command.command_id, None)
        if not command.over:
            commands[command.command_id] = command
        if not commands:
            del self._open[command.uuid.lower()]

    @callback
    def async_make_room(self, keys: Collection[str], now: datetime) -> None:
        """Forget screens' newest commands before they have newer ones; those that count are kept beside."""
        past = [
            command
            for command in self._store.commands.values()
            if command.uuid.lower() in keys and not is_remembered(command, now)
        ]
        for command in past:
            del self._store.commands[command.command_id]
            self._open.get(command.uuid.lower(), {}).pop(command.command_id, None)

    @callback
    def async_move(self, old: str, new: str, now: datetime) -> list[Command]:
        """Give a screen's commands to another, and return them; what was under way is canceled."""
        moved = [command for command in self._store.commands.values() if command.uuid.lower() == old]
        self.async_drop(old)
        own = self._newest.get(new)
        moved = [replace(command.reached(State.CANCELED, now), uuid=new) for command in moved]
        for command in moved:
            self.async_begin(command)
        if own is not None:
            self._newest[new] = own
        return moved

    @callback
    def async_drop(self, key: str) -> None:
        """Forget the commands of a screen that is no more."""
        self._open.pop(key, None)
        self._newest.pop(key, None)
