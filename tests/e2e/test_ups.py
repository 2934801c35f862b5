"""A real NUT server and a real Home Assistant: what happens to UPSes is seen, and in time."""

from collections.abc import AsyncGenerator
from functools import partial
from typing import Any

import pytest
import pytest_asyncio

from rig.api import Api
from rig.hass import Hass
from rig.nut import Nut
from rig.ports import HOST
from rig.ups_driver import UpsDriver
from rig.waiting import heard, until

from ..programs import need_nut

USERS = "[monitor]\npassword = secret\nupsmon primary\nactions = SET FSD\ninstcmds = ALL\n"
ONLINE = {"ups__status": "OL", "battery__charge": "100", "battery__runtime": "4980", "ups__load": "12"}
#: A poll, twice the time of a driver, and a busy machine.
IN_TIME = 20
#: The server's silence is an error in the log of Home Assistant, and rightly so.
SILENCE = ("Error fetching NUT server",)
#: So are commands that are not carried out.
REFUSED = ("did not carry out",)
TOWER = ONLINE | {"outlet__1__switchable": "yes", "outlet__1__status": "on"}
OUTLET = {f"outlet.1.load.{what}" for what in ("on", "off", "cycle")}
CYCLE = {"command": "outlet.1.load.cycle", "value": "5"}
GUEST = "[guest]\npassword = other\nupsmon secondary\n"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def nut(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Nut]:
    """Run a NUT server with two UPSes."""
    need_nut()
    async with Nut(tmp_path_factory.mktemp("nut"), USERS) as nut:
        await nut.add("rack", **ONLINE)
        await nut.add("office", **ONLINE)
        await nut.start()
        yield nut


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def server(home: Hass, nut: Nut) -> str:
    """Follow the NUT server and return the id of its entry."""
    menu = (await home.api.add_integration("infoscreen")).expect("menu", step_id="user")
    form = (await menu.choose("ups")).expect("form", step_id="ups")
    step = await form.submit({"host": HOST, "port": nut.port, "username": "monitor", "password": "secret"})
    step.expect("form", step_id="select_ups")
    done = (await step.submit({"upses": ["rack", "office"]})).expect(
        "create_entry", description="login_verified"
    )
    entry_id: str = done.result["entry_id"]
    await home.api.wait_entry(entry_id)
    return entry_id


class Seen:
    """What Home Assistant shows of the UPSes."""

    def __init__(self, api: Api, entry_id: str) -> None:
        self._api = api
        self._entry_id = entry_id

    async def becomes(
        self, ups: str, key: str, wanted: Any, *, domain: str = "sensor", within: float = IN_TIME
    ) -> dict[str, Any]:
        """Wait until something of a UPS is as wanted."""
        entity_id = await self._api.entity(domain, f"{self._entry_id}_{ups}_{key}", within=within)
        return await self._api.wait_state(entity_id, wanted, within=within)

    async def is_read(self, ups: str, state: str) -> None:
        """Wait until a UPS can be read, or cannot for a reason."""
        await self.becomes(ups, "alert_level", lambda seen: seen["attributes"].get("data") == state)

    async def repair(self, kind: str, ups: str, *, stands: bool = True) -> dict[str, Any]:
        """Wait until a repair stands, or does not; return it."""
        issue_id, found = f"{kind}_{self._entry_id}_{ups}", dict[str, Any]()

        async def as_wanted() -> bool:
            standing = {issue["issue_id"]: issue for issue in await self._api.issues()}
            found.update(standing.get(issue_id, {}))
            return (issue_id in standing) is stands

        await until(as_wanted, f"{kind} of {ups} {'stands' if stands else 'is gone'}", within=IN_TIME)
        return found


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def tower(nut: Nut, server: str) -> UpsDriver:
    """Have one more UPS, behind a driver of our own."""
    return await nut.add_own("tower", {"beeper.mute", *OUTLET}, **TOWER)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def outlet(home: Hass, server: str, tower: UpsDriver) -> str:
    """Enable the switch of an outlet of the tower."""
    outlet = await home.api.entity("switch", f"{server}_tower_outlet_1_status")
    await home.api.enable(outlet)
    return outlet


