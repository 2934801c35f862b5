"""The integration's own numbers and names, each with its reason."""

from datetime import timedelta
import logging
from typing import Final

DOMAIN: Final = "infoscreen"
LOGGER: Final = logging.getLogger(__package__)
MANUFACTURER: Final = "Infoscreen"

# Entry data
CONF_TRANSPORT: Final = "transport"
CONF_TOPIC_PREFIX: Final = "topic_prefix"
TRANSPORT_MQTT: Final = "mqtt"
TRANSPORT_BROKER: Final = "broker"
CONF_TLS: Final = "tls"
CONF_CERTIFICATE: Final = "certificate"
CONF_CLIENT_CERT: Final = "client_cert"
CONF_CLIENT_KEY: Final = "client_key"
CONF_TLS_INSECURE: Final = "tls_insecure"
# Registered for MQTT, without and with TLS.
DEFAULT_PORT: Final = 1883
DEFAULT_TLS_PORT: Final = 8883

# Entry data of a NUT server; chosen UPSes by name, none for all there are and will be.
CONF_UPSES: Final = "upses"
#: Those that were there to be chosen and were not.
CONF_UPSES_LEFT_OUT: Final = "upses_left_out"
#: A file of NUT's configuration or its folder, watched where it is named.
CONF_NUT_CONFIG: Final = "nut_config"
CONF_REMOVE_CREDENTIALS: Final = "remove_credentials"
DEFAULT_NUT_PORT: Final = 3493

# Options of a NUT server
CONF_NUT_POLL_INTERVAL: Final = "poll_interval_seconds"
CONF_NUT_RETRIES: Final = "retries"
CONF_NUT_RETRY_DELAY: Final = "retry_delay_seconds"
# NUT has no push; a UPS is asked by its driver every two seconds, and reading it costs a millisecond.
DEFAULT_NUT_POLL_INTERVAL: Final = 10
MIN_NUT_POLL_INTERVAL: Final = 2
MAX_NUT_POLL_INTERVAL: Final = 300
DEFAULT_NUT_RETRIES: Final = 3
MAX_NUT_RETRIES: Final = 20
DEFAULT_NUT_RETRY_DELAY: Final = 5
MIN_NUT_RETRY_DELAY: Final = 1
MAX_NUT_RETRY_DELAY: Final = 60

# Subentry "group"
SUBENTRY_GROUP: Final = "group"
CONF_GROUP_ID: Final = "group_id"
# Asked for in its form, and kept where screens are.
CONF_SCREENS: Final = "screens"
CONF_HOLIDAY_CALENDAR: Final = "holiday_calendar"
CONF_POWER_ENABLED: Final = "power_enabled"
CONF_TV_ENTITIES: Final = "tv_entities"
CONF_LEAD: Final = "lead_minutes"
CONF_LAG: Final = "lag_minutes"
CONF_UPS_TV_OFF_DELAY: Final = "ups_tv_off_delay"
CONF_UPS_SHUTDOWN_CHARGE: Final = "ups_shutdown_charge"
CONF_UPS_SHUTDOWN_RUNTIME: Final = "ups_shutdown_runtime"
CONF_UPS_RESTORE_CHARGE: Final = "ups_restore_charge"
CONF_SHUTDOWN_TIER: Final = "shutdown_tier"

# Subentry "hardware"
SUBENTRY_HARDWARE: Final = "hardware"
CONF_SCREEN: Final = "screen"
CONF_PLUG: Final = "plug"
CONF_TV_ENTITY: Final = "tv_entity"
CONF_POWER_SENSOR: Final = "power_sensor"
CONF_POWER_ON_ABOVE: Final = "power_on_above"
CONF_UPS: Final = "ups"

