"""Office files become PDFs."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Generator
import errno
from hashlib import sha256
from pathlib import Path
import resource
import time
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers.dispatcher import async_dispatcher_connect
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, async_fire_time_changed
from pytest_homeassistant_custom_component.components.diagnostics import get_diagnostics_for_config_entry
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from .conftest import PassTime
from .gotenberg import PDF, REASON, Fault, Gotenberg
from .repairs import Repair, standing, told
from .wire import Wire

HOUR = 3600


@pytest.fixture
async def gotenberg(socket_enabled: None) -> AsyncGenerator[Gotenberg]:
    """Run a server."""
    async with Gotenberg() as gotenberg:
        yield gotenberg


@pytest.fixture
def options(gotenberg: Gotenberg) -> dict[str, Any]:
    """Let the fleet know the server."""
    return {"gotenberg_url": gotenberg.url}


class Desk:
    """Where office files lie, and what becomes of them."""

    def __init__(self, hass: HomeAssistant, entry: MockConfigEntry, folder: Path) -> None:
        self.hass = hass
        self.entry = entry
        self.folder = folder
        self.ended: list[str] = []
        self.pdfs = Path(hass.config.config_dir, "infoscreen", "conversions", entry.entry_id)
        async_dispatcher_connect(hass, entry.runtime_data.converter.ended, self.ended.append)

    def file(self, name: str, content: str | None = None) -> Path:
        """Put an office file there."""
        path = self.folder / name
        path.write_text(content or f"what {name} shows")
        return path

    def remove(self, path: Path) -> None:
        """Delete one."""
        path.unlink()

    def ask(self, path: Path) -> Path | None:
        """Ask for a file's PDF."""
        pdf: Path | None = self.entry.runtime_data.converter.async_pdf_of(path, checksum(path))
        return pdf

    def state(self, path: Path) -> str | None:
        """Return how far a file is."""
        state: str | None = self.entry.runtime_data.converter.state_of(checksum(path))
        return state

    async def reach(self, path: Path, state: str) -> None:
        """Wait until a file is that far."""
        await until(lambda: self.state(path) == state)

    def issue_id(self, path: Path) -> str:
        """Return the id of the repair of a file."""
        return f"conversion_failed_{self.entry.entry_id}_{checksum(path)}"

    def names(self) -> set[str]:
        """Return what is in the fleet's folder."""
        return {path.name for path in self.pdfs.iterdir()} if self.pdfs.is_dir() else set()


async def until(true: Callable[[], bool]) -> None:
    """Wait until something is so, in real time: the loop's own may stand still."""
    loop = asyncio.get_running_loop()
    for _ in range(800):
        if true():
            return
        await loop.run_in_executor(None, time.sleep, 0.01)
    pytest.fail("it did not come to that")


def checksum(path: Path) -> str:
    """Return what a file is known by."""
    return sha256(path.read_bytes()).hexdigest()


@pytest.fixture
def desk(hass: HomeAssistant, fleet: MockConfigEntry, wire: Wire, tmp_path: Path) -> Generator[Desk]:
    """Give the desk; what a restart says on the wire is looked at elsewhere."""
    yield Desk(hass, fleet, tmp_path)
    wire.rest()


@pytest.fixture
async def refused(desk: Desk, gotenberg: Gotenberg) -> Path:
    """Give a file that the server has refused, and would refuse again."""
    path = desk.file("a.pptx")
    gotenberg.faults = {"a.pptx": Fault.REFUSES}
    desk.ask(path)
    await desk.reach(path, "failed")
    return path


@pytest.fixture
async def missed(desk: Desk, gotenberg: Gotenberg, pass_time: PassTime) -> Path:
    """Give a file for which a server was looked for in vain; it is still away."""
    await gotenberg.stop()
    path = desk.file("a.pptx")
    desk.ask(path)
    await given_up(desk, pass_time, path)
    return path


async def test_a_file_becomes_a_pdf(desk: Desk, gotenberg: Gotenberg) -> None:
    """Sent under its own name, by whose ending the server knows what it is."""
    path = desk.file("Pläne „2026“.pptx")
    assert desk.ask(path) is None
    await desk.reach(path, "ready")
    pdf = desk.ask(path)
    assert pdf == desk.pdfs / f"{checksum(path)}.pdf"
    assert pdf.read_bytes() == PDF
    assert gotenberg.taken == {"Pläne „2026“.pptx": path.read_bytes()}
    await until(lambda: desk.ended == [checksum(path)])
    assert desk.names() == {pdf.name}


