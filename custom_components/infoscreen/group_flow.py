"""Make, rename and describe a group: a subentry of its fleet."""

from collections.abc import Mapping
from typing import Any, Final

from homeassistant.config_entries import ConfigEntryState, ConfigSubentryFlow, SubentryFlowResult
from homeassistant.const import CONF_NAME
from homeassistant.helpers.selector import EntitySelector, EntitySelectorConfig, TextSelector
import voluptuous as vol

from .const import CONF_GROUP_ID, CONF_HOLIDAY_CALENDAR, SUBENTRY_GROUP
from .form_fields import whole
from .model.errors import Refused
from .model.fleet import MAX_GROUP_ID, checked_group_name
from .runtime import InfoscreenConfigEntry

_CALENDAR: Final = EntitySelector(EntitySelectorConfig(domain="calendar"))


class GroupSubentryFlow(ConfigSubentryFlow):
    """Make or rename a group."""

    async def async_step_user(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Ask for a new group's name, and its id on the wire where an old server gave one."""
        entry: InfoscreenConfigEntry = self._get_entry()
        if entry.state is not ConfigEntryState.LOADED:
            return self.async_abort(reason="fleet_not_loaded")
        errors: dict[str, str] = {}
        if user_input is not None:
            group_id = user_input.get(CONF_GROUP_ID, entry.runtime_data.fleet.next_group_id)
            try:
                name = checked_group_name(user_input[CONF_NAME], self._taken())
            except Refused as err:
                errors[CONF_NAME] = err.key
            else:
                if not entry.runtime_data.fleet.async_was_group(group_id):
                    return self.async_create_entry(
                        title=name,
                        data={CONF_GROUP_ID: group_id, **_given(name, user_input)},
                        unique_id=str(group_id),
                    )
                errors[CONF_GROUP_ID] = "group_id_taken"
        schema = vol.Schema(
            {
                vol.Required(CONF_NAME): TextSelector(),
                vol.Optional(CONF_GROUP_ID): whole(1, MAX_GROUP_ID),
                vol.Optional(CONF_HOLIDAY_CALENDAR): _CALENDAR,
            }
        )
        return self._form("user", schema, user_input or {}, errors)

    async def async_step_reconfigure(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Ask for another name or holiday calendar; the id stays."""
        subentry = self._get_reconfigure_subentry()
        errors: dict[str, str] = {}
        if user_input is not None:
            try:
                name = checked_group_name(user_input[CONF_NAME], self._taken(but=subentry.subentry_id))
            except Refused as err:
                errors[CONF_NAME] = err.key
            else:
                return self.async_update_and_abort(
                    self._get_entry(),
                    subentry,
                    title=name,
                    data={CONF_GROUP_ID: subentry.data[CONF_GROUP_ID], **_given(name, user_input)},
                )
        schema = vol.Schema(
            {vol.Required(CONF_NAME): TextSelector(), vol.Optional(CONF_HOLIDAY_CALENDAR): _CALENDAR}
        )
        return self._form("reconfigure", schema, user_input or subentry.data, errors)

    def _form(
        self, step_id: str, schema: vol.Schema, values: Mapping[str, Any], errors: dict[str, str]
    ) -> SubentryFlowResult:
        return self.async_show_form(
            step_id=step_id, data_schema=self.add_suggested_values_to_schema(schema, values), errors=errors
        )

    def _taken(self, but: str | None = None) -> set[str]:
        """Return the names of the other groups as they are compared."""
        return {
            subentry.data[CONF_NAME].casefold()
            for subentry in self._get_entry().get_subentries_of_type(SUBENTRY_GROUP)
            if subentry.subentry_id != but
        }


def _given(name: str, user_input: Mapping[str, Any]) -> dict[str, Any]:
    """Return what was given of a group; a calendar that was left out is none."""
    calendar = user_input.get(CONF_HOLIDAY_CALENDAR)
    return {CONF_NAME: name, **({CONF_HOLIDAY_CALENDAR: calendar} if calendar else {})}
