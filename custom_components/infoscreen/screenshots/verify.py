"""Look at a picture that anybody may have sent, before it is kept: nothing else of ours decodes pictures."""

from io import BytesIO
from typing import Final

from PIL.ImageFile import ImageFile
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile

from ..model.pictures import NoPictureError, PictureFormat, outline

#: By format, not by what Pillow would guess.
_READERS: Final[dict[PictureFormat, type[ImageFile]]] = {
    PictureFormat.JPEG: JpegImageFile,
    PictureFormat.PNG: PngImageFile,
}


def verify(data: bytes) -> PictureFormat:
    """Return a picture's format once it has been decoded to its last pixel; raise NoPictureError."""
    claimed = outline(data)
    try:
        with _READERS[claimed.format](BytesIO(data)) as image:
            if image.size == (claimed.width, claimed.height):
                image.load()
                return claimed.format
    except Exception as err:  # whatever Pillow stumbles over in what was made to make it stumble
        raise NoPictureError(str(err)) from err
    raise NoPictureError("of another size to Pillow than to us")
