"""A group as a media player: what is on, with a picture; something shown at once; TVs on and off."""

from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path
from typing import Any, override
from unittest.mock import Mock

from freezegun.api import FrozenDateTimeFactory
from homeassistant.components.media_source import BrowseMediaSource, MediaSource, MediaSourceItem
from homeassistant.core import HomeAssistant, State
from homeassistant.exceptions import ServiceValidationError
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    MockModule,
    mock_integration,
    mock_platform,
)
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator, WebSocketGenerator

from .conftest import OTHER, Ask, Look, PassTime, choose
from .pictures import picture as jpeg
from .test_takeovers import FIRE, FOYER, shown
from .wire import Wire

LESSONS = {
    "title": "Lessons",
    "event_type": "message",
    "text": "1 2 3",
    "start": "2026-11-23 09:00:00+00:00",
    "end": "2026-11-23 10:00:00+00:00",
}
NEWS = "https://school.example/news"


@pytest.fixture
def options() -> dict[str, Any]:
    """Tell the TVs when to be on."""
    return {"power_intent_enabled": True}


@pytest.fixture(autouse=True)
async def monday_morning(hass: HomeAssistant, freezer: FrozenDateTimeFactory) -> None:
    """Begin during school."""
    freezer.move_to(datetime(2026, 11, 23, 9, 30, tzinfo=UTC))


class Player:
    """The Foyer's media player."""

    def __init__(self, hass: HomeAssistant, wire: Wire, entity_id: str) -> None:
        self._hass = hass
        self._wire = wire
        self.entity_id = entity_id

    async def act(self, action: str, **data: Any) -> None:
        """Perform an action of media players; what was said on the wire before is forgotten."""
        self._wire.rest()
        target = {"entity_id": self.entity_id}
        await self._hass.services.async_call("media_player", action, target | data, blocking=True)
        await self._wire.settle()

    @property
    def state(self) -> str:
        """Return what it does."""
        return self._shown.state

    def attribute(self, name: str) -> Any:
        """Return one of its attributes."""
        return self._shown.attributes.get(name)

    @property
    def _shown(self) -> State:
        shown = self._hass.states.get(self.entity_id)
        assert shown is not None
        return shown


@pytest.fixture
def player(hass: HomeAssistant, fleet: MockConfigEntry, wire: Wire, look: Look) -> Player:
    """Return the Foyer's media player."""
    return Player(hass, wire, look.entity_id("media_player", f"{fleet.entry_id}_group_12_player"))


def page(url: str = NEWS, **more: Any) -> dict[str, Any]:
    """Return what to play."""
    return {"media_content_type": "url", "media_content_id": url, **more}


async def test_a_player_tells_what_is_on(player: Player, ask: Ask, wire: Wire, pass_time: PassTime) -> None:
    """Product, "Entities": off, playing with its title, idle while TVs are on for nothing."""
    assert player.state == "off"
    await ask("add_event", **LESSONS)
    assert (player.state, player.attribute("media_title")) == ("playing", "Lessons")
    await pass_time(1800)
    assert player.state == "off"
    await player.act("turn_on")
    assert player.state == "idle"
    wire.rest()


async def test_a_page_is_shown_at_once_until_it_is_stopped(player: Player, ask: Ask, wire: Wire) -> None:
    """Product, "Entities": at priority important until stop or 12 h; then the schedule returns."""
    await ask("add_event", **LESSONS)
    await player.act("play_media", **page(extra={"title": "News"}))
    element, other = wire.said(FOYER).json
    assert (element["title"], element["event_type"], other["title"]) == ("News", "website", "Lessons")
    assert (element["website"]["url"], element["end"]) == (NEWS, "2026-11-23T21:30:00Z")
    assert player.attribute("media_title") == "News"
    assert player.attribute("media_content_id") == NEWS
    assert player.attribute("media_content_type") == "url"
    await player.act("media_stop")
    assert shown(wire) == [["Lessons"]]


async def test_playing_ends_by_itself(player: Player, wire: Wire, pass_time: PassTime) -> None:
    """After twelve hours, or when it was said to."""
    await player.act("play_media", **page(extra={"duration": 60}))
    assert wire.said(FOYER).json[0]["end"] == "2026-11-23T09:31:00Z"
    await pass_time(60)
    assert shown(wire) == [[]]
    await player.act("play_media", **page())
    await pass_time(12 * 3600)
    assert shown(wire)[-1] == []


async def test_what_is_played_takes_the_place_of_what_was_played(
    player: Player, wire: Wire, ask: Ask
) -> None:
    """A player plays one thing; a message stays, until the player is stopped."""
    await ask("show_message", text="Lunch")
    await player.act("play_media", **page(extra={"title": "News"}))
    await player.act("play_media", **page(extra={"metadata": {"title": "Weather"}}))
    assert shown(wire) == [["Lunch", "Weather"]]
    await player.act("media_stop")
    assert shown(wire) == [[]]


