"""The topics of the contract: which message a topic carries, and where ours go."""

from dataclasses import dataclass
from enum import StrEnum
import re

from .errors import Refused

DEFAULT_PREFIX = "infoscreen"

# A prefix is a part of every topic; MQTT allows 65,535 bytes, brokers and people far less.
MAX_PREFIX_LENGTH = 200

_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", re.ASCII)
_PREFIX = re.compile(r"[^\s/+#$\x00-\x1f\x7f][^\s/+#\x00-\x1f\x7f]*(?:/[^\s/+#\x00-\x1f\x7f]+)*")


class Kind(StrEnum):
    """What screens publish, by the end of the topic."""

    DISCOVERY = "discovery"
    HEARTBEAT = "heartbeat"
    HEALTH = "health"
    ACK = "commands/ack"
    COMPAT_ACK = "command/ack"
    SERVICE_FAILED = "service_failed"
    LOG_ERROR = "logs/error"
    LOG_WARN = "logs/warn"
    LOG_INFO = "logs/info"
    LOG_DEBUG = "logs/debug"
    DASHBOARD = "dashboard"
    SCREENSHOT = "screenshot"

    # Enum's own is written in Python, and each message asks for it again and again.
    __hash__ = str.__hash__

    @property
    def qos(self) -> int:
        """Return the quality of service to listen with; a heartbeat delivered late would be a lie."""
        return 0 if self in _FLEETING else 1


_FLEETING = (
    Kind.HEARTBEAT,
    Kind.HEALTH,
    Kind.LOG_INFO,
    Kind.LOG_DEBUG,
    Kind.DASHBOARD,
    Kind.SCREENSHOT,
)


def is_uuid(text: str) -> bool:
    """Tell whether a text is a UUID as screens write them (8-4-4-4-12 hexadecimal digits)."""
    return _UUID.fullmatch(text) is not None


def checked_prefix(text: str) -> str:
    """Return a topic prefix without surrounding space, or refuse it."""
    prefix = text.strip()
    if len(prefix) > MAX_PREFIX_LENGTH or not _PREFIX.fullmatch(prefix):
        raise Refused("invalid_prefix", prefix=prefix[:MAX_PREFIX_LENGTH])
    return prefix


@dataclass(frozen=True, kw_only=True, slots=True)
class Topics:
    """All topics below one prefix."""

    prefix: str

    def subscriptions(self) -> dict[str, Kind]:
        """Return the topic filters to listen to, each with the one kind of message it carries."""
        return {
            f"{self.prefix}/{kind}" if kind is Kind.DISCOVERY else f"{self.prefix}/+/{kind}": kind
            for kind in Kind
        }

    def speaker(self, topic: str) -> str | None:
        """Return the UUID in a screen's topic, None where that level is no UUID."""
        uuid = topic[len(self.prefix) + 1 :].partition("/")[0]
        return uuid if is_uuid(uuid) else None

    def discovery_ack(self, uuid: str) -> str:
        """Return where a screen hears that it was recognised."""
        return f"{self.prefix}/{uuid}/discovery_ack"

    def group_id(self, uuid: str) -> str:
        """Return where a screen's group stands (retained)."""
        return f"{self.prefix}/{uuid}/group_id"

    def commands(self, uuid: str) -> str:
        """Return where a screen hears commands."""
        return f"{self.prefix}/{uuid}/commands"

    def compat_commands(self, uuid: str) -> str:
        """Return where a screen not yet migrated hears the same."""
        return f"{self.prefix}/{uuid}/command"

    def service_failed(self, uuid: str) -> str:
        """Return where a failure stands until it is cleared (retained, the screen's)."""
        return f"{self.prefix}/{uuid}/{Kind.SERVICE_FAILED}"

    def standing_of(self, uuid: str) -> tuple[str, ...]:
        """Return the retained topics of one screen, which are emptied when it is no more."""
        return self.group_id(uuid), self.service_failed(uuid), self.own_power_intent(uuid)

    def power_intent(self, group_id: int) -> str:
        """Return where stands what a group's TVs should be (retained)."""
        return f"{self.prefix}/groups/{group_id}/power/intent"

    def own_power_intent(self, uuid: str) -> str:
        """Return where stands what one screen's TV should be, whatever its group's are (retained)."""
        return f"{self.prefix}/{uuid}/power/intent"

    def events(self, group_id: int) -> str:
        """Return where stands what a group shows now (retained)."""
        return f"{self.prefix}/events/{group_id}"


def legacy_restart(uuid: str) -> str:
    """Return where a restart-only client hears of a reboot; never below a prefix."""
    return f"clients/{uuid}/restart"
