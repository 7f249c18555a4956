"""Colours as a screen shows them: palettes looked up, profiles converted to sRGB, alpha kept."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO
from itertools import product

import numpy as np
from PIL import Image, ImageCms

#: Greys of more than 8 bits. They are measurements, kept to the last digit.
NUMBER_MODES = frozenset({"I", "I;16", "I;16B", "I;16L", "I;16N", "F"})

#: The colour space that a profile must describe to fit an image of that mode.
_SPACES = {"L": "GRAY", "RGB": "RGB", "CMYK": "CMYK", "LAB": "Lab"}

#: A profile that moves no colour by more than this many of 255 levels is sRGB; two levels are what the
#: rounding in different makers' sRGB profiles amounts to.
_SRGB_TOLERANCE = 2


@dataclass(frozen=True)
class ProfileUse:
    """What an embedded colour profile means for an image.

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
    """Return how the profile embedded in an image is used."""
    icc = image.info.get("icc_profile")
    return _profile_use(icc, _base_mode(image.mode)) if icc else ProfileUse()


def plain_colors(image: Image.Image) -> Image.Image:
    """Convert a decoded image to one of few modes, in sRGB.

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
    # Pillow has no direct way from La.
    rgba = (image.convert("LA") if image.mode == "La" else image).convert("RGBA")
    result = _to_srgb(rgba.convert(base), profile_use(image)).convert("RGB")
    result.putalpha(rgba.getchannel("A"))
    return result


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
    # A table, because the transform is slow for greys; all of its channels are the same but for rounding.
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
        # LittleCMS' short cut for 8-bit greys is wrong by up to ten levels in the shadows.
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
    """Tell whether a transform leaves a grid of probe colours where it is."""
    if transform.input_mode not in ("L", "RGB"):
        return False
    colors = list(product(range(0, 256, 15), repeat=len(transform.input_mode)))
    probe = Image.frombytes(transform.input_mode, (len(colors), 1), np.array(colors, np.uint8).tobytes())
    after = np.asarray(transform.apply(probe), dtype=int)
    return int(np.abs(after - np.asarray(probe.convert("RGB"), dtype=int)).max()) <= _SRGB_TOLERANCE
