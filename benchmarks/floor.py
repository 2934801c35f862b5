"""The floor: a subscriber that does nothing, and entities that do nothing."""

from collections.abc import Collection
from pathlib import Path
import shutil
from typing import override

from rig.storage import write_store

from .contender import Contender
from .floor_component import FILTERS, MARKER
from .messages import Message
from .ours import Ours

_COMPONENT = Path(__file__).parent / "floor_component"


class Floor(Contender):
    """The same wildcard subscriptions as ours, with a callback that does nothing."""

    name = "floor"
    platform = "floor"
    per_screen = 0
    yaml = "floor:"

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        shutil.copytree(
            _COMPONENT,
            self.hass.config / "custom_components" / "floor",
            ignore=shutil.ignore_patterns("__pycache__"),
        )

    @override
    def topics(self) -> Collection[str]:
        return (*FILTERS, MARKER)

    @override
    def marker(self, value: str) -> Message:
        return MARKER, value.encode()

    @override
    async def marker_entity(self) -> str:
        return "floor.marker"

    @override
    async def seed(self, uuids: list[str]) -> None:
        """Know no screens."""


class Idle(Floor):
    """The floor of memory: besides, as many entities and devices as ours, which never change."""

    per_screen = Ours.per_screen

    @override
    async def furnish(self) -> None:
        (await self.hass.api.add_integration(self.platform)).expect("create_entry")

    @override
    async def seed(self, uuids: list[str]) -> None:
        """Ask for each screen's entities."""
        wanted = {"screens": uuids, "enabled": self.per_screen, "disabled": Ours.disabled_per_screen}
        write_store(self.hass.config, self.platform, wanted, version=1)
