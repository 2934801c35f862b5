"""What screens log is kept, counted and shown."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from homeassistant.core import Context, Event, EventStateChangedData, HomeAssistant, callback
from homeassistant.exceptions import ServiceValidationError, Unauthorized
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.event import async_track_state_change_event
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, MockUser
import voluptuous as vol

from .conftest import OTHER, Look, choose
from .wire import Wire

type GetLogs = Callable[..., Any]

MINUTE, HOUR, DAY = 60, 3600, 86400


@pytest.fixture
def get_logs(hass: HomeAssistant) -> GetLogs:
    """Return what asks for logs."""

    async def asks(user: MockUser | None = None, **data: Any) -> Any:
        return await hass.services.async_call(
            "infoscreen",
            "get_logs",
            data,
            blocking=True,
            return_response=True,
            context=Context(user_id=user.id if user else None),
        )

    return asks


async def log(wire: Wire, screen: str, level: str, message: str, **rest: Any) -> None:
    """Let a screen log a line."""
    await wire.hears(f"infoscreen/{screen}/logs/{level}", {"message": message, **rest})


def messages(response: Any, screen: str) -> list[str]:
    """Return the messages of a screen's lines."""
    return [line["message"] for line in response[screen]]


async def reload(hass: HomeAssistant, wire: Wire, entry: MockConfigEntry) -> None:
    """Let Home Assistant load the fleet anew."""
    assert await hass.config_entries.async_reload(entry.entry_id)
    await wire.settle()
    wire.rest()


# Asking


async def test_lines_are_told_newest_first_as_they_were_said(
    wire: Wire, screen: str, get_logs: GetLogs, pass_time: Any
) -> None:
    """Product, "Actions": HTML stays characters, the time is the screen's own where it gives one."""
    received = dt_util.utcnow().replace(microsecond=0)
    await log(wire, screen, "info", "<b>Hello</b>", timestamp="2020-01-01T00:00:00Z", context={"a": [1]})
    await log(wire, screen, "error", "No picture", context="none at all")
    told = await get_logs()
    assert datetime.fromisoformat(told[screen][0].pop("timestamp")) >= received
    assert told == {
        screen: [
            {"level": "error", "message": "No picture", "context": "none at all"},
            {
                "timestamp": "2020-01-01T00:00:00Z",
                "level": "info",
                "message": "<b>Hello</b>",
                "context": {"a": [1]},
            },
        ]
    }


async def test_lines_are_chosen_by_level_number_and_time(
    wire: Wire, screen: str, get_logs: GetLogs, pass_time: Any
) -> None:
    """Edges, "Screens": `level` is the least severe wanted."""
    for level in ("error", "warn", "info", "debug"):
        await log(wire, screen, level, level)
        await pass_time(MINUTE)
    assert messages(await get_logs(), screen) == ["debug", "info", "warn", "error"]
    assert messages(await get_logs(level="warn"), screen) == ["warn", "error"]
    assert messages(await get_logs(level="ERROR"), screen) == ["error"]
    assert messages(await get_logs(limit=2), screen) == ["debug", "info"]
    assert messages(await get_logs(level="info", limit=1), screen) == ["info"]
    since = dt_util.utcnow() - timedelta(minutes=3, seconds=1)
    assert messages(await get_logs(since=since.isoformat()), screen) == ["debug", "info", "warn"]
    local = dt_util.as_local(since).replace(tzinfo=None)
    assert messages(await get_logs(since=local.isoformat()), screen) == ["debug", "info", "warn"]


async def test_there_is_a_hundred_lines_unless_more_are_wanted(
    wire: Wire, screen: str, get_logs: GetLogs
) -> None:
    """Edges, "Screens": 1 to 1000."""
    for number in range(120):
        await log(wire, screen, "info", str(number))
    assert messages(await get_logs(), screen) == [str(number) for number in range(119, 19, -1)]
    assert len((await get_logs(limit=1000))[screen]) == 120
    for limit in (0, 1001):
        with pytest.raises(vol.Invalid):
            await get_logs(limit=limit)
    with pytest.raises(vol.Invalid):
        await get_logs(level="loud")


async def test_a_time_that_is_none_is_refused_in_words(screen: str, get_logs: GetLogs) -> None:
    """Product, "Actions": thing, fact, way out; by whatever is asked for a past."""
    with pytest.raises(ServiceValidationError) as refused:
        await get_logs(since="yesterday")
    assert refused.value.translation_key == "time_not_understood"
    assert await get_logs(since=None) == {screen: []}


