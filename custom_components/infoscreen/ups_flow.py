"""Set up a NUT server and choose among its UPSes: the steps of it."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from homeassistant.config_entries import (
    SOURCE_RECONFIGURE,
    ConfigEntry,
    ConfigEntryState,
    ConfigFlow,
    ConfigFlowResult,
)
from homeassistant.const import CONF_HOST, CONF_PASSWORD, CONF_PORT, CONF_USERNAME
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers.selector import (
    BooleanSelector,
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
    TextSelector,
    TextSelectorConfig,
    TextSelectorType,
)
import voluptuous as vol

from .connection_form import HOST
from .const import (
    CONF_NUT_CONFIG,
    CONF_REMOVE_CREDENTIALS,
    CONF_UPSES,
    CONF_UPSES_LEFT_OUT,
    DEFAULT_NUT_PORT,
)
from .form_fields import whole
from .model.nut.findings import Finding
from .nut.client import Login
from .nut.configuration import commands_of, findings_at, listed, used_of
from .nut.errors import BadLoginError, DeniedError, NameNotFoundError, NotNutError, NutError
from .nut.trial import NoUpsError, Trial, async_try
from .texts import async_load_texts, async_text, language_for

_USERNAME: Final = TextSelector(TextSelectorConfig(autocomplete="username"))
_PASSWORD: Final = TextSelector(
    TextSelectorConfig(type=TextSelectorType.PASSWORD, autocomplete="current-password")
)
UPS_SCHEMA: Final = vol.Schema(
    {
        vol.Required(CONF_HOST): TextSelector(),
        vol.Required(CONF_PORT, default=DEFAULT_NUT_PORT): whole(1, 65535),
        vol.Optional(CONF_USERNAME): _USERNAME,
        vol.Optional(CONF_PASSWORD): _PASSWORD,
    }
)
UPS_CHANGE_SCHEMA: Final = UPS_SCHEMA.extend(
    {
        vol.Optional(CONF_REMOVE_CREDENTIALS, default=False): BooleanSelector(),
        vol.Optional(CONF_NUT_CONFIG): TextSelector(),
    }
)
UPS_LOGIN_SCHEMA: Final = vol.Schema(
    {vol.Required(CONF_USERNAME): _USERNAME, vol.Required(CONF_PASSWORD): _PASSWORD}
)
_LOGIN_CHECKED: Final = {
    Login.NONE: "login_none",
    Login.VERIFIED: "login_verified",
    Login.NOT_VERIFIABLE: "login_not_verifiable",
}


class UpsSteps(ConfigFlow):
    """The steps about a NUT server."""

    _server: Mapping[str, Any] = {}  # as it is configured so far
    _server_form: Mapping[str, Any] = {}
    _trial = Trial(upses={}, login=Login.NONE)
    _findings: Sequence[Finding] = ()  # what is wrong with its configuration

    async def async_step_ups(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask where a NUT server is, and try it."""
        errors: dict[str, str] = {}
        if user_input is not None:
            data = self._merged(user_input)
            if not HOST.fullmatch(data[CONF_HOST]):
                errors[CONF_HOST] = "invalid_host"
            elif CONF_PASSWORD in data and CONF_USERNAME not in data:
                errors[CONF_USERNAME] = "nut_username_missing"
            else:
                await self._unique_server(data)
                errors = await self._try_server(data) or await self._look_through(data)
            if not errors:
                return await self.async_step_nut_config()
        changing = self.source == SOURCE_RECONFIGURE
        shown = user_input or {key: value for key, value in self._server.items() if key != CONF_PASSWORD}
        return self.async_show_form(
            step_id="ups",
            data_schema=self.add_suggested_values_to_schema(
                UPS_CHANGE_SCHEMA if changing else UPS_SCHEMA, shown
            ),
            errors=errors,
        )

    async def async_step_nut_config(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Show what is wrong with the configuration, if it was named; a person may go on all the same."""
        if user_input is not None or not self._findings:
            return await self.async_step_select_ups()
        await async_load_texts(self.hass)
        return self.async_show_form(
            step_id="nut_config",
            data_schema=vol.Schema({}),
            description_placeholders={
                "number": f"{len(self._findings)}",
                "findings": listed(self.hass, self._findings),
            },
        )

    async def async_step_select_ups(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask which UPSes are followed, where there are several."""
        errors: dict[str, str] = {}
        upses = self._trial.upses
        if len(upses) == 1:
            return self._server_done(None)
        if user_input is not None:
            chosen = [name for name in upses if name in user_input[CONF_UPSES]]
            if chosen:
                return self._server_done(None if len(chosen) == len(upses) else chosen)
            errors[CONF_UPSES] = "no_ups_chosen"
        await async_load_texts(self.hass)  # the first entry is made before anything of ours is set up
        options = [
            SelectOptionDict(value=name, label=f"{name} ({text})" if text else name)
            for name, text in upses.items()
        ]
        before = {name.casefold() for name in self._server.get(CONF_UPSES) or upses}
        field = SelectSelector(
            SelectSelectorConfig(options=options, multiple=True, mode=SelectSelectorMode.LIST)
        )
        default = [name for name in upses if name.casefold() in before]
        return self.async_show_form(
            step_id="select_ups",
            data_schema=vol.Schema({vol.Required(CONF_UPSES, default=default): field}),
            errors=errors,
            description_placeholders={
                "login": async_text(
                    self.hass, language_for(self.hass), f"ups_{_LOGIN_CHECKED[self._trial.login]}", {}
                )
            },
        )

    async def async_step_reauth_ups(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask for a login that the NUT server knows."""
        errors: dict[str, str] = {}
        entry = self._get_reauth_entry()
        if user_input is not None:
            errors = await self._try_server({**entry.data, **user_input})
            if not errors:
                return self._change_server(entry, {**entry.data, **user_input})
        shown = user_input or {CONF_USERNAME: entry.data.get(CONF_USERNAME, "")}
        return self.async_show_form(
            step_id="reauth_ups",
            data_schema=self.add_suggested_values_to_schema(UPS_LOGIN_SCHEMA, shown),
            errors=errors,
            description_placeholders={"server": f"{entry.data[CONF_HOST]}:{entry.data[CONF_PORT]}"},
        )

    def _merged(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """Return an entry's data; a login left empty stays what it was."""
        data = {CONF_HOST: given[CONF_HOST].strip().lower(), CONF_PORT: given[CONF_PORT]}
        if path := given.get(CONF_NUT_CONFIG, "").strip():
            data[CONF_NUT_CONFIG] = path
        if given.get(CONF_REMOVE_CREDENTIALS):
            return data
        for field in (CONF_USERNAME, CONF_PASSWORD):
            if value := given.get(field) or self._server.get(field):
                data[field] = value
        return data

    async def _unique_server(self, data: Mapping[str, Any]) -> None:
        """End the flow if this server is set up already."""
        await self.async_set_unique_id(f"ups/{data[CONF_HOST]}:{data[CONF_PORT]}")
        if self.source != SOURCE_RECONFIGURE or self.unique_id != self._get_reconfigure_entry().unique_id:
            self._abort_if_unique_id_configured()

    async def _try_server(self, data: Mapping[str, Any]) -> dict[str, str]:
        """Try a server; return what the form says of the step that failed."""
        errors: dict[str, str] = {}
        try:
            self._trial = await async_try(data)
        except NameNotFoundError:
            errors[CONF_HOST] = "nut_name_not_found"
        except NotNutError:
            errors["base"] = "nut_not_a_server"
        except DeniedError:
            errors["base"] = "nut_access_denied"
        except NoUpsError:
            errors["base"] = "nut_no_ups"
        except BadLoginError:
            errors[CONF_PASSWORD] = "nut_bad_characters"
        except NutError:
            errors["base"] = "nut_cannot_connect"
        else:
            self._server_form = data
        return errors

    async def _look_through(self, data: Mapping[str, Any]) -> dict[str, str]:
        """Look through the configuration, if it is named; return what the form says if it cannot be read."""
        errors: dict[str, str] = {}
        self._findings = ()
        if CONF_NUT_CONFIG not in data:
            return errors
        upses, entry = self._trial.upses, self._get_reconfigure_entry()
        running = entry.state is ConfigEntryState.LOADED
        used = used_of(
            data,
            followed=self._server.get(CONF_UPSES, upses),
            served=upses,
            commands=commands_of(entry.runtime_data.coordinator) if running else (),
        )
        try:
            self._findings = await self.hass.async_add_executor_job(
                findings_at, self.hass, data[CONF_NUT_CONFIG], used
            )
        except ServiceValidationError:
            errors[CONF_NUT_CONFIG] = "nut_config_unreadable"
        return errors

    def _server_done(self, chosen: list[str] | None) -> ConfigFlowResult:
        """Make the entry, or change it; of the login it is said what could be found out."""
        data = {**self._server_form}
        if chosen:
            left_out = [name for name in self._trial.upses if name not in chosen]
            data |= {CONF_UPSES: chosen, CONF_UPSES_LEFT_OUT: left_out}
        if self.source == SOURCE_RECONFIGURE:
            return self._change_server(self._get_reconfigure_entry(), data)
        return self.async_create_entry(
            title=data[CONF_HOST], data=data, description=_LOGIN_CHECKED[self._trial.login]
        )

    def _change_server(self, entry: ConfigEntry, data: dict[str, Any]) -> ConfigFlowResult:
        """Change the entry; the update listener of one that runs follows, any other is set up at once."""
        unique_id = f"ups/{data[CONF_HOST]}:{data[CONF_PORT]}"
        changed = self.async_update_and_abort(entry, unique_id=unique_id, data=data)
        if entry.state is not ConfigEntryState.LOADED:
            self.hass.config_entries.async_schedule_reload(entry.entry_id)
        return changed
