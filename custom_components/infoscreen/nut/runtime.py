"""What a loaded NUT server consists of."""

from dataclasses import dataclass

from homeassistant.config_entries import ConfigEntry

from ..alerts import Alerts
from .client import NutClient
from .coordinator import UpsCoordinator


@dataclass(frozen=True, kw_only=True, slots=True)
class UpsRuntime:
    """The parts of one NUT server."""

    client: NutClient
    coordinator: UpsCoordinator
    alerts: Alerts


type UpsConfigEntry = ConfigEntry[UpsRuntime]
