"""The file that a fleet's history is kept in: what happens to it, and what must not follow from that."""

from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from shutil import copyfile
import sqlite3
from typing import Any
from unittest.mock import AsyncMock, Mock

from homeassistant.components.backup.const import DATA_MANAGER
from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import EVENT_HOMEASSISTANT_FINAL_WRITE
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, async_fire_mqtt_message
from pytest_homeassistant_custom_component.components.diagnostics import get_diagnostics_for_config_entry
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from .conftest import UUID
from .wire import Wire

type GetLogs = Callable[..., Any]


@pytest.fixture
def file(hass: HomeAssistant, entry: MockConfigEntry) -> Path:
    """Return where the fleet's database is, or will be."""
    return Path(hass.config.path("infoscreen", f"{entry.entry_id}.db"))


@pytest.fixture
def messages(hass: HomeAssistant) -> GetLogs:
    """Return what asks for the messages in the log of the one screen."""

    async def asks() -> list[str]:
        told: Any = await hass.services.async_call(
            "infoscreen", "get_logs", {"limit": 1000}, blocking=True, return_response=True
        )
        return [line["message"] for line in told[UUID]]

    return asks


async def log(wire: Wire, message: str) -> None:
    """Let the screen log an error."""
    await wire.hears(f"infoscreen/{UUID}/logs/error", {"message": message})


async def start(hass: HomeAssistant, wire: Wire, entry: MockConfigEntry) -> None:
    """Set a fleet up, or set it up anew, and let the screen announce itself."""
    if entry.state is ConfigEntryState.LOADED:
        assert await hass.config_entries.async_reload(entry.entry_id)
    else:
        entry.add_to_hass(hass)
        assert await hass.config_entries.async_setup(entry.entry_id)
    await wire.hears("infoscreen/discovery", {"uuid": UUID})
    wire.rest()


def on_disk(file: Path) -> list[str]:
    """Return the messages in a database, as another program reads them."""
    with closing(sqlite3.connect(file)) as connection:
        return [message for (message,) in connection.execute("SELECT message FROM log_lines ORDER BY id")]


def rows(file: Path) -> dict[str, int]:
    """Return how many rows there are in each of the logs' tables."""
    with closing(sqlite3.connect(file)) as connection:
        return {
            "log_lines": connection.execute("SELECT count(*) FROM log_lines").fetchone()[0],
            "log_counts": connection.execute("SELECT count(*) FROM log_counts").fetchone()[0],
        }


def execute(file: Path, *statements: str) -> None:
    """Do something to a database."""
    with closing(sqlite3.connect(file)) as connection:
        for statement in statements:
            connection.execute(statement)
        connection.commit()


def damage(file: Path) -> None:
    """Let a table begin where there is nothing, and let whoever has the file open notice."""
    execute(
        file,
        "PRAGMA writable_schema = ON",
        "UPDATE sqlite_schema SET rootpage = 9999 WHERE name = 'log_lines'",
        "PRAGMA schema_version = 99",
    )


def read(file: Path) -> bytes:
    """Return what is in a file."""
    return file.read_bytes()


def copied(file: Path, copy: Path) -> Path:
    """Copy the one file, as a backup might that knows nothing of its companions."""
    return Path(copyfile(file, copy))


def beside(file: Path) -> list[str]:
    """Return the names of what is in the folder, apart from SQLite's own companions."""
    return sorted(path.name for path in file.parent.iterdir() if not path.name.endswith(("-wal", "-shm")))


def replace_by_folder(file: Path) -> None:
    """Put a folder where the database should be."""
    (file / "occupied").mkdir(parents=True)


def replace_by_garbage(file: Path) -> None:
    """Put something where the database should be that is none."""
    file.parent.mkdir()
    file.write_bytes(b"not a database" * 1000)


def replace_by_later(file: Path) -> None:
    """Put the database of a later version where ours should be."""
    file.parent.mkdir()
    execute(file, "PRAGMA user_version = 99")


# Written


