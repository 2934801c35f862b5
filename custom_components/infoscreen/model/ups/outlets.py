"""The outlets of a UPS, and whether they can be switched."""

from collections.abc import Mapping, Set as AbstractSet
from dataclasses import dataclass
import re
from typing import Final

from .values import said

_STATUS: Final = re.compile(r"outlet\.([0-9]{1,3})\.status")
_ON: Final = {"on", "closed", "yes", "1"}
_OFF: Final = {"off", "open", "opened", "no", "0"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Outlet:
    """One outlet that says whether it is on."""

    number: str
    switchable: bool

    @property
    def key(self) -> str:
        """Return what tells it from other things of the UPS."""
        return f"outlet_{self.number}_status"

    def command(self, *, on: bool) -> str:
        """Return what switches it."""
        return f"outlet.{self.number}.load.{'on' if on else 'off'}"

    def is_on(self, variables: Mapping[str, str]) -> bool | None:
        """Tell whether it is on; drivers have several words for it."""
        word = (said(variables.get(f"outlet.{self.number}.status")) or "").casefold()
        return True if word in _ON else False if word in _OFF else None


def outlets(variables: Mapping[str, str], commands: AbstractSet[str]) -> list[Outlet]:
    """Return the outlets; one is switched only if it says so, and there are commands for both ways."""
    found = []
    for number in (match[1] for name in variables if (match := _STATUS.fullmatch(name))):
        says = (said(variables.get(f"outlet.{number}.switchable")) or "").casefold() in {"yes", "1"}
        both = {f"outlet.{number}.load.on", f"outlet.{number}.load.off"} <= commands
        found.append(Outlet(number=number, switchable=says and both))
    return found