@pytest_asyncio.fixture(loop_scope="module")
async def mute(home: Hass, server: str, tower: UpsDriver) -> str:
    """Return the button that mutes the tower."""
    return await home.api.entity("button", f"{server}_tower_beeper_mute")


@pytest_asyncio.fixture(loop_scope="module")
async def device(home: Hass, server: str, mute: str) -> str:
    """Return the tower's device."""
    (device,) = (device["id"] for device in await home.api.devices(server) if device["name"] == "tower")
    return str(device)


@pytest.fixture
def seen(home: Hass, server: str) -> Seen:
    """Return what is seen."""
    return Seen(home.api, server)


async def test_a_mains_failure_and_its_end(nut: Nut, seen: Seen) -> None:
    """Within a poll, faster while it lasts; the other UPS knows nothing of it."""
    await seen.becomes("rack", "status", "online")
    nut.say("rack", **ONLINE | {"ups__status": "OB DISCHRG", "battery__charge": "90"})
    await seen.becomes("rack", "on_battery", "on", domain="binary_sensor")
    await seen.becomes("rack", "alert_level", "warning")
    nut.say("rack", **ONLINE | {"ups__status": "OB LB", "battery__charge": "19"})
    await seen.becomes("rack", "status", "low_battery", within=12)
    await seen.becomes("rack", "alert_level", "critical")
    await seen.becomes("office", "status", "online")
    nut.say("rack", **ONLINE)
    await seen.becomes("rack", "status", "online", within=12)
    await seen.becomes("rack", "alert_level", "ok")


async def test_a_driver_that_hangs_makes_its_ups_stale_and_no_other(nut: Nut, seen: Seen) -> None:
    """It is back as soon as the driver is."""
    nut.hold(nut.drivers["rack"])
    await seen.is_read("rack", "stale")
    await seen.becomes("rack", "battery_charge", "unavailable")
    await seen.is_read("office", "ok")
    nut.release(nut.drivers["rack"])
    await seen.is_read("rack", "ok")


async def test_a_driver_that_is_killed_is_missed(nut: Nut, seen: Seen) -> None:
    """By a repair, until it runs again."""
    await nut.drivers["rack"].kill()
    await seen.is_read("rack", "driver_lost")
    await seen.repair("driver_not_connected", "rack")
    await nut.start_driver("rack")
    await seen.is_read("rack", "ok")
    await seen.repair("driver_not_connected", "rack", stands=False)


@pytest.mark.usefixtures("outlet")  # by its end, nearly, Home Assistant has loaded what was enabled
async def test_upses_come_and_go(nut: Nut, seen: Seen) -> None:
    """While Home Assistant runs."""
    await nut.add("lab", **ONLINE)
    await seen.becomes("lab", "status", "online", within=30)
    await nut.remove("lab")
    await seen.is_read("lab", "not_found")
    await seen.repair("ups_not_found", "lab")