async def test_lines_are_on_disk_within_seconds(
    fleet: MockConfigEntry, screen: str, wire: Wire, file: Path, pass_time: Any
) -> None:
    """Together, not one by one."""
    await log(wire, "one")
    await log(wire, "two")
    assert on_disk(file) == []
    await pass_time(2)
    assert on_disk(file) == ["one", "two"]


async def test_many_lines_are_on_disk_at_once(
    hass: HomeAssistant, fleet: MockConfigEntry, screen: str, wire: Wire, file: Path
) -> None:
    """A crash loop does not wait in memory."""
    for number in range(500):
        async_fire_mqtt_message(hass, f"infoscreen/{UUID}/logs/info", f'{{"message": "{number}"}}')
    await wire.settle()
    assert on_disk(file) == [str(number) for number in range(500)]


@pytest.mark.parametrize("options", [{"log_max_entries": 100}])
async def test_a_crash_loop_does_not_fill_the_disk(
    hass: HomeAssistant, fleet: MockConfigEntry, screen: str, wire: Wire, file: Path, pass_time: Any
) -> None:
    """What is beyond the bounds is deleted now and then, not only hidden."""
    for _ in range(10):
        for number in range(50):
            async_fire_mqtt_message(hass, f"infoscreen/{UUID}/logs/info", f'{{"message": "{number}"}}')
        await pass_time(2)
        assert len(on_disk(file)) <= 110
    assert on_disk(file)[-1] == "49"


async def test_what_is_too_old_is_deleted_within_the_hour(
    fleet: MockConfigEntry, screen: str, wire: Wire, file: Path, pass_time: Any
) -> None:
    """Whether or not anybody logs or asks."""
    await log(wire, "old")
    await pass_time(2)
    assert rows(file) == {"log_lines": 1, "log_counts": 1}
    await pass_time(14 * 86400)
    await pass_time(3600)
    assert rows(file) == {"log_lines": 0, "log_counts": 0}


async def test_a_lower_bound_is_obeyed_within_the_hour(
    hass: HomeAssistant, fleet: MockConfigEntry, screen: str, wire: Wire, file: Path, pass_time: Any
) -> None:
    """Whether or not the screen logs any more."""
    for number in range(300):
        async_fire_mqtt_message(hass, f"infoscreen/{UUID}/logs/info", f'{{"message": "{number}"}}')
    await pass_time(2)
    assert rows(file)["log_lines"] == 300
    hass.config_entries.async_update_entry(fleet, options={"log_max_entries": 100})
    await pass_time(3600)
    assert on_disk(file) == [str(number) for number in range(200, 300)]


async def test_what_waits_is_written_when_the_fleet_is_unloaded(
    hass: HomeAssistant, fleet: MockConfigEntry, screen: str, wire: Wire, file: Path
) -> None:
    """Nothing is lost, and nobody holds the file any more."""
    await log(wire, "last words")
    assert await hass.config_entries.async_unload(fleet.entry_id)
    assert on_disk(file) == ["last words"]
    assert beside(file) == [file.name]


async def test_what_waits_is_written_when_home_assistant_stops(
    hass: HomeAssistant, fleet: MockConfigEntry, screen: str, wire: Wire, file: Path
) -> None:
    """It does not unload what it stops."""
    await log(wire, "last words")
    hass.bus.async_fire(EVENT_HOMEASSISTANT_FINAL_WRITE)
    await wire.settle()
    assert on_disk(file) == ["last words"]


async def test_a_fleet_that_is_removed_leaves_no_file(
    hass: HomeAssistant, wire: Wire, entry: MockConfigEntry, file: Path
) -> None:
    """Product, "Devices": what is stored is deleted, also what was put aside."""
    replace_by_garbage(file)
    await start(hass, wire, entry)
    await log(wire, "one")
    await hass.config_entries.async_remove(entry.entry_id)
    await wire.settle()
    wire.rest()
    assert list(file.parent.iterdir()) == []


# In trouble


