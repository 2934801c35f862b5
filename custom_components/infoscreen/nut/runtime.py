"""What a loaded NUT server consists of."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from homeassistant.config_entries import ConfigEntry

from ..alerts import Alerts
from .client import NutClient
from .coordinator import UpsCoordinator


@dataclass(frozen=True, kw_only=True, slots=True)
class UpsRuntime:
    """The parts of one NUT server."""

    data: Mapping[str, Any]
    """The entry's data that it was made with."""
    client: NutClient
    coordinator: UpsCoordinator
    alerts: Alerts


type UpsConfigEntry = ConfigEntry[UpsRuntime]