class TestTower:
    """A UPS that can be told something."""

    @pytest.mark.parametrize("expected_problems", [REFUSED])
    async def test_an_outlet_is_as_its_driver_says(self, home: Hass, outlet: str, tower: UpsDriver) -> None:
        """Not as it was told to be: a driver may fail, or know better."""
        await home.api.wait_state(outlet, "on", within=60)
        before = len(tower.ran)
        for wanted in ("off", "on"):
            await home.api.act(f"switch.turn_{wanted}", entity_id=outlet)
            await home.api.wait_state(outlet, wanted, within=IN_TIME)
        tower.fails.add("outlet.1.load.off")
        with pytest.raises(Exception, match=r"outlet\.1\.load\.off: the NUT server answers FAILED"):
            await home.api.act("switch.turn_off", entity_id=outlet)
        tower.forget("outlet.1.load.off")
        with pytest.raises(Exception, match=r"outlet\.1\.load\.off: .* CMD-NOT-SUPPORTED"):
            await home.api.act("switch.turn_off", entity_id=outlet)
        tower.say("outlet.1.status", "off")
        await home.api.wait_state(outlet, "off", within=IN_TIME)
        assert tower.ran[before:] == [f"outlet.1.load.{what}" for what in ("off", "on", "off")]

    @pytest.mark.parametrize("expected_problems", [REFUSED])
    async def test_a_command_reaches_the_driver_once(
        self, home: Hass, seen: Seen, mute: str, tower: UpsDriver, device: str
    ) -> None:
        """By a button or by the action; never without being confirmed."""
        before = len(tower.ran)
        await home.api.act("button.press", entity_id=mute)
        await heard(tower.ran, lambda ran: ran == "beeper.mute", "the beeper is muted")
        with pytest.raises(Exception, match=r"outlet\.1\.load\.cycle"):
            await home.api.act("infoscreen.run_ups_command", CYCLE, device_id=device)
        await home.api.act("infoscreen.run_ups_command", CYCLE | {"confirm": True}, device_id=device)
        tower.lose_device()
        await seen.is_read("tower", "stale")
        with pytest.raises(Exception, match="DATA-STALE"):
            await home.api.act("infoscreen.run_ups_command", CYCLE | {"confirm": True}, device_id=device)
        tower.lose_device(lost=False)
        await seen.is_read("tower", "ok")
        assert tower.ran[before:] == ["beeper.mute", "outlet.1.load.cycle 5"]

    @pytest.mark.parametrize("expected_problems", [REFUSED])
    async def test_a_user_without_the_right_is_told_what_to_add(
        self, home: Hass, nut: Nut, seen: Seen, server: str, mute: str, tower: UpsDriver, device: str
    ) -> None:
        """The repair goes once that was done and the command is carried out."""
        run = partial(home.api.act, "infoscreen.run_ups_command", CYCLE | {"confirm": True}, device_id=device)
        press = partial(home.api.act, "button.press", entity_id=mute)
        await nut.let_in(USERS + GUEST)
        await be(home.api, server, nut, "guest", "other")
        told = (("beeper.mute", press), ("outlet.1.load.cycle", run))
        before, users = len(tower.ran), USERS + GUEST
        for command, tell in told:
            with pytest.raises(Exception, match=f"carry out {command}: .* Add the command to instcmds"):
                await tell()
            repair = await seen.repair("command_denied", f"tower_{command}")
            assert repair["translation_placeholders"] == {
                "server": HOST,
                "user": "guest",
                "command": command,
                "line": f"instcmds = {command}",
            }
            users += f"{repair['translation_placeholders']['line']}\n"
        assert tower.ran[before:] == []
        await nut.let_in(users)
        for command, tell in told:
            await tell()
            await seen.repair("command_denied", f"tower_{command}", stands=False)
        assert tower.ran[before:] == ["beeper.mute", "outlet.1.load.cycle 5"]
        await be(home.api, server, nut, "monitor", "secret")


async def be(api: Api, server: str, nut: Nut, username: str, password: str) -> None:
    """Give the NUT server's entry another login."""
    form = (await api.reconfigure("infoscreen", server)).expect("form", step_id="ups")
    login = {"username": username, "password": password}
    step = await form.submit({"host": HOST, "port": nut.port, **login})
    step.expect("form", step_id="select_ups")
    done = await step.submit({"upses": ["rack", "office", "tower"]})
    done.expect("abort", reason="reconfigure_successful")
    await api.wait_entry(server)


async def test_an_order_to_shut_down_stays_though_the_mains_are_back(nut: Nut, seen: Seen) -> None:
    """A restart of upsd clears it."""
    await nut.order_shutdown("office", "monitor", "secret")
    await seen.becomes("office", "status", "forced_shutdown")
    await seen.becomes("office", "alert_level", "critical")
    await seen.repair("fsd_latched", "office")
    await nut.upsd.kill()
    await nut.start()
    await seen.becomes("office", "status", "online", within=30)
    await seen.repair("fsd_latched", "office", stands=False)


@pytest.mark.parametrize("expected_problems", [SILENCE])
async def test_a_server_that_is_killed_and_one_that_hangs(nut: Nut, seen: Seen) -> None:
    """Both are down, and come back by themselves."""
    await nut.upsd.kill()
    await seen.becomes("rack", "battery_charge", "unavailable", within=60)
    await seen.is_read("rack", "server_lost")
    await nut.start()
    await seen.becomes("rack", "status", "online", within=75)
    nut.hold(nut.upsd)
    await seen.becomes("rack", "status", "unavailable", within=90)
    nut.release(nut.upsd)
    await seen.becomes("rack", "status", "online", within=75)
