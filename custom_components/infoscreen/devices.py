"""The device registry's picture of a fleet: the fleet itself, and below it groups and screens."""

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers.device_registry import DeviceEntryType, DeviceInfo

from .const import DOMAIN, MANUFACTURER
from .model.fleet import Group, Screen

type Identifier = tuple[str, str]


def screen_identifier(screen: Screen) -> Identifier:
    """Return what identifies a screen's device."""
    return (DOMAIN, screen.key)


def fleet_identifier(entry: ConfigEntry) -> Identifier:
    """Return what identifies a fleet's device."""
    return (DOMAIN, entry.entry_id)


def group_identifier(entry: ConfigEntry, group_id: int) -> Identifier:
    """Return what identifies a group's device."""
    return (DOMAIN, f"{entry.entry_id}_group_{group_id}")


@callback
def device_elsewhere(hass: HomeAssistant, entry: ConfigEntry, uuid: str) -> dr.DeviceEntry | None:
    """Return the device that another fleet has for a screen, loaded or not."""
    devices = dr.async_get(hass).async_get_devices(identifiers={(DOMAIN, uuid.lower())})
    return next((device for device in devices if device.config_entry_id != entry.entry_id), None)


@callback
def screen_device(hass: HomeAssistant, entry: ConfigEntry, screen: Screen) -> dr.DeviceEntry | None:
    """Return a screen's device, None if there is none any more."""
    return dr.async_get(hass).async_get_device_by_identifier(screen_identifier(screen), entry.entry_id)


def device_name(device: dr.AnyDeviceEntry | None, otherwise: str) -> str:
    """Return what people call a device, something else where there is none or nobody has named it."""
    return (device and (device.name_by_user or device.name)) or otherwise


@callback
def screen_name(hass: HomeAssistant, entry: ConfigEntry, screen: Screen) -> str:
    """Return what people call a screen."""
    return device_name(screen_device(hass, entry, screen), screen.name)


def link(identifier: Identifier) -> DeviceInfo:
    """Return what ties an entity to a device that is registered already."""
    return DeviceInfo(identifiers={identifier})


class Devices:
    """Registers the devices of one fleet; each hangs on the fleet's own."""

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry) -> None:
        self._registry = dr.async_get(hass)
        self._entry = entry
        self._fleet_id = self._registry.async_get_or_create(
            config_entry_id=entry.entry_id,
            identifiers={fleet_identifier(entry)},
            name=entry.title,
            manufacturer=MANUFACTURER,
            entry_type=DeviceEntryType.SERVICE,
        ).id

    @callback
    def async_register_group(self, group: Group) -> None:
        """Register a group, or its new name."""
        self._registry.async_get_or_create(
            config_entry_id=self._entry.entry_id,
            config_subentry_id=group.subentry_id,
            identifiers={group_identifier(self._entry, group.group_id)},
            name=group.name,
            manufacturer=MANUFACTURER,
            entry_type=DeviceEntryType.SERVICE,
            via_device_id=self._fleet_id,
        )

    @callback
    def async_register_screen(self, screen: Screen, hardware_address: str | None) -> None:
        """Register a screen, or what it newly says of itself."""
        info = DeviceInfo(
            identifiers={screen_identifier(screen)},
            manufacturer=MANUFACTURER,
            model=screen.model,
            sw_version=screen.software_version,
            serial_number=screen.uuid,
            via_device_id=self._fleet_id,
        )
        if screen.hostname:
            info["name"] = screen.hostname
        else:
            info["translation_key"] = "screen"
            info["translation_placeholders"] = {"uuid": screen.uuid[:8]}
        device = self._registry.async_get_or_create(config_entry_id=self._entry.entry_id, **info)
        self._connect(device, hardware_address)

    def _connect(self, device: dr.DeviceEntry, hardware_address: str | None) -> None:
        """Let a device have this address and no other; whoever had it before has none."""
        connection = (dr.CONNECTION_NETWORK_MAC, hardware_address or "")
        holder = self._registry.async_get_device_by_connection(connection, self._entry.entry_id)
        if holder is not None and holder.id != device.id:
            self._registry.async_update_device(holder.id, new_connections=set())
        connections = {connection} if hardware_address else set()
        if device.connections != connections:
            self._registry.async_update_device(device.id, new_connections=connections)
