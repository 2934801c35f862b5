"""The configuration of NUT is looked through when it is named, and watched from then on."""

from errno import ESTALE
from pathlib import Path
from typing import Any
from unittest.mock import patch

from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from .conftest import Poll
from .fake_nut import FakeNut
from .repairs import standing

UPS = "[rack]\n  driver = usbhid-ups\n  port = auto\n"


@pytest.fixture
def folder(hass: HomeAssistant, nut: FakeNut, tmp_path: Path) -> Path:
    """Return a folder that Home Assistant may read, with the configuration of the server."""
    hass.config.allowlist_external_dirs = {f"{tmp_path}"}
    for name, text in {
        "ups.conf": UPS,
        "upsd.conf": f"LISTEN 127.0.0.1 {nut.port}\n",
        "upsd.users": "",
    }.items():
        write(tmp_path / name, text)
    return tmp_path


def write(path: Path, text: str) -> None:
    """Write a file that nobody else may read."""
    path.write_text(text, encoding="utf-8")
    path.chmod(0o640)


def move(folder: Path, name: str) -> Path:
    """Give a folder another name."""
    return folder.rename(folder.with_name(name))


def said(hass: HomeAssistant, server: MockConfigEntry) -> ir.IssueEntry:
    """Return the repair about the configuration, which must stand."""
    issue = ir.async_get(hass).async_get_issue("infoscreen", f"nut_config_{server.entry_id}")
    assert issue is not None
    return issue


async def reconfigure(hass: HomeAssistant, server: MockConfigEntry, nut: FakeNut, path: object) -> Any:
    """Name the configuration, and return what the form says."""
    step = await server.start_reconfigure_flow(hass)
    given = {"host": "127.0.0.1", "port": nut.port, "nut_config": f"{path}"}
    step = await hass.config_entries.flow.async_configure(step["flow_id"], given)
    await hass.async_block_till_done(wait_background_tasks=True)
    return step


async def test_a_configuration_that_is_right_needs_no_word(
    hass: HomeAssistant, server: MockConfigEntry, nut: FakeNut, folder: Path
) -> None:
    """It is kept, and offered when the server is changed again."""
    done = await reconfigure(hass, server, nut, folder)
    assert done["reason"] == "reconfigure_successful"
    assert server.data["nut_config"] == f"{folder}"
    assert standing(hass) == set()
    step = await server.start_reconfigure_flow(hass)
    assert step["data_schema"] is not None
    suggested = {str(key): key.description for key in step["data_schema"].schema}
    assert suggested["nut_config"] == {"suggested_value": f"{folder}"}


async def test_what_is_wrong_is_shown_before_the_server_is_changed(
    hass: HomeAssistant, server: MockConfigEntry, nut: FakeNut, folder: Path
) -> None:
    """Also what does not fit the server; a person may go on all the same."""
    write(folder / "ups.conf", UPS.replace("rack", "cellar"))
    write(folder / "upsd.users", "[admin]\n  password = geheim more\n")
    step = await reconfigure(hass, server, nut, folder)
    assert step["step_id"] == "nut_config"
    shown = step["description_placeholders"]["findings"]
    assert "upsd.users:2: The password of admin ends at the first blank" in shown
    assert "ups.conf:1: " in shown
    assert "rack" in shown
    assert "geheim" not in shown
    assert "nut_config" not in server.data
    done = await hass.config_entries.flow.async_configure(step["flow_id"], {})
    await hass.async_block_till_done(wait_background_tasks=True)
    assert (done["reason"], server.data["nut_config"]) == ("reconfigure_successful", f"{folder}")
    assert standing(hass) == {f"nut_config_{server.entry_id}"}


async def test_what_cannot_be_read_is_not_kept(
    hass: HomeAssistant, server: MockConfigEntry, nut: FakeNut, folder: Path
) -> None:
    """Neither what is not there nor what is not allowed."""
    step = await reconfigure(hass, server, nut, folder / "other")
    assert step["errors"] == {"nut_config": "nut_config_unreadable"}
    given = {"host": "127.0.0.1", "port": nut.port, "nut_config": "/etc"}
    step = await hass.config_entries.flow.async_configure(step["flow_id"], given)
    assert step["errors"] == {"nut_config": "nut_config_unreadable"}
    assert "nut_config" not in server.data


