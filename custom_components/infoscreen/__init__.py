"""Infoscreen: Home Assistant as the control room of a fleet of info screens."""

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers import config_validation as cv, issue_registry as ir
from homeassistant.helpers.device_registry import AnyDeviceEntry
from homeassistant.helpers.typing import ConfigType
from homeassistant.util import dt as dt_util

from .academics import NO_PERIOD, Academics
from .broker import CannotConnectError, NotPublishedError
from .broker.choice import async_make_broker, unique_id
from .certificates import async_forget_certificates, async_watch_certificates
from .commander import Commander
from .const import CONF_TOPIC_PREFIX, DOMAIN, LOGGER
from .failures import Failures, issue_id
from .fleet import Fleet
from .listener import Listener
from .model.topics import Topics
from .retained import Retained
from .runtime import FleetRuntime, InfoscreenConfigEntry
from .scheduler import Scheduler
from .services import async_register_actions
from .store import FleetStore
from .unreadable import UNREADABLE
from .watch import Watch

CONFIG_SCHEMA = cv.config_entry_only_config_schema(DOMAIN)
PLATFORMS = (
    Platform.BINARY_SENSOR,
    Platform.BUTTON,
    Platform.CALENDAR,
    Platform.SELECT,
    Platform.SENSOR,
)


async def async_setup(hass: HomeAssistant, _config: ConfigType) -> bool:
    """Register the actions, which are there whether or not a fleet is loaded."""
    async_register_actions(hass)
    return True


async def async_setup_entry(hass: HomeAssistant, entry: InfoscreenConfigEntry) -> bool:
    """Put a fleet together: what is known first, then its entities, then what comes over the wire."""
    async_watch_certificates(hass, entry)  # first: one that has expired may be why nothing else works
    broker = async_make_broker(hass, entry.data)
    await broker.async_start(entry)
    store = FleetStore(hass, entry.entry_id)
    await store.async_load()

    topics = Topics(prefix=entry.data[CONF_TOPIC_PREFIX])
    retained = Retained(hass, entry, broker, store)
    fleet = Fleet(hass, entry, topics, retained, store)
    commander = Commander(hass, entry, broker, fleet, store)
    watch = Watch(hass, entry, broker, retained, fleet, commander)
    academics = Academics(hass, entry, store)
    scheduler = Scheduler(hass, entry, retained, fleet, store, academics)
    failures = Failures(hass, entry, broker, retained, fleet)
    listener = Listener(entry, broker, fleet, commander, watch, failures)
    entry.runtime_data = FleetRuntime(
        data=entry.data,
        broker=broker,
        store=store,
        retained=retained,
        fleet=fleet,
        commander=commander,
        watch=watch,
        academics=academics,
        scheduler=scheduler,
        failures=failures,
        listener=listener,
    )
    await fleet.async_start()
    commander.async_start()
    failures.async_start()
    scheduler.async_start()
    await hass.config_entries.async_forward_entry_setups(entry, PLATFORMS)
    watch.async_start()
    await listener.async_start()
    entry.async_on_unload(entry.add_update_listener(_async_updated))
    return True


async def async_unload_entry(hass: HomeAssistant, entry: InfoscreenConfigEntry) -> bool:
    """Let go of a fleet; nothing is published, what stands on the broker stays."""
    unloaded = await hass.config_entries.async_unload_platforms(entry, PLATFORMS)
    if unloaded:
        await entry.runtime_data.store.async_close()
    return unloaded


async def _async_updated(hass: HomeAssistant, entry: InfoscreenConfigEntry) -> None:
    """Follow a change of options, groups or the connection without taking more down than need be."""
    runtime = entry.runtime_data
    if entry.data != runtime.data:
        if unique_id(entry.data) != unique_id(runtime.data):
            await runtime.retained.async_empty(runtime.retained)
        hass.config_entries.async_schedule_reload(entry.entry_id)
        return
    await runtime.fleet.async_read_groups()
    now = dt_util.utcnow()
    runtime.scheduler.async_update(now)
    runtime.watch.async_look(now)


async def async_remove_entry(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """Leave nothing behind: neither on the broker nor on disk."""
    async_forget_certificates(hass, entry)
    broker, topics = async_make_broker(hass, entry.data), Topics(prefix=entry.data[CONF_TOPIC_PREFIX])
    store = FleetStore(hass, entry.entry_id)
    await store.async_load()
    standing = {topics.group_id(screen.uuid) for screen in store.screens.values()}
    standing |= {topics.events(group_id) for group_id in store.group_ids}
    try:
        async with broker.visit(entry):
            for topic in standing | store.emptying:
                await broker.async_publish(topic, b"", retain=True)
    except CannotConnectError, NotPublishedError:
        LOGGER.warning(
            "The broker is not connected: what %s left standing below %s stays there",
            entry.title,
            topics.prefix,
        )
    for screen in store.screens.values():
        ir.async_delete_issue(hass, DOMAIN, issue_id(screen))
    for key in (NO_PERIOD, UNREADABLE):
        ir.async_delete_issue(hass, DOMAIN, f"{key}_{entry.entry_id}")
    await store.async_remove()


async def async_remove_config_entry_device(
    hass: HomeAssistant, entry: InfoscreenConfigEntry, device: AnyDeviceEntry
) -> bool:
    """Let a person delete a screen; the fleet and its groups go with their entry and subentry."""
    keys = {identifier for domain, identifier in device.identifiers if domain == DOMAIN}
    groups = {f"{entry.entry_id}_group_{group_id}" for group_id in entry.runtime_data.fleet.groups}
    if keys & (groups | {entry.entry_id}):
        return False
    for key in keys:
        if coordinator := entry.runtime_data.fleet.screens.get(key):
            ir.async_delete_issue(hass, DOMAIN, issue_id(coordinator.screen))
        await entry.runtime_data.fleet.async_forget(key)
    return True
