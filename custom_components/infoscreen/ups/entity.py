"""What all entities of UPSes share, and how they appear with what a UPS reports."""

from collections.abc import Callable, Iterable
from typing import Final, override

from homeassistant.core import callback
from homeassistant.helpers.entity import EntityDescription
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from ..devices import link
from ..entity import ShowingEntity
from ..model.ups.device import State, Ups
from ..nut.coordinator import UpsCoordinator
from ..nut.devices import ups_identifier
from ..nut.runtime import UpsConfigEntry

_READ: Final = frozenset({State.OK})


def entity_key(variable: str) -> str:
    """Return the key of what shows a variable, or gives a command."""
    return variable.removeprefix("ups.").replace(".", "_").replace("-", "_").lower()


class UpsEntity(ShowingEntity[UpsCoordinator]):
    """Something of one UPS."""

    #: In which states of a UPS there is something to show.
    _shown_in = _READ

    def __init__(
        self, entry: UpsConfigEntry, ups: Ups, description: EntityDescription, key: str | None = None
    ) -> None:
        super().__init__(entry.runtime_data.coordinator)
        self.entity_description = description
        self._key = ups.key
        self._attr_unique_id = f"{entry.entry_id}_{ups.key}_{key or description.key}"
        self._attr_translation_key = description.key
        self._attr_device_info = link(ups_identifier(entry, ups.key))

    @property
    def ups(self) -> Ups | None:
        """Return the UPS as it is known now."""
        return self.coordinator.data.get(self._key)

    @property
    @override
    def available(self) -> bool:
        return (ups := self.ups) is not None and ups.state in self._shown_in


@callback
def async_add_for_upses(
    entry: UpsConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
    make: Callable[[Ups], Iterable[tuple[str, Callable[[], UpsEntity]]]],
) -> None:
    """Add the entities of every UPS, each when what it is about first appears.

    `make` gives the entities that a UPS could have by now, by what tells one from another.
    """
    coordinator = entry.runtime_data.coordinator
    looked_at: dict[str, tuple[State, frozenset[str], frozenset[str]]] = {}
    made: dict[str, set[str]] = {}

    @callback
    def look() -> None:
        for gone in made.keys() - coordinator.data.keys():
            del made[gone], looked_at[gone]
        new: list[UpsEntity] = []
        for key, ups in coordinator.data.items():
            sight = (ups.state, frozenset(ups.variables), ups.commands)
            if looked_at.get(key) == sight:
                continue
            looked_at[key] = sight
            there = made.setdefault(key, set())
            for name, entity in make(ups):
                if name not in there:
                    there.add(name)
                    new.append(entity())
        if new:
            async_add_entities(new)

    look()
    entry.async_on_unload(coordinator.async_add_listener(look))
