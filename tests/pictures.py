"""Pictures as screens take them, and as nobody should."""

from base64 import b64encode
from functools import cache
from io import BytesIO
from typing import Any
from zlib import compress, crc32

from PIL import Image


@cache
def picture(number: int = 0, form: str = "JPEG", size: tuple[int, int] = (64, 36), **how: Any) -> bytes:
    """Return a picture, another one for each number."""
    noise = Image.effect_noise(size, 20 + number).convert("RGB")
    noise.paste((number % 256, 0, 0), (0, 0, 8, 8))
    file = BytesIO()
    noise.save(file, form, **how)
    return file.getvalue()


def chunk(name: bytes, data: bytes) -> bytes:
    """Return a chunk of a PNG."""
    return len(data).to_bytes(4) + name + data + crc32(name + data).to_bytes(4)


def bomb(width: int, height: int) -> bytes:
    """Return a PNG that is small on the wire and is not meant to be so in memory."""
    header = width.to_bytes(4) + height.to_bytes(4) + bytes([1, 0, 0, 0, 0])
    chunks = chunk(b"IHDR", header) + chunk(b"IDAT", compress(b"\0" * 100_000)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + chunks


def animated() -> bytes:
    """Return a PNG that moves."""
    frames = [Image.new("RGB", (8, 8), colour) for colour in ("red", "blue")]
    file = BytesIO()
    frames[0].save(file, "PNG", save_all=True, append_images=frames[1:])
    return file.getvalue()


def dashboard(
    jpeg: bytes, capture: str = "periodic", uuid: str | None = None, **metadata: Any
) -> dict[str, Any]:
    """Return a dashboard as the contract has it."""
    return {
        "message": {"client_id": uuid, "status": "alive"},
        "content": {
            "screenshot": {
                "filename": "latest.jpg",
                "data": b64encode(jpeg).decode(),
                "timestamp": "2026-03-02T09:30:00Z",
                "size": len(jpeg),
            }
        },
        "runtime": {"process_health": {}, "system_info": {}},
        "metadata": {
            "schema_version": "2.0",
            "producer": "simclient",
            "published_at": "2026-03-02T09:30:01Z",
            "capture": {"type": capture, "captured_at": "2026-03-02T09:30:00Z"},
        },
    }
