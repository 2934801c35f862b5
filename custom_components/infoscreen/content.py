"""What a fleet has to show with, as its options say."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any, Final

from .const import CONF_TABLE_ENABLED, CONF_TABLE_URL, CONF_URL_ALLOWLIST
from .model.schedule.payloads import Content, File

#: Which option says how something is shown where an event does not.
PLAYBACK: Final = {
    "presentation_interval": "slide_interval",
    "presentation_page_progress": "page_progress",
    "presentation_auto_progress": "auto_progress",
    "video_autoplay": "autoplay",
    "video_loop": "loop",
    "video_volume": "volume",
    "video_muted": "muted",
}
DEFAULTS: Final = {each.name: each.default for each in fields(Content)}


def configured_content(options: Mapping[str, Any], files: Mapping[int, Mapping[str, File]]) -> Content:
    """Return what a fleet has to show with."""
    playback = {name: options.get(option, DEFAULTS[name]) for option, name in PLAYBACK.items()}
    table_url = options.get(CONF_TABLE_URL) if options.get(CONF_TABLE_ENABLED) else None
    hosts = tuple(options.get(CONF_URL_ALLOWLIST, ()))
    return Content(files=files, table_url=table_url, hosts=hosts, **playback)
