"""Lets new screens in: by themselves, or once a person has said so; and tells them that they are known."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import callback
from homeassistant.helpers import issue_registry as ir
from homeassistant.util import dt as dt_util

from .broker import Broker, NotPublishedError
from .const import CONF_APPROVE_NEW_SCREENS, DOMAIN, LOGGER
from .coordinator import ScreenCoordinator
from .devices import device_elsewhere, device_name
from .failures import Failures
from .fleet import Fleet
from .issues import NEW_SCREEN, NEW_SCREENS, TWO_FLEETS, async_raise_issue, plain
from .model.admission import Entrance, asked_singly, entrance, with_blocked
from .model.fleet import Screen
from .model.messages import Discovery, Message
from .model.wire import as_json, as_time
from .store import FleetStore
from .watch import Watch

# A screen that announced itself within this time may still wait for the answer.
_ANSWERED_LATE: Final = timedelta(minutes=5)


class Admission:
    """The door of one fleet: who waits there is stored, who is blocked is not heard."""

    def __init__(
        self,
        entry: ConfigEntry,
        broker: Broker,
        fleet: Fleet,
        store: FleetStore,
        failures: Failures,
        watch: Watch,
    ) -> None:
        self._hass = fleet.hass
        self._entry = entry
        self._broker = broker
        self._fleet = fleet
        self._store = store
        self._failures = failures
        self._watch = watch
        self._announced: dict[str, datetime] = {}  # when those waiting last did
        self._asked: set[str] = set()  # ids of the repairs that stand

    @property
    def waiting(self) -> Mapping[str, Screen]:
        """Return the screens that wait for a person, in order of arrival."""
        return self._store.waiting

    @property
    def blocked(self) -> Mapping[str, Screen]:
        """Return the screens that are not heard."""
        return self._store.blocked

    @property
    def asked_together(self) -> dict[str, Screen]:
        """Return the screens that wait and are one question."""
        singly = self._singly
        return {key: screen for key, screen in self.waiting.items() if key not in singly}

    @property
    def _singly(self) -> list[str]:
        return asked_singly(self.waiting, approve=self._approve)

    @property
    def _approve(self) -> bool:
        return bool(self._entry.options.get(CONF_APPROVE_NEW_SCREENS, False))

    @callback
    def async_ask(self, uuid: str, message: Message, now: datetime) -> Entrance:
        """Tell what becomes of a screen that is not known; one that waits is remembered."""
        key = uuid.lower()
        if self._is_elsewhere(uuid) or key in self._fleet.moving:
            return Entrance.BLOCKED
        ask = self._approve or not self._fleet.async_has_room(now)
        answer = entrance(key, waiting=self.waiting, blocked=self.blocked, ask=ask)
        if answer is Entrance.WAITS:
            self._wait(uuid, message, now)
        return answer

    def _wait(self, uuid: str, message: Message, now: datetime) -> None:
        """Remember a screen that waits, and what it says of itself in an announcement."""
        before = self._store.waiting.get(uuid.lower())
        screen = before or Screen(uuid=uuid)
        if isinstance(message, Discovery):
            screen = screen.told(message)
            self._announced[screen.key] = now
        if screen is not before:
            self._store.waiting[screen.key] = screen
            self._store.async_save_soon()
            self.async_raise()

    def _is_elsewhere(self, uuid: str) -> bool:
        """Tell whether a screen is another fleet's, whose entities would be these; that is a repair."""
        device = device_elsewhere(self._hass, self._entry, uuid)
        other = self._hass.config_entries.async_get_entry(device.config_entry_id) if device else None
        if device is None or other is None:
            return False
        async_raise_issue(
            self._hass,
            self._entry,
            f"{TWO_FLEETS}_{uuid.lower()}",
            other_entry_id=other.entry_id,
            uuid=uuid,
            translation_key=TWO_FLEETS,
            translation_placeholders={
                "screen": plain(device_name(device, uuid)),
                "uuid": uuid,
                "fleet": other.title,
                "other": self._entry.title,
            },
        )
        return True

    async def async_accept(self, keys: Collection[str]) -> None:
        """Let screens in that wait; those that have just announced themselves are answered."""
        now = dt_util.utcnow()
        for key in keys:
            screen = self._store.waiting.pop(key, None)
            if screen is None or self._is_elsewhere(screen.uuid):
                continue
            self.async_let_in(self._fleet.async_admit(screen), now)
        await self._decided()

    @callback
    def async_let_in(self, coordinator: ScreenCoordinator, now: datetime) -> None:
        """Look after a screen that a person has made known; if it has just announced itself, answer."""
        self._failures.async_follow(coordinator, now)
        self._watch.async_ensure()
        announced = self._announced.pop(coordinator.screen.key, None)
        if announced is not None and now - announced <= _ANSWERED_LATE:
            self.async_answer(coordinator, coordinator.screen.uuid, now)

    async def async_block(self, keys: Collection[str]) -> None:
        """Hear screens no more that wait."""
        blocked = {key: self._store.waiting.pop(key) for key in keys if key in self._store.waiting}
        self._store.blocked = with_blocked(self._store.blocked, blocked)
        await self._decided()

    async def async_unblock(self, keys: Collection[str]) -> None:
        """Hear screens again; with their next word they are new."""
        for key in keys:
            self._store.blocked.pop(key, None)
        await self._decided()

    async def _decided(self) -> None:
        self._announced = {key: at for key, at in self._announced.items() if key in self._store.waiting}
        self.async_raise()
        await self._store.async_save()

    @callback
    def async_raise(self) -> None:
        """Let the repairs stand that ask for those who wait now, and no other."""
        asked = {f"{NEW_SCREEN}_{key}": self.waiting[key] for key in self._singly}
        for issue_id, screen in asked.items():
            self._ask(issue_id, NEW_SCREEN, {"uuid": screen.uuid}, {"screen": plain(screen.name)})
        ids = set(asked)
        if more := len(self.waiting) - len(asked):
            ids.add(issue_id := f"{NEW_SCREENS}_{self._entry.entry_id}")
            self._ask(issue_id, NEW_SCREENS, {}, {"fleet": self._entry.title, "number": str(more)})
        for issue_id in self._asked - ids:
            ir.async_delete_issue(self._hass, DOMAIN, issue_id)
        self._asked = ids

    def _ask(self, issue_id: str, key: str, about: dict[str, str], placeholders: dict[str, str]) -> None:
        async_raise_issue(
            self._hass,
            self._entry,
            issue_id,
            **about,
            is_fixable=True,
            translation_key=key,
            translation_placeholders=placeholders,
        )

    @callback
    def async_answer(self, coordinator: ScreenCoordinator, uuid: str, now: datetime) -> None:
        """Acknowledge a discovery; the screen's group then stands on the broker."""
        self._entry.async_create_task(
            self._hass, self._acknowledge(coordinator, uuid, now), f"acknowledge {uuid}"
        )

    async def _acknowledge(self, coordinator: ScreenCoordinator, uuid: str, now: datetime) -> None:
        payload = {
            "status": "ok",
            "client_uuid": uuid,
            "group_id": coordinator.screen.group_id,
            "issued_at": as_time(now),
        }
        try:
            await self._broker.async_publish(self._fleet.topics.discovery_ack(uuid), as_json(payload))
        except NotPublishedError:
            LOGGER.debug("The discovery of %s was not acknowledged; it will announce itself again", uuid)
            return
        if self._fleet.async_find(uuid) is coordinator:  # not deleted meanwhile
            self._fleet.groups.async_hold_id(coordinator.screen)
