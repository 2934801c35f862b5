"""Who may do what: checked on the user who asks; an automation, which is nobody, may."""

from collections.abc import Iterable

from homeassistant.auth.permissions.const import POLICY_CONTROL
from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import Unauthorized, UnknownUser

from .const import CONF_COMMANDS_FOR_ALL_USERS
from .runtime import InfoscreenConfigEntry


async def async_require_admin(hass: HomeAssistant, context: Context | None) -> None:
    """Let administrators pass."""
    if context is None or context.user_id is None:
        return
    user = await hass.auth.async_get_user(context.user_id)
    if user is None:
        raise UnknownUser(context=context)
    if not user.is_admin:
        raise Unauthorized(context=context, user_id=context.user_id)


async def async_require_commander(
    hass: HomeAssistant, entry: InfoscreenConfigEntry, context: Context | None
) -> None:
    """Let those pass who may command screens: administrators, and by option everyone."""
    if not entry.options.get(CONF_COMMANDS_FOR_ALL_USERS, False):
        await async_require_admin(hass, context)


async def async_require_control(hass: HomeAssistant, context: Context, entity_ids: Iterable[str]) -> None:
    """Let those pass who may control all these entities."""
    if context.user_id is None:
        return
    user = await hass.auth.async_get_user(context.user_id)
    if user is None:
        raise UnknownUser(context=context)
    for entity_id in entity_ids:
        if not user.permissions.check_entity(entity_id, POLICY_CONTROL):
            raise Unauthorized(
                context=context, user_id=context.user_id, entity_id=entity_id, permission=POLICY_CONTROL
            )
