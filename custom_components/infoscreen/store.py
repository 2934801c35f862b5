"""What must outlive a restart: screens, commands and the schedule, one file each way they change."""

from collections.abc import Collection, Iterable
from typing import Any, Final, override

from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.json import JSONEncoder
from homeassistant.helpers.storage import Store
from homeassistant.util.file import WriteError
from homeassistant.util.json import SerializationError

from .const import DOMAIN, SAVE_DELAY
from .model.commands import Command
from .model.events import Event
from .model.fleet import Screen
from .model.recovery import Ladder
from .model.replacement import Successor

VERSION: Final = 1

type Stored = dict[str, Any]


class DurableStore(Store[Stored]):
    """A file whose save raises when nothing reached the disk; Home Assistant's own only logs that."""

    def __init__(self, hass: HomeAssistant, key: str) -> None:
        super().__init__(hass, VERSION, key, atomic_writes=True, encoder=JSONEncoder)
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
            raise HomeAssistantError(
                translation_domain=DOMAIN,
                translation_key="not_saved",
                translation_placeholders={"file": self.key},
            ) from self._failure


class FleetStore:
    """Everything kept for one fleet, as it stands now; whoever changes it says how urgent the disk is."""

    def __init__(self, hass: HomeAssistant, entry_id: str) -> None:
        self.screens: dict[str, Screen] = {}
        self.forgotten: set[str] = set()  # deleted screens, unheard until they announce themselves
        self.waiting: dict[str, Screen] = {}  # not known before a person lets them in, in order of arrival
        self.blocked: dict[str, Screen] = {}
        self.kept_apart: set[str] = set()  # screens whose hardware address is another one's, and may be
        self.replaced: dict[str, Successor] = {}  # by the screen whose place is taken
        self.commands: dict[str, Command] = {}  # the newest of each screen and those under way
        self.ladders: dict[str, Ladder] = {}  # of the screens that were in trouble of late
        self.plugs_off: set[str] = set()  # plugs that we turned off and that are to be on again
        self.group_ids: set[int] = set()
        self.retired_group_ids: set[int] = set()  # never given again
        self.emptying: set[str] = set()  # retained topics still to be taken off the broker
        self.handed_out_acl: str | None = None  # digest of the access list last handed out

        self.events: dict[int, Event] = {}
        self.last_event_id = 0

        self._hass = hass
        self._fleet = DurableStore(hass, f"{DOMAIN}.{entry_id}.fleet")
        self._schedule = DurableStore(hass, f"{DOMAIN}.{entry_id}.schedule")
        self._saving = False
        self._closed = False

    async def async_load(self) -> None:
        """Read everything back."""
        fleet = await self._fleet.async_load() or {}
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
        self.emptying = set(fleet.get("emptying", []))
        self.handed_out_acl = fleet.get("handed_out_acl")

        schedule = await self._schedule.async_load() or {}
        # Events read their time zones from files.
        events = await self._hass.async_add_executor_job(
            lambda: [Event.from_stored(event) for event in schedule.get("events", [])]
        )
        self.events = _by("event_id", events)
        self.last_event_id = schedule.get("last_event_id", 0)

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

    async def async_save_schedule(self) -> None:
        """Save the events before anyone is told that it is done."""
        await self._schedule.async_save_now(
            {
                "events": [event.as_stored() for event in self.events.values()],
                "last_event_id": self.last_event_id,
            }
        )

    async def async_drop_events_of(self, group_ids: Collection[int]) -> None:
        """Drop the events of groups that are no more."""
        self.events = {
            event_id: event for event_id, event in self.events.items() if event.group_id not in group_ids
        }
        await self.async_save_schedule()

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
            "emptying": sorted(self.emptying),
            "handed_out_acl": self.handed_out_acl,
        }


def _by[T](name: str, things: Iterable[T]) -> dict[Any, T]:
    """Return things by one of their names."""
    return {getattr(thing, name): thing for thing in things}
