"""A night, a weekend and a week of holidays go by: TVs are on when they should be, and nobody is called.

The clock is turned by hand here, half an hour at a time, to each change and to a minute behind it, and the
broker is the test's; a screen as the contract wants it listens and reports. Real programs are in tests/e2e,
in the module of the same name.
"""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import Event, EventStateChangedData, HomeAssistant, callback
from homeassistant.helpers.event import async_track_state_change_event
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, async_fire_time_changed

from simulator import Identity, Pace, Screen
from simulator.effects import Effect, Publish

from .conftest import UUID, Look, choose as assign
from .test_hardware import add_hardware
from .wire import Wire

VIENNA = ZoneInfo("Europe/Vienna")
STEP = timedelta(minutes=30)
#: Reports come with the steps; screenshots and announcements are not what this is about.
PACE = Pace(
    heartbeat=timedelta(minutes=1),
    health=timedelta(minutes=1),
    dashboard=timedelta(days=99),
    discovery=timedelta(days=99),
)


@pytest.fixture
def options() -> dict[str, Any]:
    """Tell the TVs of the fleet when to be on, for an hour and forty minutes each time."""
    return {
        "power_intent_enabled": True,
        "poll_interval_seconds": 300,
        "power_intent_expiry_multiplier": 20,
        "heartbeat_grace_seconds": 3600,
        "bridge_gap_minutes": 10,
    }


