"""Screens and groups: who belongs to a fleet and what is known of them."""

from collections.abc import Collection, Container, Iterable, Mapping
from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime, timedelta
from itertools import count
import re
from typing import Any, Final, Self

from .errors import Refused
from .messages import (
    Discovery,
    EventId,
    Health,
    Heartbeat,
    Message,
    ProcessStatus,
    RecoveryClass,
    ScreenHealth,
    ServiceFailed,
)

# Contract: 2**31 - 1 is the largest group id on the wire.
MAX_GROUP_ID: Final = 2**31 - 1
MAX_NAME_LENGTH: Final = 64

#: The word for "in no group"; no group may have it as its name.
UNASSIGNED: Final = "unassigned"

# Product, "Config entries": beyond these, new screens wait for a person.
MAX_NEW_SCREENS: Final = 20
NEW_SCREENS_PERIOD: Final = timedelta(minutes=1)
MAX_SCREENS: Final = 500

# Home Assistant adds no entity beyond the limit: people hear of it while there is time for a second fleet.
MAX_ENTITIES: Final = 10_000
NEARLY: Final = 0.9

_MAC = re.compile(r"[0-9a-f]{2}(?::[0-9a-f]{2}){5}")
#: Addresses that many devices carry: none at all, and broadcast.
_SHARED_MACS: Final = ("00:00:00:00:00:00", "ff:ff:ff:ff:ff:ff")

#: What each kind of message says of a screen: fields of the same name on both.
_SAID: Final[Mapping[type, tuple[str, ...]]] = {
    kind: tuple(field.name for field in fields(kind)) for kind in (Discovery, Heartbeat, Health)
}

# What outlives a restart of the controller: the rest is heard again within seconds.
_STORED: Final = (*_SAID[Discovery], "group_id", "heard", "migrated", "cleared")

# Contract, "service_failed": so long a screen must have been running before it counts as recovered.
RUNNING_AGAIN: Final = timedelta(minutes=10)


@dataclass(frozen=True, kw_only=True, slots=True)
class Group:
    """Screens that show the same thing."""

    group_id: int
    name: str
    subentry_id: str
    holiday_calendar: str | None = None
    power_enabled: bool = True
    lead_minutes: int = 0
    lag_minutes: int = 0
    tv_entities: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class ServiceFailure:
    """A service of a screen that systemd gave up restarting."""

    unit: str | None
    failed_at: (
        str | None
    )  # in the screen's own words: tells one failure from another, never compared with now
    received_at: datetime

    def over_at(self, running_since: datetime | None) -> datetime | None:
        """Return when the failure is over by itself, as the screen has been running for so long."""
        return max(self.received_at, running_since) + RUNNING_AGAIN if running_since else None


