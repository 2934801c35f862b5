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

# Subentry "group"
SUBENTRY_GROUP: Final = "group"
CONF_GROUP_ID: Final = "group_id"
CONF_HOLIDAY_CALENDAR: Final = "holiday_calendar"

# Options: product.md, "Config entries"
CONF_HEARTBEAT_GRACE: Final = "heartbeat_grace_seconds"
CONF_COMMAND_EXPIRY: Final = "command_expiry_seconds"
CONF_COMPATIBILITY_TOPICS: Final = "compatibility_topics"
CONF_COMMANDS_FOR_ALL_USERS: Final = "commands_for_all_users"
CONF_REFRESH: Final = "refresh_seconds"
CONF_TABLE_ENABLED: Final = "supplement_table_enabled"
CONF_TABLE_URL: Final = "supplement_table_url"
CONF_URL_ALLOWLIST: Final = "url_allowlist"

# A heartbeat comes every 65 s: two may be lost, and 40 s are for a slow network.
DEFAULT_HEARTBEAT_GRACE: Final = 170
MIN_HEARTBEAT_GRACE: Final = 60
MAX_HEARTBEAT_GRACE: Final = 3600
DEFAULT_COMMAND_EXPIRY: Final = 240
MIN_COMMAND_EXPIRY: Final = 180
MAX_COMMAND_EXPIRY: Final = 360
# Once a day is rare enough for anybody; below ten seconds it would be a stream.
MIN_REFRESH: Final = 10
MAX_REFRESH: Final = 86_400

# Contract, "Lifecycle": a broker that has not answered a publish by then does not count on it.
PUBLISH_TIMEOUT: Final = timedelta(seconds=8)
# How long a broker may take to accept a connection, or to grant the subscriptions it is asked for.
TRY_TIMEOUT: Final = timedelta(seconds=10)
# Facts that screens repeat by themselves need no haste; ten seconds gather a fleet's morning.
SAVE_DELAY: Final = 10.0
# Retained topics are published side by side, but not a thousand at once: brokers bound what is in flight.
PUBLISH_AT_ONCE: Final = 50
# A million garbage messages shall write no more states than one.
REJECTED_PERIOD: Final = timedelta(seconds=60)
