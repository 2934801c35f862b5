"""One of those compared: a Home Assistant with a broker of its own and a fleet in it."""

from abc import ABC, abstractmethod
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path
from typing import override

from rig.broker import Mosquitto
from rig.fleet import add_mqtt
from rig.hass import Hass
from rig.waiting import RigError, until

from .eye import Eye
from .messages import Message, Voices
from .process import calm
from .publisher import Publisher, packet, packets


class Patient(Mosquitto):
    """A Mosquitto that keeps a whole burst for a subscriber, where it would else drop after 1,000."""

    @override
    def _prepare(self) -> tuple[str, ...]:
        command = super()._prepare()
        with (self.folder / "mosquitto.conf").open("a") as configuration:
            configuration.write("max_queued_messages 0\n")
        return command


class Contender(ABC):
    """A Home Assistant that hears the fleet in one of the ways compared."""

    name: str
    platform: str  # whose entities make up the fleet
    per_screen: int  # how many of them a screen has
    fed: frozenset[str] = frozenset()  # those fed by health, by the end of their unique ids
    yaml = ""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / self.name
        self.broker = Patient(self.folder / "broker")
        self.hass = Hass(self.folder, yaml=self.yaml)
        self.voices = Voices(0)
        self.publisher: Publisher
        self._eye: Eye | None = None
        self._marked = "OK"

    @abstractmethod
    def topics(self) -> Collection[str]:
        """Return the filters that are subscribed to once the fleet is heard."""

    @abstractmethod
    def marker(self, value: str) -> Message:
        """Return a message that changes the marker's state."""

    @abstractmethod
    async def marker_entity(self) -> str:
        """Return the entity that shows the marker."""

    @abstractmethod
    async def seed(self, uuids: list[str]) -> None:
        """Make the fleet known, while Home Assistant does not run."""

    async def furnish(self) -> None:  # noqa: B027  not everyone needs more than MQTT
        """Set up what needs a running Home Assistant with MQTT."""

    @property
    def pid(self) -> int:
        """Return Home Assistant's process id."""
        return self.hass.process.pid

    async def set_up(self) -> None:
        """Start broker and Home Assistant, connect them, and end Home Assistant again."""
        await self.broker.start()
        self.publisher = await Publisher.connect(self.broker)
        await self.hass.start()
        await add_mqtt(self.hass.api, self.broker)
        await self.furnish()
        await self.hass.stop()

    async def close(self) -> None:
        """End everything."""
        with suppress(AttributeError, OSError):  # it may not have come so far
            await self.publisher.close()
        await self.hass.stop()
        await self.broker.stop()

    async def grow(self, voices: Voices) -> None:
        """Start with a larger fleet, and go on when it is all there, has been heard and is at rest."""
        self.voices = voices
        await self.seed(voices.uuids)
        await self.start()

    async def start(self) -> None:
        """Start Home Assistant, and go on when the fleet is all there, has been heard and is at rest."""
        mark = self.broker.mark()
        await self.hass.start()
        await self._there()
        for topic in self.topics():
            await self.broker.wait_subscribed(topic, since=mark, within=60)
        await self.hear_everybody()

    async def start_empty(self) -> None:
        """Start Home Assistant before it knows any screen."""
        await self.hass.start()
        await calm(self.pid)

    async def hear_everybody(self) -> None:
        """Let every screen speak once, and wait until that is done with."""
        await self.look()
        self._marked = "OK"  # what every screen says by itself
        await self.publisher.send(packets(self.voices.everybody()))
        await self.mark()
        await calm(self.pid)

    async def look(self) -> None:
        """Open an eye for the marker; one that is not used for a minute is closed by Home Assistant."""
        if self._eye is not None:
            await self._eye.close()
        self._eye = await Eye.open(self.hass.api, await self.marker_entity())

    async def stop(self) -> None:
        """End Home Assistant."""
        await self.hass.stop()

    async def mark(self) -> None:
        """Send the marker, and wait until its effect is seen."""
        await self.publisher.send(self.next_marker())
        await self.seen()

    def next_marker(self) -> bytes:
        """Return the marker, ready to be sent; its value is never the last one's."""
        self._marked = "OK" if self._marked == "UNKNOWN" else "UNKNOWN"
        return packet(self.marker(self._marked))

    async def seen(self) -> float:
        """Return when the marker's effect was seen."""
        assert self._eye is not None
        return await self._eye.sees(self._marked)

    async def entities(self) -> dict[str, bool]:
        """Return the fleet's enabled entities, and whether health feeds them."""
        return {
            row["entity_id"]: row["unique_id"].endswith(tuple(self.fed))
            for row in await self.hass.api.entities(self.platform)
            if row["disabled_by"] is None
        }

    async def _there(self) -> None:
        """Wait until every entity of the fleet has a state."""
        wanted = self.per_screen * len(self.voices.uuids)

        async def there() -> bool:
            states = await self.hass.api.states()
            entities = await self.entities()
            return len(entities) >= wanted and entities.keys() <= states.keys()

        try:
            await until(there, f"{wanted} entities", within=120, every=1)
        except RigError as error:
            raise RigError(f"{self.name}: {error}; there are {len(await self.entities())}") from None
