"""A broker of our own is asked for, tried, changed; with and without certificates."""

from collections.abc import Callable
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch
from uuid import uuid4

from homeassistant.config_entries import ConfigEntryDisabler, ConfigEntryState, ConfigFlowResult
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from rig.broker import Mosquitto, Tls
from rig.ports import free_port
from rig.tap import Tap
from rig.tls import Authority

from .conftest import LOGIN
from .fake_broker import FakeBroker, Fault
from .own import HOST, connection, own_entry

FLEET = {"transport": "broker", "topic_prefix": "infoscreen"}
EXPIRED = timedelta(days=-1)
AUTHORITY = Authority()

type Upload = Callable[[str], str]


@pytest.fixture
def upload(hass: HomeAssistant, tmp_path: Path) -> Any:
    """Return what uploads a file as the frontend does, and gives its id; it can be fetched once."""
    uploads: dict[str, Path] = {}

    class Fetched(ExitStack):
        """A file, for as long as it is looked at."""

        def __init__(self, _hass: HomeAssistant, file_id: str) -> None:
            super().__init__()
            if file_id not in uploads:
                raise ValueError("File does not exist")
            self.path = uploads.pop(file_id)

        def __enter__(self) -> Any:
            return self.path

    def uploads_text(text: str) -> str:
        file_id = str(uuid4())
        uploads[file_id] = tmp_path / file_id
        uploads[file_id].write_text(text)
        return file_id

    with patch("custom_components.infoscreen.connection_form.process_uploaded_file", Fetched):
        yield uploads_text


def answers(port: int, **changed: Any) -> dict[str, Any]:
    """Fill in the form of a broker."""
    filled = {"host": HOST, "port": port, "username": LOGIN[0], "password": LOGIN[1]}
    return {**filled, "tls": False, "tls_insecure": False, **changed}


async def form(hass: HomeAssistant, **fleet: Any) -> str:
    """Go to the form of a broker; return the flow's id."""
    menu = await hass.config_entries.flow.async_init("infoscreen", context={"source": "user"})
    flow_id = menu["flow_id"]
    await hass.config_entries.flow.async_configure(flow_id, {"next_step_id": "fleet"})
    shown = await hass.config_entries.flow.async_configure(flow_id, FLEET | fleet)
    assert (shown["type"], shown["step_id"]) == (FlowResultType.FORM, "broker")
    return flow_id


async def submit(hass: HomeAssistant, flow_id: str, filled: dict[str, Any]) -> ConfigFlowResult:
    """Send the form."""
    return await hass.config_entries.flow.async_configure(flow_id, filled)


async def errors(hass: HomeAssistant, filled: dict[str, Any]) -> Any:
    """Return what a new form says of some answers."""
    return (await submit(hass, await form(hass), filled))["errors"]


async def test_a_fleet_on_a_broker_of_its_own_is_tried_and_made(
    hass: HomeAssistant, mosquitto: Mosquitto, tap: Tap
) -> None:
    """A wrong password and a wrong port are told; the same form then makes it."""
    flow_id = await form(hass, topic_prefix="site1/infoscreen")
    wrong = await submit(hass, flow_id, answers(mosquitto.port, password=LOGIN[0]))
    assert wrong["errors"] == {"base": "invalid_auth"}
    nobody = await submit(hass, flow_id, answers(free_port()))
    assert nobody["errors"] == {"base": "cannot_connect"}
    done = await submit(hass, flow_id, answers(mosquitto.port))
    assert (done["type"], done["title"]) == (FlowResultType.CREATE_ENTRY, "Infoscreen site1/infoscreen")
    assert done["data"] == connection(mosquitto.port, topic_prefix="site1/infoscreen")
    assert done["result"].unique_id == f"{HOST}:{mosquitto.port}/site1/infoscreen"
    await hass.async_block_till_done()
    assert done["result"].state is ConfigEntryState.LOADED


