"""What a run is asked to do with every image, and with the channels of each."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np

from napari_quantize.cli.errors import UsageError
from napari_quantize.core.request.request import Request

if TYPE_CHECKING:
    from napari_quantize.core.codebook.codebook import Codebook
    from napari_quantize.core.request.ignore import IgnoredRange
    from napari_quantize.core.request.request import Method, Mode
    from napari_quantize.formats.load import LoadedImage
    from napari_quantize.palettes.io import Palette

Ignored = Literal["zeros", "saturated"]

#: As many entries as a first axis of which nobody knows whether it is channels may have.
_FEW = range(2, 6)


@dataclass(frozen=True)
class Order:
    """What is done with every image of a run.

    Attributes
    ----------
    ks : tuple of int
        How many values to keep.
    mode : str or None
        As `fit` takes it; None for colours where there are any, else levels.
    method, seed
        As `fit` takes them.
    ignore : tuple of {"zeros", "saturated"}
        Values that are not learnt from.
    channel_axis : int, None or "file"
        Axis of the channels; ``"file"``: as the file says.
    size : (int, int) or None
        Width and height that photos are brought to.
    mask : Path or None
        An image that is not 0 where is learnt from.
    given : tuple of Codebook or Palette
        What is applied; nothing is learnt then.
    given_from : str
        Where that comes from, in words.
    given_files : tuple of str
        Files of the codebooks among it.
    tiff, dither, overwrite : bool
        How results are written.
    thorough : bool
        Whether figures that take long are measured, too.
    n_jobs : int or None
        Threads an image; None for one a processor.
    """

    ks: tuple[int, ...] = (1, 2, 4, 8, 16, 32)
    mode: Mode | None = None
    method: Method = "minibatch"
    seed: int = 0
    ignore: tuple[Ignored, ...] = ()
    channel_axis: int | Literal["file"] | None = "file"
    size: tuple[int, int] | None = None
    mask: Path | None = None
    given: tuple[Codebook | Palette, ...] = ()
    given_from: str = ""
    given_files: tuple[str, ...] = ()
    tiff: bool = False
    dither: bool = False
    overwrite: bool = False
    thorough: bool = False
    n_jobs: int | None = None


@dataclass(frozen=True)
class Channels:
    """Where an image's channels are, and how they are quantized.

    Attributes
    ----------
    axis : int or None
        Axis of the channels.
    alpha : bool
        Whether the last one is alpha.
    mode : {"global", "per_channel", "color"}
        As `fit` takes it.
    """

    axis: int | None
    alpha: bool
    mode: Mode

    @classmethod
    def of(cls, loaded: LoadedImage, order: Order) -> Channels:
        """Decide as the dock does, and as the order says where it does.

        Raises
        ------
        UsageError
            If nobody has said whether the first axis holds channels, if there is no such axis, or an image without
            colours shall get some.
        """
        image, rgb = loaded.raster.image, loaded.raster.rgb
        if rgb:
            axis: int | None = -1
        elif order.channel_axis == "file":
            axis = loaded.channel_axis
            if axis is None:
                _check_first_axis(loaded)
        else:
            axis = order.channel_axis
            if axis is not None and not -image.ndim <= axis < image.ndim:
                raise UsageError(f"there is no --channel-axis {axis}: the image's shape is {image.shape}")
        mode = order.mode or ("color" if rgb else "global")
        if mode == "color" and order.method == "exact":
            raise UsageError("--method exact is for levels: say --mode global or --mode per-channel, too")
        if mode == "color" and axis is None:
            raise UsageError("the image has no channels: --mode color is for images that have")
        return cls(axis, rgb and image.shape[-1] == 4, mode)


def _check_first_axis(loaded: LoadedImage) -> None:
    image, axes = loaded.raster.image, loaded.raster.calibration.axes
    if image.ndim > 2 and image.shape[0] in _FEW and axes[0] not in ("t", "z"):
        raise UsageError(
            f"are the {image.shape[0]} entries of its first axis channels, or planes? "
            "Say --channel-axis 0 or --channel-axis none"
        )


def request_for(loaded: LoadedImage, order: Order, mask_digest: str | None) -> Request:
    """Return how to learn from an image, within the mask of this digest.

    Raises
    ------
    UsageError
        If the order does not fit the image.
    """
    channels = Channels.of(loaded, order)
    ignored = _ignored_values(order.ignore, loaded.raster.image.dtype)
    return Request(channels.mode, channels.axis, channels.alpha, order.method, order.seed, ignored, mask_digest)


def _ignored_values(names: tuple[Ignored, ...], dtype: np.dtype) -> tuple[IgnoredRange, ...]:
    """Return which values are not learnt from, as a request holds them.

    Raises
    ------
    UsageError
        If images of this dtype have no such values.
    """
    zeros: tuple[IgnoredRange, ...] = ((0, 0),) if "zeros" in names else ()
    if "saturated" in names:
        if dtype.kind not in "iu":
            raise UsageError(f"images of dtype {dtype} have no saturated value: ignore something else")
        return (*zeros, (int(np.iinfo(dtype).max), None))
    return zeros
