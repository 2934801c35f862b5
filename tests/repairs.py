"""Repairs as a person goes through them."""

from typing import Any, Self

from aiohttp.test_utils import TestClient
from homeassistant.components.repairs import DOMAIN as REPAIRS
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

_PATH = "/api/repairs/issues/fix"


def standing(hass: HomeAssistant) -> set[str]:
    """Return the ids of our repairs that stand."""
    return {issue_id for domain, issue_id in ir.async_get(hass).issues if domain == "infoscreen"}


def told(hass: HomeAssistant, issue_id: str) -> dict[str, str] | None:
    """Return what fills in the texts of a repair that must stand."""
    issue = ir.async_get(hass).async_get_issue("infoscreen", issue_id)
    assert issue is not None, f"{issue_id} does not stand; standing: {standing(hass)}"
    return issue.translation_placeholders


class Repair:
    """A repair that has been opened."""

    def __init__(self, client: TestClient[Any, Any], step: dict[str, Any]) -> None:
        self._client = client
        self.step = step

    @classmethod
    async def open(cls, hass: HomeAssistant, hass_client: ClientSessionGenerator, issue_id: str) -> Self:
        """Open one."""
        assert await async_setup_component(hass, REPAIRS, {})
        client = await hass_client()
        answer = await client.post(_PATH, json={"handler": "infoscreen", "issue_id": issue_id})
        step = await answer.json()
        assert "type" in step, step
        return cls(client, step)

    async def choose(self, option: str) -> dict[str, Any]:
        """Choose from its menu; return what comes next."""
        return await self.submit(next_step_id=option)

    async def submit(self, **fields: Any) -> dict[str, Any]:
        """Submit its form; return what comes next."""
        answer = await self._client.post(f"{_PATH}/{self.step['flow_id']}", json=fields)
        self.step = await answer.json()
        return self.step
