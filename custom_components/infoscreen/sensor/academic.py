"""Which academic period it is."""

from collections.abc import Mapping
from typing import Any, Final, override

from homeassistant.components.sensor import SensorEntity, SensorEntityDescription
from homeassistant.util.signal_type import SignalType

from ..entity import FleetEntity
from ..model.schedule.periods import Period
from ..runtime import InfoscreenConfigEntry

ACADEMIC_PERIOD: Final = SensorEntityDescription(key="academic_period")


class AcademicPeriod(FleetEntity, SensorEntity):
    """The active academic period of a fleet."""

    def __init__(self, entry: InfoscreenConfigEntry) -> None:
        super().__init__(entry, ACADEMIC_PERIOD)

    @property
    @override
    def _signal(self) -> SignalType[()]:
        return self._entry.runtime_data.academics.changed

    @override
    def _shown(self) -> Period | None:
        return self._entry.runtime_data.academics.active

    @property
    @override
    def native_value(self) -> str | None:
        period = self._shown()
        return (period.display_name or period.name) if period else None

    @property
    @override
    def extra_state_attributes(self) -> Mapping[str, Any]:
        period = self._shown()
        if period is None:
            return {}
        return {
            "period": period.period_id,
            "period_type": period.period_type.value,
            "start": period.start.isoformat(),
            "end": period.end.isoformat(),
        }
