"""How TVs are told when to be on, as a fleet's options and its groups say."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from .const import (
    CONF_BRIDGE_GAP,
    CONF_POLL_INTERVAL,
    CONF_POWER_INTENT_EXPIRY_MULTIPLIER,
    CONF_POWER_INTENT_HEARTBEAT,
    CONF_POWER_INTENT_MIN_EXPIRY,
    DEFAULT_BRIDGE_GAP,
    DEFAULT_POLL_INTERVAL,
    DEFAULT_POWER_INTENT_EXPIRY_MULTIPLIER,
    DEFAULT_POWER_INTENT_MIN_EXPIRY,
)
from .model.chains import Margins
from .model.fleet import Group
from .model.intents import Pace


def configured_margins(group: Group, options: Mapping[str, Any]) -> Margins:
    """Return how long TVs of a group are on around what is shown."""
    return Margins(
        lead=timedelta(minutes=group.lead_minutes),
        lag=timedelta(minutes=group.lag_minutes),
        bridge=timedelta(minutes=options.get(CONF_BRIDGE_GAP, DEFAULT_BRIDGE_GAP)),
    )


def configured_pace(options: Mapping[str, Any]) -> Pace:
    """Return how often intents are told, and how long they hold."""
    minimum = options.get(CONF_POWER_INTENT_MIN_EXPIRY, DEFAULT_POWER_INTENT_MIN_EXPIRY)
    return Pace(
        poll=timedelta(seconds=options.get(CONF_POLL_INTERVAL, DEFAULT_POLL_INTERVAL)),
        multiplier=options.get(CONF_POWER_INTENT_EXPIRY_MULTIPLIER, DEFAULT_POWER_INTENT_EXPIRY_MULTIPLIER),
        minimum=timedelta(seconds=minimum),
        heartbeat=options.get(CONF_POWER_INTENT_HEARTBEAT, True),
    )
