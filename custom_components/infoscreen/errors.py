"""The errors that people are told in their language: each names its thing, the fact and a way out."""

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
