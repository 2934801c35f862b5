"""What must outlive a restart: screens, commands and the schedule, one file each way they change."""

import asyncio
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, override

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.json import JSONEncoder
from homeassistant.helpers.storage import Store
from homeassistant.util.file import WriteError
from homeassistant.util.json import SerializationError

from .const import DOMAIN, LOGGER, SAVE_DELAY
from .errors import failure
from .model.commands import Command
from .model.errors import Refused
from .model.fleet import Screen
from .model.intents import Transition
from .model.media.stamps import Stamp
from .model.policy.policy import Policy
from .model.power import Hold, Target
from .model.recovery import Ladder
from .model.replacement import Successor
from .model.schedule.events import Event
from .model.schedule.holidays import Holiday
from .model.schedule.periods import Held, Period

VERSION: Final = 1

type Stored = dict[str, Any]


class DurableStore(Store[Stored]):
    """A file whose save raises when nothing reached the disk; Home Assistant's own only logs that."""

    def __init__(self, hass: HomeAssistant, key: str, *, large: bool = False) -> None:
        super().__init__(
            hass, VERSION, key, atomic_writes=True, encoder=JSONEncoder, serialize_in_event_loop=not large
        )
        self._failure: Exception | None = None

    @override
    async def _async_write_data(self, data: Stored) -> None:
        self._failure = None
        try:
            await super()._async_write_data(data)
        except (SerializationError, WriteError) as err:
            self._failure = err
            raise

    async def async_save_now(self, data: Stored) -> None:
        """Save, and return once it is on disk."""
        await self.async_save(data)
        if self._failure is not None:
            raise failure("not_saved", file=self.key) from self._failure


@dataclass(kw_only=True)
class _FleetFile:
    """What changes by itself."""

    screens: dict[str, Screen] = field(default_factory=dict)
    # Deleted screens, unheard until they announce themselves
    forgotten: set[str] = field(default_factory=set)
    # Not known before a person lets them in, in order of arrival
    waiting: dict[str, Screen] = field(default_factory=dict)
    blocked: dict[str, Screen] = field(default_factory=dict)
    # Screens whose hardware address is another one's, and may be
    kept_apart: set[str] = field(default_factory=set)
    replaced: dict[str, Successor] = field(default_factory=dict)  # by the screen whose place is taken
    # The newest of each screen and those under way
    commands: dict[str, Command] = field(default_factory=dict)
    ladders: dict[str, Ladder] = field(default_factory=dict)  # of the screens that were in trouble of late
    plugs_off: set[str] = field(default_factory=set)  # plugs that we turned off and that are to be on again
    group_ids: set[int] = field(default_factory=set)
    retired_group_ids: set[int] = field(default_factory=set)  # never given again
    empty_since: dict[int, datetime] = field(default_factory=dict)  # groups without screens
    emptying: set[str] = field(default_factory=set)  # retained topics still to be taken off the broker
    power_holds: dict[Target, Hold] = field(default_factory=dict)  # by hand
    # Of those whose intent is on the broker
    power_intents: dict[Target, Transition] = field(default_factory=dict)
    policy: Policy = field(default_factory=Policy)  # what outages have done, until all is back
    handed_out_acl: str | None = None  # digest of the access list last handed out
    media_secret: str | None = None  # makes the tokens by which screens fetch files
    stamps: dict[str, Stamp] = field(default_factory=dict)  # of files, by media id

    def _read_fleet(self, fleet: Stored) -> None:
        """Take over what was stored."""
        self.screens = _by("key", map(Screen.from_stored, fleet.get("screens", [])))
        self.forgotten = set(fleet.get("forgotten", []))
        self.waiting = _by("key", map(Screen.from_stored, fleet.get("waiting", [])))
        self.blocked = _by("key", map(Screen.from_stored, fleet.get("blocked", [])))
        self.kept_apart = set(fleet.get("kept_apart", []))
        self.replaced = {
            key: Successor.from_stored(stored) for key, stored in fleet.get("replaced", {}).items()
        }
        self.commands = _by("command_id", map(Command.from_stored, fleet.get("commands", [])))
        self.ladders = _by("key", map(Ladder.from_stored, fleet.get("ladders", [])))
        self.plugs_off = set(fleet.get("plugs_off", []))
        self.group_ids = set(fleet.get("group_ids", []))
        self.retired_group_ids = set(fleet.get("retired_group_ids", []))
        self.empty_since = {
            int(group_id): datetime.fromisoformat(since)
            for group_id, since in fleet.get("empty_since", {}).items()
        }
        self.emptying = set(fleet.get("emptying", []))
        self.power_holds = _by_target(Hold.from_stored, fleet.get("power_holds", {}))
        self.power_intents = _by_target(Transition.from_stored, fleet.get("power_intents", {}))
        if policy := fleet.get("policy"):
            self.policy = Policy.from_stored(policy)
        self.handed_out_acl = fleet.get("handed_out_acl")
        self.media_secret = fleet.get("media_secret")
        self.stamps = {media: Stamp.from_stored(stamp) for media, stamp in fleet.get("stamps", {}).items()}


