"""Repairs that repair."""

from collections.abc import Callable
from typing import Any, Final

from homeassistant.components.repairs import RepairsFlow
from homeassistant.core import HomeAssistant

from ..conversions import CONVERSION_FAILED
from ..failures import SERVICE_FAILED
from ..issues import NEW_SCREEN, NEW_SCREENS, REPLACE_SCREEN
from ..ladders import MANUAL_INTERVENTION
from ..nut.troubles import UPS_FOUND, UPS_NOT_FOUND
from .conversion_failed import ConversionFailedFlow
from .manual_intervention import ManualInterventionFlow
from .new_screen import NewScreenFlow, NewScreensFlow
from .replace_screen import ReplaceScreenFlow
from .service_failed import ServiceFailedFlow
from .ups import UpsFoundFlow, UpsNotFoundFlow

#: The flow of each fixable repair, by what its issue's id begins with.
_FLOWS: Final[dict[str, Callable[..., RepairsFlow]]] = {
    SERVICE_FAILED: ServiceFailedFlow,
    MANUAL_INTERVENTION: ManualInterventionFlow,
    NEW_SCREEN: NewScreenFlow,
    NEW_SCREENS: NewScreensFlow,
    CONVERSION_FAILED: ConversionFailedFlow,
    REPLACE_SCREEN: ReplaceScreenFlow,
    UPS_FOUND: UpsFoundFlow,
    UPS_NOT_FOUND: UpsNotFoundFlow,
}


async def async_create_fix_flow(
    _hass: HomeAssistant, issue_id: str, data: dict[str, Any] | None
) -> RepairsFlow:
    """Return the flow of a repair; an issue's data are its flow's arguments."""
    flow = next(flow for key, flow in _FLOWS.items() if issue_id.startswith(f"{key}_"))
    return flow(**data or {})