# Options: product.md, "Config entries"
CONF_HEARTBEAT_GRACE: Final = "heartbeat_grace_seconds"
CONF_APPROVE_NEW_SCREENS: Final = "approve_new_screens"
CONF_COMMAND_EXPIRY: Final = "command_expiry_seconds"
CONF_COMPATIBILITY_TOPICS: Final = "compatibility_topics"
CONF_COMMANDS_FOR_ALL_USERS: Final = "commands_for_all_users"
CONF_RECOVERY_ENABLED: Final = "crash_recovery_enabled"
CONF_RECOVERY_GRACE: Final = "crash_recovery_grace_seconds"
CONF_RECOVERY_LOCKOUT: Final = "crash_recovery_lockout_minutes"
CONF_RECOVERY_LEFT_OUT: Final = "crash_recovery_left_out"
CONF_LOG_MAX_ENTRIES: Final = "log_max_entries"
CONF_LOG_MAX_DAYS: Final = "log_max_days"
CONF_PRIORITY_SCREENSHOT_TTL: Final = "priority_screenshot_ttl_seconds"
CONF_REFRESH: Final = "refresh_seconds"
CONF_POWER_INTENT_ENABLED: Final = "power_intent_enabled"
CONF_POWER_INTENT_HEARTBEAT: Final = "power_intent_heartbeat"
CONF_POWER_INTENT_EXPIRY_MULTIPLIER: Final = "power_intent_expiry_multiplier"
CONF_POWER_INTENT_MIN_EXPIRY: Final = "power_intent_min_expiry_seconds"
CONF_POLL_INTERVAL: Final = "poll_interval_seconds"
CONF_BRIDGE_GAP: Final = "bridge_gap_minutes"
CONF_MANUAL_HOLD: Final = "manual_hold_minutes"
CONF_TABLE_ENABLED: Final = "supplement_table_enabled"
CONF_TABLE_URL: Final = "supplement_table_url"
CONF_URL_ALLOWLIST: Final = "url_allowlist"
CONF_MEDIA_BASE_URL: Final = "media_base_url"
CONF_GOTENBERG_URL: Final = "gotenberg_url"

# A heartbeat comes every 65 s: two may be lost, and 40 s are for a slow network.
DEFAULT_HEARTBEAT_GRACE: Final = 170
MIN_HEARTBEAT_GRACE: Final = 60
MAX_HEARTBEAT_GRACE: Final = 3600
DEFAULT_COMMAND_EXPIRY: Final = 240
MIN_COMMAND_EXPIRY: Final = 180
MAX_COMMAND_EXPIRY: Final = 360
# Three minutes: a screen that updates itself or starts anew is back by then. Below half a minute every
# restart of its app would be a crash.
DEFAULT_RECOVERY_GRACE: Final = 180
MIN_RECOVERY_GRACE: Final = 30
MAX_RECOVERY_GRACE: Final = 3600
DEFAULT_RECOVERY_LOCKOUT: Final = 15
MIN_RECOVERY_LOCKOUT: Final = 5
MAX_RECOVERY_LOCKOUT: Final = 1440

# Who waits a quarter of an hour with the TVs has a UPS for other things; 3 goes first, so 1 stays longest.
MAX_UPS_TV_OFF_DELAY: Final = 3600
MAX_UPS_SHUTDOWN_RUNTIME: Final = 86_400
SHUTDOWN_TIERS: Final = 3

