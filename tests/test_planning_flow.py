"""Periods and holidays are planned in the options, too."""

from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest.mock import patch

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from .conftest import Look
from .disks import full_disk
from .wire import Wire

OPTIONS = {
    "screens": {"heartbeat_grace_seconds": 170, "compatibility_topics": True},
    "commands": {"command_expiry_seconds": 240, "commands_for_all_users": False},
}
YEAR = {"name": "2026/27", "start": "2026-09-01", "end": "2027-07-02", "period_type": "schuljahr"}
STORM = {"name": "Storm", "start": "2026-11-23", "end": "2026-11-24"}

type Plan = Callable[..., Any]


@pytest.fixture
async def plan(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, fleet: MockConfigEntry, wire: Wire
) -> Plan:
    """Return what goes through the options and what follows; it returns the last form, or None at the end."""
    freezer.move_to("2026-11-23 06:00:00+00:00")
    await hass.config.async_set_time_zone("Europe/Vienna")
    await hass.config.async_update(language="de")

    async def plans(what: str, *inputs: dict[str, Any]) -> Any:
        manager = hass.config_entries.options
        form = await manager.async_init(fleet.entry_id)
        form = await manager.async_configure(
            form["flow_id"], OPTIONS | {"schedule": {"refresh_seconds": 0, "plan_next": what}}
        )
        for given in inputs:
            form = await manager.async_configure(form["flow_id"], given)
        await wire.settle()
        wire.rest()
        return None if form["type"] is FlowResultType.CREATE_ENTRY else form

    return plans


@pytest.fixture
def told(hass: HomeAssistant, fleet: MockConfigEntry, look: Look) -> Callable[[str], Any]:
    """Return what asks the fleet for its periods or holidays."""
    target = {"device_id": look.device(fleet, fleet.entry_id).id}

    async def tells(what: str) -> Any:
        response = await hass.services.async_call(
            "infoscreen", f"get_{what}", target=target, blocking=True, return_response=True
        )
        assert response is not None
        return response[what]

    return tells


async def test_a_period_is_made_changed_put_away_and_deleted(
    fleet: MockConfigEntry, plan: Plan, told: Callable[[str], Any]
) -> None:
    """Product, "Config entries": the options are kept with it."""
    assert await plan("periods", {}, YEAR | {"then": "keep"}) is None
    assert fleet.options["refresh_seconds"] == 0
    assert "plan_next" not in fleet.options
    form = await plan("periods", {"period": "1"})
    assert form["step_id"] == "period"
    summer = {"name": "Summer", "start": "2027-02-08", "end": "2027-07-02", "period_type": "semester"}
    assert await plan("periods", {}, summer | {"then": "activate"}) is None
    assert [each["active"] for each in await told("periods")] == [False, True]
    assert await plan("periods", {"period": "1"}, YEAR | {"then": "archive"}) is None
    assert [each["archived"] for each in await told("periods")] == [True, False]
    assert await plan("periods", {"period": "1"}, YEAR | {"then": "restore"}) is None
    assert await plan("periods", {"period": "1"}, YEAR | {"then": "archive"}) is None
    assert await plan("periods", {"period": "1"}, YEAR | {"then": "delete"}) is None
    assert [each["name"] for each in await told("periods")] == ["Summer"]


async def test_what_is_refused_is_told_in_the_form(plan: Plan, told: Callable[[str], Any]) -> None:
    """In Home Assistant's language, and nothing is changed."""
    form = await plan("periods", {}, YEAR | {"end": "2026-01-01", "then": "keep"})
    assert (form["step_id"], form["errors"]) == ("period", {"base": "refused"})
    assert "vor dem Beginn am 2026-09-01" in form["description_placeholders"]["reason"]
    assert await told("periods") == []


async def test_a_holiday_is_made_changed_and_deleted(plan: Plan, told: Callable[[str], Any]) -> None:
    """With the same rules as the actions."""
    await plan("periods", {}, YEAR | {"then": "keep"})
    assert await plan("holidays", {}, STORM | {"period": "1", "region": "Wien"}) is None
    form = await plan("holidays", {}, STORM | {"period": "1", "name": "Other"})
    assert (form["step_id"], form["errors"]) == ("holiday", {"base": "refused"})
    assert (
        await plan(
            "holidays", {"holiday": "1"}, STORM | {"period": "1", "end": "2026-11-25", "delete": False}
        )
        is None
    )
    (only,) = await told("holidays")
    assert (only["end"], only["region"]) == ("2026-11-25", None)
    assert await plan("holidays", {"holiday": "1"}, STORM | {"period": "1", "delete": True}) is None
    assert await told("holidays") == []


