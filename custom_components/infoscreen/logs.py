"""What the screens of a fleet log: kept in the journal, counted, and shown while it is news."""

from datetime import datetime

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.dispatcher import async_dispatcher_connect
from homeassistant.util import dt as dt_util

from .alarm import Alarm
from .coordinator import ScreenCoordinator
from .fleet import Fleet
from .journal import Journal
from .model.agenda import Agenda
from .model.logbook import COUNTED, Line, Logbook
from .model.messages import Log


class Logs:
    """The logs of one fleet's screens; one alarm, set to the first count that changes by itself."""

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry, fleet: Fleet, journal: Journal) -> None:
        self._hass = hass
        self._entry = entry
        self._fleet = fleet
        self._journal = journal
        self._books: dict[str, Logbook] = {}
        self._agenda = Agenda()
        self._wakes_at: datetime | None = None
        self._alarm = Alarm(hass, entry, "counts of log lines change", self._handle_alarm)

    async def async_start(self) -> None:
        """Take up the counts of the last day."""
        for count in await self._journal.async_start():
            self._book(count.screen).heard(count.level, count.at, count.number)
        now = dt_util.utcnow()
        for key in self._books:
            self._show(key, now)
        self._set_alarm()
        unsubscribe = async_dispatcher_connect(self._hass, self._fleet.screen_added, self._handle_added)
        self._entry.async_on_unload(unsubscribe)

    @callback
    def _handle_added(self, coordinator: ScreenCoordinator) -> None:
        """Show what is known of a screen that was not, be it from before a power cut."""
        self._show(coordinator.screen.key, dt_util.utcnow())
        self._set_alarm()

    def _book(self, key: str) -> Logbook:
        return self._books.setdefault(key, Logbook())

    @callback
    def async_heard(
        self, _uuid: str, coordinator: ScreenCoordinator | None, message: Log, now: datetime
    ) -> None:
        """Take in a line; one of a screen that is not known makes none known, and is nobody's."""
        if coordinator is None:
            return
        key = coordinator.screen.key
        line = Line.of(key, message, now)
        self._journal.async_add(line)
        if line.level in COUNTED:
            book = self._book(key)
            book.heard(line.level, now)
            if telling := book.told(line):
                coordinator.async_tell(telling)
            self._show(key, now)
            self._set_alarm()

    async def async_forget(self, key: str) -> None:
        """Delete what a screen logged."""
        self._books.pop(key, None)
        self._agenda.drop(key)
        await self._journal.async_forget(key)

    async def async_move(self, old_uuid: str, new_uuid: str) -> None:
        """Give what a screen logged to the one that takes its place."""
        old, new = old_uuid.lower(), new_uuid.lower()
        if book := self._books.pop(old, None):
            self._book(new).join(book)
        now = dt_util.utcnow()
        self._show(old, now)
        self._show(new, now)
        self._set_alarm()
        await self._journal.async_move(old, new)

    @callback
    def _handle_alarm(self, now: datetime) -> None:
        for key in self._agenda.due(now):
            self._show(key, now)
        self._wakes_at = None
        self._set_alarm()

    def _show(self, key: str, now: datetime) -> None:
        """Show what a screen's log amounts to now, and look again when that changes."""
        if (coordinator := self._fleet.async_find(key)) is None:
            return
        book = self._books.get(key) or Logbook()
        coordinator.async_show(logs=book.shown(now))
        if (moment := book.next_look(now)) is not None:
            self._agenda.put(key, moment)

    def _set_alarm(self) -> None:
        """Wake at the first moment; one that is set already is not set again."""
        if self._agenda.first != self._wakes_at:
            self._wakes_at = self._agenda.first
            self._alarm.async_set(self._wakes_at)
