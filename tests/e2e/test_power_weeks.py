"""A day, a night, a weekend and a week of holidays go by for real programs, in a minute or two.

Home Assistant and the screens live by a clock that is turned from one moment to the next: to the second
before each change, to the change, and else by five minutes, of which screens and intents hold three without
a word. It stands still at each, until everybody is done, so that nothing depends on how busy the machine is.
"""

from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property, partial
import sqlite3
from typing import Any
from zoneinfo import ZoneInfo

import aiomqtt
import pytest
import pytest_asyncio

from rig.broker import Mosquitto
from rig.clock import Clock
from rig.fleet import add_fleet, add_group, add_mqtt, find_group
from rig.hass import Hass
from rig.ports import HOST
from rig.tap import Message, Tap
from rig.waiting import until
from simulator import Pace, SimulatedScreen, identities

from ..programs import need
from .days import ECHO, HEARS, KEEPALIVE, Days

VIENNA = ZoneInfo("Europe/Vienna")
HOUR = timedelta(hours=1)
STEP = timedelta(minutes=5)
#: When to look at a change: it does not come early, it comes, the TV turns, and nobody complains.
AROUND = [timedelta(seconds=seconds) for seconds in (-1, 0, 2, 130)]
PACE = replace(Pace(), health=timedelta(seconds=1), dashboard=timedelta(days=99))
OPTIONS = {
    "screens": {"heartbeat_grace_seconds": 900},
    "power": {"power_intent_enabled": True, "poll_interval_seconds": 300, "bridge_gap_minutes": 10},
}
#: What would call somebody, for all the days.
HISTORY = """
recorder:
  purge_keep_days: 30
  include:
    entity_globs: [sensor.infoscreen_alerts, "*_power_mismatch", "*_connectivity", "*_power_mode"]
"""
INTENTS = "infoscreen/groups/+/power/intent"


def vienna(text: str) -> datetime:
    """Return a time on the school's clock."""
    return datetime.fromisoformat(f"2026-{text}").replace(tzinfo=VIENNA).astimezone(UTC)


