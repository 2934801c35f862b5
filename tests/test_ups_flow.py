"""A NUT server is set up, changed, and asked for a new login."""

from typing import Any
from unittest.mock import patch

from homeassistant.config_entries import SOURCE_RECONFIGURE, ConfigEntryState, ConfigFlowContext
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import device_registry as dr
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from .conftest import Poll
from .fake_nut import FakeNut, Fault
from .repairs import standing


async def begin(hass: HomeAssistant) -> Any:
    """Choose a NUT server in the menu."""
    menu = await hass.config_entries.flow.async_init("infoscreen", context={"source": "user"})
    return await hass.config_entries.flow.async_configure(menu["flow_id"], {"next_step_id": "ups"})


async def submit(hass: HomeAssistant, step: Any, **fields: Any) -> Any:
    """Send a form."""
    answer = await hass.config_entries.flow.async_configure(step["flow_id"], fields)
    await hass.async_block_till_done(wait_background_tasks=True)
    return answer


def place(nut: FakeNut, **more: Any) -> dict[str, Any]:
    """Return where the server is."""
    return {"host": "127.0.0.1", "port": nut.port, **more}


def known_as(password: str) -> dict[str, str]:
    """Return a login."""
    return {"username": "monitor", "password": password}


async def test_a_server_with_one_ups_is_set_up_at_once(hass: HomeAssistant, nut: FakeNut) -> None:
    """There is nothing to choose."""
    done = await submit(hass, await begin(hass), **place(nut))
    assert (done["type"], done["description"]) == (FlowResultType.CREATE_ENTRY, "login_none")
    entry = done["result"]
    assert (entry.title, dict(entry.data)) == ("127.0.0.1", place(nut))
    assert entry.state is ConfigEntryState.LOADED


async def test_of_several_upses_some_are_chosen(hass: HomeAssistant, nut: FakeNut) -> None:
    """At least one; the form shows what each is."""
    nut.upses |= {"office": {"ups.status": "OL"}, "lab": {"ups.status": "OL"}}
    nut.descriptions["lab"] = "On the shelf"
    step = await submit(hass, await begin(hass), **place(nut))
    assert step["step_id"] == "select_ups"
    labels = [option["label"] for option in step["data_schema"].schema["upses"].config["options"]]
    assert labels == ["rack", "office", "lab (On the shelf)"]
    assert step["data_schema"]({}) == {"upses": ["rack", "office", "lab"]}
    step = await submit(hass, step, upses=[])
    assert step["errors"] == {"upses": "no_ups_chosen"}
    done = await submit(hass, step, upses=["lab", "rack"])
    assert done["data"]["upses"] == ["rack", "lab"]


async def test_who_was_not_chosen_is_not_offered(hass: HomeAssistant, nut: FakeNut, poll: Poll) -> None:
    """Who comes later is; and who was let go of leaves no device behind."""
    nut.upses["Office"] = {"ups.status": "OL"}
    step = await submit(hass, await begin(hass), **place(nut))
    entry = (await submit(hass, step, upses=["rack"]))["result"]
    assert standing(hass) == set()
    nut.upses["lab"] = {"ups.status": "OL"}
    await poll()
    assert standing(hass) == {f"ups_found_{entry.entry_id}_lab"}
    context = ConfigFlowContext(source=SOURCE_RECONFIGURE, entry_id=entry.entry_id)
    step = await hass.config_entries.flow.async_init("infoscreen", context=context)
    await submit(hass, await submit(hass, step, **place(nut)), upses=["lab"])
    assert standing(hass) == set()
    devices = dr.async_entries_for_config_entry(dr.async_get(hass), entry.entry_id)
    assert [device.name for device in devices] == ["lab"]


async def test_all_of_them_means_also_those_to_come(hass: HomeAssistant, nut: FakeNut) -> None:
    """No list is kept that would hide them."""
    nut.upses["office"] = {"ups.status": "OL"}
    step = await submit(hass, await begin(hass), **place(nut))
    done = await submit(hass, step, upses=["office", "rack"])
    assert "upses" not in done["data"]


@pytest.mark.parametrize(
    ("fault", "errors"),
    [
        (Fault.CLOSES, {"base": "nut_cannot_connect"}),
        (Fault.WEB, {"base": "nut_not_a_server"}),
        (Fault.ASKS_FOR_LOGIN, {"base": "nut_access_denied"}),
    ],
)
async def test_the_form_says_which_step_failed(
    hass: HomeAssistant, nut: FakeNut, fault: Fault, errors: dict[str, str]
) -> None:
    """And goes on once it is mended."""
    nut.fault = fault
    step = await submit(hass, await begin(hass), **place(nut))
    assert (step["type"], step["errors"]) == (FlowResultType.FORM, errors)
    nut.fault = None
    assert (await submit(hass, step, **place(nut)))["type"] is FlowResultType.CREATE_ENTRY


async def test_a_server_without_a_ups(hass: HomeAssistant, nut: FakeNut) -> None:
    """It runs, and watches over nothing."""
    nut.upses = {}
    step = await submit(hass, await begin(hass), **place(nut))
    assert step["errors"] == {"base": "nut_no_ups"}


