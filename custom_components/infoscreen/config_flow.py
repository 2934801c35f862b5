"""Set up a fleet with its groups and options, or a NUT server, from Home Assistant's own pages."""

from collections.abc import Mapping
from typing import Any, Final, override

from homeassistant.config_entries import (
    SOURCE_RECONFIGURE,
    ConfigEntry,
    ConfigEntryState,
    ConfigFlowResult,
    ConfigSubentryFlow,
    OptionsFlow,
)
from homeassistant.const import CONF_USERNAME
from homeassistant.core import callback
from homeassistant.helpers.selector import (
    SelectSelector,
    SelectSelectorConfig,
    TextSelector,
)
from homeassistant.helpers.service_info.mqtt import MqttServiceInfo
import voluptuous as vol

from .broker import CannotConnectError, InvalidAuthError, TlsFailedError
from .broker.choice import async_make_broker, async_twin, own_place, unique_id
from .connection_form import BROKER_SCHEMA, LOGIN_SCHEMA, SHOWN, ConnectionForm
from .const import (
    CONF_TOPIC_PREFIX,
    CONF_TRANSPORT,
    DOMAIN,
    SUBENTRY_GROUP,
    SUBENTRY_HARDWARE,
    TRANSPORT_BROKER,
    TRANSPORT_MQTT,
)
from .entries import is_ups_server
from .group_flow import GroupSubentryFlow
from .hardware_flow import HardwareSubentryFlow
from .model.errors import Refused
from .model.reading import parse
from .model.topics import DEFAULT_PREFIX, Kind, Topics, checked_prefix
from .options_flow import FleetOptionsFlow
from .ups_flow import UpsSteps
from .ups_options_flow import UpsOptionsFlow

FLEET_SCHEMA: Final = vol.Schema(
    {
        vol.Required(CONF_TRANSPORT, default=TRANSPORT_MQTT): SelectSelector(
            SelectSelectorConfig(options=[TRANSPORT_MQTT, TRANSPORT_BROKER], translation_key="transport")
        ),
        vol.Required(CONF_TOPIC_PREFIX, default=DEFAULT_PREFIX): TextSelector(),
    }
)


