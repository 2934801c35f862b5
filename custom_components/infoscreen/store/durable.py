"""A file whose save can be relied on."""

from typing import Final, override

from homeassistant.core import HomeAssistant
from homeassistant.helpers.json import JSONEncoder
from homeassistant.helpers.storage import Store
from homeassistant.util.file import WriteError
from homeassistant.util.json import SerializationError

from ..errors import failure
from .stored import Stored

VERSION: Final = 1


class DurableStore(Store[Stored]):
    """A file whose save raises when nothing reached the disk; Home Assistant's own only logs that."""

    def __init__(self, hass: HomeAssistant, key: str, *, large: bool = False) -> None:
        super().__init__(
            hass, VERSION, key, atomic_writes=True, encoder=JSONEncoder, serialize_in_event_loop=not large
        )
        self._failure: Exception | None = None

    @override
    async def _async_write_data(self, data: Stored) -> None:
        self._failure = None
        try:
            await super()._async_write_data(data)
        except (SerializationError, WriteError) as err:
            self._failure = err
            raise

    async def async_save_now(self, data: Stored) -> None:
        """Save, and return once it is on disk."""
        await self.async_save(data)
        if self._failure is not None:
            raise failure("not_saved", file=self.key) from self._failure