async def test_an_answer_that_ends_with_its_connection_is_whole_if_its_pdf_is(
    desk: Desk, gotenberg: Gotenberg
) -> None:
    """A proxy may leave out the length."""
    path = desk.file("a.pptx")
    gotenberg.faults = {"a.pptx": Fault.IS_OLD}
    desk.ask(path)
    await desk.reach(path, "ready")
    assert (desk.pdfs / f"{checksum(path)}.pdf").read_bytes() == PDF


async def test_the_same_file_is_converted_once(desk: Desk, gotenberg: Gotenberg) -> None:
    """Whatever it is called, and whoever asks."""
    first, second = desk.file("a.odp", "the same"), desk.file("b.odp", "the same")
    gotenberg.gate.clear()
    assert (desk.ask(first), desk.ask(second), desk.ask(first)) == (None, None, None)
    gotenberg.gate.set()
    await desk.reach(first, "ready")
    assert desk.ask(first) == desk.ask(second) is not None
    assert gotenberg.asked.total() == 1


async def test_twenty_wait_for_nobody_but_the_server(
    desk: Desk, gotenberg: Gotenberg, pass_time: PassTime
) -> None:
    """Two at a time; one that fails says why, one that hangs holds up none of the others for long."""
    files = [desk.file(f"{number}.pptx") for number in range(20)]
    gotenberg.faults = {"3.pptx": Fault.REFUSES, "5.pptx": Fault.HANGS}
    for path in files:
        assert desk.ask(path) is None
    assert {desk.state(path) for path in files} == {"pending", "processing"}
    good = [path for path in files if path.name not in gotenberg.faults]
    for path in good:
        await desk.reach(path, "ready")
    await desk.reach(files[3], "failed")
    assert desk.state(files[5]) == "processing"
    assert gotenberg.busiest == 2
    assert set(gotenberg.asked.values()) == {1}
    assert told(desk.hass, desk.issue_id(files[3])) == {
        "file": "3.pptx",
        "reason": f"Gotenberg refused the file: 400: {REASON}.",
    }
    assert desk.names() >= {f"{checksum(path)}.pdf" for path in good}


PASSING = {
    Fault.FAILS: f"Gotenberg failed three times, at last with: 503: {REASON}.",
    Fault.SHOWS_AN_ERROR_PAGE: "Gotenberg failed three times, at last with: 502.",
    Fault.CUTS_OFF: "Gotenberg's answer broke off, three times.",
    Fault.ENDS_EARLY: "Gotenberg's answer broke off, three times.",
    Fault.SAYS_NOTHING: "Gotenberg's answer broke off, three times.",
}


@pytest.mark.parametrize("fault", PASSING, ids=[fault.name for fault in PASSING])
async def test_what_may_pass_is_tried_three_times(
    desk: Desk, gotenberg: Gotenberg, pass_time: PassTime, fault: Fault
) -> None:
    """Fine points, "Content": with pauses, and then no more; nothing is left of what came."""
    path = desk.file("a.pptx")
    gotenberg.faults = {"a.pptx": fault}
    desk.ask(path)
    for tries in (1, 2):
        await asked(gotenberg, tries)
        await desk.reach(path, "pending")
        assert standing(desk.hass) == set()
        assert desk.ended == []
        await pass_time(61)
    await desk.reach(path, "failed")
    assert told(desk.hass, desk.issue_id(path)) == {"file": "a.pptx", "reason": PASSING[fault]}
    await pass_time(2 * HOUR)
    assert (gotenberg.asked.total(), desk.ask(path)) == (3, None)
    assert desk.names() == {f"{checksum(path)}.failed.json"}


async def asked(gotenberg: Gotenberg, times: int) -> None:
    """Wait until the server has been asked so often."""
    await until(lambda: gotenberg.asked.total() >= times)


async def test_a_server_that_comes_back_in_time_is_enough(
    desk: Desk, gotenberg: Gotenberg, pass_time: PassTime
) -> None:
    """It may be starting anew."""
    path = desk.file("a.pptx")
    gotenberg.faults = {"a.pptx": Fault.FAILS}
    desk.ask(path)
    await asked(gotenberg, 1)
    await desk.reach(path, "pending")
    gotenberg.faults = {}
    await pass_time(11)
    await desk.reach(path, "ready")
    assert standing(desk.hass) == set()


