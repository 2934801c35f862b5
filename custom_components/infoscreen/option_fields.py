"""The options of a fleet, section by section: what each is when nobody sets it, and how it is asked for."""

from collections.abc import Mapping
from typing import Any, Final

from homeassistant.helpers.selector import (
    BooleanSelector,
    DeviceSelector,
    DeviceSelectorConfig,
    NumberSelector,
    NumberSelectorConfig,
    SelectSelector,
    SelectSelectorConfig,
    TextSelector,
    TextSelectorConfig,
)

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
)
from .content import DEFAULTS
from .form_fields import SCREEN_DEVICES, whole

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
