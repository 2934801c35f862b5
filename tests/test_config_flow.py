"""A fleet is set up, found, moved and tuned."""

from typing import Any
from unittest.mock import patch

from homeassistant.components import mqtt
from homeassistant.config_entries import ConfigEntryState, ConfigFlowResult
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType, InvalidData
from homeassistant.helpers.service_info.mqtt import MqttServiceInfo
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
import voluptuous as vol

from .conftest import UUID, Look
from .wire import Wire

FLEET = {"transport": "mqtt", "topic_prefix": "infoscreen"}


async def form(hass: HomeAssistant) -> str:
    """Go through the menu to the form of a fleet; return the flow's id."""
    menu = await hass.config_entries.flow.async_init("infoscreen", context={"source": "user"})
    assert (menu["type"], menu["menu_options"]) == (FlowResultType.MENU, ["fleet", "ups"])
    shown = await hass.config_entries.flow.async_configure(menu["flow_id"], {"next_step_id": "fleet"})
    assert (shown["type"], shown["step_id"]) == (FlowResultType.FORM, "fleet")
    return shown["flow_id"]


def found(payload: str | bytes = f'{{"uuid": "{UUID}"}}') -> MqttServiceInfo:
    """Return what Home Assistant's MQTT integration makes of a discovery."""
    return MqttServiceInfo(
        topic="infoscreen/discovery",
        payload=payload,
        qos=1,
        retain=False,
        subscribed_topic="infoscreen/discovery",
        timestamp=0.0,
    )


async def test_a_fleet_is_tried_and_made(hass: HomeAssistant, wire: Wire) -> None:
    """The default prefix needs no more than a click."""
    done = await hass.config_entries.flow.async_configure(await form(hass), FLEET)
    assert (done["type"], done["title"], done["data"]) == (FlowResultType.CREATE_ENTRY, "Infoscreen", FLEET)
    assert done["result"].unique_id == "mqtt/infoscreen"
    assert done["result"].state is ConfigEntryState.LOADED


async def test_a_fleet_of_another_site_has_its_own_prefix(hass: HomeAssistant, wire: Wire) -> None:
    """Contract: the prefix may have several levels."""
    done = await hass.config_entries.flow.async_configure(
        await form(hass), FLEET | {"topic_prefix": " site1/infoscreen "}
    )
    assert (done["title"], done["data"]["topic_prefix"]) == (
        "Infoscreen site1/infoscreen",
        "site1/infoscreen",
    )
    await wire.hears("site1/infoscreen/discovery", {"uuid": UUID})
    assert wire.said(f"site1/infoscreen/{UUID}/discovery_ack").json["client_uuid"] == UUID
    wire.rest()


@pytest.mark.parametrize("prefix", ["", "/", "a//b", "a/", "/a", "a/+", "#", "$SYS", "a b", "x" * 201])
async def test_a_prefix_that_is_none_is_refused_in_the_form(
    hass: HomeAssistant, wire: Wire, prefix: str
) -> None:
    """A wildcard in it would listen to strangers."""
    shown = await hass.config_entries.flow.async_configure(await form(hass), FLEET | {"topic_prefix": prefix})
    assert shown["errors"] == {"topic_prefix": "invalid_prefix"}


async def test_a_fleet_is_not_made_while_the_broker_is_away(hass: HomeAssistant, wire: Wire) -> None:
    """It is, once the broker is back, from the same form."""
    flow_id = await form(hass)
    await wire.breaks()
    shown = await hass.config_entries.flow.async_configure(flow_id, FLEET)
    assert shown["errors"] == {"base": "cannot_connect"}
    await wire.mends()
    done = await hass.config_entries.flow.async_configure(flow_id, FLEET)
    assert done["type"] is FlowResultType.CREATE_ENTRY


async def test_a_fleet_is_not_made_without_the_mqtt_integration(
    hass: HomeAssistant, enable_custom_integrations: None
) -> None:
    """There is nothing to listen with."""
    shown = await hass.config_entries.flow.async_configure(await form(hass), FLEET)
    assert shown["errors"] == {"base": "cannot_connect"}