FINAL = {
    Fault.REFUSES: f"Gotenberg refused the file: 400: {REASON}.",
    Fault.RAMBLES: f"Gotenberg refused the file: 400: {'no ' * 98}….",
    Fault.MOVED: "Gotenberg refused the file: 308.",
    Fault.GREETS: "What the server answered is no PDF. "
    "Make sure that the address in the options is Gotenberg's.",
}


@pytest.mark.parametrize("fault", FINAL, ids=[fault.name for fault in FINAL])
async def test_a_clear_answer_is_taken_for_one(
    desk: Desk, gotenberg: Gotenberg, pass_time: PassTime, fault: Fault
) -> None:
    """Fine points, "Content": not tried again, and a redirect is not followed with people's files."""
    path = desk.file("a.pptx")
    gotenberg.faults = {"a.pptx": fault}
    desk.ask(path)
    await desk.reach(path, "failed")
    await pass_time(2 * HOUR)
    assert (gotenberg.asked.total(), desk.state(path)) == (1, "failed")
    assert told(desk.hass, desk.issue_id(path)) == {"file": "a.pptx", "reason": FINAL[fault]}
    await until(lambda: desk.ended == [checksum(path)])


async def test_one_that_hangs_is_given_up(
    desk: Desk, gotenberg: Gotenberg, freezer: FrozenDateTimeFactory
) -> None:
    """Fine points, "Content": 120 seconds, three times."""

    def passes(seconds: float) -> None:
        freezer.tick(seconds)
        async_fire_time_changed(desk.hass)

    path = desk.file("a.pptx")
    gotenberg.faults = {"a.pptx": Fault.HANGS}
    desk.ask(path)
    for tries in (1, 2):
        await asked(gotenberg, tries)
        passes(119)
        await asyncio.sleep(0)
        assert desk.state(path) == "processing"
        passes(2)
        await desk.reach(path, "pending")
        passes(61)
    await asked(gotenberg, 3)
    passes(121)
    await desk.reach(path, "failed")
    assert told(desk.hass, desk.issue_id(path)) == {
        "file": "a.pptx",
        "reason": "Gotenberg did not finish within two minutes, three times.",
    }


async def test_a_server_that_is_away_is_looked_for(
    desk: Desk, gotenberg: Gotenberg, pass_time: PassTime
) -> None:
    """Its absence says nothing of the files: once it answers for one, the others follow at once."""
    await gotenberg.stop()
    first, second = desk.file("a.pptx"), desk.file("b.pptx")
    for path in (first, second):
        desk.ask(path)
    await given_up(desk, pass_time, first, second)
    assert standing(desk.hass) == {desk.issue_id(first), desk.issue_id(second)}
    await gotenberg.start()
    desk.entry.runtime_data.converter.async_try_again(checksum(first))
    for path in (first, second):
        await desk.reach(path, "ready")
    assert gotenberg.asked.total() == 2
    assert standing(desk.hass) == set()


async def test_a_server_that_is_away_is_looked_for_by_itself(
    desk: Desk, gotenberg: Gotenberg, missed: Path, pass_time: PassTime
) -> None:
    """Once an hour."""
    await gotenberg.start()
    await pass_time(HOUR + 1)
    await desk.reach(missed, "ready")
    assert standing(desk.hass) == set()


async def settled(desk: Desk, *paths: Path) -> None:
    """Wait until no conversion is under way."""
    await until(lambda: all(desk.state(path) != "processing" for path in paths))


async def given_up(desk: Desk, pass_time: PassTime, *paths: Path) -> None:
    """Let all three tries fail."""
    for seconds in (11, 61):
        await settled(desk, *paths)
        await pass_time(seconds)
    for path in paths:
        await desk.reach(path, "failed")


async def test_a_person_tries_again(
    desk: Desk, gotenberg: Gotenberg, refused: Path, hass_client: ClientSessionGenerator
) -> None:
    """From the repair, which says why."""
    repair = await Repair.open(desk.hass, hass_client, desk.issue_id(refused))
    assert repair.step["description_placeholders"] == told(desk.hass, desk.issue_id(refused))
    gotenberg.faults = {}
    done = await repair.submit()
    assert done["type"] == FlowResultType.CREATE_ENTRY
    await desk.reach(refused, "ready")
    assert standing(desk.hass) == set()


