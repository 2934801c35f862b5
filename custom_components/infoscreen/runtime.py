"""What a loaded fleet consists of."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from homeassistant.config_entries import ConfigEntry

from .academics import Academics
from .broker import Broker
from .commander import Commander
from .failures import Failures
from .fleet import Fleet
from .listener import Listener
from .retained import Retained
from .scheduler import Scheduler
from .store import FleetStore
from .watch import Watch


@dataclass(frozen=True, kw_only=True, slots=True)
class FleetRuntime:
    """The parts of one fleet, put together in `async_setup_entry`."""

    data: Mapping[str, Any]
    """The entry's data that the connection was made with."""
    broker: Broker
    store: FleetStore
    retained: Retained
    fleet: Fleet
    commander: Commander
    watch: Watch
    academics: Academics
    scheduler: Scheduler
    failures: Failures
    listener: Listener


type InfoscreenConfigEntry = ConfigEntry[FleetRuntime]