async def test_stopping_a_player_stops_no_takeover(player: Player, wire: Wire, ask: Ask) -> None:
    """That is for administrators."""
    await ask("start_takeover", **FIRE)
    await player.act("media_stop")
    assert shown(wire) == []


@pytest.mark.parametrize(
    ("played", "message"),
    [
        (page("ftp://school.example"), "cannot be told"),
        (page("https://me:secret@school.example"), "no web address"),
        (page("media-source://tts/say"), "cannot be told"),
        (page(extra={"duration": "soon"}), "soon is no duration"),
        (page(extra={"duration": 13 * 3600}), "at most 12 hours"),
    ],
)
async def test_what_screens_cannot_show_is_refused(
    player: Player, wire: Wire, played: dict[str, Any], message: str
) -> None:
    """Before anything is sent."""
    with pytest.raises(ServiceValidationError, match=message):
        await player.act("play_media", **played)
    assert wire.rest() == []


async def test_media_is_an_event_like_any_other(player: Player, wire: Wire, ask: Ask) -> None:
    """As long as its file is not there it is left out, and told why."""
    film = {"media_content_type": "video/mp4", "media_content_id": "media-source://infoscreen/media/film.mp4"}
    await player.act("play_media", **film)
    told = (await ask("explain_schedule"))["12"]
    assert told["candidates"] == [{"event_id": 1, "title": "film.mp4", "reason": "not_ready"}]
    wire.rest()


# TVs on and off


async def test_turning_off_holds_the_tvs_for_half_an_hour(
    player: Player, fleet: MockConfigEntry, wire: Wire, ask: Ask, look: Look, pass_time: PassTime
) -> None:
    """Product, "Power": manual_hold_minutes."""
    await ask("add_event", **LESSONS | {"end": "2026-11-23 16:00:00+00:00"})
    await player.act("turn_off")
    assert player.state == "off"
    mode = f"{fleet.entry_id}_group_12_power_mode"
    assert look.state("select", mode) == "off"
    assert look.attributes("select", mode)["until"] == "2026-11-23T10:00:00Z"
    await pass_time(1800)
    assert (player.state, look.state("select", mode)) == ("playing", "auto")
    wire.rest()


async def test_a_hold_ends_with_the_next_planned_change(
    player: Player, fleet: MockConfigEntry, wire: Wire, ask: Ask, look: Look, pass_time: PassTime
) -> None:
    """Product, "Power": who turns TVs on before the lesson does not keep them from going off after it."""
    await ask("add_event", **LESSONS | {"start": "2026-11-23 09:40:00+00:00"})
    await player.act("turn_on")
    mode = f"{fleet.entry_id}_group_12_power_mode"
    assert look.attributes("select", mode)["until"] == "2026-11-23T09:40:00Z"
    await pass_time(600)
    assert (player.state, look.state("select", mode)) == ("playing", "auto")
    wire.rest()


@pytest.mark.parametrize("options", [{}], ids=["nobody tells TVs"])
async def test_where_nobody_tells_tvs_a_player_is_never_off(player: Player, ask: Ask, wire: Wire) -> None:
    """Screens are on round the clock then."""
    assert player.state == "idle"
    await ask("add_event", **LESSONS)
    assert player.state == "playing"
    wire.rest()


# The picture


async def test_a_player_shows_what_is_on_a_screen_of_its_group(
    hass: HomeAssistant,
    player: Player,
    screen: str,
    wire: Wire,
    ask: Ask,
    look: Look,
    hass_client_no_auth: ClientSessionGenerator,
) -> None:
    """The latest screenshot; when the screen leaves the group the picture leaves with it."""
    await ask("show_message", text="Lunch")
    assert player.attribute("entity_picture") is None
    await choose(hass, look, screen, "Foyer")
    await wire.settle()
    picture = jpeg()
    await wire.hears(f"infoscreen/{screen}/screenshot", picture)
    await wire.settle()
    address = player.attribute("entity_picture")
    client = await hass_client_no_auth()
    answer = await client.get(address)
    assert (answer.status, await answer.read()) == (HTTPStatus.OK, picture)
    assert answer.content_type == "image/jpeg"
    await choose(hass, look, screen, "unassigned")
    await wire.settle()
    assert player.attribute("entity_picture") is None
    gone = await client.get(address)
    assert gone.status == HTTPStatus.NOT_FOUND
    wire.rest()