async def test_a_repair_that_is_over_is_done(
    desk: Desk, gotenberg: Gotenberg, refused: Path, hass_client: ClientSessionGenerator
) -> None:
    """Two people may see to it."""
    repair = await Repair.open(desk.hass, hass_client, desk.issue_id(refused))
    gotenberg.faults = {}
    for _ in range(2):
        desk.entry.runtime_data.converter.async_try_again(checksum(refused))
    await desk.reach(refused, "ready")
    assert (await repair.submit())["type"] == FlowResultType.CREATE_ENTRY
    assert gotenberg.asked.total() == 2


async def test_a_repair_of_a_fleet_that_does_not_run_waits(
    desk: Desk, refused: Path, hass_client: ClientSessionGenerator
) -> None:
    """And says so."""
    assert await desk.hass.config_entries.async_unload(desk.entry.entry_id)
    repair = await Repair.open(desk.hass, hass_client, desk.issue_id(refused))
    assert repair.step["reason"] == "fleet_not_loaded"


async def test_what_is_done_outlives_a_restart(desk: Desk, gotenberg: Gotenberg) -> None:
    """Neither what is ready nor what was refused is sent again; what was under way is begun anew."""
    good, bad, slow = desk.file("good.pptx"), desk.file("bad.pptx"), desk.file("slow.pptx")
    gotenberg.faults = {"bad.pptx": Fault.REFUSES, "slow.pptx": Fault.HANGS}
    for path, state in ((good, "ready"), (bad, "failed"), (slow, "processing")):
        desk.ask(path)
        await desk.reach(path, state)
    await asked(gotenberg, 3)
    gotenberg.faults = {}
    assert await desk.hass.config_entries.async_reload(desk.entry.entry_id)
    assert desk.names() == {f"{checksum(good)}.pdf", f"{checksum(bad)}.failed.json"}
    assert [desk.state(path) for path in (good, bad, slow)] == ["ready", "failed", None]
    assert standing(desk.hass) == {desk.issue_id(bad)}
    assert desk.ask(good) is not None
    for path in (bad, slow):
        assert desk.ask(path) is None
    await desk.reach(slow, "ready")
    assert gotenberg.asked == {"good.pptx": 1, "bad.pptx": 1, "slow.pptx": 2}


async def test_a_restart_looks_for_a_server_that_was_away(
    desk: Desk, gotenberg: Gotenberg, missed: Path
) -> None:
    """After a power cut it may start later than we do."""
    await gotenberg.start()
    assert await desk.hass.config_entries.async_reload(desk.entry.entry_id)
    await desk.reach(missed, "ready")
    assert standing(desk.hass) == set()


@pytest.mark.parametrize(
    "left",
    ["not JSON", "[]", "{}", '{"server":"x","trouble":"of a later version","detail":"","path":""}'],
    ids=["no JSON", "a list", "nothing in it", "another version"],
)
async def test_remnants_are_cleared_away(desk: Desk, left: str) -> None:
    """The folder is ours alone."""
    desk.pdfs.mkdir(parents=True)
    (desk.pdfs / f"{'0' * 64}.failed.json").write_text(left)
    (desk.pdfs / "tmpabc.part").write_text("half a PDF")
    (desk.pdfs / "folder").mkdir()
    assert await desk.hass.config_entries.async_reload(desk.entry.entry_id)
    assert desk.names() == {"folder"}
    assert standing(desk.hass) == set()


async def test_a_folder_that_cannot_be_put_in_order_keeps_no_fleet_from_running(
    desk: Desk, gotenberg: Gotenberg
) -> None:
    """The memory card has become read-only, or something in the folder cannot be read."""
    path = desk.file("a.pptx")
    desk.ask(path)
    await desk.reach(path, "ready")
    (desk.pdfs / "tmpabc.part").write_text("half a PDF")
    (desk.pdfs / f"{'0' * 64}.failed.json").mkdir()
    (desk.pdfs / f"{'0' * 64}.pdf").mkdir()
    with patch("pathlib.Path.unlink", side_effect=OSError(errno.EROFS, "read-only")):
        assert await desk.hass.config_entries.async_reload(desk.entry.entry_id)
    assert desk.state(path) == "ready"
    assert list(desk.entry.runtime_data.converter.conversions) == [checksum(path)]


