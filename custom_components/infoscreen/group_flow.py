"""Make, rename and fill a group: a subentry of its fleet."""

from collections.abc import Mapping
from typing import Any, Final

from homeassistant.config_entries import ConfigEntryState, ConfigSubentryFlow, SubentryFlowResult
from homeassistant.const import CONF_NAME
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.selector import (
    BooleanSelector,
    EntitySelector,
    EntitySelectorConfig,
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
    TextSelector,
)
import voluptuous as vol

from .const import (
    CONF_GROUP_ID,
    CONF_HOLIDAY_CALENDAR,
    CONF_LAG,
    CONF_LEAD,
    CONF_POWER_ENABLED,
    CONF_SCREENS,
    CONF_TV_ENTITIES,
    CONF_UPS,
    MAX_MARGIN,
    SUBENTRY_GROUP,
)
from .devices import screen_name
from .form_fields import tvs, whole
from .model.errors import Refused
from .model.fleet import MAX_GROUP_ID, checked_group_name
from .runtime import InfoscreenConfigEntry
from .ups_fields import GROUP_UPS, feeds_wrongly, given_ups, keeping

_MARGIN: Final = whole(0, MAX_MARGIN, "min")
#: What there is to say of a group beside its name, screens, TVs and UPS.
_FIELDS: Final = vol.Schema(
    {
        vol.Optional(CONF_HOLIDAY_CALENDAR): EntitySelector(EntitySelectorConfig(domain="calendar")),
        vol.Required(CONF_POWER_ENABLED, default=True): BooleanSelector(),
        vol.Required(CONF_LEAD, default=0): _MARGIN,
        vol.Required(CONF_LAG, default=0): _MARGIN,
    }
)


class GroupSubentryFlow(ConfigSubentryFlow):
    """Make or rename a group."""

    async def async_step_user(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Ask for a new group's name and screens, and its id on the wire where an old server gave one."""
        entry: InfoscreenConfigEntry = self._get_entry()
        if entry.state is not ConfigEntryState.LOADED:
            return self.async_abort(reason="fleet_not_loaded")
        groups = entry.runtime_data.fleet.groups
        errors: dict[str, str] = {}
        if user_input is not None:
            name = self._checked(user_input, errors)
            group_id = user_input.get(CONF_GROUP_ID, groups.next_id)
            if groups.async_was_there(group_id):
                errors[CONF_GROUP_ID] = "group_id_taken"
            if not errors:
                groups.async_intend(group_id, user_input.get(CONF_SCREENS, []))
                data = {CONF_GROUP_ID: group_id, **_given(name, user_input)}
                return self.async_create_entry(title=name, data=data, unique_id=str(group_id))
        fields = {
            vol.Required(CONF_NAME): TextSelector(),
            vol.Optional(CONF_GROUP_ID): whole(1, MAX_GROUP_ID),
            vol.Optional(CONF_SCREENS): self._screens(entry),
            **_FIELDS.schema,
            vol.Optional(CONF_TV_ENTITIES): tvs(self.hass, multiple=True),
            **GROUP_UPS.schema,
        }
        return self._form("user", fields, user_input or {}, errors)

    async def async_step_reconfigure(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Ask for another name, holiday calendar and screens; the id stays."""
        entry: InfoscreenConfigEntry = self._get_entry()
        subentry = self._get_reconfigure_subentry()
        group_id: int = subentry.data[CONF_GROUP_ID]
        errors: dict[str, str] = {}
        if user_input is not None:
            name = self._checked(user_input, errors, but=subentry.subentry_id)
            if not errors and not await self._is_filled(entry, group_id, user_input.get(CONF_SCREENS)):
                errors["base"] = "not_saved"
            if not errors:
                data = {CONF_GROUP_ID: group_id, **_given(name, user_input)}
                return self.async_update_and_abort(entry, subentry, title=name, data=data)
        fields = {
            vol.Required(CONF_NAME): TextSelector(),
            **keeping(_FIELDS, subentry.data),
            vol.Optional(CONF_TV_ENTITIES): tvs(self.hass, multiple=True),
            **keeping(GROUP_UPS, subentry.data),
        }
        now = dict(subentry.data)
        if entry.state is ConfigEntryState.LOADED:
            fields[vol.Optional(CONF_SCREENS)] = self._screens(entry)
            now[CONF_SCREENS] = list(entry.runtime_data.fleet.groups.async_screens_of(group_id))
        return self._form("reconfigure", fields, user_input or now, errors)

    def _checked(
        self, user_input: Mapping[str, Any], errors: dict[str, str], *, but: str | None = None
    ) -> str:
        """Return the name as it is kept, and say what is wrong with it or with the UPS."""
        if feeds_wrongly(self.hass, user_input):
            errors[CONF_UPS] = "not_a_ups"
        try:
            return checked_group_name(user_input[CONF_NAME], self._taken(but))
        except Refused as err:
            errors[CONF_NAME] = err.key
            return ""

    async def _is_filled(
        self, entry: InfoscreenConfigEntry, group_id: int, screens: list[str] | None
    ) -> bool:
        """Put the screens chosen into the group, if any choice was given; tell whether the disk took it."""
        if screens is not None and entry.state is ConfigEntryState.LOADED:
            try:
                await entry.runtime_data.fleet.groups.async_fill(group_id, screens)
            except HomeAssistantError:
                return False
        return True

    def _screens(self, entry: InfoscreenConfigEntry) -> SelectSelector:
        """Return a field for screens of the fleet, each with the group that it is in now."""
        fleet = entry.runtime_data.fleet
        options = []
        for key, coordinator in fleet.screens.items():
            name = screen_name(self.hass, entry, coordinator.screen)
            group = fleet.groups.get(coordinator.screen.group_id or 0)
            label = f"{name} ({group.name})" if group else name
            options.append(SelectOptionDict(value=key, label=label))
        return SelectSelector(
            SelectSelectorConfig(options=options, multiple=True, mode=SelectSelectorMode.DROPDOWN, sort=True)
        )

    def _form(
        self,
        step_id: str,
        fields: dict[vol.Marker, Any],
        values: Mapping[str, Any],
        errors: dict[str, str],
    ) -> SubentryFlowResult:
        schema = self.add_suggested_values_to_schema(vol.Schema(fields), values)
        return self.async_show_form(step_id=step_id, data_schema=schema, errors=errors)

    def _taken(self, but: str | None) -> set[str]:
        """Return the names of the other groups as they are compared."""
        return {
            subentry.data[CONF_NAME].casefold()
            for subentry in self._get_entry().get_subentries_of_type(SUBENTRY_GROUP)
            if subentry.subentry_id != but
        }


def _given(name: str, user_input: Mapping[str, Any]) -> dict[str, Any]:
    """Return what was given of a group; a calendar or TVs that were left out are none."""
    power = {key: user_input[key] for key in (CONF_POWER_ENABLED, CONF_LEAD, CONF_LAG)}
    others = {
        key: value for key in (CONF_HOLIDAY_CALENDAR, CONF_TV_ENTITIES) if (value := user_input.get(key))
    }
    return {CONF_NAME: name, **power, **others, **given_ups(user_input)}
