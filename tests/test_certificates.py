"""Certificates that are about to expire are told of in time."""

from datetime import timedelta
from typing import Any

from freezegun import freeze_time
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, async_fire_time_changed

from rig.broker import Mosquitto, Tls
from rig.ports import free_port
from rig.tls import Authority

from .own import connection, own_entry


def fleet(hass: HomeAssistant, **files: str) -> MockConfigEntry:
    """Return a fleet whose broker is away; its certificates are looked at all the same."""
    entry = own_entry(connection(free_port(), tls=True, **files))
    entry.add_to_hass(hass)
    return entry


def told(issues: ir.IssueRegistry) -> dict[str | None, Any]:
    """Return the repairs there are: what each is about, and what its text is filled in with."""
    return {
        issue.translation_key: issue.translation_placeholders
        for issue in issues.issues.values()
        if issue.domain == "infoscreen" and issue.active
    }


@pytest.fixture(autouse=True)
def real_sockets(socket_enabled: None, enable_custom_integrations: None) -> None:
    """Let each test look for a broker."""


async def test_a_certificate_is_told_of_a_month_before_its_end(
    hass: HomeAssistant, issue_registry: ir.IssueRegistry
) -> None:
    """Each file by itself, with its date."""
    authority = Authority(lasts=timedelta(days=29, hours=12))
    ours = authority.for_client(lasts=timedelta(days=31))
    entry = fleet(hass, certificate=authority.certificate, client_cert=ours.certificate, client_key=ours.key)
    await hass.config_entries.async_setup(entry.entry_id)
    assert entry.state is ConfigEntryState.SETUP_RETRY
    (key, filled), *others = told(issue_registry).items()
    assert (key, filled["fleet"], others) == ("certificate_expiring_certificate", "Infoscreen", [])
    assert len(filled["date"]) == len("2026-11-28")
    (issue,) = [issue for issue in issue_registry.issues.values() if issue.domain == "infoscreen"]
    assert (issue.is_fixable, issue.severity) == (False, ir.IssueSeverity.WARNING)


async def test_a_new_certificate_ends_the_repair_and_so_does_the_fleets_end(
    hass: HomeAssistant, issue_registry: ir.IssueRegistry
) -> None:
    """Nothing is left for a person to click away."""
    short, long = Authority(lasts=timedelta(days=3)), Authority()
    entry = fleet(hass, certificate=short.certificate)
    await hass.config_entries.async_setup(entry.entry_id)
    assert told(issue_registry).keys() == {"certificate_expiring_certificate"}
    hass.config_entries.async_update_entry(entry, data=entry.data | {"certificate": long.certificate})
    await hass.config_entries.async_reload(entry.entry_id)
    assert told(issue_registry) == {}
    hass.config_entries.async_update_entry(entry, data=entry.data | {"certificate": short.certificate})
    await hass.config_entries.async_reload(entry.entry_id)
    assert told(issue_registry).keys() == {"certificate_expiring_certificate"}
    await hass.config_entries.async_remove(entry.entry_id)
    assert told(issue_registry) == {}


async def test_certificates_are_looked_at_every_day(
    hass: HomeAssistant, issue_registry: ir.IssueRegistry, mosquitto: Mosquitto
) -> None:
    """Home Assistant runs for months without a restart."""
    authority = Authority()
    ours = authority.for_client(lasts=timedelta(days=30, hours=12))
    await mosquitto.stop()
    mosquitto.tls = Tls(authority=authority, server=authority.for_server(), ask_clients=True)
    await mosquitto.start()
    files = {
        "certificate": authority.certificate,
        "client_cert": ours.certificate,
        "client_key": ours.key,
    }
    entry = own_entry(connection(mosquitto.tls_port, tls=True, **files))
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    assert told(issue_registry) == {}
    with freeze_time(dt_util.utcnow() + timedelta(days=1)):  # briefly: brokers do not know of it
        async_fire_time_changed(hass)
    await hass.async_block_till_done()
    assert entry.state is ConfigEntryState.LOADED
    assert told(issue_registry).keys() == {"certificate_expiring_client_cert"}
