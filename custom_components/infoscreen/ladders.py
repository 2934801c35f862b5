"""Where the screens of a fleet stand on the recovery ladder: kept, and shown where a person is needed."""

from collections.abc import Iterator
from typing import Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir

from .const import DOMAIN
from .coordinator import ScreenCoordinator
from .fleet import Fleet
from .model.fleet import Screen
from .model.recovery import Ladder, Rung
from .steps import async_device_of
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
        if ladder.asked is not before.asked and (coordinator := self._fleet.screens.get(ladder.key)):
            self.async_show(coordinator)

    @callback
    def async_forget(self, screen: Screen) -> None:
        """Let go of a screen that is no more."""
        self._store.ladders.pop(screen.key, None)
        ir.async_delete_issue(self._hass, DOMAIN, issue_id(screen))

    @callback
    def async_show(self, coordinator: ScreenCoordinator) -> None:
        """Let the status and a repair say whether a screen needs a person."""
        screen = coordinator.screen
        asked = self.get(screen.key).asked
        coordinator.async_show(needs_person=asked)
        if not asked:
            ir.async_delete_issue(self._hass, DOMAIN, issue_id(screen))
            return
        device = async_device_of(self._hass, self._entry, screen)
        ir.async_create_issue(
            self._hass,
            DOMAIN,
            issue_id(screen),
            data={"entry_id": self._entry.entry_id, "uuid": screen.uuid},
            is_fixable=True,
            severity=ir.IssueSeverity.ERROR,
            translation_key=MANUAL_INTERVENTION,
            translation_placeholders={
                "screen": screen.name,
                "link": f"/config/devices/device/{device.id}" if device else "/config/devices/dashboard",
            },
        )
