"""Messages to groups, as Home Assistant sends messages to anybody."""

from functools import partial
from typing import Final, override

from homeassistant.components.notify import NotifyEntity, NotifyEntityDescription, NotifyEntityFeature
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.util import dt as dt_util

from .entity import GroupEntity, async_add_for_groups, refusals_told
from .model.fleet import Group
from .model.schedule.events import ShownBy
from .model.schedule.showings import Span, message as drafted
from .runtime import InfoscreenConfigEntry

PARALLEL_UPDATES = 0

MESSAGE: Final = NotifyEntityDescription(key="message")


async def async_setup_entry(
    hass: HomeAssistant, entry: InfoscreenConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Add one for each group."""
    async_add_for_groups(hass, entry, async_add_entities, lambda group: [GroupMessage(entry, group)])


class GroupMessage(GroupEntity, NotifyEntity):
    """Shows a message on the screens of a group, for as long as a message is usually shown."""

    _attr_supported_features = NotifyEntityFeature.TITLE

    def __init__(self, entry: InfoscreenConfigEntry, group: Group) -> None:
        super().__init__(entry, group, MESSAGE)
        self._showings = entry.runtime_data.showings

    @override
    async def async_send_message(self, message: str, title: str | None = None) -> None:
        span = Span.of(ShownBy.MESSAGE, dt_util.utcnow())
        with refusals_told():
            draft = await self._showings.async_draft(partial(drafted, message, title, span=span))
        await self._showings.async_show(draft, [self._group_id])
