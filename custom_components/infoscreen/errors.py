"""The errors that people are told in their language: each names its thing, the fact and a way out."""

import asyncio
from collections.abc import Awaitable, Collection

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


def raise_together(failed: Collection[tuple[str, HomeAssistantError]]) -> None:
    """Raise what failed, by the names of things: one error as it is, several as one that tells each."""
    if len(failed) == 1:
        raise next(error for _, error in failed)
    if failed:
        raise failure("several_failed", reasons=" ".join(f"{name}: {error}" for name, error in failed))