#: Fired with each step of an outage; told in the logbook.
EVENT_OUTAGE: Final = f"{DOMAIN}_outage"
#: Fired with each step of the recovery ladder; told in the logbook.
EVENT_RECOVERY: Final = f"{DOMAIN}_recovery"
# Of each screen: enough to see what led to a fault, little enough for an SD card.
DEFAULT_LOG_MAX_ENTRIES: Final = 1000
MIN_LOG_MAX_ENTRIES: Final = 100
MAX_LOG_MAX_ENTRIES: Final = 100_000
DEFAULT_LOG_MAX_DAYS: Final = 14
MIN_LOG_MAX_DAYS: Final = 1
MAX_LOG_MAX_DAYS: Final = 365
# Contract, "dashboard v2"; shorter nobody would see it, longer it would be no priority any more.
DEFAULT_PRIORITY_SCREENSHOT_TTL: Final = 120
MIN_PRIORITY_SCREENSHOT_TTL: Final = 10
MAX_PRIORITY_SCREENSHOT_TTL: Final = 3600
# Once a day is rare enough for anybody; below ten seconds it would be a stream.
MIN_REFRESH: Final = 10
MAX_REFRESH: Final = 86_400
# An intent outlives two lost heartbeats; with less than two a single lost one would turn TVs off.
DEFAULT_POWER_INTENT_EXPIRY_MULTIPLIER: Final = 3
MIN_POWER_INTENT_EXPIRY_MULTIPLIER: Final = 2
MAX_POWER_INTENT_EXPIRY_MULTIPLIER: Final = 20
DEFAULT_POWER_INTENT_MIN_EXPIRY: Final = 90
MIN_POWER_INTENT_MIN_EXPIRY: Final = 30
MAX_POWER_INTENT_MIN_EXPIRY: Final = 3600
DEFAULT_POLL_INTERVAL: Final = 30
MIN_POLL_INTERVAL: Final = 5
MAX_POLL_INTERVAL: Final = 300
# TVs suffer more from going off and on than from a few minutes of light.
DEFAULT_BRIDGE_GAP: Final = 5
MAX_BRIDGE_GAP: Final = 240
# A lesson's length is rarely more; who wants longer chooses a mode.
DEFAULT_MANUAL_HOLD: Final = 30
MIN_MANUAL_HOLD: Final = 1
MAX_MANUAL_HOLD: Final = 720
# In standby no TV draws more than a watt or two, and the smallest that is on draws more than this.
DEFAULT_POWER_ON_ABOVE: Final = 10.0
# TVs that are on for half a day before anything is shown are a mistake.
MAX_MARGIN: Final = 240

# Whoever plans first and hangs up the screens later is not bothered.
GROUP_DESERTED_AFTER: Final = timedelta(days=7)
# Contract, "Lifecycle": a broker that has not answered a publish by then does not count on it.
PUBLISH_TIMEOUT: Final = timedelta(seconds=8)
# How long a broker may take to accept a connection, or to grant the subscriptions it is asked for.
TRY_TIMEOUT: Final = timedelta(seconds=10)
# Facts that screens repeat by themselves need no haste; ten seconds gather a fleet's morning.
SAVE_DELAY: Final = 10.0
# Retained topics are published side by side, but not a thousand at once: brokers bound what is in flight.
PUBLISH_AT_ONCE: Final = 50
# The states of so many groups are written before their lists are on the wire; those of more, afterwards.
TELL_AT_ONCE: Final = 20
# A million garbage messages shall write no more states than one.
REJECTED_PERIOD: Final = timedelta(seconds=60)

# A Raspberry Pi's power supply keeps it alive for a moment; after ten seconds it is off for certain.
PLUG_OFF_TIME: Final = timedelta(seconds=10)
# A power_cycle returns within the 8 s of a command: so long for the call, and for the state to follow.
SWITCH_TIMEOUT: Final = timedelta(seconds=5)
SWITCH_READ_BACK: Final = timedelta(seconds=3)
# A screen must not stay dark because a plug missed one radio message.
PLUG_TRIES: Final = 3
PLUG_RETRY: Final = timedelta(seconds=20)
# Product, "Media": a file replaced or gone is noticed within a minute; a large one takes its time to read.
MEDIA_LOOK: Final = timedelta(seconds=20)
# An action waits so long for the files of its event; large ones on a slow disk come after it.
MEDIA_PATIENCE: Final = timedelta(seconds=3)
# Other sources look a file up; one that asks somebody else first has no file for us anyway.
SOURCE_PATIENCE: Final = timedelta(seconds=10)
# Product, "Media".
MAX_UPLOAD: Final = 500 * 10**6
# Fine points, "Content": who takes nothing for so long has stalled, or is at four kilobytes a second.
STALLED_AFTER: Final = timedelta(seconds=60)
# Twelve kilobytes of state at most; whoever wants more asks for it over HTTP or the websocket.
ALERTS_LISTED: Final = 50

# Product, "Bounds": the rest of Home Assistant needs the last of the disk more.
MIN_FREE: Final = 1024**3

# Fine points, "Content": LibreOffice takes a core and half a gigabyte for each.
CONVERSIONS_AT_ONCE: Final = 2
CONVERSION_TIMEOUT: Final = timedelta(seconds=120)
# A server on the same network answers within milliseconds, or is not there.
CONVERSION_CONNECT_TIMEOUT: Final = timedelta(seconds=10)
# As large as what may be uploaded.
MAX_PDF: Final = MAX_UPLOAD
