"""The floor: a subscriber that does nothing."""

from collections.abc import Collection
from pathlib import Path
import shutil
from typing import override

from .contender import Contender
from .floor_component import FILTERS, MARKER
from .messages import Message

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