@pytest.mark.parametrize(("tls", "port"), [(False, 1883), (True, 8883)], ids=["plain", "encrypted"])
async def test_a_port_left_empty_is_the_usual_one(
    hass: HomeAssistant, enable_custom_integrations: None, *, tls: bool, port: int
) -> None:
    """So a fleet there is known, whatever the case of its host's name."""
    own_entry(connection(port, host="broker.school.example")).add_to_hass(hass)
    filled = {"host": "Broker.School.example", "tls": tls, "tls_insecure": False}
    end = await submit(hass, await form(hass), filled)
    assert (end["type"], end["reason"]) == (FlowResultType.ABORT, "already_configured")


@pytest.mark.parametrize("host", ["", "mqtt://broker", "two words", "user@broker", "broker/path"])
async def test_a_host_that_is_none_is_refused(
    hass: HomeAssistant, enable_custom_integrations: None, host: str
) -> None:
    """Before anything is asked of the network."""
    assert await errors(hass, answers(1883, host=host)) == {"host": "invalid_host"}


async def test_a_host_that_cannot_be_named_cannot_be_reached(
    hass: HomeAssistant, enable_custom_integrations: None
) -> None:
    """Python says of two dots in a row that they are no text of this encoding."""
    with patch("socket.getaddrinfo", side_effect=UnicodeError("label empty or too long")):
        assert await errors(hass, answers(1883, host="a..b")) == {"base": "cannot_connect"}


@pytest.mark.parametrize("fault", [Fault.SILENT, Fault.REFUSES_TOPICS, Fault.LOSES_LISTENERS])
async def test_a_broker_that_does_not_let_us_listen_is_no_connection(
    hass: HomeAssistant, socket_enabled: None, enable_custom_integrations: None, fault: Fault
) -> None:
    """Connected is not enough."""
    async with FakeBroker(fault) as broker:
        with patch("custom_components.infoscreen.broker.connection.TRY_TIMEOUT", timedelta(seconds=0.3)):
            assert await errors(hass, answers(broker.port)) == {"base": "cannot_connect"}


@pytest.fixture
def core_mqtt(hass: HomeAssistant, enable_custom_integrations: None) -> MockConfigEntry:
    """Return Home Assistant's own connection to a broker, as it is configured."""
    entry = MockConfigEntry(domain="mqtt", data={"broker": "Broker.example"})
    entry.add_to_hass(hass)
    return entry


async def test_what_comes_over_home_assistants_connection_is_not_set_up_over_ours(
    hass: HomeAssistant, core_mqtt: MockConfigEntry
) -> None:
    """Product: the same broker through both transports is refused."""
    MockConfigEntry(
        domain="infoscreen",
        unique_id="mqtt/infoscreen",
        data={"transport": "mqtt", "topic_prefix": "infoscreen"},
    ).add_to_hass(hass)
    end = await submit(hass, await form(hass), answers(1883, host="broker.example"))
    assert end["reason"] == "already_configured"


async def test_what_comes_over_our_connection_is_not_set_up_over_home_assistants(
    hass: HomeAssistant, core_mqtt: MockConfigEntry
) -> None:
    """Nor the other way round."""
    own_entry(connection(1883, host="broker.example")).add_to_hass(hass)
    menu = await hass.config_entries.flow.async_init("infoscreen", context={"source": "user"})
    await submit(hass, menu["flow_id"], {"next_step_id": "fleet"})
    end = await submit(hass, menu["flow_id"], FLEET | {"transport": "mqtt"})
    assert end["reason"] == "already_configured"


async def test_the_same_prefix_on_another_broker_is_another_fleet(
    hass: HomeAssistant, core_mqtt: MockConfigEntry, mosquitto: Mosquitto
) -> None:
    """Home Assistant's connection is to somewhere else."""
    MockConfigEntry(
        domain="infoscreen",
        disabled_by=ConfigEntryDisabler.USER,  # it need not run to be there
        unique_id="mqtt/infoscreen",
        data={"transport": "mqtt", "topic_prefix": "infoscreen"},
    ).add_to_hass(hass)
    done = await submit(hass, await form(hass), answers(mosquitto.port))
    assert done["type"] is FlowResultType.CREATE_ENTRY