@pytest.mark.parametrize(
    ("given", "errors"),
    [
        ({"host": "http://nut"}, {"host": "invalid_host"}),
        ({"password": "secret"}, {"username": "nut_username_missing"}),
        ({"username": "monitor", "password": "käse"}, {"password": "nut_bad_characters"}),
    ],
)
async def test_what_cannot_be_is_not_tried(
    hass: HomeAssistant, nut: FakeNut, given: dict[str, Any], errors: dict[str, str]
) -> None:
    """It would fail in a way that says less."""
    step = await submit(hass, await begin(hass), **place(nut) | given)
    assert step["errors"] == errors


async def test_a_name_that_leads_nowhere(hass: HomeAssistant, nut: FakeNut) -> None:
    """It is the host's field that is wrong."""
    with patch("socket.getaddrinfo", side_effect=UnicodeError("label empty or too long")):
        step = await submit(hass, await begin(hass), **place(nut, host="a..b"))
    assert step["errors"] == {"host": "nut_name_not_found"}


@pytest.mark.parametrize(
    ("password", "found"), [("a secret", "login_verified"), ("wrong", "login_not_verifiable")]
)
async def test_of_a_login_it_is_said_what_could_be_found_out(
    hass: HomeAssistant, nut: FakeNut, password: str, found: str
) -> None:
    """A wrong one cannot be told from one that may run commands only."""
    nut.login = ("monitor", "a secret")
    done = await submit(hass, await begin(hass), **place(nut, username="monitor", password=password))
    assert (done["type"], done["description"]) == (FlowResultType.CREATE_ENTRY, found)


async def test_a_server_is_set_up_once(hass: HomeAssistant, nut: FakeNut, server: MockConfigEntry) -> None:
    """By host and port."""
    done = await submit(hass, await begin(hass), **place(nut))
    assert (done["type"], done["reason"]) == (FlowResultType.ABORT, "already_configured")


class TestWithLogin:
    """A server that is set up with a login."""

    @pytest.fixture
    def server_data(self) -> dict[str, Any]:
        """Return it."""
        return {"username": "monitor", "password": "a secret"}

    async def test_an_empty_password_keeps_the_old_one(
        self, hass: HomeAssistant, nut: FakeNut, server: MockConfigEntry
    ) -> None:
        """It is never shown."""
        step = await server.start_reconfigure_flow(hass)
        assert "a secret" not in str(step)
        done = await submit(hass, step, **place(nut, username="monitor"))
        assert done["reason"] == "reconfigure_successful"
        assert dict(server.data) == place(nut, **known_as("a secret"))
        assert server.state is ConfigEntryState.LOADED

    async def test_a_login_can_be_taken_away(
        self, hass: HomeAssistant, nut: FakeNut, server: MockConfigEntry
    ) -> None:
        """By its own box."""
        step = await server.start_reconfigure_flow(hass)
        await submit(hass, step, **place(nut, username="monitor", remove_credentials=True))
        assert dict(server.data) == place(nut)

    async def test_a_server_that_moved_to_another_port_is_followed(
        self, hass: HomeAssistant, nut: FakeNut, server: MockConfigEntry
    ) -> None:
        """It stays the same entry."""
        await nut.stop()
        nut.port = 0
        await nut.start()
        await submit(hass, await server.start_reconfigure_flow(hass), **place(nut))
        assert server.unique_id == f"ups/127.0.0.1:{nut.port}"


async def test_a_server_that_begins_to_ask_for_a_login(
    hass: HomeAssistant, nut: FakeNut, server: MockConfigEntry, poll: Poll
) -> None:
    """A person is asked, and the UPSes return."""
    nut.fault = Fault.ASKS_FOR_LOGIN
    nut.login = ("monitor", "a secret")
    await poll()
    (step,) = hass.config_entries.flow.async_progress()
    assert step["step_id"] == "reauth_ups"
    step = await submit(hass, step, **known_as("wrong"))
    assert step["errors"] == {"base": "nut_access_denied"}
    done = await submit(hass, step, **known_as("a secret"))
    assert done["reason"] == "reauth_successful"
    assert dict(server.data) == place(nut, **known_as("a secret"))
    assert server.runtime_data.coordinator.data["rack"].fresh


async def test_how_often_a_server_is_asked_is_an_option(
    hass: HomeAssistant, server: MockConfigEntry, nut: FakeNut, poll: Poll
) -> None:
    """It holds at once."""
    step = await hass.config_entries.options.async_init(server.entry_id)
    assert step["data_schema"] is not None
    assert step["data_schema"]({}) == {"poll_interval_seconds": 10, "retries": 3, "retry_delay_seconds": 5}
    await hass.config_entries.options.async_configure(
        step["flow_id"], {"poll_interval_seconds": 60, "retries": 0, "retry_delay_seconds": 5}
    )
    await hass.async_block_till_done(wait_background_tasks=True)
    await nut.stop()
    await poll(50)
    assert server.runtime_data.coordinator.last_update_success
    await poll(12)
    assert not server.runtime_data.coordinator.last_update_success


async def test_a_server_is_removed_with_its_devices(hass: HomeAssistant, server: MockConfigEntry) -> None:
    """And nothing is left."""
    assert await hass.config_entries.async_remove(server.entry_id)
    assert server.state is ConfigEntryState.NOT_LOADED
