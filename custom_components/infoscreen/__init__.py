"""Infoscreen: Home Assistant as the control room of a fleet of info screens."""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, suppress
from typing import Any

from homeassistant.config_entries import ConfigEntry, ConfigEntryState
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ConfigEntryNotReady, HomeAssistantError
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.device_registry import AnyDeviceEntry
from homeassistant.helpers.typing import ConfigType
from homeassistant.util import dt as dt_util

from .assembly import async_begin, async_forget_screen, async_take_up
from .broker import CannotConnectError, NotPublishedError
from .broker.choice import async_make_broker, unique_id
from .certificates import async_watch_certificates
from .const import CONF_TOPIC_PREFIX, DOMAIN, LOGGER
from .conversions.files import ConvertedFiles
from .database import Database
from .entries import is_ups_server
from .issues import async_forget_issues
from .media.folder import MediaFolder
from .model.topics import Topics
from .nut.setup import async_forget_server, async_release, async_server_updated, async_take_up_server
from .runtime import FleetRuntime, InfoscreenConfigEntry
from .screenshots.files import ScreenshotFiles
from .services import async_register_actions
from .store import FleetStore
from .texts import async_load_texts
from .views import async_register_views
from .websocket import async_register_commands

CONFIG_SCHEMA = cv.config_entry_only_config_schema(DOMAIN)
PLATFORMS = (
    Platform.BINARY_SENSOR,
    Platform.BUTTON,
    Platform.CALENDAR,
    Platform.EVENT,
    Platform.IMAGE,
    Platform.MEDIA_PLAYER,
    Platform.NOTIFY,
    Platform.SELECT,
    Platform.SENSOR,
)
UPS_PLATFORMS = (Platform.BINARY_SENSOR, Platform.BUTTON, Platform.SENSOR, Platform.SWITCH)


async def async_setup(hass: HomeAssistant, _config: ConfigType) -> bool:
    """Register what is there whether or not a fleet is loaded: actions, views, websocket commands."""
    await async_load_texts(hass)
    await hass.async_add_executor_job(MediaFolder(hass.config.config_dir).clear)
    async_register_actions(hass)
    async_register_views(hass)
    async_register_commands(hass)
    return True


async def async_setup_entry(hass: HomeAssistant, entry: InfoscreenConfigEntry) -> bool:
    """Put a fleet together: what is known first, then its entities, then what comes over the wire."""
    if is_ups_server(entry.data):
        return await _async_setup_ups_server(hass, entry)
    async_watch_certificates(hass, entry)  # first: one that has expired may be why nothing else works
    broker = async_make_broker(hass, entry.data)
    await broker.async_start(entry)
    store = FleetStore(hass, entry.entry_id)
    await store.async_load()
    database = Database(hass, entry.entry_id)
    entry.async_on_unload(database.async_close)  # after all that is registered later has let go of it
    await database.async_open()

    runtime = entry.runtime_data = FleetRuntime(hass, entry, broker, store, database)
    try:
        await async_take_up(runtime)
        async with _entities(hass, entry, PLATFORMS):
            await async_begin(hass, entry, runtime)
    except HomeAssistantError as err:  # the disk is full, say, or MQTT has gone meanwhile
        raise ConfigEntryNotReady(
            f"{err}",
            translation_domain=err.translation_domain,
            translation_key=err.translation_key,
            translation_placeholders=err.translation_placeholders,
        ) from err
    entry.async_on_unload(entry.add_update_listener(_async_updated))
    return True


@asynccontextmanager
async def _entities(
    hass: HomeAssistant, entry: ConfigEntry, platforms: Iterable[Platform]
) -> AsyncIterator[None]:
    """Give an entry its entities, and take them back if the rest of its set-up fails or is broken off.

    Home Assistant would leave them standing, and refuse those of the next try.
    """
    try:
        await hass.config_entries.async_forward_entry_setups(entry, platforms)
        yield
    except BaseException:
        await hass.config_entries.async_unload_platforms(entry, platforms)
        raise


async def _async_setup_ups_server(hass: HomeAssistant, entry: ConfigEntry[Any]) -> bool:
    """Follow the UPSes of a NUT server."""
    await async_take_up_server(hass, entry)
    async with _entities(hass, entry, UPS_PLATFORMS):
        entry.async_on_unload(entry.add_update_listener(async_server_updated))
    return True


async def async_unload_entry(hass: HomeAssistant, entry: InfoscreenConfigEntry) -> bool:
    """Let go of a fleet; nothing is published, what stands on the broker stays."""
    if is_ups_server(entry.data):
        return await hass.config_entries.async_unload_platforms(entry, UPS_PLATFORMS)
    entry.runtime_data.listener.async_stop()  # first: nobody would be there to show or to store what comes
    unloaded = await hass.config_entries.async_unload_platforms(entry, PLATFORMS)
    if unloaded:
        await entry.runtime_data.screenshots.async_close()
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
    with suppress(HomeAssistantError):  # the disk is full, as the log tells; the rest can be followed
        await runtime.fleet.async_read_groups()
    runtime.admission.async_raise()
    runtime.plugs.async_read()
    runtime.recovery.async_look_again()
    now = dt_util.utcnow()
    runtime.scheduler.async_update(now)
    await runtime.power.async_update()
    runtime.outages.async_read()
    runtime.concerns.async_look()
    runtime.tvs.async_read()
    runtime.mismatches.async_read()
    runtime.watch.async_look(now)
    runtime.screenshots.async_show_all()
    runtime.access.async_look()
    runtime.converter.async_update()


async def async_remove_entry(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """Leave nothing behind: neither on the broker nor on disk."""
    if is_ups_server(entry.data):
        await async_forget_server(hass, entry)
        return
    broker, topics = async_make_broker(hass, entry.data), Topics(prefix=entry.data[CONF_TOPIC_PREFIX])
    store = FleetStore(hass, entry.entry_id)
    await store.async_load()
    standing = {topics.group_id(screen.uuid) for screen in store.screens.values()}
    standing |= {topics.events(group_id) for group_id in store.group_ids}
    standing |= {
        topics.own_power_intent(screen.uuid)
        for key, screen in store.screens.items()
        if key in store.power_intents
    }
    standing |= {topics.power_intent(key) for key in store.power_intents if isinstance(key, int)}
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
    async_forget_issues(hass, entry.entry_id)
    await store.async_remove()
    await Database(hass, entry.entry_id).async_remove()
    for files in (ScreenshotFiles, ConvertedFiles):
        await hass.async_add_executor_job(files(hass.config.config_dir, entry.entry_id).remove)


async def async_remove_config_entry_device(
    hass: HomeAssistant, entry: InfoscreenConfigEntry, device: AnyDeviceEntry
) -> bool:
    """Let a person delete a screen; the fleet and its groups go with their entry and subentry.

    A UPS can be deleted once its server does not have it any more.
    """
    if is_ups_server(entry.data):
        return async_release(hass, entry, device)
    if entry.state is not ConfigEntryState.LOADED:
        return False  # nobody is there who could let go of it
    keys = {identifier for domain, identifier in device.identifiers if domain == DOMAIN}
    groups = {f"{entry.entry_id}_group_{group_id}" for group_id in entry.runtime_data.fleet.groups}
    if keys & (groups | {entry.entry_id}):
        return False
    for key in keys:
        await async_forget_screen(entry.runtime_data, key)
    return True
