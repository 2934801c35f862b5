"""Sentences of our own, in the language of whoever reads them."""

from collections.abc import Iterator, Mapping
import re
from typing import Final

from homeassistant.const import MATCH_ALL
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.translation import async_get_cached_translations, async_get_translations
from homeassistant.util.language import matches

from .const import DOMAIN

ENGLISH: Final = "en"
#: The languages there are files of. Nobody's wish becomes a file name.
LANGUAGES: Final = ("de", ENGLISH)
# Home Assistant's category for sentences that belong to no form, entity or error.
_CATEGORY: Final = "common"
_ACCEPTED: Final = re.compile(
    r"\s*(?P<tag>[a-z]{1,8}(?:-[a-z0-9]{1,8})*)\s*(?:;\s*q=(?P<weight>[01](?:\.\d{0,3})?)\s*)?", re.IGNORECASE
)


async def async_load_texts(hass: HomeAssistant) -> None:
    """Read the texts of every language, so that each is at hand without waiting."""
    for language in LANGUAGES:
        await async_get_translations(hass, language, _CATEGORY, [DOMAIN])


@callback
def async_text(hass: HomeAssistant, language: str, key: str, placeholders: Mapping[str, str]) -> str:
    """Return a sentence in one of the languages, filled in."""
    texts = async_get_cached_translations(hass, language, _CATEGORY, DOMAIN)
    return texts[f"component.{DOMAIN}.{_CATEGORY}.{key}"].format_map(placeholders)


def language_for(hass: HomeAssistant, asked: str | None = None, accepted: str = "") -> str:
    """Choose a language: the one asked for, else one that is accepted, else Home Assistant's.

    Where there is no such file it is English, as in all of Home Assistant. `accepted` is a header's value.
    """
    if asked:
        return _matching(asked) or ENGLISH
    tags = (*_by_weight(accepted), hass.config.language)
    return next((language for tag in tags if (language := _matching(tag))), ENGLISH)


def _matching(tag: str) -> str | None:
    """Return the language for a tag such as de-AT."""
    found = [] if tag == MATCH_ALL else matches(tag, LANGUAGES)
    return found[0] if found else None


def _by_weight(accepted: str) -> Iterator[str]:
    """Return the tags of an Accept-Language header, the dearest first."""
    parts = filter(None, map(_ACCEPTED.fullmatch, accepted.split(",")))
    weighted = [(float(part["weight"] or 1), part["tag"]) for part in parts]
    return (tag for weight, tag in sorted(weighted, key=lambda each: -each[0]) if weight)
