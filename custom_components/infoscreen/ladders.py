"""Where the screens of a fleet stand on the recovery ladder: kept, and shown where a person is needed."""

from collections.abc import Iterator
from typing import Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir

from .const import DOMAIN
from .coordinator import ScreenCoordinator
from .devices import screen_name
from .fleet import Fleet
from .issues import async_raise_issue, plain
from .model.fleet import Screen
from .model.recovery import Ladder, Rung
from .store import FleetStore

MANUAL_INTERVENTION: Final = Rung.MANUAL_INTERVENTION.value


def issue_id(screen: Screen) -> str:
    """Return the id of the repair that asks a person to see to a screen."""
    return f"{MANUAL_INTERVENTION}_{screen.key}"


class Ladders:
    """The ladders of one fleet, as far as there is anything to remember of them."""

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry, fleet: Fleet, store: FleetStore) -> None:
        self._hass = hass
        self._entry = entry
        self._fleet = fleet
        self._store = store

    def __iter__(self) -> Iterator[Ladder]:
        """Go through the ladders as they are at this moment."""
        return iter(list(self._store.ladders.values()))

    def __contains__(self, key: str) -> bool:
        """Tell whether there is anything to remember of a screen."""
        return key in self._store.ladders

    def get(self, key: str) -> Ladder:
        """Return where a screen stands."""
        return self._store.ladders.get(key) or Ladder(key=key)

    @callback
    def async_put(self, ladder: Ladder) -> None:
        """Keep a ladder, and ask a person or do so no more."""
        before = self.get(ladder.key)
        if ladder.worth_keeping:
            self._store.ladders[ladder.key] = ladder
        else:
            self._store.ladders.pop(ladder.key, None)
        if ladder.as_stored() != before.as_stored():
            self._store.async_save_soon(0)
        if ladder.asked_at != before.asked_at and (coordinator := self._fleet.screens.get(ladder.key)):
            self.async_show(coordinator)

    @callback
    def async_forget(self, key: str) -> None:
        """Let go of a screen that is no more."""
        self._store.ladders.pop(key, None)

    @callback
    def async_move(self, old: str, new: str) -> None:
        """Give a screen's ladder to the one that takes its place, unless that has one of its own."""
        if ladder := self._store.ladders.pop(old, None):
            self._store.ladders.setdefault(new, ladder.moved(new))
            self._store.async_save_soon(0)

    @callback
    def async_show(self, coordinator: ScreenCoordinator) -> None:
        """Let the status and a repair say whether a screen needs a person."""
        screen = coordinator.screen
        asked_at = self.get(screen.key).asked_at
        coordinator.async_show(asked_at=asked_at)
        if asked_at is None:
            ir.async_delete_issue(self._hass, DOMAIN, issue_id(screen))
            return
        async_raise_issue(
            self._hass,
            self._entry,
            issue_id(screen),
            uuid=screen.uuid,
            is_fixable=True,
            translation_key=MANUAL_INTERVENTION,
            translation_placeholders={"screen": plain(screen_name(self._hass, self._entry, screen))},
        )