async def test_another_server_is_asked_for_what_one_could_not_do(
    desk: Desk, gotenberg: Gotenberg, refused: Path
) -> None:
    """At once, and also if the option changed while the fleet did not run."""
    async with Gotenberg() as other:
        desk.hass.config_entries.async_update_entry(desk.entry, options={"gotenberg_url": f"{other.url}/"})
        await desk.reach(refused, "ready")
        assert (gotenberg.asked.total(), other.asked.total()) == (1, 1)
    assert standing(desk.hass) == set()


async def test_another_option_changes_nothing(desk: Desk, gotenberg: Gotenberg, refused: Path) -> None:
    """What was refused stays refused; a second wish for what is on its way is none."""
    desk.hass.config_entries.async_update_entry(
        desk.entry, options={**desk.entry.options, "video_muted": True}
    )
    await desk.hass.async_block_till_done(wait_background_tasks=True)
    assert (desk.state(refused), gotenberg.asked.total()) == ("failed", 1)
    assert standing(desk.hass) == {desk.issue_id(refused)}


async def test_what_an_earlier_server_refused_is_forgotten_at_a_start(desk: Desk, refused: Path) -> None:
    """It says nothing of what another can do."""
    assert await desk.hass.config_entries.async_unload(desk.entry.entry_id)
    async with Gotenberg() as other:
        desk.hass.config_entries.async_update_entry(desk.entry, options={"gotenberg_url": other.url})
        assert await desk.hass.config_entries.async_setup(desk.entry.entry_id)
        assert (desk.state(refused), standing(desk.hass)) == (None, set())
        desk.ask(refused)
        await desk.reach(refused, "ready")
    assert standing(desk.hass) == set()


async def test_a_server_given_up_meanwhile_has_no_last_word(desk: Desk, gotenberg: Gotenberg) -> None:
    """Its refusal comes after the option has changed."""
    path = desk.file("a.pptx")
    gotenberg.faults = {"a.pptx": Fault.REFUSES}
    gotenberg.gate.clear()
    desk.ask(path)
    await asked(gotenberg, 1)
    async with Gotenberg() as other:
        desk.hass.config_entries.async_update_entry(desk.entry, options={"gotenberg_url": other.url})
        await desk.hass.async_block_till_done()
        gotenberg.gate.set()
        await desk.reach(path, "ready")
        assert other.asked.total() == 1


async def test_without_a_server_files_wait(desk: Desk, gotenberg: Gotenberg, pass_time: PassTime) -> None:
    """For the option; what is ready stays."""
    ready, path = desk.file("ready.pptx"), desk.file("a.pptx")
    desk.ask(ready)
    await desk.reach(ready, "ready")
    desk.hass.config_entries.async_update_entry(desk.entry, options={"gotenberg_url": ""})
    await desk.hass.async_block_till_done()
    assert desk.entry.runtime_data.converter.configured is False
    assert desk.ask(ready) is not None
    assert desk.ask(path) is None
    await pass_time(HOUR)
    assert (desk.state(path), gotenberg.asked.total()) == ("pending", 1)
    desk.hass.config_entries.async_update_entry(desk.entry, options={"gotenberg_url": gotenberg.url})
    await desk.reach(path, "ready")
    assert desk.entry.runtime_data.converter.configured is True


async def test_a_file_replaced_meanwhile_has_no_pdf_of_another(desk: Desk, gotenberg: Gotenberg) -> None:
    """Its checksum is that of a file that is no more; whoever asked hears of it, and asks for the new one."""
    path = desk.file("a.pptx", "one")
    before = checksum(path)
    gotenberg.gate.clear()
    desk.ask(path)
    await asked(gotenberg, 1)
    desk.file("a.pptx", "another")
    gotenberg.gate.set()
    await until(lambda: desk.ended == [before])
    assert desk.entry.runtime_data.converter.state_of(before) is None
    assert desk.names() == set()
    desk.ask(path)
    await desk.reach(path, "ready")
    assert standing(desk.hass) == set()