async def test_whose_logs_are_told_is_the_targets_to_say(
    hass: HomeAssistant, fleet: MockConfigEntry, screen: str, wire: Wire, look: Look, get_logs: GetLogs
) -> None:
    """A screen, a group, or the whole fleet; silent screens have an empty list."""
    await wire.hears("infoscreen/discovery", {"uuid": OTHER})
    await choose(hass, look, OTHER, "Foyer")
    wire.rest()
    await log(wire, OTHER, "info", "here")
    assert (await get_logs()).keys() == {screen, OTHER}
    assert messages(await get_logs(), screen) == []
    one = await get_logs(device_id=look.device(fleet, screen).id)
    assert one == {screen: []}
    group = await get_logs(device_id=look.device(fleet, f"{fleet.entry_id}_group_12").id)
    assert group.keys() == {OTHER}
    whole = await get_logs(device_id=look.device(fleet, fleet.entry_id).id)
    assert whole.keys() == {screen, OTHER}
    with pytest.raises(ServiceValidationError):
        await get_logs(device_id=look.device(fleet, f"{fleet.entry_id}_group_13").id)


async def test_only_administrators_may_read_logs(
    screen: str, get_logs: GetLogs, hass_admin_user: MockUser, hass_read_only_user: MockUser
) -> None:
    """Product, "Who may what"."""
    assert await get_logs(hass_admin_user) == {screen: []}
    with pytest.raises(Unauthorized):
        await get_logs(hass_read_only_user)


# Hearing


async def test_a_log_makes_no_screen_known_and_none_alive(
    hass: HomeAssistant, screen: str, wire: Wire, look: Look, get_logs: GetLogs, pass_time: Any
) -> None:
    """Product, "Status": logs are no signs of life; a line of an offline screen counts like any other."""
    await log(wire, OTHER, "error", "Who am I?")
    assert (await get_logs()).keys() == {screen}
    await pass_time(171)
    await log(wire, screen, "error", "Going down")
    assert look.state("binary_sensor", f"{screen}_connectivity") == "off"
    assert look.state("sensor", f"{screen}_status") == "offline"
    assert look.state("sensor", f"{screen}_errors_24h") == "1"
    assert messages(await get_logs(), screen) == ["Going down"]


async def test_what_stands_on_the_broker_and_what_is_no_log_is_not_kept(
    wire: Wire, screen: str, get_logs: GetLogs, look: Look
) -> None:
    """Contract, head: a spoof is dropped."""
    await wire.hears(f"infoscreen/{screen}/logs/error", {"message": "old"}, retain=True)
    await log(wire, screen, "error", "forged", client_uuid=OTHER)
    await wire.hears(f"infoscreen/{screen}/logs/error", b"\xff")
    await log(wire, screen, "loud", "unheard of")
    await log(wire, "foyer-1", "error", "no uuid")
    assert await get_logs() == {screen: []}
    assert look.state("sensor", f"{screen}_errors_24h") == "0"


# Counting


def enabled(hass: HomeAssistant, look: Look, unique_id: str) -> None:
    """Enable an entity that is disabled by default."""
    er.async_get(hass).async_update_entity(look.entity_id("sensor", unique_id), disabled_by=None)


async def test_errors_and_warnings_count_for_a_day_to_the_moment(
    hass: HomeAssistant, fleet: MockConfigEntry, screen: str, wire: Wire, look: Look, pass_time: Any
) -> None:
    """And are unaffected by a restart; information counts for nothing."""
    enabled(hass, look, f"{screen}_warnings_24h")
    await reload(hass, wire, fleet)
    assert look.state("sensor", f"{screen}_errors_24h") == "0"
    for level in ("error", "error", "warn", "info"):
        await log(wire, screen, level, level)
        await pass_time(HOUR)
    assert look.state("sensor", f"{screen}_errors_24h") == "2"
    assert look.state("sensor", f"{screen}_warnings_24h") == "1"
    await reload(hass, wire, fleet)
    assert look.state("sensor", f"{screen}_errors_24h") == "2"
    assert look.state("sensor", f"{screen}_warnings_24h") == "1"
    await pass_time(DAY - 4 * HOUR - 1)
    assert look.state("sensor", f"{screen}_errors_24h") == "2"
    await pass_time(1)
    assert look.state("sensor", f"{screen}_errors_24h") == "1"
    await pass_time(HOUR)
    assert look.state("sensor", f"{screen}_errors_24h") == "0"
    assert look.state("sensor", f"{screen}_warnings_24h") == "1"
    await pass_time(HOUR)
    assert look.state("sensor", f"{screen}_warnings_24h") == "0"


