"""Ours: the integration, with a fleet it has known for long."""

from collections.abc import Collection
from typing import override

from rig.fleet import add_fleet
from rig.storage import write_store

from .contender import Contender
from .messages import PREFIX, Message


class Ours(Contender):
    """The integration as it is."""

    name = "ours"
    platform = "infoscreen"
    fed = frozenset({"connectivity", "status", "screen_health"})
    per_screen = 15
    disabled_per_screen = 12  # registered as well, for those who want them

    _entry_id = ""

    @override
    async def furnish(self) -> None:
        self._entry_id = await add_fleet(self.hass.api)

    @override
    def topics(self) -> Collection[str]:
        return (f"{PREFIX}/+/health", f"{PREFIX}/+/heartbeat")

    @override
    def marker(self, value: str) -> Message:
        return self.voices.health(self.voices.uuids[0], value)

    @override
    async def marker_entity(self) -> str:
        return await self.hass.api.entity("sensor", f"{self.voices.uuids[0]}_screen_health")

    @override
    async def seed(self, uuids: list[str]) -> None:
        """Write the screens into the store: over the wire, only twenty a minute are let in."""
        screens = [
            {
                "uuid": uuid,
                "hostname": f"screen-{number}",
                "ip": f"10.0.{number // 250}.{number % 250 + 1}",
                "mac": f"b8:27:eb:00:{number // 256:02x}:{number % 256:02x}",
                "model": "Raspberry Pi 4",
                "os_version": "Debian 13",
                "software_version": "3.2.0",
                "heard": True,
            }
            for number, uuid in enumerate(uuids)
        ]
        key = f"infoscreen.{self._entry_id}.fleet"
        write_store(self.hass.config, key, {"screens": screens}, version=1)