class Life:
    """Lets time pass for Home Assistant and for one screen, which hear each other."""

    def __init__(self, hass: HomeAssistant, freezer: FrozenDateTimeFactory, wire: Wire) -> None:
        self._hass = hass
        self._freezer = freezer
        self._wire = wire
        self.screen = Screen(Identity(uuid=UUID), pace=PACE, draw=lambda _: b"")
        self.retained: dict[str, bytes] = {}

    @property
    def now(self) -> datetime:
        """Return the time."""
        return datetime.now(UTC)

    async def begin(self, moment: datetime) -> None:
        """Let the screen connect at a moment."""
        self._freezer.move_to(moment)
        async_fire_time_changed(self._hass)
        await self._say(self.screen.connected(self.now))
        await self._hear()

    async def until(self, end: datetime, *changes: datetime) -> None:
        """Let time pass, Home Assistant being there."""
        extra = {*changes, *(change + timedelta(minutes=1) for change in changes)}
        steps = {self.now + STEP * number for number in range(1, 1 + (end - self.now) // STEP)}
        for moment in sorted(moment for moment in steps | extra if self.now < moment <= end):
            self._freezer.move_to(moment)
            async_fire_time_changed(self._hass)
            await self._wire.settle()
            await self._hear()
            await self._say(self.screen.tick(moment))

    async def _hear(self) -> None:
        """Let the screen hear what stands on the broker, where it listens."""
        said = {each.topic: each.payload for each in self._wire.rest()}
        self.retained |= said
        before = self.screen.listens_to
        for topic, payload in said.items():
            await self._say(self.screen.hears(topic, payload, self.now))
        for topic in set(self.screen.listens_to) - set(before):
            if topic in self.retained:
                await self._say(self.screen.hears(topic, self.retained[topic], self.now))

    async def _say(self, effects: list[Effect]) -> None:
        for effect in effects:
            if isinstance(effect, Publish):
                await self._wire.hears(effect.topic, effect.payload)

    async def restart(self, fleet: MockConfigEntry, span: timedelta) -> None:
        """Take our integration away for a while, and bring it back."""
        assert await self._hass.config_entries.async_unload(fleet.entry_id)
        self._freezer.tick(span)
        await self._say(self.screen.tick(self.now))
        assert await self._hass.config_entries.async_setup(fleet.entry_id)
        await self._wire.settle()
        await self._hear()


def vienna(text: str) -> datetime:
    """Return a time on the school's clock."""
    return datetime.fromisoformat(f"2026-{text}").replace(tzinfo=VIENNA).astimezone(UTC)


@pytest.fixture
async def life(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, fleet: MockConfigEntry, wire: Wire
) -> Life:
    """Have a screen that is not connected yet."""
    await hass.config.async_set_time_zone("Europe/Vienna")
    return Life(hass, freezer, wire)


async def plan(hass: HomeAssistant, fleet: MockConfigEntry, look: Look) -> None:
    """Plan lessons, what follows them at once, and more after a short gap, on days that are no holidays."""

    async def do(action: str, device: str, **data: Any) -> dict[str, Any]:
        answer = await hass.services.async_call(
            "infoscreen", action, {"device_id": device, **data}, blocking=True, return_response=True
        )
        assert isinstance(answer, dict)
        return answer

    whole = look.device(fleet, fleet.entry_id).id
    foyer = look.device(fleet, f"{fleet.entry_id}_group_12").id
    year = {"name": "2026/27", "start": "2026-09-01", "end": "2027-07-02", "period_type": "schuljahr"}
    period = await do("add_period", whole, **year)
    holidays = {"name": "Herbstferien", "start": "2026-10-26", "end": "2026-10-31"}
    await do("add_holiday", whole, period=period["period"], **holidays)
    for start, end in (("07:30", "12:00"), ("12:00", "13:00"), ("13:10", "17:00")):
        await do(
            "add_event",
            foyer,
            title="Lessons",
            event_type="website",
            url="https://school.example/timetable",
            start=f"2026-10-12 {start}:00",
            end=f"2026-10-12 {end}:00",
            rrule="FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR",
            skip_holidays=True,
        )


HOURS = (("07:30", True), ("17:00", False))


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    ("start", "school", "end"),
    [
        ("10-15T16:00", ["10-15", "10-16"], "10-16T18:00"),
        ("10-16T16:00", ["10-16", "10-19"], "10-19T18:00"),
        ("10-23T16:00", ["10-23", "11-02"], "11-02T18:00"),
    ],
    ids=["a night", "a weekend", "a week of holidays, in which summer time ends"],
)
async def test_tvs_are_on_in_school_hours_to_the_second_and_nobody_is_called(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    fleet: MockConfigEntry,
    life: Life,
    wire: Wire,
    look: Look,
    start: str,
    school: list[str],
    end: str,
) -> None:
    """Product, "Power": short gaps are bridged; two restarts in between are nobody's to notice."""
    changes = [(vienna(f"{day}T{time}"), on) for day in school for time, on in HOURS]
    await life.begin(vienna(start))
    await assign(hass, look, UUID, "Foyer")
    await add_hardware(hass, fleet, screen=look.device(fleet, UUID).id)
    await plan(hass, fleet, look)
    await wire.settle()
    watched = {
        look.entity_id("sensor", f"{fleet.entry_id}_alerts"): "alerts",
        look.entity_id("binary_sensor", f"{UUID}_power_mismatch"): "power_mismatch",
        look.entity_id("binary_sensor", f"{UUID}_connectivity"): "connectivity",
    }
    seen: dict[str, set[str]] = {name: set() for name in watched.values()}

    @callback
    def see(event: Event[EventStateChangedData]) -> None:
        state = event.data["new_state"]
        if state is not None and state.state not in ("unavailable", "unknown"):
            seen[watched[state.entity_id]].add(state.state)

    async_track_state_change_event(hass, watched, see)
    moments = [moment for moment, _ in changes]
    for restart in (vienna(f"{school[0]}T22:00"), vienna(f"{school[1]}T09:00")):
        await life.until(restart, *moments)
        await life.restart(fleet, timedelta(minutes=10))
    await life.until(vienna(end), *moments)
    after = [(moment, on) for moment, on in changes if moment > vienna(start)]
    assert life.screen.state.turns[1:] == tuple(after)
    assert list(life.screen.complaints) == []
    assert seen == {"alerts": {"0"}, "power_mismatch": {"off"}, "connectivity": {"on"}}
