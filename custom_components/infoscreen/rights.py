"""Who may do what: checked on the user who asks; an automation, which is nobody, may."""

from collections.abc import Iterable

from homeassistant.auth.models import User
from homeassistant.auth.permissions.const import POLICY_CONTROL, POLICY_READ
from homeassistant.const import Platform
from homeassistant.core import Context, HomeAssistant, callback
from homeassistant.exceptions import Unauthorized, UnknownUser
from homeassistant.helpers import entity_registry as er

from .alerts import Alerts
from .const import CONF_COMMANDS_FOR_ALL_USERS, DOMAIN
from .entries import loaded_fleets, loaded_ups_servers
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
    hass: HomeAssistant, entries: Iterable[InfoscreenConfigEntry], context: Context | None
) -> None:
    """Let those pass who may command screens of one of these fleets: administrators, by option everyone."""
    if not any(entry.options.get(CONF_COMMANDS_FOR_ALL_USERS, False) for entry in entries):
        await async_require_admin(hass, context)


async def async_require_control(hass: HomeAssistant, context: Context, entity_ids: Iterable[str]) -> None:
    """Let those pass who may control all these entities."""
    await _require(hass, context, entity_ids, POLICY_CONTROL)


async def async_require_read(hass: HomeAssistant, context: Context, entity_ids: Iterable[str]) -> None:
    """Let those pass who may see all these entities."""
    await _require(hass, context, entity_ids, POLICY_READ)


async def _require(hass: HomeAssistant, context: Context, entity_ids: Iterable[str], policy: str) -> None:
    user = await _asking(hass, context)
    if user is None:
        return
    for entity_id in entity_ids:
        if not user.permissions.check_entity(entity_id, policy):
            raise Unauthorized(context=context, user_id=user.id, entity_id=entity_id, permission=policy)


@callback
def async_alerts_for(hass: HomeAssistant, user: User, entry_id: str | None = None) -> list[Alerts]:
    """Return the alerts of all that is loaded, or of one entry, that a user may read.

    Of a fleet he may who may read its list, of a NUT server who may read how grave it is with all its UPSes.
    """
    registry = er.async_get(hass)
    fleets: list[Alerts] = [
        entry.runtime_data.alerts
        for entry in loaded_fleets(hass)
        if entry_id in {None, entry.entry_id}
        and (listed := registry.async_get_entity_id(Platform.SENSOR, DOMAIN, f"{entry.entry_id}_alerts"))
        and user.permissions.check_entity(listed, POLICY_READ)
    ]
    return fleets + [
        entry.runtime_data.alerts
        for entry in loaded_ups_servers(hass)
        if entry_id in {None, entry.entry_id}
        and all(
            user.permissions.check_entity(entity.entity_id, POLICY_READ)
            for entity in er.async_entries_for_config_entry(registry, entry.entry_id)
            if entity.unique_id.endswith("_alert_level")
        )
    ]
