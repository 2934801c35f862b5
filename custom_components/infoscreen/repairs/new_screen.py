"""The repairs of screens that wait to be let in: one by one, or many at once."""

from collections.abc import Collection
from typing import Any

from homeassistant.components.repairs import RepairsFlow, RepairsFlowResult
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.selector import SelectOptionDict, SelectSelector, SelectSelectorConfig
import voluptuous as vol

from ..issues import plain
from ..model.fleet import Screen
from .running import running


class _WaitingFlow(RepairsFlow):
    """What both have in common: somebody waits, and is let in or blocked."""

    _entry_id: str

    async def _decide(self, *, accept: Collection[str] = (), block: Collection[str] = ()) -> str | None:
        """Do what was decided; return why it could not be done."""
        if (runtime := running(self.hass, self._entry_id)) is None:
            return "fleet_not_loaded"
        try:
            await runtime.admission.async_accept(accept)
            await runtime.admission.async_block(block)
        except HomeAssistantError:
            return "not_saved"
        return None


class NewScreenFlow(_WaitingFlow):
    """Ask whether a screen is let in."""

    def __init__(self, entry_id: str, uuid: str) -> None:
        self._entry_id = entry_id
        self._key = uuid.lower()

    async def async_step_init(self, _user_input: dict[str, Any] | None = None) -> RepairsFlowResult:
        """Show who it is."""
        if (runtime := running(self.hass, self._entry_id)) is None:
            return self.async_abort(reason="fleet_not_loaded")
        screen = runtime.admission.waiting[self._key]
        return self.async_show_menu(
            step_id="init",
            menu_options=["accept", "block"],
            description_placeholders={
                "screen": plain(screen.name),
                "uuid": screen.uuid,
                "model": plain(screen.model or "?"),
                "ip": plain(screen.ip or "?"),
            },
        )

    async def async_step_accept(self, _user_input: dict[str, Any] | None = None) -> RepairsFlowResult:
        """Let it in."""
        return self._ended(await self._decide(accept=[self._key]))

    async def async_step_block(self, _user_input: dict[str, Any] | None = None) -> RepairsFlowResult:
        """Hear it no more."""
        return self._ended(await self._decide(block=[self._key]))

    def _ended(self, failure: str | None) -> RepairsFlowResult:
        return self.async_abort(reason=failure) if failure else self.async_create_entry(data={})


class NewScreensFlow(_WaitingFlow):
    """Ask which of many screens are let in; those that came after the question was asked wait on."""

    def __init__(self, entry_id: str) -> None:
        self._entry_id = entry_id
        self._screens: dict[str, Screen] = {}

    async def async_step_init(self, _user_input: dict[str, Any] | None = None) -> RepairsFlowResult:
        """Show how many they are."""
        if (runtime := running(self.hass, self._entry_id)) is None:
            return self.async_abort(reason="fleet_not_loaded")
        self._screens = runtime.admission.asked_together
        return self.async_show_menu(
            step_id="init",
            menu_options=["accept_all", "block_all", "choose"],
            description_placeholders={"number": str(len(self._screens))},
        )

    async def async_step_accept_all(self, _user_input: dict[str, Any] | None = None) -> RepairsFlowResult:
        """Let all of them in."""
        return self._ended(await self._decide(accept=self._screens))

    async def async_step_block_all(self, _user_input: dict[str, Any] | None = None) -> RepairsFlowResult:
        """Hear none of them any more."""
        return self._ended(await self._decide(block=self._screens))

    async def async_step_choose(self, user_input: dict[str, Any] | None = None) -> RepairsFlowResult:
        """Let some in, block others; the rest waits on."""
        errors: dict[str, str] = {}
        if user_input is not None:
            accept, block = set(user_input.get("accept", ())), set(user_input.get("block", ()))
            if not accept & block:
                return self._ended(await self._decide(accept=accept, block=block))
            errors["base"] = "accepted_and_blocked"
        options = [
            SelectOptionDict(value=key, label=f"{screen.name} ({screen.uuid})")
            for key, screen in self._screens.items()
        ]
        some = SelectSelector(SelectSelectorConfig(options=options, multiple=True))
        schema = vol.Schema({vol.Optional("accept"): some, vol.Optional("block"): some})
        return self.async_show_form(
            step_id="choose",
            data_schema=self.add_suggested_values_to_schema(schema, user_input),
            errors=errors,
        )

    def _ended(self, failure: str | None) -> RepairsFlowResult:
        """End; only by giving up the repair stands on, as it must while somebody waits."""
        runtime = running(self.hass, self._entry_id)
        if failure is None and runtime and runtime.admission.asked_together:
            failure = "others_wait"
        return self.async_abort(reason=failure) if failure else self.async_create_entry(data={})
