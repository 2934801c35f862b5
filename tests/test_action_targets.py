"""For what Home Assistant offers our actions: only what they can act on."""

from collections.abc import Awaitable, Callable

from homeassistant.components.websocket_api.automation import async_get_services_for_target
from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.infoscreen.const import DOMAIN

from .conftest import Look

type Offered = Callable[[str], Awaitable[set[str]]]

FLEET = {"get_periods", "broker_acl", "rehearse_outage"}
GROUP_OR_SCREEN = {"add_event", "get_events", "reboot", "assign_group", "set_power"}
ANY = {"get_logs", "show_message", "start_takeover", "republish"}


@pytest.fixture
def offered(hass: HomeAssistant) -> Offered:
    """Return what tells which of our actions are offered for a device."""

    async def offers(device_id: str) -> set[str]:
        actions = await async_get_services_for_target(hass, {"device_id": [device_id]}, expand_group=False)
        return {name for action in actions for domain, _, name in [action.partition(".")] if domain == DOMAIN}

    return offers


async def test_of_fleets_groups_and_screens_each_is_offered_what_it_stands_for(
    fleet: MockConfigEntry, screen: str, look: Look, offered: Offered
) -> None:
    """A group stands for its screens and its fleet, a screen for its group."""
    whole = await offered(look.device(fleet, fleet.entry_id).id)
    assert (whole & FLEET, whole & GROUP_OR_SCREEN, whole & ANY) == (FLEET, set(), ANY)
    group = await offered(look.device(fleet, f"{fleet.entry_id}_group_12").id)
    assert group >= FLEET | GROUP_OR_SCREEN | ANY
    one = await offered(look.device(fleet, screen).id)
    assert (one & FLEET, one & GROUP_OR_SCREEN, one & ANY) == (set(), GROUP_OR_SCREEN, ANY)
    assert "run_ups_command" not in whole | group | one


async def test_a_ups_is_offered_its_commands_and_nothing_else(
    server: MockConfigEntry, look: Look, offered: Offered
) -> None:
    """It is in no fleet."""
    assert await offered(look.device(server, f"{server.entry_id}_rack").id) == {"run_ups_command"}
