"""Plan the periods and holidays of a fleet, at the end of its options."""

from collections.abc import Awaitable, Mapping
from typing import Any, Final

from homeassistant.components.file_upload import process_uploaded_file
from homeassistant.config_entries import ConfigEntryState, ConfigFlowResult, OptionsFlow
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.selector import (
    BooleanSelector,
    DateSelector,
    FileSelector,
    FileSelectorConfig,
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
    TextSelector,
)
import voluptuous as vol

from .academics import Academics
from .entity import refusals_told
from .errors import in_words
from .model.errors import Refused
from .model.schedule.holiday_file import Imported, decode
from .runtime import InfoscreenConfigEntry

_PERIOD_TYPE: Final = SelectSelector(
    SelectSelectorConfig(options=["schuljahr", "semester", "trimester"], translation_key="period_type")
)
_THEN: Final = SelectSelector(
    SelectSelectorConfig(
        options=["keep", "activate", "archive", "restore", "delete"], translation_key="period_then"
    )
)
_THEN_NEW: Final = SelectSelector(
    SelectSelectorConfig(options=["keep", "activate"], translation_key="new_period_then")
)


class PlanningFlow(OptionsFlow):
    """Make, change and end periods and holidays; the options are kept with the end of it."""

    def __init__(self) -> None:
        self._options: dict[str, Any] = {}
        self._taken: Imported
        self._chosen = 0  # the period or holiday that is edited; 0 is a new one
        self._fetched: dict[str, str] = {}  # lists by their uploads, which can be fetched only once

    async def async_plan(self, what: str, options: dict[str, Any]) -> ConfigFlowResult:
        """Go on to what is to be planned; the options are kept with its end."""
        self._options = options
        if what == "nothing":
            return self.async_create_entry(data=options)
        if self.config_entry.state is not ConfigEntryState.LOADED:
            return self.async_abort(reason="fleet_not_loaded")
        steps = {
            "periods": self.async_step_periods,
            "holidays": self.async_step_holidays,
            "list": self.async_step_list,
        }
        return await steps[what]()

    def lacks_period(self, what: str) -> bool:
        """Tell whether holidays are to be planned where there is no period yet that they could be in."""
        loaded = self.config_entry.state is ConfigEntryState.LOADED
        return what in {"holidays", "list"} and loaded and not self._academics.periods

    @property
    def _academics(self) -> Academics:
        entry: InfoscreenConfigEntry = self.config_entry
        return entry.runtime_data.academics

    async def async_step_periods(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask which period is meant; none is a new one."""
        if user_input is not None:
            self._chosen = int(user_input.get("period", 0))
            return await self.async_step_period()
        schema = vol.Schema({vol.Optional("period"): self._periods()})
        return self.async_show_form(step_id="periods", data_schema=schema)

    async def async_step_period(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask what a period is to be, and what is to become of it."""
        schema = vol.Schema(
            {
                vol.Required("name"): TextSelector(),
                vol.Optional("display_name"): TextSelector(),
                vol.Required("start"): DateSelector(),
                vol.Required("end"): DateSelector(),
                vol.Required("period_type"): _PERIOD_TYPE,
                vol.Required("then", default="keep"): _THEN if self._chosen else _THEN_NEW,
            }
        )
        if user_input is not None:
            if (reason := await self._refusal(self._keep_period({"display_name": "", **user_input}))) is None:
                return self.async_create_entry(data=self._options)
            return self._form("period", schema, user_input, reason)
        chosen = (each.as_stored() for each in self._academics.periods if each.period_id == self._chosen)
        return self._form("period", schema, next(chosen, {}))

    async def _keep_period(self, wish: Mapping[str, Any]) -> None:
        """Keep a period as it is wished, then do with it what is wished."""
        academics, then = self._academics, wish["then"]
        if then == "delete":
            await academics.async_delete_period(self._chosen)
            return
        if self._chosen:
            await academics.async_update_period(self._chosen, wish)
        else:
            self._chosen = await academics.async_add_period(wish)
        steps = {
            "activate": academics.async_activate_period,
            "archive": academics.async_archive_period,
            "restore": academics.async_restore_period,
        }
        if then in steps:
            await steps[then](self._chosen)

    async def async_step_holidays(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask which holiday is meant; none is a new one."""
        if user_input is not None:
            self._chosen = int(user_input.get("holiday", 0))
            return await self.async_step_holiday()
        options = [
            SelectOptionDict(value=f"{each.holiday_id}", label=f"{each.name} ({each.start} … {each.end})")
            for each in self._academics.holidays
        ]
        schema = vol.Schema({vol.Optional("holiday"): _choice(options)})
        return self.async_show_form(step_id="holidays", data_schema=schema)

    async def async_step_holiday(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask what a holiday is to be."""
        schema = vol.Schema(
            {
                vol.Required("period"): self._periods(),
                vol.Required("name"): TextSelector(),
                vol.Optional("region"): TextSelector(),
                vol.Required("start"): DateSelector(),
                vol.Required("end"): DateSelector(),
            }
        )
        if self._chosen:
            schema = schema.extend({vol.Required("delete", default=False): BooleanSelector()})
        if user_input is not None:
            if (reason := await self._refusal(self._keep_holiday({"region": "", **user_input}))) is None:
                return self.async_create_entry(data=self._options)
            return self._form("holiday", schema, user_input, reason)
        chosen = (each.as_stored() for each in self._academics.holidays if each.holiday_id == self._chosen)
        holiday = next(chosen, {})
        return self._form("holiday", schema, holiday | {"period": f"{holiday.get('period', '')}"})

    async def _keep_holiday(self, wish: Mapping[str, Any]) -> None:
        if wish.get("delete"):
            await self._academics.async_delete_holiday(self._chosen)
        elif self._chosen:
            await self._academics.async_update_holiday(self._chosen, wish)
        else:
            await self._academics.async_add_holiday(int(wish["period"]), wish)

    async def async_step_list(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask for a list of holidays."""
        schema = vol.Schema(
            {
                vol.Required("period"): self._periods(),
                vol.Required("file"): FileSelector(FileSelectorConfig(accept=".csv,.txt")),
            }
        )
        if user_input is not None:
            if (reason := await self._refusal(self._take_list(**user_input))) is not None:
                return self._form("list", schema, {"period": user_input["period"]}, reason)
            return await self.async_step_taken()
        return self._form("list", schema, {})

    async def _take_list(self, period: str, file: str) -> None:
        def read() -> str:
            with process_uploaded_file(self.hass, file) as path:
                return decode(path.read_bytes())

        if file not in self._fetched:
            try:
                self._fetched[file] = await self.hass.async_add_executor_job(read)
            except ValueError as err:
                raise Refused("file_gone") from err
        self._taken = await self._academics.async_import_holidays(int(period), self._fetched[file])

    async def async_step_taken(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Tell what became of a list."""
        if user_input is not None:
            return self.async_create_entry(data=self._options)
        lines = [f"{each.row.line}: {each.row.text}" for each in self._taken.conflicts]
        told = {name: f"{count}" for name, count in self._taken.counts.items()}
        return self.async_show_form(
            step_id="taken",
            data_schema=vol.Schema({}),
            description_placeholders={**told, "lines": "\n".join(lines) or "-"},
        )

    def _periods(self) -> SelectSelector:
        """Return a field for a period."""
        options = [
            SelectOptionDict(value=f"{each.period_id}", label=f"{each.name} ({each.start} … {each.end})")
            for each in self._academics.periods
        ]
        return _choice(options)

    async def _refusal(self, kept: Awaitable[None]) -> str | None:
        """Return why something was refused or not stored, in Home Assistant's language."""
        try:
            with refusals_told():
                await kept
        except HomeAssistantError as err:
            return in_words(err)
        return None

    def _form(
        self, step_id: str, schema: vol.Schema, values: Mapping[str, Any], reason: str | None = None
    ) -> ConfigFlowResult:
        errors: dict[str, str] = {}
        if reason is not None:
            errors["base"] = "refused"
        return self.async_show_form(
            step_id=step_id,
            data_schema=self.add_suggested_values_to_schema(schema, values),
            errors=errors,
            description_placeholders={"reason": reason or ""},
        )


def _choice(options: list[SelectOptionDict]) -> SelectSelector:
    """Return a field that can be left empty again."""
    return SelectSelector(SelectSelectorConfig(options=options, mode=SelectSelectorMode.DROPDOWN))
