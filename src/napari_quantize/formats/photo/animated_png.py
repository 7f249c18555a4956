"""Compose the frames of animated PNGs as their specification says.

Pillow composes them, too, but it mixes alpha with itself where half-transparent frames are blended, does not know any
more what was below a blended frame that is to be taken back, and begins with the default image where that is no frame.

References
----------
"Portable Network Graphics (PNG) Specification (Third Edition)", W3C 2025: 13.4 (animations).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PIL import Image
from PIL.PngImagePlugin import Blend, Disposal, PngImageFile

from napari_quantize.formats.photo.icc import plain_mode
from napari_quantize.formats.photo.open import damage_as_value_error

if TYPE_CHECKING:
    from collections.abc import Iterator

    from napari_quantize.formats.photo.open import PhotoFile


def shown_pictures(photo: PhotoFile, pictures: range) -> Iterator[Image.Image]:
    """Decode pictures one after the other, and yield each as it is shown. It holds until the next is asked for."""
    image = photo.image
    if not (isinstance(image, PngImageFile) and image.is_animated):
        yield from map(photo.load, pictures)
        return
    canvas = Image.new(plain_mode(image), image.size)  # transparent, or black
    canvas.info["icc_profile"] = image.info.get("icc_profile")
    for index in pictures:
        with damage_as_value_error(photo.name):
            part, box, below = _load_part(image, index).convert(canvas.mode), image.info["bbox"], canvas.copy()
            if image.info["blend"] == Blend.OP_OVER and canvas.mode in ("LA", "RGBA"):
                canvas.alpha_composite(part, box[:2])
            else:
                canvas.paste(part, box)
        yield canvas
        if image.info["disposal"] == Disposal.OP_PREVIOUS:
            canvas = below
        elif image.info["disposal"] == Disposal.OP_BACKGROUND:
            canvas.paste(Image.new(canvas.mode, part.size), box)


def _load_part(image: PngImageFile, index: int) -> Image.Image:
    """Decode a frame and return its own pixels, which may cover a part of the canvas."""
    if image.tell() != index:
        image.seek(index)
    image.blend_op = Blend.OP_SOURCE  # else Pillow blends it with what it takes for the canvas
    image.load()
    return image.crop(image.info["bbox"])
