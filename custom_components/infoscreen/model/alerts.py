"""What somebody has to know of now: one list, each entry with its beginning and its all-clear."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from heapq import heappop, heappush
from typing import Final

from .hours import ROUND_THE_CLOCK, Hours


class Level(StrEnum):
    """How much of a hurry there is, the greatest first."""

    CRITICAL = "critical"
    WARNING = "warning"
    INFO = "info"


class Kind(StrEnum):
    """What an alert is about."""

    OFFLINE = "offline"
    SERVICE_FAILED = "service_failed"
    MANUAL_INTERVENTION = "manual_intervention_required"
    PROCESS_CRASHED = "process_crashed"
    PICTURE_BLACK = "black"
    PICTURE_FROZEN = "frozen"
    PROCESS_STOPPED = "process_stopped"
    POWER_MISMATCH = "power_mismatch"
    CANCELED_COMMAND_RAN = "canceled_command_ran"
    TVS_OFF_ON_BATTERY = "tvs_off_on_battery"
    SHUT_DOWN_ON_BATTERY = "shut_down_on_battery"
    OFF_AFTER_OUTAGE = "off_after_outage"
    BROKER_OUTAGE = "broker_outage"
    UPS_SHUTDOWN_LATCHED = "ups_shutdown_latched"
    UPS_FORCED_SHUTDOWN = "ups_forced_shutdown"
    UPS_SHUTDOWN_TIMER = "ups_shutdown_timer"
    UPS_ON_BATTERY_LOW = "ups_on_battery_low"
    UPS_LOW_BATTERY = "ups_low_battery"
    UPS_OUTPUT_OFF = "ups_output_off"
    UPS_LOST_ON_BATTERY = "ups_lost_on_battery"
    UPS_ON_BATTERY = "ups_on_battery"
    UPS_CONTRADICTORY = "ups_contradictory"
    UPS_LOW_BATTERY_ON_MAINS = "ups_low_battery_on_mains"
    UPS_OUTPUT_OFF_ON_MAINS = "ups_output_off_on_mains"
    UPS_OVERLOAD = "ups_overload"
    UPS_REPLACE_BATTERY = "ups_replace_battery"
    UPS_BAD_BATTERY_PACKS = "ups_bad_battery_packs"
    UPS_ALARM = "ups_alarm"
    UPS_BYPASS = "ups_bypass"
    UPS_OVERHEAT = "ups_overheat"
    UPS_COMMUNICATION_FAULT = "ups_communication_fault"
    UPS_DEPLETED = "ups_depleted"
    UPS_MAINS_FAILURE = "ups_mains_failure"


class Turn(StrEnum):
    """What became of an alert."""

    RAISED = "raised"
    CLEARED = "cleared"


def alert_id(subject: str, kind: Kind) -> str:
    """Return what tells an alert from others; of one kind there is one for each subject."""
    return f"{subject}_{kind}"


_URGENCY: Final = {level: urgency for urgency, level in enumerate(Level)}


@dataclass(frozen=True, kw_only=True, slots=True)
class Alert:
    """Something that somebody has to know of."""

    kind: Kind
    level: Level
    subject: str  # what identifies the device that it is about
    since: datetime  # when the trouble began, not when it was told
    details: Mapping[str, str] = field(default_factory=dict)  # what its text is filled in with

    @property
    def id(self) -> str:
        """Return what tells it from others."""
        return alert_id(self.subject, self.kind)

    @property
    def rank(self) -> tuple[int, float]:
        """Return what to sort by: the most urgent first, the newest first among them."""
        return _URGENCY[self.level], -self.since.timestamp()


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """An alert that was raised, raised again in other words, or cleared."""

    turn: Turn
    alert: Alert
    downtime: timedelta | None = None  # of what is over; None where it is not, or its subject is no more


@dataclass(frozen=True, kw_only=True, slots=True)
class Patience:
    """How long trouble may last before anybody is told, and the hours outside of which nobody is.

    What is still wrong when the hours begin gets a grace from there on.
    """

    delay: timedelta = timedelta()
    hours: Hours = ROUND_THE_CLOCK
    grace: timedelta = timedelta()

    def ends_at(self, noticed: datetime) -> datetime | None:
        """Return when trouble that was noticed at a moment is told, None while that is not known."""
        return self.hours.due_for(self.grace, noticed + self.delay)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Waiting:
    """An alert that nobody was told of yet."""

    alert: Alert
    noticed: datetime
    due: datetime | None


class Registry:
    """The alerts that stand, and those that wait for their moment.

    Whoever knows of trouble raises it as often as he likes; it is told once.
    """

    def __init__(self) -> None:
        self.standing: dict[str, Alert] = {}
        self._waiting: dict[str, _Waiting] = {}
        self._queue: list[tuple[datetime, str]] = []  # a heap; what does not wait any more is passed over
        self._queued: set[tuple[datetime, str]] = set()

    def raise_(self, alert: Alert, now: datetime, patience: Patience | None = None) -> list[Change]:
        """Take in that there is trouble, be it for the first time or again; its beginning stays."""
        if known := self.standing.get(alert.id):
            alert = replace(alert, since=known.since)
            return [] if alert == known else self._tell(alert)
        waiting = self._waiting.get(alert.id)
        noticed = waiting.noticed if waiting else now
        if waiting:
            alert = replace(alert, since=waiting.alert.since)
        due = (patience or Patience()).ends_at(noticed)
        if due is not None and due <= now:
            return self._tell(alert)
        self._waiting[alert.id] = _Waiting(alert=alert, noticed=noticed, due=due)
        if due is not None and (due, alert.id) not in self._queued:
            self._queued.add((due, alert.id))
            heappush(self._queue, (due, alert.id))
        return []

    def clear(self, alert_id: str, now: datetime) -> list[Change]:
        """Take in that trouble is over, if there was any."""
        self.doubt(alert_id)
        alert = self.standing.pop(alert_id, None)
        if alert is None:
            return []
        # A computer without a clock of its own may have begun the day in another year.
        downtime = max(now - alert.since, timedelta())
        return [Change(turn=Turn.CLEARED, alert=alert, downtime=downtime)]

    def doubt(self, alert_id: str) -> None:
        """Take in that nobody can know for now: what was told stands, what was not begins anew."""
        self._waiting.pop(alert_id, None)

    def withdraw(self, subject: str) -> list[Change]:
        """Drop all that is about something that is no more."""
        for alert_id in [key for key, waiting in self._waiting.items() if waiting.alert.subject == subject]:
            self.doubt(alert_id)
        gone = [alert for alert in self.standing.values() if alert.subject == subject]
        return [Change(turn=Turn.CLEARED, alert=self.standing.pop(alert.id)) for alert in gone]

    def at(self, now: datetime) -> list[Change]:
        """Tell what has waited long enough."""
        told: list[Change] = []
        while (due := self.due) is not None and due <= now:
            told += self._tell(self._waiting[self._pop()].alert)
        return told

    @property
    def due(self) -> datetime | None:
        """Return when the next alert is to be told."""
        while self._queue:
            due, alert_id = self._queue[0]
            waiting = self._waiting.get(alert_id)
            if waiting is not None and waiting.due == due:
                return due
            self._pop()
        return None

    def _pop(self) -> str:
        """Take the first out of the queue."""
        first = heappop(self._queue)
        self._queued.discard(first)
        return first[1]

    def _tell(self, alert: Alert) -> list[Change]:
        """Let an alert stand."""
        self.doubt(alert.id)
        self.standing[alert.id] = alert
        return [Change(turn=Turn.RAISED, alert=alert)]
