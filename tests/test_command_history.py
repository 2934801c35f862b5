"""Commands are remembered for ninety days, with all that became of them."""

from contextlib import closing
from datetime import timedelta
import sqlite3
from typing import Any

from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError, Unauthorized
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, MockUser
from pytest_homeassistant_custom_component.typing import WebSocketGenerator

from .conftest import OTHER, Look, PassTime, Press, acknowledge
from .wire import Wire

DAY = 86400


@pytest.fixture
def get_commands(hass: HomeAssistant) -> Any:
    """Return what asks for commands."""

    async def asks(user: MockUser | None = None, **data: Any) -> Any:
        return await hass.services.async_call(
            "infoscreen",
            "get_commands",
            data,
            blocking=True,
            return_response=True,
            context=Context(user_id=user.id if user else None),
        )

    return asks


async def restart_app(wire: Wire, screen: str, press: Press, *statuses: str) -> str:
    """Restart the app of the screen, which acknowledges some stages; return the command's id."""
    await press("restart_app")
    command = wire.said(f"infoscreen/{screen}/commands")
    await acknowledge(wire, screen, command, *statuses)
    wire.rest()
    return str(command.json["command_id"])


def stages(command: Any) -> list[str]:
    """Return what a command went through; what was heard of it when it was over is in brackets."""
    return [
        f"[{stage['heard']}]" if stage["heard"] else stage["state"] + (" late" if stage["late"] else "")
        for stage in command["history"]
    ]


async def test_a_command_is_told_with_every_stage_and_who_asked(
    screen: str,
    hass_admin_user: MockUser,
    wire: Wire,
    press: Press,
    pass_time: PassTime,
    get_commands: Any,
) -> None:
    """Product, "Actions": newest first."""
    asked_at = dt_util.utcnow()
    await press("reboot", hass_admin_user.id)
    command = wire.said(f"infoscreen/{screen}/commands")
    wire.rest()
    await pass_time(21)
    await acknowledge(wire, screen, command, "accepted", "execution_started")
    await pass_time(40)
    await acknowledge(wire, screen, command, "completed")
    (told,) = (await get_commands())[screen]
    history = told.pop("history")
    assert told == {
        "command_id": command.json["command_id"],
        "action": "reboot_host",
        "reason": "operator_request",
        "user": hass_admin_user.id,
        "user_name": "Mock User",
        "state": "completed",
        "issued_at": instant(asked_at),
        "expires_at": instant(asked_at + timedelta(seconds=240)),
        "published_at": instant(asked_at),
        "late": True,
        "error_code": None,
        "error_message": None,
        "may_still_run": False,
    }
    assert stages({"history": history}) == [
        "queued",
        "publish_in_progress",
        "published",
        "published late",
        "ack_received",
        "execution_started",
        "awaiting_reconnect",
        "recovered",
        "completed",
    ]
    assert history[4]["at"] == instant(asked_at + timedelta(seconds=21))
    assert history[-1]["at"] == instant(asked_at + timedelta(seconds=61))


def instant(moment: Any) -> str:
    """Return a moment as responses have it."""
    text: str = moment.isoformat(timespec="milliseconds" if moment.microsecond else "seconds")
    return text.replace("+00:00", "Z")


async def test_what_is_heard_of_a_command_that_is_over_is_in_its_history_only(
    screen: str, wire: Wire, look: Look, press: Press, get_commands: Any
) -> None:
    """Contract, "Lifecycle": a publish nobody answered may have arrived all the same; clients ack twice."""
    with wire.refuses() as refused, pytest.raises(HomeAssistantError):
        await press("restart_app")
    command_id = look.attributes("sensor", f"{screen}_last_command")["command_id"]
    assert refused.called
    for status, more in (
        ("accepted", {}),
        ("accepted", {}),
        ("failed", {"error_code": "execution_failed", "error_message": "exit status 1"}),
    ):
        ack = {"command_id": command_id, "status": status, **more}
        await wire.hears(f"infoscreen/{screen}/commands/ack", ack)
    assert look.state("sensor", f"{screen}_last_command") == "failed"
    (told,) = (await get_commands())[screen]
    assert (told["state"], told["error_code"]) == ("failed", "mqtt_publish_failed")
    assert stages(told) == ["queued", "publish_in_progress", "failed", "[accepted]", "[failed]"]
    assert told["history"][-1]["error_message"] == "exit status 1"


