"""Try a NUT server step by step, so that a form can say which step failed."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .client import Login, NutClient, description_of
from .errors import NutError


class NoUpsError(NutError):
    """The server watches over nothing."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Trial:
    """What a server is found to be."""

    upses: Mapping[str, str]  # descriptions by name
    login: Login


async def async_try(data: Mapping[str, Any]) -> Trial:
    """Ask a server what it has, which fails in its own way at each step, and whether it knows the login."""
    client = NutClient(data)
    upses = await client.async_list()
    if not upses:
        raise NoUpsError
    described = {name: description_of(text) for name, text in upses.items()}
    return Trial(upses=described, login=await client.async_verify(next(iter(upses))))
