"""What a loaded fleet consists of."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from homeassistant.config_entries import ConfigEntry

from .academics import Academics
from .access import Access
from .admission import Admission
from .alerts import Alerts
from .broker import Broker
from .commander import Commander
from .concerns import Concerns
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
from .outages import Outages
from .plugs import Plugs
from .power import PowerKeeper
from .recovery import Recovery
from .replacement import Replacement
from .retained import Retained
from .scheduler import Scheduler
from .screenshots import Screenshots
from .showings import Showings
from .store import FleetStore
from .tvs import Tvs
from .watch import Watch


@dataclass(frozen=True, kw_only=True, slots=True)
class FleetRuntime:
    """The parts of one fleet, put together in `async_setup_entry`."""

    data: Mapping[str, Any]
    """The entry's data that the connection was made with."""
    broker: Broker
    store: FleetStore
    database: Database
    retained: Retained
    fleet: Fleet
    history: History
    commander: Commander
    watch: Watch
    academics: Academics
    library: Library
    scheduler: Scheduler
    showings: Showings
    power: PowerKeeper
    failures: Failures
    converter: Converter
    plugs: Plugs
    recovery: Recovery
    outages: Outages
    journal: Journal
    logs: Logs
    admission: Admission
    replacement: Replacement
    screenshots: Screenshots
    listener: Listener
    access: Access
    alerts: Alerts
    concerns: Concerns
    tvs: Tvs
    mismatches: Mismatches


type InfoscreenConfigEntry = ConfigEntry[FleetRuntime]
