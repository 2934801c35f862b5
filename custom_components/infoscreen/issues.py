"""Our repairs: each carries the fleet it is about, and the screen if it is about one."""

from typing import Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir

from .const import DOMAIN

NEW_SCREEN: Final = "new_screen"
NEW_SCREENS: Final = "new_screens"
REPLACE_SCREEN: Final = "replace_screen"
TWO_FLEETS: Final = "two_fleets"
NEARLY_FULL: Final = "fleet_nearly_full"

# By these something is lost already: a screen, its pictures.
_GRAVE: Final = ("service_failed", "manual_intervention", "plug_stays_off", "disk_low", "fsd_latched")

# What makes pictures, links and code of a text where people read a repair.
_MARKUP: Final = str.maketrans("", "", "[]<>`|\\!")


def plain(text: str) -> str:
    """Return what a screen says of itself without the signs that would make more than text of it."""
    return text.translate(_MARKUP)


@callback
def async_raise_issue(
    hass: HomeAssistant,
    entry: ConfigEntry,
    issue_id: str,
    *,
    translation_key: str,
    translation_placeholders: dict[str, str],
    is_fixable: bool = False,
    **about: str,
) -> None:
    """Let a repair of a fleet stand; what it is about besides goes to the flow that fixes it."""
    ir.async_create_issue(
        hass,
        DOMAIN,
        issue_id,
        data={"entry_id": entry.entry_id, **about},
        is_fixable=is_fixable,
        severity=ir.IssueSeverity.ERROR if translation_key in _GRAVE else ir.IssueSeverity.WARNING,
        translation_key=translation_key,
        translation_placeholders=translation_placeholders,
    )


@callback
def async_forget_issues(hass: HomeAssistant, entry_id: str, key: str | None = None) -> None:
    """Take back the repairs of a fleet that is no more, or only those about one of its screens."""
    for (domain, issue_id), issue in list(ir.async_get(hass).issues.items()):
        data = issue.data or {}
        if domain != DOMAIN or entry_id not in (data.get("entry_id"), data.get("other_entry_id")):
            continue
        if key is None or key in (str(data.get(name)).lower() for name in ("uuid", "other")):
            ir.async_delete_issue(hass, domain, issue_id)
