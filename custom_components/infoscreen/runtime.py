"""What a loaded fleet consists of, and who knows whom."""

from collections.abc import Mapping
from typing import Any

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant

from .academics import Academics
from .access import Access
from .admission import Admission
from .alerts import Alerts
from .broker import Broker
from .commander import Commander
from .concerns import Concerns
from .const import CONF_TOPIC_PREFIX
from .conversions import Converter
from .database import Database
from .failures import Failures
from .fleet import Fleet
from .history import History
from .journal import Journal
from .listener import Listener
from .logs import Logs
from .media import Library
from .mismatches import Mismatches
from .model.topics import Topics
from .outage_deeds import OutageDeeds
from .outage_news import OutageNews
from .outages import Outages
from .plugs import Plugs
from .power import PowerKeeper
from .recovery import Recovery
from .replacement import Replacement
from .retained import Retained
from .scheduler import Scheduler
from .screenshots import Screenshots
from .sender import Sender
from .settling import Settling
from .showings import Showings
from .store import FleetStore
from .surroundings import Surroundings
from .tvs import Tvs
from .watch import Watch


class FleetRuntime:
    """The parts of one fleet, each made with those it needs; nothing runs before `assembly` starts it."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry,
        broker: Broker,
        store: FleetStore,
        database: Database,
    ) -> None:
        self.data: Mapping[str, Any] = entry.data
        """The entry's data that the connection was made with."""
        self.broker, self.store, self.database = broker, store, database
        topics = Topics(prefix=entry.data[CONF_TOPIC_PREFIX])
        self.retained = Retained(hass, entry, broker, store)
        settling = Settling(hass, entry)
        self.fleet = Fleet(hass, entry, settling, topics, self.retained, store)
        self.alerts = Alerts(hass, entry, settling)
        self.history = History(hass, entry, database)
        sender = Sender(hass, entry, broker, topics)
        self.commander = Commander(hass, entry, sender, self.fleet, store, self.history)
        self._hear(hass, entry)
        self._show(hass, entry)
        self._bring_back(hass, entry)
        keepers = (self.power, self.plugs, self.recovery, self.commander, self.logs, self.screenshots)
        self.replacement = Replacement(entry, self.retained, self.fleet, store, self.admission, keepers)

    def _hear(self, hass: HomeAssistant, entry: ConfigEntry) -> None:
        """Make what hears the screens, and keeps what they say."""
        broker, fleet, store = self.broker, self.fleet, self.store
        self.watch = Watch(hass, entry, broker, self.retained, fleet, self.commander)
        self.failures = Failures(hass, entry, broker, self.retained, fleet)
        self.admission = Admission(entry, broker, fleet, store, self.failures, self.watch)
        self.journal = Journal(hass, entry, self.database)
        self.logs = Logs(hass, entry, fleet, self.journal)
        self.screenshots = Screenshots(hass, entry, fleet)
        self.access = Access(hass, entry, fleet, store)
        self.listener = Listener(
            entry, broker, fleet, self.commander, self.watch, self.failures, self.admission
        )

    def _show(self, hass: HomeAssistant, entry: ConfigEntry) -> None:
        """Make what says what they are to show, and when their TVs are on."""
        fleet, store = self.fleet, self.store
        self.academics = Academics(hass, entry, store)
        self.converter = Converter(hass, entry)
        self.library = Library(hass, entry, store, self.converter)
        self.scheduler = Scheduler(entry, self.retained, fleet, store, self.academics, self.library)
        self.showings = Showings(hass, self.scheduler)
        self.power = PowerKeeper(hass, entry, self.retained, fleet, store, self.scheduler)
        self.tvs = Tvs(hass, entry, fleet, self.power)
        self.mismatches = Mismatches(hass, entry, fleet, self.power, self.tvs, self.alerts)

    def _bring_back(self, hass: HomeAssistant, entry: ConfigEntry) -> None:
        """Make what brings them back, from trouble of their own and from outages."""
        fleet, store, commander = self.fleet, self.store, self.commander
        self.plugs = Plugs(hass, entry, fleet, store)
        self.recovery = Recovery(hass, entry, fleet, store, commander, self.plugs)
        surroundings = Surroundings(hass, entry, fleet, commander, self.plugs)
        deeds = OutageDeeds(fleet, commander, self.plugs, self.power, self.recovery)
        news = OutageNews(hass, entry, fleet, self.alerts)
        self.outages = Outages(hass, entry, store, surroundings, deeds, news)
        self.concerns = Concerns(hass, entry, self.alerts, surroundings)


type InfoscreenConfigEntry = ConfigEntry[FleetRuntime]
