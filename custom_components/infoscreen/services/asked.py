"""What several actions ask for: moments, how much of a past, and the screens of each fleet."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from homeassistant.core import ServiceCall
from homeassistant.helpers import config_validation as cv
import voluptuous as vol

from ..coordinator import ScreenCoordinator
from ..entity import refusals_told
from ..model.schedule.clock import read_moment, zone_named
from ..runtime import InfoscreenConfigEntry
from ..targets import Targeted

DEFAULT_LIMIT: Final = 100
MAX_LIMIT: Final = 1000

#: How much of what is kept an action tells of, the newest first.
HOW_MUCH: Final = {
    vol.Optional("limit", default=DEFAULT_LIMIT): vol.All(vol.Coerce(int), vol.Range(1, MAX_LIMIT)),
    vol.Optional("since"): object,
}

#: How long something is shown at once.
DURATION: Final = vol.Any(None, vol.All(cv.time_period, vol.Range(min=timedelta(seconds=1))))


def moment(call: ServiceCall, name: str) -> datetime | None:
    """Read a moment, None if it is not given; one without an offset is read off Home Assistant's clock."""
    if (value := call.data.get(name)) is None:
        return None
    zone = zone_named(call.hass.config.time_zone)
    with refusals_told():
        return read_moment(value, zone)


def by_entry(
    targets: Iterable[Targeted[ScreenCoordinator]],
) -> dict[InfoscreenConfigEntry, list[ScreenCoordinator]]:
    """Return the screens of each fleet."""
    screens: dict[InfoscreenConfigEntry, list[ScreenCoordinator]] = {}
    for target in targets:
        screens.setdefault(target.entry, []).append(target.thing)
    return screens
