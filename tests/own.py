"""A fleet with a connection of its own to a broker that lets in only whom it knows."""

from typing import Any

from pytest_homeassistant_custom_component.common import MockConfigEntry

from .conftest import LOGIN, group

HOST = "127.0.0.1"


def connection(port: int, **changed: Any) -> dict[str, Any]:
    """Return an entry's data."""
    return {
        "transport": "broker",
        "topic_prefix": "infoscreen",
        "host": HOST,
        "port": port,
        "username": LOGIN[0],
        "password": LOGIN[1],
        "tls": False,
        "tls_insecure": False,
    } | changed


def own_entry(data: dict[str, Any]) -> MockConfigEntry:
    """Return a fleet with one group, not yet set up."""
    return MockConfigEntry(
        domain="infoscreen",
        title="Infoscreen",
        unique_id=f"{data['host'].lower()}:{data['port']}/{data['topic_prefix']}",
        data=data,
        subentries_data=[group("Foyer", 12)],
    )