@dataclass(kw_only=True)
class _ScheduleFile:
    """What a person plans."""

    events: dict[int, Event] = field(default_factory=dict)
    # Kept as they are for a version that can read them
    unreadable_events: list[Stored] = field(default_factory=list)
    last_event_id: int = 0
    periods: dict[int, Period] = field(default_factory=dict)
    last_period_id: int = 0
    last_holiday_id: int = 0
    held_period: Held | None = None
    holidays: dict[int, Holiday] = field(default_factory=dict)
    # Held from reading the schedule until it is changed
    planning: asyncio.Lock = field(default_factory=asyncio.Lock)

    def _read_schedule(self, schedule: Stored) -> None:
        """Take over what was stored, the events apart."""
        self.last_event_id = schedule.get("last_event_id", 0)
        self.periods = _by("period_id", map(Period.from_stored, schedule.get("periods", [])))
        self.last_period_id = schedule.get("last_period_id", 0)
        held = schedule.get("held_period")
        self.held_period = Held.from_stored(held) if held else None
        self.holidays = _by("holiday_id", map(Holiday.from_stored, schedule.get("holidays", [])))
        self.last_holiday_id = schedule.get("last_holiday_id", 0)


class FleetStore(_FleetFile, _ScheduleFile):
    """Everything kept for one fleet, as it stands now; whoever changes it says how urgent the disk is."""

    def __init__(self, hass: HomeAssistant, entry_id: str) -> None:
        _FleetFile.__init__(self)
        _ScheduleFile.__init__(self)
        self._hass = hass
        self._fleet = DurableStore(hass, f"{DOMAIN}.{entry_id}.fleet")
        self._schedule = DurableStore(hass, f"{DOMAIN}.{entry_id}.schedule", large=True)
        self._saving = self._closed = False

    async def async_load(self) -> None:
        """Read everything back."""
        self._read_fleet(await self._fleet.async_load() or {})
        schedule = await self._schedule.async_load() or {}
        self._read_schedule(schedule)
        # Events read their time zones from files.
        self.events, self.unreadable_events = await self._hass.async_add_executor_job(
            _read_events, schedule.get("events", [])
        )
        self.unreadable_events += schedule.get("unreadable_events", [])

    @callback
    def async_save_soon(self, delay: float = SAVE_DELAY) -> None:
        """Save what nobody waits for; later changes do not put it off."""
        if not self._closed and (not self._saving or not delay):
            self._saving = True
            self._fleet.async_delay_save(self._fleet_data, delay)

    async def async_save(self) -> None:
        """Save screens, groups and commands before anyone is told that it is done."""
        await self._fleet.async_save_now(self._fleet_data())

    async def async_close(self) -> None:
        """Save what is still to be saved, and nothing after that: another may own the files from here."""
        self._closed = True
        if self._saving:
            await self.async_save()

    async def async_change_schedule(self, **changes: Any) -> None:
        """Change events, periods or holidays: on disk first, so that nobody sees what a restart would undo.

        For whoever holds `planning`.
        """
        names = (*_SCHEDULE, *_NUMBERS)
        data = {name: changes.get(name, getattr(self, name)) for name in names}
        await self._schedule.async_save_now(
            await self._hass.async_add_executor_job(
                _written, data
            )  # it may be large, and nothing in it moves
        )
        vars(self).update(changes)

    async def async_drop_events_of(self, group_ids: Collection[int]) -> None:
        """Drop the events of groups that are no more."""
        async with self.planning:
            kept = {key: event for key, event in self.events.items() if event.group_id not in group_ids}
            await self.async_change_schedule(events=kept)

    async def async_remove(self) -> None:
        """Delete what was kept for a fleet that is no more."""
        await self._fleet.async_remove()
        await self._schedule.async_remove()

    def _fleet_data(self) -> Stored:
        self._saving = False
        return {
            "screens": [screen.as_stored() for screen in self.screens.values()],
            "forgotten": sorted(self.forgotten),
            "waiting": [screen.as_stored() for screen in self.waiting.values()],
            "blocked": [screen.as_stored() for screen in self.blocked.values()],
            "kept_apart": sorted(self.kept_apart),
            "replaced": {key: successor.as_stored() for key, successor in self.replaced.items()},
            "commands": [command.as_stored() for command in self.commands.values()],
            "ladders": [ladder.as_stored() for ladder in self.ladders.values()],
            "plugs_off": sorted(self.plugs_off),
            "group_ids": sorted(self.group_ids),
            "retired_group_ids": sorted(self.retired_group_ids),
            "empty_since": {str(group_id): since.isoformat() for group_id, since in self.empty_since.items()},
            "emptying": sorted(self.emptying),
            "power_holds": {f"{key}": hold.as_stored() for key, hold in self.power_holds.items()},
            "power_intents": {f"{key}": intent.as_stored() for key, intent in self.power_intents.items()},
            "policy": self.policy.as_stored(),
            "handed_out_acl": self.handed_out_acl,
            "media_secret": self.media_secret,
            "stamps": {media: stamp.as_stored() for media, stamp in self.stamps.items()},
        }