async def test_acks_of_strangers_and_of_nothing_we_know_are_in_no_history(
    screen: str, wire: Wire, press: Press, get_commands: Any
) -> None:
    """Contract, "ack": they come for commands we have forgotten, and a command id is no secret."""
    command_id = await restart_app(wire, screen, press, "completed")
    await wire.hears(f"infoscreen/{OTHER}/heartbeat")
    ack = {"command_id": command_id, "status": "failed"}
    await wire.hears(f"infoscreen/{OTHER}/commands/ack", ack)
    await wire.hears(
        f"infoscreen/{screen}/commands/ack", {**ack, "command_id": "5c0ffee5-1234-4abc-8def-0123456789ab"}
    )
    response = await get_commands()
    assert response[OTHER] == []
    assert [stages(told)[-1] for told in response[screen]] == ["completed"]


async def test_a_flood_of_acks_crowds_nothing_out(
    screen: str, wire: Wire, press: Press, get_commands: Any, pass_time: PassTime
) -> None:
    """A screen may acknowledge what it likes; what we did ourselves is kept, and later acks are again."""
    command_id = await restart_app(wire, screen, press, "completed")
    for number in range(150):
        await wire.hears(
            f"infoscreen/{screen}/commands/ack", {"command_id": f"unknown {number}", "status": "completed"}
        )
    lost = {"command_id": command_id, "status": "accepted"}
    await wire.hears(f"infoscreen/{screen}/commands/ack", lost)
    await pass_time(3)
    await wire.hears(f"infoscreen/{screen}/commands/ack", {**lost, "status": "execution_started"})
    (told,) = (await get_commands())[screen]
    assert stages(told)[-2:] == ["completed", "[execution_started]"]


async def test_history_outlives_a_restart_and_is_bounded_in_number_and_age(
    hass: HomeAssistant,
    fleet: MockConfigEntry,
    screen: str,
    wire: Wire,
    press: Press,
    pass_time: PassTime,
    get_commands: Any,
) -> None:
    """Ninety days; `limit` and `since` ask for less."""
    first = await restart_app(wire, screen, press, "completed")
    await pass_time(60 * DAY)
    second = await restart_app(wire, screen, press, "completed")
    third = await restart_app(wire, screen, press, "completed")
    assert await hass.config_entries.async_reload(fleet.entry_id)
    await wire.settle()
    wire.rest()

    async def ids(**data: Any) -> list[str]:
        return [told["command_id"] for told in (await get_commands(**data))[screen]]

    assert await ids() == [third, second, first]
    assert await ids(limit=1) == [third]
    assert await ids(since=dt_util.utcnow() - timedelta(days=1)) == [third, second]
    await pass_time(30 * DAY + 1)
    assert await ids() == [third, second]
    assert await ids(since=dt_util.utcnow() - timedelta(days=365)) == [third, second]

    def on_disk() -> tuple[int, int]:
        with closing(sqlite3.connect(hass.config.path("infoscreen", f"{fleet.entry_id}.db"))) as database:
            commands = database.execute("select count(*) from commands").fetchone()
            strays = database.execute(
                "select count(*) from command_stages where command_id = ?", (first,)
            ).fetchone()
        return commands[0], strays[0]

    assert await hass.async_add_executor_job(on_disk) == (2, 0)