async def test_the_picture_is_of_a_screen_that_is_there(
    hass: HomeAssistant, player: Player, screen: str, wire: Wire, ask: Ask, look: Look, pass_time: PassTime
) -> None:
    """Of those in the group the first that speaks, not one that has been dark for weeks."""
    await choose(hass, look, screen, "Foyer")
    await pass_time(170)
    await wire.hears("infoscreen/discovery", {"uuid": OTHER})
    await choose(hass, look, OTHER, "Foyer")
    await ask("show_message", text="Lunch")
    await wire.hears(f"infoscreen/{screen}/screenshot", jpeg(1))
    await wire.settle()
    assert player.attribute("entity_picture") is None
    await wire.hears(f"infoscreen/{OTHER}/screenshot", jpeg(2))
    await wire.settle()
    assert player.attribute("entity_picture") is not None
    wire.rest()


async def test_the_picture_follows_to_a_screen_that_is_there(
    hass: HomeAssistant, player: Player, screen: str, wire: Wire, ask: Ask, look: Look, pass_time: PassTime
) -> None:
    """Away from one that goes dark, and to the first that comes back; who is there keeps it."""
    await wire.hears("infoscreen/discovery", {"uuid": OTHER})
    await ask("show_message", text="Lunch", duration={"hours": 1})
    for number, each in enumerate((screen, OTHER)):
        await choose(hass, look, each, "Foyer")
        await wire.hears(f"infoscreen/{each}/screenshot", jpeg(number))
        await pass_time(1)
    of_screen = player.attribute("entity_picture")

    async def time_passes_for(speaking: str) -> None:
        await pass_time(100)
        await wire.hears(f"infoscreen/{speaking}/heartbeat")
        await pass_time(100)

    await time_passes_for(OTHER)
    of_other = player.attribute("entity_picture")
    assert None is not of_other != of_screen
    await wire.hears(f"infoscreen/{screen}/heartbeat")
    await wire.settle()
    assert player.attribute("entity_picture") == of_other
    await time_passes_for(screen)
    assert player.attribute("entity_picture") == of_screen
    await pass_time(100)
    assert player.attribute("entity_picture") == of_screen
    await wire.hears(f"infoscreen/{OTHER}/heartbeat")
    await wire.settle()
    assert player.attribute("entity_picture") == of_other
    wire.rest()


async def test_media_is_browsed(
    hass: HomeAssistant, player: Player, hass_ws_client: WebSocketGenerator, wire: Wire, tmp_path: Path
) -> None:
    """All that Home Assistant has and screens can show, our own among it."""
    folder = tmp_path / "films and songs"
    folder.mkdir()
    for name in ("drawing.svg", "film.mp4", "old.AVI", "song.mp3"):
        (folder / name).touch()
    hass.config.media_dirs = {"local": str(folder)}
    assert await async_setup_component(hass, "media_source", {})
    client = await hass_ws_client(hass)

    async def listed(**where: str) -> list[str]:
        question = {"type": "media_player/browse_media", "entity_id": player.entity_id, **where}
        await client.send_json_auto_id(question)
        answer = await client.receive_json()
        return [child["title"] for child in answer["result"]["children"]]

    assert "Infoscreen" in await listed()
    local = {"media_content_id": "media-source://media_source/local", "media_content_type": ""}
    assert await listed(**local) == ["film.mp4", "old.AVI"]
    wire.rest()


@pytest.mark.parametrize(
    ("source", "offered"),
    [("camera", []), ("image", []), ("uploads", ["image/png", "video/mp4"])],
    ids=["cameras", "pictures as they are now", "files that only their source calls pictures"],
)
async def test_only_files_are_offered(
    hass: HomeAssistant,
    player: Player,
    hass_ws_client: WebSocketGenerator,
    wire: Wire,
    source: str,
    offered: list[str],
) -> None:
    """What is live is none, whatever its stream is called; nor can all pictures be shown."""
    types = ["image/png", "image/svg+xml", "video/mp4", "application/vnd.apple.mpegurl", "audio/mpeg"]

    class Other(MediaSource):
        @override
        async def async_browse_media(self, item: MediaSourceItem) -> BrowseMediaSource:
            about: dict[str, Any] = {
                "domain": source,
                "media_class": "image",
                "can_play": True,
                "can_expand": False,
            }
            children = [
                BrowseMediaSource(**about, identifier=f"{number}", media_content_type=each, title=each)
                for number, each in enumerate(types)
            ]
            about |= {"media_content_type": "", "title": "All", "can_expand": True}
            return BrowseMediaSource(**about, identifier=None, children=children)

    async def other(_hass: HomeAssistant) -> MediaSource:
        return Other(source)

    mock_integration(hass, MockModule(source))
    mock_platform(hass, f"{source}.media_source", Mock(async_get_media_source=other))
    assert await async_setup_component(hass, "media_source", {})
    assert await async_setup_component(hass, source, {})
    client = await hass_ws_client(hass)
    where = {"media_content_id": f"media-source://{source}", "media_content_type": ""}
    question = {"type": "media_player/browse_media", "entity_id": player.entity_id, **where}
    await client.send_json_auto_id(question)
    answer = await client.receive_json()
    assert [child["title"] for child in answer["result"]["children"]] == offered
    wire.rest()
