"""The parts of a fleet: made knowing each other, and started in the order in which they need each other."""

from homeassistant.core import HomeAssistant

from .academics import Academics
from .access import Access
from .admission import Admission
from .alerts import Alerts
from .broker import Broker
from .command_alerts import CommandAlerts
from .commander import Commander
from .concerns import Concerns
from .const import CONF_TOPIC_PREFIX
from .conversions import Converter
from .database import Database
from .deserted import Deserted
from .failures import Failures
from .fleet import Fleet
from .history import History
from .journal import Journal
from .limits import Limits
from .listener import Listener
from .logs import Logs
from .media import Library
from .mismatches import Mismatches
from .model.messages import Log, ServiceCleared, ServiceFailed
from .model.topics import Topics
from .outage_deeds import OutageDeeds
from .outage_news import OutageNews
from .outages import Outages
from .plugs import Plugs
from .power import PowerKeeper
from .recovery import Recovery
from .replacement import Replacement
from .retained import Retained
from .runtime import FleetRuntime, InfoscreenConfigEntry
from .scheduler import Scheduler
from .screen_alerts import ScreenAlerts
from .screenshots import Screenshots
from .sender import Sender
from .showings import Showings
from .store import FleetStore
from .surroundings import Surroundings
from .tvs import Tvs
from .watch import Watch


def put_together(
    hass: HomeAssistant,
    entry: InfoscreenConfigEntry,
    broker: Broker,
    store: FleetStore,
    database: Database,
) -> FleetRuntime:
    """Make the parts of a fleet, each knowing those it needs; nothing runs yet."""
    topics = Topics(prefix=entry.data[CONF_TOPIC_PREFIX])
    retained = Retained(hass, entry, broker, store)
    fleet = Fleet(hass, entry, topics, retained, store)
    alerts = Alerts(hass, entry)

    # What is asked of screens.
    history = History(hass, entry, database)
    commander = Commander(hass, entry, Sender(hass, entry, broker, topics), fleet, store, history)

    # What is heard of them.
    watch = Watch(hass, entry, broker, retained, fleet, commander)
    failures = Failures(hass, entry, broker, retained, fleet)
    admission = Admission(entry, broker, fleet, store, failures, watch)
    journal = Journal(hass, entry, database)
    logs = Logs(hass, entry, fleet, journal)
    screenshots = Screenshots(hass, entry, fleet)

    # What they are to show, and when.
    academics = Academics(hass, entry, store)
    converter = Converter(hass, entry)
    library = Library(hass, entry, store, converter)
    scheduler = Scheduler(entry, retained, fleet, store, academics, library)
    power = PowerKeeper(hass, entry, retained, fleet, store, scheduler)
    tvs = Tvs(hass, entry, fleet, power)

    # What brings them back.
    plugs = Plugs(hass, entry, fleet, store)
    recovery = Recovery(hass, entry, fleet, store, commander, plugs)
    surroundings = Surroundings(hass, entry, fleet, commander, plugs)
    deeds = OutageDeeds(fleet, commander, plugs, power, recovery)

    keepers = (power, plugs, recovery, commander, logs, screenshots)
    return FleetRuntime(
        data=entry.data,
        broker=broker,
        store=store,
        database=database,
        retained=retained,
        fleet=fleet,
        history=history,
        commander=commander,
        watch=watch,
        academics=academics,
        library=library,
        scheduler=scheduler,
        showings=Showings(hass, scheduler),
        power=power,
        failures=failures,
        converter=converter,
        plugs=plugs,
        recovery=recovery,
        outages=Outages(hass, entry, store, surroundings, deeds, OutageNews(hass, entry, fleet, alerts)),
        journal=journal,
        logs=logs,
        admission=admission,
        replacement=Replacement(entry, retained, fleet, store, admission, keepers),
        screenshots=screenshots,
        listener=Listener(entry, broker, fleet, commander, watch, failures, admission),
        access=Access(hass, entry, fleet, store),
        alerts=alerts,
        concerns=Concerns(hass, entry, alerts, surroundings),
        tvs=tvs,
        mismatches=Mismatches(hass, entry, fleet, power, tvs, alerts),
    )


async def async_take_up(runtime: FleetRuntime) -> None:
    """Take up what was known before; entities come next, and nothing is heard yet."""
    runtime.listener.async_hand(Log, runtime.logs.async_heard)
    runtime.listener.async_hand(ServiceFailed, runtime.failures.async_heard)
    runtime.listener.async_hand(ServiceCleared, runtime.failures.async_heard)
    await runtime.screenshots.async_load()
    await runtime.replacement.async_start()
    await runtime.fleet.async_start()
    runtime.history.async_start()
    runtime.commander.async_start()
    runtime.failures.async_start()
    runtime.plugs.async_start()
    runtime.recovery.async_start()
    runtime.admission.async_raise()
    await runtime.logs.async_start()
    await runtime.screenshots.async_start(runtime.listener, runtime.store.forgotten)
    runtime.access.async_start()
    await runtime.converter.async_start()
    await runtime.scheduler.async_start()
    runtime.outages.async_take_up()
    await runtime.power.async_start()
    runtime.tvs.async_start()
    runtime.mismatches.async_start()
    runtime.concerns.async_start()


async def async_begin(hass: HomeAssistant, entry: InfoscreenConfigEntry, runtime: FleetRuntime) -> None:
    """Watch, and listen to what comes over the wire."""
    Limits(hass, entry, runtime.fleet).async_start()
    Deserted(hass, entry, runtime.fleet, runtime.store, runtime.scheduler).async_start()
    runtime.watch.async_start()
    ScreenAlerts(hass, entry, runtime.broker, runtime.fleet, runtime.power, runtime.alerts).async_start()
    CommandAlerts(hass, entry, runtime.fleet, runtime.commander, runtime.alerts).async_start()
    runtime.outages.async_start()
    await runtime.listener.async_start()


async def async_forget_screen(runtime: FleetRuntime, key: str) -> None:
    """Let a screen go, with all that is kept of it."""
    runtime.recovery.async_forget(key)
    await runtime.fleet.async_forget(key)
    runtime.power.async_forget(key)
    runtime.plugs.async_forget(key)
    await runtime.logs.async_forget(key)
    await runtime.screenshots.async_forget(key)
    await runtime.commander.async_forget(key)