async def test_a_connection_is_changed_without_giving_the_password_again(
    hass: HomeAssistant, mosquitto: Mosquitto, tap: Tap
) -> None:
    """It is set up anew, at once also when it did not run."""
    entry = own_entry(connection(free_port()))
    entry.add_to_hass(hass)
    assert not await hass.config_entries.async_setup(entry.entry_id)
    shown = await entry.start_reconfigure_flow(hass)
    shown = await submit(hass, shown["flow_id"], FLEET | {"topic_prefix": "site2"})
    assert shown["step_id"] == "broker"
    assert shown["data_schema"] is not None
    suggested = {
        str(key): key.description["suggested_value"] for key in shown["data_schema"].schema if key.description
    }
    assert suggested == {
        "host": HOST,
        "port": entry.data["port"],
        "username": LOGIN[0],
        "tls": False,
        "tls_insecure": False,
    }
    filled = answers(mosquitto.port)
    del filled["password"]
    done = await submit(hass, shown["flow_id"], filled)
    assert done["reason"] == "reconfigure_successful"
    await tap.wait("site2/events/12")
    assert entry.unique_id == f"{HOST}:{mosquitto.port}/site2"
    assert entry.data == connection(mosquitto.port, topic_prefix="site2")


async def test_a_fleet_that_moves_takes_what_it_left_off_its_broker(
    hass: HomeAssistant, mosquitto: Mosquitto, tap: Tap, tmp_path: Path
) -> None:
    """And is published where it went."""
    entry = own_entry(connection(mosquitto.port))
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await tap.wait("infoscreen/events/12")
    async with Mosquitto(tmp_path / "other") as other:
        shown = await entry.start_reconfigure_flow(hass)
        await submit(hass, shown["flow_id"], FLEET)
        anonymous = {"host": HOST, "port": other.port, "tls": False, "tls_insecure": False}
        done = await submit(hass, shown["flow_id"], anonymous)
        assert done["reason"] == "reconfigure_successful"
        async with Tap(other) as there:
            await there.wait("infoscreen/events/12")
        await tap.wait("infoscreen/events/12", lambda message: message.payload == b"")
        assert "password" not in entry.data
        await hass.config_entries.async_unload(entry.entry_id)


# Certificates


@pytest.fixture
async def encrypted(mosquitto: Mosquitto) -> Mosquitto:
    """Let the broker be trusted, and trust whoever has a certificate."""
    await mosquitto.stop()
    mosquitto.tls = Tls(authority=AUTHORITY, server=AUTHORITY.for_server(), ask_clients=True)
    await mosquitto.start()
    return mosquitto


async def test_both_sides_trust_each_other_by_certificates(
    hass: HomeAssistant, encrypted: Mosquitto, upload: Upload
) -> None:
    """Each side's mistrust is told; what was uploaded once need not be uploaded again."""
    flow_id = await form(hass)
    encrypts = answers(encrypted.tls_port, tls=True)
    untrusted = await submit(hass, flow_id, encrypts)
    assert untrusted["errors"] == {"base": "tls_failed"}
    ours = AUTHORITY.for_client()
    authority = {"certificate": upload(AUTHORITY.certificate)}
    unknown = await submit(hass, flow_id, encrypts | authority)
    assert unknown["errors"] == {"base": "tls_failed"}
    client = {"client_cert": upload(ours.certificate), "client_key": upload(ours.key)}
    done = await submit(hass, flow_id, encrypts | authority | client)
    assert done["data"] == connection(
        encrypted.tls_port,
        tls=True,
        certificate=AUTHORITY.certificate,
        client_cert=ours.certificate,
        client_key=ours.key,
    )
    await hass.async_block_till_done()
    entry = done["result"]
    assert entry.state is ConfigEntryState.LOADED

    shown = await hass.config_entries.flow.async_init(
        "infoscreen", context={"source": "reconfigure", "entry_id": entry.entry_id}
    )
    await submit(hass, shown["flow_id"], FLEET)
    same = await submit(hass, shown["flow_id"], answers(encrypted.tls_port, tls=True, tls_insecure=True))
    assert same["reason"] == "reconfigure_successful"
    await hass.async_block_till_done()
    assert entry.data["client_key"] == ours.key
    assert entry.state is ConfigEntryState.LOADED