async def test_a_broker_that_grants_nothing_is_no_connection(hass: HomeAssistant, wire: Wire) -> None:
    """Connected is not enough: an access list may forbid to listen."""
    with (
        patch("homeassistant.components.mqtt.async_on_subscribe_done", return_value=lambda: None),
        patch("custom_components.infoscreen.broker.hass.TRY_TIMEOUT") as patience,
    ):
        patience.total_seconds.return_value = 0.01
        shown = await hass.config_entries.flow.async_configure(await form(hass), FLEET)
    assert shown["errors"] == {"base": "cannot_connect"}


async def test_a_fleet_is_made_where_somebody_listens_with_another_qos(
    hass: HomeAssistant, wire: Wire
) -> None:
    """An automation of the user's own, perhaps; the broker answers for the highest that is wanted."""
    await mqtt.async_subscribe(hass, "infoscreen/+/heartbeat", lambda _message: None, 2)
    done = await hass.config_entries.flow.async_configure(await form(hass), FLEET)
    assert done["type"] is FlowResultType.CREATE_ENTRY


async def test_one_fleet_is_set_up_once(hass: HomeAssistant, fleet: MockConfigEntry) -> None:
    """Product: unique per broker and prefix."""
    end = await hass.config_entries.flow.async_configure(await form(hass), FLEET)
    assert (end["type"], end["reason"]) == (FlowResultType.ABORT, "already_configured")


async def test_a_fleet_is_found_by_its_screens(hass: HomeAssistant, wire: Wire) -> None:
    """Found, confirmed, made."""
    shown = await hass.config_entries.flow.async_init("infoscreen", context={"source": "mqtt"}, data=found())
    assert (shown["type"], shown["step_id"]) == (FlowResultType.FORM, "confirm")
    await wire.breaks()
    again = await hass.config_entries.flow.async_configure(shown["flow_id"], {})
    assert again["errors"] == {"base": "cannot_connect"}
    await wire.mends()
    done = await hass.config_entries.flow.async_configure(shown["flow_id"], {})
    assert (done["type"], done["data"]) == (FlowResultType.CREATE_ENTRY, FLEET)


async def test_what_is_found_again_or_is_no_screen_is_left_alone(
    hass: HomeAssistant, fleet: MockConfigEntry
) -> None:
    """Every announcement starts a flow; it ends at once."""
    again = await hass.config_entries.flow.async_init("infoscreen", context={"source": "mqtt"}, data=found())
    assert again["reason"] == "already_configured"
    for payload in ("no screen", b"\xff"):
        other = await hass.config_entries.flow.async_init(
            "infoscreen", context={"source": "mqtt"}, data=found(payload)
        )
        assert other["reason"] == "invalid_discovery_info"


async def test_a_fleet_moves_to_another_prefix(
    hass: HomeAssistant, fleet: MockConfigEntry, screen: str, wire: Wire, look: Look
) -> None:
    """Its screens keep their entities; what stood below the old prefix is taken off the broker."""
    shown = await fleet.start_reconfigure_flow(hass)
    done = await hass.config_entries.flow.async_configure(shown["flow_id"], FLEET | {"topic_prefix": "site2"})
    assert done["reason"] == "reconfigure_successful"
    await wire.settle()
    assert {(said.topic, said.payload) for said in wire.rest()} == {
        ("infoscreen/events/12", b""),
        ("infoscreen/events/13", b""),
        ("site2/events/12", b"[]"),
        ("site2/events/13", b"[]"),
        (f"site2/{screen}/group_id", b""),
    }
    assert fleet.unique_id == "mqtt/site2"
    await wire.hears(f"site2/{screen}/heartbeat")
    assert look.state("binary_sensor", f"{screen}_connectivity") == "on"