async def test_errors_of_the_last_hour_are_a_warning(
    hass: HomeAssistant, fleet: MockConfigEntry, screen: str, wire: Wire, look: Look, pass_time: Any
) -> None:
    """Product, "Status": it ends with the hour, of the last error, also after a restart."""

    async def hour_passes_but(seconds: float) -> None:
        for _ in range(59):
            await pass_time(MINUTE)
            await wire.hears(f"infoscreen/{screen}/heartbeat")
        await pass_time(MINUTE - seconds)
        await wire.hears(f"infoscreen/{screen}/heartbeat")

    await log(wire, screen, "warn", "Slow")
    assert look.state("sensor", f"{screen}_status") == "healthy"
    await log(wire, screen, "error", "No picture")
    assert look.state("sensor", f"{screen}_status") == "warning"
    assert look.attributes("sensor", f"{screen}_status")["reasons"] == ["error_logs"]
    await reload(hass, wire, fleet)
    await hour_passes_but(1)
    assert look.state("sensor", f"{screen}_status") == "warning"
    await pass_time(1)
    assert look.state("sensor", f"{screen}_status") == "healthy"
    assert look.state("sensor", f"{screen}_errors_24h") == "1"


# Showing


@pytest.fixture
def states(hass: HomeAssistant) -> Callable[[str], list[Any]]:
    """Return what collects the states that an entity writes."""

    def collects(entity_id: str) -> list[Any]:
        written: list[Any] = []

        @callback
        def written_one(event: Event[EventStateChangedData]) -> None:
            written.append(event.data["new_state"])

        async_track_state_change_event(hass, entity_id, written_one)
        return written

    return collects


async def test_an_error_is_an_event(screen: str, wire: Wire, look: Look) -> None:
    """Product, "Screen": error and warn, with what was said."""
    await log(wire, screen, "info", "Hello")
    assert look.state("event", f"{screen}_log") == "unknown"
    await log(wire, screen, "warn", "<i>Slow</i>", timestamp="2020-01-01T00:00:00Z", context={"ms": 900})
    shown = look.attributes("event", f"{screen}_log")
    told = {key: shown[key] for key in ("event_type", "message", "context", "timestamp", "suppressed")}
    assert told == {
        "event_type": "warn",
        "message": "<i>Slow</i>",
        "context": {"ms": 900},
        "timestamp": "2020-01-01T00:00:00Z",
        "suppressed": 0,
    }
    assert shown["event_types"] == ["error", "warn"]


async def test_a_crash_loop_writes_few_states_and_loses_nothing(
    screen: str,
    wire: Wire,
    look: Look,
    pass_time: Any,
    get_logs: GetLogs,
    states: Callable[[str], list[Any]],
) -> None:
    """Edges, "Screens": one event in ten seconds; `suppressed` tells of the rest, counters miss nothing."""
    events = states(look.entity_id("event", f"{screen}_log"))
    counts = states(look.entity_id("sensor", f"{screen}_errors_24h"))
    for _ in range(3):
        for _ in range(200):
            await log(wire, screen, "error", "Crashed")
        await pass_time(10)
    assert [state.attributes["suppressed"] for state in events] == [0, 199, 199]
    assert len(counts) <= 104
    assert look.state("sensor", f"{screen}_errors_24h") == "600"
    assert len((await get_logs(limit=1000))[screen]) == 600


async def test_an_event_is_not_told_again_after_a_restart(
    hass: HomeAssistant,
    fleet: MockConfigEntry,
    screen: str,
    wire: Wire,
    look: Look,
    states: Callable[[str], list[Any]],
) -> None:
    """It happened once."""
    await log(wire, screen, "error", "Crashed")
    before = look.state("event", f"{screen}_log")
    await reload(hass, wire, fleet)
    assert look.state("event", f"{screen}_log") == before


# Bounds


