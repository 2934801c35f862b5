"""Set how a fleet behaves: the options, in sections."""

from collections.abc import Mapping
from typing import Any, Final

from homeassistant.config_entries import ConfigEntryState, ConfigFlowResult
from homeassistant.data_entry_flow import section
from homeassistant.helpers.selector import (
    BooleanSelector,
    DeviceSelector,
    DeviceSelectorConfig,
    NumberSelector,
    NumberSelectorConfig,
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
    TextSelector,
    TextSelectorConfig,
)
import voluptuous as vol

from .const import (
    CONF_APPROVE_NEW_SCREENS,
    CONF_BRIDGE_GAP,
    CONF_COMMAND_EXPIRY,
    CONF_COMMANDS_FOR_ALL_USERS,
    CONF_COMPATIBILITY_TOPICS,
    CONF_GOTENBERG_URL,
    CONF_HEARTBEAT_GRACE,
    CONF_LOG_MAX_DAYS,
    CONF_LOG_MAX_ENTRIES,
    CONF_MANUAL_HOLD,
    CONF_MEDIA_BASE_URL,
    CONF_POLL_INTERVAL,
    CONF_POWER_INTENT_ENABLED,
    CONF_POWER_INTENT_EXPIRY_MULTIPLIER,
    CONF_POWER_INTENT_HEARTBEAT,
    CONF_POWER_INTENT_MIN_EXPIRY,
    CONF_PRIORITY_SCREENSHOT_TTL,
    CONF_RECOVERY_ENABLED,
    CONF_RECOVERY_GRACE,
    CONF_RECOVERY_LEFT_OUT,
    CONF_RECOVERY_LOCKOUT,
    CONF_REFRESH,
    CONF_TABLE_ENABLED,
    CONF_TABLE_URL,
    CONF_URL_ALLOWLIST,
    DEFAULT_BRIDGE_GAP,
    DEFAULT_COMMAND_EXPIRY,
    DEFAULT_HEARTBEAT_GRACE,
    DEFAULT_LOG_MAX_DAYS,
    DEFAULT_LOG_MAX_ENTRIES,
    DEFAULT_MANUAL_HOLD,
    DEFAULT_POLL_INTERVAL,
    DEFAULT_POWER_INTENT_EXPIRY_MULTIPLIER,
    DEFAULT_POWER_INTENT_MIN_EXPIRY,
    DEFAULT_PRIORITY_SCREENSHOT_TTL,
    DEFAULT_RECOVERY_GRACE,
    DEFAULT_RECOVERY_LOCKOUT,
    MAX_BRIDGE_GAP,
    MAX_COMMAND_EXPIRY,
    MAX_HEARTBEAT_GRACE,
    MAX_LOG_MAX_DAYS,
    MAX_LOG_MAX_ENTRIES,
    MAX_MANUAL_HOLD,
    MAX_POLL_INTERVAL,
    MAX_POWER_INTENT_EXPIRY_MULTIPLIER,
    MAX_POWER_INTENT_MIN_EXPIRY,
    MAX_PRIORITY_SCREENSHOT_TTL,
    MAX_RECOVERY_GRACE,
    MAX_RECOVERY_LOCKOUT,
    MAX_REFRESH,
    MIN_COMMAND_EXPIRY,
    MIN_HEARTBEAT_GRACE,
    MIN_LOG_MAX_DAYS,
    MIN_LOG_MAX_ENTRIES,
    MIN_MANUAL_HOLD,
    MIN_POLL_INTERVAL,
    MIN_POWER_INTENT_EXPIRY_MULTIPLIER,
    MIN_POWER_INTENT_MIN_EXPIRY,
    MIN_PRIORITY_SCREENSHOT_TTL,
    MIN_RECOVERY_GRACE,
    MIN_RECOVERY_LOCKOUT,
    MIN_REFRESH,
)
from .content import DEFAULTS
from .form_fields import SCREEN_DEVICES, whole
from .model.errors import Refused
from .model.fleet import Screen
from .model.schedule.addresses import checked_hosts, checked_url
from .planning_flow import PlanningFlow
from .runtime import InfoscreenConfigEntry

#: Not an option, but found among them: what to plan once the form is sent.
PLAN_NEXT: Final = "plan_next"
_PLAN: Final = SelectSelector(
    SelectSelectorConfig(options=["nothing", "periods", "holidays", "list"], translation_key="plan_next")
)
_VOLUME: Final = NumberSelector(NumberSelectorConfig(min=0, max=1, step=0.05))

