"""Convert decoded images to grey, RGB or RGBA in sRGB: look palettes up, apply ICC profiles, keep alpha."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO
from itertools import product

import numpy as np
from PIL import Image, ImageCms

#: Pillow's modes of greys of more than 8 bits. These are measurements, so no profile changes them.
NUMBER_MODES = frozenset({"I", "I;16", "I;16B", "I;16L", "I;16N", "F"})

#: Colour space (ICC.1 signature) that a profile must have to fit an image of each mode.
_SPACES = {"L": "GRAY", "RGB": "RGB", "CMYK": "CMYK", "LAB": "Lab"}

#: A profile that moves no colour by more than this many of 255 levels counts as sRGB. The sRGB profiles of
#: different makers differ by up to two levels through rounding.
_SRGB_TOLERANCE = 2


@dataclass(frozen=True)
class ProfileUse:
    """How to apply the colour profile that is embedded in an image.

    Attributes
    ----------
    description : str or None
        The profile's own name; None without a readable profile.
    transform : PIL.ImageCms.ImageCmsTransform or None
        The conversion to sRGB; None if there is nothing to convert.
    note : str or None
        A sentence for the user if the profile was not used.
    """

    description: str | None = None
    transform: ImageCms.ImageCmsTransform | None = None
    note: str | None = None


def profile_use(image: Image.Image) -> ProfileUse:
    """Return how to apply the profile that is embedded in an image."""
    icc = image.info.get("icc_profile")
    return _profile_use(icc, _base_mode(image.mode)) if icc else ProfileUse()


def plain_colors(image: Image.Image) -> Image.Image:
    """Convert a decoded image to sRGB in mode L, RGB or RGBA.

    Parameters
    ----------
    image : PIL.Image.Image
        An image of any mode, loaded.

    Returns
    -------
    PIL.Image.Image
        Mode ``"L"`` for grey and 1-bit images (0 and 255), ``"RGB"`` for colours, ``"RGBA"`` for either with
        transparency. Greys of more than 8 bits are returned as they are.
    """
    if image.mode in NUMBER_MODES:
        return image.copy()
    base = _base_mode(image.mode)
    if not image.has_transparency_data:
        return _to_srgb(image.convert(base), profile_use(image))
    # Pillow converts La (premultiplied alpha) only to LA.
    rgba = (image.convert("LA") if image.mode == "La" else image).convert("RGBA")
    result = _to_srgb(rgba.convert(base), profile_use(image)).convert("RGB")
    result.putalpha(rgba.getchannel("A"))
    return result


def plain_mode(image: Image.Image) -> str:
    """Return the mode in which an image holds its colours and its alpha without a palette, such as LA or RGB."""
    if image.mode in NUMBER_MODES:
        return image.mode
    return _base_mode(image.mode) + ("A" if image.has_transparency_data else "")


def _base_mode(mode: str) -> str:
    """Return the mode in which the colours of an image are, without palette and alpha."""
    if mode in ("1", "L", "LA", "La"):
        return "L"
    return mode if mode in ("CMYK", "LAB") or mode in NUMBER_MODES else "RGB"


def _to_srgb(image: Image.Image, use: ProfileUse) -> Image.Image:
    if use.transform is None:
        return image if image.mode == "L" else image.convert("RGB")
    if image.mode != "L":
        return use.transform.apply(image)
    # The transform is slow for greys, so it runs once on all 256 and the result is a lookup table. Its three channels
    # are equal except for rounding.
    ramp = Image.frombytes("L", (256, 1), bytes(range(256)))
    return image.point(list(use.transform.apply(ramp).getchannel("G").tobytes()))


@lru_cache(maxsize=8)
def _profile_use(icc: bytes, mode: str) -> ProfileUse:
    try:
        profile = ImageCms.ImageCmsProfile(BytesIO(icc))
        name = (profile.profile.profile_description or "").strip() or "without a name"
        return _fitting_use(profile, name, mode)
    except (OSError, ValueError, ImageCms.PyCMSError):  # a name that is no text is a ValueError
        return ProfileUse(note="The colour profile in the file is damaged and was ignored.")
    except ImportError:  # Pillow can be built without LittleCMS
        return ProfileUse(note="The colour profile in the file was ignored: Pillow has no colour management.")


def _fitting_use(profile: ImageCms.ImageCmsProfile, name: str, mode: str) -> ProfileUse:
    space = profile.profile.xcolor_space.strip()
    if space == _SPACES.get(mode):
        transform = _transform(profile, mode)
        return ProfileUse(name, None if _changes_nothing(transform) else transform)
    if space == "RGB" and _changes_nothing(_transform(profile, "RGB")):
        return ProfileUse(name)  # a grey that is marked as sRGB is one already
    kind = "a grey of more than 8 bits" if mode in NUMBER_MODES else f"mode {mode}"
    return ProfileUse(name, note=f"The colour profile “{name}” ({space}) was ignored: it is not for {kind}.")


def _transform(profile: ImageCms.ImageCmsProfile, mode: str) -> ImageCms.ImageCmsTransform:
    flags = ImageCms.Flags.BLACKPOINTCOMPENSATION
    if mode == "L":
        # LittleCMS' optimization for 8-bit greys is wrong by up to ten levels in the shadows.
        flags |= ImageCms.Flags.NOOPTIMIZE
    return ImageCms.buildTransform(
        profile,
        ImageCms.createProfile("sRGB"),
        mode,
        "RGB",
        renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
        flags=flags,
    )


def _changes_nothing(transform: ImageCms.ImageCmsTransform) -> bool:
    """Return whether a transform changes a grid of probe colours by no more than `_SRGB_TOLERANCE`."""
    if transform.input_mode not in ("L", "RGB"):
        return False
    colors = list(product(range(0, 256, 15), repeat=len(transform.input_mode)))
    probe = Image.frombytes(transform.input_mode, (len(colors), 1), np.array(colors, np.uint8).tobytes())
    after = np.asarray(transform.apply(probe), dtype=int)
    return int(np.abs(after - np.asarray(probe.convert("RGB"), dtype=int)).max()) <= _SRGB_TOLERANCE
