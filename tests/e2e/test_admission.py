"""A new screen waits at the door of a real Home Assistant; another takes an old one's place."""

from collections.abc import AsyncGenerator
from dataclasses import replace
from datetime import timedelta

import pytest_asyncio

from rig.api import Api
from rig.broker import Mosquitto
from rig.fleet import add_group
from rig.hass import Hass
from rig.tap import Tap
from rig.waiting import until
from simulator import Fleet, Pace, SimulatedScreen

PACE = replace(Pace(), health=timedelta(seconds=0.5), heartbeat=timedelta(seconds=1))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def screens(home: Hass, fleet: str, broker: Mosquitto) -> AsyncGenerator[Fleet]:
    """Run two screens before a door that is closed."""
    await add_group(home.api, fleet, "Foyer", group_id=12)
    options = (await home.api.configure(fleet)).expect("form")
    closed = await options.submit({"screens": {"approve_new_screens": True}, "commands": {}})
    closed.expect("create_entry")
    async with Fleet(2, port=broker.port, pace=PACE) as screens:
        yield screens


async def shows(api: Api, screen: SimulatedScreen, key: str, domain: str = "sensor") -> str:
    """Return the id of one of a screen's entities."""
    return await api.entity(domain, f"{screen.identity.uuid}_{key}")


async def entities(api: Api, screen: SimulatedScreen) -> dict[str, str]:
    """Return the ids of a screen's entities, by the ends of their unique ids."""
    return {
        row["unique_id"].removeprefix(screen.identity.uuid): row["entity_id"]
        for row in await api.entities()
        if row["unique_id"].startswith(screen.identity.uuid)
    }


async def asked(home: Hass, *screens: SimulatedScreen) -> None:
    """Wait until the repairs of these screens stand, and no other."""
    wanted = {f"new_screen_{screen.identity.uuid}" for screen in screens}

    async def stand() -> bool:
        return {issue["issue_id"] for issue in await home.api.issues()} == wanted

    await until(stand, f"the repairs {wanted}")


async def test_a_screen_is_answered_once_it_is_let_in(home: Hass, screens: Fleet, tap: Tap) -> None:
    """Until then nothing is said to it, also by a Home Assistant that was killed meanwhile."""
    await asked(home, *screens)
    await home.stored("core.config_entries", '"approve_new_screens":true')
    await home.kill()
    await home.start()
    await asked(home, *screens)
    first, second = screens
    for screen in screens:
        await tap.never(f"infoscreen/{screen.identity.uuid}/discovery_ack", seconds=1)

    repair = (await home.api.repair(f"new_screen_{first.identity.uuid}")).expect("menu", step_id="init")
    (await repair.choose("accept")).expect("create_entry")
    await home.api.wait_state(await shows(home.api, first, "status"), "healthy")
    select = await shows(home.api, first, "group", "select")
    await home.api.act("select.select_option", {"option": "Foyer"}, entity_id=select)
    await first.until(lambda state: state.acknowledged and state.group_id == 12)
    await asked(home, second)
    assert not second.state.acknowledged


async def test_a_screen_in_anothers_place_has_its_entities_also_after_a_kill(
    home: Hass, screens: Fleet, tap: Tap
) -> None:
    """Home Assistant had written its registries before, and not after."""
    first, second = screens
    before = await entities(home.api, first)
    await home.stored("core.entity_registry", *(f"{first.identity.uuid}{key}" for key in before))
    await home.stored("core.device_registry", first.identity.uuid)
    await home.api.act(
        "infoscreen.replace_screen",
        {"old_uuid": first.identity.uuid, "new_uuid": second.identity.uuid},
    )
    await home.kill()
    await home.start()
    await second.until(lambda state: state.acknowledged and state.group_id == 12)
    after = await entities(home.api, second)
    assert after == before
    await home.api.wait_state(after["_status"], "healthy")
