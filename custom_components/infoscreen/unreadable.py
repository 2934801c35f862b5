"""Tells of events that this version cannot read: they are kept for one that can."""

from typing import Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir

from .const import DOMAIN
from .issues import async_raise_issue
from .store import FleetStore

UNREADABLE: Final = "events_unreadable"


@callback
def async_tell_unreadable(hass: HomeAssistant, entry: ConfigEntry, store: FleetStore) -> None:
    """Let a repair stand while there are such events."""
    issue_id = f"{UNREADABLE}_{entry.entry_id}"
    if not store.unreadable_events:
        ir.async_delete_issue(hass, DOMAIN, issue_id)
        return
    titles = [f"{event.get('title')} ({event.get('event_id')})" for event in store.unreadable_events]
    async_raise_issue(
        hass,
        entry,
        issue_id,
        translation_key=UNREADABLE,
        translation_placeholders={"fleet": entry.title, "events": ", ".join(titles)},
    )