BEGIN, END = vienna("10-22T06:00"), vienna("11-02T20:00")
#: Home Assistant is gone, in the middle of a lesson.
KILLED, BACK = vienna("10-23T10:00:30"), vienna("10-23T10:05:30")
HOLIDAYS = {"name": "Herbstferien", "start": "2026-10-26", "end": "2026-10-31"}
SCHOOL = {"rrule": "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", "skip_holidays": True}


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What a group shows, and when its TV is to be on for it."""

    group_id: int
    events: tuple[dict[str, Any], ...]
    on: tuple[tuple[str, str], ...]
    group: dict[str, Any]

    @cached_property
    def changes(self) -> list[tuple[datetime, bool]]:
        """Return when the TV is to be turned on and off, within the days that go by."""
        turns = [(vienna(text), on) for pair in self.on for text, on in zip(pair, (True, False), strict=True)]
        return [(moment, on) for moment, on in turns if BEGIN < moment <= END]

    def is_on(self, moment: datetime) -> bool:
        """Tell whether the TV is to be on."""
        return [False, *(on for change, on in self.changes if change <= moment)][-1]


PLANS = {
    "Foyer": Plan(
        group_id=12,
        events=(
            {"start": "2026-10-12 07:30:00", "end": "2026-10-12 12:00:00", **SCHOOL},
            {"start": "2026-10-12 12:00:00", "end": "2026-10-12 13:00:00", **SCHOOL},
            {"start": "2026-10-12 13:10:00", "end": "2026-10-12 17:00:00", **SCHOOL},
            {"start": "2026-10-25 10:00:00", "end": "2026-10-25 12:00:00"},
        ),
        on=(
            ("10-22T07:20", "10-22T17:05"),
            ("10-23T07:20", "10-23T17:05"),
            ("10-25T09:50", "10-25T12:05"),
            ("11-02T07:20", "11-02T17:05"),
        ),
        group={"lead_minutes": 10, "lag_minutes": 5},
    ),
    "Library": Plan(
        group_id=13,
        events=(
            # The night in which summer time ends.
            {"start": "2026-10-24 22:00:00", "end": "2026-10-25 07:00:00"},
            {
                "start": "2026-10-26 19:00:00",
                "end": "2026-10-26 22:30:00",
                "rrule": "FREQ=WEEKLY;BYDAY=MO,WE",
            },
        ),
        on=(
            ("10-24T22:00", "10-25T07:00"),
            ("10-26T19:00", "10-26T22:30"),
            ("10-28T19:00", "10-28T22:30"),
            ("11-02T19:00", "11-02T22:30"),
        ),
        group={},
    ),
}


@dataclass(frozen=True, kw_only=True)
class School:
    """A Home Assistant, its fleet, and the screen in each group."""

    home: Hass
    fleet: str
    days: Days
    screens: dict[str, SimulatedScreen]

    async def live(self, end: datetime) -> None:
        """Let time go by; at a change the clock stands until the screen knows of it."""
        async for moment in self.days.live(self.moments(end)):
            for name, screen in self.screens.items():
                on = PLANS[name].is_on(moment)
                if (moment, on) in PLANS[name].changes:
                    check = partial(self._knows, screen, on=on)
                    await until(check, f"the {name} is told {on=} at {moment}", every=0.01)

    def moments(self, end: datetime) -> set[datetime]:
        """Return when to look at everybody, until an end."""
        begin = self.days.clock.now()
        steps = {BEGIN + STEP * number for number in range((END - BEGIN) // STEP)}
        changes = {begin, *(change for plan in PLANS.values() for change, _ in plan.changes)}
        moments = steps | {change + span for change in changes for span in AROUND} | {end}
        return {moment for moment in moments if begin < moment <= end}

    async def _knows(self, screen: SimulatedScreen, *, on: bool) -> bool:
        """Tell whether a screen knows what its TV is to be."""
        return screen.state.screen_on(self.days.clock.now()) is on


@pytest.fixture(scope="module")
def clock(tmp_path_factory: pytest.TempPathFactory) -> Clock:
    """Have a clock, which runs while everything is set up."""
    need("cc")
    return Clock(tmp_path_factory.mktemp("clock"), BEGIN, HOUR)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def home(
    tmp_path_factory: pytest.TempPathFactory, broker: Mosquitto, clock: Clock
) -> AsyncGenerator[Hass]:
    """Run a Home Assistant that lives by the clock."""
    folder = tmp_path_factory.mktemp("home")
    async with Hass(folder, yaml=ECHO + HISTORY, environment=clock.environment) as home:
        await add_mqtt(home.api, broker, keepalive=KEEPALIVE)
        for turn in ("turn_off", "turn_on"):  # as it was there before the broker was
            await home.api.act(f"automation.{turn}", entity_id="automation.echo")
        yield home
        clock.run(HOUR)


async def prepare(home: Hass) -> str:
    """Let the groups, each with a TV and a plan, be told when to be on; return the entry's id."""
    fleet = await add_fleet(home.api)
    form = (await home.api.configure(fleet)).expect("form")
    sections: dict[str, Any] = {section["name"]: {} for section in form.step["data_schema"]}
    (await form.submit(sections | OPTIONS)).expect("create_entry")
    wanted = ["infoscreen", fleet]
    (whole,) = [row["id"] for row in await home.api.devices(fleet) if wanted in row["identifiers"]]
    year = {"name": "2026/27", "start": "2026-09-01", "end": "2027-07-02", "period_type": "schuljahr"}
    period = await home.api.ask("infoscreen.add_period", year, device_id=whole)
    holidays = {"period": period["period"], **HOLIDAYS}
    await home.api.act("infoscreen.add_holiday", holidays, device_id=whole)
    for name, plan in PLANS.items():
        menu = (await home.api.add_integration("template")).expect("menu")
        form = (await menu.choose("switch")).expect("form")
        (await form.submit({"name": f"TV {name}", "turn_on": [], "turn_off": []})).expect("create_entry")
        tv = f"switch.tv_{name.lower()}"
        await add_group(home.api, fleet, name, group_id=plan.group_id, tv_entities=[tv], **plan.group)
        group = await find_group(home.api, fleet, name)
        for event in plan.events:
            page = {"title": name, "event_type": "website", "url": "https://school.example/timetable"}
            await home.api.act("infoscreen.add_event", page | event, device_id=group)
    return fleet