@pytest.mark.parametrize("options", [{"log_max_entries": 100, "log_max_days": 2}])
async def test_lines_are_bounded_in_number_and_age(
    hass: HomeAssistant, fleet: MockConfigEntry, screen: str, wire: Wire, pass_time: Any, get_logs: GetLogs
) -> None:
    """Of each screen by itself; what is not kept any more still counts."""
    await wire.hears("infoscreen/discovery", {"uuid": OTHER})
    wire.rest()
    await log(wire, OTHER, "info", "I am not noisy")
    await pass_time(DAY)
    for number in range(700):
        await log(wire, screen, "error", str(number))
    told = await get_logs(limit=1000)
    assert messages(told, screen) == [str(number) for number in range(699, 599, -1)]
    assert messages(told, OTHER) == ["I am not noisy"]
    await reload(hass, wire, fleet)
    counted = hass.states.get("sensor.foyer_1_errors_in_24_hours")
    assert counted is not None
    assert counted.state == "700"
    await pass_time(DAY - 1)
    assert messages(await get_logs(), OTHER) == ["I am not noisy"]
    await pass_time(1 + MINUTE)
    assert messages(await get_logs(), OTHER) == []
    assert len((await get_logs(limit=1000))[screen]) == 100


@pytest.mark.parametrize("options", [{"log_max_entries": 100}])
async def test_what_is_beyond_the_bound_is_told_to_nobody(wire: Wire, screen: str, get_logs: GetLogs) -> None:
    """Even if it is not deleted yet."""
    for number in range(100):
        await log(wire, screen, "info", str(number))
    assert len((await get_logs(limit=1000))[screen]) == 100
    await log(wire, screen, "info", "one more")
    told = messages(await get_logs(limit=1000), screen)
    assert (len(told), told[0], told[-1]) == (100, "one more", "1")


# Coming and going


async def test_a_screen_that_is_deleted_takes_its_log_with_it(
    hass: HomeAssistant,
    fleet: MockConfigEntry,
    screen: str,
    wire: Wire,
    look: Look,
    get_logs: GetLogs,
    hass_ws_client: Any,
) -> None:
    """Also the lines that were not on disk yet, and what was counted."""
    await log(wire, screen, "error", "early")
    await get_logs()
    await log(wire, screen, "error", "late")
    assert await async_setup_component(hass, "config", {})
    client = await hass_ws_client(hass)
    done = await client.remove_device(look.device(fleet, screen).id)
    assert done["success"]
    await wire.hears("infoscreen/discovery", {"uuid": screen})
    wire.rest()
    assert await get_logs() == {screen: []}
    assert look.state("sensor", f"{screen}_errors_24h") == "0"
    await log(wire, screen, "error", "anew")
    await reload(hass, wire, fleet)
    assert messages(await get_logs(), screen) == ["anew"]
    assert look.state("sensor", f"{screen}_errors_24h") == "1"


async def test_what_a_screen_logged_moves_to_the_one_in_its_place(
    hass: HomeAssistant, fleet: MockConfigEntry, screen: str, wire: Wire, look: Look, get_logs: GetLogs
) -> None:
    """Product, "Devices": history moves along, and joins what the new one has logged itself."""
    await wire.hears("infoscreen/discovery", {"uuid": OTHER})
    wire.rest()
    await log(wire, screen, "error", "on disk")
    await get_logs()
    await log(wire, OTHER, "error", "from the new one")
    await log(wire, screen, "error", "in memory")
    await fleet.runtime_data.logs.async_move(screen.upper(), OTHER.upper())
    told = await get_logs()
    assert messages(told, OTHER) == ["in memory", "from the new one", "on disk"]
    assert messages(told, screen) == []
    for _ in range(2):
        assert look.state("sensor", f"{OTHER}_errors_24h") == "3"
        assert look.state("sensor", f"{screen}_errors_24h") == "0"
        assert look.state("sensor", f"{screen}_status") == "healthy"
        await reload(hass, wire, fleet)
        for each in (screen, OTHER):
            await wire.hears(f"infoscreen/{each}/heartbeat")


async def test_a_screen_that_was_not_stored_in_time_has_its_counts_again(
    hass: HomeAssistant,
    fleet: MockConfigEntry,
    screen: str,
    wire: Wire,
    look: Look,
    hass_storage: dict[str, Any],
) -> None:
    """A power cut may come between its first line and the store."""
    await log(wire, screen, "error", "early")
    assert await hass.config_entries.async_unload(fleet.entry_id)
    del hass_storage[f"infoscreen.{fleet.entry_id}.fleet"]
    assert await hass.config_entries.async_setup(fleet.entry_id)
    await wire.hears("infoscreen/discovery", {"uuid": screen})
    wire.rest()
    assert look.state("sensor", f"{screen}_errors_24h") == "1"
    assert look.state("sensor", f"{screen}_status") == "warning"
