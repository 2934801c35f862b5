"""What is counted of a fleet and of its groups."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, override

from homeassistant.components.sensor import SensorEntity, SensorEntityDescription, SensorStateClass
from homeassistant.const import EntityCategory
from homeassistant.util.signal_type import SignalType

from ..concerns import Concern
from ..const import ALERTS_LISTED
from ..entity import FleetEntity, GroupEntity
from ..model.tally import Trait
from ..runtime import InfoscreenConfigEntry
from ..texts import language_for


@dataclass(frozen=True, kw_only=True)
class CountDescription(SensorEntityDescription):
    """Which screens are counted."""

    trait: Trait


def _count(trait: Trait) -> CountDescription:
    """Describe a count, keyed by what it counts."""
    return CountDescription(key=trait.value, trait=trait, state_class=SensorStateClass.MEASUREMENT)


FLEET_COUNTS: Final = tuple(_count(trait) for trait in Trait)
GROUP_ONLINE: Final = _count(Trait.ONLINE)
PENDING_COMMANDS: Final = SensorEntityDescription(
    key="pending_commands",
    state_class=SensorStateClass.MEASUREMENT,
    entity_category=EntityCategory.DIAGNOSTIC,
    entity_registry_enabled_default=False,
)
ALERTS: Final = SensorEntityDescription(key="alerts", state_class=SensorStateClass.MEASUREMENT)
REJECTED_MESSAGES: Final = SensorEntityDescription(
    key="rejected_messages",
    state_class=SensorStateClass.TOTAL_INCREASING,
    entity_category=EntityCategory.DIAGNOSTIC,
    entity_registry_enabled_default=False,
)


class _Count(SensorEntity):
    """How many screens are so."""

    entity_description: CountDescription
    _entry: InfoscreenConfigEntry
    _group_id: int | None = None

    @property
    def _signal(self) -> SignalType[()]:
        return self._entry.runtime_data.fleet.census.changed(self._group_id)

    @property
    @override
    def native_value(self) -> int:
        tally = self._entry.runtime_data.fleet.census.tally
        return tally.count(self.entity_description.trait, self._group_id)

    def _shown(self) -> int:
        return self.native_value


class FleetCount(_Count, FleetEntity):
    """How many screens of a fleet are so."""


class GroupCount(_Count, GroupEntity):
    """How many screens of a group are so."""

    _group_id: int


class PendingCommands(FleetEntity, SensorEntity):
    """How many commands are under way."""

    def __init__(self, entry: InfoscreenConfigEntry) -> None:
        super().__init__(entry, PENDING_COMMANDS)

    @property
    @override
    def _signal(self) -> SignalType[()]:
        return self._entry.runtime_data.commander.changed

    @property
    @override
    def native_value(self) -> int:
        return self._entry.runtime_data.commander.pending

    @override
    def _shown(self) -> int:
        return self.native_value


class RejectedMessages(FleetEntity, SensorEntity):
    """How many messages were not used, or not wholly; told at most once a minute."""

    _unrecorded_attributes = frozenset({"reasons"})

    def __init__(self, entry: InfoscreenConfigEntry) -> None:
        super().__init__(entry, REJECTED_MESSAGES)

    @property
    @override
    def _signal(self) -> SignalType[()]:
        return self._entry.runtime_data.listener.rejected_changed

    @property
    @override
    def native_value(self) -> int:
        return self._entry.runtime_data.listener.rejected.total()

    @property
    @override
    def extra_state_attributes(self) -> Mapping[str, Any]:
        return {"reasons": dict(self._entry.runtime_data.listener.rejected)}

    @override
    def _shown(self) -> int:
        return self.native_value


class StandingAlerts(FleetEntity, SensorEntity):
    """How many alerts stand, those of the fleet's UPSes included, and which."""

    _unrecorded_attributes = frozenset({"alerts"})

    def __init__(self, entry: InfoscreenConfigEntry) -> None:
        super().__init__(entry, ALERTS)

    @property
    @override
    def _signal(self) -> SignalType[()]:
        return self._entry.runtime_data.concerns.changed

    @override
    def _shown(self) -> list[Concern]:
        return self._entry.runtime_data.concerns.standing

    @property
    @override
    def native_value(self) -> int:
        return len(self._shown())

    @property
    @override
    def extra_state_attributes(self) -> Mapping[str, Any]:
        language = language_for(self.hass)
        listed = self._shown()[:ALERTS_LISTED]
        return {"alerts": [alerts.async_told(alert, language) for alert, alerts in listed]}
