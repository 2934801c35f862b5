"""Screenshots as they come, read into pictures: contract, "screenshot" and "dashboard v2".

Slow beside everything else a screen says: it is meant to be called where nobody waits.
"""

from binascii import Error as Base64Error, a2b_base64
from dataclasses import dataclass
from datetime import datetime
import re
from typing import Any, Final

import orjson

from .messages import Capture, Screenshot
from .pictures import looks_like_a_picture
from .reading import Rejection, is_spoof
from .topics import Kind
from .wire import read_time

# Contract, "Bounds".
MAX_PICTURE_SIZE: Final = 8 * 1024 * 1024
MAX_SCREENSHOT_JSON_SIZE: Final = 12 * 1024 * 1024

# Enough for the space around JSON, and quick to look at.
_EDGE: Final = 64
_SPACE: Final = b" \t\r\n\f\v"
_DATA_URL: Final = re.compile(r"\s*data:[\w.+-]+/[\w.+-]+;base64,", re.ASCII | re.IGNORECASE)
#: Base64 holds no quotation marks, so these stand for what they seem to.
_HASTY: Final = tuple(f'"{capture}"'.encode() for capture in Capture if capture.priority)


@dataclass(frozen=True, kw_only=True, slots=True)
class ReadScreenshot:
    """A screenshot, if there was one, and why it or something beside it could not be used."""

    screenshot: Screenshot | None = None
    rejection: Rejection | None = None


class _WrongTypeError(Exception):
    """Something on the wire is not what it must be."""


def refused_at_sight(kind: Kind, payload: bytes | bytearray) -> Rejection | None:
    """Return why a payload is not worth reading, None where it may be."""
    is_json = kind is Kind.DASHBOARD or _is_json(payload)
    if len(payload) > (MAX_SCREENSHOT_JSON_SIZE if is_json else MAX_PICTURE_SIZE):
        return Rejection.TOO_LARGE
    if is_json:
        return None if _is_json(payload) else Rejection.INVALID_JSON
    return None if looks_like_a_picture(payload) else Rejection.INVALID_IMAGE


def _is_json(payload: bytes | bytearray) -> bool:
    """Tell whether bytes begin and end as a JSON object does."""
    return payload[:_EDGE].lstrip()[:1] == b"{" and payload[-_EDGE:].rstrip()[-1:] == b"}"


def is_hasty(payload: bytes | bytearray) -> bool:
    """Tell whether a payload seems to be a priority screenshot, without reading it."""
    return any(word in payload for word in _HASTY)


def read_screenshot(kind: Kind, uuid: str, payload: bytes | bytearray) -> ReadScreenshot:
    """Read what came on a topic of this kind and of this screen."""
    if rejection := refused_at_sight(kind, payload):
        return ReadScreenshot(rejection=rejection)
    if looks_like_a_picture(payload):
        return ReadScreenshot(screenshot=Screenshot(picture=bytes(payload)))
    try:
        values = orjson.loads(payload)
    except orjson.JSONDecodeError:
        return ReadScreenshot(rejection=Rejection.INVALID_JSON)
    try:
        return _dashboard(values, uuid) if kind is Kind.DASHBOARD else _older(values, uuid)
    except _WrongTypeError:
        return ReadScreenshot(rejection=Rejection.WRONG_TYPE)


def _dashboard(values: dict[str, Any], uuid: str) -> ReadScreenshot:
    """Read a dashboard; one without a screenshot says nothing that we rely on."""
    claims = [values.get("client_uuid")]
    claims += [_beside(values, "message", key) for key in ("client_id", "client_uuid")]
    if any(is_spoof(claim, uuid) for claim in claims if claim is not ...):
        return ReadScreenshot(rejection=Rejection.SPOOFED)
    encoded = _at(values, "content", "screenshot", "data")
    if encoded is None:
        return ReadScreenshot()
    return _read(encoded, *(_beside(values, "metadata", "capture", key) for key in ("type", "captured_at")))


def _older(values: dict[str, Any], uuid: str) -> ReadScreenshot:
    """Read what older clients send."""
    if is_spoof(values.get("client_uuid"), uuid):
        return ReadScreenshot(rejection=Rejection.SPOOFED)
    encoded = values.get("image")
    encoded = values.get("data") if encoded is None else encoded
    return _read(encoded, values.get("screenshot_type"), values.get("timestamp"))


def _at(values: Any, *path: str) -> Any:
    """Return what stands at the end of a path through blocks, None where one is missing."""
    for key in path:
        if values is None:
            return None
        if not isinstance(values, dict):
            raise _WrongTypeError
        values = values.get(key)
    return values


def _beside(values: Any, *path: str) -> Any:
    """Return what stands at the end of a path that the picture does not hang on; `...` is of no use."""
    try:
        return _at(values, *path)
    except _WrongTypeError:
        return ...


def _read(encoded: Any, said: Any, moment: Any) -> ReadScreenshot:
    """Make a screenshot of its fields; only the picture must be right."""
    if not isinstance(encoded, str):
        raise _WrongTypeError
    if (picture := _decoded(encoded)) is None:
        return ReadScreenshot(rejection=Rejection.INVALID_IMAGE)
    if len(picture) > MAX_PICTURE_SIZE:
        return ReadScreenshot(rejection=Rejection.TOO_LARGE)
    captured_at: datetime | None = read_time(moment) if isinstance(moment, str) else None
    wrong = (said is not None and not isinstance(said, str)) or (moment is not None and captured_at is None)
    return ReadScreenshot(
        screenshot=Screenshot(
            picture=picture,
            capture=Capture(said) if said in list(Capture) else Capture.PERIODIC,
            captured_at=captured_at,
        ),
        rejection=Rejection.WRONG_TYPE if wrong else None,
    )


def _decoded(encoded: str) -> bytes | None:
    """Return what base64 stands for, be it in lines or behind the head of a data URL; None if it is none."""
    if head := _DATA_URL.match(encoded):
        encoded = encoded[head.end() :]
    try:
        return a2b_base64(encoded.encode("ascii").translate(None, _SPACE), strict_mode=True)
    except UnicodeEncodeError, Base64Error:
        return None
