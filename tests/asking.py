"""Asking an action, and moving the clock, for tests that do little else."""

from collections.abc import Callable, Collection, Mapping
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import Context, HomeAssistant
from pytest_homeassistant_custom_component.common import async_fire_time_changed

from .wire import Wire

type Ask = Callable[..., Any]
type At = Callable[[str], Any]


async def begin_on_monday(hass: HomeAssistant, freezer: FrozenDateTimeFactory) -> None:
    """Begin before school, in Vienna."""
    freezer.move_to("2026-11-23 06:00:00+00:00")
    await hass.config.async_set_time_zone("Europe/Vienna")


def asker(hass: HomeAssistant, wire: Wire, usual: Mapping[str, Any], silent: Collection[str]) -> Ask:
    """Return what calls an action for the usual target, or another; the silent ones return nothing."""

    async def asks(
        action: str,
        data: Mapping[str, Any] | None = None,
        *,
        target: Mapping[str, Any] | None = None,
        user_id: str | None = None,
        **changes: Any,
    ) -> Any:
        response = await hass.services.async_call(
            "infoscreen",
            action,
            {**(data or {}), **changes},
            target=dict(usual if target is None else target),
            blocking=True,
            return_response=action not in silent,
            context=Context(user_id=user_id),
        )
        await wire.settle()
        return response

    return asks


def mover(hass: HomeAssistant, freezer: FrozenDateTimeFactory, wire: Wire, day: str = "") -> At:
    """Return what moves the clock to a time in UTC, on a day if one is given."""

    async def moves(time: str) -> None:
        freezer.move_to(f"{day}{time}+00:00")
        async_fire_time_changed(hass)
        await wire.settle()

    return moves
