"""A simulated fleet as a process, and what Home Assistant shows of its screens."""

from pathlib import Path
import re
import sys
from typing import Self

from .api import Api
from .broker import Broker
from .ports import HOST
from .process import Process
from .waiting import RigError, until

ROOT = Path(__file__).parents[1]
UNASSIGNED = "unassigned"


class Screens:
    """Simulated screens, speaking over a broker; more arguments as the simulator takes them."""

    def __init__(
        self, folder: Path, broker: Broker, *arguments: str, count: int, prefix: str = "infoscreen"
    ) -> None:
        self.count = count
        self.process = Process("The simulator", folder / "screens.log")
        self._broker = broker
        self._arguments = (
            f"--screens={count}",
            f"--prefix={prefix}",
            f"--state={folder / 'screens'}",
            *arguments,
        )

    async def start(self) -> None:
        """Start the screens; they appear in Home Assistant a little later."""
        username, password = self._broker.login or (None, None)
        login = (f"--username={username}", f"--password={password}") if username else ()
        broker = (f"--host={HOST}", f"--port={self._broker.port}", *login)
        await self.process.start(sys.executable, "-m", "simulator", *broker, *self._arguments, folder=ROOT)

    async def stop(self) -> None:
        """End the screens."""
        await self.process.terminate()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()


async def screen_states(api: Api, domain: str, key: str) -> dict[str, str]:
    """Return the states of one of the entities that each screen has, by entity id, but unknown ones."""
    unique_id = re.compile(rf"[0-9a-f-]{{36}}_{key}")
    states = await api.states()
    entity_ids = [row["entity_id"] for row in await api.entities() if unique_id.fullmatch(row["unique_id"])]
    return {
        entity_id: states[entity_id]["state"]
        for entity_id in sorted(entity_ids)
        if entity_id.startswith(f"{domain}.") and entity_id in states
        if states[entity_id]["state"] not in {"unavailable", "unknown"}
    }


async def let_in(api: Api) -> None:
    """Let the screens in that wait: more than twenty a minute do, until a person says so."""
    for issue in await api.issues():
        if issue["issue_id"].startswith("new_screens_"):
            repair = (await api.repair(issue["issue_id"])).expect("menu", step_id="init")
            await repair.choose("accept_all")


async def share_out(api: Api, count: int, groups: tuple[str, ...]) -> None:
    """Wait until so many screens are known, and put those without a group into the groups in turn."""

    async def all_there() -> dict[str, str] | None:
        await let_in(api)
        there = await screen_states(api, "select", "group")
        return there if len(there) >= count else None

    there = await until(all_there, f"{count} screens in Home Assistant", within=90, every=0.3)
    for number, (entity_id, group) in enumerate(there.items()):
        if group == UNASSIGNED:
            option = {"option": groups[number % len(groups)]}
            await api.act("select.select_option", option, entity_id=entity_id)


async def wait_healthy(api: Api, count: int, *, within: float = 120) -> None:
    """Wait until so many screens are let in and healthy."""
    states: dict[str, str] = {}

    async def all_healthy() -> bool:
        nonlocal states
        await let_in(api)
        states = await screen_states(api, "sensor", "status")
        return list(states.values()).count("healthy") >= count

    try:
        await until(all_healthy, f"{count} healthy screens", within=within, every=0.3)
    except RigError as error:
        raise RigError(f"{error}; they are {states}") from None
