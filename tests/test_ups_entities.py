"""What people see of a UPS, and what they can have it do."""

from collections.abc import Mapping
import os
from pathlib import Path
import re
from typing import Any

from homeassistant.components.switch import DOMAIN as SWITCH
from homeassistant.const import EntityCategory
from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError, Unauthorized
from homeassistant.helpers import device_registry as dr, entity_registry as er
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, MockUser

from custom_components.infoscreen.model.ups.values import family
from custom_components.infoscreen.ups.entity import entity_key
from custom_components.infoscreen.ups.variables import VARIABLES

from .conftest import Delete, Look, Poll
from .fake_nut import FakeNut
from .repairs import standing, told

TOWER = {
    "ups.status": "OL CHRG",
    "battery.charge": "104",
    "battery.runtime": "4980",
    "battery.date": "2024/05/06",
    "battery.mfr.date": "CPS",
    "ups.load": "23",
    "ups.realpower.nominal": "600",
    "ups.temperature": "294.0",
    "ups.test.result": "Done and passed",
    "input.voltage": "231.4",
    "input.L1-N.voltage": "230.1",
    "beeper.status": "Enabled",
    "battery.charger.status": "Resting",
    "ambient.temperature": "21.0",
    "ambient.present": "no",
    "outlet.1.status": "Closed",
    "outlet.1.switchable": "yes",
    "outlet.1.realpower": "55",
    "outlet.2.status": "off",
    "driver.name": "usbhid-ups",
}
COMMANDS = {
    "test.battery.start.quick",
    "beeper.mute",
    "load.off",
    "shutdown.return",
    "outlet.1.load.on",
    "outlet.1.load.off",
}


@pytest.fixture
def server_data() -> dict[str, Any]:
    """Give the server a login."""
    return {"username": "monitor", "password": "a secret"}