async def move_in(home: Hass, fleet: str, name: str, screen: SimulatedScreen) -> None:
    """Put a screen, whose hardware is known, into a group."""
    status = await home.api.entity("sensor", f"{screen.identity.uuid}_status")
    await home.api.wait_state(status, "healthy")
    wanted = ["infoscreen", screen.identity.uuid]
    (device,) = [row["id"] for row in await home.api.devices(fleet) if wanted in row["identifiers"]]
    await home.api.act("infoscreen.assign_group", {"group": name}, device_id=device)
    form = (await home.api.add_subentry(fleet, "hardware")).expect("form")
    (await form.submit({"screen": device})).expect("create_entry")

    async def is_off() -> bool:
        return bool(screen.turns) and not screen.turns[-1][1]

    await until(is_off, f"the TV in the {name} is off, as nothing is planned")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def school(home: Hass, broker: Mosquitto, clock: Clock) -> AsyncGenerator[School]:
    """Have two groups with a screen each."""
    fleet = await prepare(home)
    async with AsyncExitStack() as stack:
        client = await stack.enter_async_context(aiomqtt.Client(HOST, broker.port))
        await client.subscribe([(topic, 0) for topic in HEARS])
        screens = {
            name: SimulatedScreen(identity, port=broker.port, pace=PACE, clock=clock.now)
            for name, identity in zip(PLANS, identities(len(PLANS)), strict=True)
        }
        for name, screen in screens.items():
            await stack.enter_async_context(screen)
            await move_in(home, fleet, name, screen)
        days = Days(clock, client, screens.values())
        yield School(home=home, fleet=fleet, days=days, screens=screens)


def seen(home: Hass) -> dict[str, set[str]]:
    """Return what became of all that would call somebody, from the history of a Home Assistant that ended."""
    database = sqlite3.connect(f"file:{home.config}/home-assistant_v2.db?mode=ro", uri=True)
    with closing(database):
        rows = database.execute(
            "SELECT m.entity_id, s.state FROM states s JOIN states_meta m USING (metadata_id)"
        )
        states: dict[str, set[str]] = {}
        for entity_id, state in rows:
            if state not in {"unavailable", "unknown"}:
                states.setdefault(entity_id, set()).add(state)
    return states


def is_wrong(message: Message) -> bool:
    """Tell whether an intent says something else than was planned when it was written."""
    intent = message.json
    (plan,) = [plan for plan in PLANS.values() if plan.group_id == intent["group_id"]]
    is_on: bool = intent["desired_state"] == "on"
    return is_on is not plan.is_on(datetime.fromisoformat(intent["issued_at"]))


async def test_tvs_are_on_as_planned_to_the_second_for_eleven_days_and_nobody_is_called(
    school: School, broker: Mosquitto
) -> None:
    """A power cut in the middle of a lesson is nobody's to notice either."""
    before = {name: len(screen.turns) for name, screen in school.screens.items()}
    async with Tap(broker, INTENTS) as tap:
        await school.live(KILLED)
        await school.home.kill()
        school.days.pass_by(school.moments(BACK))
        school.days.clock.run(HOUR)
        await school.home.start()
        await school.days.hear_home()
        await school.live(END)
        assert [message.json for message in tap.messages if is_wrong(message)] == []
    for name, screen in school.screens.items():
        turns = [(moment.replace(microsecond=0), on) for moment, on in screen.turns[before[name] :]]
        assert turns == PLANS[name].changes
        assert screen.complaints == []
    school.days.clock.run(HOUR)
    await school.home.stop()
    screens = [f"infoscreen_{number:03}" for number in range(1, len(PLANS) + 1)]
    assert seen(school.home) == {
        "sensor.infoscreen_alerts": {"0"},
        **{f"binary_sensor.{screen}_power_mismatch": {"off"} for screen in screens},
        **{f"binary_sensor.{screen}_connectivity": {"on"} for screen in screens},
        **{f"select.{name}_power_mode": {"auto"} for name in ("foyer", "library")},
    }