@pytest.mark.parametrize("sent", [False, True], ids=["before", "meanwhile"])
async def test_a_file_that_is_gone_is_no_failure(desk: Desk, gotenberg: Gotenberg, *, sent: bool) -> None:
    """Whoever deleted it knows."""
    path = desk.file("a.pptx")
    before = checksum(path)
    gotenberg.gate.clear()
    desk.ask(path)
    if sent:
        await asked(gotenberg, 1)
    desk.remove(path)
    gotenberg.gate.set()
    await until(lambda: desk.ended == [before])
    assert (standing(desk.hass), desk.names()) == (set(), set())


async def test_a_file_replaced_after_it_failed_has_a_new_chance(desk: Desk, gotenberg: Gotenberg) -> None:
    """What was wrong with the old one is of no interest any more."""
    path = desk.file("a.pptx", "broken")
    issue_id = desk.issue_id(path)
    gotenberg.faults = {"a.pptx": Fault.REFUSES}
    desk.ask(path)
    await desk.reach(path, "failed")
    assert standing(desk.hass) == {issue_id}
    gotenberg.faults = {}
    desk.file("a.pptx", "mended")
    desk.ask(path)
    assert standing(desk.hass) == set()
    await desk.reach(path, "ready")
    await until(lambda: desk.names() == {f"{checksum(path)}.pdf"})


async def test_a_file_replaced_while_it_waits_waits_no_more(desk: Desk, gotenberg: Gotenberg) -> None:
    """Only the new one is sent."""
    desk.hass.config_entries.async_update_entry(desk.entry, options={})
    await desk.hass.async_block_till_done()
    path = desk.file("a.pptx", "one")
    before = checksum(path)
    desk.ask(path)
    desk.file("a.pptx", "another")
    desk.ask(path)
    assert desk.entry.runtime_data.converter.state_of(before) is None
    desk.hass.config_entries.async_update_entry(desk.entry, options={"gotenberg_url": gotenberg.url})
    await desk.reach(path, "ready")
    assert gotenberg.asked.total() == 1


async def test_a_failure_of_a_file_that_is_no_more_does_not_return(desk: Desk, refused: Path) -> None:
    """Not with the next start."""
    assert await desk.hass.config_entries.async_unload(desk.entry.entry_id)
    desk.remove(refused)
    assert await desk.hass.config_entries.async_setup(desk.entry.entry_id)
    assert (standing(desk.hass), desk.names()) == (set(), set())


async def test_a_fleet_that_is_unloaded_leaves_nothing_begun(desk: Desk, gotenberg: Gotenberg) -> None:
    """Neither a file that is open, nor half a PDF."""
    desk.ask(desk.file("a.pptx"))
    await asyncio.sleep(0)
    assert await desk.hass.config_entries.async_unload(desk.entry.entry_id)
    await until(lambda: desk.names() == set())


async def test_only_what_is_wanted_is_kept(desk: Desk, gotenberg: Gotenberg) -> None:
    """What is let go of leaves no PDF, no repair and no conversion behind."""
    kept, ready, failed, slow = (
        desk.file(name) for name in ("kept.odp", "ready.odp", "failed.odp", "slow.odp")
    )
    gotenberg.faults = {"failed.odp": Fault.REFUSES, "slow.odp": Fault.HANGS}
    for path, state in ((kept, "ready"), (ready, "ready"), (failed, "failed"), (slow, "processing")):
        desk.ask(path)
        await desk.reach(path, state)
    await asked(gotenberg, 4)
    await desk.entry.runtime_data.converter.async_keep_only({checksum(kept)})
    assert desk.names() == {f"{checksum(kept)}.pdf"}
    assert [desk.state(path) for path in (kept, ready, failed, slow)] == ["ready", None, None, None]
    assert standing(desk.hass) == set()


async def test_what_is_let_go_of_before_it_began_takes_no_turn(desk: Desk, gotenberg: Gotenberg) -> None:
    """Two are sent at once; whose place these would keep, nobody would ever be sent again."""
    for name in ("a.pptx", "b.pptx"):
        desk.ask(desk.file(name))
        await desk.entry.runtime_data.converter.async_keep_only(set())
    after = desk.file("c.pptx")
    desk.ask(after)
    await desk.reach(after, "ready")
    assert set(gotenberg.asked) == {"c.pptx"}


