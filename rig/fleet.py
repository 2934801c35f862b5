"""The integrations of a fleet, set up through their own config flows."""

from typing import Any

from .api import Api
from .broker import Broker
from .flows import Flow
from .ports import HOST
from .waiting import until


def _broker_form(broker: Broker, **settings: Any) -> dict[str, Any]:
    """Fill in the form of Home Assistant's MQTT integration."""
    username, password = broker.login or (None, None)
    credentials = {"username": username, "password": password} if username else {}
    return {
        "broker": HOST,
        "port": broker.port,
        "protocol": broker.protocol,
        "other_settings": {"set_client_cert": False, "set_ca_cert": "off", "transport": "tcp"} | settings,
        **credentials,
    }


async def add_mqtt(api: Api, broker: Broker, **settings: Any) -> str:
    """Set up Home Assistant's MQTT integration, with some of its other settings; return the entry's id."""
    flow = (await api.add_integration("mqtt")).expect("form", step_id="broker")
    done = (await flow.submit(_broker_form(broker, **settings))).expect("create_entry")
    entry_id: str = done.result["entry_id"]
    await api.wait_entry(entry_id)
    return entry_id


async def move_mqtt(api: Api, entry_id: str, broker: Broker) -> None:
    """Tell Home Assistant's MQTT integration that the broker is elsewhere now."""
    flow = (await api.reconfigure("mqtt", entry_id)).expect("form", step_id="broker")
    (await flow.submit(_broker_form(broker))).expect("abort", reason="reconfigure_successful")
    await api.wait_entry(entry_id)


async def fleet_form(api: Api, transport: str, topic_prefix: str) -> Flow:
    """Fill in the form of a fleet, and return what comes next."""
    menu = (await api.add_integration("infoscreen")).expect("menu", step_id="user")
    form = (await menu.choose("fleet")).expect("form", step_id="fleet")
    return await form.submit({"transport": transport, "topic_prefix": topic_prefix})


async def add_fleet(api: Api, topic_prefix: str = "infoscreen") -> str:
    """Set up our integration over Home Assistant's MQTT and return the entry's id."""
    done = (await fleet_form(api, "mqtt", topic_prefix)).expect("create_entry")
    entry_id: str = done.result["entry_id"]
    await api.wait_entry(entry_id)
    return entry_id


def connection_form(broker: Broker, **fields: Any) -> dict[str, Any]:
    """Fill in the form of a broker of our own; without TLS unless the fields say so."""
    login = dict(zip(("username", "password"), broker.login or (), strict=False))
    return {"host": HOST, "port": broker.port, "tls": False, "tls_insecure": False} | login | fields


async def add_own_fleet(api: Api, broker: Broker, topic_prefix: str = "infoscreen", **fields: Any) -> str:
    """Set up our integration with a connection of its own and return the entry's id."""
    form = (await fleet_form(api, "broker", topic_prefix)).expect("form", step_id="broker")
    done = (await form.submit(connection_form(broker, **fields))).expect("create_entry")
    entry_id: str = done.result["entry_id"]
    await api.wait_entry(entry_id)
    return entry_id


async def add_group(api: Api, entry_id: str, name: str, **fields: Any) -> None:
    """Make a group through its subentry flow."""
    form = (await api.add_subentry(entry_id, "group")).expect("form")
    (await form.submit({"name": name, **fields})).expect("create_entry")


async def find_group(api: Api, entry_id: str, name: str) -> str:
    """Return the device id of a group, as soon as it has a device."""

    async def device() -> str | None:
        titles = {each["subentry_id"]: each["title"] for each in await api.subentries(entry_id)}
        for row in await api.devices(entry_id):
            if titles.get(row["config_subentry_id"]) == name:
                device_id: str = row["id"]
                return device_id
        return None

    return await until(device, f"the group {name}")
