"""Tells people which files their events miss, as long as they do."""

from collections.abc import Callable, Collection, Iterable
from functools import partial
from hashlib import sha256
from typing import Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir

from ..const import DOMAIN
from ..issues import async_raise_issue, plain

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
        due: dict[str, Callable[[str], None]] = {
            self._id("media_gone", each): partial(self._raise_gone, each) for each in sorted(missing)[:_MOST]
        }
        if not has_address:
            due[self._id("media_without_address")] = self._raise_without_address
        if not has_converter:
            due[self._id("media_without_converter")] = self._raise_without_converter
        for issue_id in due.keys() - self._standing:
            due[issue_id](issue_id)
        self._take_back(self._standing - due.keys())
        self._standing = set(due)

    def _take_back(self, issue_ids: Iterable[str]) -> None:
        for issue_id in issue_ids:
            ir.async_delete_issue(self._hass, DOMAIN, issue_id)

    def _id(self, kind: str, media: str = "") -> str:
        which = f"_{sha256(media.encode()).hexdigest()[:16]}" if media else ""
        return f"{kind}_{self._entry.entry_id}{which}"

    def _raise_gone(self, media: str, issue_id: str) -> None:
        name = plain(media.rpartition("/")[2])
        async_raise_issue(
            self._hass,
            self._entry,
            issue_id,
            translation_key="media_gone",
            translation_placeholders={"fleet": self._entry.title, "file": name},
        )

    def _raise_without_address(self, issue_id: str) -> None:
        async_raise_issue(
            self._hass,
            self._entry,
            issue_id,
            translation_key="media_without_address",
            translation_placeholders={"fleet": self._entry.title},
        )

    def _raise_without_converter(self, issue_id: str) -> None:
        async_raise_issue(
            self._hass,
            self._entry,
            issue_id,
            translation_key="media_without_converter",
            translation_placeholders={"fleet": self._entry.title},
        )
