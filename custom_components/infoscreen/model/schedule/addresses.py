"""Web addresses that a screen may be sent to."""

from collections.abc import Collection, Iterable
import re
from typing import Final
from urllib.parse import urlsplit

from ..errors import Refused

MAX_URL_LENGTH: Final = 2048
_SHOWN: Final = 255
# A host as addresses name it: no scheme, port or path, and an asterisk only for all below it.
_HOST: Final = re.compile(r"(?:\*\.)?(?:[^\s/\\@?#:*.]+\.)*[^\s/\\@?#:*.]+|[0-9a-f:]*:[0-9a-f:.]+")


def checked_url(url: str, hosts: Collection[str] = ()) -> str:
    """Return a web address without surrounding space, or refuse it."""
    url = url.strip()
    if not _is_sound(url):
        raise Refused("url_invalid", url=url[:_SHOWN])
    if not is_allowed(url, hosts):
        raise Refused("url_not_allowed", url=url[:_SHOWN])
    return url


def checked_hosts(hosts: Iterable[str]) -> list[str]:
    """Return the hosts of an allow-list as they are compared, or refuse one that no address could have."""
    checked = [host for each in hosts if (host := each.strip().casefold())]
    for host in checked:
        if not _HOST.fullmatch(host):
            raise Refused("host_invalid", host=host[:_SHOWN])
    return checked


def is_allowed(url: str, hosts: Collection[str]) -> bool:
    """Tell whether an address is at one of some hosts, exact or as in `*.example.org`; none are all."""
    if not hosts:
        return True
    host = urlsplit(url).hostname or ""
    return any(
        host.endswith(allowed[1:]) if allowed.startswith("*.") else host == allowed
        for allowed in map(str.casefold, hosts)
    )


def _is_sound(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return (
            parts.scheme in ("http", "https")
            and bool(parts.hostname)
            and parts.username is None
            and parts.port != 0
            and len(url) <= MAX_URL_LENGTH
            and url.isprintable()
            and not {" ", "\\"} & set(url)  # a browser takes the latter for a slash, which ends the host
        )
    except ValueError:
        return False
