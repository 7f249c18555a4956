"""Options for every image of a run, and how they apply to its channels."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from napari_quantize.cli.errors import UsageError
from napari_quantize.core.analysis.saturation import find_saturation
from napari_quantize.core.request.request import Request
from napari_quantize.formats.load import LoadedImage, load
from napari_quantize.formats.raster import Calibration, axes_without_names
from napari_quantize.text.names import DEPTH_AXES, TIME_AXES, is_named

if TYPE_CHECKING:
    from napari_quantize.core.analysis.saturation import Saturation
    from napari_quantize.core.codebook.codebook import Codebook
    from napari_quantize.core.request.ignore import IgnoredRange
    from napari_quantize.core.request.request import Method, Mode
    from napari_quantize.palettes.palette import Palette

Ignored = Literal["zeros", "saturated"]

#: Lengths of a first axis that may hold channels or planes, so that the user has to choose.
_AMBIGUOUS_LENGTHS = range(2, 6)


@dataclass(frozen=True)
class ImageOptions:
    """Options for every image of a run.

    Attributes
    ----------
    ks : tuple of int
        Numbers of values to keep.
    mode : str or None
        As in `fit`; None for ``"color"`` if the image is a colour photo, else ``"global"``.
    method, seed
        As in `fit`.
    ignore : tuple of {"zeros", "saturated"}
        Values to leave out of learning.
    channel_axis : int, None or "file"
        Axis of the channels; ``"file"`` takes it from the file.
    size : (int, int) or None
        Width and height to which photos are resized.
    mask : Path or None
        Image that is not 0 at the pixels to learn from.
    palettes : tuple of Codebook or Palette
        Palettes or codebooks to apply. If there are any, nothing is learnt.
    palette_source : str
        Where the palettes come from, in words.
    palette_files : tuple of str
        Files of the codebooks among the palettes.
    tiff, dither, overwrite : bool
        Whether results are TIFF files; are dithered; replace existing files.
    slow_figures : bool
        Whether colour difference and SSIM, which take long, are measured.
    n_jobs : int or None
        Threads for each image; None for one for each processor.
    """

    ks: tuple[int, ...] = (1, 2, 4, 8, 16, 32)
    mode: Mode | None = None
    method: Method = "minibatch"
    seed: int = 0
    ignore: tuple[Ignored, ...] = ()
    channel_axis: int | Literal["file"] | None = "file"
    size: tuple[int, int] | None = None
    mask: Path | None = None
    palettes: tuple[Codebook | Palette, ...] = ()
    palette_source: str = ""
    palette_files: tuple[str, ...] = ()
    tiff: bool = False
    dither: bool = False
    overwrite: bool = False
    slow_figures: bool = False
    n_jobs: int | None = None


@dataclass(frozen=True)
class Channels:
    """Channel axis and mode of an image.

    Attributes
    ----------
    axis : int or None
        Axis of the channels.
    alpha : bool
        Whether the last channel is alpha.
    mode : {"global", "per_channel", "color"}
        As in `fit`.
    """

    axis: int | None
    alpha: bool
    mode: Mode

    @classmethod
    def of(cls, loaded: LoadedImage, options: ImageOptions) -> Channels:
        """Return the channels as the options set them. The default mode is colours for colour photos, else global.

        Raises
        ------
        UsageError
            If it is unknown whether the first axis holds channels, there is no such axis, or the mode needs channels
            that the image lacks.
        """
        image, rgb = loaded.raster.image, loaded.raster.rgb
        if rgb:
            axis: int | None = -1
        elif options.channel_axis == "file":
            axis = loaded.channel_axis
            if axis is None:
                _check_first_axis(loaded)
        else:
            axis = options.channel_axis
            if axis is not None and not -image.ndim <= axis < image.ndim:
                raise UsageError(f"there is no --channel-axis {axis}: the image's shape is {image.shape}")
        mode = options.mode or ("color" if rgb else "global")
        if mode == "color" and options.method == "exact":
            raise UsageError("--method exact is for levels: use --mode global or --mode per-channel with it")
        if mode == "color" and axis is None:
            raise UsageError("the image has no channels: --mode color is for images that have")
        return cls(axis, rgb and image.shape[-1] == 4, mode)


def load_input(path: Path, options: ImageOptions) -> LoadedImage:
    """Read an image. What the options say of its channels goes before the guess that an array's last axis is colours.

    Raises
    ------
    ValueError, OSError
        As in `load`.
    """
    loaded = load(path, options.size)
    raster = loaded.raster
    if options.channel_axis == "file" or loaded.info["format"] != "NPY" or not raster.rgb:
        return loaded
    calibration = Calibration.of_pixels(*axes_without_names(raster.image.ndim))
    plain = replace(raster, rgb=False, calibration=calibration)
    return LoadedImage(plain, loaded.info | {"rgb": False, "notes": []})


def _check_first_axis(loaded: LoadedImage) -> None:
    image, axes = loaded.raster.image, loaded.raster.calibration.axes
    if image.ndim > 2 and image.shape[0] in _AMBIGUOUS_LENGTHS and not is_named(axes[0], TIME_AXES | DEPTH_AXES):
        raise UsageError(
            f"are the {image.shape[0]} entries of its first axis channels, or planes? "
            "Use --channel-axis 0 or --channel-axis none"
        )


def request_for(
    loaded: LoadedImage, options: ImageOptions, mask_digest: str | None
) -> tuple[Request, Saturation | None]:
    """Return the request to learn from an image, within the mask with this digest, and its saturated values if ignored.

    Raises
    ------
    UsageError
        If the options do not fit the image.
    """
    channels = Channels.of(loaded, options)
    saturation = _saturation_in(loaded, channels) if "saturated" in options.ignore else None
    ignored = ignored_ranges(options, saturation.value if saturation else None)
    request = Request(channels.mode, channels.axis, channels.alpha, options.method, options.seed, ignored, mask_digest)
    return request, saturation


def ignored_ranges(options: ImageOptions, saturated_from: int | None) -> tuple[IgnoredRange, ...]:
    """Return the ranges of values not to learn from, where values are saturated from `saturated_from` on, if any."""
    zeros: tuple[IgnoredRange, ...] = ((0, 0),) if "zeros" in options.ignore else ()
    return zeros if saturated_from is None else (*zeros, (saturated_from, None))


def _saturation_in(loaded: LoadedImage, channels: Channels) -> Saturation:
    """Return the saturated values of an image.

    Raises
    ------
    UsageError
        If images of this dtype have no such values.
    """
    image = loaded.raster.image
    if image.dtype.kind not in "iu":
        raise UsageError(f"images of dtype {image.dtype} have no saturated value: ignore something else")
    return find_saturation([image], channel_axis=channels.axis, alpha=channels.alpha)