async def test_a_database_that_somebody_has_locked_is_tried_again(
    hass: HomeAssistant,
    fleet: MockConfigEntry,
    screen: str,
    wire: Wire,
    look: Look,
    press: Press,
    pass_time: PassTime,
    get_commands: Any,
) -> None:
    """Commands go on meanwhile, and nothing of them is lost or out of order."""
    with closing(sqlite3.connect(hass.config.path("infoscreen", f"{fleet.entry_id}.db"))) as database:
        database.execute("BEGIN IMMEDIATE")
        command_id = await restart_app(wire, screen, press, "accepted", "execution_started")
        await pass_time(3)
        ack = {"command_id": command_id, "status": "completed"}
        await wire.hears(f"infoscreen/{screen}/commands/ack", ack)
    assert look.state("sensor", f"{screen}_last_command") == "completed"
    await pass_time(31)
    (told,) = (await get_commands())[screen]
    assert stages(told) == [
        "queued",
        "publish_in_progress",
        "published",
        "ack_received",
        "execution_started",
        "completed",
    ]


async def test_a_command_of_long_ago_is_over_not_unknown(
    hass: HomeAssistant, screen: str, wire: Wire, press: Press, pass_time: PassTime
) -> None:
    """Its screen has had others since."""
    command_id = await restart_app(wire, screen, press, "completed")
    await pass_time(DAY)
    await restart_app(wire, screen, press, "completed")
    with pytest.raises(ServiceValidationError) as refused:
        await hass.services.async_call(
            "infoscreen", "cancel_command", {"command_id": command_id}, blocking=True
        )
    assert refused.value.translation_key == "command_over"


async def test_a_screen_that_is_deleted_takes_its_history_with_it(
    hass: HomeAssistant,
    hass_ws_client: WebSocketGenerator,
    fleet: MockConfigEntry,
    screen: str,
    wire: Wire,
    look: Look,
    press: Press,
    get_commands: Any,
) -> None:
    """Nothing is stored for it any more."""
    command_id = await restart_app(wire, screen, press, "accepted")
    assert await async_setup_component(hass, "config", {})
    client: Any = await hass_ws_client(hass)
    done = await client.remove_device(look.device(fleet, screen).id)
    assert done["success"]
    await wire.settle()
    await wire.hears("infoscreen/discovery", {"uuid": screen})
    wire.rest()
    ack = {"command_id": command_id, "status": "completed"}
    await wire.hears(f"infoscreen/{screen}/commands/ack", ack)
    assert await get_commands() == {screen: []}
    assert look.state("sensor", f"{screen}_last_command") == "unknown"


async def test_the_history_moves_to_the_screen_that_takes_the_place(
    fleet: MockConfigEntry, screen: str, wire: Wire, press: Press, get_commands: Any
) -> None:
    """Product, "Config entries": replacing a screen keeps its history."""
    command_id = await restart_app(wire, screen, press, "completed")
    await wire.hears(f"infoscreen/{OTHER}/heartbeat")
    await fleet.runtime_data.history.async_move(screen, OTHER.upper())
    response = await get_commands()
    assert response[screen] == []
    assert [told["command_id"] for told in response[OTHER]] == [command_id]


async def test_anyone_who_may_see_a_screen_may_see_its_commands(
    hass: HomeAssistant,
    fleet: MockConfigEntry,
    screen: str,
    wire: Wire,
    press: Press,
    look: Look,
    get_commands: Any,
) -> None:
    """Product, "Who may what": anyone who may read sees."""
    await restart_app(wire, screen, press, "completed")
    await wire.hears(f"infoscreen/{OTHER}/heartbeat")
    user = MockUser(groups=[]).add_to_hass(hass)
    user.mock_policy(
        {"entities": {"entity_ids": {look.entity_id("sensor", f"{screen}_last_command"): {"read": True}}}}
    )
    mine, other = (look.device(fleet, uuid).id for uuid in (screen, OTHER))
    assert len((await get_commands(user, device_id=mine))[screen]) == 1
    for target in ({"device_id": other}, {}):
        with pytest.raises(Unauthorized):
            await get_commands(user, **target)
