"""Web addresses that a screen may be sent to."""

from collections.abc import Collection
from typing import Final
from urllib.parse import urlsplit

from ..errors import Refused

MAX_URL_LENGTH: Final = 2048
_SHOWN: Final = 255


def checked_url(url: str, hosts: Collection[str] = ()) -> str:
    """Return a web address without surrounding space, or refuse it."""
    url = url.strip()
    if not _is_sound(url):
        raise Refused("url_invalid", url=url[:_SHOWN])
    if not is_allowed(url, hosts):
        raise Refused("url_not_allowed", url=url[:_SHOWN])
    return url


def is_allowed(url: str, hosts: Collection[str]) -> bool:
    """Tell whether an address is at one of some hosts, exact or as in `*.example.org`; none are all."""
    host = urlsplit(url).hostname or ""
    return not hosts or any(
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