class InfoscreenConfigFlow(UpsSteps, domain=DOMAIN):
    """Set up a fleet, or a NUT server."""

    def __init__(self) -> None:
        self._known: Mapping[str, Any] = {}
        self._fleet: dict[str, Any] = {}
        self._form = ConnectionForm()

    @staticmethod
    @callback
    @override
    def async_get_options_flow(config_entry: ConfigEntry) -> OptionsFlow:
        return UpsOptionsFlow() if is_ups_server(config_entry.data) else FleetOptionsFlow()

    @classmethod
    @callback
    @override
    def async_get_supported_subentry_types(
        cls, config_entry: ConfigEntry
    ) -> dict[str, type[ConfigSubentryFlow]]:
        if is_ups_server(config_entry.data):
            return {}
        return {SUBENTRY_GROUP: GroupSubentryFlow, SUBENTRY_HARDWARE: HardwareSubentryFlow}

    async def async_step_user(self, _user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask what to set up."""
        return self.async_show_menu(step_id="user", menu_options=["fleet", "ups"])

    async def async_step_fleet(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask where the screens are, and try it."""
        errors: dict[str, str] = {}
        if user_input is not None:
            try:
                self._fleet = {**user_input, CONF_TOPIC_PREFIX: checked_prefix(user_input[CONF_TOPIC_PREFIX])}
            except Refused as err:
                errors[CONF_TOPIC_PREFIX] = err.key
            else:
                if self._fleet[CONF_TRANSPORT] == TRANSPORT_BROKER:
                    return await self.async_step_broker()
                await self._unique(self._fleet)
                errors = await self._try(self._fleet)
                if not errors:
                    return self._done(self._fleet)
        return self.async_show_form(
            step_id="fleet",
            data_schema=self.add_suggested_values_to_schema(FLEET_SCHEMA, user_input or self._known),
            errors=errors,
        )

    async def async_step_broker(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask how a broker of our own is reached, and try it."""
        errors: dict[str, str] = {}
        if user_input is not None:
            try:
                connection = await self._form.async_read(self.hass, user_input, self._known)
            except Refused as err:
                errors[err.placeholders["field"]] = err.key
            else:
                data = self._fleet | connection
                await self._unique(data)
                errors = await self._try(data)
                if not errors:
                    return self._done(data)
        shown = user_input or {key: value for key, value in self._known.items() if key in SHOWN}
        return self.async_show_form(
            step_id="broker",
            data_schema=self.add_suggested_values_to_schema(BROKER_SCHEMA, shown),
            errors=errors,
        )

    async def async_step_reconfigure(self, _user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask anew where the screens are, or the NUT server."""
        entry = self._get_reconfigure_entry()
        if is_ups_server(entry.data):
            self._server = entry.data
            return await self.async_step_ups()
        self._known = entry.data
        return await self.async_step_fleet()

    async def async_step_reauth(self, entry_data: Mapping[str, Any]) -> ConfigFlowResult:
        """Ask for a login that the broker knows, or the NUT server."""
        if is_ups_server(entry_data):
            return await self.async_step_reauth_ups()
        self._known = entry_data
        return await self.async_step_reauth_confirm()

    async def async_step_reauth_confirm(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Try the login."""
        errors: dict[str, str] = {}
        if user_input is not None:
            data = {**self._known, **user_input}
            errors = await self._try(data)
            if not errors:
                return self._change(self._get_reauth_entry(), data)
        shown = user_input or {CONF_USERNAME: self._known.get(CONF_USERNAME, "")}
        return self.async_show_form(
            step_id="reauth_confirm",
            data_schema=self.add_suggested_values_to_schema(LOGIN_SCHEMA, shown),
            errors=errors,
            description_placeholders={"broker": own_place(self._known)},
        )

    @override
    async def async_step_mqtt(self, discovery_info: MqttServiceInfo) -> ConfigFlowResult:
        """Offer a fleet whose screens announce themselves on Home Assistant's broker."""
        prefix = discovery_info.topic.removesuffix(f"/{Kind.DISCOVERY}")
        payload = discovery_info.payload
        message = parse(
            Kind.DISCOVERY, None, payload.encode() if isinstance(payload, str) else payload
        ).message
        if message is None:
            return self.async_abort(reason="invalid_discovery_info")
        await self._unique({CONF_TRANSPORT: TRANSPORT_MQTT, CONF_TOPIC_PREFIX: prefix})
        return await self.async_step_confirm()

    async def async_step_confirm(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask whether the fleet that was found is wanted."""
        errors: dict[str, str] = {}
        data = {CONF_TRANSPORT: TRANSPORT_MQTT, CONF_TOPIC_PREFIX: DEFAULT_PREFIX}
        if user_input is not None:
            errors = await self._try(data)
            if not errors:
                return self._done(data)
        self._set_confirm_only()
        return self.async_show_form(step_id="confirm", errors=errors)

    async def _unique(self, data: Mapping[str, Any]) -> None:
        """End the flow if this fleet is set up already."""
        await self.async_set_unique_id(unique_id(data))
        if self.source != SOURCE_RECONFIGURE or self.unique_id != self._get_reconfigure_entry().unique_id:
            self._abort_if_unique_id_configured()
        if (twin := async_twin(self.hass, data)) is not None:
            self._async_abort_entries_match(twin)

    async def _try(self, data: Mapping[str, Any]) -> dict[str, str]:
        """Listen to the fleet's topics once; return what the form says if it does not work."""
        errors: dict[str, str] = {}
        filters = Topics(prefix=data[CONF_TOPIC_PREFIX]).subscriptions()
        broker = async_make_broker(self.hass, data)
        try:
            await broker.async_try({topic: kind.qos for topic, kind in filters.items()})
        except InvalidAuthError:
            errors["base"] = "invalid_auth"
        except TlsFailedError:
            errors["base"] = "tls_failed"
        except CannotConnectError:
            errors["base"] = "cannot_connect"
        return errors

    def _done(self, data: dict[str, Any]) -> ConfigFlowResult:
        """Make the entry, or change it."""
        prefix = data[CONF_TOPIC_PREFIX]
        if self.source == SOURCE_RECONFIGURE:
            return self._change(self._get_reconfigure_entry(), data)
        title = "Infoscreen" if prefix == DEFAULT_PREFIX else f"Infoscreen {prefix}"
        return self.async_create_entry(title=title, data=data)

    def _change(self, entry: ConfigEntry, data: dict[str, Any]) -> ConfigFlowResult:
        """Change the entry; the update listener of one that runs follows, any other is set up at once."""
        changed = self.async_update_and_abort(entry, unique_id=unique_id(data), data=data)
        if entry.state is not ConfigEntryState.LOADED:
            self.hass.config_entries.async_schedule_reload(entry.entry_id)
        return changed