@pytest.fixture
async def tower(
    hass: HomeAssistant, nut: FakeNut, server_entry: MockConfigEntry, poll: Poll
) -> MockConfigEntry:
    """Follow a UPS with all there is, everything enabled."""
    nut.login = ("monitor", "a secret")
    nut.upses["rack"], nut.commands["rack"] = dict(TOWER), set(COMMANDS)
    server_entry.add_to_hass(hass)
    await hass.config_entries.async_setup(server_entry.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    registry = er.async_get(hass)
    for entity in er.async_entries_for_config_entry(registry, server_entry.entry_id):
        if entity.disabled_by is not None:
            registry.async_update_entity(entity.entity_id, disabled_by=None)
    await poll(31)
    return server_entry


def shown(hass: HomeAssistant, entry: MockConfigEntry, key: str = "rack") -> dict[tuple[str, str], str]:
    """Return what the entities of a UPS show, by platform and key."""
    found = er.async_entries_for_config_entry(er.async_get(hass), entry.entry_id)
    prefix = f"{entry.entry_id}_{key}_"
    return {
        (entity.domain, entity.unique_id.removeprefix(prefix)): state.state
        for entity in found
        if entity.unique_id.startswith(prefix) and (state := hass.states.get(entity.entity_id))
    }


async def test_what_a_ups_shows(hass: HomeAssistant, tower: MockConfigEntry) -> None:
    """Each variable by its key, what cannot be true as unknown, and nothing that is not there."""
    sensors = {key: value for (platform, key), value in shown(hass, tower).items() if platform == "sensor"}
    assert sensors == {
        "status": "online",
        "status_flags": "OL CHRG",
        "alert_level": "ok",
        "alarm": "none",
        "battery_charge": "100.0",
        "battery_runtime": "83.0",
        "runtime_text": "1h 23m",
        "battery_date": "2024-05-06",
        "battery_mfr_date": "unknown",
        "load": "23.0",
        "realpower_nominal": "600.0",
        "realpower_estimated": "138.0",
        "temperature": "unknown",
        "test_result": "done and passed",
        "input_voltage": "231.4",
        "input_l1_n_voltage": "230.1",
        "beeper_status": "enabled",
        "battery_charger_status": "resting",
        "outlet_1_realpower": "55.0",
    }
    others = {which: value for which, value in shown(hass, tower).items() if which[0] != "sensor"}
    assert others == {
        ("binary_sensor", "on_battery"): "off",
        ("binary_sensor", "low_battery"): "off",
        ("binary_sensor", "replace_battery"): "off",
        ("binary_sensor", "overload"): "off",
        ("binary_sensor", "bypass"): "off",
        ("binary_sensor", "alarm"): "off",
        ("binary_sensor", "charging"): "off",
        ("binary_sensor", "data_fresh"): "on",
        ("binary_sensor", "outlet_2_status"): "off",
        ("switch", "outlet_1_status"): "on",
        ("button", "test_battery_start_quick"): "unknown",
        ("button", "beeper_mute"): "unknown",
    }


async def test_what_hangs_on_an_outlet_is_no_detail_of_the_ups(
    hass: HomeAssistant, nut: FakeNut, server_entry: MockConfigEntry, look: Look
) -> None:
    """It is measured beside what the UPS itself tells, for those who enable it."""
    nut.upses["rack"] = dict(TOWER)
    server_entry.add_to_hass(hass)
    await hass.config_entries.async_setup(server_entry.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    registry, prefix = er.async_get(hass), f"{server_entry.entry_id}_rack"
    found = [
        registry.entities[look.entity_id("sensor", f"{prefix}_{key}")]
        for key in ("outlet_1_realpower", "input_l1_n_voltage")
    ]
    assert [each.entity_category for each in found] == [None, EntityCategory.DIAGNOSTIC]
    assert [each.disabled_by for each in found] == [er.RegistryEntryDisabler.INTEGRATION] * 2


async def test_what_is_rejected_is_counted_and_logged_once(
    nut: FakeNut, tower: MockConfigEntry, poll: Poll, caplog: pytest.LogCaptureFixture
) -> None:
    """Not at each poll."""
    caplog.clear()
    for volts in ("2320", "2321"):
        nut.upses["rack"]["input.voltage"] = volts
        await poll()
    rejected = tower.runtime_data.coordinator.rejected
    assert rejected["rack", "input.voltage", "implausible"] == 2
    assert caplog.text.count("as input.voltage, which cannot be true") == 1


async def test_a_mains_failure_is_seen(
    hass: HomeAssistant, nut: FakeNut, tower: MockConfigEntry, poll: Poll, look: Look
) -> None:
    """At once by what is shown, after five seconds by how grave it is."""
    nut.upses["rack"]["ups.status"] = "OB DISCHRG NEWFLAG"
    await poll()
    seen = shown(hass, tower)
    assert (seen["sensor", "status"], seen["binary_sensor", "on_battery"]) == ("on_battery", "on")
    assert look.attributes("sensor", f"{tower.entry_id}_rack_status")["flags"] == ["OB", "DISCHRG", "NEWFLAG"]
    await poll(6)
    assert shown(hass, tower)["sensor", "alert_level"] == "warning"
    assert look.attributes("sensor", f"{tower.entry_id}_rack_alert_level")["reasons"] == ["on_battery"]


async def test_a_ups_that_waits_is_no_alarm_and_gets_its_entities_later(
    hass: HomeAssistant, nut: FakeNut, server: MockConfigEntry, poll: Poll
) -> None:
    """That is what upsd says for the first second."""
    nut.upses["new"] = {"ups.status": "WAIT"}
    await poll()
    assert shown(hass, server, "new") == {
        ("sensor", "status"): "waiting",
        ("sensor", "alert_level"): "unknown",
    }
    nut.upses["new"] = {"ups.status": "OL", "battery.charge": "50"}
    await poll()
    seen = shown(hass, server, "new")
    assert (seen["sensor", "status"], seen["sensor", "battery_charge"]) == ("online", "50.0")
    nut.upses["new"]["ups.load"] = "7"
    await poll()
    assert shown(hass, server, "new")["sensor", "load"] == "7.0"


async def test_what_cannot_be_read_is_unavailable_and_says_why(
    hass: HomeAssistant, nut: FakeNut, tower: MockConfigEntry, poll: Poll, look: Look
) -> None:
    """Values at once, how grave it is after 15 seconds."""
    nut.bad["rack"] = "DATA-STALE"
    await poll()
    seen = shown(hass, tower)
    assert seen["sensor", "battery_charge"] == seen["binary_sensor", "on_battery"] == "unavailable"
    assert (seen["binary_sensor", "data_fresh"], seen["sensor", "alert_level"]) == ("off", "ok")
    why = look.attributes("binary_sensor", f"{tower.entry_id}_rack_data_fresh")
    assert (why["state"], why["reason"]) == ("stale", "DATA-STALE")
    await poll(16)
    assert shown(hass, tower)["sensor", "alert_level"] == "unknown"


async def test_a_ups_lost_on_battery_is_critical(
    hass: HomeAssistant, nut: FakeNut, tower: MockConfigEntry, poll: Poll
) -> None:
    """Its battery may be what ended."""
    nut.upses["rack"]["ups.status"] = "OB"
    await poll()
    await nut.stop()
    await poll(6)
    await poll(16)
    assert shown(hass, tower)["sensor", "alert_level"] == "critical"


async def press(hass: HomeAssistant, look: Look, entry: MockConfigEntry, key: str, user: str | None) -> None:
    """Press a button."""
    await hass.services.async_call(
        "button",
        "press",
        {"entity_id": look.entity_id("button", f"{entry.entry_id}_rack_{key}")},
        blocking=True,
        context=Context(user_id=user),
    )


async def test_a_button_sends_its_command(
    hass: HomeAssistant, nut: FakeNut, tower: MockConfigEntry, look: Look, hass_read_only_user: MockUser
) -> None:
    """Once; and only for administrators."""
    with pytest.raises(Unauthorized):
        await press(hass, look, tower, "beeper_mute", hass_read_only_user.id)
    assert nut.ran == []
    await press(hass, look, tower, "beeper_mute", None)
    assert nut.ran == ["beeper.mute"]


async def test_a_test_that_was_asked_for_raises_no_alarm(
    hass: HomeAssistant, nut: FakeNut, tower: MockConfigEntry, look: Look, poll: Poll
) -> None:
    """Though the UPS says that it is on battery."""
    await press(hass, look, tower, "test_battery_start_quick", None)
    nut.upses["rack"]["ups.status"] = "OB"
    await poll()
    await poll(11)
    assert shown(hass, tower)["sensor", "alert_level"] == "ok"


async def test_a_test_that_was_asked_for_before_a_restart_raises_no_alarm_after_it(
    hass: HomeAssistant,
    nut: FakeNut,
    tower: MockConfigEntry,
    look: Look,
    poll: Poll,
    hass_storage: dict[str, Any],
) -> None:
    """For as long as it may last, and no longer."""
    await press(hass, look, tower, "test_battery_start_quick", None)
    nut.upses["rack"]["ups.status"] = "OB"
    await hass.config_entries.async_reload(tower.entry_id)
    for _ in range(10):
        await poll(11)
        assert shown(hass, tower)["sensor", "alert_level"] == "ok"
    await poll(11)
    await poll(11)
    assert shown(hass, tower)["sensor", "alert_level"] == "warning"
    kept = f"infoscreen.{tower.entry_id}.battery_tests"
    assert kept in hass_storage
    await hass.config_entries.async_remove(tower.entry_id)
    assert kept not in hass_storage


async def test_a_test_that_was_not_carried_out_hides_no_outage(
    hass: HomeAssistant, nut: FakeNut, tower: MockConfigEntry, look: Look, poll: Poll
) -> None:
    """What runs on battery then is no test."""
    nut.denied = {"test.battery.start.quick"}
    with pytest.raises(HomeAssistantError):
        await press(hass, look, tower, "test_battery_start_quick", None)
    nut.upses["rack"]["ups.status"] = "OB"
    await poll()
    await poll(11)
    assert shown(hass, tower)["sensor", "alert_level"] == "warning"


async def test_an_outlet_is_switched(
    hass: HomeAssistant, nut: FakeNut, tower: MockConfigEntry, look: Look, poll: Poll
) -> None:
    """One that says that it can be."""
    target = {"entity_id": look.entity_id("switch", f"{tower.entry_id}_rack_outlet_1_status")}
    for service in ("turn_off", "turn_on"):
        await hass.services.async_call(SWITCH, service, target, blocking=True)
    assert nut.ran == ["outlet.1.load.off", "outlet.1.load.on"]
    await poll()


async def run(hass: HomeAssistant, look: Look, entry: MockConfigEntry, **fields: Any) -> None:
    """Perform the action on the UPS."""
    await hass.services.async_call(
        "infoscreen",
        "run_ups_command",
        fields,
        target={"device_id": look.device(entry, f"{entry.entry_id}_rack").id},
        blocking=True,
    )


async def test_power_is_cut_only_when_that_is_confirmed(
    hass: HomeAssistant, nut: FakeNut, tower: MockConfigEntry, look: Look
) -> None:
    """By the action, for there is no button."""
    for unconfirmed in ({}, {"confirm": False}):
        with pytest.raises(ServiceValidationError) as refused:
            await run(hass, look, tower, command="load.off", **unconfirmed)
        assert refused.value.translation_key == "ups_command_unconfirmed"
    assert nut.ran == []
    await run(hass, look, tower, command="shutdown.return", value="30", confirm=True)
    assert nut.ran == ["shutdown.return 30"]


async def test_a_command_the_ups_does_not_know(
    hass: HomeAssistant, nut: FakeNut, tower: MockConfigEntry, look: Look, poll: Poll
) -> None:
    """The error says which there are; and that a UPS that is not read has none to offer."""
    with pytest.raises(ServiceValidationError) as refused:
        await run(hass, look, tower, command="explode", confirm=True)
    assert refused.value.translation_key == "ups_command_unknown"
    nut.commands["rack"] = set()
    assert await hass.config_entries.async_reload(tower.entry_id)
    with pytest.raises(ServiceValidationError) as refused:
        await run(hass, look, tower, command="load.off", confirm=True)
    assert refused.value.translation_key == "ups_has_no_commands"


async def test_a_command_that_is_not_answered_is_not_sent_again(
    hass: HomeAssistant, nut: FakeNut, server_entry: MockConfigEntry, look: Look
) -> None:
    """It may have been carried out. The clock is not frozen here: what is waited for is time."""
    nut.login, nut.commands["rack"], nut.unanswered = ("monitor", "a secret"), {"load.off"}, {"load.off"}
    server_entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(server_entry.entry_id)
    with pytest.raises(HomeAssistantError) as raised:
        await run(hass, look, server_entry, command="load.off", confirm=True)
    assert raised.value.translation_key == "ups_command_unanswered"
    assert nut.ran == ["load.off"]


async def test_a_command_that_is_denied_says_what_to_add(
    hass: HomeAssistant, nut: FakeNut, tower: MockConfigEntry, look: Look
) -> None:
    """Until it is carried out."""
    nut.denied = {"load.off"}
    with pytest.raises(HomeAssistantError) as raised:
        await run(hass, look, tower, command="load.off", confirm=True)
    assert raised.value.translation_key == "ups_command_denied"
    (issue,) = standing(hass)
    assert (told(hass, issue) or {})["line"] == "instcmds = load.off"
    nut.denied = set()
    await run(hass, look, tower, command="load.off", confirm=True)
    assert standing(hass) == set()


async def test_a_denied_command_that_nobody_wants_to_send_again(
    hass: HomeAssistant, nut: FakeNut, tower: MockConfigEntry, look: Look
) -> None:
    """Loading the server anew, as another login does, ends the repair: nobody need cut the power for it."""
    nut.denied = {"load.off"}
    with pytest.raises(HomeAssistantError):
        await run(hass, look, tower, command="load.off", confirm=True)
    assert len(standing(hass)) == 1
    assert await hass.config_entries.async_reload(tower.entry_id)
    assert standing(hass) == set()


async def test_a_denied_command_of_a_ups_that_is_no_more(
    hass: HomeAssistant,
    nut: FakeNut,
    tower: MockConfigEntry,
    look: Look,
    poll: Poll,
    delete_device: Delete,
) -> None:
    """The repair goes with the UPS, and only with that one."""
    nut.upses["rack_2"], nut.commands["rack_2"] = dict(TOWER), set(COMMANDS)
    await poll()
    nut.denied = {"load.off"}
    for key in ("rack", "rack_2"):
        device = look.device(tower, f"{tower.entry_id}_{key}")
        with pytest.raises(HomeAssistantError):
            await hass.services.async_call(
                "infoscreen",
                "run_ups_command",
                {"command": "load.off", "confirm": True, "device_id": device.id},
                blocking=True,
            )
    del nut.upses["rack"]
    await poll()
    assert await delete_device(look.device(tower, f"{tower.entry_id}_rack").id) is None
    await hass.async_block_till_done()
    assert standing(hass) == {f"command_denied_{tower.entry_id}_rack_2_load.off"}


async def test_other_failures_of_a_command(
    hass: HomeAssistant, nut: FakeNut, tower: MockConfigEntry, look: Look
) -> None:
    """Each has its words."""
    with pytest.raises(HomeAssistantError) as raised:
        await run(hass, look, tower, command="load.off", value="ä", confirm=True)
    assert raised.value.translation_key == "ups_command_unsayable"
    nut.commands["rack"] = set()
    with pytest.raises(HomeAssistantError) as raised:
        await run(hass, look, tower, command="load.off", confirm=True)
    assert raised.value.translation_key == "ups_command_refused"
    await nut.stop()
    with pytest.raises(HomeAssistantError) as raised:
        await run(hass, look, tower, command="load.off", confirm=True)
    assert raised.value.translation_key == "ups_command_not_sent"


async def test_a_command_for_which_a_login_is_required(
    hass: HomeAssistant, nut: FakeNut, server_entry: MockConfigEntry, look: Look
) -> None:
    """It is asked for; no line in upsd.users gives rights to nobody."""
    nut.commands["rack"] = {"load.off"}
    server_entry.add_to_hass(hass)
    data = {key: value for key, value in server_entry.data.items() if key in {"host", "port"}}
    hass.config_entries.async_update_entry(server_entry, data=data)
    assert await hass.config_entries.async_setup(server_entry.entry_id)
    with pytest.raises(HomeAssistantError) as raised:
        await run(hass, look, server_entry, command="load.off", confirm=True)
    assert raised.value.translation_key == "ups_command_needs_login"
    await hass.async_block_till_done()
    (step,) = hass.config_entries.flow.async_progress()
    assert step["step_id"] == "reauth_ups"
    assert standing(hass) == set()


async def test_whom_a_command_is_for(
    hass: HomeAssistant, tower: MockConfigEntry, hass_read_only_user: MockUser
) -> None:
    """UPSes, and administrators."""
    call = hass.services.async_call
    data = {"command": "load.off", "confirm": True}
    for target, key in (
        ({}, "no_target"),
        ({"area_id": "nowhere"}, "no_ups_in_target"),
        ({"device_id": "strange"}, "no_ups"),
    ):
        with pytest.raises(ServiceValidationError) as refused:
            await call("infoscreen", "run_ups_command", data | target, blocking=True)
        assert refused.value.translation_key == key
    (device, *_) = dr.async_entries_for_config_entry(dr.async_get(hass), tower.entry_id)
    assert await hass.config_entries.async_unload(tower.entry_id)
    with pytest.raises(ServiceValidationError) as refused:
        await call("infoscreen", "run_ups_command", data | {"device_id": device.id}, blocking=True)
    assert refused.value.translation_placeholders == {"name": "rack"}
    reader = Context(user_id=hass_read_only_user.id)
    with pytest.raises(Unauthorized):
        await call("infoscreen", "run_ups_command", data, blocking=True, context=reader)


async def test_of_several_upses_one_failure_stops_no_other(
    hass: HomeAssistant, nut: FakeNut, tower: MockConfigEntry, look: Look, poll: Poll
) -> None:
    """The error names those that failed."""
    nut.upses["lab"], nut.commands["lab"] = {"ups.status": "OL"}, {"beeper.mute", "load.off"}
    await poll()
    nut.commands["lab"] = set()
    devices = [look.device(tower, f"{tower.entry_id}_{key}").id for key in ("lab", "rack")]
    with pytest.raises(HomeAssistantError) as raised:
        await hass.services.async_call(
            "infoscreen",
            "run_ups_command",
            {"command": "beeper.mute", "confirm": True},
            target={"device_id": devices},
            blocking=True,
        )
    assert raised.value.translation_placeholders == {"command": "beeper.mute", "upses": "lab"}
    assert nut.ran == ["beeper.mute"]


DUMPS = Path(os.environ.get("INFOSCREEN_UPS_DUMPS") or "/nonexistent")


def read_dump(path: Path) -> Mapping[str, str]:
    """Return the variables of a recorded UPS; notes of those who reported it are no part of them."""
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    found = (re.match(r"([A-Za-z][\w.-]*):(?: (.*))?$", line) for line in lines)
    values = {match[1]: match[2] or "" for match in found if match}
    return {
        name: re.sub(r"\s*#(?:BAD|COMMENT).*", "", value).encode("ascii", "ignore").decode()
        for name, value in values.items()
    }


def read_dumps() -> dict[str, Mapping[str, str]]:
    """Return all recorded UPSes."""
    return {f"ups{number}": read_dump(path) for number, path in enumerate(sorted(DUMPS.rglob("*.dev")))}


@pytest.mark.skipif(not DUMPS.is_dir(), reason="INFOSCREEN_UPS_DUMPS names no folder of recorded UPSes")
async def test_every_recorded_ups_is_shown_right(
    hass: HomeAssistant, nut: FakeNut, server_entry: MockConfigEntry, caplog: pytest.LogCaptureFixture
) -> None:
    """No exception, no error in the log, and each plain number as the device said it."""
    dumps = read_dumps()
    assert dumps
    nut.upses = {name: dict(values) for name, values in dumps.items()}
    server_entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(server_entry.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert [record.message for record in caplog.records if record.levelname == "ERROR"] == []
    for name, values in dumps.items():
        seen = shown(hass, server_entry, name)
        for variable in ("battery.charge", "ups.load", "input.voltage"):
            if variable not in values:
                continue
            state = seen["sensor", entity_key(family(variable))]
            assert variable in VARIABLES
            if state != "unknown":
                assert float(state) == min(float(values[variable]), 100 if "charge" in variable else 1000)
        flags = values.get("ups.status", "").split()
        if "OL" in flags and not {"OB", "FSD", "OFF", "CAL", "TEST", "OVER", "BYPASS"} & set(flags):
            assert seen["sensor", "status"] == "online", (name, flags)
            assert seen["binary_sensor", "on_battery"] == "off"
