"""Who may do what: checked on the user who asks; an automation, which is nobody, may."""

from collections.abc import Iterable

from homeassistant.auth.models import User
from homeassistant.auth.permissions.const import POLICY_CONTROL, POLICY_READ
from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import Unauthorized, UnknownUser

from .const import CONF_COMMANDS_FOR_ALL_USERS
from .runtime import InfoscreenConfigEntry


async def _asking(hass: HomeAssistant, context: Context | None) -> User | None:
    """Return the user who asks, None for an automation."""
    if context is None or context.user_id is None:
        return None
    user = await hass.auth.async_get_user(context.user_id)
    if user is None:
        raise UnknownUser(context=context)
    return user


async def async_require_admin(hass: HomeAssistant, context: Context | None) -> None:
    """Let administrators pass."""
    user = await _asking(hass, context)
    if user is not None and not user.is_admin:
        raise Unauthorized(context=context, user_id=user.id)


async def async_require_commander(
    hass: HomeAssistant, entry: InfoscreenConfigEntry, context: Context | None
) -> None:
    """Let those pass who may command screens: administrators, and by option everyone."""
    if not entry.options.get(CONF_COMMANDS_FOR_ALL_USERS, False):
        await async_require_admin(hass, context)


async def async_require_control(hass: HomeAssistant, context: Context, entity_ids: Iterable[str]) -> None:
    """Let those pass who may control all these entities."""
    await _async_require(hass, context, entity_ids, POLICY_CONTROL)


async def async_require_read(hass: HomeAssistant, context: Context, entity_ids: Iterable[str]) -> None:
    """Let those pass who may see all these entities."""
    await _async_require(hass, context, entity_ids, POLICY_READ)


async def _async_require(
    hass: HomeAssistant, context: Context, entity_ids: Iterable[str], policy: str
) -> None:
    user = await _asking(hass, context)
    if user is None:
        return
    for entity_id in entity_ids:
        if not user.permissions.check_entity(entity_id, policy):
            raise Unauthorized(context=context, user_id=user.id, entity_id=entity_id, permission=policy)
