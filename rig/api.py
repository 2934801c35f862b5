"""What a person, an automation or the frontend does with Home Assistant, in its own words."""

from collections.abc import Callable
from typing import Any

from .client import Client, RequestError
from .flows import CONFIG, OPTIONS, REPAIR, SUBENTRY, Flow
from .waiting import PATIENCE, RigError, until

DOMAIN = "infoscreen"


class Api(Client):
    """One user of a Home Assistant."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self._entity_ids: dict[tuple[str, str, str], str] = {}

    # Flows

    async def add_integration(self, domain: str) -> Flow:
        """Start what "Add integration" starts."""
        return await Flow.start(self, CONFIG, domain)

    async def reconfigure(self, domain: str, entry_id: str) -> Flow:
        """Start the reconfiguration of an entry."""
        return await Flow.start(self, CONFIG, domain, entry_id=entry_id)

    async def configure(self, entry_id: str) -> Flow:
        """Open the options of an entry."""
        return await Flow.start(self, OPTIONS, entry_id)

    async def add_subentry(self, entry_id: str, kind: str) -> Flow:
        """Start a new subentry."""
        return await Flow.start(self, SUBENTRY, [entry_id, kind])

    async def reconfigure_subentry(self, entry_id: str, kind: str, subentry_id: str) -> Flow:
        """Start the reconfiguration of a subentry."""
        return await Flow.start(self, SUBENTRY, [entry_id, kind], subentry_id=subentry_id)

    async def repair(self, issue_id: str, domain: str = DOMAIN) -> Flow:
        """Start the repair of an issue."""
        return await Flow.start(self, REPAIR, domain, issue_id=issue_id)

    async def waiting_flows(self, domain: str = DOMAIN) -> list[dict[str, Any]]:
        """Return the flows that Home Assistant offers by itself."""
        flows = await self.command("config_entries/flow/progress")
        return [flow for flow in flows if flow["handler"] == domain]

    async def resume_flow(self, flow_id: str) -> Flow:
        """Open one of them."""
        return await Flow.resume(self, flow_id)

    # Config entries

    async def entries(self, domain: str | None = DOMAIN) -> list[dict[str, Any]]:
        """Return the config entries of an integration, or all."""
        entries: list[dict[str, Any]] = await self.command("config_entries/get")
        return [entry for entry in entries if domain in {None, entry["domain"]}]

    async def wait_entry(self, entry_id: str, state: str = "loaded", *, within: float = 30) -> None:
        """Wait until a config entry is in a state."""
        now = ""

        async def in_state() -> bool:
            nonlocal now
            entry = (await self.command("config_entries/get_single", entry_id=entry_id))["config_entry"]
            now = f"{entry['state']} ({entry['reason']})"
            return bool(entry["state"] == state)

        try:
            await until(in_state, f"config entry {state}", within=within)
        except RigError as error:
            raise RigError(f"{error}; it is {now}") from None

    async def reload_entry(self, entry_id: str) -> None:
        """Reload a config entry."""
        await self.request("POST", f"/api/config/config_entries/entry/{entry_id}/reload")

    async def remove_entry(self, entry_id: str) -> None:
        """Remove a config entry."""
        await self.request("DELETE", f"/api/config/config_entries/entry/{entry_id}")

    async def subentries(self, entry_id: str) -> list[dict[str, Any]]:
        """Return an entry's subentries: subentry_id, subentry_type, title, unique_id."""
        subentries: list[dict[str, Any]] = await self.command(
            "config_entries/subentries/list", entry_id=entry_id
        )
        return subentries

    async def remove_subentry(self, entry_id: str, subentry_id: str) -> None:
        """Remove a subentry."""
        await self.command("config_entries/subentries/delete", entry_id=entry_id, subentry_id=subentry_id)

    # Registries

    async def devices(self, entry_id: str) -> list[dict[str, Any]]:
        """Return the devices of a config entry."""
        devices = await self.command("config/device_registry/list")
        return [device for device in devices if device["config_entry_id"] == entry_id]

    async def entities(self, platform: str = DOMAIN) -> list[dict[str, Any]]:
        """Return the registered entities of an integration, with their unique ids."""
        listed = await self.command("config/entity_registry/list")
        mine = [row["entity_id"] for row in listed if row["platform"] == platform]
        rows = await self.command("config/entity_registry/get_entries", entity_ids=mine)
        return list(rows.values())

    async def entity(
        self, domain: str, unique_id: str, platform: str = DOMAIN, *, within: float = PATIENCE
    ) -> str:
        """Return the entity id, by unique id, as soon as the entity is registered.

        What was found once is remembered: a test that renames entities asks `entities`.
        """
        key = (platform, domain, unique_id)

        async def registered() -> str | None:
            if key not in self._entity_ids:
                for row in await self.entities(platform):
                    found = (platform, row["entity_id"].partition(".")[0], row["unique_id"])
                    self._entity_ids[found] = row["entity_id"]
            return self._entity_ids.get(key)

        return await until(registered, f"{domain} {unique_id}", within=within, every=0.3)

    async def enable(self, entity_id: str) -> None:
        """Enable an entity that is disabled; half a minute later Home Assistant reloads its entry for it."""
        await self.command("config/entity_registry/update", entity_id=entity_id, disabled_by=None)

    # States and actions

    async def state(self, entity_id: str) -> dict[str, Any] | None:
        """Return the state with its attributes, None where there is none."""
        try:
            state: dict[str, Any] = await self.request("GET", f"/api/states/{entity_id}")
        except RequestError as error:
            if error.status == 404:
                return None
            raise
        return state

    async def states(self) -> dict[str, dict[str, Any]]:
        """Return all states by entity id."""
        return {state["entity_id"]: state for state in await self.command("get_states")}

    async def wait_state(
        self, entity_id: str, wanted: str | Callable[[dict[str, Any]], bool], *, within: float = PATIENCE
    ) -> dict[str, Any]:
        """Wait until an entity is in a state, or until a question about its state is answered yes."""
        state: dict[str, Any] | None = None

        async def as_wanted() -> dict[str, Any] | None:
            nonlocal state
            state = await self.state(entity_id)
            if state is None:
                return None
            fits = wanted(state) if callable(wanted) else state["state"] == wanted
            return state if fits else None

        what = "as wanted" if callable(wanted) else wanted
        try:
            return await until(as_wanted, f"{entity_id} {what}", within=within)
        except RigError as error:
            raise RigError(f"{error}; it is {state}") from None

    async def act(self, action: str, data: dict[str, Any] | None = None, **target: Any) -> None:
        """Perform an action ("light.turn_on") on a target (entity_id=…, device_id=…, area_id=…)."""
        await self._act(action, data, target, response=False)

    async def ask(self, action: str, data: dict[str, Any] | None = None, **target: Any) -> dict[str, Any]:
        """Perform an action and return its response."""
        answer = await self._act(action, data, target, response=True)
        response: dict[str, Any] = answer["response"]
        return response

    async def _act(
        self, action: str, data: dict[str, Any] | None, target: dict[str, Any], *, response: bool
    ) -> Any:
        """Perform an action."""
        domain, _, service = action.partition(".")
        fields: dict[str, Any] = {"target": target} if target else {}
        return await self.command(
            "call_service",
            domain=domain,
            service=service,
            service_data=data or {},
            return_response=response,
            **fields,
        )

    # What tells a person about it

    async def issues(self, domain: str = DOMAIN) -> list[dict[str, Any]]:
        """Return the repair issues of an integration."""
        issues = (await self.command("repairs/list_issues"))["issues"]
        return [issue for issue in issues if issue["domain"] == domain]

    async def diagnostics(self, entry_id: str, device_id: str | None = None) -> dict[str, Any]:
        """Download the diagnostics of an entry, or of one of its devices."""
        device = f"/device/{device_id}" if device_id else ""
        diagnostics: dict[str, Any] = await self.request(
            "GET", f"/api/diagnostics/config_entry/{entry_id}{device}"
        )
        return diagnostics

    # Users

    async def add_user(self, login: tuple[str, str], group: str = "system-users") -> str:
        """Add a user, no administrator unless the group says so, and return the user's id."""
        username, password = login
        user_id: str = (await self.command("config/auth/create", name=username, group_ids=[group]))["user"][
            "id"
        ]
        await self.command(
            "config/auth_provider/homeassistant/create", user_id=user_id, username=username, password=password
        )
        return user_id