async def test_two_may_be_let_go_of_by_several(desk: Desk, gotenberg: Gotenberg) -> None:
    """What one of them has let go of already is no fault for the other."""
    paths = [desk.file(name) for name in ("a.pptx", "b.pptx", "c.pptx")]
    for path in paths:
        desk.ask(path)
    keep_only = desk.entry.runtime_data.converter.async_keep_only
    await asyncio.gather(keep_only(set()), keep_only(set()))
    assert [desk.state(path) for path in paths] == [None] * 3


async def test_a_full_disk_keeps_no_pdf(desk: Desk, gotenberg: Gotenberg, pass_time: PassTime) -> None:
    """There may be room again in a minute; nobody is asked before."""
    path = desk.file("a.pptx")
    with patch("shutil.disk_usage", return_value=SimpleNamespace(free=2**30 - 1)):
        desk.ask(path)
        await given_up(desk, pass_time, path)
    assert told(desk.hass, desk.issue_id(path)) == {
        "file": "a.pptx",
        "reason": "The file could not be read, or its PDF not written: No space left on device.",
    }
    assert gotenberg.asked.total() == 0


@pytest.fixture
def small_disk() -> Generator[None]:
    """Let no file grow beyond 32 MiB: more than anything else writes meanwhile."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2**25, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


async def test_a_disk_that_fills_up_meanwhile_keeps_no_part(
    desk: Desk, gotenberg: Gotenberg, pass_time: PassTime, small_disk: None
) -> None:
    """It would be all the fuller."""
    gotenberg.pdf = PDF.ljust(2**25 + 100)
    path = desk.file("a.pptx")
    desk.ask(path)
    await given_up(desk, pass_time, path)
    assert desk.names() == {f"{checksum(path)}.failed.json"}


async def test_a_folder_that_cannot_be_written_is_told(
    desk: Desk, pass_time: PassTime, caplog: pytest.LogCaptureFixture
) -> None:
    """As a failure that a restart forgets, for it cannot be noted."""
    desk.pdfs.parent.mkdir(parents=True, exist_ok=True)
    desk.pdfs.write_text("in the way")
    path = desk.file("a.pptx")
    desk.ask(path)
    await given_up(desk, pass_time, path)
    await until(lambda: bool(desk.ended))
    assert "After a restart a.pptx is converted once more" in caplog.text


async def test_a_pdf_that_grows_beyond_bounds_is_given_up(desk: Desk, gotenberg: Gotenberg) -> None:
    """A disk is not filled by a server gone mad."""
    path = desk.file("a.pptx")
    with patch("custom_components.infoscreen.conversions.gotenberg.MAX_PDF", len(PDF) - 1):
        desk.ask(path)
        await desk.reach(path, "failed")
    assert told(desk.hass, desk.issue_id(path)) == {
        "file": "a.pptx",
        "reason": "The PDF would be larger than 500 MB.",
    }
    assert desk.names() == {f"{checksum(path)}.failed.json"}


async def test_diagnostics_tell_of_every_conversion(
    desk: Desk, refused: Path, hass_client: ClientSessionGenerator
) -> None:
    """With its state and its reason."""
    diagnostics: Any = await get_diagnostics_for_config_entry(desk.hass, hass_client, desk.entry)
    (told_of,) = diagnostics["conversions"]
    assert (told_of["state"], told_of["failure"]["detail"]) == ("failed", f"400: {REASON}")


async def test_a_fleet_that_is_removed_leaves_no_pdfs(desk: Desk) -> None:
    """Nor the folder they were in."""
    path = desk.file("a.pptx")
    desk.ask(path)
    await desk.reach(path, "ready")
    await desk.hass.config_entries.async_remove(desk.entry.entry_id)
    assert not desk.pdfs.exists()


@pytest.mark.parametrize("url", ["gotenberg:3000", "ftp://gotenberg", "http://me:secret@gotenberg"])
async def test_an_address_without_a_server_is_refused(desk: Desk, url: str) -> None:
    """Every conversion would fail."""
    shown = await desk.hass.config_entries.options.async_init(desk.entry.entry_id)
    again = await desk.hass.config_entries.options.async_configure(
        shown["flow_id"], {"content": {"gotenberg_url": url}}
    )
    assert (again["type"], again["errors"]) == (FlowResultType.FORM, {"base": "gotenberg_url_invalid"})
    done = await desk.hass.config_entries.options.async_configure(
        again["flow_id"], {"content": {"gotenberg_url": " http://gotenberg:3000 "}}
    )
    assert done["type"] is FlowResultType.CREATE_ENTRY