@pytest.mark.parametrize(
    "breaks",
    [replace_by_garbage, replace_by_folder, replace_by_later],
    ids=["garbage", "a folder", "a later version"],
)
async def test_a_file_that_cannot_be_used_is_put_aside(
    hass: HomeAssistant,
    wire: Wire,
    entry: MockConfigEntry,
    file: Path,
    messages: GetLogs,
    caplog: pytest.LogCaptureFixture,
    breaks: Callable[[Path], None],
) -> None:
    """It is kept for somebody to look into, and a new one is begun."""
    breaks(file)
    await start(hass, wire, entry)
    await log(wire, "anew")
    assert await messages() == ["anew"]
    assert beside(file) == [file.name, f"{file.name}.broken"]
    assert f"was put aside as {file.name}.broken" in caplog.text


async def test_a_file_that_breaks_later_is_put_aside_then(
    hass: HomeAssistant, wire: Wire, entry: MockConfigEntry, file: Path, messages: GetLogs
) -> None:
    """Only the latest of them is kept, or a bad SD card would fill up."""
    replace_by_garbage(file)
    await start(hass, wire, entry)
    await log(wire, "one")
    assert await messages() == ["one"]
    damage(file)
    await log(wire, "two")
    assert await messages() == ["two"]
    assert beside(file) == [file.name, f"{file.name}.broken"]


