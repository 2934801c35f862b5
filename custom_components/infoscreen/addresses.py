"""Which screen holds a hardware address: the first that said so, until a person decides otherwise."""

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir

from .const import DOMAIN
from .issues import REPLACE_SCREEN, async_raise_issue, plain
from .model.fleet import Screen
from .store import FleetStore


class Addresses:
    """The hardware addresses of one fleet; a second screen with one of them is a repair.

    Mostly that is a device whose card was written anew. Two that both speak come from a copied card, or
    from an address that was made up: then they stay two, and one of them goes without.
    """

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry, store: FleetStore) -> None:
        self._hass = hass
        self._entry = entry
        self._store = store
        self._holders: dict[str, str] = {}  # address → key of the screen that holds it

    @callback
    def async_hold(self, screen: Screen) -> str | None:
        """Return the address that a screen's device is known by, None where another one holds it."""
        address, key = screen.hardware_address, screen.key
        self._holders = {held: holder for held, holder in self._holders.items() if holder != key}
        holder = self._holders.setdefault(address, key) if address else key
        if holder == key:
            ir.async_delete_issue(self._hass, DOMAIN, f"{REPLACE_SCREEN}_{key}")
            return address
        if key not in self._store.kept_apart:
            self._ask(screen, self._store.screens[holder])
        return None

    def _ask(self, screen: Screen, holder: Screen) -> None:
        """Ask whether a screen takes the place of the one that holds its address."""
        async_raise_issue(
            self._hass,
            self._entry,
            f"{REPLACE_SCREEN}_{screen.key}",
            uuid=screen.uuid,
            other=holder.uuid,
            is_fixable=True,
            translation_key=REPLACE_SCREEN,
            translation_placeholders={"new": plain(screen.name), "old": plain(holder.name)},
        )

    @callback
    def async_release(self, key: str) -> Screen | None:
        """Let go of what a screen holds; return another one that waits for the same address."""
        released = {address for address, holder in self._holders.items() if holder == key}
        self._holders = {address: holder for address, holder in self._holders.items() if holder != key}
        others = (screen for screen in self._store.screens.values() if screen.key != key)
        return next((screen for screen in others if screen.hardware_address in released), None)

    async def async_keep_apart(self, key: str) -> None:
        """Remember that a screen is another one than the one whose address it has."""
        self._store.kept_apart.add(key)
        await self._store.async_save()
        ir.async_delete_issue(self._hass, DOMAIN, f"{REPLACE_SCREEN}_{key}")
