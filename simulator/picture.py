"""Draw what a screen shows, as the JPEG of its screenshot."""

from colorsys import hls_to_rgb
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from io import BytesIO
from unicodedata import normalize
from zlib import crc32

from PIL import Image, ImageDraw, ImageFont

from .wire import stamp

SIZE = (640, 360)
LINE = 44
"""How many characters fit beside each other."""

UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "ß": "ss"})

type Colour = tuple[int, int, int]

WHITE: Colour = (255, 255, 255)
BLACK: Colour = (0, 0, 0)


@dataclass(frozen=True, kw_only=True)
class Scene:
    """Say what is to be seen."""

    hostname: str
    title: str
    detail: str
    moment: datetime
    lit: bool


def draw(scene: Scene) -> bytes:
    """Return the JPEG of a scene; an unlit one is black."""
    image = Image.new("RGB", SIZE, _colour(scene.hostname) if scene.lit else BLACK)
    if scene.lit:
        canvas = ImageDraw.Draw(image)
        lines = ((24, 24, scene.hostname), (130, 38, scene.title), (190, 24, scene.detail))
        for top, size, text in (*lines, (310, 24, stamp(scene.moment))):
            canvas.text((32, top), _legible(text), fill=WHITE, font=_font(size))
    jpeg = BytesIO()
    image.save(jpeg, "JPEG", quality=70)
    return jpeg.getvalue()


@cache
def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """Load the font that comes with Pillow."""
    return ImageFont.load_default(size)


@cache
def _colour(hostname: str) -> Colour:
    """Return a dark colour of the screen's own."""
    red, green, blue = hls_to_rgb(crc32(hostname.encode()) % 360 / 360, 0.3, 0.6)
    return int(red * 255), int(green * 255), int(blue * 255)


def _legible(text: str) -> str:
    """Cut a text to one line of what Pillow's own font has: ASCII."""
    plain = normalize("NFKD", " ".join(text.translate(UMLAUTS).split()))
    return "".join(character for character in plain if character.isascii() and character.isprintable())[:LINE]