class TestWatched:
    """A server whose configuration was named."""

    @pytest.fixture
    def server_data(self, folder: Path) -> dict[str, Any]:
        """Name it."""
        return {"nut_config": f"{folder}"}

    async def test_a_change_for_the_worse_is_a_repair_until_it_is_mended(
        self, hass: HomeAssistant, server: MockConfigEntry, folder: Path, poll: Poll
    ) -> None:
        """Advice is none."""
        assert standing(hass) == set()
        write(folder / "ups.conf", UPS.replace("driver", "drive"))
        await poll(301)
        placeholders = said(hass, server).translation_placeholders
        assert placeholders is not None
        assert placeholders["path"] == f"{folder}"
        assert "ups.conf:" in placeholders["findings"]
        write(folder / "ups.conf", UPS)
        await poll(301)
        assert standing(hass) == set()

    async def test_a_file_is_read_only_when_it_is_another(
        self, hass: HomeAssistant, server: MockConfigEntry, folder: Path, poll: Poll
    ) -> None:
        """A repair that somebody closed does not come again for the same file."""
        write(folder / "ups.conf", "")
        await poll(301)
        ir.async_delete_issue(hass, "infoscreen", said(hass, server).issue_id)
        await poll(301)
        assert standing(hass) == set()

    async def test_what_the_server_tells_later_is_compared_then(
        self, hass: HomeAssistant, server: MockConfigEntry, nut: FakeNut, poll: Poll
    ) -> None:
        """Though the files are those of the last time."""
        assert standing(hass) == set()
        del nut.upses["rack"]
        nut.upses["other"] = {"ups.status": "OL"}
        await poll()
        await poll(301)
        placeholders = said(hass, server).translation_placeholders
        assert placeholders is not None
        assert "other" in placeholders["findings"]

    async def test_a_server_that_serves_nothing_is_compared_too(
        self, hass: HomeAssistant, nut: FakeNut, server_entry: MockConfigEntry, poll: Poll
    ) -> None:
        """It has not read the file that lists a UPS; nothing is wrong once it has."""
        values = nut.upses.pop("rack")
        server_entry.add_to_hass(hass)
        assert await hass.config_entries.async_setup(server_entry.entry_id)
        assert "rack" in (said(hass, server_entry).translation_placeholders or {})["findings"]
        nut.upses["rack"] = values
        await poll()
        await poll(301)
        assert standing(hass) == set()

    async def test_a_configuration_that_went_is_told(
        self, hass: HomeAssistant, server: MockConfigEntry, folder: Path, poll: Poll
    ) -> None:
        """And its return ends that."""
        hidden = move(folder, "hidden")
        await poll(301)
        assert said(hass, server).translation_key == "nut_config_unreadable"
        move(hidden, folder.name)
        await poll(301)
        assert standing(hass) == set()

    async def test_a_configuration_that_could_not_be_read_once_is_read_again(
        self, hass: HomeAssistant, server: MockConfigEntry, folder: Path, poll: Poll
    ) -> None:
        """Though it did not change meanwhile."""
        write(folder / "ups.conf", UPS + "# again\n")
        with patch.object(Path, "open", side_effect=OSError(ESTALE, "Stale file handle")):
            await poll(301)
        assert said(hass, server).translation_key == "nut_config_unreadable"
        await poll(301)
        assert standing(hass) == set()

    async def test_it_is_watched_until_the_path_is_taken_away(
        self, hass: HomeAssistant, server: MockConfigEntry, nut: FakeNut, folder: Path, poll: Poll
    ) -> None:
        """The repair goes with it."""
        write(folder / "ups.conf", "")
        await poll(301)
        assert standing(hass) == {f"nut_config_{server.entry_id}"}
        await reconfigure(hass, server, nut, "")
        assert "nut_config" not in server.data
        assert standing(hass) == set()

    async def test_a_server_that_does_not_start_is_looked_at_too(
        self, hass: HomeAssistant, nut: FakeNut, server_entry: MockConfigEntry, folder: Path
    ) -> None:
        """What is wrong there may be why."""
        await nut.stop()
        write(folder / "ups.conf", "")
        server_entry.add_to_hass(hass)
        assert not await hass.config_entries.async_setup(server_entry.entry_id)
        assert standing(hass) == {f"nut_config_{server_entry.entry_id}"}