async def test_a_fleet_does_not_move_onto_another(
    hass: HomeAssistant, fleet: MockConfigEntry, wire: Wire
) -> None:
    """Two fleets on one prefix would answer twice."""
    await hass.config_entries.flow.async_configure(await form(hass), FLEET | {"topic_prefix": "site2"})
    shown = await fleet.start_reconfigure_flow(hass)
    end = await hass.config_entries.flow.async_configure(shown["flow_id"], FLEET | {"topic_prefix": "site2"})
    assert end["reason"] == "already_configured"
    shown = await fleet.start_reconfigure_flow(hass)
    same = await hass.config_entries.flow.async_configure(shown["flow_id"], FLEET)
    assert same["reason"] == "reconfigure_successful"
    await wire.settle()


async def test_options_are_kept_flat_and_obeyed_at_once(
    hass: HomeAssistant, fleet: MockConfigEntry, screen: str, wire: Wire, look: Look, pass_time: Any
) -> None:
    """Without a reload: a shorter grace finds who is silent already."""
    await pass_time(100)
    assert look.state("binary_sensor", f"{screen}_connectivity") == "on"
    shown = await hass.config_entries.options.async_init(fleet.entry_id)
    done = await hass.config_entries.options.async_configure(
        shown["flow_id"],
        {
            "screens": {"heartbeat_grace_seconds": 60, "compatibility_topics": False},
            "commands": {"command_expiry_seconds": 300, "commands_for_all_users": False},
            "recovery": {"crash_recovery_enabled": True},
            "logs": {"log_max_entries": 100, "log_max_days": 365},
            "schedule": {"refresh_seconds": 10, "plan_next": "nothing"},
        },
    )
    assert done["type"] is FlowResultType.CREATE_ENTRY
    await wire.settle()
    assert fleet.options == {
        "heartbeat_grace_seconds": 60,
        "approve_new_screens": False,
        "compatibility_topics": False,
        "priority_screenshot_ttl_seconds": 120,
        "command_expiry_seconds": 300,
        "commands_for_all_users": False,
        "crash_recovery_enabled": True,
        "crash_recovery_grace_seconds": 180,
        "crash_recovery_lockout_minutes": 15,
        "crash_recovery_left_out": [],
        "log_max_entries": 100,
        "log_max_days": 365,
        "refresh_seconds": 10,
    }
    assert look.state("binary_sensor", f"{screen}_connectivity") == "off"


@pytest.mark.parametrize(
    ("section", "option", "value"),
    [
        ("screens", "heartbeat_grace_seconds", 59),
        ("logs", "log_max_entries", 99),
        ("logs", "log_max_entries", 100_001),
        ("logs", "log_max_days", 0),
        ("logs", "log_max_days", 366),
    ],
)
async def test_an_option_out_of_bounds_is_refused(
    hass: HomeAssistant, fleet: MockConfigEntry, section: str, option: str, value: int
) -> None:
    """Fine points, "Screens": out of bounds is a form error."""
    shown = await hass.config_entries.options.async_init(fleet.entry_id)
    given = {
        "screens": {"heartbeat_grace_seconds": 60, "compatibility_topics": True},
        "commands": {"command_expiry_seconds": 240, "commands_for_all_users": False},
        "logs": {"log_max_entries": 1000, "log_max_days": 14},
    }
    given[section] |= {option: value}
    with pytest.raises(InvalidData):
        await hass.config_entries.options.async_configure(shown["flow_id"], given)


async def test_a_section_that_is_left_out_stays_as_it_is(hass: HomeAssistant, fleet: MockConfigEntry) -> None:
    """Scripts that set one option need not know the others."""
    shown = await hass.config_entries.options.async_init(fleet.entry_id)
    done = await hass.config_entries.options.async_configure(
        shown["flow_id"], {"schedule": {"refresh_seconds": 30}}
    )
    assert done["type"] is FlowResultType.CREATE_ENTRY
    assert fleet.options == {"refresh_seconds": 30}


