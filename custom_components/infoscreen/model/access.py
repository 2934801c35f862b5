"""Who may say and hear what, as an access list for Mosquitto: contract, "Who may say what".

Mosquitto denies what no line grants once it has an access list. Only `topic` lines are written, for in them
nothing but MQTT's own wildcards has a meaning; a prefix cannot hold those.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from .fleet import Screen
from .topics import legacy_restart

SERVER: Final = "infoscreen-server"
_CLIENT: Final = "infoscreen-client-"
_SHORT: Final = 8

# Below a screen's own level. Nobody but the broker's administrator can tell an empty payload from another,
# so that the server may publish to `service_failed` as a whole.
_SCREEN_SAYS: Final = (
    "commands/ack",
    "command/ack",
    "heartbeat",
    "health",
    "dashboard",
    "screenshot",
    "logs/+",
    "service_failed",
)
_SCREEN_HEARS: Final = ("commands", "command", "discovery_ack", "group_id", "power/intent")
_GROUP_HEARS: Final = ("events/{}", "groups/{}/power/intent")

_HEAD: Final = """\
# Who may say what on the MQTT broker: an access list for Mosquitto (acl_file).
# Fleet: {fleet}
# Topic prefix: {prefix}
# What is not granted here is denied; set allow_anonymous to false. Each account below needs a password of
# its own, of 20 random characters or more: mosquitto_passwd PASSWORD_FILE ACCOUNT
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Account:
    """One account of the broker, and what it is granted below which topics."""

    user: str
    owner: str
    says: tuple[str, ...]
    hears: tuple[str, ...]

    @property
    def rules(self) -> str:
        """Return the lines that grant it."""
        return "\n".join(
            (
                f"user {self.user}",
                *(f"topic write {topic}" for topic in self.says),
                *(f"topic read {topic}" for topic in self.hears),
            )
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class AccessList:
    """The accounts of a fleet: the server's first, then one for each screen."""

    prefix: str
    accounts: tuple[Account, ...]

    @property
    def users(self) -> list[str]:
        """Return the names of the accounts."""
        return [account.user for account in self.accounts]

    @property
    def digest(self) -> str:
        """Return what tells one list from another; what is only remarked upon makes no difference."""
        return sha256("\n".join(account.rules for account in self.accounts).encode()).hexdigest()

    def text(self, fleet: str) -> str:
        """Return the file for the broker; it holds no password."""
        head = _HEAD.format(fleet=_remark(fleet), prefix=self.prefix)
        blocks = (f"# {_remark(account.owner)}\n{account.rules}\n" for account in self.accounts)
        return "\n".join((head, *blocks))


def access_list(prefix: str, screens: Iterable[Screen], *, compatibility: bool) -> AccessList:
    """Return who may say and hear what in a fleet; `compatibility` adds what restart-only clients need."""
    ordered = sorted(screens, key=lambda screen: screen.key)
    short = Counter(screen.key[:_SHORT] for screen in ordered)
    return AccessList(
        prefix=prefix,
        accounts=(
            _server(prefix, compatibility=compatibility),
            *(
                _client(
                    prefix,
                    screen,
                    name=screen.uuid[:_SHORT] if short[screen.key[:_SHORT]] == 1 else screen.uuid,
                    compatibility=compatibility,
                )
                for screen in ordered
            ),
        ),
    )


def _server(prefix: str, *, compatibility: bool) -> Account:
    """Return the controller's account: for all screens and groups; those that are gone are cleared."""
    says = (
        *(f"+/{end}" for end in (*_SCREEN_HEARS, "service_failed")),
        *(e.format("+") for e in _GROUP_HEARS),
    )
    return Account(
        user=SERVER,
        owner="Home Assistant",
        says=(*_below(prefix, says), *((legacy_restart("+"),) if compatibility else ())),
        hears=tuple(_below(prefix, ("discovery", *(f"+/{end}" for end in _SCREEN_SAYS)))),
    )


def _client(prefix: str, screen: Screen, *, name: str, compatibility: bool) -> Account:
    """Return a screen's account: its own topics as it spells them, and its group's."""
    groups = () if screen.group_id is None else (end.format(screen.group_id) for end in _GROUP_HEARS)
    own = f"{prefix}/{screen.uuid}"
    return Account(
        user=f"{_CLIENT}{name}",
        owner=screen.name,
        says=(f"{prefix}/discovery", *_below(own, _SCREEN_SAYS)),
        hears=(
            *_below(own, _SCREEN_HEARS),
            *_below(prefix, groups),
            *((legacy_restart(screen.uuid),) if compatibility else ()),
        ),
    )


def _below(above: str, ends: Iterable[str]) -> Iterator[str]:
    return (f"{above}/{end}" for end in ends)


def _remark(text: str) -> str:
    """Return a text that stays in its comment, whoever chose it."""
    return "".join(char if char.isprintable() else " " for char in text)
