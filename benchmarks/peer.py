"""The peer: what people build without an integration, Home Assistant's own MQTT entities."""

from collections.abc import Collection
from typing import Any, override

import orjson

from .contender import Contender
from .messages import PREFIX, Message
from .publisher import packets

_YES_NO = "{{{{ 'ON' if value_json.{} else 'OFF' }}}}"
_TIME = {"device_class": "timestamp"}
#: Component, key, topic, value template, and what else the entity's configuration says.
_ENTITIES: tuple[tuple[str, str, str, str, dict[str, Any]], ...] = (
    (
        "binary_sensor",
        "online",
        "health",
        _YES_NO.format("actual_state.status"),
        {"device_class": "connectivity", "expire_after": 170},  # our grace
    ),
    ("sensor", "process", "health", "{{ value_json.actual_state.process }}", {}),
    ("sensor", "pid", "health", "{{ value_json.actual_state.pid }}", {}),
    ("sensor", "process_status", "health", "{{ value_json.actual_state.status }}", {}),
    ("sensor", "expected_event", "health", "{{ value_json.expected_state.event_id }}", {}),
    ("binary_sensor", "screen_on", "health", _YES_NO.format("health_metrics.screen_on"), {}),
    ("sensor", "last_frame", "health", "{{ value_json.health_metrics.last_frame_update }}", _TIME),
    ("sensor", "screen_health", "health", "{{ value_json.health_metrics.screen_health_status }}", {}),
    ("binary_sensor", "broker", "health", _YES_NO.format("broker_connection.broker_reachable"), {}),
    ("sensor", "reconnects", "health", "{{ value_json.broker_connection.reconnect_count }}", {}),
    ("sensor", "disconnected", "health", "{{ value_json.broker_connection.last_disconnect_at }}", _TIME),
    ("sensor", "last_heartbeat", "heartbeat", "{{ value_json.timestamp }}", _TIME),
    ("sensor", "current_event", "heartbeat", "{{ value_json.current_event_id }}", {}),
)
_BUTTONS = {"reboot": "reboot_host", "restart": "restart_app"}


def _discovery(uuid: str, number: int) -> list[Message]:
    """Return the retained payloads from which Home Assistant makes a screen's entities."""
    device = {
        "identifiers": [uuid],
        "name": f"screen-{number}",
        "manufacturer": "Infoscreen",
        "model": "Raspberry Pi 4",
        "sw_version": "3.2.0",
    }
    found = []
    for component, key, topic, template, more in _ENTITIES:
        state = {"state_topic": f"{PREFIX}/{uuid}/{topic}", "value_template": template}
        found.append((component, key, state | more))
    for key, action in _BUTTONS.items():
        command = {"command_topic": f"{PREFIX}/{uuid}/commands", "payload_press": f'{{"action": "{action}"}}'}
        found.append(("button", key, command))
    return [
        (
            f"homeassistant/{component}/{uuid}/{key}/config",
            orjson.dumps({"name": key, "unique_id": f"{uuid}_{key}", "device": device} | config),
        )
        for component, key, config in found
    ]


class Peer(Contender):
    """Fifteen MQTT entities a screen, made by discovery, each with a template on the screen's own JSON."""

    name = "peer"
    platform = "mqtt"
    fed = frozenset(key for _, key, topic, _, _ in _ENTITIES if topic == "health")
    per_screen = len(_ENTITIES) + len(_BUTTONS)

    @override
    def topics(self) -> Collection[str]:
        return [f"{PREFIX}/{uuid}/{topic}" for uuid in self.voices.uuids for topic in ("health", "heartbeat")]

    @override
    def marker(self, value: str) -> Message:
        return self.voices.health(self.voices.uuids[0], value)

    @override
    async def marker_entity(self) -> str:
        return await self.hass.api.entity("sensor", f"{self.voices.uuids[0]}_screen_health", self.platform)

    @override
    async def seed(self, uuids: list[str]) -> None:
        """Publish what the screens of such a fleet would publish, retained."""
        for number, uuid in enumerate(uuids):
            await self.publisher.send(packets(_discovery(uuid, number), retain=True))
