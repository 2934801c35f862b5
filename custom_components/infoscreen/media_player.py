"""Groups as media players: what is on, with a picture of it; something shown at once; TVs on and off."""

from collections.abc import Mapping
from typing import Any, Final, override

from homeassistant.components import media_source
from homeassistant.components.media_player import (
    BrowseMedia,
    MediaPlayerDeviceClass,
    MediaPlayerEntity,
    MediaPlayerEntityDescription,
    MediaPlayerEntityFeature,
    MediaPlayerState,
    MediaType,
)
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.dispatcher import async_dispatcher_connect
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
import voluptuous as vol

from .coordinator import ScreenCoordinator
from .entity import GroupPowerEntity, async_add_for_groups, refusals_told
from .errors import refusal
from .model.album import Kept
from .model.fleet import Group
from .model.media.kinds import called_by_kind, kind_by_name
from .model.power import PowerMode
from .model.schedule.events import Event, EventType
from .model.tally import Trait
from .runtime import InfoscreenConfigEntry

PARALLEL_UPDATES = 0

PLAYER: Final = MediaPlayerEntityDescription(key="player", device_class=MediaPlayerDeviceClass.TV)
#: What is no file but a picture as it is now.
_LIVE: Final = ("media-source://camera/", "media-source://image/")
_TYPES: Final = {
    EventType.PRESENTATION: MediaType.IMAGE,
    EventType.WEBSITE: MediaType.URL,
    EventType.WEBUNTIS: MediaType.URL,
    EventType.VIDEO: MediaType.VIDEO,
}


async def async_setup_entry(
    hass: HomeAssistant, entry: InfoscreenConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Add one for each group."""
    async_add_for_groups(hass, entry, async_add_entities, lambda group: [GroupPlayer(entry, group)])


class GroupPlayer(GroupPowerEntity, MediaPlayerEntity):
    """What a group shows, and the way to show something else at once.

    Its picture is the latest screenshot of one screen: following all would cost more the larger the group is.
    """

    _attr_supported_features = (
        MediaPlayerEntityFeature.BROWSE_MEDIA
        | MediaPlayerEntityFeature.PLAY_MEDIA
        | MediaPlayerEntityFeature.STOP
        | MediaPlayerEntityFeature.TURN_OFF
        | MediaPlayerEntityFeature.TURN_ON
    )

    def __init__(self, entry: InfoscreenConfigEntry, group: Group) -> None:
        super().__init__(entry, group, PLAYER)
        self._runtime = entry.runtime_data
        self._screen: ScreenCoordinator | None = None
        self._unfollow: CALLBACK_TYPE | None = None

    @override
    async def async_added_to_hass(self) -> None:
        self._follow()
        await super().async_added_to_hass()
        fleet = self._runtime.fleet
        for signal, hear in (
            (fleet.groups.members_changed, self._members_changed),
            (fleet.census.changed(self._group_id), self._counts_changed),
        ):
            self.async_on_remove(async_dispatcher_connect(self.hass, signal, hear))
        self.async_on_remove(self._let_go)

    @callback
    def _members_changed(self) -> None:
        self._follow()
        self._handle_signal()

    @callback
    def _counts_changed(self) -> None:
        """Leave a screen that is not there for one that is; told once, however many screens have changed."""
        is_there = self._screen is not None and self._screen.data.connected
        if not is_there and self._runtime.fleet.census.tally.count(Trait.ONLINE, self._group_id):
            self._follow()
            self._handle_signal()

    def _follow(self) -> None:
        """Follow the screen whose picture is shown: one that is there, and the same one as long as it is."""
        screens = self._runtime.fleet.groups.async_screens_of(self._group_id).values()
        first = min(
            screens,
            key=lambda each: (each.data.connected is not True, each is not self._screen, each.screen.key),
            default=None,
        )
        if first is not self._screen:
            self._let_go()
            self._screen = first
            self._unfollow = first.async_add_listener(self._handle_signal) if first else None

    @callback
    def _let_go(self) -> None:
        if self._unfollow is not None:
            self._unfollow()
            self._unfollow = None

    # What is shown

    @property
    def _event(self) -> Event | None:
        shown = self._runtime.scheduler.shown.get(self._group_id)
        return shown[0].event if shown else None

    @property
    def _picture(self) -> Kept | None:
        return self._screen.data.album.told if self._screen else None

    @override
    def _shown(self) -> object:
        return self.state, self._event, self._picture

    @property
    @override
    def state(self) -> MediaPlayerState:
        power = self._runtime.power.async_power_of(self._group_id)
        if power is not None and not power.on:
            return MediaPlayerState.OFF
        return MediaPlayerState.PLAYING if self._event else MediaPlayerState.IDLE

    @property
    @override
    def media_title(self) -> str | None:
        return self._event.headline if self._event else None

    @property
    @override
    def media_content_type(self) -> MediaType | None:
        return _TYPES.get(self._event.event_type) if self._event else None

    @property
    @override
    def media_content_id(self) -> str | None:
        if (event := self._event) is None:
            return None
        return event.url or event.media or next(iter(event.files), None)

    @property
    @override
    def media_image_hash(self) -> str | None:
        return self._picture.name if self._picture else None

    @override
    async def async_get_media_image(self) -> tuple[bytes | None, str | None]:
        if self._screen is None or (picture := self._picture) is None:
            return None, None
        key = self._screen.screen.key
        return await self._runtime.screenshots.async_read(key, picture), picture.format.content_type

    # What people want

    @override
    async def async_play_media(
        self, media_type: MediaType | str, media_id: str, extra: Mapping[str, Any] | None = None, **_: Any
    ) -> None:
        more = extra or {}
        title = more.get("title") or (more.get("metadata") or {}).get("title")
        try:
            duration = cv.positive_time_period(more["duration"]) if more.get("duration") else None
        except vol.Invalid as err:
            raise refusal("duration_invalid", duration=f"{more['duration']}") from err
        with refusals_told():
            await self._runtime.showings.async_play(
                self._group_id, f"{media_type}", media_id, title, duration
            )

    @override
    async def async_media_stop(self) -> None:
        await self._runtime.showings.async_return(self._group_id)

    @override
    async def async_turn_on(self) -> None:
        await self._runtime.power.async_hold_a_while(self._group_id, PowerMode.ON)

    @override
    async def async_turn_off(self) -> None:
        await self._runtime.power.async_hold_a_while(self._group_id, PowerMode.OFF)

    @override
    async def async_browse_media(
        self, media_content_type: MediaType | str | None = None, media_content_id: str | None = None
    ) -> BrowseMedia:
        return await media_source.async_browse_media(
            self.hass, media_content_id, content_filter=_can_be_shown
        )


def _can_be_shown(item: BrowseMedia) -> bool:
    """Tell whether screens can show something of all that there is to be browsed."""
    media = item.media_content_id
    return (
        not media.startswith(_LIVE)
        and kind_by_name(called_by_kind(media, item.media_content_type)) is not None
    )
