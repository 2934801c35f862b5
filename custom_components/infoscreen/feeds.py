"""Which UPS feeds what, and on which terms, as groups and hardware were described."""

from collections.abc import Mapping, Set as AbstractSet
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Self

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import device_registry as dr

from .const import (
    CONF_GROUP_ID,
    CONF_SHUTDOWN_TIER,
    CONF_UPS,
    CONF_UPS_RESTORE_CHARGE,
    CONF_UPS_SHUTDOWN_CHARGE,
    CONF_UPS_SHUTDOWN_RUNTIME,
    CONF_UPS_TV_OFF_DELAY,
    SUBENTRY_GROUP,
    SUBENTRY_HARDWARE,
)
from .model.policy.world import Feed, Terms

#: The terms of a group that nobody changed.
DEFAULTS = Terms()


@dataclass(frozen=True, kw_only=True, slots=True)
class Feeds:
    """What is fed by UPSes in one fleet; a UPS is known by its device."""

    groups: Mapping[int, str]
    screens: Mapping[str, str]  # those that have a UPS of their own
    terms: Mapping[int, Terms]
    named: AbstractSet[str]  # all UPSes that are to feed something, those that were deleted too

    @classmethod
    @callback
    def of(cls, hass: HomeAssistant, entry: ConfigEntry) -> Self:
        """Read them; a UPS that was deleted feeds nothing until it is there again."""
        devices = dr.async_get(hass)
        groups = {
            group.data[CONF_GROUP_ID]: group.data for group in entry.get_subentries_of_type(SUBENTRY_GROUP)
        }
        screens = {
            hardware.unique_id: hardware.data.get(CONF_UPS)
            for hardware in entry.get_subentries_of_type(SUBENTRY_HARDWARE)
            if hardware.unique_id
        }
        return cls(
            groups={
                key: ups
                for key, data in groups.items()
                if (ups := data.get(CONF_UPS)) and devices.async_get(ups)
            },
            screens={key: ups for key, ups in screens.items() if ups and devices.async_get(ups)},
            terms={key: _terms(data) for key, data in groups.items()},
            named={
                *filter(None, (data.get(CONF_UPS) for data in groups.values())),
                *filter(None, screens.values()),
            },
        )

    @property
    def upses(self) -> set[str]:
        """Return all that feed anything."""
        return {*self.groups.values(), *self.screens.values()}

    def of_group(self, group_id: int | None) -> Feed | None:
        """Return what feeds the TVs of a group."""
        ups = self.groups.get(group_id or 0)
        return Feed(ups=ups, terms=self._terms(group_id)) if ups else None

    def of_screen(self, key: str, group_id: int | None) -> Feed | None:
        """Return what feeds a screen: a UPS of its own, or else its group's; on the group's terms."""
        own = self.screens.get(key)
        return Feed(ups=own, terms=self._terms(group_id)) if own else self.of_group(group_id)

    def is_apart(self, key: str, group_id: int | None) -> bool:
        """Tell whether a screen is fed by another UPS than its group."""
        return key in self.screens and self.screens[key] != self.groups.get(group_id or 0)

    def _terms(self, group_id: int | None) -> Terms:
        return self.terms.get(group_id or 0, DEFAULTS)


def _terms(data: Mapping[str, Any]) -> Terms:
    """Return the terms of a group as it is configured."""
    delay = data.get(CONF_UPS_TV_OFF_DELAY)
    return Terms(
        tv_off_delay=DEFAULTS.tv_off_delay if delay is None else timedelta(seconds=delay),
        shutdown_charge=data.get(CONF_UPS_SHUTDOWN_CHARGE, DEFAULTS.shutdown_charge),
        shutdown_runtime=data.get(CONF_UPS_SHUTDOWN_RUNTIME, DEFAULTS.shutdown_runtime),
        restore_charge=data.get(CONF_UPS_RESTORE_CHARGE, DEFAULTS.restore_charge),
        tier=data.get(CONF_SHUTDOWN_TIER, DEFAULTS.tier),
    )