#: What the schedule's file holds, and how its things are written.
_SCHEDULE: Final[Mapping[str, Callable[[Any], Any]]] = {
    "events": lambda events: [event.as_stored() for event in events.values()],
    "unreadable_events": list,
    "periods": lambda periods: [period.as_stored() for period in periods.values()],
    "held_period": lambda held: held.as_stored() if held else None,
    "holidays": lambda holidays: [holiday.as_stored() for holiday in holidays.values()],
}
_NUMBERS: Final = ("last_event_id", "last_period_id", "last_holiday_id")


def _written(schedule: Mapping[str, Any]) -> Stored:
    """Return the schedule as JSON."""
    return {name: _SCHEDULE[name](value) if name in _SCHEDULE else value for name, value in schedule.items()}


def _read_events(stored: Iterable[Stored]) -> tuple[dict[int, Event], list[Stored]]:
    """Read events back; those that this version cannot read are kept as they are."""
    events, unreadable = {}, []
    for each in stored:
        try:
            event = Event.from_stored(each)
        except (KeyError, TypeError, ValueError, Refused) as err:
            LOGGER.warning("An event in the schedule cannot be read and is not shown: %r", err)
            unreadable.append(each)
        else:
            events[event.event_id] = event
    return events, unreadable


def _by_target[T](read: Callable[[Stored], T], stored: Mapping[str, Stored]) -> dict[Target, T]:
    """Return things of groups by the group's id, those of screens by the screen's key."""
    return {int(key) if key.isdecimal() else key: read(each) for key, each in stored.items()}


def _by[T](name: str, things: Iterable[T]) -> dict[Any, T]:
    """Return things by one of their names."""
    return {getattr(thing, name): thing for thing in things}