async def test_without_a_database_all_else_goes_on(
    hass: HomeAssistant,
    wire: Wire,
    entry: MockConfigEntry,
    file: Path,
    messages: GetLogs,
    pass_time: Any,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Lines wait in memory until there is one; it is said once that there is none, and once that there is."""
    file.parent.touch()
    await start(hass, wire, entry)
    for number in range(3):
        await log(wire, str(number))
        await pass_time(31)
    with pytest.raises(HomeAssistantError) as refused:
        await messages()
    assert refused.value.translation_key == "database_unavailable"
    await pass_time(3600)
    assert caplog.text.count("cannot be used") == 1
    file.parent.unlink()
    await pass_time(31)
    assert on_disk(file) == ["0", "1", "2"]
    assert await messages() == ["2", "1", "0"]
    assert caplog.text.count("can be used again") == 1


async def test_without_a_database_a_fleet_is_unloaded_for_good(
    hass: HomeAssistant,
    wire: Wire,
    entry: MockConfigEntry,
    file: Path,
    pass_time: Any,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """What could not be written is lost, and nobody tries any more."""
    file.parent.touch()
    await start(hass, wire, entry)
    await log(wire, "lost")
    assert await hass.config_entries.async_unload(entry.entry_id)
    assert "1 log lines of Infoscreen could not be written" in caplog.text
    file.parent.unlink()
    await pass_time(3600)
    assert not file.parent.exists()


async def test_a_file_that_somebody_has_locked_is_tried_again(
    fleet: MockConfigEntry, screen: str, wire: Wire, file: Path, messages: GetLogs, pass_time: Any
) -> None:
    """Reading goes on, with what waits in memory; nothing is lost and nothing is twice."""
    await log(wire, "before")
    assert await messages() == ["before"]
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        await log(wire, "meanwhile")
        assert await messages() == ["meanwhile", "before"]
        await log(wire, "then")
    await pass_time(31)
    assert on_disk(file) == ["before", "meanwhile", "then"]
    assert await messages() == ["then", "meanwhile", "before"]


async def test_a_screen_that_goes_while_the_file_is_locked_is_erased_later(
    fleet: MockConfigEntry, screen: str, wire: Wire, file: Path, messages: GetLogs, pass_time: Any
) -> None:
    """Its lines are not told meanwhile by whoever takes its place."""
    await log(wire, "before")
    await pass_time(2)
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        await log(wire, "meanwhile")
        await fleet.runtime_data.logs.async_forget(UUID)
        await log(wire, "after")
    await pass_time(31)
    assert on_disk(file) == ["after"]


@pytest.mark.parametrize("options", [{"log_max_entries": 100_000}])
async def test_what_waits_does_not_fill_the_memory(
    hass: HomeAssistant,
    wire: Wire,
    entry: MockConfigEntry,
    file: Path,
    messages: GetLogs,
    hass_client: ClientSessionGenerator,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The oldest lines make room; the diagnostics tell how many, and not what they said."""
    file.parent.touch()
    await start(hass, wire, entry)
    for number in range(1000):
        payload = f'{{"message": "{number} {"x" * 4000}", "context": "{"y" * 4090}"}}'
        async_fire_mqtt_message(hass, f"infoscreen/{UUID}/logs/info", payload)
    await wire.settle()
    told: Any = await get_diagnostics_for_config_entry(hass, hass_client, entry)
    kept = told["log_lines"]["waiting"]
    assert 900 < kept < 999
    assert told["log_lines"] == {"waiting": kept, "dropped": 1000 - kept}
    assert "xxx" not in str(told)
    assert caplog.text.count("some are lost") == 1
    file.parent.unlink()
    assert (await messages())[0].startswith("999 ")
    assert len(on_disk(file)) == kept


# Backups


async def test_a_backup_holds_all_and_loses_nothing(
    hass: HomeAssistant,
    fleet: MockConfigEntry,
    screen: str,
    wire: Wire,
    file: Path,
    messages: GetLogs,
    pass_time: Any,
    tmp_path: Path,
) -> None:
    """The file alone has everything, and does not change while it is read."""
    assert await async_setup_component(hass, "backup", {})
    await wire.settle()
    manager = hass.data[DATA_MANAGER]
    await log(wire, "before")
    await manager.async_pre_backup_actions()
    copy = copied(file, tmp_path / "copy.db")
    assert on_disk(copy) == ["before"]

    await log(wire, "meanwhile")
    await pass_time(60)
    assert read(file) == read(copy)
    assert read(file.with_name(f"{file.name}-wal")) == b""
    assert await messages() == ["meanwhile", "before"]

    await manager.async_post_backup_actions()
    await pass_time(2)
    assert on_disk(file) == ["before", "meanwhile"]


async def test_a_backup_whose_end_nobody_tells_is_not_waited_for(
    hass: HomeAssistant, fleet: MockConfigEntry, screen: str, wire: Wire, file: Path, pass_time: Any
) -> None:
    """Home Assistant tells of none where the recorder, say, could not be made ready for it."""
    assert await async_setup_component(hass, "backup", {})
    await wire.settle()
    manager = hass.data[DATA_MANAGER]
    manager.platforms["recorder"] = Mock(async_pre_backup=AsyncMock(side_effect=HomeAssistantError("locked")))
    with pytest.raises(HomeAssistantError):
        await manager.async_pre_backup_actions()
    await log(wire, "after")
    await pass_time(60)
    assert on_disk(file) == []
    await pass_time(3600)
    await pass_time(2)
    assert on_disk(file) == ["after"]


async def test_a_fleet_can_be_unloaded_during_a_backup(
    hass: HomeAssistant, fleet: MockConfigEntry, screen: str, wire: Wire, file: Path
) -> None:
    """A person who waits for it is worth more than a backup."""
    assert await async_setup_component(hass, "backup", {})
    await wire.settle()
    manager = hass.data[DATA_MANAGER]
    await manager.async_pre_backup_actions()
    await log(wire, "meanwhile")
    assert await hass.config_entries.async_unload(fleet.entry_id)
    assert on_disk(file) == ["meanwhile"]
    await manager.async_post_backup_actions()


async def test_without_a_database_there_is_a_backup_all_the_same(
    hass: HomeAssistant, wire: Wire, entry: MockConfigEntry, file: Path, messages: GetLogs
) -> None:
    """One without our logs is better than none."""
    file.parent.touch()
    await start(hass, wire, entry)
    assert await async_setup_component(hass, "backup", {})
    await wire.settle()
    manager = hass.data[DATA_MANAGER]
    await manager.async_pre_backup_actions()
    await manager.async_post_backup_actions()
    file.parent.unlink()
    await log(wire, "after")
    assert await messages() == ["after"]
