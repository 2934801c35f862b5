"""The errors that people are told in their language: each names its thing, the fact and a way out."""

import asyncio
from collections.abc import Awaitable, Collection
from contextlib import suppress

from homeassistant.core import async_get_hass, callback
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers.translation import async_get_cached_translations

from .const import DOMAIN


def refusal(key: str, **placeholders: str) -> ServiceValidationError:
    """Return the error for an action that makes no sense."""
    return ServiceValidationError(
        translation_domain=DOMAIN, translation_key=key, translation_placeholders=placeholders
    )


def failure(key: str, **placeholders: str) -> HomeAssistantError:
    """Return the error for what made sense and did not work."""
    return HomeAssistantError(
        translation_domain=DOMAIN, translation_key=key, translation_placeholders=placeholders
    )


async def async_side_by_side[T](*deeds: Awaitable[T]) -> list[T | HomeAssistantError]:
    """Do things side by side, none of which stops another; return what came of each, or its error.

    What is no error for people is raised, once all is done.
    """
    ends: list[T | HomeAssistantError] = []
    faults: list[BaseException] = []
    for end in await asyncio.gather(*deeds, return_exceptions=True):
        if isinstance(end, BaseException) and not isinstance(end, HomeAssistantError):
            faults.append(end)
        else:
            ends.append(end)
    if faults:
        raise faults[0] if len(faults) == 1 else BaseExceptionGroup("several at once", faults)
    return ends


@callback
def raise_together(failed: Collection[tuple[str, HomeAssistantError]]) -> None:
    """Raise what failed, by the names of things: one error as it is, several as one that tells each."""
    if len(failed) == 1:
        raise next(error for _, error in failed)
    if failed:
        reasons = " ".join(f"{name}: {in_words(error)}" for name, error in failed)
        raise failure("several_failed", reasons=reasons)


@callback
def in_words(error: HomeAssistantError) -> str:
    """Return what an error says in Home Assistant's language; by itself it would say so in English."""
    hass, domain = async_get_hass(), error.translation_domain
    texts = async_get_cached_translations(hass, hass.config.language, "exceptions", domain)
    text = texts.get(f"component.{domain}.exceptions.{error.translation_key}.message")
    if text:
        with suppress(KeyError):  # whoever raised it may have left something out
            return text.format_map(error.translation_placeholders or {})
    return f"{error}"