@pytest.mark.parametrize("what", ["holidays", "list"])
async def test_holidays_without_a_period_are_refused_before_they_are_asked_for(plan: Plan, what: str) -> None:
    """Else a person would fill in a form that cannot be sent."""
    form = await plan(what)
    assert (form["step_id"], form["errors"]) == ("init", {"base": "no_period"})
    assert await plan("periods", {}, YEAR | {"then": "keep"}) is None
    assert (await plan(what))["step_id"] == what


async def test_what_is_new_can_neither_be_deleted_nor_put_away(plan: Plan) -> None:
    """There is nothing yet to do it to."""
    assert (await plan("periods", {}))["data_schema"].schema["then"].config["options"] == ["keep", "activate"]
    await plan("periods", {}, YEAR | {"then": "keep"})
    assert "delete" not in (await plan("holidays", {}))["data_schema"].schema


async def test_a_list_is_taken_from_a_file(plan: Plan, told: Callable[[str], Any], tmp_path: Path) -> None:
    """Also one in Latin-1; what became of it is shown."""
    await plan("periods", {}, YEAR | {"then": "keep"})
    file = tmp_path / "ferien.csv"
    file.write_bytes("M\u00e4rzferien;01.03.2027;05.03.2027\nnie;irgendwann\n".encode("latin-1"))
    where = "custom_components.infoscreen.planning_flow.process_uploaded_file"
    given = {"period": "1", "file": "0" * 32}
    with patch(where) as uploaded:
        uploaded.return_value.__enter__.return_value = file
        form = await plan("list", given)
        assert form["step_id"] == "taken"
        assert form["description_placeholders"] == {
            "inserted": "1",
            "updated": "0",
            "merged": "0",
            "skipped": "1",
            "lines": "2: nie;irgendwann",
        }
        assert await plan("list", given, {}) is None
        assert [each["name"] for each in await told("holidays")] == ["M\u00e4rzferien"]
        file.write_text("")
        form = await plan("list", given)
    assert (form["step_id"], form["errors"]) == ("list", {"base": "refused"})


async def test_a_list_that_was_refused_can_be_sent_again(
    hass: HomeAssistant, plan: Plan, tmp_path: Path
) -> None:
    """The form still holds the file; Home Assistant has deleted it once it was fetched."""
    await plan("periods", {}, YEAR | {"then": "keep"})
    file = tmp_path / "ferien.csv"
    file.write_text("Storm;23.11.2026")
    given = {"period": "1", "file": "0" * 32}
    with patch("custom_components.infoscreen.planning_flow.process_uploaded_file") as uploaded:
        uploaded.return_value.__enter__.side_effect = [file, ValueError("File does not exist")]
        with full_disk():
            form = await plan("list", given)
        assert (form["step_id"], form["errors"]) == ("list", {"base": "refused"})
        form = await hass.config_entries.options.async_configure(form["flow_id"], given)
        assert form["step_id"] == "taken"
        form = await plan("list", given)
    assert (form["step_id"], form["errors"]) == ("list", {"base": "refused"})
    assert "erneut hoch" in form["description_placeholders"]["reason"]


async def test_a_full_disk_is_told_in_the_form(plan: Plan, told: Callable[[str], Any]) -> None:
    """With what was filled in, which need not be typed again."""
    with full_disk():
        form = await plan("periods", {}, YEAR | {"then": "keep"})
    assert (form["step_id"], form["errors"]) == ("period", {"base": "refused"})
    assert "nicht gespeichert" in form["description_placeholders"]["reason"]
    assert await told("periods") == []


async def test_what_was_deleted_meanwhile_is_told_in_the_form(
    hass: HomeAssistant, plan: Plan, told: Callable[[str], Any]
) -> None:
    """Somebody else plans, too."""
    past = YEAR | {"start": "2024-09-02", "end": "2025-06-27"}
    await plan("periods", {}, past | {"then": "keep"})
    form = await plan("periods")
    for then in ("archive", "delete"):
        assert await plan("periods", {"period": "1"}, past | {"then": then}) is None
    manager = hass.config_entries.options
    form = await manager.async_configure(form["flow_id"], {"period": "1"})
    form = await manager.async_configure(form["flow_id"], past | {"then": "keep"})
    assert (form["step_id"], form["errors"]) == ("period", {"base": "refused"})
    assert await told("periods") == []


async def test_a_fleet_that_does_not_run_plans_nothing(
    hass: HomeAssistant, fleet: MockConfigEntry, plan: Plan
) -> None:
    """Its periods are not there to be changed."""
    await hass.config_entries.async_unload(fleet.entry_id)
    form = await plan("periods")
    assert (form["type"], form["reason"]) == (FlowResultType.ABORT, "fleet_not_loaded")