async def test_a_repetition_that_would_be_a_stream_is_refused(
    hass: HomeAssistant, fleet: MockConfigEntry
) -> None:
    """Fine points, "Screens": none, or ten seconds and more."""
    shown = await hass.config_entries.options.async_init(fleet.entry_id)
    given = {
        "screens": {"heartbeat_grace_seconds": 170, "compatibility_topics": True},
        "commands": {"command_expiry_seconds": 240, "commands_for_all_users": False},
        "schedule": {"refresh_seconds": 9, "plan_next": "nothing"},
    }
    again = await hass.config_entries.options.async_configure(shown["flow_id"], given)
    assert (again["type"], again["errors"]) == (FlowResultType.FORM, {"base": "refresh_too_often"})
    given["schedule"] = {"refresh_seconds": 0, "plan_next": "nothing"}
    done = await hass.config_entries.options.async_configure(shown["flow_id"], given)
    assert done["type"] is FlowResultType.CREATE_ENTRY


def _section(shown: ConfigFlowResult, name: str) -> dict[Any, Any]:
    """Return the fields of a section of a form."""
    form = shown["data_schema"]
    assert form is not None
    fields: dict[Any, Any] = form.schema[name].schema.schema
    return fields


async def test_a_browser_can_send_the_options_and_empty_an_address(
    hass: HomeAssistant, fleet: MockConfigEntry
) -> None:
    """It sends nothing while a required field is empty, and leaves out an optional one that was emptied."""

    async def send(**changes: Any) -> ConfigFlowResult:
        shown = await hass.config_entries.options.async_init(fleet.entry_id)
        fields = _section(shown, "content")
        content = {str(field): field.default() for field in fields} | changes
        for field in fields:
            if content[field] in ("", None):
                assert isinstance(field, vol.Optional), field
                del content[field]
        flow_id = shown["flow_id"]
        return await hass.config_entries.options.async_configure(flow_id, {"content": content})

    assert (await send(gotenberg_url="http://gotenberg:3000"))["type"] is FlowResultType.CREATE_ENTRY
    assert fleet.options["gotenberg_url"] == "http://gotenberg:3000"
    assert (await send(video_volume=0.5))["type"] is FlowResultType.CREATE_ENTRY
    assert fleet.options["gotenberg_url"] == "http://gotenberg:3000"
    assert (await send(gotenberg_url=None))["type"] is FlowResultType.CREATE_ENTRY
    assert fleet.options["gotenberg_url"] == ""


async def test_what_was_given_stands_in_the_form_again_after_an_error(
    hass: HomeAssistant, fleet: MockConfigEntry
) -> None:
    """What to plan next is no option, and is not forgotten either."""
    shown = await hass.config_entries.options.async_init(fleet.entry_id)
    given = {"schedule": {"refresh_seconds": 9, "plan_next": "periods"}}
    again = await hass.config_entries.options.async_configure(shown["flow_id"], given)
    part = _section(again, "schedule")
    assert {str(field): field.default() for field in part} == given["schedule"]


@pytest.mark.parametrize(
    ("content", "error"),
    [
        ({"supplement_table_enabled": True}, "url_invalid"),
        (
            {
                "supplement_table_enabled": True,
                "supplement_table_url": "https://untis.example/plan",
                "url_allowlist": ["school.example"],
            },
            "url_not_allowed",
        ),
        ({"url_allowlist": ["school.example", "https://untis.example"]}, "host_invalid"),
    ],
    ids=["no address", "not allowed", "no host"],
)
async def test_a_table_that_cannot_be_shown_is_refused(
    hass: HomeAssistant, fleet: MockConfigEntry, content: dict[str, Any], error: str
) -> None:
    """Contract, "events": an event without its address would be left out in silence."""
    shown = await hass.config_entries.options.async_init(fleet.entry_id)
    again = await hass.config_entries.options.async_configure(shown["flow_id"], {"content": content})
    assert (again["type"], again["errors"]) == (FlowResultType.FORM, {"base": error})
    content["url_allowlist"] = [" *.Example ", ""]
    content["supplement_table_url"] = "https://untis.example/plan"
    done = await hass.config_entries.options.async_configure(shown["flow_id"], {"content": content})
    assert done["type"] is FlowResultType.CREATE_ENTRY
    assert (fleet.options["video_volume"], fleet.options["url_allowlist"]) == (0.8, ["*.example"])