OPTIONS: Final[Mapping[str, Mapping[str, tuple[Any, Any]]]] = {
    "screens": {
        CONF_HEARTBEAT_GRACE: (
            DEFAULT_HEARTBEAT_GRACE,
            whole(MIN_HEARTBEAT_GRACE, MAX_HEARTBEAT_GRACE, "s"),
        ),
        CONF_APPROVE_NEW_SCREENS: (False, BooleanSelector()),
        CONF_COMPATIBILITY_TOPICS: (True, BooleanSelector()),
        CONF_PRIORITY_SCREENSHOT_TTL: (
            DEFAULT_PRIORITY_SCREENSHOT_TTL,
            whole(MIN_PRIORITY_SCREENSHOT_TTL, MAX_PRIORITY_SCREENSHOT_TTL, "s"),
        ),
    },
    "commands": {
        CONF_COMMAND_EXPIRY: (DEFAULT_COMMAND_EXPIRY, whole(MIN_COMMAND_EXPIRY, MAX_COMMAND_EXPIRY, "s")),
        CONF_COMMANDS_FOR_ALL_USERS: (False, BooleanSelector()),
    },
    "recovery": {
        CONF_RECOVERY_ENABLED: (False, BooleanSelector()),
        CONF_RECOVERY_GRACE: (
            DEFAULT_RECOVERY_GRACE,
            whole(MIN_RECOVERY_GRACE, MAX_RECOVERY_GRACE, "s"),
        ),
        CONF_RECOVERY_LOCKOUT: (
            DEFAULT_RECOVERY_LOCKOUT,
            whole(MIN_RECOVERY_LOCKOUT, MAX_RECOVERY_LOCKOUT, "min"),
        ),
        CONF_RECOVERY_LEFT_OUT: (
            [],
            DeviceSelector(DeviceSelectorConfig(entity=SCREEN_DEVICES, multiple=True)),
        ),
    },
    "logs": {
        CONF_LOG_MAX_ENTRIES: (DEFAULT_LOG_MAX_ENTRIES, whole(MIN_LOG_MAX_ENTRIES, MAX_LOG_MAX_ENTRIES)),
        CONF_LOG_MAX_DAYS: (DEFAULT_LOG_MAX_DAYS, whole(MIN_LOG_MAX_DAYS, MAX_LOG_MAX_DAYS, "d")),
    },
    "power": {
        CONF_POWER_INTENT_ENABLED: (False, BooleanSelector()),
        CONF_POWER_INTENT_HEARTBEAT: (True, BooleanSelector()),
        CONF_POLL_INTERVAL: (DEFAULT_POLL_INTERVAL, whole(MIN_POLL_INTERVAL, MAX_POLL_INTERVAL, "s")),
        CONF_POWER_INTENT_EXPIRY_MULTIPLIER: (
            DEFAULT_POWER_INTENT_EXPIRY_MULTIPLIER,
            whole(MIN_POWER_INTENT_EXPIRY_MULTIPLIER, MAX_POWER_INTENT_EXPIRY_MULTIPLIER),
        ),
        CONF_POWER_INTENT_MIN_EXPIRY: (
            DEFAULT_POWER_INTENT_MIN_EXPIRY,
            whole(MIN_POWER_INTENT_MIN_EXPIRY, MAX_POWER_INTENT_MIN_EXPIRY, "s"),
        ),
        CONF_BRIDGE_GAP: (DEFAULT_BRIDGE_GAP, whole(0, MAX_BRIDGE_GAP, "min")),
        CONF_MANUAL_HOLD: (DEFAULT_MANUAL_HOLD, whole(MIN_MANUAL_HOLD, MAX_MANUAL_HOLD, "min")),
    },
    "schedule": {
        CONF_REFRESH: (0, whole(0, MAX_REFRESH, "s")),
        PLAN_NEXT: ("nothing", _PLAN),
    },
    "content": {
        "presentation_interval": (DEFAULTS["slide_interval"], whole(1, 3600, "s")),
        "presentation_page_progress": (DEFAULTS["page_progress"], BooleanSelector()),
        "presentation_auto_progress": (DEFAULTS["auto_progress"], BooleanSelector()),
        "video_autoplay": (DEFAULTS["autoplay"], BooleanSelector()),
        "video_loop": (DEFAULTS["loop"], BooleanSelector()),
        "video_volume": (DEFAULTS["volume"], _VOLUME),
        "video_muted": (DEFAULTS["muted"], BooleanSelector()),
        CONF_TABLE_ENABLED: (False, BooleanSelector()),
        CONF_TABLE_URL: ("", TextSelector()),
        CONF_URL_ALLOWLIST: ([], TextSelector(TextSelectorConfig(multiple=True))),
        CONF_MEDIA_BASE_URL: ("", TextSelector()),
        CONF_GOTENBERG_URL: ("", TextSelector()),
    },
}


