"""Keeps the counts of a fleet, and says so once when any number of screens have changed at a time."""

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.dispatcher import async_dispatcher_send
from homeassistant.util.signal_type import SignalType

from .const import DOMAIN
from .model.health import ScreenState
from .model.tally import Tally
from .settling import Settling


class Census:
    """The counts of one fleet, as they stand."""

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry, settling: Settling) -> None:
        self._hass = hass
        self._entry_id = entry.entry_id
        self._settling = settling
        self._changed: set[int | None] = set()
        self.tally = Tally()

    def changed(self, group_id: int | None = None) -> SignalType[()]:
        """Return the signal that the counts of a group, or of the fleet, have changed."""
        return SignalType(f"{DOMAIN}_{self._entry_id}_counts_{group_id or 'all'}")

    @callback
    def async_move(self, before: ScreenState | None, after: ScreenState | None) -> None:
        """Take over what became of a screen."""
        changed = self.tally.move(before, after)
        if changed:
            self._changed |= changed
            self._settling.async_soon(self._tell)

    @callback
    def _tell(self) -> None:
        changed, self._changed = self._changed, set()
        for group_id in changed:
            async_dispatcher_send(self._hass, self.changed(group_id))
