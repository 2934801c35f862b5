"""Disks that take no more, or take their time."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any
from unittest.mock import patch

from homeassistant.helpers.storage import Store
from homeassistant.util.file import WriteError


def full_disk(whose: str = "") -> AbstractContextManager[Any]:
    """Let nothing be stored as long as this lasts, or nothing of one entry."""
    write = Store._async_write_data

    async def breaks(store: Store[Any], data: dict[str, Any]) -> None:
        if whose in store.key:
            raise WriteError("disk full")
        await write(store, data)

    return patch("homeassistant.helpers.storage.Store._async_write_data", breaks)


def slow_disk(meanwhile: Callable[[], Any]) -> AbstractContextManager[Any]:
    """Let something happen while the first file is written, and half a second pass."""
    write, happens = Store._async_write_data, [meanwhile]

    async def waits(store: Store[Any], data: dict[str, Any]) -> None:
        if happens:
            await asyncio.sleep(0.2)
            happens.pop()()
            await asyncio.sleep(0.3)
        await write(store, data)

    return patch("homeassistant.helpers.storage.Store._async_write_data", waits)