@dataclass(frozen=True, kw_only=True, slots=True)
class Screen:
    """One screen: who it is, where it belongs and what it last said; `None` is not known."""

    uuid: str  # as the screen spells it; compared by `key`
    hostname: str | None = None
    ip: str | None = None
    mac: str | None = None
    model: str | None = None
    os_version: str | None = None
    software_version: str | None = None
    recovery_class: RecoveryClass | None = None
    watchdog_enabled: bool | None = None
    boot_source: str | None = None

    group_id: int | None = None
    heard: bool = False  # ever; remembered for good
    migrated: bool = False  # has acked on commands/ack: is no restart-only client
    failure: ServiceFailure | None = None
    cleared: str | None = None  # `failed_at` of the failure that was last cleared
    off_since: datetime | None = None  # shut down by a command, until it shows life again

    process: str | None = None
    pid: int | None = None
    process_status: ProcessStatus | None = None
    current_event: EventId = None
    expected_event: EventId = None
    screen_on: bool | None = None
    last_frame_update: datetime | None = None
    screen_health: ScreenHealth | None = None
    mqtt_reconnects: int | None = None
    mqtt_last_disconnect: datetime | None = None

    @property
    def key(self) -> str:
        """Return the UUID as it is compared."""
        return self.uuid.lower()

    @property
    def name(self) -> str:
        """Return what tells the screen from others in a sentence."""
        return self.hostname or self.uuid[:8]

    @property
    def picture(self) -> str | None:
        """Return what the screen makes of its picture: ok, black, frozen; None where it does not know."""
        health = self.screen_health
        return None if health is None or health is ScreenHealth.UNKNOWN else health.lower()

    @property
    def hardware_address(self) -> str | None:
        """Return the MAC address in its usual form, None where it cannot tell one device from another."""
        mac = (self.mac or "").lower().replace("-", ":")
        return mac if _MAC.fullmatch(mac) and mac not in _SHARED_MACS else None

    def failed(self, message: ServiceFailed, now: datetime) -> Self:
        """Return the screen with a failure; one that is known or was cleared comes again at each connect."""
        known = self.failure is not None and message.failed_at == self.failure.failed_at
        if known or (message.failed_at is not None and message.failed_at == self.cleared):
            return self
        failure = ServiceFailure(unit=message.unit, failed_at=message.failed_at, received_at=now)
        return replace(self, failure=failure)

    def recovered(self) -> Self:
        """Return the screen without its failure, which will not be told again."""
        return replace(self, failure=None, cleared=self.failure.failed_at) if self.failure else self

    def in_place_of(self, old: Screen) -> Self:
        """Return the screen where another one was: in its group, and by its name until it has one."""
        return replace(self, group_id=old.group_id, hostname=self.hostname or old.hostname)

    def told(self, message: Message) -> Self:
        """Return the screen as it is known after a message; the same object if nothing changed."""
        return self._with(message, _SAID.get(type(message), ()))

    def _with(self, message: Message, names: Iterable[str]) -> Self:
        changes = {
            name: value
            for name in names
            if (value := getattr(message, name)) is not None and value != getattr(self, name)
        }
        return replace(self, **changes) if changes else self

    def as_stored(self) -> dict[str, Any]:
        """Return what outlives a restart, as JSON."""
        stored = {name: value for name in _STORED if (value := getattr(self, name)) is not None}
        if self.off_since:
            stored["off_since"] = self.off_since.isoformat()
        if self.failure:
            stored["failure"] = asdict(self.failure) | {"received_at": self.failure.received_at.isoformat()}
        return stored

    @classmethod
    def from_stored(cls, stored: Mapping[str, Any]) -> Self:
        """Read a screen back."""
        values = {name: stored[name] for name in _STORED if name in stored}
        if recovery := values.get("recovery_class"):
            values["recovery_class"] = RecoveryClass(recovery)
        if off_since := stored.get("off_since"):
            values["off_since"] = datetime.fromisoformat(off_since)
        if failure := stored.get("failure"):
            received_at = datetime.fromisoformat(failure["received_at"])
            values["failure"] = ServiceFailure(**failure | {"received_at": received_at})
        return cls(**values)


def checked_group_name(name: str, taken: Container[str]) -> str:
    """Return a group's name without surrounding space, or refuse it; `taken` holds the others case-folded."""
    name = name.strip()
    if not name:
        raise Refused("group_name_missing")
    if len(name) > MAX_NAME_LENGTH:
        raise Refused("group_name_too_long", name=name[:MAX_NAME_LENGTH])
    if name.casefold() == UNASSIGNED:
        raise Refused("group_name_reserved", name=name)
    if name.casefold() in taken:
        raise Refused("group_name_taken", name=name)
    return name


def free_group_id(used: Collection[int]) -> int:
    """Return an id that is not used: one more than the highest, as people expect, while there is one."""
    highest = max(used, default=0)
    return highest + 1 if highest < MAX_GROUP_ID else next(i for i in count(1) if i not in used)


def too_many(newcomers: Iterable[datetime], known: int, now: datetime) -> bool:
    """Tell whether one more new screen has to wait: too many of late, or in all."""
    recent = sum(now - moment < NEW_SCREENS_PERIOD for moment in newcomers)
    return known >= MAX_SCREENS or recent >= MAX_NEW_SCREENS


def nearly_full(screens: int, entities: int) -> bool:
    """Tell whether a fleet comes near to as many screens or enabled entities as it can have."""
    return screens >= MAX_SCREENS * NEARLY or entities >= MAX_ENTITIES * NEARLY
