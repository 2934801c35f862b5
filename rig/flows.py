"""Config, options, subentry and repair flows, answered as a person answers their forms."""

from dataclasses import dataclass
from typing import Any, Self

from .client import Client
from .waiting import RigError

CONFIG = "config/config_entries/flow"
OPTIONS = "config/config_entries/options/flow"
SUBENTRY = "config/config_entries/subentries/flow"
REPAIR = "repairs/issues/fix"


@dataclass(frozen=True, kw_only=True)
class Flow:
    """A flow at one of its steps."""

    client: Client
    kind: str
    step: dict[str, Any]

    @classmethod
    async def start(cls, client: Client, kind: str, handler: Any, **fields: Any) -> Self:
        """Start a flow."""
        step = await client.request("POST", f"/api/{kind}", {"handler": handler, **fields})
        return cls(client=client, kind=kind, step=step)

    @classmethod
    async def resume(cls, client: Client, flow_id: str, kind: str = CONFIG) -> Self:
        """Open a flow that Home Assistant started itself."""
        return cls(client=client, kind=kind, step=await client.request("GET", f"/api/{kind}/{flow_id}"))

    async def submit(self, answers: dict[str, Any] | None = None) -> Self:
        """Submit the form."""
        path = f"/api/{self.kind}/{self.step['flow_id']}"
        step = await self.client.request("POST", path, answers or {})
        return type(self)(client=self.client, kind=self.kind, step=step)

    async def choose(self, option: str) -> Self:
        """Choose from a menu."""
        return await self.submit({"next_step_id": option})

    def expect(self, kind: str, **fields: Any) -> Self:
        """See that the step is of this kind (form, menu, abort, create_entry, …) and has these fields."""
        wanted = {"type": kind, **fields}
        if any((self.step.get(key) or None) != (value or None) for key, value in wanted.items()):
            raise RigError(f"wanted a step with {wanted}, got {self.step}")
        return self

    @property
    def result(self) -> Any:
        """Return what the flow made."""
        return self.step["result"]
