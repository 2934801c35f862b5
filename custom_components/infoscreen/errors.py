"""The errors that people are told in their language: each names its thing, the fact and a way out."""

import asyncio
from collections.abc import Awaitable

from homeassistant.exceptions import HomeAssistantError, ServiceValidationError

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


async def async_side_by_side[E: HomeAssistantError](
    expected: type[E], *deeds: Awaitable[object]
) -> list[E | None]:
    """Do things side by side, none of which stops another; return the error of each, or None.

    An error of another kind than expected is raised, once all is done.
    """
    errors: list[E | None] = []
    for end in await asyncio.gather(*deeds, return_exceptions=True):
        if isinstance(end, BaseException) and not isinstance(end, expected):
            raise end
        errors.append(end if isinstance(end, expected) else None)
    return errors