async def test_encryption_where_there_is_none_has_failed(
    hass: HomeAssistant, mosquitto: Mosquitto, upload: Upload
) -> None:
    """The port is that without TLS."""
    filled = answers(mosquitto.port, tls=True, certificate=upload(AUTHORITY.certificate))
    assert (await errors(hass, filled))["base"] in {"tls_failed", "cannot_connect"}


async def test_encryption_where_nobody_is_cannot_connect(
    hass: HomeAssistant, socket_enabled: None, enable_custom_integrations: None
) -> None:
    """It is no matter of trust."""
    assert await errors(hass, answers(free_port(), tls=True)) == {"base": "cannot_connect"}


OURS, OTHERS = AUTHORITY.for_client(), AUTHORITY.for_client()


@pytest.mark.parametrize(
    ("files", "told"),
    [
        ({"certificate": "no PEM"}, {"certificate": "bad_certificate"}),
        ({"certificate": OURS.key}, {"certificate": "bad_certificate"}),
        ({"certificate": Authority(lasts=EXPIRED).certificate}, {"certificate": "certificate_expired"}),
        ({"client_cert": OURS.certificate}, {"client_key": "client_pair_incomplete"}),
        ({"client_cert": "no PEM", "client_key": OURS.key}, {"client_cert": "bad_client_cert"}),
        ({"client_cert": OURS.certificate, "client_key": "no PEM"}, {"client_key": "bad_client_key"}),
        (
            {"client_cert": OURS.certificate, "client_key": OTHERS.key},
            {"client_key": "client_key_mismatch"},
        ),
        (
            {"client_cert": OURS.certificate, "client_key": OURS.locked_key},
            {"client_key": "client_key_encrypted"},
        ),
        (
            {"client_cert": AUTHORITY.for_client(lasts=EXPIRED).certificate, "client_key": OURS.key},
            {"client_cert": "client_cert_expired"},
        ),
    ],
    ids=[
        "no certificate",
        "a key for a certificate",
        "expired authority",
        "certificate without key",
        "no certificate of ours",
        "no key",
        "key of another",
        "key with a password",
        "expired certificate of ours",
    ],
)
async def test_a_file_that_would_not_do_is_refused_in_the_form(
    hass: HomeAssistant,
    enable_custom_integrations: None,
    upload: Upload,
    files: dict[str, str],
    told: dict[str, str],
) -> None:
    """Each with its own words, before the broker is asked."""
    uploaded = {name: upload(text) for name, text in files.items()}
    assert await errors(hass, answers(8883, tls=True, **uploaded)) == told


async def test_a_certificate_without_encryption_is_a_mistake(
    hass: HomeAssistant, enable_custom_integrations: None, upload: Upload
) -> None:
    """The password would go out in the clear."""
    filled = answers(1883, certificate=upload(AUTHORITY.certificate))
    assert await errors(hass, filled) == {"tls": "files_need_tls"}


async def test_a_file_that_is_gone_is_asked_for_again(
    hass: HomeAssistant, enable_custom_integrations: None
) -> None:
    """Home Assistant keeps an upload until it is fetched, or restarts."""
    filled = answers(8883, tls=True, certificate=str(uuid4()))
    assert await errors(hass, filled) == {"certificate": "file_gone"}
