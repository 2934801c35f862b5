"""Tells people which files their events miss, as long as they do."""

from collections.abc import Collection, Iterable
from hashlib import sha256
from typing import Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir

from ..const import DOMAIN
from ..issues import async_raise_issue, plain

#: The repairs there are, and what the texts of each are filled in with.
FILLED_WITH: Final = {
    "media_gone": ("fleet", "file"),
    "media_without_address": ("fleet",),
    "media_without_converter": ("fleet",),
}
# Enough to find the folder that is gone; a hundred repairs nobody reads.
_MOST: Final = 10


class MediaRepairs:
    """The repairs of one fleet's media."""

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry) -> None:
        self._hass = hass
        self._entry = entry
        self._standing: set[str] = set()
        entry.async_on_unload(lambda: self._take_back(self._standing))

    @callback
    def async_show(self, missing: Collection[str], *, has_address: bool, has_converter: bool) -> None:
        """Let those stand that are due now, and no others."""
        due = [("media_gone", each) for each in sorted(missing)[:_MOST]]
        if not has_address:
            due.append(("media_without_address", ""))
        if not has_converter:
            due.append(("media_without_converter", ""))
        ids = {self._id(key, media): (key, media) for key, media in due}
        for issue_id in ids.keys() - self._standing:
            self._raise(issue_id, *ids[issue_id])
        self._take_back(self._standing - ids.keys())
        self._standing = set(ids)

    def _take_back(self, issue_ids: Iterable[str]) -> None:
        for issue_id in issue_ids:
            ir.async_delete_issue(self._hass, DOMAIN, issue_id)

    def _id(self, key: str, media: str) -> str:
        which = f"_{sha256(media.encode()).hexdigest()[:16]}" if media else ""
        return f"{key}_{self._entry.entry_id}{which}"

    def _raise(self, issue_id: str, key: str, media: str) -> None:
        about = {"fleet": self._entry.title, "file": plain(media.rpartition("/")[2])}
        async_raise_issue(
            self._hass,
            self._entry,
            issue_id,
            translation_key=key,
            translation_placeholders={name: about[name] for name in FILLED_WITH[key]},
        )