#: Not an option, but found among them: the screens that are blocked, to take some out.
BLOCKED_SCREENS: Final = "blocked_screens"
#: What may be left empty; a person who empties such a field sends the section without it.
_MAY_BE_EMPTY: Final = (CONF_TABLE_URL, CONF_MEDIA_BASE_URL, CONF_GOTENBERG_URL)


class _Section(section):
    """A section of the form: sent whole, what is missing in it is empty; sent in part, the rest stays."""

    def __call__(self, value: dict[str, Any]) -> dict[str, Any]:
        fields: Mapping[Any, Any] = self.schema.schema
        if all(field in value for field in fields if isinstance(field, vol.Required)):
            value = {key: "" for key in _MAY_BE_EMPTY if key in fields} | value
        checked: dict[str, Any] = super().__call__(value)
        return checked


class FleetOptionsFlow(PlanningFlow):
    """Set how a fleet behaves, and go on to plan its periods and holidays."""

    def __init__(self) -> None:
        super().__init__()
        self._blocked: Mapping[str, Screen] = {}  # as the form shows them

    async def async_step_init(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask for all options, section by section; they are kept flat, and a section left out stays."""
        options, errors = dict(self.config_entry.options), dict[str, str]()
        if user_input is not None:
            options |= {key: value for values in user_input.values() for key, value in values.items()}
            if 0 < options.get(CONF_REFRESH, 0) < MIN_REFRESH:
                errors["base"] = "refresh_too_often"
            if self.lacks_period(options.get(PLAN_NEXT, "nothing")):
                errors["base"] = "no_period"
            self._check_hosts(options, errors)
            self._check_addresses(options, errors)
            if not errors:
                still_blocked, plan = options.pop(BLOCKED_SCREENS, None), options.pop(PLAN_NEXT, "nothing")
                if still_blocked is not None:
                    await self._unblock(set(still_blocked))
                return await self.async_plan(plan, options)
        schema = {
            vol.Optional(name): _Section(
                vol.Schema(
                    {
                        (vol.Optional if key in _MAY_BE_EMPTY else vol.Required)(
                            key, default=options.get(key, default)
                        ): field
                        for key, (default, field) in fields.items()
                    }
                    | (self._blocked_screens(options) if name == "screens" else {})
                ),
                {"collapsed": name != "screens"},
            )
            for name, fields in OPTIONS.items()
        }
        return self.async_show_form(step_id="init", data_schema=vol.Schema(schema), errors=errors)

    def _check_hosts(self, options: dict[str, Any], errors: dict[str, str]) -> None:
        """Say that one of the hosts that may be shown is none: with it alone nothing would be shown."""
        try:
            if CONF_URL_ALLOWLIST in options:
                options[CONF_URL_ALLOWLIST] = checked_hosts(options[CONF_URL_ALLOWLIST])
        except Refused as err:
            errors["base"] = err.key

    def _check_addresses(self, options: Mapping[str, Any], errors: dict[str, str]) -> None:
        """Say which of the addresses is none."""
        try:
            if options.get(CONF_TABLE_ENABLED):
                checked_url(options.get(CONF_TABLE_URL, ""), options.get(CONF_URL_ALLOWLIST, ()))
        except Refused as err:
            errors["base"] = err.key
        try:
            if base := options.get(CONF_MEDIA_BASE_URL):
                checked_url(base)
        except Refused:
            errors["base"] = "media_base_url_invalid"
        if not _is_server(options.get(CONF_GOTENBERG_URL, "")):
            errors["base"] = "gotenberg_url_invalid"

    def _blocked_screens(self, given: Mapping[str, Any]) -> dict[vol.Marker, Any]:
        """Return the field in which blocked screens stand, none where there are none."""
        entry: InfoscreenConfigEntry = self.config_entry
        if entry.state is ConfigEntryState.LOADED:
            self._blocked = dict(entry.runtime_data.admission.blocked)
        if not self._blocked:
            return {}
        options = [
            SelectOptionDict(value=key, label=f"{screen.name} ({screen.uuid})")
            for key, screen in self._blocked.items()
        ]
        field = SelectSelector(
            SelectSelectorConfig(options=options, multiple=True, mode=SelectSelectorMode.DROPDOWN)
        )
        shown = [key for key in given.get(BLOCKED_SCREENS, self._blocked) if key in self._blocked]
        return {vol.Optional(BLOCKED_SCREENS, default=shown): field}

    async def _unblock(self, still_blocked: set[str]) -> None:
        """Hear the screens again that were taken out."""
        entry: InfoscreenConfigEntry = self.config_entry
        out = self._blocked.keys() - still_blocked
        if out and entry.state is ConfigEntryState.LOADED:
            await entry.runtime_data.admission.async_unblock(out)


def _is_server(url: str) -> bool:
    """Tell whether there can be a server at an address, or none is given."""
    try:
        return not url.strip() or bool(checked_url(url))
    except Refused:
        return False
